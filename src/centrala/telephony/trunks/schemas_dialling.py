"""The HTTP shapes of dialling: rights, caps, prices, shown numbers."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from centrala.kit.forms import Change, CountryCode, Form, Line, unsent
from centrala.telephony.trunks.core import Why as TrunkWhy
from centrala.telephony.trunks.models import Scope as Scope  # noqa: PLC0414 - a field of these forms
from centrala.telephony.trunks.numbers import MAX_DIALLED
from centrala.telephony.trunks.rights import Kind, Why

MAX_COUNTRIES: Final = 260
MAX_CSV: Final = 2_000_000  # characters of a price table

Role = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}$"), Field(examples=["operator"])]
Countries = Annotated[
    list[CountryCode], Field(max_length=MAX_COUNTRIES), AfterValidator(lambda codes: sorted(set(codes)))
]
Calls = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Money = Annotated[int, Field(strict=True, ge=0, le=10**12, description="Minor units of the price table's currency.")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]
Number = Annotated[Line, Field(min_length=1, max_length=MAX_DIALLED, examples=["+40 21 123 4567"])]


class RuleIn(Form):
    """A rule of one scope; a field that is null leaves the word to the wider scope."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scope": "role", "role": "senior", "countries": ["RO"]}]}
    )

    scope: Scope
    role: Role | None = None
    person_id: UUID | None = None
    project_id: UUID | None = None
    country: CountryCode | None = Field(default=None, description="Where the centre is; in the centre's rule only.")
    own_country: StrictBool | None = None
    countries: Countries | None = None
    premium: StrictBool | None = None
    satellite: StrictBool | None = None
    calls_per_hour: Calls | None = None
    minutes_per_day: Minutes | None = None
    spend_per_day: Money | None = None
    all_calls_per_hour: Calls | None = Field(default=None, description="Of the whole centre; in its rule only.")
    all_minutes_per_day: Minutes | None = None
    all_spend_per_day: Money | None = None


class RuleChange(Change):
    """The scope of a rule stays."""

    country: CountryCode | None = unsent()
    own_country: StrictBool | None = unsent()
    countries: Countries | None = unsent()
    premium: StrictBool | None = unsent()
    satellite: StrictBool | None = unsent()
    calls_per_hour: Calls | None = unsent()
    minutes_per_day: Minutes | None = unsent()
    spend_per_day: Money | None = unsent()
    all_calls_per_hour: Calls | None = unsent()
    all_minutes_per_day: Minutes | None = unsent()
    all_spend_per_day: Money | None = unsent()


class RuleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    scope: Scope
    role: str | None
    person_id: UUID | None
    project_id: UUID | None
    country: str | None
    own_country: bool | None
    countries: list[str] | None
    premium: bool | None
    satellite: bool | None
    calls_per_hour: int | None
    minutes_per_day: int | None
    spend_per_day: int | None
    all_calls_per_hour: int | None
    all_minutes_per_day: int | None
    all_spend_per_day: int | None
    version: int


class CapsOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    calls_per_hour: int | None
    minutes_per_day: int | None
    spend_per_day: int | None


class RightsOut(BaseModel):
    """What holds in the end."""

    own_country: bool
    countries: list[str]
    premium: bool
    satellite: bool
    caps: CapsOut


class EmergencyOut(BaseModel):
    country: str
    numbers: list[str]


class DiallingOut(BaseModel):
    """What holds for the centre where no rule says otherwise."""

    country: str = Field(description="Where the centre is; empty: that of each trunk.")
    usual: RightsOut
    all_caps: CapsOut
    emergency: list[EmergencyOut] = Field(description="Of the centre's country and those of its trunks.")
    currency: str = Field(description="Of the price table; empty: there is none.")
    prices: int = Field(description="Lines of the price table.")


class CheckIn(Form):
    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "+40 21 123 4567"}]})

    number: Number
    person_id: UUID | None = Field(default=None, description="Without one: what holds for anybody.")
    project_id: UUID | None = None


class CheckedTrunk(BaseModel):
    """A trunk that would carry the call, in its place."""

    id: UUID
    name: str
    sent: str = Field(description="The number as this carrier gets it.")
    shown: str = Field(description="The number that the called person sees; empty: the carrier's own choice.")


class PassedTrunk(BaseModel):
    id: UUID
    name: str
    why: TrunkWhy


class UsedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    calls: int = Field(description="In the last hour.")
    seconds: int = Field(description="In the last 24 hours.")
    spent: int = Field(description="In the last 24 hours, minor units.")


class CheckOut(BaseModel):
    """May this person call this number, and by which trunk?"""

    number: str
    kind: Kind
    country: str
    allowed: bool
    why: Why | None
    cap: int | None = Field(description="The cap that was hit.")
    longest_seconds: int | None = Field(description="After so long the caps would end the call.")
    per_minute: int = Field(description="Minor units; 0: no price known.")
    rights: RightsOut
    rules: list[Scope] = Field(description="The scopes that have a rule here, the widest first.")
    used: UsedOut
    used_by_all: UsedOut
    trunks: list[CheckedTrunk]
    passed_over: list[PassedTrunk]


class PricesIn(Form):
    """Replaces the whole table. An empty text removes it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"currency": "EUR", "csv": "prefix;name;price\n40;Romania;0.02\n"}]}
    )

    currency: Currency
    csv: Annotated[str, Field(max_length=MAX_CSV, description="Prefix, name, price of a minute.")]


class PriceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    prefix: str
    name: str
    per_minute: int
    currency: str


class CallerIdIn(Form):
    """Which of its numbers a project shows; without a trunk: by all that have no line of their own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "number_id": "01890a5d-ac96-774b-bcce-b302099a8058",
                }
            ]
        }
    )

    project_id: UUID
    number_id: UUID
    trunk_id: UUID | None = None


class CallerIdOut(BaseModel):
    id: UUID
    project_id: UUID
    number_id: UUID
    e164: str
    trunk_id: UUID | None


class AlarmOut(BaseModel):
    """A cap that was hit on a day."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    cap: str
    person_id: UUID | None
    day: date
    at: datetime
    allowed: int
    refused: int = Field(description="Calls that it has refused since.")
