"""The registrar as a pure core: REGISTER in, bindings and a response out (RFC 3261 10.3).

With Path (RFC 3327) and outbound flows (RFC 5626). Who may register what is decided before:
`process`
takes an address of record that the caller has authenticated. A request changes all or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from centrala.telephony.sip.errors import SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.limits import MAX_SECONDS
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.schedule import Schedule
from centrala.telephony.sip.uri import SipUri, parse_sip_uri, same_uri

MAX_CONTACTS: Final = 10  # bindings of one address of record; past it 403
MAX_REG_ID: Final = 2**31 - 1  # RFC 5626 4.2
FLOW_TIMER: Final = 120  # seconds between keep-alives that we promise to accept (RFC 5626 4.4)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a registration may last, in seconds."""

    least: int = 60
    most: int = 3_600
    default: int = 3_600


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an address of record can be reached. `contact` is a SIP URI without headers."""

    contact: str
    q: int  # thousandths
    ends: float  # monotonic seconds
    call_id: str
    cseq: int
    flow: Flow | None
    path: tuple[str, ...] = ()
    instance: str | None = None
    reg_id: int | None = None
    user_agent: str = ""

    @property
    def outbound(self) -> bool:
        """Whether calls must go by the flow itself (RFC 5626)."""
        return self.instance is not None and self.reg_id is not None

    def to_dict(self, now: float) -> dict[str, Any]:
        """Return the binding as JSON values; its end as seconds from now."""
        return {
            "contact": self.contact,
            "q": self.q,
            "left": self.ends - now,
            "call_id": self.call_id,
            "cseq": self.cseq,
            "flow": None if self.flow is None else self.flow.to_dict(),
            "path": list(self.path),
            "instance": self.instance,
            "reg_id": self.reg_id,
            "user_agent": self.user_agent,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any], now: float, *, elapsed: float = 0.0) -> Binding:
        """Read what `to_dict` wrote `elapsed` wall-clock seconds ago."""
        return cls(
            contact=kept["contact"],
            q=int(kept["q"]),
            ends=now + float(kept["left"]) - elapsed,
            call_id=kept["call_id"],
            cseq=int(kept["cseq"]),
            flow=None if kept["flow"] is None else Flow.from_dict(kept["flow"]),
            path=tuple(kept["path"]),
            instance=kept["instance"],
            reg_id=kept["reg_id"],
            user_agent=kept["user_agent"],
        )


class Change(StrEnum):
    """What happened to a binding."""

    ADDED = "added"
    REFRESHED = "refreshed"
    REMOVED = "removed"
    EXPIRED = "expired"
    FLOW_LOST = "flow lost"


@dataclass(frozen=True, slots=True)
class Changed:
    """One change, for presence and the store."""

    aor: str
    change: Change
    binding: Binding


@dataclass(frozen=True, slots=True)
class Registered:
    """The outcome of a REGISTER: headers of the 200 and what changed."""

    headers: tuple[tuple[str, str], ...]
    changes: tuple[Changed, ...]


@dataclass(slots=True)
class Registrar:
    """All bindings of one node by address of record."""

    bounds: Bounds = field(default_factory=Bounds)
    max_contacts: int = MAX_CONTACTS
    _bindings: dict[str, list[Binding]] = field(default_factory=dict)
    _schedule: Schedule[str] = field(default_factory=Schedule)

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._bindings.values())

    def process(self, request: Request, aor: str, flow: Flow | None, now: float) -> Registered:
        """Serve a REGISTER. Raises `SipError`: 400, 403, 423, 439, 500; nothing has changed
        then."""
        old = self.lookup(aor, now)
        if request.headers.all("contact") == ["*"]:
            new = self._wildcard(request, old)
        else:
            if any(value.strip() == "*" for value in request.headers.all("contact")):
                raise SipError("Wildcard among other contacts")
            new = list(old)
            for contact in request.contacts:
                new = self._apply(request, contact, new, flow, now)
        if len(new) > self.max_contacts:
            raise SipError("Too many contacts", status=403)
        changes = tuple(_compare(aor, old, new))
        self._keep(aor, new)
        return Registered(self._headers(request, new, now), changes)

    def _wildcard(self, request: Request, old: list[Binding]) -> list[Binding]:
        if request.number("expires") != 0:
            raise SipError("Wildcard without Expires: 0")  # RFC 3261 10.3, step 6
        for binding in old:
            _check_order(request, binding)
        return []

    def _apply(
        self,
        request: Request,
        contact: NameAddr,
        bindings: list[Binding],
        flow: Flow | None,
        now: float,
    ) -> list[Binding]:
        uri = contact.uri
        if not isinstance(uri, SipUri):
            raise SipError("Contact is not a SIP URI")
        seconds = self._seconds(request, contact)
        made = Binding(
            contact=str(uri.without_headers()),
            q=contact.q_thousandths,
            ends=now + seconds,
            call_id=request.call_id,
            cseq=request.cseq.number,
            flow=flow,
            path=tuple(str(address) for address in request.addresses("path")),
            instance=_instance(contact),
            reg_id=_reg_id(request, contact),
            user_agent=(request.headers.get("user-agent") or "")[:128],
        )
        if made.outbound:
            _check_first_hop(request)
        else:
            made = replace(made, reg_id=None)
        same = [b for b in bindings if _same(made, b)]
        for binding in same:
            _check_order(request, binding)
        kept = [b for b in bindings if b not in same]
        return [*kept, made] if seconds else kept

    def _seconds(self, request: Request, contact: NameAddr) -> int:
        asked = contact.number_param("expires", cap=MAX_SECONDS)
        if asked is None:
            asked = request.number("expires")
        if asked is None:
            return self.bounds.default
        if 0 < asked < self.bounds.least:
            raise SipError("Interval", status=423, headers=(("Min-Expires", str(self.bounds.least)),))
        return min(asked, self.bounds.most)

    def _headers(self, request: Request, bindings: list[Binding], now: float) -> tuple[tuple[str, str], ...]:
        fields = [("Contact", _written(binding, now)) for binding in bindings]
        if request.supports("path"):
            fields += [("Path", value) for value in request.headers.all("path")]
        if any(b.outbound and b.call_id == request.call_id for b in bindings):
            fields += [("Require", "outbound"), ("Flow-Timer", str(FLOW_TIMER))]
        return tuple(fields)

    def _keep(self, aor: str, bindings: list[Binding]) -> None:
        if bindings:
            self._bindings[aor] = bindings
            self._schedule.set(aor, min(binding.ends for binding in bindings))
        else:
            self._bindings.pop(aor, None)
            self._schedule.set(aor, None)

    def lookup(self, aor: str, now: float) -> list[Binding]:
        """Return the live bindings, best q first, the newest first among equals."""
        live = [binding for binding in self._bindings.get(aor, ()) if binding.ends > now]
        return sorted(live, key=lambda b: (-b.q, -b.ends))

    def next_deadline(self) -> float | None:
        """Return when the next binding ends, or None."""
        return self._schedule.next()

    def expire(self, now: float) -> list[Changed]:
        """Drop what has ended."""
        changes = []
        while (aor := self._schedule.pop_due(now)) is not None:
            bindings = self._bindings.get(aor, [])
            changes += [Changed(aor, Change.EXPIRED, b) for b in bindings if b.ends <= now]
            self._keep(aor, [b for b in bindings if b.ends > now])
        return changes

    def flow_lost(self, flow: Flow) -> list[Changed]:
        """Drop the bindings of a closed connection: nothing can reach them (RFC 5626 5.3)."""
        changes = []
        for aor, bindings in list(self._bindings.items()):
            gone = [b for b in bindings if b.flow == flow]
            if gone:
                changes += [Changed(aor, Change.FLOW_LOST, b) for b in gone]
                self._keep(aor, [b for b in bindings if b.flow != flow])
        return changes

    def restore(self, aor: str, bindings: Iterable[Binding]) -> None:
        """Take up stored bindings of an address of record."""
        self._keep(aor, list(bindings))


def _same(made: Binding, other: Binding) -> bool:
    if made.outbound and other.outbound:
        # RFC 5626 6: instance and reg-id identify the binding, whatever its URI.
        return (made.instance, made.reg_id) == (other.instance, other.reg_id)
    return same_uri(parse_sip_uri(made.contact), parse_sip_uri(other.contact))


def _check_order(request: Request, binding: Binding) -> None:
    """Refuse what is older than what we have (RFC 3261 10.3, step 7)."""
    if binding.call_id == request.call_id and request.cseq.number <= binding.cseq:
        raise SipError("REGISTER out of order", status=500, headers=(("Retry-After", "0"),))


def _instance(contact: NameAddr) -> str | None:
    value = contact.text_param("+sip.instance")
    return value or None


def _reg_id(request: Request, contact: NameAddr) -> int | None:
    if not request.supports("outbound"):
        return None
    number = contact.number_param("reg-id", cap=MAX_REG_ID)
    if number == 0:
        raise SipError("reg-id of zero")
    return number


def _check_first_hop(request: Request) -> None:
    """Refuse outbound behind an edge proxy that does not keep flows (RFC 5626 6, 439)."""
    if len(request.vias) == 1:
        return
    paths = request.addresses("path")
    first = paths[-1].uri if paths else None
    if not (isinstance(first, SipUri) and "ob" in first.params):
        raise SipError("First hop", status=439)


def _written(binding: Binding, now: float) -> str:
    pieces = [f"<{binding.contact}>", f"expires={max(0, round(binding.ends - now))}"]
    if binding.q != 1000:
        pieces.append(f"q={binding.q / 1000:g}")
    if binding.instance is not None:
        pieces.append(f'+sip.instance="{binding.instance}"')
    if binding.reg_id is not None:
        pieces.append(f"reg-id={binding.reg_id}")
    return ";".join(pieces)


def _compare(aor: str, old: list[Binding], new: list[Binding]) -> Iterable[Changed]:
    for binding in new:
        if binding not in old:
            known = any(_same(binding, other) for other in old)
            yield Changed(aor, Change.REFRESHED if known else Change.ADDED, binding)
    for binding in old:
        if not any(_same(other, binding) for other in new):
            yield Changed(aor, Change.REMOVED, binding)
