"""The 2xx to an INVITE until its ACK (RFC 3261 13.3.1.4), for new calls and those under way
alike."""

from __future__ import annotations

from dataclasses import dataclass

from centrala.telephony.sip.agent.context import Context
from centrala.telephony.sip.agent.events import Acknowledged, By, Cause
from centrala.telephony.sip.agent.session import Offer, Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import DialogId, Event
from centrala.telephony.sip.headers.small import Reason
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.transaction.machine import (
    T1,
    T2,
    TIMEOUT,
    IllegalMove,
    ServerTransaction,
)


@dataclass(slots=True)
class _Accepted:
    session: Session
    transaction: ServerTransaction
    response: Response
    since: float
    interval: float = T1
    hangup: tuple[Reason, ...] | None = None  # a BYE that waits for the ACK (RFC 3261 15)
    ended: bool = False  # the session; the 2xx is still owed


class Accepts:
    """Every 2xx of ours that has no ACK yet, one for each session."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions
        self._open: dict[DialogId, _Accepted] = {}
        sessions.on_end.append(self._forget)

    def __len__(self) -> int:
        return len(self._open)

    def _forget(self, session: Session, _now: float) -> None:
        """A call that ends leaves its 2xx to be sent on: the BYE may have overtaken the 2xx to a change, and a client
        that had a provisional response asks no more, so that it would wait for ever (13.3.1.4)."""
        kept = self._open.get(session.id)
        if kept is not None:
            kept.ended = True

    def _close(self, session: DialogId) -> _Accepted | None:
        self._context.schedule.set(("accepted", session), None)
        return self._open.pop(session, None)

    def waiting(self, session: Session) -> bool:
        """Whether the session's last 2xx is not acknowledged."""
        return session.id in self._open

    def start(self, session: Session, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Watch a 2xx that was just sent."""
        self._open[session.id] = _Accepted(session, transaction, response, now)
        self._context.schedule.set(("accepted", session.id), now + T1)

    def on_timer(self, session: DialogId, now: float) -> None:
        """Send the 2xx again, on any transport, up to T2 apart; after 64*T1 end the call."""
        kept = self._open.get(session)
        if kept is None:
            return
        if now >= kept.since + TIMEOUT:  # this form: the deadline was computed by the same sum
            self._give_up(kept, now)
            return
        try:
            self._context.layer.respond(kept.transaction, kept.response, now)
        except IllegalMove:
            # Timer L and this give-up fall on the same moment; the transaction may go first.
            self._context.counters["late_2xx"] += 1
        self._context.pump(now)
        kept.interval = min(2 * kept.interval, T2)
        self._context.schedule.set(("accepted", session), min(now + kept.interval, kept.since + TIMEOUT))

    def _give_up(self, kept: _Accepted, now: float) -> None:
        self._close(kept.session.id)
        self._context.counters["acks_missing"] += 1
        if kept.ended:
            return
        self._sessions.bye(kept.session, now, kept.hangup or [Reason("SIP", 408, "No ACK")])
        by = By.NETWORK if kept.hangup is None else By.US
        self._sessions.end(kept.session, Event.UNACKNOWLEDGED, Cause(by, 408), now)

    def hang_up(self, session: Session, reasons: tuple[Reason, ...]) -> None:
        """Send the BYE when the ACK has come or can come no more."""
        self._open[session.id].hangup = reasons

    def session_of(self, dialog: DialogId) -> Session | None:
        """Return the session that has ended while its 2xx was on the way."""
        kept = self._open.get(dialog)
        return None if kept is None else kept.session

    def on_ack(self, session: Session, ack: Request, now: float) -> None:
        """Take an ACK; one to another INVITE, or the same again, means nothing."""
        kept = self._open.get(session.id)
        if kept is None or ack.cseq.number != kept.transaction.request.cseq.number:
            return
        self._close(session.id)
        if session.invite is kept.transaction:
            session.invite = None
        if kept.ended:
            return
        if kept.hangup is not None:
            self._sessions.bye(session, now, kept.hangup)
            self._sessions.end(session, Event.BYE, Cause(By.US, 200, kept.hangup), now)
            return
        sdp = ack.body_of("application/sdp")
        if session.offer is not Offer.OURS:
            self._context.emit(Acknowledged(session.id))
        elif sdp is not None:
            session.answered(sdp)
            self._context.emit(Acknowledged(session.id, sdp))
        else:
            # RFC 3261 13.2.1: the offer of our 2xx had to be answered here; nothing can be heard.
            reason = Reason("SIP", 488, "No answer in ACK")
            self._sessions.bye(session, now, [reason])
            self._sessions.end(session, Event.BYE, Cause(By.US, 488, (reason,)), now)
