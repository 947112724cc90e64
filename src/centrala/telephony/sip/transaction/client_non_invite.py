"""Non-INVITE client transaction: RFC 3261 17.1.2."""

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
    ClientTransaction,
    Do,
    Move,
    Table,
    Timer,
)


class State(StrEnum):
    """States of figure 6, RFC 3261."""

    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    TERMINATED = "Terminated"


class Event(StrEnum):
    """What can happen besides timers."""

    PROVISIONAL = "1xx"
    FINAL = "200-699"
    TRANSPORT_ERROR = "transport error"


S, E = State, Event
TABLE: Final[Table] = {
    (S.TRYING, Timer.E): Move(S.TRYING, (Do.RESEND,), start=(Timer.E,)),
    (S.TRYING, Timer.F): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.TRYING, E.PROVISIONAL): Move(S.PROCEEDING, (Do.DELIVER,)),
    (S.TRYING, E.FINAL): Move(S.COMPLETED, (Do.DELIVER,), start=(Timer.K,), stop=(Timer.E, Timer.F)),
    (S.TRYING, E.TRANSPORT_ERROR): Move(S.TERMINATED, (Do.FAILED,)),
    (S.PROCEEDING, Timer.E): Move(S.PROCEEDING, (Do.RESEND,), start=(Timer.E,)),
    (S.PROCEEDING, Timer.F): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.PROCEEDING, E.PROVISIONAL): Move(S.PROCEEDING, (Do.DELIVER,)),
    (S.PROCEEDING, E.FINAL): Move(S.COMPLETED, (Do.DELIVER,), start=(Timer.K,), stop=(Timer.E, Timer.F)),
    (S.PROCEEDING, E.TRANSPORT_ERROR): Move(S.TERMINATED, (Do.FAILED,)),
    (S.COMPLETED, E.PROVISIONAL): Move(S.COMPLETED),
    (S.COMPLETED, E.FINAL): Move(S.COMPLETED),
    (S.COMPLETED, E.TRANSPORT_ERROR): Move(S.TERMINATED),
    (S.COMPLETED, Timer.K): Move(S.TERMINATED),
}


class NonInviteClient(ClientTransaction):
    """Sends a request until its final response."""

    __slots__ = ()
    table = TABLE
    final = State.TERMINATED

    def __init__(self, request: Request, flow: Flow, now: float) -> None:
        super().__init__(State.TRYING, flow, request)
        self._act(Do.SEND, request)
        if not flow.reliable:
            self.timers[Timer.E] = now + self.duration(Timer.E)
        self.timers[Timer.F] = now + TIMEOUT

    def duration(self, timer: Timer) -> float:
        """Return the seconds until `timer` fires; E doubles up to T2."""
        if timer is Timer.E:
            # RFC 3261 17.1.2.2: while PROCEEDING, Timer E stays at T2.
            last = self.intervals.get(timer, T1 / 2)
            interval = T2 if self.state is State.PROCEEDING else min(2 * last, T2)
            self.intervals[timer] = interval
            return interval
        if timer is Timer.K:
            return 0.0 if self.flow.reliable else T4
        return TIMEOUT

    def receive(self, response: Response, now: float) -> None:
        """Take a response."""
        self.step(Event.FINAL if response.final else Event.PROVISIONAL, now, response)
