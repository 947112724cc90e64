"""Calls that come: ringing, answering, refusing, CANCEL, Replaces (RFC 3261 13.3, 9.2, RFC
3891)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from centrala.telephony.sip.agent.accepts import Accepts
from centrala.telephony.sip.agent.context import Context, Failure, reply_flow
from centrala.telephony.sip.agent.events import By, Cause, IncomingCall
from centrala.telephony.sip.agent.outgoing import reasons_of
from centrala.telephony.sip.agent.refresh import Refresh
from centrala.telephony.sip.agent.reliable import Reliable
from centrala.telephony.sip.agent.session import Offer, Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import DialogId, Event, State, as_callee
from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.small import Reason, parse_replaces
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.session_timer import answer as answer_timer
from centrala.telephony.sip.transaction.machine import ServerTransaction, Transaction
from centrala.telephony.sip.uri import SipUri
from centrala.telephony.sip.validate import check_accept, check_body

SDP = "application/sdp"
Fields = Iterable[tuple[str, str]]


@dataclass(slots=True)
class InviteOwner:
    """Ties the server transaction of a new call to its session."""

    incoming: Incoming
    session: Session

    def on_ack(self, ack: Request, now: float) -> None:
        """Take an ACK that came with the INVITE's branch."""
        self.incoming.accepts.on_ack(self.session, ack, now)

    def on_cancel(self, cancel: Request, now: float) -> None:
        """Refuse the INVITE with 487 (9.2)."""
        reasons = reasons_of(cancel)
        self.incoming.refuse(self.session, 487, now, Cause(By.PEER, 487, reasons))

    def on_failure(self, transaction: Transaction, failure: Failure, now: float) -> None:
        """A caller whose connection is gone before the answer cannot be reached any more."""
        unanswered = self.session.dialog.state is State.EARLY
        if failure is Failure.TRANSPORT and unanswered and transaction.flow.connection:
            self.incoming.refuse(self.session, 480, now, Cause(By.NETWORK, 430))


class Incoming:
    """All calls that come to the agent."""

    def __init__(
        self,
        context: Context,
        sessions: Sessions,
        reliable: Reliable,
        refresh: Refresh,
        accepts: Accepts,
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._reliable = reliable
        self._refresh = refresh
        self.accepts = accepts
        reliable.give_up = lambda session, now: self.refuse(session, 504, now, Cause(By.NETWORK, 504))

    def receive(self, transaction: ServerTransaction, flow: Flow, now: float) -> None:
        """Take a new INVITE. Raises `SipError` with its refusal."""
        request = transaction.request
        if len(self._sessions.by_id) >= self._context.config.most_sessions:
            raise SipError("Overload", status=503, headers=(("Retry-After", "10"),))
        check_body(request, self._context.config.bodies)
        check_accept(request, SDP)
        answer_timer(request, self._context.config.timer)  # 422 before anybody's phone rings
        replaces = self._replaced(request)
        back = reply_flow(request, flow)
        uri = request.uri
        secure = isinstance(uri, SipUri) and uri.secure
        dialog = as_callee(
            request,
            local_tag=self._context.tokens.token(64),
            contact=self._context.contact(back, secure=secure),
            flow=back,
        )
        session = Session(dialog, invite=transaction)
        session.learn(request)
        offer = request.body_of(SDP)
        if offer is not None:
            session.they_offer(offer)
        self._sessions.add(session)
        self._context.server_owners[id(transaction)] = InviteOwner(self, session)
        deadline = now + self._context.config.longest_ringing
        self._context.schedule.set(("ringing", session.id), deadline)
        self._context.reply(transaction, 100, now)
        self._context.emit(IncomingCall(session.id, request, flow, offer, replaces))

    def _replaced(self, request: Request) -> DialogId | None:
        """Return the session that Replaces names (RFC 3891 3). Raises `SipError`."""
        value = request.headers.get("replaces")
        if value is None:
            return None
        wanted = parse_replaces(value)
        found = self._sessions.by_id.get(DialogId(wanted.call_id, wanted.to_tag, wanted.from_tag))
        if found is None:
            raise SipError("No dialog to replace", status=481)
        early = found.dialog.state is State.EARLY
        if early and not found.dialog.caller:
            raise SipError("Early dialog of the callee", status=481)
        if wanted.early_only and not early:
            raise SipError("Dialog is confirmed", status=486)
        return found.id

    def _ringing(self, session: Session) -> ServerTransaction:
        if session.invite is None or session.dialog.state is not State.EARLY:
            raise NotAllowed("the call is answered or over")
        return session.invite

    def ring(self, session: Session, status: int, now: float, sdp: bytes | None, headers: Fields) -> None:
        """Send a provisional response, reliably when the caller and our configuration allow it."""
        transaction = self._ringing(session)
        if not 101 <= status <= 199:
            raise NotAllowed("not a provisional status")
        request = transaction.request
        required = "100rel" in request.tokens("require")
        wanted = self._context.config.reliable_provisional and request.supports("100rel")
        fields = list(headers)
        if not (required or wanted):
            if sdp is not None and session.offer is not Offer.THEIRS:
                raise NotAllowed("an offer needs a reliable response")  # RFC 3261 13.2.1
            self._provisional(session, transaction, status, now, sdp=sdp, fields=fields)
            return
        self._bind_sdp(session, sdp)
        self._reliable.send(
            session,
            transaction,
            now,
            with_sdp=sdp is not None,
            send=lambda rseq: self._provisional(
                session,
                transaction,
                status,
                now,
                sdp=sdp,
                fields=[*fields, ("Require", "100rel"), ("RSeq", str(rseq))],
            ),
        )

    def _bind_sdp(self, session: Session, sdp: bytes | None) -> None:
        if sdp is None:
            return
        if session.offer is Offer.THEIRS:
            session.answered(sdp)
        else:
            session.we_offer(sdp)

    def _provisional(
        self,
        session: Session,
        transaction: ServerTransaction,
        status: int,
        now: float,
        *,
        sdp: bytes | None,
        fields: list[tuple[str, str]],
    ) -> Response:
        return self._context.reply(
            transaction,
            status,
            now,
            to_tag=session.id.local_tag,
            headers=[*fields, *self._context.capabilities()],
            body=None if sdp is None else (SDP, sdp),
            dialog_contact=session.dialog.contact,
        )

    def answer(self, session: Session, now: float, sdp: bytes | None, headers: Fields) -> None:
        """Send the 200, after the PRACKs that it must wait for."""
        transaction = self._ringing(session)
        fields = list(headers)
        if session.offer is Offer.THEIRS and sdp is None:
            raise NotAllowed("the offer needs an answer")

        def accept(at: float) -> None:
            if session.invite is transaction and session.dialog.state is State.EARLY:
                self._accept(session, transaction, sdp, fields, at)

        self._reliable.before_answer(session, accept, now)

    def foresee(self, session: Session, sdp: bytes, now: float) -> dict[str, Any]:
        """Return the session as it will be stored after its 200 with `sdp`."""
        transaction = self._ringing(session)
        timer, _ = answer_timer(transaction.request, self._context.config.timer)
        kept = session.to_dict(now)
        kept["dialog"]["state"] = State.CONFIRMED.value
        if session.offer is Offer.THEIRS:
            kept["local_sdp"], kept["remote_sdp"] = sdp.decode(), session.offered.decode(errors="replace")
        kept["timer"] = None if timer is None else timer.to_dict()
        kept["refreshed_ago"] = 0.0
        return kept

    def _accept(
        self,
        session: Session,
        transaction: ServerTransaction,
        sdp: bytes | None,
        fields: list[tuple[str, str]],
        now: float,
    ) -> None:
        body: tuple[str, bytes] | None = None
        if session.offer is Offer.THEIRS and sdp is not None:
            session.answered(sdp)
            body = (SDP, sdp)
        elif session.offer is Offer.NONE and not session.local_sdp and sdp is not None:
            session.we_offer(sdp)
            body = (SDP, sdp)
        timer, timer_fields = answer_timer(transaction.request, self._context.config.timer)
        session.dialog.move(Event.ANSWERED)
        self._context.schedule.set(("ringing", session.id), None)
        response = self._context.reply(
            transaction,
            200,
            now,
            to_tag=session.id.local_tag,
            headers=[*fields, *self._context.capabilities(), *timer_fields],
            body=body,
            dialog_contact=session.dialog.contact,
        )
        self._refresh.start(session, timer, now)
        self.accepts.start(session, transaction, response, now)

    def reject(self, session: Session, status: int, now: float, headers: Fields) -> None:
        """Refuse a call that is not answered yet."""
        self._ringing(session)
        if not 300 <= status <= 699:
            raise NotAllowed("not a refusal")
        self.refuse(session, status, now, Cause(By.US, status), headers)

    def refuse(self, session: Session, status: int, now: float, cause: Cause, headers: Fields = ()) -> None:
        """Send a refusal, if the call is unanswered, and end the session."""
        transaction = session.invite
        if transaction is None or session.dialog.state is not State.EARLY:
            return
        session.offer_refused()
        if not transaction.answered:
            fields = list(headers) or [("Reason", str(r)) for r in _own(cause)]
            self._context.reply(transaction, status, now, to_tag=session.id.local_tag, headers=fields)
        self._sessions.end(session, Event.REFUSED, cause, now)

    def on_timer(self, session: Session, now: float) -> None:
        """Refuse what nobody answers."""
        self.refuse(session, 480, now, Cause(By.NETWORK, 480))


def _own(cause: Cause) -> tuple[Reason, ...]:
    return cause.reasons if cause.by is By.US else ()
