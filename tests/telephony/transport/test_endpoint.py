"""An endpoint turns its agent: datagrams, timers, commands, events."""

import asyncio
import socket

import pytest

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    Event,
    FlowLost,
    IncomingCall,
    SessionEnded,
)
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Direction, Endpoint, Listen, WireMessage

from .conftest import SDP, MakePeer, Peer


def answer(peer: Peer, event: Event) -> None:
    if isinstance(event, IncomingCall):
        peer.agent.answer(event.session, peer.now(), SDP)


async def test_a_call_over_udp_is_answered_and_ended(make_peer: MakePeer) -> None:
    ana, ion = await make_peer(), await make_peer(handler=answer)
    ana.call(ion.uri())
    answered = await ana.wait_for(Answered)
    await ion.wait_for(Acknowledged)
    ana.agent.hang_up(answered.session, ana.now())
    ana.endpoint.flush()
    await ion.wait_for(SessionEnded)
    assert answered.answer == SDP


async def test_commands_inside_an_event_are_sent_without_flush(make_peer: MakePeer) -> None:
    """`answer` above gives its command inside `on_event`; nobody calls `flush` on that side."""
    ana, ion = await make_peer(), await make_peer(handler=answer)
    ana.call(ion.uri())
    await ana.wait_for(Answered)


async def test_flush_inside_an_event_does_not_nest_events(make_peer: MakePeer) -> None:
    depth: list[int] = []

    def nested(peer: Peer, event: Event) -> None:
        depth.append(1)
        assert len(depth) == 1
        if isinstance(event, IncomingCall):
            peer.agent.reject(event.session, 486, peer.now())
            peer.endpoint.flush()
        depth.pop()

    ana, ion = await make_peer(), await make_peer(handler=nested)
    ana.call(ion.uri())
    failed = await ana.wait_for(AttemptFailed)
    assert failed.cause.status == 486
    assert ion.endpoint.counters.get("event_handler_failed", 0) == 0


async def test_a_fault_in_a_handler_is_counted_and_the_next_call_served(make_peer: MakePeer) -> None:
    def faulty(peer: Peer, event: Event) -> None:
        if isinstance(event, IncomingCall):
            peer.agent.answer(event.session, peer.now(), SDP)
            if len(peer.events) == 1:
                raise RuntimeError("a bug")

    ana, ion = await make_peer(), await make_peer(handler=faulty)
    ana.call(ion.uri())
    await ana.wait_for(Answered)
    ana.call(ion.uri())
    await ana.wait_for(Answered, 2)
    assert ion.endpoint.counters["event_handler_failed"] == 1


async def test_a_closed_port_fails_the_call_at_once(make_peer: MakePeer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead:
        dead.bind(("127.0.0.1", 0))
        port = dead.getsockname()[1]
    ana = await make_peer()
    began = ana.now()
    ana.call(f"sip:nobody@127.0.0.1:{port}")
    failed = await ana.wait_for(AttemptFailed)
    assert failed.cause.status == 503
    assert ana.now() - began < 2.0  # the transaction's own patience is 32 s
    assert ana.endpoint.counters["udp_unreachable"] == 1


async def test_an_unreachable_peer_does_not_harm_calls_with_others(make_peer: MakePeer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead:
        dead.bind(("127.0.0.1", 0))
        port = dead.getsockname()[1]
    ana, ion = await make_peer(), await make_peer(handler=answer)
    for _ in range(3):
        ana.call(f"sip:nobody@127.0.0.1:{port}")
        ana.call(ion.uri())
    await ana.wait_for(Answered, 3)
    await ana.wait_for(AttemptFailed, 3)


async def test_an_unreachable_address_keeps_its_call_and_is_tried_again(make_peer: MakePeer) -> None:
    """Anybody can forge an ICMP message: what goes to the address next must not be lost to it."""
    ana, ion = await make_peer(), await make_peer(handler=answer)
    ana.call(ion.uri())
    answered = await ana.wait_for(Answered)
    await ion.wait_for(Acknowledged)
    theirs = (await ion.wait_for(IncomingCall)).flow
    ana.agent.flow_failed(Flow(Transport.UDP, theirs.remote, theirs.local), ana.now())
    ana.endpoint.flush()
    assert not any(isinstance(event, FlowLost) for event in ana.events)
    ana.agent.hang_up(answered.session, ana.now())
    ana.endpoint.flush()
    await ion.wait_for(SessionEnded)


async def test_a_silent_peer_gets_the_invite_again_by_the_timer(make_peer: MakePeer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(0.0)
        ana = await make_peer()
        ana.call(f"sip:nobody@127.0.0.1:{silent.getsockname()[1]}")
        loop = asyncio.get_running_loop()
        first = await asyncio.wait_for(loop.sock_recv(silent, 4096), 1)
        began = loop.time()
        second = await asyncio.wait_for(loop.sock_recv(silent, 4096), 2)
        assert first == second
        assert 0.4 < loop.time() - began < 1.5  # timer A, RFC 3261 17.1.1.2


async def test_a_wildcard_socket_answers_from_the_address_that_was_asked(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=(Listen(Transport.UDP, "0.0.0.0", 0),), handler=answer)  # noqa: S104 - the subject
    port = ion.endpoint.local_addresses[Transport.UDP][1]
    ana = await make_peer()
    ana.call(f"sip:ion@127.0.0.77:{port}")
    answered = await ana.wait_for(Answered)
    incoming = await ion.wait_for(IncomingCall)
    assert incoming.flow.local == ("127.0.0.77", port)
    assert answered.response.contacts[0].uri == parse_uri(f"sip:centrala@127.0.0.77:{port}")


async def test_a_wildcard_socket_calls_with_the_address_of_the_route(make_peer: MakePeer) -> None:
    ana = await make_peer(listen=(Listen(Transport.UDP, "0.0.0.0", 0),))  # noqa: S104 - the subject
    ion = await make_peer(handler=answer)
    ana.call(ion.uri())
    await ana.wait_for(Answered)
    incoming = await ion.wait_for(IncomingCall)
    assert "0.0.0.0" not in str(incoming.request.to_bytes())  # noqa: S104 - the subject


async def test_ipv6_works_like_ipv4(make_peer: MakePeer) -> None:
    listen = (Listen(Transport.UDP, "::1", 0),)
    ana, ion = await make_peer(listen=listen), await make_peer(listen=listen, handler=answer)
    ana.call(ion.uri())
    answered = await ana.wait_for(Answered)
    ion.agent.hang_up((await ion.wait_for(Acknowledged)).session, ion.now())
    ion.endpoint.flush()
    ended = await ana.wait_for(SessionEnded)
    assert ended.session == answered.session


async def test_the_wire_hook_sees_both_directions(make_peer: MakePeer) -> None:
    seen: list[WireMessage] = []
    ana, ion = await make_peer(on_wire=seen.append), await make_peer(handler=answer)
    ana.call(ion.uri())
    await ana.wait_for(Answered)
    lines = [
        (one.direction, one.data.split(b"\r\n")[0].split(b" ")[0 if one.direction == "out" else 1]) for one in seen
    ]
    assert lines[0] == (Direction.OUT, b"INVITE")
    assert (Direction.IN, b"200") in lines
    assert (Direction.OUT, b"ACK") in lines
    assert all(one.flow.remote == ion.endpoint.local_addresses[Transport.UDP] for one in seen)


async def test_start_raises_when_the_address_is_taken(make_peer: MakePeer) -> None:
    ion = await make_peer()
    host, port = ion.endpoint.local_addresses[Transport.UDP]
    with pytest.raises(OSError, match="in use"):
        await make_peer(listen=(Listen(Transport.UDP, "127.0.0.1", 0), Listen(Transport.UDP, host, port)))


async def test_a_stopped_endpoint_frees_its_port_and_ignores_what_comes_late(make_peer: MakePeer) -> None:
    ion = await make_peer()
    host, port = ion.endpoint.local_addresses[Transport.UDP]
    await ion.endpoint.stop()
    ion.endpoint.flush()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind((host, port))
    assert ion.endpoint.listening == ()


async def test_a_call_without_a_way_fails(make_peer: MakePeer) -> None:
    ana = await make_peer()
    target = Call(parse_uri("sip:x@[2001:db8::1]"), parse_name_addr("<sip:ana@example.com>"), sdp=SDP)
    ana.agent.invite(target, ana.now())
    ana.endpoint.flush()
    assert (await ana.wait_for(AttemptFailed)).cause.status == 503


async def test_commands_before_the_start_go_out_with_it(make_peer: MakePeer) -> None:
    """As after a restart: sessions are taken up before the first message can come."""
    ion = await make_peer(handler=answer)
    agent = UserAgent(AgentConfig(), SeededTokens(b"early"))
    ana = Peer(agent)
    ana.endpoint = Endpoint(agent, ana.take)
    ana.call(ion.uri())
    assert ion.events == []
    await ana.endpoint.start()
    await ana.wait_for(Answered)
    await ana.endpoint.stop()
