"""Hostile input: whatever comes, only the typed error is raised, and nothing is left behind."""

from pathlib import Path

import sipmessage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Answered,
    Event,
    IncomingCall,
    Reoffer,
    RequestReceived,
    Send,
    TransferRequested,
)
from centrala.telephony.sip.dtmf import RELAY, read_digit
from centrala.telephony.sip.errors import NotAllowed, ParseError, SipError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.framing import StreamFramer
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.refer import read_sipfrag
from centrala.telephony.sip.registrar import Registrar
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.sip.validate import check_syntax

FLOW = Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.1", 5060))
ALICE = parse_name_addr("Alice <sip:alice@example.com>")
FOLDER = Path(__file__).parent / "vectors"
CORPUS = [path.read_bytes() for path in sorted(FOLDER.glob("*/*.dat"))]
SPICE = [b"\r\n", b"\r\n ", b";", b",", b'"', b"<", b">", b"\0", b"\xff", b":", b"%", b"=", b"@"]
SPICE += [b"9" * 30, b"-1", b";tag=x", b"SIP/2.0", b"\r\nVia: ", b"\r\nl: 5", b"[", b"::", b"*"]


@st.composite
def damaged(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> bytes:
    """Return bytes with a few cuts, repeats and inserts."""
    data = draw(source)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        end = draw(st.integers(at, min(len(data), at + 40)))
        piece = draw(st.sampled_from(SPICE) | st.binary(max_size=6) | st.just(data[at:end] * 2))
        data = data[:at] + piece + data[end:]
    return data


def ends(agent: UserAgent) -> None:
    """Let all time pass; whatever was begun is over then."""
    for _ in range(2000):
        deadline = agent.next_deadline()
        if deadline is None:
            break
        agent.advance(deadline)
        agent.outputs()
    assert not any(agent.live.values()), agent.live


@given(st.binary(max_size=400) | damaged(st.sampled_from(CORPUS)))
@settings(max_examples=200)
def test_parser_raises_only_its_own_error(data: bytes) -> None:
    try:
        message = parse_datagram(data)
        if message is not None:
            check_syntax(message)
            parse_datagram(message.to_bytes())
    except ParseError as problem:
        assert problem.status in {0, 400, 413, 414, 483, 505}


@given(st.lists(st.binary(max_size=200) | damaged(st.sampled_from(CORPUS)), max_size=5))
@settings(max_examples=60)
def test_framer_never_raises(chunks: list[bytes]) -> None:
    framer = StreamFramer()
    for chunk in chunks:
        framer.feed(chunk)
        framer.settle()


@given(st.lists(damaged(st.sampled_from(CORPUS)), min_size=1, max_size=4))
@settings(max_examples=100)
def test_agent_survives_damaged_messages_and_forgets_them(messages: list[bytes]) -> None:
    agent = UserAgent(AgentConfig(), SeededTokens(b"fuzz"))
    for number, data in enumerate(messages):
        agent.receive(data, FLOW, number / 10)
        for output in agent.outputs():
            if isinstance(output, Send):
                assert parse_datagram(output.data) is not None
    ends(agent)


@given(st.binary(max_size=300))
def test_body_readers_raise_only_their_own_error(data: bytes) -> None:
    for read in (lambda d: read_digit(RELAY, d), read_sipfrag):
        try:
            read(data)
        except ParseError:
            continue


@given(damaged(st.sampled_from([d for d in CORPUS if d.startswith(b"REGISTER")])))
def test_registrar_refuses_or_serves_damaged_requests(data: bytes) -> None:
    try:
        request = parse_datagram(data)
        if isinstance(request, Request):
            check_syntax(request)
            Registrar().process(request, "sip:a@b", FLOW, 0.0)
    except SipError:
        return


def busy(agent: UserAgent, event: Event, now: float) -> None:
    """Take everything that comes, so that every kind of message is on the wire."""
    try:
        match event:
            case IncomingCall(session):
                agent.ring(session, now, status=183, sdp=b"v=0 answer")
                agent.answer(session, now, b"v=0 answer")
            case Reoffer(_, exchange):
                agent.accept_offer(exchange, b"v=0 again", now)
            case TransferRequested(_, transfer):
                agent.accept_transfer(transfer, now)
                agent.report_transfer(transfer, 200, now)
            case RequestReceived(server):
                agent.respond(server, 200, now)
            case _:
                return
    except NotAllowed:
        return


def story() -> list[tuple[Flow, bytes]]:
    """Return every message of a call with everything in it."""
    p = Pair.make(a=AgentConfig(), b=AgentConfig())
    p.on_a.append(busy)
    p.on_b.append(busy)
    p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=b"v=0 offer", flow=p.flow()), 0.0)
    p.net.run(1.0)
    session = p.one("a", Answered).session
    p.a.reoffer(session, b"v=0 hold", 1.0)
    p.net.run(2.0)
    p.a.refer(session, parse_uri("sip:c@d"), 2.0, Replaces("x", "y", "z"))
    p.net.run(3.0)
    p.a.reoffer(session, b"v=0 more", 3.0, "UPDATE")
    p.net.run(1000.0)
    p.a.hang_up(session, 1000.0)
    p.net.run(1100.0)
    return [(flow, data) for _, flow, data in p.net.wire]


STORY = story()


def test_the_story_has_every_kind_of_message() -> None:
    methods = {data.split(b" ")[0] for _, data in STORY}
    assert methods >= {b"INVITE", b"ACK", b"PRACK", b"REFER", b"NOTIFY", b"UPDATE", b"BYE"}


@given(st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_call_under_attack_with_its_own_messages_damaged_still_ends(data: st.DataObject) -> None:
    """The same call again (same tokens), while damaged copies of its messages come in between."""
    p = Pair.make(a=AgentConfig(), b=AgentConfig())
    p.on_a.append(busy)
    p.on_b.append(busy)
    for _ in range(data.draw(st.integers(1, 6))):
        flow, message = data.draw(st.sampled_from(STORY))
        bad = data.draw(damaged(st.just(message)) | st.just(message))
        back = Flow(flow.transport, flow.remote, flow.local)
        when = data.draw(st.integers(0, 400)) / 100
        p.net.at(when, lambda bad=bad, back=back: p.net.inject(bad, back))  # type: ignore[misc]
    p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=b"v=0 offer", flow=p.flow()), 0.0)
    p.net.run(5.0)
    for agent in (p.a, p.b):
        for session in agent.sessions():
            agent.hang_up(session, p.net.now)
    p.net.run(p.net.now + 2500.0)
    assert p.leftovers == {}


def test_another_parser_reads_every_message_of_ours_the_same() -> None:
    for _, data in STORY:
        ours, theirs = parse_datagram(data), sipmessage.Message.parse(data)
        assert ours is not None
        assert theirs.call_id == ours.call_id
        assert (theirs.cseq.sequence, theirs.cseq.method) == (ours.cseq.number, ours.cseq.method)
        assert theirs.from_address.parameters.get("tag") == ours.from_.tag
        assert theirs.to_address.parameters.get("tag") == ours.to.tag
        assert theirs.via[0].parameters.get("branch") == ours.via.branch
        assert theirs.content_length == len(ours.body)
