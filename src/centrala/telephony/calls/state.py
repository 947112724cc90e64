"""Calls and legs while they live. Changed only within their call's turn."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from centrala.telephony.calls.causes import Ending
from centrala.telephony.calls.decide import Standing
from centrala.telephony.calls.events import Direction, Party
from centrala.telephony.calls.hearing import SUPERVISING, Role, Seat
from centrala.telephony.calls.machine import OVER, TALKING, LegEvent, LegState, move
from centrala.telephony.calls.ports import Timer
from centrala.telephony.calls.streams import Stream
from centrala.telephony.media.types import LegName, PlayName, RecordName, RoomName
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.limits import DEFAULT_MAX_FORWARDS

UNANSWERED = frozenset({LegState.NEW, LegState.CALLING, LegState.RINGING, LegState.EARLY})


@dataclass(slots=True, eq=False)
class Leg:
    """One peer's part of a call: a SIP dialog, and a leg of the media engine."""

    id: UUID
    call: "Call"
    direction: Direction
    peer: Party
    local: str
    stream: Stream
    started_at: datetime
    trunk_id: UUID | None = None
    phone_id: UUID | None = None
    state: LegState = LegState.NEW
    role: Role = Role.PARTY
    whispers_to: UUID | None = None
    held: bool = False  # by us, and the peer was told
    away: bool = False  # the peer holds us
    origin: bool = False  # the call exists because of this leg
    session: DialogId | None = None
    attempt: str | None = None
    offer: bytes | None = None  # of the INVITE that came, while it is not answered
    in_media: bool = False
    sip_call_id: str = ""
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None  # set when we hang up, or at the end
    stats: dict[str, Any] = field(default_factory=dict)
    limit: Timer | None = None  # the time an unanswered call of ours may take
    dialing: "Dialing | None" = None
    music: PlayName | None = None
    collector: object | None = None  # who collects digits now
    digit_method: str | None = None  # how this peer sends digits
    typed: str | None = None  # digits that nobody waited for, kept for the next question; None: they are not kept

    @property
    def name(self) -> LegName:
        return LegName(self.id.hex)

    @property
    def live(self) -> bool:
        return self.state not in OVER

    @property
    def talking(self) -> bool:
        return self.state in TALKING

    @property
    def supervising(self) -> bool:
        return self.role in SUPERVISING

    @property
    def outside(self) -> bool:
        """Whether this is a client: not a phone of the centre."""
        return self.phone_id is None

    def step(self, event: LegEvent) -> None:
        """Raises `WrongMove` and changes nothing where the table has no such move."""
        self.state = move(self.state, event)

    def sit(self, role: Role) -> None:
        """Take a role; hold and resume are states too."""
        self.role = role
        if self.talking:
            self.step(LegEvent.HOLD if self.away or role is Role.HELD else LegEvent.RESUME)

    def seat(self) -> Seat:
        early = self.direction is Direction.OUT and self.state is LegState.EARLY
        role = self.role
        if not self.talking and self.state is not LegState.EARLY:
            role = Role.APART
        to = self.whispers_to.hex if self.whispers_to else None
        return Seat(self.name, role, to=to, away=self.away, early=early)

    def standing(self) -> Standing:
        return Standing(self.name, self.role, self.answered_at is not None, self.origin)


@dataclass(slots=True, eq=False)
class Recording:
    id: UUID
    path: str
    started_at: datetime
    paused: bool = False
    ended_at: datetime | None = None
    reason: str | None = None
    duration_ms: int | None = None
    size: int | None = None
    sha256: str | None = None
    marks: list[dict[str, Any]] = field(default_factory=list)
    sides: tuple[tuple[str, ...], tuple[str, ...]] | None = None  # as the engine has them

    @property
    def name(self) -> RecordName:
        return RecordName(self.id.hex)


@dataclass(slots=True, eq=False)
class Call:
    """Legs in one room."""

    id: UUID
    direction: Direction
    caller: str
    callee: str
    started_at: datetime
    project_id: UUID | None = None
    near: UUID | None = None  # a call that this one's legs may move to or from
    forwards: int = DEFAULT_MAX_FORWARDS  # hops that the calls we make for it may take: what its caller's INVITE left
    legs: dict[UUID, Leg] = field(default_factory=dict)
    number_of_legs: int = 0  # those that are over included
    recordings: dict[UUID, Recording] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    has_room: bool = False
    lasting: int = 0  # how many reasons there are to go on with one party
    broken: bool = False  # a fault of ours is ending it
    open: bool = False  # goes on without any leg: somebody dials one carrier after the other
    music: str | None = None  # file of its music on hold; None: the default
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None
    heard: dict[str, tuple[str, ...]] | None = None  # the matrix in force

    @property
    def room(self) -> RoomName:
        return RoomName(self.id.hex)

    def add(self, leg: Leg) -> None:
        self.legs[leg.id] = leg
        self.number_of_legs += 1

    def live_legs(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.live]


@dataclass(frozen=True, slots=True)
class DialResult:
    """Who answered, or how the last of them failed."""

    leg: UUID | None
    ending: Ending | None


@dataclass(slots=True, eq=False)
class Dialing:
    """Several targets called at once: the first answer wins."""

    call: Call
    legs: list[Leg] = field(default_factory=list)
    result: "asyncio.Future[DialResult]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    for_leg: Leg | None = None  # a caller who hears what the called phone does, and is answered with it
    refuses: bool = True  # whether a failure refuses that caller

    def finish(self, result: DialResult) -> None:
        if not self.result.done():
            self.result.set_result(result)

    @property
    def alive(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.state in UNANSWERED]
