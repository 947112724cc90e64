"""INVITE server transaction: RFC 3261 17.2.1 with the Accepted state of RFC 6026 7.1."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.transaction.machine import (
    T1,
    T2,
    T4,
    TIMEOUT,
    Do,
    Move,
    ServerTransaction,
    Table,
    Timer,
)


class State(StrEnum):
    """States of figure 7, RFC 3261, and Accepted of RFC 6026."""

    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    CONFIRMED = "Confirmed"
    ACCEPTED = "Accepted"
    TERMINATED = "Terminated"


class Event(StrEnum):
    """What can happen besides timers."""

    REQUEST = "INVITE again"
    ACK = "ACK"
    SEND_PROVISIONAL = "1xx from the user"
    SEND_SUCCESS = "2xx from the user"
    SEND_FAILURE = "300-699 from the user"
    TRANSPORT_ERROR = "transport error"


S, E = State, Event
TABLE: Final[Table] = {
    (S.PROCEEDING, E.REQUEST): Move(S.PROCEEDING, (Do.RESEND,)),
    (S.PROCEEDING, E.ACK): Move(S.PROCEEDING),
    (S.PROCEEDING, E.SEND_PROVISIONAL): Move(S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, E.SEND_SUCCESS): Move(S.ACCEPTED, (Do.SEND,), start=(Timer.L,)),
    (S.PROCEEDING, E.SEND_FAILURE): Move(S.COMPLETED, (Do.SEND,), start=(Timer.G, Timer.H)),
    # RFC 6026 8.7: the user is told and decides; the transaction does not end by itself.
    (S.PROCEEDING, E.TRANSPORT_ERROR): Move(S.PROCEEDING, (Do.FAILED,)),
    (S.COMPLETED, E.REQUEST): Move(S.COMPLETED, (Do.RESEND,)),
    (S.COMPLETED, E.ACK): Move(S.CONFIRMED, start=(Timer.I,), stop=(Timer.G, Timer.H)),
    (S.COMPLETED, Timer.G): Move(S.COMPLETED, (Do.RESEND,), start=(Timer.G,)),
    (S.COMPLETED, Timer.H): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.COMPLETED, E.TRANSPORT_ERROR): Move(S.TERMINATED),
    (S.CONFIRMED, E.REQUEST): Move(S.CONFIRMED),
    (S.CONFIRMED, E.ACK): Move(S.CONFIRMED),
    (S.CONFIRMED, Timer.I): Move(S.TERMINATED),
    (S.CONFIRMED, E.TRANSPORT_ERROR): Move(S.CONFIRMED),
    # RFC 6026 7.1: INVITEs are absorbed, the user sends the 2xx again itself (RFC 3261 13.3.1.4).
    (S.ACCEPTED, E.REQUEST): Move(S.ACCEPTED),
    (S.ACCEPTED, E.ACK): Move(S.ACCEPTED, (Do.DELIVER,)),
    (S.ACCEPTED, E.SEND_SUCCESS): Move(S.ACCEPTED, (Do.SEND,)),
    (S.ACCEPTED, E.TRANSPORT_ERROR): Move(S.ACCEPTED, (Do.FAILED,)),
    (S.ACCEPTED, Timer.L): Move(S.TERMINATED),
}


class InviteServer(ServerTransaction):
    """Answers an INVITE and sends refusals again until their ACK."""

    __slots__ = ()
    table = TABLE
    final = State.TERMINATED

    def __init__(self, request: Request, flow: Flow) -> None:
        super().__init__(State.PROCEEDING, flow, request)

    def duration(self, timer: Timer) -> float:
        """Return the seconds until `timer` fires; G doubles up to T2, and reliable flows need
        none."""
        if timer is Timer.G:
            if self.flow.reliable:
                return 2 * TIMEOUT  # past H: never
            self.intervals[timer] = interval = min(2 * self.intervals.get(timer, T1 / 2), T2)
            return interval
        if timer is Timer.I:
            return 0.0 if self.flow.reliable else T4
        return TIMEOUT

    def respond(self, response: Response, now: float) -> None:
        """Send a response. Raises `IllegalMove` after a final one, but a 2xx may be sent again."""
        if response.status < 200:
            self.step(Event.SEND_PROVISIONAL, now, response)
        elif response.status < 300:
            self.step(Event.SEND_SUCCESS, now, response)
        else:
            self.step(Event.SEND_FAILURE, now, response)

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        return self.state is not State.PROCEEDING
