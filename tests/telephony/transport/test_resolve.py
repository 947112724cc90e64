"""RFC 3263: from a URI to the places to try, with a scripted name service and with a real one on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.transport.names import DnsLookup
from centrala.telephony.transport.resolve import (
    MAX_CANDIDATES,
    Candidate,
    Lookup,
    LookupFailed,
    Naptr,
    Srv,
    find,
    order_srv,
)

UDP, TCP, TLS = Transport.UDP, Transport.TCP, Transport.TLS
ALL = (UDP, TCP, TLS)
T = TypeVar("T")


def lowest(_bound: int) -> int:
    return 0


@dataclass
class Script:
    """A name service that says what it is told to."""

    naptrs: dict[str, list[Naptr]] = field(default_factory=dict)
    srvs: dict[str, list[Srv]] = field(default_factory=dict)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    broken: bool = False

    def _answer(self, records: dict[str, list[T]], name: str) -> Sequence[T]:
        if self.broken:
            raise LookupFailed("told to fail")
        return records.get(name, [])

    async def naptr(self, domain: str) -> Sequence[Naptr]:
        return self._answer(self.naptrs, domain)

    async def srv(self, name: str) -> Sequence[Srv]:
        return self._answer(self.srvs, name)

    async def addresses(self, host: str) -> Sequence[str]:
        return self._answer(self.hosts, host)


async def places(uri: str, lookup: Lookup, supported: Sequence[Transport] = ALL) -> list[tuple[Transport, str, int]]:
    found = await find(uri, lookup, supported=supported, below=lowest)
    return [(one.transport, *one.remote) for one in found]


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("sip:a@192.0.2.1", (UDP, "192.0.2.1", 5060)),
        ("sip:a@192.0.2.1:5080;transport=tcp", (TCP, "192.0.2.1", 5080)),
        ("sip:a@192.0.2.1;transport=tls", (TLS, "192.0.2.1", 5061)),
        ("sips:a@192.0.2.1", (TLS, "192.0.2.1", 5061)),
        ("sips:a@192.0.2.1;transport=tcp", (TLS, "192.0.2.1", 5061)),
        ("sip:a@[2001:db8::1]", (UDP, "2001:db8::1", 5060)),
        ("sip:a@example.com;maddr=192.0.2.9", (UDP, "192.0.2.9", 5060)),
    ],
)
async def test_an_address_needs_no_look_up(uri: str, place: tuple[Transport, str, int]) -> None:
    assert await places(uri, Script(broken=True)) == [place]


async def test_naptr_names_the_transport_and_srv_the_place() -> None:
    """The example of RFC 3263 4.1 and 4.2."""
    script = Script(
        naptrs={
            "example.com": [
                Naptr(90, 50, "SIP+D2T", "_sip._tcp.example.com"),
                Naptr(50, 50, "SIPS+D2T", "_sips._tcp.example.com"),
                Naptr(100, 50, "SIP+D2U", "_sip._udp.example.com"),
            ]
        },
        srvs={
            "_sips._tcp.example.com": [Srv(0, 1, 5061, "s1.example.com"), Srv(1, 1, 5061, "s2.example.com")],
            "_sip._tcp.example.com": [Srv(0, 1, 5060, "s1.example.com")],
        },
        hosts={"s1.example.com": ["192.0.2.1"], "s2.example.com": ["192.0.2.2"]},
    )
    tls_first = [(TLS, "192.0.2.1", 5061), (TLS, "192.0.2.2", 5061), (TCP, "192.0.2.1", 5060)]
    assert await places("sip:a@example.com", script) == tls_first
    assert await places("sip:a@example.com", script, (UDP, TCP)) == [(TCP, "192.0.2.1", 5060)]


async def test_a_certificate_must_be_for_the_domain_not_for_the_host_that_srv_names() -> None:
    """RFC 5922 7.1: DNS could be forged."""
    script = Script(
        srvs={"_sips._tcp.example.com": [Srv(0, 1, 5061, "s1.hoster.example")]},
        hosts={"s1.hoster.example": ["192.0.2.1"]},
    )
    found = await find("sips:a@example.com", script, supported=ALL, below=lowest)
    assert found == [Candidate(TLS, ("192.0.2.1", 5061), "example.com")]


async def test_sips_is_never_downgraded() -> None:
    script = Script(
        naptrs={"example.com": [Naptr(1, 1, "SIP+D2U", "_sip._udp.example.com")]},
        srvs={"_sip._udp.example.com": [Srv(0, 1, 5060, "s1.example.com")]},
        hosts={"s1.example.com": ["192.0.2.1"], "example.com": ["192.0.2.7"]},
    )
    assert await places("sips:a@example.com", script) == [(TLS, "192.0.2.7", 5061)]


async def test_without_naptr_the_services_are_asked_in_our_order() -> None:
    script = Script(
        srvs={
            "_sip._udp.example.com": [Srv(0, 1, 5070, "u.example.com")],
            "_sip._tcp.example.com": [Srv(0, 1, 5080, "t.example.com")],
        },
        hosts={"u.example.com": ["192.0.2.1"], "t.example.com": ["192.0.2.2"]},
    )
    assert await places("sip:a@example.com", script) == [(UDP, "192.0.2.1", 5070), (TCP, "192.0.2.2", 5080)]


async def test_a_named_transport_asks_only_its_service() -> None:
    script = Script(
        srvs={
            "_sip._udp.example.com": [Srv(0, 1, 5070, "u.example.com")],
            "_sip._tcp.example.com": [Srv(0, 1, 5080, "t.example.com")],
        },
        hosts={"u.example.com": ["192.0.2.1"], "t.example.com": ["192.0.2.2"]},
    )
    assert await places("sip:a@example.com;transport=tcp", script) == [(TCP, "192.0.2.2", 5080)]


async def test_a_port_leaves_nothing_to_srv() -> None:
    script = Script(
        srvs={"_sip._udp.example.com": [Srv(0, 1, 5070, "u.example.com")]},
        hosts={"example.com": ["192.0.2.3", "2001:db8::3"], "u.example.com": ["192.0.2.1"]},
    )
    assert await places("sip:a@example.com:5066", script) == [(UDP, "192.0.2.3", 5066), (UDP, "2001:db8::3", 5066)]


async def test_without_any_service_the_host_itself_is_tried() -> None:
    script = Script(hosts={"example.com": ["192.0.2.3"]})
    assert await places("sip:a@example.com", script) == [(UDP, "192.0.2.3", 5060)]
    assert await places("sip:a@example.com;transport=tls", script) == [(TLS, "192.0.2.3", 5061)]


async def test_a_service_that_is_decidedly_absent_is_passed_over() -> None:
    """RFC 2782: a target of "." says so."""
    script = Script(srvs={"_sip._udp.example.com": [Srv(0, 0, 0, "")]}, hosts={"example.com": ["192.0.2.3"]})
    assert await places("sip:a@example.com", script) == [(UDP, "192.0.2.3", 5060)]


async def test_the_candidates_are_capped() -> None:
    script = Script(
        srvs={"_sip._udp.example.com": [Srv(n, 1, 5060, "many.example.com") for n in range(30)]},
        hosts={"many.example.com": [f"192.0.2.{n}" for n in range(1, 20)]},
    )
    assert len(await places("sip:a@example.com", script)) == MAX_CANDIDATES


async def test_a_failed_look_up_and_a_foreign_scheme_are_told() -> None:
    with pytest.raises(LookupFailed):
        await places("sip:a@example.com", Script(broken=True))
    with pytest.raises(ParseError):
        await places("tel:+37322123456", Script())


def test_priorities_are_kept_and_weights_share_within_one() -> None:
    """RFC 2782: of 3,000 orders a record of weight 3 beside one of weight 1 comes first in about 3 of 4."""
    below = SeededTokens(b"srv").below
    records = [Srv(20, 1, 5060, "last"), Srv(10, 1, 5060, "light"), Srv(10, 3, 5060, "heavy")]
    orders = [tuple(r.target for r in order_srv(records, below)) for _ in range(3_000)]
    assert {order[2] for order in orders} == {"last"}
    assert 0.72 < sum(order[0] == "heavy" for order in orders) / 3_000 < 0.78


Zone = dict[tuple[str, str], list[str]]
ZONE: Zone = {
    ("example.com.", "NAPTR"): [
        '90 50 "s" "SIP+D2T" "" _sip._tcp.example.com.',
        '50 50 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .',
    ],
    ("_sip._tcp.example.com.", "SRV"): ["0 1 5080 s1.example.com."],
    ("s1.example.com.", "A"): ["192.0.2.1"],
    ("s1.example.com.", "AAAA"): ["2001:db8::1"],
}


@asynccontextmanager
async def name_server(answer: Callable[[dns.message.Message], dns.message.Message | None]) -> AsyncIterator[DnsLookup]:
    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            response = answer(dns.message.from_wire(data))
            if response is not None:
                self.transport.sendto(response.to_wire(), addr)  # type: ignore[attr-defined]  # a datagram's transport

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
    try:
        yield DnsLookup(["127.0.0.1"], transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


def from_zone(query: dns.message.Message) -> dns.message.Message:
    response = dns.message.make_response(query)
    question = query.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    found = ZONE.get((question.name.to_text(), kind))
    if found is not None:
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    elif not any(name == question.name.to_text() for name, _ in ZONE):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response


async def test_a_real_name_server_leads_to_the_same_places() -> None:
    async with name_server(from_zone) as lookup:
        assert await places("sip:a@example.com", lookup) == [
            (TCP, "192.0.2.1", 5080),
            (TCP, "2001:db8::1", 5080),
        ]


async def test_names_without_records_are_no_failure() -> None:
    async with name_server(from_zone) as lookup:
        assert await lookup.addresses("nowhere.example") == []
        assert await lookup.srv("s1.example.com") == []


async def test_an_answer_is_cached() -> None:
    asked: list[str] = []

    def counted(query: dns.message.Message) -> dns.message.Message:
        asked.append(query.question[0].name.to_text())
        return from_zone(query)

    async with name_server(counted) as lookup:
        for _ in range(3):
            await lookup.srv("_sip._tcp.example.com")
    assert len(asked) == 1


async def test_a_server_that_refuses_is_a_failure() -> None:
    def refuse(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    async with name_server(refuse) as lookup:
        with pytest.raises(LookupFailed):
            await lookup.addresses("s1.example.com")


async def test_the_machine_knows_its_own_names() -> None:
    assert "127.0.0.1" in await DnsLookup([]).addresses("localhost")
