"""A contact while it lives, and who takes part in it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from centrala.telephony.calls.state import Dialing
from centrala.telephony.media.types import PlayName

MAX_MENU_PATH: Final = 40  # choices that are remembered of one contact


class Stage(StrEnum):
    """Where the client is."""

    MENU = "menu"  # listens to the flow
    WAITING = "waiting"  # in a queue, with music; an operator's phone may be ringing
    CALLING = "calling"  # the operator is there, the client (outgoing, call-back) or a successor is being called
    TALKING = "talking"
    AFTER = "after"  # rates, or speaks to the voicemail
    ABSENT = "absent"  # a call-back in its queue: nobody is on the line
    OVER = "over"


@dataclass(slots=True, eq=False)
class Seat:
    """An operator's part: rung for, or in the conversation. `since`: of ringing or talking."""

    person_id: UUID
    since: datetime
    offer: int | None = None  # the router's lease
    until: datetime | None = None
    dialing: Dialing | None = None
    leg_id: UUID | None = None  # once answered
    answered_at: datetime | None = None
    gone: bool = False  # withdrawn, declined or left


@dataclass(slots=True, eq=False)
class Consult:
    """Whom the operator asks while the client hears music. `contact`: under which the router knows the question."""

    contact: UUID
    since: datetime
    name: str
    note: str = ""
    seat: Seat | None = None  # a colleague
    dialing: Dialing | None = None  # a number outside
    leg_id: UUID | None = None
    queue_id: UUID | None = None
    joined: bool = False  # three-way

    @property
    def talking(self) -> bool:
        return self.leg_id is not None


@dataclass(slots=True, eq=False)
class Watcher:
    """A supervisor in the conversation."""

    person_id: UUID
    role: str
    since: datetime
    dialing: Dialing | None = None
    leg_id: UUID | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Contact:
    """One interaction. Changed in the turn of the event loop that the news came in."""

    id: UUID
    project_id: UUID
    direction: str  # in, out
    number: str  # the client's, E.164 where it is one; personal
    name: str  # as the client's network tells it; personal
    called: str  # the number of ours
    came_at: datetime
    project: str = ""
    call_id: UUID | None = None
    client: UUID | None = None  # the client's leg
    stage: Stage = Stage.MENU
    since: datetime = field(init=False)  # of the stage
    language: str | None = None  # in which we speak to the client
    demanded: str | None = None  # that the operator must speak: only what the client or the flow asked for
    customer_id: UUID | None = None
    last_operator: UUID | None = None
    menu_path: list[str] = field(default_factory=list)
    queue_id: UUID | None = None
    queue: str = ""
    priority: int = 0
    skills: dict[str, int] = field(default_factory=dict)
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    offer: Seat | None = None
    seat: Seat | None = None
    consult: Consult | None = None
    watchers: dict[UUID, Watcher] = field(default_factory=dict)
    wrapping: dict[UUID, datetime | None] = field(default_factory=dict)  # by person: the limit
    held: bool = False
    recording_id: UUID | None = None
    recording_stops: UUID | None = None
    """Being ended by us: its end is told by the calls, perhaps after that of the call itself."""
    recorded: bool = True  # whether the conversation is to be recorded
    pauses: set[str] = field(default_factory=set)  # why the recording is paused
    note: str = ""
    transferred_by: str = ""
    help_text: str | None = None  # the hand is raised
    escalated: bool = False
    callback: bool = False
    callback_offered: bool = False
    music: PlayName | None = None
    saying: PlayName | None = None  # an announcement, after which the music goes on
    run: Any = None  # the flow that it is in: a `menu.FlowRun`
    dialled: set[UUID] = field(default_factory=set)  # legs by which the client is being called
    outside: UUID | None = None  # a number that a flow or an operator has handed the client to
    result: str | None = None
    promise_id: UUID | None = None
    asking: bool = False  # somebody was being rung for the operator when the process before died
    test: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.since = self.came_at

    @property
    def busy(self) -> bool:
        """Whether the flow is saying or asking something."""
        return self.run is not None and bool(self.run.tasks)

    @property
    def live(self) -> bool:
        return self.stage is not Stage.OVER

    def enter(self, stage: Stage, at: datetime) -> None:
        if self.stage is not stage:
            self.stage, self.since = stage, at

    def people(self) -> set[UUID]:
        """Everybody on whose desk this contact is."""
        found = set(self.wrapping)
        for seat in (self.offer, self.seat, self.consult.seat if self.consult else None):
            if seat is not None and not seat.gone:
                found.add(seat.person_id)
        return found
