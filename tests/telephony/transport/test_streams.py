"""TCP and TLS: calls over connections, their caps, keep-alives, certificates."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    Event,
    FlowLost,
    IncomingCall,
    SessionEnded,
)
from centrala.telephony.sip.flow import Transport
from centrala.telephony.transport import GatePolicy, Guard, GuardPolicy, Limits, Listen, Rate, TlsFiles
from interop.sip.support.certificates import Authority

from .conftest import PATIENCE, SDP, MakePeer, Peer

TCP = (Listen(Transport.TCP, "127.0.0.1", 0),)
TLS = (Listen(Transport.TLS, "127.0.0.1", 0),)
OPEN = GatePolicy(silent_methods=frozenset())  # OPTIONS is answered to anybody
LAVISH = GuardPolicy(outside=Rate(1e6, 1e6), crowd=Rate(1e6, 1e6))


def answer(peer: Peer, event: Event) -> None:
    if isinstance(event, IncomingCall):
        peer.agent.answer(event.session, peer.now(), SDP)


@asynccontextmanager
async def raw(
    peer: Peer, transport: Transport = Transport.TCP, **more: object
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = peer.endpoint.local_addresses[transport]
    reader, writer = await asyncio.open_connection(host, port, **more)  # type: ignore[arg-type]  # ssl=, limit=
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that only the loop brings about."""

    async def wait() -> None:
        while not condition():  # noqa: ASYNC110 - a test's own look at state that tells nobody of its changes
            await asyncio.sleep(0.001)

    await asyncio.wait_for(wait(), PATIENCE)


async def closed(reader: asyncio.StreamReader) -> bytes:
    """What came until the other side closed the connection."""
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionResetError:
        return b""


async def test_a_call_over_tcp_uses_one_connection_both_ways(make_peer: MakePeer) -> None:
    ana, ion = await make_peer(listen=TCP), await make_peer(listen=TCP, handler=answer)
    ana.call(ion.uri(Transport.TCP))
    answered = await ana.wait_for(Answered)
    acknowledged = await ion.wait_for(Acknowledged)
    ion.agent.hang_up(acknowledged.session, ion.now())
    ion.endpoint.flush()
    assert (await ana.wait_for(SessionEnded)).session == answered.session
    assert ana.endpoint.counters["connections_open"] == ion.endpoint.counters["connections_open"] == 1


async def test_an_outbound_connection_names_the_port_we_listen_on(make_peer: MakePeer) -> None:
    ana, ion = await make_peer(listen=TCP), await make_peer(listen=TCP, handler=answer)
    ana.call(ion.uri(Transport.TCP))
    incoming = await ion.wait_for(IncomingCall)
    port = ana.endpoint.local_addresses[Transport.TCP][1]
    assert incoming.request.via.port == port
    assert f":{port};transport=tcp" in str(incoming.request.contacts[0])


async def test_calls_to_one_place_share_a_connection(make_peer: MakePeer) -> None:
    ana, ion = await make_peer(), await make_peer(listen=TCP, handler=answer)
    for _ in range(5):
        ana.call(ion.uri(Transport.TCP))
    await ana.wait_for(Answered, 5)
    assert ion.endpoint.counters["connections_open"] == 1


async def test_a_lost_connection_is_reported_and_the_hang_up_finds_a_new_one(make_peer: MakePeer) -> None:
    ana, ion = await make_peer(listen=TCP), await make_peer(listen=TCP, handler=answer)
    ana.call(ion.uri(Transport.TCP))
    answered = await ana.wait_for(Answered)
    await ion.wait_for(Acknowledged)
    ion.endpoint.close_flow((await ion.wait_for(IncomingCall)).flow)
    assert (await ana.wait_for(FlowLost)).sessions == (answered.session,)
    ana.agent.hang_up(answered.session, ana.now())
    ana.endpoint.flush()
    await ion.wait_for(SessionEnded)


async def test_a_hang_up_on_a_connection_that_is_just_closing_goes_by_another(make_peer: MakePeer) -> None:
    """RFC 5923 9: the broken connection says nothing of the peer."""
    ana, ion = await make_peer(listen=TCP), await make_peer(listen=TCP, handler=answer)
    ana.call(ion.uri(Transport.TCP))
    answered = await ana.wait_for(Answered)
    acknowledged = await ion.wait_for(Acknowledged)
    ion.endpoint.close_flow((await ion.wait_for(IncomingCall)).flow)
    ion.agent.hang_up(acknowledged.session, ion.now())
    ion.endpoint.flush()
    assert (await ana.wait_for(SessionEnded)).session == answered.session


async def test_a_refused_connection_fails_the_call_at_once(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP)
    uri = ion.uri(Transport.TCP)
    await ion.endpoint.stop()
    ana = await make_peer()
    ana.call(uri)
    assert (await ana.wait_for(AttemptFailed)).cause.status == 503
    assert ana.endpoint.counters["connect_failed"] == 1


async def test_a_ping_is_answered_by_a_pong(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP)
    async with raw(ion) as (reader, writer):
        writer.write(b"\r\n\r\n")
        assert await asyncio.wait_for(reader.readexactly(2), PATIENCE) == b"\r\n"


async def test_a_message_that_comes_in_pieces_is_served_once_whole(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, gate=OPEN)
    request = (
        b"OPTIONS sip:ion@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bKx1\r\n"
        b"From: <sip:a@example.com>;tag=1\r\nTo: <sip:ion@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
        b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    async with raw(ion) as (reader, writer):
        for at in range(0, len(request), 37):
            writer.write(request[at : at + 37])
            await writer.drain()
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
    assert head.startswith(b"SIP/2.0 200 ")


async def test_a_stream_without_boundaries_is_refused_and_closed(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, gate=OPEN)
    request = (
        b"OPTIONS sip:ion@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bKx1\r\n"
        b"From: <sip:a@example.com>;tag=1\r\nTo: <sip:ion@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    async with raw(ion) as (reader, writer):
        writer.write(request)
        answer = await closed(reader)
    assert answer.startswith(b"SIP/2.0 400 ")
    assert ion.endpoint.counters["streams_broken"] == 1


async def test_noise_is_closed_without_an_answer(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP)
    async with raw(ion) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await closed(reader) == b""


async def test_connections_of_one_address_are_capped(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, limits=Limits(per_address=2))
    async with raw(ion), raw(ion):
        await until(lambda: ion.endpoint.counters["connections_open"] == 2)
        async with raw(ion) as (reader, _):
            assert await closed(reader) == b""
        assert ion.endpoint.counters["connections_refused_per_address"] == 1
    await until(lambda: ion.endpoint.counters["connections_open"] == 0)
    async with raw(ion) as (reader, writer):
        writer.write(b"\r\n\r\n")
        assert await asyncio.wait_for(reader.readexactly(2), PATIENCE) == b"\r\n"


async def test_all_connections_together_are_capped(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, limits=Limits(connections=1))
    async with raw(ion):
        await until(lambda: ion.endpoint.counters["connections_open"] == 1)
        async with raw(ion) as (reader, _):
            assert await closed(reader) == b""
    assert ion.endpoint.counters["connections_refused_total"] == 1


async def test_a_slow_reader_is_closed_instead_of_filling_the_memory(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, limits=Limits(unsent_bytes=64 * 1024), gate=OPEN, guard=Guard(LAVISH))
    request = (
        b"OPTIONS sip:ion@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bKx%d\r\n"
        b"From: %b <sip:a@example.com>;tag=1\r\nTo: <sip:ion@127.0.0.1>\r\nCall-ID: x%d\r\nCSeq: 1 OPTIONS\r\n"
        b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(ion.endpoint.local_addresses[Transport.TCP])
        slow.settimeout(0.0)
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            for number in range(2000):
                await loop.sock_sendall(slow, request % (number, b"x" * 8000, number))
        await until(lambda: ion.endpoint.counters["connections_open"] == 0)
    assert ion.endpoint.counters["slow_readers"] == 1


async def test_an_idle_stranger_is_closed_and_a_known_phone_stays(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP, gate=OPEN)
    async with raw(ion) as (reader, writer), raw(ion) as (phone_reader, phone_writer):
        for one_reader, one in ((reader, writer), (phone_reader, phone_writer)):
            one.write(b"\r\n\r\n")
            await one_reader.readexactly(2)
        phone = phone_writer.get_extra_info("sockname")
        (known,) = [c for c in ion.endpoint._connections if c.flow.remote == phone]
        ion.endpoint.vouch(known.flow)
        ion.endpoint._streams.keep_up(ion.now() + 400.0)
        assert await closed(reader) == b""
        assert ion.endpoint.is_open(known.flow)
        ion.endpoint.disown(known.flow)
        ion.endpoint._streams.keep_up(ion.now() + 400.0)
        assert await closed(phone_reader) == b""
    assert ion.endpoint.counters["streams_closed_idle"] == 2


async def test_a_message_that_does_not_end_is_given_up(make_peer: MakePeer) -> None:
    ion = await make_peer(listen=TCP)
    async with raw(ion) as (reader, writer):
        writer.write(b"OPTIONS sip:x SIP/2.0\r\n")
        await until(lambda: any(stream._framer.waiting for stream in ion.endpoint._streams._all))
        ion.endpoint._streams.keep_up(ion.now() + 40.0)
        assert await closed(reader) == b""
    assert ion.endpoint.counters["streams_closed_partial"] == 1


async def test_what_we_opened_is_pinged_and_the_peer_answers(make_peer: MakePeer) -> None:
    ana, ion = await make_peer(), await make_peer(listen=TCP, handler=answer)
    ana.call(ion.uri(Transport.TCP))
    await ana.wait_for(Answered)
    (stream,) = ana.endpoint._streams._all
    ana.endpoint._streams.keep_up(ana.now() + 100.0)
    await until(lambda: stream._framer.waiting == 2)  # a lone CRLF: half of a ping, or a pong
    ana.endpoint._streams.keep_up(ana.now() + 1.5)
    assert stream._ponged


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def files(authority: Authority, tmp_path: Path) -> TlsFiles:
    return TlsFiles(certificate=authority.issue(tmp_path / "server.pem"), authorities=authority.path)


async def test_a_call_over_tls_checks_the_certificate(make_peer: MakePeer, files: TlsFiles) -> None:
    ana, ion = await make_peer(listen=TLS, tls=files), await make_peer(listen=TLS, tls=files, handler=answer)
    ana.call(ion.uri(Transport.TLS))
    answered = await ana.wait_for(Answered)
    await ion.wait_for(Acknowledged)
    ana.agent.hang_up(answered.session, ana.now())
    ana.endpoint.flush()
    await ion.wait_for(SessionEnded)
    assert (await ion.wait_for(IncomingCall)).flow.transport is Transport.TLS


async def test_a_certificate_of_a_stranger_is_not_trusted(make_peer: MakePeer, files: TlsFiles, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "Stranger")
    other = TlsFiles(certificate=stranger.issue(tmp_path / "other.pem"), authorities=stranger.path)
    ana, ion = await make_peer(tls=files), await make_peer(listen=TLS, tls=other)
    ana.call(ion.uri(Transport.TLS))
    assert (await ana.wait_for(AttemptFailed)).cause.status == 503
    assert ana.endpoint.counters["tls_untrusted"] == 1
    await until(lambda: ion.endpoint.counters.get("tls_handshake_failed") == 1)


async def test_a_certificate_for_another_name_is_not_trusted(
    make_peer: MakePeer, authority: Authority, tmp_path: Path
) -> None:
    """RFC 5922 7.1: it must be for the domain of the URI."""
    other = authority.issue(tmp_path / "other.pem", names=("other.example",), addresses=())
    ana = await make_peer(tls=TlsFiles(authorities=authority.path))
    ion = await make_peer(listen=TLS, tls=TlsFiles(certificate=other))
    ana.call(ion.uri(Transport.TLS))
    assert (await ana.wait_for(AttemptFailed)).cause.status == 503
    assert ana.endpoint.counters["tls_untrusted"] == 1


async def test_a_renewed_certificate_serves_the_next_connection(
    make_peer: MakePeer, authority: Authority, tmp_path: Path
) -> None:
    path = authority.issue(tmp_path / "server.pem")
    ion = await make_peer(listen=TLS, tls=TlsFiles(certificate=path))
    context = ssl.create_default_context(cafile=authority.path)

    async def serial() -> str:
        async with raw(ion, Transport.TLS, ssl=context, server_hostname="127.0.0.1") as (_, writer):
            return str(writer.get_extra_info("peercert")["serialNumber"])

    before = await serial()
    authority.issue(path)
    assert ion.endpoint.reload_tls()
    assert await serial() != before
    path.write_text("not a certificate")
    assert not ion.endpoint.reload_tls()
    assert await serial() != before
    assert ion.endpoint.counters["tls_reload_failed"] == 1


async def test_old_tls_is_refused(make_peer: MakePeer, files: TlsFiles, authority: Authority) -> None:
    ion = await make_peer(listen=TLS, tls=files)
    context = ssl.create_default_context(cafile=authority.path)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        async with raw(ion, Transport.TLS, ssl=context, server_hostname="127.0.0.1"):
            pass
    await until(lambda: ion.endpoint.counters.get("tls_handshake_failed") == 1)


async def test_half_open_handshakes_are_capped_and_timed(make_peer: MakePeer, files: TlsFiles) -> None:
    ion = await make_peer(listen=TLS, tls=files, limits=Limits(handshakes=1, handshake_seconds=0.3))
    async with raw(ion, Transport.TLS) as (first, _), raw(ion, Transport.TLS) as (second, _):
        assert await closed(second) == b""
        assert ion.endpoint.counters["connections_refused_handshakes"] == 1
        assert await closed(first) == b""
    await until(lambda: ion.endpoint.counters.get("tls_handshake_failed") == 1)
    assert ion.endpoint.counters["connections_open"] == 0


async def test_listening_for_tls_without_a_certificate_is_a_mistake(make_peer: MakePeer) -> None:
    with pytest.raises(ValueError, match="certificate"):
        await make_peer(listen=TLS)


async def test_a_large_request_changes_from_udp_to_tcp(make_peer: MakePeer) -> None:
    """RFC 3261 18.1.1, with the ACK to the refusal on the same connection."""

    def refuse(peer: Peer, event: Event) -> None:
        if isinstance(event, IncomingCall):
            peer.agent.reject(event.session, 486, peer.now())

    ion = await make_peer(listen=TCP, handler=refuse)
    port = ion.endpoint.local_addresses[Transport.TCP][1]
    ana = await make_peer()
    ana.call(f"sip:ion@127.0.0.1:{port}", headers=(("X-Long", "x" * 1400),))
    assert (await ana.wait_for(AttemptFailed)).cause.status == 486
    incoming = await ion.wait_for(IncomingCall)
    assert incoming.flow.transport is Transport.TCP
    assert incoming.request.via.transport == "TCP"
    await until(lambda: ion.agent.live["owners"] == 0)  # the ACK has ended the refused INVITE
    assert ana.endpoint.counters["requests_widened"] == 1


async def test_a_large_request_goes_by_udp_when_there_is_no_tcp(make_peer: MakePeer) -> None:
    ion = await make_peer(handler=answer)
    ana = await make_peer()
    ana.call(ion.uri(), headers=(("X-Long", "x" * 1400),))
    await ana.wait_for(Answered)
    assert (await ion.wait_for(IncomingCall)).flow.transport is Transport.UDP
    assert ana.endpoint.counters["requests_not_widened"] == 1
