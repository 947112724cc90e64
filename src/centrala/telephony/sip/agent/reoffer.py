"""Changes of a call under way: re-INVITE and UPDATE both ways, glare and its retry.

RFC 3261 section 14, RFC 3311 section 5, RFC 6337 section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from centrala.telephony.sip.agent.accepts import Accepts
from centrala.telephony.sip.agent.context import Context, Failure
from centrala.telephony.sip.agent.events import Reoffer, ReofferAnswered, ReofferRefused
from centrala.telephony.sip.agent.refresh import Refresh
from centrala.telephony.sip.agent.session import Offer, Pending, Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import DialogId, State
from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.session_timer import answer as answer_timer
from centrala.telephony.sip.session_timer import request_headers
from centrala.telephony.sip.transaction.machine import ServerTransaction, Transaction
from centrala.telephony.sip.validate import check_body

SDP = "application/sdp"
MAX_GLARE_RETRIES = 5  # tries of one offer that keeps meeting 491
LONGEST_EXCHANGE = 20.0  # seconds for our side to decide; the peer's transaction ends at 32
_BUSY = (("Retry-After", "5"),)


@dataclass(slots=True)
class _Wanted:
    sdp: bytes
    method: str
    tries: int = 0


@dataclass(slots=True)
class ReinviteOwner:
    """Ties the server transaction of a re-INVITE to its session."""

    reoffers: Reoffers
    session: Session
    exchange: str = ""

    def on_ack(self, ack: Request, now: float) -> None:
        """Take an ACK that came with the INVITE's branch."""
        self.reoffers.accepts.on_ack(self.session, ack, now)

    def on_cancel(self, _cancel: Request, now: float) -> None:
        """Refuse the re-INVITE; the call goes on as it was (14.2)."""
        if self.exchange in self.reoffers.pending:
            self.reoffers.refuse(self.exchange, 487, now)

    def on_failure(self, _transaction: Transaction, _failure: Failure, _now: float, /) -> None:
        """Leave it to the session timer to find out whether the peer is gone."""


class Reoffers:
    """All exchanges within calls. `pending` is shared with `reliable`, where PRACK may offer
    too."""

    def __init__(
        self,
        context: Context,
        sessions: Sessions,
        refresh: Refresh,
        accepts: Accepts,
        pending: dict[str, Pending],
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._refresh = refresh
        self.accepts = accepts
        self.pending = pending
        self._wanted: dict[DialogId, _Wanted] = {}
        sessions.on_end.append(self._forget)

    def _forget(self, session: Session, now: float) -> None:
        self._wanted.pop(session.id, None)
        for exchange in [e for e, p in self.pending.items() if p.session == session.id]:
            self._context.schedule.set(("exchange", exchange), None)
            # RFC 3261 15.1.2: requests that a BYE leaves behind are answered 487.
            kept = self.pending.pop(exchange)
            if not kept.transaction.answered:
                self._context.reply(kept.transaction, 487, now)

    # Offers that come

    def receive_invite(self, transaction: ServerTransaction, session: Session, now: float) -> None:
        """Take a re-INVITE. Raises `SipError`."""
        request = transaction.request
        check_body(request, self._context.config.bodies)
        if session.inviting or session.offer is Offer.OURS:
            raise SipError("Glare", status=491)  # RFC 3261 14.2
        early = session.dialog.state is not State.CONFIRMED
        if early or session.offer is Offer.THEIRS or self._has_pending(session):
            raise SipError("Another INVITE is open", status=500, headers=_BUSY)
        timer, fields = answer_timer(request, self._context.config.timer)
        session.learn(request)
        owner = ReinviteOwner(self, session)
        self._context.server_owners[id(transaction)] = owner
        sdp = request.body_of(SDP)
        if sdp is not None and sdp == session.remote_sdp and session.local_sdp:
            # RFC 4028 7.4, 8: a refresh repeats the description, and gets ours again.
            session.they_offer(sdp)
            self._refresh.start(session, timer, now)
            self._accept(Pending(session.id, transaction, sdp, fields), session, None, now)
            return
        self._context.reply(transaction, 100, now)
        self._refresh.start(session, timer, now)
        owner.exchange = self._open(transaction, session, sdp, fields, now)

    def _has_pending(self, session: Session) -> bool:
        return any(kept.session == session.id for kept in self.pending.values())

    def receive_update(self, transaction: ServerTransaction, session: Session, now: float) -> None:
        """Take an UPDATE. Raises `SipError`."""
        request = transaction.request
        check_body(request, self._context.config.bodies)
        sdp = request.body_of(SDP)
        if sdp is not None:
            if session.offer is Offer.OURS:
                raise SipError("Glare", status=491)  # RFC 3311 5.2
            if session.offer is Offer.THEIRS or self._has_pending(session):
                raise SipError("Another offer is open", status=500, headers=_BUSY)
        timer, fields = answer_timer(request, self._context.config.timer)
        session.learn(request)
        if session.dialog.state is State.CONFIRMED:
            self._refresh.start(session, timer, now)
        else:
            fields = []
        if sdp is None:
            session.dialog.refresh_target(request)
            self._reply(transaction, session, fields, None, now)
            return
        self._open(transaction, session, sdp, fields, now)

    def _open(
        self,
        transaction: ServerTransaction,
        session: Session,
        sdp: bytes | None,
        fields: list[tuple[str, str]],
        now: float,
    ) -> str:
        if sdp is not None:
            session.they_offer(sdp)
        exchange = self._context.tokens.token(64)
        self.pending[exchange] = Pending(session.id, transaction, sdp, fields)
        self._context.schedule.set(("exchange", exchange), now + LONGEST_EXCHANGE)
        self._context.emit(Reoffer(session.id, exchange, transaction.request, sdp))
        return exchange

    def on_timer(self, exchange: str, now: float) -> None:
        """Refuse what our own side has not decided in time, so that the call can go on."""
        kept = self.pending.get(exchange)
        if kept is None:
            return
        self._context.counters["exchanges_undecided"] += 1
        if kept.transaction.answered or kept.session not in self._sessions.by_id:
            del self.pending[exchange]
        else:
            self.refuse(exchange, 500, now)

    def _take(self, exchange: str) -> tuple[Pending, Session]:
        self._context.schedule.set(("exchange", exchange), None)
        kept = self.pending.pop(exchange, None)
        if kept is None or kept.transaction.answered:
            raise NotAllowed("the exchange is over")
        return kept, self._sessions.get(kept.session)

    def accept(self, exchange: str, sdp: bytes, now: float) -> None:
        """Answer an offer (or make one, when the re-INVITE had none)."""
        kept, session = self._take(exchange)
        self._accept(kept, session, sdp, now)

    def _accept(self, kept: Pending, session: Session, sdp: bytes | None, now: float) -> None:
        request = kept.transaction.request
        sdp = sdp if sdp is not None else session.local_sdp
        if kept.offer is None:
            session.we_offer(sdp)
        else:
            session.answered(sdp)
        if request.method != "PRACK":
            session.dialog.refresh_target(request)
            # A NAT may have given the phone another port; the tags have shown that it is the phone.
            session.dialog.flow = kept.transaction.flow
        response = self._reply(kept.transaction, session, kept.headers, sdp, now)
        if request.method == "INVITE":
            self.accepts.start(session, kept.transaction, response, now)

    def _reply(
        self,
        transaction: ServerTransaction,
        session: Session,
        fields: list[tuple[str, str]],
        sdp: bytes | None,
        now: float,
    ) -> Response:
        # RFC 3261 12.1.1 asks for Record-Route only where a dialog is made; here the route is set.
        contact = [] if transaction.request.method == "PRACK" else [("Contact", session.dialog.contact)]
        return self._context.reply(
            transaction,
            200,
            now,
            headers=[*contact, *self._context.capabilities(), *fields],
            body=None if sdp is None else (SDP, sdp),
        )

    def refuse(self, exchange: str, status: int, now: float) -> None:
        """Refuse an exchange; what was in force stays."""
        kept, session = self._take(exchange)
        session.offer_refused()
        self._context.reply(kept.transaction, status, now)

    # Offers that we make

    def offer(
        self,
        session: Session,
        sdp: bytes,
        now: float,
        method: Literal["INVITE", "UPDATE"] | None = None,
    ) -> None:
        """Offer a change. Raises `NotAllowed` while another exchange is open."""
        early = session.dialog.state is State.EARLY
        chosen = method or ("UPDATE" if early else "INVITE")
        if not self._free(session) or (early and chosen == "INVITE"):
            raise NotAllowed("another exchange is open")
        self._wanted[session.id] = _Wanted(sdp, chosen)
        self._send(session, now)

    def _free(self, session: Session) -> bool:
        return (
            session.offer is Offer.NONE
            and not session.inviting
            and session.id not in self._wanted
            and not self._has_pending(session)
            and not self.accepts.waiting(session)
        )

    def _send(self, session: Session, now: float) -> None:
        wanted = self._wanted[session.id]
        wanted.tries += 1
        session.we_offer(wanted.sdp)
        session.inviting = wanted.method == "INVITE"
        fields = [
            *request_headers(self._context.config.timer, session.timer),
            *self._context.capabilities(),
        ]

        def done(response: Response | None, status: int, at: float) -> None:
            self._outcome(session, response, status, at)

        body = (SDP, wanted.sdp)
        self._sessions.send(session, wanted.method, now, headers=fields, body=body, done=done)

    def _outcome(self, session: Session, response: Response | None, status: int, now: float) -> None:
        invited, session.inviting = session.inviting, False
        wanted = self._wanted.pop(session.id, None)
        alive = session.id in self._sessions.by_id
        if response is not None and status < 300:
            sdp = response.body_of(SDP)
            session.dialog.refresh_target(response)
            if invited:
                self._sessions.acknowledge(session, response.cseq.number, now)
            if not alive:
                return
            if sdp is None:
                session.offer_refused()
            else:
                session.answered(sdp)
            self._refresh.outcome(session, response, status, now)
            self._context.emit(ReofferAnswered(session.id, sdp))
            return
        if not alive:
            return
        session.offer_refused()
        if status == 491 and wanted is not None and wanted.tries < MAX_GLARE_RETRIES:
            self._wanted[session.id] = wanted
            self._context.schedule.set(("retry", session.id), now + self._glare_wait(session))
            return
        self._context.emit(ReofferRefused(session.id, status))
        if status in {408, 481}:
            self._sessions.gone(session, status, now)

    def _glare_wait(self, session: Session) -> float:
        """Return seconds in steps of 10 ms: 2.1 to 4 for the Call-ID's owner, else 0 to 2
        (14.1)."""
        if session.dialog.caller:
            return 2.1 + self._context.tokens.below(191) / 100
        return self._context.tokens.below(201) / 100

    def on_retry(self, session: Session, now: float) -> None:
        """Offer again after glare, unless the peer's exchange is still open."""
        wanted = self._wanted.pop(session.id, None)
        if wanted is None:
            return
        if self._free(session):
            self._wanted[session.id] = wanted
            self._send(session, now)
            return
        wanted.tries += 1
        if wanted.tries >= MAX_GLARE_RETRIES:
            self._context.emit(ReofferRefused(session.id, 491))
            return
        self._wanted[session.id] = wanted
        self._context.schedule.set(("retry", session.id), now + self._glare_wait(session))
