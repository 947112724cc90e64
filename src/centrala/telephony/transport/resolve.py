"""Where a SIP URI leads: RFC 3263, with NAPTR, SRV and addresses from a `Lookup`."""

import asyncio
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import SECURE, Transport, transport_of
from centrala.telephony.sip.uri import SipUri, parse_uri
from centrala.telephony.transport.types import Address

MAX_CANDIDATES: Final = 8  # places tried for one request
MAX_RECORDS: Final = 32  # of one kind taken from one answer
RESOLVE_SECONDS: Final = 5.0  # for all look-ups of one URI
_SERVICES: Final = {"SIP+D2U": Transport.UDP, "SIP+D2T": Transport.TCP, "SIPS+D2T": Transport.TLS}
_PREFIX: Final = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}

Below = Callable[[int], int]  # a number from 0 to bound - 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place to try. `name` is what a certificate must be for: the domain of the URI (RFC 5922 7.1)."""

    transport: Transport
    remote: Address
    name: str


@dataclass(frozen=True, slots=True)
class Naptr:
    order: int
    preference: int
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    priority: int
    weight: int
    port: int
    target: str


class LookupFailed(Exception):
    """The name service did not answer, or with an error; that a name has no records is no failure."""


class Lookup(Protocol):
    """The name service. Each raises `LookupFailed`; names without records give empty lists."""

    async def naptr(self, domain: str) -> Sequence[Naptr]:
        """NAPTR records."""
        ...

    async def srv(self, name: str) -> Sequence[Srv]:
        """SRV records."""
        ...

    async def addresses(self, host: str) -> Sequence[str]:
        """A and AAAA records as IP texts, in the order to be tried."""
        ...


def direct(uri: str) -> Candidate | None:
    """The place that a URI with an IP address names. None: names must be looked up. Raises `ParseError`."""
    target = _target(uri)
    try:
        ip = ipaddress.ip_address(_host(target))
    except ValueError:
        return None
    transport = _asked(target) or (Transport.TLS if target.secure else Transport.UDP)
    return Candidate(transport, (str(ip), target.port or _default_port(transport)), str(ip))


async def find(uri: str, lookup: Lookup, *, supported: Iterable[Transport], below: Below) -> list[Candidate]:
    """The places to try, best first. Raises `LookupFailed`, `ParseError`."""
    known = direct(uri)
    if known is not None:
        return [known]
    target = _target(uri)
    usable = [one for one in supported if one in SECURE or not target.secure]
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            return (await _find(target, lookup, usable, below))[:MAX_CANDIDATES]
    except TimeoutError as problem:
        raise LookupFailed("took too long") from problem


async def _find(target: SipUri, lookup: Lookup, usable: Sequence[Transport], below: Below) -> list[Candidate]:
    host = _host(target)
    asked = _asked(target)
    if target.port is not None:  # RFC 3263 4.2: a port leaves nothing to SRV
        transport = asked or (Transport.TLS if target.secure else Transport.UDP)
        return await _at(host, target.port, transport, host, lookup)
    names = await _service_names(host, asked, lookup, usable)
    found: list[Candidate] = []
    for records, (transport, _) in zip(
        await asyncio.gather(*(lookup.srv(name) for _, name in names)), names, strict=True
    ):
        for record in order_srv(records[:MAX_RECORDS], below):
            if len(found) < MAX_CANDIDATES and record.target.strip("."):
                found += await _at(record.target, record.port, transport, host, lookup)
    if found:
        return found
    transport = asked or (Transport.TLS if target.secure else Transport.UDP)
    return await _at(host, _default_port(transport), transport, host, lookup)


async def _service_names(
    host: str, asked: Transport | None, lookup: Lookup, usable: Sequence[Transport]
) -> list[tuple[Transport, str]]:
    """Names of SRV records with their transports, the domain's preferred one first (RFC 3263 4.1)."""
    if asked is not None:
        return [(asked, f"{_PREFIX[asked]}.{host}")] if asked in usable else []
    records = sorted((await lookup.naptr(host))[:MAX_RECORDS], key=lambda r: (r.order, r.preference))
    offered = [(_SERVICES.get(r.service.upper()), r.replacement) for r in records]
    fitting = [(transport, name) for transport, name in offered if transport is not None and transport in usable]
    return fitting or [(transport, f"{_PREFIX[transport]}.{host}") for transport in usable if transport in _PREFIX]


async def _at(host: str, port: int, transport: Transport, name: str, lookup: Lookup) -> list[Candidate]:
    try:
        addresses: Sequence[str] = [str(ipaddress.ip_address(host))]
    except ValueError:
        addresses = await lookup.addresses(host.rstrip("."))
    return [Candidate(transport, (one, port), name) for one in addresses]


def order_srv(records: Iterable[Srv], below: Below) -> list[Srv]:
    """By priority, and by chance according to weight within one (RFC 2782)."""
    ordered: list[Srv] = []
    left = sorted(records, key=lambda r: (r.priority, r.weight))
    while left:
        same = [r for r in left if r.priority == left[0].priority]
        # RFC 2782 draws from 0 on; from 1 on the shares are exact, and weights of zero still come when nothing else is.
        total = sum(r.weight for r in same)
        mark = 1 + below(total) if total else 0
        for record in same:
            mark -= record.weight
            if mark <= 0:
                ordered.append(record)
                left.remove(record)
                break
    return ordered


def _target(uri: str) -> SipUri:
    target = parse_uri(uri)
    if not isinstance(target, SipUri):
        raise ParseError("not a SIP URI", status=416)
    return target


def _host(target: SipUri) -> str:
    # RFC 3261 19.1.1: maddr overrides the host.
    return (target.params.get("maddr") or target.address).strip("[]").lower()


def _asked(target: SipUri) -> Transport | None:
    """The transport that the URI names; with sips, `tcp` means TLS (RFC 3263 4.1). None: it names none."""
    return transport_of(target) if target.transport is not None else None


def _default_port(transport: Transport) -> int:
    return 5061 if transport in SECURE else 5060
