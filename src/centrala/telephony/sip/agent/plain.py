"""Requests outside of calls, ours and the peer's, and the small ones within: OPTIONS, INFO."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from centrala.telephony.sip.agent.context import Context, Failure
from centrala.telephony.sip.agent.events import DtmfReceived, Replied, RequestReceived
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.dtmf import PLAIN, RELAY, read_digit
from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.limits import DEFAULT_MAX_FORWARDS, MAX_AUTH_ROUNDS, MAX_PLACES
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.transaction.machine import (
    ClientTransaction,
    ServerTransaction,
    Transaction,
)
from centrala.telephony.sip.uri import Uri

Fields = Iterable[tuple[str, str]]
Body = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Message:
    """A request to send outside of a call, as REGISTER, OPTIONS, MESSAGE.

    REGISTER wants the same `call_id` and a growing `cseq` for each registration (RFC 3261 10.2).
    `contact` True adds our Contact; a REGISTER brings its own in `headers` instead.
    """

    method: str
    target: Uri
    local: NameAddr
    remote: NameAddr | None = None
    flow: Flow | None = None
    hop: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: Body | None = None
    digest: DigestClient | None = None
    call_id: str | None = None
    cseq: int | None = None
    contact: bool = False


@dataclass(slots=True)
class _Asked:
    """One such request under way."""

    plain: Plain
    id: str
    message: Message
    request: Request
    flow: Flow | None = None
    rounds: int = 0
    tried: tuple[Flow, ...] = ()  # places that have failed (RFC 3263 4.3)
    setback: tuple[Response | None, int] | None = None  # how the last one failed

    def on_response(self, _transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take a response."""
        if response.final:
            self.plain.on_response(self, response, now)

    def on_failure(self, _transaction: Transaction, failure: Failure, now: float) -> None:
        """Take the end without a response."""
        status = 408 if failure is Failure.TIMEOUT else 503
        if not self.plain.try_elsewhere(self, None, status, now):
            self.plain.finish(self, None, status)


@dataclass(slots=True)
class _Handed:
    """A request that the agent's user has to answer."""

    plain: Plain
    token: str

    def on_ack(self, _ack: Request, _now: float, /) -> None:
        """Only an INVITE has one."""

    def on_cancel(self, _cancel: Request, _now: float, /) -> None:
        """Ignore it: only an INVITE can be cancelled (9.1)."""

    def on_failure(self, _transaction: Transaction, _failure: Failure, _now: float, /) -> None:
        """Drop what nobody answered in time, or whose flow is gone."""
        if self.plain.servers.pop(self.token, None) is not None:
            self.plain.context.counters["requests_unanswered"] += 1


@dataclass(slots=True)
class Plain:
    """All requests outside of calls."""

    context: Context
    asked: dict[str, _Asked] = field(default_factory=dict)
    servers: dict[str, ServerTransaction] = field(default_factory=dict)  # that the user must answer

    # Ours

    def send(self, message: Message, now: float) -> str:
        """Send a request; return its token, which `Replied` will name."""
        tokens = self.context.tokens
        number = message.cseq if message.cseq is not None else 1 + tokens.below(10_000)
        fields = [
            ("Max-Forwards", str(DEFAULT_MAX_FORWARDS)),
            ("From", str(message.local.with_tag(tokens.token(64)))),
            ("To", str(message.remote or NameAddr(message.target))),
            ("Call-ID", message.call_id or tokens.token(128)),
            ("CSeq", f"{number} {message.method}"),
            *message.headers,
        ]
        request = Request(message.method, str(message.target), Headers(fields))
        if message.body is not None:
            request.set_body(*message.body)
        asked = _Asked(self, tokens.token(64), message, request)
        self.asked[asked.id] = asked
        if message.flow is not None:
            self._send(asked, message.flow, now)
        else:
            self._route(asked, now)
        return asked.id

    def _route(self, asked: _Asked, now: float) -> None:
        uri = asked.message.hop or str(asked.message.target)
        self.context.route(uri, None, now, lambda flow, at: self._send(asked, flow, at), asked.tried)

    def try_elsewhere(self, asked: _Asked, response: Response | None, status: int, now: float) -> bool:
        """RFC 3263 4.3: the same request with another branch goes to the next place. False when it may not."""
        if asked.message.flow is not None or asked.flow is None or len(asked.tried) >= MAX_PLACES:
            return False
        asked.tried += (asked.flow,)
        asked.setback = (response, status)
        request = asked.request = asked.request.copy()
        request.headers.remove("Via")
        self._route(asked, now)
        return True

    def _send(self, asked: _Asked, flow: Flow | None, now: float) -> None:
        if flow is None:
            self.finish(asked, *(asked.setback or (None, 503)))
            return
        asked.flow = flow
        request = asked.request
        if asked.message.contact:
            request.headers.set("Contact", self.context.contact(flow))
        if asked.message.digest is not None:
            asked.message.digest.sign(request)
        try:
            self.context.send_request(request, flow, now, asked)
        except NotAllowed:
            self.finish(asked, None, 503)

    def on_response(self, asked: _Asked, response: Response, now: float) -> None:
        """Answer a challenge, or report the response."""
        digest = asked.message.digest
        if (
            response.status in {401, 407}
            and digest is not None
            and asked.rounds < MAX_AUTH_ROUNDS
            and digest.challenged(response)
        ):
            asked.rounds += 1
            request = asked.request = asked.request.copy()
            request.headers.remove("Via")
            request.headers.set("CSeq", f"{request.cseq.number + 1} {request.method}")
            self._send(asked, asked.flow, now)
            return
        if response.status != 503 or not self.try_elsewhere(asked, response, 503, now):
            self.finish(asked, response, response.status)

    def finish(self, asked: _Asked, response: Response | None, status: int) -> None:
        """Report the outcome, once."""
        if self.asked.pop(asked.id, None) is not None:
            self.context.emit(Replied(asked.id, response, status))

    # The peer's

    def receive(self, transaction: ServerTransaction, session: Session | None, flow: Flow) -> None:
        """Hand a request to the user of the agent, who must `respond`."""
        token = self.context.tokens.token(64)
        self.servers[token] = transaction
        self.context.server_owners[id(transaction)] = _Handed(self, token)
        request = transaction.request
        where = None if session is None else session.id
        self.context.emit(RequestReceived(token, request, flow, where))

    def respond(self, server: str, status: int, now: float, headers: Fields, body: Body | None) -> None:
        """Answer a request that was handed out. Raises `NotAllowed` when it is too late."""
        transaction = self.servers.get(server)
        if transaction is None or transaction.over or transaction.answered:
            self.servers.pop(server, None)
            raise NotAllowed("the request is answered or over")
        if status >= 200:
            del self.servers[server]
        self.context.reply(transaction, status, now, headers=headers, body=body)

    def options(self, transaction: ServerTransaction, now: float) -> None:
        """Answer OPTIONS with what we can (11.2)."""
        accept = ("Accept", ", ".join(sorted(self.context.config.bodies)))
        fields = [accept, *self.context.capabilities()]
        self.context.reply(transaction, 200, now, headers=fields)

    def info(self, transaction: ServerTransaction, session: Session, flow: Flow, now: float) -> None:
        """Take an INFO: a digit, nothing, or something for the user. Raises `SipError`."""
        request = transaction.request
        kind = request.content_type
        if not request.body or kind is None:
            if request.body:
                raise SipError("Body without Content-Type")
            self.context.reply(transaction, 200, now)
            return
        if kind.kind not in {PLAIN, RELAY}:
            self.receive(transaction, session, flow)
            return
        digit = read_digit(kind.kind, request.body)
        self.context.reply(transaction, 200, now)
        self.context.emit(DtmfReceived(session.id, digit.digit, digit.duration))
