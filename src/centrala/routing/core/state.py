"""Everything a router knows, as plain objects. `index` keeps the lists that make deciding fast; they follow from this.

Theory of operation. A contact's place is a constant: `due = since + target - priority * priority_step`, then its
number in order of arrival. Constant, because a wait grows equally for all: so the order never has to be computed anew,
a priority is worth a fixed wait and can starve nobody, and a call-back or a restart keeps the place by keeping `due`.

An operator's hands hold `Work`: an offer that rings, a contact, its wrap-up. All take room of their channel.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from heapq import heappop, heappush
from typing import Final

from centrala.routing.core.decisions import Decision
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.settings import (
    Channel,
    ContactId,
    OperatorId,
    Profile,
    QueueId,
    QueueSettings,
    Settings,
)

SHARE: Final = 5040  # parts of one operator; divides evenly among up to 10 queues, so that sums of parts are exact

Entry = tuple[float, int, ContactId]  # due, number, contact: the order of a queue
Idle = tuple[int, int, int, float, int, OperatorId]  # rank, load, contacts handled if they count, since, number, id


class ContactState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    SLEEPING = "sleeping"  # a call-back between two attempts


class WorkState(StrEnum):
    RINGING = "ringing"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"


class Timer(IntEnum):
    """What a deadline belongs to; of two at one moment the lower comes first."""

    WORK = 0
    QUEUE = 1
    CONTACT = 2


@dataclass(frozen=True, slots=True)
class LaneKey:
    """What is demanded. `only` names the one operator for whom the contact is kept."""

    queue: QueueId
    channel: Channel
    skills: tuple[tuple[str, int], ...]
    language: str | None
    max_rank: int | None
    only: OperatorId | None


@dataclass(slots=True, eq=False)
class Lane:
    """The contacts of a queue that demand the same, and who can serve them."""

    key: LaneKey
    queue: "Queue"
    eligible: dict[OperatorId, tuple[int, int]] = field(default_factory=dict)  # rank, score
    waiting: list[Entry] = field(default_factory=list)
    ranked: list[tuple[int, int, str]] | None = None  # see `index.ranked`


@dataclass(slots=True, eq=False)
class Queue:
    settings: QueueSettings
    number: int
    open: bool = True
    plain: bool = False  # nothing happens to those who wait but an offer
    line: list[Entry] = field(default_factory=list)  # who waits or is being offered, in order
    heads: list[tuple[Entry, Lane]] = field(default_factory=list)  # of the lanes, in order
    lanes: dict[LaneKey, Lane] = field(default_factory=dict)
    shortcuts: dict[tuple[object, ...], Lane] = field(default_factory=dict)  # see `index.lane_of`
    idle: dict[Channel, list[Idle]] = field(default_factory=dict)  # who has room, in order
    members: dict[OperatorId, int] = field(default_factory=dict)  # rank
    signed_in: int = 0
    on_break: int = 0
    slots: Counter[Channel] = field(default_factory=Counter)  # SHAREs at work, by channel
    handling: float = 0.0  # running mean of handling with wrap-up
    deserted_at: float | None = None  # since when nobody is signed in
    wake: float | None = None


@dataclass(slots=True, eq=False)
class Contact:
    id: ContactId
    number: int
    queue: Queue
    channel: Channel
    priority: int
    since: float
    skills: tuple[tuple[str, int], ...]
    language: str | None
    last_operator: OperatorId | None
    phone: str | None
    callback: bool
    state: ContactState = ContactState.WAITING
    entered: float = 0.0  # into the present queue
    entry: Entry = (0.0, 0, ContactId(""))
    lane: Lane | None = None
    step: int = 0  # -1: kept for the last operator; else how many steps of the queue are in force
    refused: dict[OperatorId, float] | None = None  # until when not to offer again
    wake: float | None = None
    announce_at: float | None = None
    callback_offered: bool = False
    attempts: int = 0
    hops: int = 0
    work: int = 0


@dataclass(slots=True, eq=False)
class Work:
    """One contact in one operator's hands. `number` is the offer's; `until` the end of offer or wrap-up."""

    number: int
    operator: "Operator"
    contact: ContactId
    channel: Channel
    queue: Queue | None
    state: WorkState
    since: float
    until: float | None
    answered: float = 0.0


@dataclass(slots=True, eq=False)
class Operator:
    id: OperatorId
    number: int
    profile: Profile
    state: OperatorState = OperatorState.OFF
    reason: str = ""
    since: float = 0.0
    until: float | None = None  # planned end of a break
    present: bool = True
    idle_since: float = 0.0
    handled: int = 0
    missed: int = 0
    work: dict[int, Work] = field(default_factory=dict)
    load: Counter[Channel] = field(default_factory=Counter)
    room: tuple[Channel, ...] = ()  # channels of which one more contact may come
    lanes: dict[QueueId, dict[Lane, int]] = field(default_factory=dict)  # rank
    listed: list[tuple[list[Idle], Idle]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class State:
    """All of a router. `out` collects decisions while one fact is worked on."""

    settings: Settings
    now: float = 0.0
    queues: dict[QueueId, Queue] = field(default_factory=dict)
    operators: dict[OperatorId, Operator] = field(default_factory=dict)
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    works: dict[int, Work] = field(default_factory=dict)
    callbacks: dict[str, ContactId] = field(default_factory=dict)
    last_number: int = 0
    on_break: int = 0
    stale: Counter[str] = field(default_factory=Counter)  # facts that meant nothing any more, by name
    out: list[Decision] = field(default_factory=list)
    timers: list[tuple[float, int, int, str]] = field(default_factory=list)

    def next_number(self) -> int:
        """Numbers for operators, contacts and offers; the order of making decides every tie."""
        self.last_number += 1
        return self.last_number

    def set_timer(self, at: float, kind: Timer, number: int, key: str = "") -> None:
        heappush(self.timers, (at, kind, number, key))

    def next_timer(self) -> tuple[float, int, int, str] | None:
        """The first deadline that still counts; those that do not are forgotten on the way."""
        timers = self.timers
        while timers:
            at, kind, number, key = timers[0]
            if self._due(kind, number, key) == at:
                return timers[0]
            heappop(timers)
        return None

    def _due(self, kind: int, number: int, key: str) -> float | None:
        if kind == Timer.WORK:
            work = self.works.get(number)
            return work.until if work else None
        if kind == Timer.CONTACT:
            contact = self.contacts.get(ContactId(key))
            return contact.wake if contact and contact.number == number else None
        queue = self.queues.get(QueueId(key))
        return queue.wake if queue and queue.number == number else None
