"""The HTTP shapes of operators' states, the board, the answers to "why", and notices."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from centrala.kit.forms import Form, Line, Note
from centrala.kit.live import Card
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.settings import Channel
from centrala.routing.core.state import WorkState

MAX_REASON: Final = 120  # characters
MAX_RECIPIENTS: Final = 500  # people named in one notice
MAX_DEVICE: Final = 120  # characters of a device's name

Reason = Annotated[Line, Field(max_length=MAX_REASON)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class StateIn(Form):
    """What a person wants to be. A break names its reason's id."""

    state: Literal[OperatorState.READY, OperatorState.BREAK, OperatorState.OFF]
    break_id: UUID | None = Field(default=None, description="Of `/api/breaks`; needed for a break.")


class ForcedStateIn(Form):
    """A supervisor sets somebody's state; the cap on breaks does not count. The reason goes into the audit trail."""

    state: Literal[OperatorState.READY, OperatorState.BREAK, OperatorState.PAUSED, OperatorState.OFF]
    break_id: UUID | None = None
    reason: Annotated[Line, Field(min_length=3, max_length=MAX_REASON)]


class HandsOut(BaseModel):
    """A contact in an operator's hands."""

    interaction_id: str
    channel: Channel
    queue_id: UUID | None
    state: WorkState
    since: datetime
    until: datetime | None = Field(description="End of the offer or of wrap-up.")


class StateOut(BaseModel):
    person_id: UUID
    state: OperatorState
    reason: str = Field(description="Of a break its name, of a pause its code.")
    break_id: UUID | None
    since: datetime | None
    until: datetime | None = Field(description="Planned end of a break; none while contacts in hand are finished.")
    present: bool = Field(description="Desk and phone both give signs of life.")
    contacts: list[HandsOut]
    queues: list[UUID]


class WhyOut(BaseModel):
    """A reason; the desk makes a sentence of it. Moments among the parameters are seconds since 1970."""

    code: str
    params: dict[str, str | int | float | bool | None]


class Reasons(BaseModel):
    reasons: list[WhyOut] = Field(description="The strongest first; never empty.")


class PairReasons(BaseModel):
    reasons: list[WhyOut] = Field(description="All that keeps the two apart; empty when nothing does.")


class CheckIn(Form):
    """What the check before the shift has found."""

    passed: bool
    microphone: Annotated[Line, Field(max_length=MAX_DEVICE)] = ""
    speaker: Annotated[Line, Field(max_length=MAX_DEVICE)] = ""
    microphone_level: Annotated[float, Field(ge=-120, le=0, description="dBFS.")] | None = None
    echo: bool | None = Field(default=None, description="Whether the speaker is heard in the microphone.")
    heard: bool | None = Field(default=None, description="Whether the person heard the test sound.")
    by_call: bool = Field(
        default=False, description="Network and sound by a test call over the phone; else by HTTP and a recording."
    )
    heard_oneself: bool | None = Field(default=None, description="Whether the person heard themselves clearly.")
    returned_level: Annotated[float, Field(ge=-120, le=0, description="dBFS of the voice that came back.")] | None = (
        None
    )
    loss: Ratio | None = Field(default=None, description="Share of packets.")
    jitter_ms: Annotated[float, Field(ge=0, le=10_000)] | None = None
    round_trip_ms: Annotated[float, Field(ge=0, le=60_000)] | None = None


class CheckOut(CheckIn):
    at: datetime


class Measure(StrEnum):
    """What a threshold may watch."""

    WAITING = "waiting"
    LONGEST_WAIT = "longest_wait"
    SERVICE_LEVEL = "service_level"
    ABANDONED = "abandoned"
    FREE = "free"


class AlertOut(BaseModel):
    measure: Measure
    value: float
    threshold: float
    since: datetime


class BoardQueue(BaseModel):
    """A queue as the board shows it. Times are moments, so that a board where nothing happens sends nothing."""

    id: UUID
    project_id: UUID
    name: str
    open: bool
    waiting: int
    longest_since: datetime | None
    expected_wait: float | None = Field(description="Seconds, of one who came now; none when nobody is at work.")
    ready: int = Field(description="Operators who could take a contact now.")
    ringing: int
    talking: int
    wrap_up: int
    on_break: int
    paused: int
    signed_in: int
    offered: int = Field(description="Today, of those that are over.")
    answered: int
    abandoned: int
    short: int
    overflowed: int
    turned_away: int
    service_level: Ratio | None = Field(description="Today: answered within the target / (offered - short).")
    asa: float | None = Field(description="Today: mean wait of the answered, in seconds.")
    target: float
    alerts: list[AlertOut]


class BoardOperator(BaseModel):
    """An operator as the board shows them; contacts of projects that you do not see have no queue and no id."""

    id: UUID
    given_name: str
    family_name: str
    state: OperatorState
    reason: str
    since: datetime | None
    until: datetime | None
    present: bool
    contacts: list["BoardContact"]
    queues: list[UUID]
    channels: list[Channel] = Field(description="What they take now.")
    off: list[Channel] = Field(description="What they may take and have switched off.")
    check_passed: bool | None
    check_at: datetime | None


class BoardContact(BaseModel):
    interaction_id: UUID | None
    queue_id: UUID | None
    channel: Channel
    state: WorkState
    since: datetime
    until: datetime | None


class BoardOut(BaseModel):
    at: datetime
    queues: list[BoardQueue]
    operators: list[BoardOperator] = Field(description="All who serve these queues.")


class WaitingOut(BaseModel):
    """A contact that waits, for lists of a supervisor."""

    interaction_id: UUID
    queue_id: UUID
    position: int
    since: datetime
    expected_wait: float | None
    priority: int
    language: str | None
    callback: bool
    offered_to: UUID | None


NoticeKind = Literal["broadcast", "alert", "state"]


class NoticeIn(Form):
    """To everybody of a project, to those who serve a queue, or to people by name; with none of them to the centre."""

    text: Annotated[Note, Field(min_length=1, max_length=1_000)]
    urgent: bool = False
    project_id: UUID | None = None
    queue_id: UUID | None = None
    people: Annotated[list[UUID], Field(max_length=MAX_RECIPIENTS)] = Field(default_factory=list)


class NoticeOut(BaseModel):
    id: UUID
    kind: NoticeKind
    urgent: bool
    text: str = Field(description="Empty for an alert; the desk makes the sentence.")
    project_id: UUID | None
    queue_id: UUID | None
    queue_name: str | None
    sent_by: UUID | None
    at: datetime
    measure: Measure | None
    value: float | None
    threshold: float | None
    ended_at: datetime | None


class SentNoticeOut(NoticeOut):
    readers: int
    read: int = Field(description="How many have closed it.")


class ReaderOut(BaseModel):
    person_id: UUID
    given_name: str
    family_name: str
    read_at: datetime | None


class NoticeCard(Card):
    at: datetime
