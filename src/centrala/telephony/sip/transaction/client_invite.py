"""INVITE client transaction: RFC 3261 17.1.1 with the Accepted state of RFC 6026 7.2."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Headers, Message, Request, Response
from centrala.telephony.sip.transaction.machine import (
    T1,
    TIMEOUT,
    ClientTransaction,
    Do,
    Move,
    Table,
    Timer,
)

_TIMER_D: Final = 32.0  # seconds; RFC 3261 17.1.1.2: at least 32 on unreliable transports


class State(StrEnum):
    """States of figure 5, RFC 3261, and Accepted of RFC 6026."""

    CALLING = "Calling"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    ACCEPTED = "Accepted"
    TERMINATED = "Terminated"


class Event(StrEnum):
    """What can happen besides timers."""

    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "300-699"
    TRANSPORT_ERROR = "transport error"
    GIVE_UP = "given up by the user"


S, E = State, Event
TABLE: Final[Table] = {
    (S.CALLING, Timer.A): Move(S.CALLING, (Do.RESEND,), start=(Timer.A,)),
    (S.CALLING, Timer.B): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.CALLING, E.PROVISIONAL): Move(S.PROCEEDING, (Do.DELIVER,), stop=(Timer.A, Timer.B)),
    (S.CALLING, E.SUCCESS): Move(S.ACCEPTED, (Do.DELIVER,), start=(Timer.M,), stop=(Timer.A, Timer.B)),
    (S.CALLING, E.FAILURE): Move(S.COMPLETED, (Do.ACK, Do.DELIVER), start=(Timer.D,), stop=(Timer.A, Timer.B)),
    (S.CALLING, E.TRANSPORT_ERROR): Move(S.TERMINATED, (Do.FAILED,)),
    (S.CALLING, E.GIVE_UP): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.PROCEEDING, E.PROVISIONAL): Move(S.PROCEEDING, (Do.DELIVER,)),
    (S.PROCEEDING, E.SUCCESS): Move(S.ACCEPTED, (Do.DELIVER,), start=(Timer.M,)),
    (S.PROCEEDING, E.FAILURE): Move(S.COMPLETED, (Do.ACK, Do.DELIVER), start=(Timer.D,)),
    (S.PROCEEDING, E.TRANSPORT_ERROR): Move(S.TERMINATED, (Do.FAILED,)),
    # RFC 3261 9.1: 64*T1 after a CANCEL without a final response, the transaction may be destroyed.
    (S.PROCEEDING, E.GIVE_UP): Move(S.TERMINATED, (Do.TIMED_OUT,)),
    (S.COMPLETED, E.FAILURE): Move(S.COMPLETED, (Do.ACK,)),
    (S.COMPLETED, E.PROVISIONAL): Move(S.COMPLETED),
    (S.COMPLETED, E.SUCCESS): Move(S.COMPLETED),
    (S.COMPLETED, Timer.D): Move(S.TERMINATED),
    (S.COMPLETED, E.TRANSPORT_ERROR): Move(S.TERMINATED),
    (S.COMPLETED, E.GIVE_UP): Move(S.COMPLETED),
    # RFC 6026 7.2: every 2xx goes up, since each may be another fork; nothing else does.
    (S.ACCEPTED, E.SUCCESS): Move(S.ACCEPTED, (Do.DELIVER,)),
    (S.ACCEPTED, E.PROVISIONAL): Move(S.ACCEPTED),
    (S.ACCEPTED, E.FAILURE): Move(S.ACCEPTED),
    (S.ACCEPTED, E.TRANSPORT_ERROR): Move(S.ACCEPTED),
    (S.ACCEPTED, E.GIVE_UP): Move(S.ACCEPTED),
    (S.ACCEPTED, Timer.M): Move(S.TERMINATED),
}


class InviteClient(ClientTransaction):
    """Sends an INVITE until it is answered; acknowledges refusals by itself."""

    __slots__ = ()
    table = TABLE
    final = State.TERMINATED

    def __init__(self, request: Request, flow: Flow, now: float) -> None:
        super().__init__(State.CALLING, flow, request)
        self._act(Do.SEND, request)
        if not flow.reliable:
            self.timers[Timer.A] = now + self.duration(Timer.A)
        self.timers[Timer.B] = now + TIMEOUT

    def duration(self, timer: Timer) -> float:
        """Return the seconds until `timer` fires; A doubles with each start."""
        if timer is Timer.A:
            self.intervals[timer] = interval = 2 * self.intervals.get(timer, T1 / 2)
            return interval
        if timer is Timer.D:
            return 0.0 if self.flow.reliable else _TIMER_D
        return TIMEOUT

    def receive(self, response: Response, now: float) -> None:
        """Take a response."""
        if response.status < 200:
            self.step(Event.PROVISIONAL, now, response)
        else:
            self.step(Event.SUCCESS if response.status < 300 else Event.FAILURE, now, response)

    def acknowledgement(self, response: Message | None) -> bytes:
        """Return the ACK of 17.1.1.3: the INVITE's top Via, the response's To, the same routes."""
        sent = self.request
        fields = [
            ("Via", str(sent.via)),
            *(("Route", value) for value in sent.headers.all("route")),
            ("Max-Forwards", sent.headers.get("max-forwards") or "70"),
            ("From", sent.headers.get("from") or ""),
            ("To", (response or sent).headers.get("to") or ""),
            ("Call-ID", sent.call_id),
            ("CSeq", f"{sent.cseq.number} ACK"),
        ]
        # RFC 3261 22.1: the ACK carries the credentials of its INVITE.
        fields += [
            (name, value) for name in ("Authorization", "Proxy-Authorization") for value in sent.headers.all(name)
        ]
        return Request("ACK", sent.target, Headers(fields)).to_bytes()
