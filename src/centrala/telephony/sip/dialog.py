"""Dialogs (RFC 3261 section 12): identity, sequence numbers, routes and the remote target.

A dialog is plain data: `to_dict` and `from_dict` carry it over a restart of the process. What uses
the dialog (a call, a transfer's subscription) lives in `agent`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr, parse_name_addr
from centrala.telephony.sip.limits import DEFAULT_MAX_FORWARDS, MAX_ROUTES
from centrala.telephony.sip.message import Headers, Message, Request, Response
from centrala.telephony.sip.transaction.machine import IllegalMove
from centrala.telephony.sip.uri import SipUri

# RFC 3261 12.2: requests that move the remote target; UPDATE by RFC 3311, SUBSCRIBE and NOTIFY by
# RFC 6665.
TARGET_REFRESH: Final = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})


class State(StrEnum):
    """The life of a dialog made by INVITE."""

    EARLY = "Early"
    CONFIRMED = "Confirmed"
    ENDED = "Ended"


class Event(StrEnum):
    """What moves a dialog on."""

    ANSWERED = "2xx to INVITE"
    REFUSED = "300-699 to INVITE"
    BYE = "BYE"
    GONE = "481, 408 or no answer in the dialog"
    EXPIRED = "session expired"
    UNACKNOWLEDGED = "no ACK for 64*T1"
    OTHER_FORK = "another fork answered"


S, E = State, Event
TABLE: Final[dict[tuple[State, Event], State]] = {
    (S.EARLY, E.ANSWERED): S.CONFIRMED,
    (S.EARLY, E.REFUSED): S.ENDED,
    (S.EARLY, E.BYE): S.ENDED,  # RFC 3261 15: the caller may end an early dialog by BYE
    (S.EARLY, E.GONE): S.ENDED,
    (S.EARLY, E.OTHER_FORK): S.ENDED,
    (S.CONFIRMED, E.ANSWERED): S.CONFIRMED,  # the 2xx again
    (S.CONFIRMED, E.BYE): S.ENDED,
    (S.CONFIRMED, E.GONE): S.ENDED,
    (S.CONFIRMED, E.EXPIRED): S.ENDED,
    (S.CONFIRMED, E.UNACKNOWLEDGED): S.ENDED,
    (S.CONFIRMED, E.OTHER_FORK): S.ENDED,
}


@dataclass(frozen=True, slots=True)
class DialogId:
    """Call-ID and both tags, as this side sees them. A tag of an RFC 2543 peer may be empty."""

    call_id: str
    local_tag: str
    remote_tag: str

    def __str__(self) -> str:
        return f"{self.call_id};{self.local_tag};{self.remote_tag}"


@dataclass(slots=True)
class Dialog:
    """One dialog. Addresses are header values without tags; `route_set` is in sending order."""

    id: DialogId
    local: str
    remote: str
    remote_target: str
    contact: str
    caller: bool  # whether our INVITE made it
    local_seq: int
    remote_seq: int | None = None
    route_set: list[str] = field(default_factory=list)
    secure: bool = False
    state: State = State.EARLY
    flow: Flow | None = None

    def move(self, event: Event) -> None:
        """Change state by the table. Raises `IllegalMove` and changes nothing without such a
        move."""
        to = TABLE.get((self.state, event))
        if to is None:
            raise IllegalMove(f"dialog: {event} in {self.state}")
        self.state = to

    def request(
        self,
        method: str,
        *,
        seq: int | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Request:
        """Build a request of this dialog without its Via (12.2.1.1). `seq` is for ACK and
        CANCEL."""
        if seq is None:
            self.local_seq = seq = self.local_seq + 1
        target, routes = self._route()
        fields: list[tuple[str, str]] = [("Route", route) for route in routes]
        fields += [
            ("Max-Forwards", str(DEFAULT_MAX_FORWARDS)),
            ("From", _tagged(self.local, self.id.local_tag)),
            ("To", _tagged(self.remote, self.id.remote_tag)),
            ("Call-ID", self.id.call_id),
            ("CSeq", f"{seq} {method}"),
        ]
        if method in TARGET_REFRESH:
            fields.append(("Contact", self.contact))
        return Request(method, target, Headers([*fields, *headers]))

    def _route(self) -> tuple[str, list[str]]:
        if not self.route_set:
            return self.remote_target, []
        first = parse_name_addr(self.route_set[0]).uri
        if isinstance(first, SipUri) and not first.loose:
            # RFC 3261 12.2.1.1: a strict router takes the Request-URI, the target goes last.
            return str(first.without_headers()), [*self.route_set[1:], f"<{self.remote_target}>"]
        return self.remote_target, list(self.route_set)

    def next_hop(self) -> str:
        """Return the URI that a request of this dialog is sent to (8.1.2)."""
        if self.route_set:
            return str(parse_name_addr(self.route_set[0]).uri)
        return self.remote_target

    def check_order(self, request: Request) -> None:
        """Note the CSeq of a request that came. Raises `SipError` 500 when it is out of order."""
        number = request.cseq.number
        if request.method in {"ACK", "CANCEL"}:
            return
        if self.remote_seq is not None and number <= self.remote_seq:
            # RFC 3261 12.2.2 for lower ones; an equal one that is no retransmission is a fault too.
            raise SipError("CSeq out of order", status=500, headers=(("Retry-After", "0"),))
        self.remote_seq = number

    def refresh_target(self, message: Message) -> None:
        """Take the Contact of a target refresh as the remote target, if there is a good one."""
        contact = first_contact(message)
        if contact is not None:
            self.remote_target = contact

    def to_dict(self) -> dict[str, Any]:
        """Return the dialog as JSON values."""
        return {
            "call_id": self.id.call_id,
            "local_tag": self.id.local_tag,
            "remote_tag": self.id.remote_tag,
            "local": self.local,
            "remote": self.remote,
            "remote_target": self.remote_target,
            "contact": self.contact,
            "caller": self.caller,
            "local_seq": self.local_seq,
            "remote_seq": self.remote_seq,
            "route_set": list(self.route_set),
            "secure": self.secure,
            "state": self.state.value,
            "flow": None if self.flow is None else self.flow.to_dict(),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Dialog:
        """Read what `to_dict` wrote."""
        remote_seq = kept["remote_seq"]
        return cls(
            id=DialogId(kept["call_id"], kept["local_tag"], kept["remote_tag"]),
            local=kept["local"],
            remote=kept["remote"],
            remote_target=kept["remote_target"],
            contact=kept["contact"],
            caller=bool(kept["caller"]),
            local_seq=int(kept["local_seq"]),
            remote_seq=None if remote_seq is None else int(remote_seq),
            route_set=[str(route) for route in kept["route_set"]],
            secure=bool(kept["secure"]),
            state=State(kept["state"]),
            flow=None if kept["flow"] is None else Flow.from_dict(kept["flow"]),
        )


def _tagged(address: str, tag: str) -> str:
    return f"{address};tag={tag}" if tag else address


def _without_tag(address: NameAddr) -> str:
    kept = {n: v for n, v in address.params.items() if n != "tag"}
    return str(replace(address, params=kept))


def first_contact(message: Message) -> str | None:
    """Return the URI of the first Contact as a Request-URI, or None."""
    try:
        contacts = message.contacts
    except ParseError:
        return None
    if not contacts:
        return None
    uri = contacts[0].uri
    return str(uri.without_headers()) if isinstance(uri, SipUri) else None


def as_caller(request: Request, response: Response, flow: Flow) -> Dialog:
    """Make the dialog of a response to our INVITE (12.1.2). Raises `ParseError`.

    The state is early; the caller moves it with a 2xx. Without a Contact the INVITE's target stays.
    """
    routes = [str(a) for a in response.addresses("record-route")]
    if len(routes) > MAX_ROUTES:
        raise ParseError("Too many Record-Route values", status=0)
    routes.reverse()
    uri = request.uri
    return Dialog(
        id=DialogId(request.call_id, request.from_.tag or "", response.to.tag or ""),
        local=_without_tag(request.from_),
        remote=_without_tag(request.to),
        remote_target=first_contact(response) or request.target,
        contact=request.headers.get("contact") or "",
        caller=True,
        local_seq=request.cseq.number,
        route_set=routes,
        secure=isinstance(uri, SipUri) and uri.secure,
        flow=flow,
    )


def as_callee(request: Request, *, local_tag: str, contact: str, flow: Flow) -> Dialog:
    """Make the dialog of an INVITE that came (12.1.1). Raises `SipError` 400 without a Contact."""
    target = first_contact(request)
    if target is None:
        raise SipError("INVITE without a SIP Contact")
    routes = [str(a) for a in request.addresses("record-route")]
    uri = request.uri
    return Dialog(
        id=DialogId(request.call_id, local_tag, request.from_.tag or ""),
        local=_without_tag(request.to),
        remote=_without_tag(request.from_),
        remote_target=target,
        contact=contact,
        caller=False,
        local_seq=0,
        remote_seq=request.cseq.number,
        route_set=routes,
        secure=isinstance(uri, SipUri) and uri.secure,
        flow=flow,
    )


def id_of_request(request: Request) -> DialogId:
    """Return the dialog that a request from the peer belongs to."""
    return DialogId(request.call_id, request.to.tag or "", request.from_.tag or "")


def id_of_response(response: Response) -> DialogId:
    """Return the dialog that a response from the peer belongs to."""
    return DialogId(response.call_id, response.from_.tag or "", response.to.tag or "")
