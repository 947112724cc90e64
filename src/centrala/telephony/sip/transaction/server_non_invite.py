"""Non-INVITE server transaction: RFC 3261 17.2.2, bounded as RFC 4320 4.2 allows."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.transaction.machine import (
    TIMEOUT,
    Do,
    Move,
    ServerTransaction,
    Table,
    Timer,
)


class State(StrEnum):
    """States of figure 8, RFC 3261."""

    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    TERMINATED = "Terminated"


class Event(StrEnum):
    """What can happen besides timers."""

    REQUEST = "request again"
    SEND_PROVISIONAL = "1xx from the user"
    SEND_FINAL = "200-699 from the user"
    TRANSPORT_ERROR = "transport error"


S, E = State, Event
TABLE: Final[Table] = {
    (S.TRYING, E.REQUEST): Move(S.TRYING),
    (S.TRYING, E.SEND_PROVISIONAL): Move(S.PROCEEDING, (Do.SEND,)),
    (S.TRYING, E.SEND_FINAL): Move(S.COMPLETED, (Do.SEND,), start=(Timer.J,), stop=(Timer.F,)),
    (S.TRYING, E.TRANSPORT_ERROR): Move(S.TERMINATED, (Do.FAILED,)),
    # RFC 4320: 64*T1 after the request its client has given up, an answer would only do harm.
    (S.TRYING, Timer.F): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.PROCEEDING, E.REQUEST): Move(S.PROCEEDING, (Do.RESEND,)),
    (S.PROCEEDING, E.SEND_PROVISIONAL): Move(S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, E.SEND_FINAL): Move(S.COMPLETED, (Do.SEND,), start=(Timer.J,), stop=(Timer.F,)),
    (S.PROCEEDING, E.TRANSPORT_ERROR): Move(S.TERMINATED, (Do.FAILED,)),
    (S.PROCEEDING, Timer.F): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.COMPLETED, E.REQUEST): Move(S.COMPLETED, (Do.RESEND,)),
    (S.COMPLETED, E.TRANSPORT_ERROR): Move(S.TERMINATED),
    (S.COMPLETED, Timer.J): Move(S.TERMINATED),
}


class NonInviteServer(ServerTransaction):
    """Answers a request, and its retransmissions with the same response."""

    __slots__ = ()
    table = TABLE
    final = State.TERMINATED

    def __init__(self, request: Request, flow: Flow, now: float) -> None:
        super().__init__(State.TRYING, flow, request)
        self.timers[Timer.F] = now + TIMEOUT

    def duration(self, timer: Timer) -> float:
        """Return the seconds until `timer` fires."""
        if timer is Timer.J and self.flow.reliable:
            return 0.0
        return TIMEOUT

    def respond(self, response: Response, now: float) -> None:
        """Send a response. Raises `IllegalMove` after a final one."""
        event = Event.SEND_FINAL if response.final else Event.SEND_PROVISIONAL
        self.step(event, now, response)

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        return self.state in {State.COMPLETED, State.TERMINATED}
