"""The HTTP shapes of queues, their rules and members, breaks and capacities."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from centrala.kit.forms import Change, Form, Name, Note, unsent
from centrala.kit.live import Card
from centrala.routing.core.settings import (
    MAX_CAPACITY,
    MAX_OVERFLOW_RULES,
    MAX_RELAX_STEPS,
    Channel,
    Strategy,
    TargetKind,
)

MAX_TARGET_VALUE: Final = 100  # characters
DAY: Final = 86_400.0  # seconds; no rule of a queue is longer
MAX_PRIORITY: Final = 9
MAX_RANK: Final = 9
MAX_MEMBERS: Final = 2_000  # of one queue
MAX_QUEUES: Final = 500  # of one centre
MAX_PLACES: Final = 10_000
MAX_BREAK_MINUTES: Final = 480

Seconds = Annotated[float, Field(ge=0, le=DAY, description="Seconds.")]
Positive = Annotated[float, Field(ge=1, le=DAY, description="Seconds.")]
Rank = Annotated[int, Field(ge=0, le=MAX_RANK, description="0: the person's own queue; more: later.")]
Count = Annotated[int, Field(ge=1, le=MAX_PLACES)]
Share = Annotated[float, Field(ge=0, le=1)]


class TargetForm(Form):
    """Where a contact goes that the queue does not serve."""

    kind: TargetKind
    value: str = Field(
        default="", max_length=MAX_TARGET_VALUE, description="Id of the queue or mailbox, menu node, or number."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.kind is not TargetKind.HANG_UP) != bool(self.value):
            raise ValueError("Name where to; only hanging up leads nowhere.")
        return self


HANG_UP: Final = TargetForm(kind=TargetKind.HANG_UP)


class StepForm(Form):
    """What is demanded once a contact has waited `after` seconds; replaces the step before it."""

    after: Seconds
    levels_down: Annotated[int, Field(ge=0, le=9)] = 0
    drop_skills: bool = False
    drop_language: bool = False
    max_rank: Rank | None = None


class OverflowForm(Form):
    """Sends a contact on after a wait, or at the door when its place would be beyond `place`."""

    to: TargetForm
    after: Seconds | None = None
    place: Count | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.after is None) == (self.place is None):
            raise ValueError("Give either a wait or a place.")
        return self


class QueueRules(Form):
    """What the router follows; null switches a rule off. What each does stands in docs/routing.md."""

    strategy: Strategy = Strategy.LONGEST_IDLE
    target: Positive = 20.0
    ring: Annotated[float, Field(ge=3, le=300, description="Seconds that an operator is rung.")] = 20.0
    wrap_up: Seconds = 30.0
    skills: Annotated[
        dict[UUID, Annotated[int, Field(ge=1, le=10)]],
        Field(max_length=20, description="Demanded of the operator: level by skill, if the flow names none."),
    ] = Field(default_factory=dict)
    language_level: Annotated[int, Field(ge=1, le=6, description="1 is A1, 6 is C2.")] = 1
    priority: Annotated[int, Field(ge=0, le=MAX_PRIORITY, description="Of its contacts, if the flow names none.")] = 0
    max_rank: Rank | None = None
    steps: Annotated[list[StepForm], Field(max_length=MAX_RELAX_STEPS)] = Field(default_factory=list)
    last_operator_first: bool = False
    last_operator_wait: Seconds = 0.0
    decline_pause: Seconds = 30.0
    missed_before_pause: Annotated[int, Field(ge=1, le=100)] = 1
    overflow: Annotated[list[OverflowForm], Field(max_length=MAX_OVERFLOW_RULES)] = Field(default_factory=list)
    max_length: Count | None = None
    full: TargetForm = HANG_UP
    max_wait: Positive | None = None
    too_long: TargetForm = HANG_UP
    no_operator: TargetForm | None = None
    no_operator_after: Seconds = 0.0
    closed: TargetForm = HANG_UP
    serve_out: bool = True
    callback_after: Seconds | None = None
    callback_expected: Seconds | None = None
    callback_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    callback_pause: Positive = 600.0
    announce_first: Seconds | None = None
    announce_every: Annotated[float, Field(ge=10, le=DAY, description="Seconds.")] = 60.0
    handling_guess: Positive = 240.0
    max_on_break: Annotated[int, Field(ge=0, le=MAX_MEMBERS)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if [step.after for step in self.steps] != sorted(step.after for step in self.steps):
            raise ValueError("The steps must stand in the order of their times.")
        return self


class Thresholds(Form):
    """From when on the board raises an alarm; null: never."""

    waiting: Annotated[Count | None, Field(description="Contacts that wait.")] = None
    longest_wait: Annotated[Positive | None, Field(description="Seconds that somebody waits.")] = None
    service_level: Annotated[Share | None, Field(description="Of today; below it.")] = None
    abandoned: Annotated[Count | None, Field(description="Contacts of today.")] = None
    free: Annotated[int | None, Field(ge=0, le=MAX_MEMBERS, description="Free operators; fewer.")] = None


class QueueIn(Form):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"project_id": "0197a1b2-0000-7000-8000-000000000001", "name": "Faults"}]}
    )

    project_id: UUID
    name: Name
    note: Note = ""
    rules: QueueRules = QueueRules()
    thresholds: Thresholds = Thresholds()
    calendar_id: UUID | None = Field(default=None, description="When it is open; none: always.")
    music_prompt_id: UUID | None = None
    announcement_prompt_id: UUID | None = None
    operator_may_hang_up: bool = True


class QueueChange(Change):
    """Rules and thresholds are replaced as a whole."""

    name: Name = unsent()
    note: Note = unsent()
    rules: QueueRules = unsent()
    thresholds: Thresholds = unsent()
    calendar_id: UUID | None = unsent()
    music_prompt_id: UUID | None = unsent()
    announcement_prompt_id: UUID | None = unsent()
    operator_may_hang_up: bool = unsent()


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class QueueOut(Shown):
    id: UUID
    project_id: UUID
    name: str
    note: str
    rules: QueueRules
    thresholds: Thresholds
    calendar_id: UUID | None
    music_prompt_id: UUID | None
    announcement_prompt_id: UUID | None
    operator_may_hang_up: bool
    operators: int = Field(description="How many people serve it.")
    archived_at: datetime | None
    version: int


class QueueCard(Card):
    project_id: UUID
    name: str
    archived_at: datetime | None


class MemberForm(Form):
    person_id: UUID
    rank: Rank = 0


class MembersIn(Form):
    """Who serves the queue; those who are not named serve it no more."""

    members: Annotated[list[MemberForm], Field(max_length=MAX_MEMBERS)]


class MemberOut(BaseModel):
    person_id: UUID
    given_name: str
    family_name: str
    rank: int


class ServedForm(Form):
    queue_id: UUID
    rank: Rank = 0


class ServedIn(Form):
    """The queues that a person serves, of those that you see; the others stay as they are."""

    queues: Annotated[list[ServedForm], Field(max_length=MAX_QUEUES)]


class ServedOut(BaseModel):
    queues: list[ServedForm]


class BreakIn(Form):
    name: Name
    planned_minutes: Annotated[int, Field(ge=1, le=MAX_BREAK_MINUTES)] = 15
    cap: Annotated[int, Field(ge=0, le=MAX_MEMBERS)] | None = Field(
        default=None, description="How many of the centre may be away for it at once."
    )
    paid: bool = True


class BreakChange(Change):
    name: Name = unsent()
    planned_minutes: Annotated[int, Field(ge=1, le=MAX_BREAK_MINUTES)] = unsent()
    cap: Annotated[int | None, Field(ge=0, le=MAX_MEMBERS)] = unsent()
    paid: bool = unsent()


class BreakOut(Shown):
    id: UUID
    name: str
    planned_minutes: int
    cap: int | None
    paid: bool
    version: int


class BreakCap(Form):
    """How many of the whole centre may be on a break at once, beside the caps of reasons and queues."""

    most: Annotated[int | None, Field(ge=0, le=MAX_MEMBERS, description="Null: no limit.")]


class BreakCard(Card):
    name: str
    planned_minutes: int
    paid: bool


Capacity = Annotated[
    dict[Channel, Annotated[int, Field(ge=1, le=MAX_CAPACITY)]],
    Field(max_length=len(Channel), description="Contacts at once by channel; a channel that is missing is not served."),
]
USUAL_CAPACITY: Final[dict[Channel, int]] = {Channel.VOICE: 1}


class CapacityIn(Form):
    capacity: Capacity


class CapacityOut(BaseModel):
    person_id: UUID
    capacity: Capacity
    version: int = Field(description="0: nothing was set yet.")


class RingsOn(StrEnum):
    """Which of a person's phones are called."""

    ALL = "all"
    BROWSER = "browser"
    PHONE = "phone"  # a desk phone


class ChoicesIn(Form):
    """What an operator wants now. A channel that the supervisor does not allow has no effect."""

    off: Annotated[frozenset[Channel], Field(max_length=len(Channel), description="Channels not taken now.")]
    rings_on: RingsOn = RingsOn.ALL


class ChoicesOut(BaseModel):
    """What an operator may take and takes now."""

    capacity: Capacity = Field(description="What the supervisor allows.")
    off: list[Channel] = Field(description="Of these, what the operator does not take now.")
    rings_on: RingsOn


def plain(form: BaseModel) -> dict[str, Any]:
    """A form as the store keeps it."""
    return form.model_dump(mode="json")
