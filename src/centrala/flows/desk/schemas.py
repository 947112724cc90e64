"""The shapes of an operator's work and of supervision."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from centrala.kit.personal import Masked
from centrala.routing.service import Channel, RingsOn


class Phase(StrEnum):
    """Where a contact stands, for the person who has it on the desk."""

    OFFERED = "offered"  # rings; until `until`
    CALLING = "calling"  # an outgoing call that is not answered yet
    TALKING = "talking"
    TRANSFERRING = "transferring"  # handed over, the successor is being called
    WRAP_UP = "wrap_up"  # the conversation is over; until `until`


class Recording(StrEnum):
    OFF = "off"
    ON = "on"
    PAUSED = "paused"


class PartyRole(StrEnum):
    """Somebody else in the conversation. Who only listens is not shown."""

    CONSULTED = "consulted"
    JOINED = "joined"
    WHISPERING = "whispering"
    BARGING = "barging"


class PartyState(StrEnum):
    WAITING = "waiting"  # in a queue for a colleague
    RINGING = "ringing"
    TALKING = "talking"


class WorkParty(BaseModel):
    role: PartyRole
    state: PartyState
    person_id: UUID | None = None
    name: str = Field(description="Of the colleague or queue; a number is masked.")
    since: datetime


class WorkContact(BaseModel):
    """One contact in an operator's hands."""

    id: UUID = Field(description="Of the interaction.")
    phase: Phase
    direction: Literal["in", "out"]
    number: Masked
    name: Masked
    customer_id: UUID | None
    project_id: UUID
    project: str
    queue_id: UUID | None
    queue: str
    language: str | None = Field(description="ISO 639-1, as the client chose.")
    menu_path: list[str] = Field(description="What the client chose on the way here, in words of the flow.")
    came_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None = Field(description="When this operator answered.")
    since: datetime = Field(description="When the phase began.")
    until: datetime | None = Field(description="End of the offer or of the wrap-up.")
    held: bool
    recording: Recording
    others: list[WorkParty]
    note: str = Field(description="Handed over by whoever transferred the contact.")
    transferred_by: str
    may_hang_up: bool
    help_asked: bool
    callback: bool = Field(description="A call-back: the client is called once the operator has accepted.")


class WorkState(BaseModel):
    """As the router has it. `present`: desk and phone both live."""

    state: Literal["off", "ready", "break", "paused"]
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    present: bool = False


class ChannelOut(BaseModel):
    """A channel that the supervisor allows."""

    channel: Channel
    most: int = Field(description="Contacts at once.")
    on: bool = Field(description="Whether the operator takes it now.")


class ChosenOut(BaseModel):
    """What the operator takes, and where it rings; `PUT /api/work/choices` changes it."""

    channels: list[ChannelOut] = Field(default_factory=list)
    rings_on: RingsOn = RingsOn.ALL
    browser: bool = Field(default=False, description="Whether the phone in the browser can be called.")
    desk_phone: bool = Field(default=False, description="Whether another phone can be called.")


class WorkOut(BaseModel):
    """An operator's contacts and state; `version` grows with every change. Notices and promises have topics of the
    live feed of their own."""

    version: int
    now: datetime
    telephony: bool = Field(description="Whether calls can be taken at all.")
    phone: bool = Field(description="Whether a phone of this person, of those chosen, can be called.")
    chosen: ChosenOut = Field(default_factory=ChosenOut)
    state: WorkState
    contacts: list[WorkContact]


class TargetKind(StrEnum):
    PERSON = "person"
    QUEUE = "queue"
    NUMBER = "number"


class TargetIn(BaseModel):
    """Where to: a colleague, a queue, or a number; the field of the kind is set."""

    kind: TargetKind
    person_id: UUID | None = None
    queue_id: UUID | None = None
    number: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=2_000, description="Handed over with the contact.")


class DigitsIn(BaseModel):
    digits: str = Field(pattern=r"^[0-9*#A-D]{1,32}$")


class PauseIn(BaseModel):
    reason: Literal["manual", "card"] = "manual"


class ResumeIn(BaseModel):
    reason: Literal["manual", "card"] = "manual"


class HelpIn(BaseModel):
    text: str = Field(default="", max_length=300)
    on: bool = True


class EscalateIn(BaseModel):
    """Abuse: to the queue where supervisors take such contacts, or the end of the conversation with a reason."""

    reason: Literal["abuse", "threat", "fraud", "other"]
    queue_id: UUID | None = None
    note: str = Field(default="", max_length=2_000)


class DialIn(BaseModel):
    """An outgoing call in a project's name. With `promise_id` the number is the promised one, which nobody types."""

    project_id: UUID
    number: str = Field(default="", max_length=40)
    promise_id: UUID | None = None


class DialledOut(BaseModel):
    interaction_id: UUID


class ColleagueOut(BaseModel):
    """Somebody to whom a contact can be handed."""

    id: UUID
    name: str
    state: str
    present: bool
    busy: bool


class QueueTargetOut(BaseModel):
    id: UUID
    project_id: UUID
    name: str
    waiting: int
    expected_wait: float | None = Field(description="Seconds; null when nobody works in the queue.")


class TargetsOut(BaseModel):
    people: list[ColleagueOut]
    queues: list[QueueTargetOut]


class LivePhase(StrEnum):
    """Where a contact stands, for those who supervise."""

    MENU = "menu"
    WAITING = "waiting"
    OFFERED = "offered"
    CALLING = "calling"
    TALKING = "talking"
    AFTER = "after"  # rating or voicemail


class LiveContact(BaseModel):
    """A contact that is in the centre now."""

    id: UUID
    project_id: UUID
    queue_id: UUID | None
    phase: LivePhase
    direction: Literal["in", "out"]
    number: Masked
    language: str | None
    operator_id: UUID | None
    operator: str
    since: datetime
    held: bool
    recording: Recording
    help_asked: bool
    help_text: str
    supervised_by: list[UUID]


class LiveContacts(BaseModel):
    running: bool
    items: list[LiveContact]


class MoveIn(BaseModel):
    queue_id: UUID
    priority: int | None = Field(default=None, ge=-10, le=10)


class TestCallOut(BaseModel):
    """What the browser's phone dials, once and soon, to hear a flow as a client would."""

    target: str
    expires_at: datetime
