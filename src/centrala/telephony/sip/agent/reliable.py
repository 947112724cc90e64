"""Reliable provisional responses (RFC 3262), as the one who sends them and as the one who
PRACKs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from centrala.telephony.sip.agent.context import Context
from centrala.telephony.sip.agent.events import Acknowledged, Reoffer
from centrala.telephony.sip.agent.session import Offer, Pending, Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.headers.small import RAck, parse_rack
from centrala.telephony.sip.limits import MAX_CSEQ, MAX_PENDING_RELIABLE
from centrala.telephony.sip.message import Response
from centrala.telephony.sip.transaction.machine import T1, TIMEOUT, ServerTransaction

Send = Callable[[int], Response]
"""Sends the response with the RSeq it is given; returns it for retransmission."""


@dataclass(slots=True)
class _Line:
    """What one incoming call still has to get acknowledged, in order."""

    transaction: ServerTransaction
    rseq: int
    waiting: deque[tuple[Send, bool]] = field(default_factory=deque)
    current: Response | None = None
    with_sdp: bool = False
    interval: float = T1
    since: float = 0.0
    then: Callable[[float], None] | None = None  # the 2xx that waits for the PRACK


class Reliable:
    """Both sides of RFC 3262 for all sessions."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions
        self._lines: dict[DialogId, _Line] = {}
        self.pending: dict[str, Pending] = {}  # shared with `reoffer`, which answers exchanges
        self.give_up: Callable[[Session, float], None] | None = None  # set by `incoming`
        sessions.on_end.append(self._forget)

    def __len__(self) -> int:
        return len(self._lines)

    def _forget(self, session: Session, _now: float) -> None:
        self._lines.pop(session.id, None)

    # As the callee

    def send(
        self,
        session: Session,
        transaction: ServerTransaction,
        now: float,
        *,
        with_sdp: bool,
        send: Send,
    ) -> None:
        """Send a reliable response now, or when those before it are acknowledged."""
        line = self._lines.get(session.id)
        if line is None:
            # RFC 3262 3: the first RSeq is a random number below 2**31.
            start = self._context.tokens.below(MAX_CSEQ // 2)
            line = self._lines[session.id] = _Line(transaction, start)
        if len(line.waiting) >= MAX_PENDING_RELIABLE:
            raise NotAllowed("too many unacknowledged provisional responses")
        line.waiting.append((send, with_sdp))
        if line.current is None:
            self._next(session, line, now)

    def _next(self, session: Session, line: _Line, now: float) -> None:
        line.current = None
        if not line.waiting:
            self._context.schedule.set(("reliable", session.id), None)
            if line.then is not None:
                then, line.then = line.then, None
                then(now)
            return
        send, line.with_sdp = line.waiting.popleft()
        line.rseq += 1
        line.interval, line.since = T1, now
        line.current = send(line.rseq)
        self._context.schedule.set(("reliable", session.id), now + T1)

    def on_timer(self, session: Session, now: float) -> None:
        """Send the unacknowledged response again, doubling; after 64*T1 the call fails (3)."""
        line = self._lines.get(session.id)
        if line is None or line.current is None:
            return
        if now >= line.since + TIMEOUT:  # this form: the deadline was computed by the same sum
            del self._lines[session.id]
            if self.give_up is not None:
                self.give_up(session, now)
            return
        self._context.layer.respond(line.transaction, line.current, now)
        self._context.pump(now)
        line.interval *= 2
        self._context.schedule.set(("reliable", session.id), min(now + line.interval, line.since + TIMEOUT))

    def before_answer(self, session: Session, then: Callable[[float], None], now: float) -> None:
        """Run `then`, the sending of the 2xx, once no session description is unacknowledged (5)."""
        line = self._lines.get(session.id)
        if line is not None:
            line.waiting.clear()
            if line.current is not None and line.with_sdp:
                line.then = then
                return
        # RFC 3262 3: no more of the provisional response, but its PRACK is still to be answered.
        self._context.schedule.set(("reliable", session.id), None)
        then(now)

    def on_prack(self, transaction: ServerTransaction, session: Session, now: float) -> None:
        """Take a PRACK: 481 unless it names the response that waits (3)."""
        request = transaction.request
        line = self._lines.get(session.id)
        rack = parse_rack(request.headers.get("rack") or "")
        if line is None or line.current is None or not _matches(rack, line):
            self._context.reply(transaction, 481, now)
            return
        sdp = request.body_of("application/sdp")
        if sdp is not None and session.offer is Offer.NONE:
            self._offer(transaction, session, sdp, now)
        else:
            self._context.reply(transaction, 200, now)
            if sdp is not None and session.offer is Offer.OURS:
                session.answered(sdp)
                self._context.emit(Acknowledged(session.id, sdp))
        self._next(session, line, now)

    def _offer(self, transaction: ServerTransaction, session: Session, sdp: bytes, now: float) -> None:
        session.they_offer(sdp)
        exchange = self._context.tokens.token(64)
        self.pending[exchange] = Pending(session.id, transaction, sdp)
        self._context.schedule.set(("exchange", exchange), now + T1 * 40)
        self._context.emit(Reoffer(session.id, exchange, transaction.request, sdp))

    # As the caller

    def is_new(self, session: Session, response: Response) -> bool:
        """Whether a reliable response is the next in order; others are dropped (4)."""
        number = response.number("rseq", cap=MAX_CSEQ)
        if number is None:
            return False
        last = session.remote_rseq
        if last is not None and number != last + 1:
            return False
        session.remote_rseq = number
        return True

    def acknowledge(self, session: Session, response: Response, now: float, sdp: bytes | None = None) -> None:
        """Send the PRACK to a reliable response, with our answer when it carried an offer."""
        rseq = response.number("rseq", cap=MAX_CSEQ) or 0
        rack = RAck(rseq, response.cseq.number, response.cseq.method)
        body = None if sdp is None else ("application/sdp", sdp)
        self._sessions.send(session, "PRACK", now, headers=[("RAck", str(rack))], body=body)


def _matches(rack: RAck, line: _Line) -> bool:
    cseq = line.transaction.request.cseq
    return (rack.rseq, rack.cseq, rack.method) == (line.rseq, cseq.number, cseq.method)


def is_reliable(response: Response) -> bool:
    """Whether a provisional response asks for a PRACK."""
    return 100 < response.status < 200 and "100rel" in response.tokens("require")
