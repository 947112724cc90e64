"""What the four transaction machines share: a table of moves, timers, and effects to carry out.

A machine owns a table from (state, event) to a `Move`. An event that the table lacks raises
`IllegalMove` and changes nothing; what may arrive and means nothing stands in the table as an empty
move. Timers are events too: `advance` fires those that are due, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Message, Request, Response

T1: Final = 0.5  # seconds; round-trip estimate (RFC 3261 17.1.1.1)
T2: Final = 4.0  # seconds; longest interval of retransmissions but INVITE's
T4: Final = 5.0  # seconds; how long the network may keep a message
TIMEOUT: Final = 64 * T1  # seconds; timers B, F, H, J, L, M


class Timer(StrEnum):
    """Timers of RFC 3261 table 4 and RFC 6026."""

    A = "timer A"
    B = "timer B"
    D = "timer D"
    E = "timer E"
    F = "timer F"
    G = "timer G"
    H = "timer H"
    I = "timer I"  # noqa: E741 - its name in the RFC
    J = "timer J"
    K = "timer K"
    L = "timer L"
    M = "timer M"


class Do(StrEnum):
    """What a move does besides changing state and timers."""

    SEND = "send"  # the message of the event, or the request at the start
    RESEND = "send again"
    ACK = "send ACK"
    DELIVER = "pass up"
    TIMED_OUT = "report timeout"
    FAILED = "report transport error"


@dataclass(frozen=True, slots=True)
class Move:
    """Where an event leads and what it does there; `start` also restarts a running timer."""

    to: StrEnum
    do: tuple[Do, ...] = ()
    start: tuple[Timer, ...] = ()
    stop: tuple[Timer, ...] = ()


Table = Mapping[tuple[StrEnum, StrEnum], Move]


class IllegalMove(NotAllowed):
    """The table has no such move."""


@dataclass(frozen=True, slots=True)
class Transmit:
    """Bytes for the transaction's flow."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message for the transaction user."""

    message: Message


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nothing came in time: a final response, or the ACK to one."""


@dataclass(frozen=True, slots=True)
class TransportFailed:
    """The transport could not carry a message of this transaction."""


@dataclass(frozen=True, slots=True)
class Terminated:
    """The transaction is over; nothing more comes of it."""


Effect = Transmit | Deliver | TimedOut | TransportFailed | Terminated


class Transaction:
    """One machine. Subclasses give the table, the durations and the final state."""

    __slots__ = ("effects", "flow", "intervals", "last_sent", "state", "timers")

    table: ClassVar[Table]
    final: ClassVar[StrEnum]

    def __init__(self, state: StrEnum, flow: Flow) -> None:
        self.state = state
        self.flow = flow
        self.timers: dict[Timer, float] = {}  # to the moment they fire, monotonic seconds
        self.intervals: dict[Timer, float] = {}  # of the timers that repeat, seconds
        self.last_sent = b""
        self.effects: list[Effect] = []

    @property
    def over(self) -> bool:
        """Whether the machine has ended."""
        return self.state == self.final

    @property
    def deadline(self) -> float | None:
        """The moment of the next timer, or None."""
        return min(self.timers.values()) if self.timers else None

    def duration(self, timer: Timer) -> float:
        """Return the seconds until `timer`, just started, fires."""
        raise NotImplementedError

    def step(self, event: StrEnum, now: float, message: Message | None = None) -> None:
        """Make the move of `event`. Raises `IllegalMove` and changes nothing when there is none."""
        move = self.table.get((self.state, event))
        if move is None:
            raise IllegalMove(f"{type(self).__name__}: {event} in {self.state}")
        self.state = move.to
        for timer in move.stop:
            self.timers.pop(timer, None)
        for timer in move.start:
            self.timers[timer] = now + self.duration(timer)
        for action in move.do:
            self._act(action, message)
        if move.to == self.final:
            self._end()
        elif move.start and any(self.timers[t] <= now for t in move.start):
            self.advance(now)  # K, D, I, J of reliable transports last no time at all

    def _act(self, action: Do, message: Message | None) -> None:
        match action:
            case Do.SEND:
                if message is not None:
                    self.last_sent = message.to_bytes()
                self.effects.append(Transmit(self.last_sent))
            case Do.RESEND:
                if self.last_sent:
                    self.effects.append(Transmit(self.last_sent))
            case Do.ACK:
                self.effects.append(Transmit(self.acknowledgement(message)))
            case Do.DELIVER if message is not None:
                self.effects.append(Deliver(message))
            case Do.TIMED_OUT:
                self.effects.append(TimedOut())
            case Do.FAILED:
                self.effects.append(TransportFailed())

    def acknowledgement(self, response: Message | None) -> bytes:
        """Return the ACK to a final response; only the INVITE client has one."""
        raise NotImplementedError

    def _end(self) -> None:
        self.timers.clear()
        self.effects.append(Terminated())

    def advance(self, now: float) -> None:
        """Fire every timer that is due, earliest first."""
        while self.timers:
            timer = min(self.timers, key=self.timers.__getitem__)
            if self.timers[timer] > now:
                return
            due = self.timers.pop(timer)
            # Stepping at the due moment keeps the backoff exact when the caller wakes late.
            self.step(timer, due)

    def drain(self) -> list[Effect]:
        """Return the effects so far and forget them."""
        effects, self.effects = self.effects, []
        return effects


class ServerTransaction(Transaction):
    """A server transaction: keeps the request that it answers."""

    __slots__ = ("request",)

    def __init__(self, state: StrEnum, flow: Flow, request: Request) -> None:
        super().__init__(state, flow)
        self.request = request

    def respond(self, response: Response, now: float) -> None:
        """Send a response. Raises `IllegalMove` after a final one."""
        raise NotImplementedError

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        raise NotImplementedError


class ClientTransaction(Transaction):
    """A client transaction: keeps the request that it sent."""

    __slots__ = ("request",)

    def __init__(self, state: StrEnum, flow: Flow, request: Request) -> None:
        super().__init__(state, flow)
        self.request = request

    def receive(self, response: Response, now: float) -> None:
        """Take a response."""
        raise NotImplementedError
