"""What the parts of the agent share: configuration, transactions, deadlines, outputs, counters."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from centrala.telephony.sip.agent.events import Output, Resolve, Send
from centrala.telephony.sip.errors import NotAllowed, ParseError
from centrala.telephony.sip.flow import WEB, Flow, Transport, transport_of
from centrala.telephony.sip.headers.via import MAGIC_COOKIE
from centrala.telephony.sip.limits import MAX_SERVER_TRANSACTIONS, MAX_SESSIONS
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.responses import copy_record_route, make_response
from centrala.telephony.sip.schedule import Schedule
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import TokenSource
from centrala.telephony.sip.transaction.layer import TransactionLayer
from centrala.telephony.sip.transaction.machine import (
    ClientTransaction,
    Deliver,
    ServerTransaction,
    Terminated,
    TimedOut,
    Transaction,
    Transmit,
)
from centrala.telephony.sip.uri import SipUri, parse_uri

_CALLS = {"INVITE", "ACK", "CANCEL", "BYE", "UPDATE", "PRACK", "INFO", "REFER", "NOTIFY"}
METHODS = frozenset(_CALLS | {"OPTIONS", "MESSAGE", "REGISTER"})
EXTENSIONS = frozenset({"100rel", "timer", "replaces", "outbound", "path", "norefersub"})


_REGISTRAR_ONLY = frozenset({"outbound", "path"})  # taken in REGISTER, not ours to offer in calls


def _nobody(_flow: Flow) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """How this agent presents itself. `advertised` gives the address peers reach us by."""

    product: str = "Centrala"
    contact_user: str = "centrala"
    advertised: dict[Transport, tuple[str, int]] = field(default_factory=dict)
    methods: frozenset[str] = METHODS
    extensions: frozenset[str] = EXTENSIONS
    bodies: frozenset[str] = frozenset({"application/sdp", "multipart/mixed"})
    timer: TimerPolicy = field(default_factory=TimerPolicy)
    reliable_provisional: bool = True  # send 180/183 reliably to peers that support it (RFC 3262)
    longest_ringing: float = 300.0  # seconds; an incoming call left unanswered gets 480
    longest_attempt: float = 300.0  # seconds; an outgoing INVITE without final response is cancelled
    most_sessions: int = MAX_SESSIONS  # calls at once; past it 503
    most_server_transactions: int = MAX_SERVER_TRANSACTIONS  # past it 503
    same_source: bool = False  # refuse in-dialog requests from an IP foreign to the dialog
    familiar: Callable[[Flow], bool] = _nobody  # who is let through all the same


class Failure(StrEnum):
    """Why a transaction came to nothing."""

    TIMEOUT = "timeout"
    TRANSPORT = "transport"


class Owner(Protocol):
    """Who a client transaction works for."""

    def on_response(self, transaction: ClientTransaction, response: Response, now: float, /) -> None:
        """Take a response."""

    def on_failure(self, transaction: Transaction, failure: Failure, now: float, /) -> None:
        """Take the end of a transaction without a final response."""


class ServerOwner(Protocol):
    """Who an INVITE server transaction works for."""

    def on_ack(self, ack: Request, now: float, /) -> None:
        """Take an ACK that matched an accepted INVITE by its branch."""

    def on_cancel(self, cancel: Request, now: float, /) -> None:
        """Take a CANCEL of an INVITE that has no final response yet."""

    def on_failure(self, transaction: Transaction, failure: Failure, now: float, /) -> None:
        """Take a lost flow or a missing ACK to a refusal."""


Then = Callable[[Flow | None, float], None]


class Context:
    """The agent's inner state that belongs to no single call."""

    def __init__(self, config: AgentConfig, tokens: TokenSource) -> None:
        self.config = config
        self.tokens = tokens
        self.layer = TransactionLayer(most_servers=config.most_server_transactions)
        self.schedule: Schedule[tuple[str, Hashable]] = Schedule()
        self.counters: Counter[str] = Counter()
        self.out: list[Output] = []
        self.owners: dict[int, Owner] = {}
        self.server_owners: dict[int, ServerOwner] = {}
        self.waiting: dict[str, Then] = {}  # by the query of a `Resolve`
        self._capabilities = [
            ("Allow", ", ".join(sorted(config.methods))),
            ("Supported", ", ".join(sorted(config.extensions - _REGISTRAR_ONLY))),
        ]

    def emit(self, output: Output) -> None:
        """Put out an event or bytes."""
        self.out.append(output)

    # Addresses

    def local_address(self, flow: Flow) -> tuple[str, int]:
        """Return the host (IPv6 in brackets) and port that peers reach us by on such a flow."""
        host, port = self.config.advertised.get(flow.transport, flow.local)
        return (f"[{host}]" if ":" in host and not host.startswith("[") else host), port

    def contact(self, flow: Flow, *, secure: bool = False, user: str | None = None) -> str:
        """Return our Contact value for requests and responses on a flow."""
        host, port = self.local_address(flow)
        params: dict[str, str | None] = {}
        if flow.transport is not Transport.UDP and not secure:
            # RFC 7118 5.2.1: "ws" names WebSocket with TLS or without.
            params["transport"] = "ws" if flow.transport in WEB else flow.transport.lower()
        uri = SipUri(host, user or self.config.contact_user, port, secure, None, params)
        return f"<{uri}>"

    # Requests

    def send_request(self, request: Request, flow: Flow, now: float, owner: Owner) -> ClientTransaction:
        """Add a Via with a new branch and start the transaction. Raises `NotAllowed` past a cap."""
        self.add_via(request, flow)
        transaction = self.layer.send(request, flow, now)
        self.owners[id(transaction)] = owner
        self.pump(now)
        return transaction

    def add_via(self, request: Request, flow: Flow) -> None:
        """Put our Via on top of a request."""
        host, port = self.local_address(flow)
        rport = ";rport" if flow.transport is Transport.UDP else ""
        branch = f"{MAGIC_COOKIE}{self.tokens.token(96)}"
        request.headers.add_first("Via", f"SIP/2.0/{flow.transport} {host}:{port};branch={branch}{rport}")
        if "user-agent" not in request.headers:
            request.headers.add("User-Agent", self.config.product)

    def route(self, uri: str, flow: Flow | None, now: float, then: Then, tried: tuple[Flow, ...] = ()) -> None:
        """Call `then` with a flow to `uri`: at once when it is known, else after a `Resolve`."""
        direct = flow_towards(uri, flow)
        if direct is not None:
            then(direct, now)
            return
        query = self.tokens.token(64)
        self.waiting[query] = then
        self.emit(Resolve(query, uri, tried))

    # Responses

    def reply(
        self,
        transaction: ServerTransaction,
        status: int,
        now: float,
        *,
        to_tag: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: tuple[str, bytes] | None = None,
        dialog_contact: str | None = None,
        reason: str | None = None,
    ) -> Response:
        """Answer a request. `dialog_contact` also copies Record-Route, as dialog makers must."""
        request = transaction.request
        response = make_response(
            request,
            status,
            reason=reason,
            to_tag=to_tag or (self.tokens.token(64) if status > 100 else None),
        )
        if dialog_contact is not None:
            copy_record_route(request, response)
            response.headers.add("Contact", dialog_contact)
        for name, value in headers:
            response.headers.add(name, value)
        if status != 100:
            response.headers.add("Server", self.config.product)
        if body is not None:
            response.set_body(*body)
        self.layer.respond(transaction, response, now)
        self.pump(now)
        return response

    def capabilities(self) -> list[tuple[str, str]]:
        """Return Allow and Supported."""
        return list(self._capabilities)

    # Effects of transactions

    def pump(self, now: float) -> None:
        """Carry out what transactions have asked for, until they ask for nothing more."""
        while happened := self.layer.drain():
            for item in happened:
                transaction, effect = item.transaction, item.effect
                match effect:
                    case Transmit(data):
                        self.emit(Send(transaction.flow, data))
                    case Deliver(message):
                        self._deliver(transaction, message, now)
                    case Terminated():
                        self.owners.pop(id(transaction), None)
                        self.server_owners.pop(id(transaction), None)
                    case _:
                        kind = Failure.TIMEOUT if effect == TimedOut() else Failure.TRANSPORT
                        self._fail(transaction, kind, now)

    def _deliver(self, transaction: Transaction, message: object, now: float) -> None:
        if isinstance(transaction, ClientTransaction) and isinstance(message, Response):
            owner = self.owners.get(id(transaction))
            if owner is not None:
                owner.on_response(transaction, message, now)
        elif isinstance(transaction, ServerTransaction) and isinstance(message, Request):
            server = self.server_owners.get(id(transaction))
            if server is not None:
                server.on_ack(message, now)

    def _fail(self, transaction: Transaction, failure: Failure, now: float) -> None:
        self.counters[f"transaction_{failure}"] += 1
        owner = self.owners.get(id(transaction)) or self.server_owners.get(id(transaction))
        if owner is not None:
            owner.on_failure(transaction, failure, now)


def reply_flow(request: Request, flow: Flow) -> Flow:
    """Return where responses to a request go (18.2.2, RFC 3581): the Via is stamped already."""
    if flow.reliable:
        return flow
    via = request.via
    # The source address always, never maddr or a name: a response must not be aimed at others.
    _, port = via.reply_to()
    return replace(flow, remote=(flow.remote[0], port))


def flow_towards(uri: str, flow: Flow | None) -> Flow | None:
    """Return the flow for a request to `uri`, or None when it must be resolved.

    A connection is used as it is (RFC 5626, RFC 7118 5). On UDP the URI's own address counts,
    unless
    it is one behind a NAT, where only the address that packets came from can be reached.
    """
    if flow is None or flow.transport in WEB or flow.connection:
        return flow
    try:
        target = parse_uri(uri)
    except ParseError:
        return flow
    if not isinstance(target, SipUri):
        return flow
    if transport_of(target) is not flow.transport:
        return None
    return _datagram_flow(target, flow)


def _datagram_flow(target: SipUri, flow: Flow) -> Flow | None:
    try:
        ip = ipaddress.ip_address(target.address)
        source = ipaddress.ip_address(flow.remote[0])
    except ValueError:
        return None
    if ip == source or (not ip.is_global and source.is_global):
        return flow
    return replace(flow, remote=(str(ip), target.port or 5060))


def require(flow: Flow | None) -> Flow:
    """Return the flow. Raises `NotAllowed` when there is none."""
    if flow is None:
        raise NotAllowed("no flow to the peer")
    return flow
