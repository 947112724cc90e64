"""From the wire to the part that serves a message (RFC 3261 8.2, 18.2.1)."""

from __future__ import annotations

import hashlib

from centrala.telephony.sip.agent.accepts import Accepts
from centrala.telephony.sip.agent.context import Context, reply_flow
from centrala.telephony.sip.agent.events import By, Cause, Send
from centrala.telephony.sip.agent.incoming import Incoming
from centrala.telephony.sip.agent.outgoing import reasons_of
from centrala.telephony.sip.agent.plain import Plain
from centrala.telephony.sip.agent.reliable import Reliable
from centrala.telephony.sip.agent.reoffer import Reoffers
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.agent.transfer import Transfers
from centrala.telephony.sip.dialog import Event, State, id_of_request, id_of_response
from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import answer_error
from centrala.telephony.sip.transaction.layer import client_key
from centrala.telephony.sip.transaction.machine import IllegalMove, ServerTransaction
from centrala.telephony.sip.validate import check_request, check_response, check_syntax

# Requests that mean nothing without a dialog.
_IN_DIALOG = frozenset({"BYE", "PRACK", "UPDATE", "INFO", "NOTIFY", "REFER"})
PONG = b"\r\n"


class Dispatch:
    """Takes every message that comes and finds who serves it."""

    def __init__(
        self,
        context: Context,
        sessions: Sessions,
        *,
        accepts: Accepts,
        incoming: Incoming,
        plain: Plain,
        reliable: Reliable,
        reoffers: Reoffers,
        transfers: Transfers,
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._accepts = accepts
        self._incoming = incoming
        self._plain = plain
        self._reliable = reliable
        self._reoffers = reoffers
        self._transfers = transfers
        self._secret = context.tokens.token(128).encode()

    def datagram(self, data: bytes, flow: Flow, now: float) -> None:
        """Take one datagram or WebSocket message."""
        try:
            message = parse_datagram(data)
        except ParseError as problem:
            self.message(problem, flow, now)
            return
        if message is None:
            self._context.counters["keepalives"] += 1
            if data == b"\r\n\r\n" and flow.reliable:
                self._context.emit(Send(flow, PONG))  # RFC 5626 3.5.1
            return
        self.message(message, flow, now)

    def message(self, message: Request | Response | ParseError, flow: Flow, now: float) -> None:
        """Take one message or what is left of one."""
        if isinstance(message, ParseError):
            if isinstance(message.message, Request):
                self._refuse(message.message, message, flow)
            else:
                self._context.counters["malformed_dropped"] += 1
        elif isinstance(message, Request):
            self._request(message, flow, now)
        else:
            self._response(message, now)

    def _response(self, response: Response, now: float) -> None:
        try:
            check_syntax(response)
            check_response(response)
        except ParseError:
            self._context.counters["malformed_dropped"] += 1
            return
        key = client_key(response)
        if key[2] == "ACK" or not self._context.layer.receive(response, now):
            self._context.counters["stray_responses"] += 1
            self._stray_answer(response, now)
        self._context.pump(now)

    def _stray_answer(self, response: Response, now: float) -> None:
        """A 2xx whose INVITE we have forgotten, as after a restart: its ACK is still owed."""
        if response.cseq.method != "INVITE" or not 200 <= response.status < 300:
            return
        session = self._sessions.by_id.get(id_of_response(response))
        if session is not None and session.dialog.state is State.CONFIRMED:
            self._sessions.acknowledge(session, response.cseq.number, now)

    def _refuse(self, request: Request, problem: SipError, flow: Flow) -> None:
        """Answer without a transaction; the same request again gets the same tag (8.2.7)."""
        self._context.counters[f"refused_{problem.status}"] += 1
        seed = f"{request.headers.get('via')}{request.headers.get('call-id')}".encode()
        tag = hashlib.sha256(self._secret + seed).hexdigest()[:16]
        try:
            back = reply_flow(_stamped(request, flow), flow)
        except ParseError:
            back = flow  # the Via cannot be read: the source is all there is
        response = answer_error(request, problem, to_tag=tag)
        if response is not None:
            self._context.emit(Send(back, response.to_bytes()))

    def _request(self, request: Request, flow: Flow, now: float) -> None:
        config = self._context.config
        try:
            check_syntax(request)
            check_request(request, methods=config.methods, extensions=config.extensions)
            _stamped(request, flow)
            if request.method == "ACK":
                self._ack(request, now)
                return
            if self._context.layer.absorb(request, now):
                self._context.pump(now)
                return
            transaction = self._context.layer.accept(request, reply_flow(request, flow), now)
        except SipError as problem:
            self._refuse(request, problem, flow)
            return
        try:
            self._serve(transaction, flow, now)
        except SipError as problem:
            self._context.counters[f"refused_{problem.status}"] += 1
            phrase = problem.reason if problem.status == 400 else None
            self._context.reply(
                transaction,
                problem.status or 400,
                now,
                headers=problem.headers,
                reason=phrase,
            )
        self._context.pump(now)

    def _ack(self, ack: Request, now: float) -> None:
        if self._context.layer.absorb(ack, now):
            self._context.pump(now)
            return
        session = self._sessions.find(ack) or self._accepts.session_of(id_of_request(ack))
        if session is None:
            self._context.counters["stray_acks"] += 1
            return
        self._accepts.on_ack(session, ack, now)

    def _serve(self, transaction: ServerTransaction, flow: Flow, now: float) -> None:
        request = transaction.request
        if request.method == "CANCEL":
            self._cancel(transaction, now)
        elif request.to.tag is not None:
            self._within(transaction, flow, now)
        elif request.method == "INVITE":
            self._incoming.receive(transaction, flow, now)
        elif request.method == "OPTIONS":
            self._plain.options(transaction, now)
        elif request.method in _IN_DIALOG:
            raise SipError("No dialog", status=481)
        else:
            self._plain.receive(transaction, None, flow)

    def _cancel(self, transaction: ServerTransaction, now: float) -> None:
        invite = self._context.layer.find_server(transaction.request, "INVITE")
        if invite is None:
            raise SipError("No transaction", status=481)
        self._context.reply(transaction, 200, now)
        owner = self._context.server_owners.get(id(invite))
        if owner is not None and not invite.answered:
            owner.on_cancel(transaction.request, now)

    def _within(self, transaction: ServerTransaction, flow: Flow, now: float) -> None:
        request = transaction.request
        session = self._sessions.find(request)
        if session is None:
            raise SipError("No dialog", status=481)
        config = self._context.config
        if config.same_source and not (_familiar(session, flow) or config.familiar(flow)):
            # 481 tells a stranger nothing about the dialogs that there are.
            self._context.counters["foreign_source"] += 1
            raise SipError("No dialog", status=481)
        session.dialog.check_order(request)
        if flow.connection:
            session.dialog.flow = flow  # RFC 5626: the newest connection is the one that works
        self._by_method(transaction, session, flow, now)

    def _by_method(self, transaction: ServerTransaction, session: Session, flow: Flow, now: float) -> None:
        handlers = {
            "BYE": self._bye,
            "INVITE": self._reoffers.receive_invite,
            "UPDATE": self._reoffers.receive_update,
            "PRACK": self._reliable.on_prack,
            "REFER": self._transfers.receive,
            "NOTIFY": self._transfers.on_notify,
        }
        method = transaction.request.method
        if method in handlers:
            handlers[method](transaction, session, now)
        elif method == "INFO":
            self._plain.info(transaction, session, flow, now)
        elif method == "OPTIONS":
            self._plain.options(transaction, now)
        else:
            self._plain.receive(transaction, session, flow)

    def _bye(self, transaction: ServerTransaction, session: Session, now: float) -> None:
        self._context.reply(transaction, 200, now)
        cause = Cause(By.PEER, 200, reasons_of(transaction.request))
        invite = session.invite
        if session.dialog.state is State.EARLY and invite is not None and not invite.answered:
            # RFC 3261 15.1.2: a BYE to an early dialog leaves its INVITE to be refused.
            self._incoming.refuse(session, 487, now, cause)
            return
        try:
            self._sessions.end(session, Event.BYE, cause, now)
        except IllegalMove:
            self._context.counters["odd_bye"] += 1


def _stamped(request: Request, flow: Flow) -> Request:
    """Fill received and rport into the top Via (18.2.1, RFC 3581 4)."""
    vias = request.vias
    if not vias:
        raise ParseError("Missing Via header field")
    address, port = flow.remote
    stamped = vias[0].stamped(address, port)
    if stamped is not vias[0]:
        first = request.headers.all("via")[0]
        _, comma, rest = first.partition(",")
        single = len(vias) == 1 or not comma
        request.headers.replace_first("Via", str(stamped) if single else f"{stamped},{rest}")
    return request


def _familiar(session: Session, flow: Flow) -> bool:
    """Whether a flow's IP is one that this dialog has to do with."""
    known = session.dialog.flow
    if known is None or flow.remote[0] == known.remote[0]:
        return True
    texts = (session.dialog.remote_target, *session.dialog.route_set)
    return any(flow.remote[0] in text for text in texts)
