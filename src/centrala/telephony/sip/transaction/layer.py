"""Which transaction a message belongs to (RFC 3261 17.1.3, 17.2.3), and when each wants to wake.

Requests of RFC 2543 peers, whose branch identifies nothing, match by the fields of 17.2.3's second
half. The ACK to a refusal finds its INVITE; an ACK to a 2xx finds nothing and goes to the dialogs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.limits import MAX_CLIENT_TRANSACTIONS, MAX_SERVER_TRANSACTIONS
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.schedule import Schedule
from centrala.telephony.sip.transaction import client_invite, server_invite
from centrala.telephony.sip.transaction.client_invite import InviteClient
from centrala.telephony.sip.transaction.client_non_invite import Event as ClientEvent
from centrala.telephony.sip.transaction.client_non_invite import NonInviteClient
from centrala.telephony.sip.transaction.machine import (
    ClientTransaction,
    Effect,
    ServerTransaction,
    Transaction,
)
from centrala.telephony.sip.transaction.server_invite import InviteServer
from centrala.telephony.sip.transaction.server_non_invite import Event as ServerEvent
from centrala.telephony.sip.transaction.server_non_invite import NonInviteServer

Key = tuple[str, ...]
_OLD: Final = "RFC 2543"


def client_key(message: Request | Response) -> Key:
    """Return the key of a client transaction: branch and method of the CSeq (17.1.3)."""
    return ("client", message.via.branch, message.cseq.method)


def server_key(request: Request, method: str | None = None) -> Key:
    """Return the key of a server transaction; ACK and CANCEL of an INVITE pass `method`."""
    via = request.via
    method = method or request.method
    if via.unique_branch:
        return ("server", via.branch, via.sent_by, method)
    return (
        "server",
        _OLD,
        request.target,
        request.call_id,
        str(request.cseq.number),
        request.from_.tag or str(request.from_),
        str(via),
        method,
    )


def merge_key(request: Request) -> Key:
    """Return what two copies of one request that came by different paths share (8.2.2.2)."""
    return (request.call_id, str(request.cseq), request.from_.tag or "")


@dataclass(frozen=True, slots=True)
class Happened:
    """An effect and the transaction it comes from."""

    transaction: Transaction
    effect: Effect


class TransactionLayer:
    """All transactions of one agent."""

    __slots__ = ("_by_flow", "_clients", "_keys", "_merges", "_most_servers", "_out", "_schedule", "_servers")

    def __init__(self, *, most_servers: int = MAX_SERVER_TRANSACTIONS) -> None:
        self._most_servers = most_servers
        self._clients: dict[Key, ClientTransaction] = {}
        self._servers: dict[Key, ServerTransaction] = {}
        self._merges: dict[Key, Key] = {}  # merge key to the server transaction that came first
        self._keys: dict[int, Key] = {}  # id() of a live transaction to its key
        self._by_flow: dict[Flow, dict[int, Transaction]] = {}  # by id(): a lost flow must not cost a look at all
        self._schedule: Schedule[Key] = Schedule()
        self._out: list[Happened] = []

    @property
    def counts(self) -> tuple[int, int]:
        """Live client and server transactions."""
        return len(self._clients), len(self._servers)

    def next_deadline(self) -> float | None:
        """Return when `advance` is wanted, or None."""
        return self._schedule.next()

    def send(self, request: Request, flow: Flow, now: float) -> ClientTransaction:
        """Start a client transaction; the request has its Via. Raises `NotAllowed` past the cap."""
        if len(self._clients) >= MAX_CLIENT_TRANSACTIONS:
            raise NotAllowed("too many client transactions")
        key = client_key(request)
        if key in self._clients:
            raise NotAllowed("branch used twice")
        kind = InviteClient if request.method == "INVITE" else NonInviteClient
        transaction = self._clients[key] = kind(request, flow, now)
        self._add(transaction, key)
        self._settle(transaction)
        return transaction

    def find_server(self, request: Request, method: str | None = None) -> ServerTransaction | None:
        """Return the transaction that a request belongs to, or None."""
        return self._servers.get(server_key(request, method))

    def absorb(self, request: Request, now: float) -> bool:
        """Give a retransmission or an ACK to its transaction; False when none takes it."""
        if request.method == "ACK":
            invite = self.find_server(request, "INVITE")
            if invite is None:
                return False
            invite.step(server_invite.Event.ACK, now, request)
            self._settle(invite)
            return True
        transaction = self.find_server(request)
        if transaction is None:
            return False
        invite_event = server_invite.Event.REQUEST
        is_invite = isinstance(transaction, InviteServer)
        transaction.step(invite_event if is_invite else ServerEvent.REQUEST, now, request)
        self._settle(transaction)
        return True

    def accept(self, request: Request, flow: Flow, now: float) -> ServerTransaction:
        """Start a server transaction for a new request.

        Raises `SipError`: 503 past the cap, 482 when a copy of it came by another path.
        """
        if len(self._servers) >= self._most_servers:
            raise SipError("Overload", status=503, headers=(("Retry-After", "10"),))
        key, merge = server_key(request), merge_key(request)
        if request.to.tag is None and self._merges.get(merge, key) != key:
            raise SipError("Merged request", status=482)
        is_invite = request.method == "INVITE"
        transaction: ServerTransaction = (
            InviteServer(request, flow) if is_invite else NonInviteServer(request, flow, now)
        )
        self._servers[key] = transaction
        if request.to.tag is None:
            self._merges[merge] = key
        self._add(transaction, key)
        self._settle(transaction)
        return transaction

    def _add(self, transaction: Transaction, key: Key) -> None:
        self._keys[id(transaction)] = key
        self._by_flow.setdefault(transaction.flow, {})[id(transaction)] = transaction

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Send a response in its transaction. Raises `IllegalMove`."""
        transaction.respond(response, now)
        self._settle(transaction)

    def receive(self, response: Response, now: float) -> bool:
        """Give a response to its transaction; False when there is none (17.1.3: a stray)."""
        transaction = self._clients.get(client_key(response))
        if transaction is None:
            return False
        transaction.receive(response, now)
        self._settle(transaction)
        return True

    def give_up(self, transaction: ClientTransaction, now: float) -> None:
        """End an INVITE that was cancelled long ago and never answered (9.1)."""
        if id(transaction) in self._keys and isinstance(transaction, InviteClient):
            transaction.step(client_invite.Event.GIVE_UP, now)
            self._settle(transaction)

    def flow_failed(self, flow: Flow, now: float) -> None:
        """Tell every transaction on a flow that it is gone."""
        for transaction in list(self._by_flow.get(flow, {}).values()):
            if not transaction.over:
                self._transport_error(transaction, now)

    def _transport_error(self, transaction: Transaction, now: float) -> None:
        match transaction:
            case InviteClient():
                transaction.step(client_invite.Event.TRANSPORT_ERROR, now)
            case NonInviteClient():
                transaction.step(ClientEvent.TRANSPORT_ERROR, now)
            case InviteServer():
                transaction.step(server_invite.Event.TRANSPORT_ERROR, now)
            case _:
                transaction.step(ServerEvent.TRANSPORT_ERROR, now)
        self._settle(transaction)

    def advance(self, now: float) -> None:
        """Fire what is due."""
        while (key := self._schedule.pop_due(now)) is not None:
            transaction = self._clients.get(key) or self._servers.get(key)
            if transaction is not None:
                transaction.advance(now)
                self._settle(transaction)

    def drain(self) -> list[Happened]:
        """Return what happened since the last call, in order."""
        out, self._out = self._out, []
        return out

    def _settle(self, transaction: Transaction) -> None:
        self._out += [Happened(transaction, effect) for effect in transaction.drain()]
        key = self._keys.get(id(transaction))
        if key is None:
            return
        if not transaction.over:
            self._schedule.set(key, transaction.deadline)
            return
        self._schedule.set(key, None)
        del self._keys[id(transaction)]
        same = self._by_flow[transaction.flow]
        del same[id(transaction)]
        if not same:
            del self._by_flow[transaction.flow]
        self._clients.pop(key, None)
        if isinstance(transaction, ServerTransaction):
            self._servers.pop(key, None)
            merge = merge_key(transaction.request)
            if self._merges.get(merge) == key:
                del self._merges[merge]
