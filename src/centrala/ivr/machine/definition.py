"""A flow as data: nodes, the edges between their exits and other nodes, and what it needs to begin.

A draft may be incomplete: what is not chosen yet is None or empty, and `centrala.ivr.check` tells of it. Refused at the
door is what no editor makes: unknown kinds and fields, and more of anything than a cap allows.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from centrala.ivr.machine.parts import (
    MAX_ASSIGNMENTS,
    MAX_BODY,
    MAX_CASES,
    MAX_CHOICES,
    MAX_DIGITS,
    MAX_EDGES,
    MAX_HEADERS,
    MAX_LANGUAGES,
    MAX_NODES,
    MAX_RESULTS,
    MAX_SKILLS,
    MAX_TEXT,
    MAX_URL,
    MAX_VALUE,
    AnyDigits,
    Assignment,
    Attempts,
    CallbackNumber,
    Compare,
    CompareAs,
    Coordinate,
    DateCheck,
    DateOrder,
    DigitCheck,
    EndCause,
    ExitName,
    FlowSkill,
    HttpHeader,
    HttpResult,
    LanguageChoice,
    LuhnCheck,
    MaskCheck,
    MenuChoice,
    NodeId,
    Part,
    PausePiece,
    PhoneCheck,
    Piece,
    Prompt,
    PromptPiece,
    RangeCheck,
    Seconds,
    SetHow,
    SpokenAs,
    TestCase,
    TestCondition,
    TextPiece,
    ToNumber,
    ToPerson,
    ValuePiece,
    VariableName,
)
from centrala.kit.forms import CountryCode, Line, Note

__all__ = [
    "MAX_LANGUAGES",
    "MAX_TEXT",
    "MAX_VALUE",
    "AnyDigits",
    "Assignment",
    "CallbackNumber",
    "Compare",
    "CompareAs",
    "DateCheck",
    "DateOrder",
    "DigitCheck",
    "EndCause",
    "LuhnCheck",
    "MaskCheck",
    "PausePiece",
    "PhoneCheck",
    "Piece",
    "PromptPiece",
    "RangeCheck",
    "SetHow",
    "SpokenAs",
    "TestCase",
    "TestCondition",
    "TextPiece",
    "ToNumber",
    "ToPerson",
    "ValuePiece",
    "VariableName",
]


def _nothing() -> list[Piece]:
    return []


# Nodes


class NodeBase(Part):
    """What every node has. `x` and `y` are its place in the editor and mean nothing to a call."""

    id: NodeId
    label: Annotated[Line, Field(max_length=80)] = ""
    x: Coordinate = 0
    y: Coordinate = 0


class SayNode(NodeBase):
    """Says something. Exit: `next`."""

    kind: Literal["say"] = "say"
    prompt: Prompt = Field(default_factory=_nothing)
    interruptible: bool = Field(default=True, description="A key skips the rest, and answers the next question.")


class AskingNode(NodeBase):
    """What all nodes have that wait for keys. Prompts that are empty are said in the system's words."""

    prompt: Prompt = Field(default_factory=_nothing)
    no_input_prompt: Prompt = Field(default_factory=_nothing)
    wrong_prompt: Prompt = Field(default_factory=_nothing)
    wait_seconds: Seconds = Field(default=5, description="From the end of the prompt to the first key.")
    attempts: Attempts = 3
    interruptible: bool = Field(default=True, description="A key ends the prompt.")


class MenuNode(AskingNode):
    """One key chooses. Exits: `key:<key>` for each choice, `no_input`, `wrong`."""

    kind: Literal["menu"] = "menu"
    choices: Annotated[list[MenuChoice], Field(max_length=MAX_CHOICES)] = Field(default_factory=list)


class LanguageNode(AskingNode):
    """One key chooses the language of the rest of the call.

    Its prompt is said in every language that is offered, one after the other. Exits: `next`, `no_input` and `wrong`
    (both lead to `next` where they lead nowhere: the project's first language stays).
    """

    kind: Literal["language"] = "language"
    choices: Annotated[list[LanguageChoice], Field(max_length=MAX_CHOICES)] = Field(default_factory=list)


class CollectNode(AskingNode):
    """Several keys into a variable. Exits: `next`, `no_input`, `wrong`."""

    kind: Literal["collect"] = "collect"
    variable: VariableName = "digits"
    least: Annotated[int, Field(ge=1, le=MAX_DIGITS, description="Digits.")] = 1
    most: Annotated[int, Field(ge=1, le=MAX_DIGITS, description="Digits; the input ends with the last.")] = 10
    terminator: Literal["#", "*", ""] = Field(default="#", description="Ends the input early; empty: nothing does.")
    between_seconds: Seconds = Field(default=3, description="Between two keys.")
    check: DigitCheck = Field(default_factory=AnyDigits)
    read_back: bool = Field(default=False, description="Say the digits and ask for 1 (right) or 2 (again).")
    secret: bool = Field(default=False, description="The digits are in no timeline, log or simulator's answer.")


class HoursNode(NodeBase):
    """Asks a calendar. Exits: `open`, `closed`, `holiday` (leads to `closed` where it leads nowhere)."""

    kind: Literal["hours"] = "hours"
    calendar_id: UUID | None = None


class SetNode(NodeBase):
    """Sets variables; setting `language` changes the language of the call. Exit: `next`."""

    kind: Literal["set"] = "set"
    assignments: Annotated[list[Assignment], Field(max_length=MAX_ASSIGNMENTS)] = Field(default_factory=list)


class TestNode(NodeBase):
    """The first case that holds decides. Exits: `case:<id>` for each, `else`."""

    kind: Literal["test"] = "test"
    cases: Annotated[list[TestCase], Field(max_length=MAX_CASES)] = Field(default_factory=list)


class LookupNode(NodeBase):
    """Looks for a customer by a number. Exits: `found`, `not_found`, `failed` (leads to `not_found`).

    Sets `customer_id`, `customer_name` and `customer_language` when one is found.
    """

    kind: Literal["lookup"] = "lookup"
    variable: VariableName = Field(default="caller", description="Holds the number in E.164.")


class HttpNode(NodeBase):
    """Asks a server of the allow-list. `{name}` stands for a variable, escaped as the place needs it.

    Exits: `next` (2xx), `refused` (another status; leads to `failed`), `failed` (no answer in time).
    """

    kind: Literal["http"] = "http"
    method: Literal["GET", "POST", "PUT"] = "GET"
    url: Annotated[Line, Field(max_length=MAX_URL)] = ""
    headers: Annotated[list[HttpHeader], Field(max_length=MAX_HEADERS)] = Field(default_factory=list)
    body: Annotated[Note, Field(max_length=MAX_BODY, description="JSON with `{name}` inside of strings.")] = ""
    timeout_seconds: Annotated[float, Field(ge=0.5, le=20, allow_inf_nan=False)] = 5
    results: Annotated[list[HttpResult], Field(max_length=MAX_RESULTS)] = Field(default_factory=list)


class QueueNode(NodeBase):
    """Waits for an operator.

    Exits: `after` (the operator has left and the caller stays: a survey; hangs up where it leads nowhere), `overflow`,
    `closed` and `no_operator` (both lead to `overflow`), `voicemail` (the queue sends to a mailbox; a message is taken
    where it leads nowhere), `callback` (one was ordered while waiting; hangs up), `failed` (leads to `overflow`).
    """

    kind: Literal["queue"] = "queue"
    queue_id: UUID | None = None
    priority: Annotated[int, Field(ge=0, le=10)] = 0
    skills: Annotated[list[FlowSkill], Field(max_length=MAX_SKILLS)] = Field(default_factory=list)
    demand_language: bool = Field(default=True, description="The operator must speak the language of the call.")


class TransferNode(NodeBase):
    """Rings a person or a number. Exits: `after`, `busy` and `no_answer` (both lead to `failed`), `failed`."""

    kind: Literal["transfer"] = "transfer"
    to: Annotated[ToPerson | ToNumber, Field(discriminator="kind")] = Field(default_factory=ToPerson)
    ring_seconds: Annotated[float, Field(ge=5, le=120, allow_inf_nan=False)] = 25


class VoicemailNode(NodeBase):
    """Takes a message. Exits: `next`, `empty` (nothing was said; leads to `next`)."""

    kind: Literal["voicemail"] = "voicemail"
    prompt: Prompt = Field(default_factory=_nothing)
    box: Annotated[Line, Field(max_length=60)] = Field(
        default="", description="Name of the mailbox; empty: the project's."
    )
    max_seconds: Annotated[int, Field(ge=5, le=600)] = 120
    silence_seconds: Annotated[int, Field(ge=2, le=30)] = 5


class CallbackNode(NodeBase):
    """Offers to call back: key 1 takes it. Exits: `ordered`, `declined`, `failed` (leads to `declined`)."""

    kind: Literal["callback"] = "callback"
    queue_id: UUID | None = None
    prompt: Prompt = Field(default_factory=_nothing)
    number: CallbackNumber = CallbackNumber.CHOOSE
    country: CountryCode | None = Field(default=None, description="Where an entered number without country code is.")
    attempts: Attempts = 2


class RateNode(NodeBase):
    """Asks for a mark. Exits: `next`, `no_input` (leads to `next`)."""

    kind: Literal["rate"] = "rate"
    prompt: Prompt = Field(default_factory=_nothing)
    scale: Literal["1-5", "0-10"] = "1-5"
    question: VariableName = Field(
        default="rating", description="The variable that gets the mark, and its name in reports."
    )
    attempts: Attempts = 2


class SubFlowNode(NodeBase):
    """Runs another flow of the project, as it is published when this one is. Exit: `next`, by its node `return`."""

    kind: Literal["flow"] = "flow"
    flow_id: UUID | None = None


class ReturnNode(NodeBase):
    """Goes back to the flow that ran this one; hangs up when none did."""

    kind: Literal["return"] = "return"


class GoToNode(NodeBase):
    """Goes on at another node: what would be an edge across the whole drawing."""

    kind: Literal["goto"] = "goto"
    node: NodeId | None = None


class HangUpNode(NodeBase):
    """Ends the call. Before anything was said the call is refused and costs the caller nothing."""

    kind: Literal["hangup"] = "hangup"
    prompt: Prompt = Field(default_factory=_nothing)
    cause: EndCause = EndCause.NORMAL


Node = Annotated[
    SayNode
    | MenuNode
    | LanguageNode
    | CollectNode
    | HoursNode
    | SetNode
    | TestNode
    | LookupNode
    | HttpNode
    | QueueNode
    | TransferNode
    | VoicemailNode
    | CallbackNode
    | RateNode
    | SubFlowNode
    | ReturnNode
    | GoToNode
    | HangUpNode,
    Field(discriminator="kind"),
]


class FlowEdge(Part):
    """From an exit of a node to another node."""

    source: NodeId
    exit: ExitName = "next"
    target: NodeId


class FlowDefinition(Part):
    """A whole flow."""

    start: NodeId | None = Field(default=None, description="The node with which a call begins.")
    nodes: Annotated[list[Node], Field(max_length=MAX_NODES)] = Field(default_factory=list)
    edges: Annotated[list[FlowEdge], Field(max_length=MAX_EDGES)] = Field(default_factory=list)
    max_seconds: Annotated[int, Field(ge=30, le=3_600)] = Field(
        default=600, description="That a caller may spend in menus; waiting and talking do not count."
    )
