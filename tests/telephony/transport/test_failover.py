"""RFC 3263 4.3: a place that fails is left for the next one."""

import socket
from collections.abc import Sequence

from centrala.telephony.sip.agent.events import (
    Answered,
    AttemptFailed,
    Event,
    IncomingCall,
    Replied,
    RequestReceived,
)
from centrala.telephony.sip.agent.plain import Message
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Listen
from centrala.telephony.transport.resolve import Naptr, Srv

from .conftest import SDP, MakePeer, Peer

TCP = (Listen(Transport.TCP, "127.0.0.1", 0),)


class Zone:
    """A carrier with two places, the first preferred."""

    def __init__(self, *ports: int, service: str = "_sip._udp.carrier.example") -> None:
        self.records = {service: [Srv(number, 1, port, "local.example") for number, port in enumerate(ports)]}

    async def naptr(self, _domain: str) -> Sequence[Naptr]:
        return []

    async def srv(self, name: str) -> Sequence[Srv]:
        return self.records.get(name, [])

    async def addresses(self, _host: str) -> Sequence[str]:
        return ["127.0.0.1"]


def closed_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def port_of(peer: Peer, transport: Transport = Transport.UDP) -> int:
    return peer.endpoint.local_addresses[transport][1]


def answer(peer: Peer, event: Event) -> None:
    if isinstance(event, IncomingCall):
        peer.agent.answer(event.session, peer.now(), SDP)
    elif isinstance(event, RequestReceived):
        peer.agent.respond(event.server, 200, peer.now())


def overloaded(peer: Peer, event: Event) -> None:
    if isinstance(event, IncomingCall):
        peer.agent.reject(event.session, 503, peer.now(), headers=(("Retry-After", "5"),))
    elif isinstance(event, RequestReceived):
        peer.agent.respond(event.server, 503, peer.now())


def busy(peer: Peer, event: Event) -> None:
    if isinstance(event, IncomingCall):
        peer.agent.reject(event.session, 486, peer.now())


async def test_a_dead_place_is_left_for_the_next(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=answer)
    ana = await make_peer(lookup=Zone(closed_port(), port_of(ion)))
    ana.call("sip:ion@carrier.example")
    await ana.wait_for(Answered)


async def test_an_overloaded_place_is_left_for_the_next_with_the_same_call(make_peer: MakePeer) -> None:
    full, ion = await make_peer(handler=overloaded), await make_peer(handler=answer)
    ana = await make_peer(lookup=Zone(port_of(full), port_of(ion)))
    ana.call("sip:ion@carrier.example")
    await ana.wait_for(Answered)
    first, second = (await full.wait_for(IncomingCall)).request, (await ion.wait_for(IncomingCall)).request
    assert first.call_id == second.call_id
    assert first.cseq == second.cseq
    assert first.via.branch != second.via.branch


async def test_any_other_refusal_is_an_answer_and_no_reason_to_go_on(make_peer: MakePeer) -> None:
    first, second = await make_peer(handler=busy), await make_peer(handler=answer)
    ana = await make_peer(lookup=Zone(port_of(first), port_of(second)))
    ana.call("sip:ion@carrier.example")
    assert (await ana.wait_for(AttemptFailed)).cause.status == 486
    assert second.events == []


async def test_when_all_places_have_failed_the_last_refusal_is_told(make_peer: MakePeer) -> None:
    full = await make_peer(handler=overloaded)
    ana = await make_peer(lookup=Zone(closed_port(), port_of(full)))
    ana.call("sip:ion@carrier.example")
    failed = await ana.wait_for(AttemptFailed)
    assert failed.response is not None
    assert failed.response.headers.get("retry-after") == "5"


async def test_a_connection_that_cannot_be_had_is_left_for_the_next_place(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, handler=answer)
    zone = Zone(closed_port(), port_of(ion, Transport.TCP), service="_sip._tcp.carrier.example")
    ana = await make_peer(lookup=zone)
    ana.call("sip:ion@carrier.example;transport=tcp")
    await ana.wait_for(Answered)


async def test_a_place_that_failed_comes_last_for_a_while(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=answer)
    ana = await make_peer(lookup=Zone(closed_port(), port_of(ion)))
    for count in (1, 2, 3):
        ana.call("sip:ion@carrier.example")
        await ana.wait_for(Answered, count)
    assert ana.endpoint.counters["udp_unreachable"] == 1


async def test_a_request_outside_of_calls_fails_over_too(make_peer: MakePeer) -> None:
    full, ion = await make_peer(handler=overloaded), await make_peer(handler=answer)
    ana = await make_peer(lookup=Zone(closed_port(), port_of(full), port_of(ion)))
    message = Message("MESSAGE", parse_uri("sip:ion@carrier.example"), parse_name_addr("<sip:ana@example.com>"))
    ana.agent.send(message, ana.now())
    ana.endpoint.flush()
    assert (await ana.wait_for(Replied)).status == 200


async def test_a_name_without_any_place_fails_the_call(make_peer: MakePeer) -> None:
    class Nowhere(Zone):
        async def addresses(self, _host: str) -> Sequence[str]:
            return []

    ana = await make_peer(lookup=Nowhere())
    ana.call("sip:ion@carrier.example")
    assert (await ana.wait_for(AttemptFailed)).cause.status == 503
