"""The pieces of nodes: caps, names, what is said, how digits are checked and variables compared."""

from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from centrala.kit.forms import CountryCode, LanguageCode, Line, Note

MAX_NODES: Final = 300  # of one flow; who needs more writes sub-flows
MAX_EDGES: Final = 1_500
MAX_PIECES: Final = 20  # sounds of one prompt
MAX_TEXT: Final = 1_000  # characters of a text that is spoken: about a minute
MAX_LANGUAGES: Final = 20
MAX_CHOICES: Final = 12  # keys of a telephone
MAX_CASES: Final = 20
MAX_CONDITIONS: Final = 10
MAX_ASSIGNMENTS: Final = 20
MAX_RESULTS: Final = 20  # values taken from one answer over HTTP
MAX_HEADERS: Final = 10
MAX_DIGITS: Final = 32  # of one input
MAX_SKILLS: Final = 10
MAX_VALUE: Final = 500  # characters of a variable
MAX_URL: Final = 1_000  # characters
MAX_BODY: Final = 4_000  # characters of a request

NodeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", max_length=40, examples=["main_menu"])]
VariableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40, examples=["card_digits"])]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$", max_length=1, description="A key of the telephone.")]
ExitName = Annotated[
    str, Field(pattern=r"^[a-z_]+(:[A-Za-z0-9_*#-]{1,40})?$", max_length=60, examples=["next", "key:1"])
]
Value = Annotated[Note, Field(max_length=MAX_VALUE)] | StrictBool | Annotated[float, Field(allow_inf_nan=False)] | None
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.5, le=60, allow_inf_nan=False)]
Attempts = Annotated[int, Field(ge=1, le=9, description="Tries before the exit `no_input` or `wrong` is taken.")]


class Part(BaseModel):
    """A piece of a flow; unknown fields are refused, so that a typing error is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# What is said


class TextPiece(Part):
    """Text that a voice speaks. `{name}` stands for the variable of that name."""

    kind: Literal["text"] = "text"
    text: dict[LanguageCode, Annotated[Note, Field(max_length=MAX_TEXT)]] = Field(
        default_factory=dict, max_length=MAX_LANGUAGES, description="By language."
    )


class PromptPiece(Part):
    """A prompt of the project's library, which may be an uploaded recording."""

    kind: Literal["prompt"] = "prompt"
    prompt_id: UUID | None = None


class SpokenAs(StrEnum):
    """How a variable's value is pronounced."""

    TEXT = "text"
    DIGITS = "digits"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    MINUTES = "minutes"


class ValuePiece(Part):
    """The value of a variable; nothing is said when it is empty or cannot be pronounced so."""

    kind: Literal["value"] = "value"
    variable: VariableName = "digits"
    spoken_as: SpokenAs = SpokenAs.TEXT


class PausePiece(Part):
    kind: Literal["pause"] = "pause"
    ms: Annotated[int, Field(ge=50, le=10_000)] = 500


Piece = Annotated[TextPiece | PromptPiece | ValuePiece | PausePiece, Field(discriminator="kind")]
Prompt = Annotated[list[Piece], Field(max_length=MAX_PIECES, description="Said one after the other.")]


# Choices


class MenuChoice(Part):
    key: Key
    label: Annotated[Line, Field(max_length=60)] = Field(default="", description="Stands in the contact's menu path.")


class LanguageChoice(Part):
    key: Key
    language: LanguageCode


# Digits


class AnyDigits(Part):
    kind: Literal["any"] = "any"


class RangeCheck(Part):
    """A number between two others, both included."""

    kind: Literal["range"] = "range"
    least: Annotated[int, Field(ge=0, le=10**15)] = 0
    most: Annotated[int, Field(ge=0, le=10**15)] = 999_999


class DateOrder(StrEnum):
    DDMM = "ddmm"
    DDMMYY = "ddmmyy"
    DDMMYYYY = "ddmmyyyy"
    MMYY = "mmyy"


class DateCheck(Part):
    """A date that there is; the variable gets it as YYYY-MM-DD (`ddmm`: the next such day, `mmyy`: its first day)."""

    kind: Literal["date"] = "date"
    order: DateOrder = DateOrder.DDMMYYYY


class PhoneCheck(Part):
    """A telephone number; the variable gets it in E.164. `country` is where a number without country code is."""

    kind: Literal["phone"] = "phone"
    country: CountryCode | None = None


class LuhnCheck(Part):
    """A number with a check digit (ISO/IEC 7812-1 annex B), as payment cards have it."""

    kind: Literal["luhn"] = "luhn"


class MaskCheck(Part):
    """Digits as in a mask: `#` any digit, a digit itself. Not a regular expression: none can take for ever."""

    kind: Literal["mask"] = "mask"
    mask: Annotated[str, Field(pattern=r"^[0-9#]+$", min_length=1, max_length=MAX_DIGITS, examples=["4###"])] = "####"


DigitCheck = Annotated[
    AnyDigits | RangeCheck | DateCheck | PhoneCheck | LuhnCheck | MaskCheck, Field(discriminator="kind")
]


# Variables


class SetHow(StrEnum):
    SET = "set"
    ADD = "add"
    CLEAR = "clear"


class Assignment(Part):
    """`set` puts a value (text may hold `{name}`), `add` adds a number, `clear` empties."""

    variable: VariableName
    how: SetHow = SetHow.SET
    value: Value = ""


class Compare(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    LESS = "less"
    AT_MOST = "at_most"
    MORE = "more"
    AT_LEAST = "at_least"
    CONTAINS = "contains"
    BEGINS = "begins"
    ENDS = "ends"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"


class CompareAs(StrEnum):
    """The type in which both sides are compared; a side that is not of it makes the comparison false."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class TestCondition(Part):
    variable: VariableName
    compare: Compare = Compare.IS
    compare_as: CompareAs = CompareAs.TEXT
    value: Value = ""


class TestCase(Part):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", max_length=40)]
    label: Annotated[Line, Field(max_length=60)] = ""
    match: Literal["all", "any"] = "all"
    conditions: Annotated[list[TestCondition], Field(max_length=MAX_CONDITIONS)] = Field(default_factory=list)


# Others


class HttpHeader(Part):
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$", max_length=60)]
    value: Annotated[Line, Field(max_length=MAX_VALUE)] = ""


class HttpResult(Part):
    """A value of a JSON answer into a variable; the path is as in `order.items.0.price`."""

    path: Annotated[Line, Field(min_length=1, max_length=200)]
    variable: VariableName


class FlowSkill(Part):
    skill_id: UUID
    level: Annotated[int, Field(ge=1, le=10)] = 1


class ToPerson(Part):
    kind: Literal["person"] = "person"
    person_id: UUID | None = None


class ToNumber(Part):
    """`{name}` stands for a variable."""

    kind: Literal["number"] = "number"
    number: Annotated[Line, Field(max_length=60)] = ""


class CallbackNumber(StrEnum):
    CALLER = "caller"
    ASK = "ask"
    CHOOSE = "choose"


class EndCause(StrEnum):
    NORMAL = "normal"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
