"""The HTTP shapes of reports."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from centrala.reports.core import Result, Unit, Via
from centrala.reports.definitions import Kind, Measure


class By(StrEnum):
    """What a report has its rows by."""

    NOTHING = "nothing"
    INTERVAL = "interval"
    QUEUE = "queue"
    OPERATOR = "operator"
    PROJECT = "project"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Without(StrEnum):
    """What the contacts of a row do not have: the row of a report by it that has no key."""

    QUEUE = "queue"
    OPERATOR = "operator"


Values = dict[Measure, float | None]


class MeasureRow(BaseModel):
    """One row of a report: what it is about, and its numbers."""

    key: UUID | None = Field(description="The queue, operator or project; none: contacts that have none, or all.")
    starts_at: datetime | None = Field(description="Of an interval.")
    ends_at: datetime | None
    values: Values = Field(description="Counts, seconds, quotients from 0 to 1; none: nothing to divide by.")


class LimitsOut(BaseModel):
    target: float = Field(description="Seconds of the service level.")
    short: float = Field(description="Seconds before which leaving is a short call.")
    repeat_days: int = Field(description="Days within which a second contact means that the first solved nothing.")


class Percentiles(BaseModel):
    """Waits of the answered, nearest rank, in seconds."""

    p50: float | None
    p80: float | None
    p90: float | None
    p95: float | None
    p99: float | None


class MeasuresOut(BaseModel):
    since: datetime
    until: datetime
    time_zone: str = Field(description="Whose clock and calendar the intervals follow.")
    by: By
    interval: Unit | None
    limits: LimitsOut
    total: Values
    percentiles: Percentiles
    rows: list[MeasureRow]


class VisitOut(BaseModel):
    """One row behind a number: a contact's time in a queue, and what it gives to the measure."""

    id: str = Field(description="The contact and which of its visits.")
    interaction_id: UUID
    project_id: UUID
    queue_id: UUID | None
    operator_id: UUID | None
    entered_at: datetime
    channel: str
    direction: str
    via: Via
    result: Result
    wait: float = Field(description="Seconds, as all durations.")
    talk: float
    hold: float
    wrap_up: float
    transferred: bool
    rating: int | None
    part: float = Field(description="What the visit adds above the line of the quotient, or to the sum.")
    whole: float | None = Field(description="What it adds below the line; none: the measure is no quotient.")


class Translated(BaseModel):
    en: str
    ru: str
    ro: str


class DefinitionOut(BaseModel):
    """What a measure is, in words."""

    id: str
    kind: Kind
    name: Translated
    text: Translated


class CheckOut(BaseModel):
    """The last comparison of the reports with the timelines they were made from."""

    at: datetime
    since: datetime
    until: datetime
    contacts: int
    differences: int = Field(description="Contacts whose rows differed; they were made anew.")


class StateOfReports(BaseModel):
    check: CheckOut | None


class Spent(BaseModel):
    """Seconds of an operator's time; together all the time signed in."""

    ready: float = Field(description="And without a contact.")
    ringing: float
    talking: float
    hold: float
    wrap_up: float
    on_break: float
    paused: float = Field(description="By the router, after calls that were not answered.")
    absent: float = Field(description="Ready, without a sign of life from desk and phone.")


class OperatorTime(BaseModel):
    operator_id: UUID
    seconds: Spent
    occupancy: float | None = Field(description="Time with a contact in hand by that and the time ready.")


class OperatorTimes(BaseModel):
    since: datetime
    until: datetime
    time_zone: str
    occupancy: float | None = Field(description="Of all operators together.")
    rows: list[OperatorTime]


class Occupancy(BaseModel):
    """An interval. With a queue, project, channel or direction: of those who had such a contact in the period."""

    starts_at: datetime
    ends_at: datetime
    in_hand: float = Field(description="Seconds with a contact that was asked for.")
    other_contacts: float = Field(description="Seconds with contacts of other queues, channels ...")
    ready: float = Field(description="Seconds ready without a contact.")
    occupancy: float | None = Field(description="`in_hand` by the three together; null when they are nothing.")


class What(StrEnum):
    """What a piece of an operator's time went into."""

    CONTACT = "contact"  # one that was asked for
    OTHER = "other"  # a contact of another queue, project, channel or direction
    READY = "ready"
    BREAK = "break"
    PAUSED = "paused"
    ABSENT = "absent"


class SpanOut(BaseModel):
    """A piece of an operator's time, cut to the period."""

    id: str
    what: What
    operator_id: UUID
    began: datetime
    ended: datetime
    seconds: float = Field(description="Its length; of a time ready: without the contacts in it.")
    interaction_id: UUID | None


class OccupancyOut(BaseModel):
    since: datetime
    until: datetime
    time_zone: str
    interval: Unit
    total: Occupancy
    rows: list[Occupancy] = Field(description="One for each interval, empty ones too.")
