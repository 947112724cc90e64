"""What an agent answers to single messages: refusals, strays, keep-alives, requests outside of
calls."""

import csv
from pathlib import Path

import pytest

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    AttemptFailed,
    By,
    Event,
    IncomingCall,
    Replied,
    RequestReceived,
    Resolve,
    Send,
    SessionEnded,
)
from centrala.telephony.sip.agent.plain import Message
from centrala.telephony.sip.digest import Credentials, DigestClient, DigestServer, make_ha1
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.framing import StreamFramer
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.message import Response
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

VECTORS = Path(__file__).parent / "vectors" / "rfc4475"
TABLE = (VECTORS / "index.csv").read_text()
FLOW = Flow(Transport.UDP, ("192.0.2.2", 5060), ("198.51.100.7", 40000))
ALICE = parse_name_addr("<sip:alice@example.com>")

# What the agent says to each torture message. None: nothing at all (responses, and no way back).
# "call": it rings (100 is sent); "handed": the user of the agent must answer.
TORTURE = {
    "wsinv": 481,  # its To has a tag
    "intmeth": 405,
    "esc01": "call",
    "escnull": "handed",
    "esc02": 405,
    "lwsdisp": 200,
    "longreq": "call",
    "dblreq": "handed",
    "semiuri": 200,
    "transports": 200,
    "mpart01": "handed",
    "unreason": None,
    "noreason": None,
    "badinv01": 400,
    "clerr": 400,
    "ncl": 400,
    "scalar02": 400,
    "scalarlg": None,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 400,
    "trws": 400,
    "escruri": 400,
    "baddate": 400,
    "regbadct": 400,
    "badaspec": 400,
    "baddn": 400,
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "bigcode": None,
    "badbranch": 200,
    "insuf": 400,
    "unkscm": 416,
    "novelsc": 416,
    "unksm2": "handed",
    "bext01": 420,
    "invut": 415,
    "regaut01": "handed",
    "multi01": 400,
    "mcl01": 400,
    "bcast": None,
    "zeromf": 200,  # RFC 4475 3.3.11: we are no proxy, OPTIONS is for us
    "cparam01": "handed",
    "cparam02": "handed",
    "regescrt": "handed",
    "sdp01": 406,
    "inv2543": 400,  # without a Contact no dialog of today can be made
}


def agent() -> UserAgent:
    return UserAgent(AgentConfig(), SeededTokens(b"wire"))


def outcome(ua: UserAgent, data: bytes, flow: Flow = FLOW) -> object:
    ua.receive(data, flow, 0.0)
    out = ua.outputs()
    if any(isinstance(o, IncomingCall) for o in out):
        return "call"
    if any(isinstance(o, RequestReceived) for o in out):
        return "handed"
    replies = [parse_datagram(o.data) for o in out if isinstance(o, Send)]
    statuses = [r.status for r in replies if isinstance(r, Response)]
    return statuses[0] if statuses else None


@pytest.mark.parametrize("name", [row["file"].removesuffix(".dat") for row in csv.DictReader(TABLE.splitlines())])
def test_torture_message_gets_its_answer_and_leaves_nothing(name: str) -> None:
    ua = agent()
    assert outcome(ua, (VECTORS / f"{name}.dat").read_bytes()) == TORTURE[name]
    while (deadline := ua.next_deadline()) is not None:
        ua.advance(deadline)
        ua.outputs()
        assert deadline < 1000
    assert not any(ua.live.values())


def request(method: str, more: str = "", *, to: str = "<sip:b@h>", via: str = "") -> bytes:
    via = via or "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKw;rport"
    return (
        f"{method} sip:b@h SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@h>;tag=1\r\nTo: {to}\r\n"
        f"Call-ID: wire\r\nCSeq: 5 {method}\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:a@10.0.0.9:5070>\r\n{more}Content-Length: 0\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("method", ["BYE", "PRACK", "UPDATE", "INFO", "NOTIFY", "REFER"])
def test_request_without_a_dialog_is_481(method: str) -> None:
    assert outcome(agent(), request(method)) == 481


@pytest.mark.parametrize("method", ["INVITE", "BYE", "MESSAGE"])
def test_request_to_an_unknown_dialog_is_481(method: str) -> None:
    assert outcome(agent(), request(method, to="<sip:b@h>;tag=gone")) == 481


def test_cancel_without_an_invite_is_481_and_stray_ack_is_silent() -> None:
    ua = agent()
    assert outcome(ua, request("CANCEL")) == 481
    assert outcome(ua, request("ACK")) is None
    assert ua.counters["stray_acks"] == 1


def test_refusal_of_the_same_request_carries_the_same_tag() -> None:
    ua, data = agent(), request("BREW")
    tags = []
    for _ in range(2):
        ua.receive(data, FLOW, 0.0)
        (sent,) = ua.outputs()
        assert isinstance(sent, Send)
        reply = parse_datagram(sent.data)
        assert isinstance(reply, Response)
        tags.append(reply.to.tag)
    assert tags[0]
    assert tags[0] == tags[1]


@pytest.mark.parametrize(
    ("via", "port"),
    [
        ("SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKw;rport", 40000),
        ("SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKw", 5070),
        ("SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKw", 5060),
        ("SIP/2.0/UDP victim.example:9;branch=z9hG4bKw;maddr=203.0.113.1", 9),
    ],
)
def test_response_goes_back_to_the_source_whatever_the_via_claims(via: str, port: int) -> None:
    ua = agent()
    ua.receive(request("OPTIONS", via=via), FLOW, 0.0)
    sent = ua.outputs()[0]
    assert isinstance(sent, Send)
    assert sent.flow.remote == ("198.51.100.7", port)
    reply = parse_datagram(sent.data)
    assert isinstance(reply, Response)
    assert reply.via.params.get("received") == "198.51.100.7"


def test_ping_on_a_stream_is_answered_and_on_udp_only_counted() -> None:
    ua = agent()
    ws = Flow(Transport.WSS, ("192.0.2.2", 443), ("198.51.100.7", 1), 3)
    ua.receive(b"\r\n\r\n", ws, 0.0)
    assert ua.outputs() == [Send(ws, b"\r\n")]
    ua.receive(b"\r\n\r\n", FLOW, 0.0)
    assert ua.outputs() == []
    assert ua.counters["keepalives"] == 2


def test_noise_is_counted_and_not_answered() -> None:
    ua = agent()
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 50, b"SIP/2.0 200 OK\r\n\r\n"):
        ua.receive(data, FLOW, 0.0)
    assert ua.outputs() == []
    assert ua.counters["malformed_dropped"] == 3


def test_stream_error_is_answered() -> None:
    ua = agent()
    (item,) = StreamFramer().feed(request("OPTIONS").replace(b"Content-Length: 0\r\n", b""))
    assert not isinstance(item, str)
    ua.receive_message(item, FLOW, 0.0)
    (sent,) = ua.outputs()
    assert isinstance(sent, Send)
    assert sent.data.startswith(b"SIP/2.0 400 ")


def test_options_tells_what_we_can() -> None:
    ua = agent()
    ua.receive(request("OPTIONS"), FLOW, 0.0)
    (sent,) = ua.outputs()
    assert isinstance(sent, Send)
    reply = parse_datagram(sent.data)
    assert isinstance(reply, Response)
    assert "INVITE" in reply.tokens("allow")
    assert "100rel" in reply.tokens("supported")
    assert reply.headers.get("accept") == "application/sdp, multipart/mixed"


def test_same_invite_by_two_paths_is_482() -> None:
    ua = agent()
    assert outcome(ua, request("INVITE")) == "call"
    other = "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKother;rport"
    assert outcome(ua, request("INVITE", via=other)) == 482


def test_bye_of_the_caller_before_the_answer_refuses_its_invite() -> None:
    ua = agent()
    ua.receive(request("INVITE"), FLOW, 0.0)
    call = next(o for o in ua.outputs() if isinstance(o, IncomingCall))
    bye = request("BYE", to=f"<sip:b@h>;tag={call.session.local_tag}").replace(b"CSeq: 5", b"CSeq: 6")
    ua.receive(bye, FLOW, 0.1)
    out = ua.outputs()
    statuses = [o.data.split(b" ")[1] for o in out if isinstance(o, Send)]
    assert statuses == [b"200", b"487"]
    (ended,) = [o for o in out if isinstance(o, SessionEnded)]
    assert ended.cause.by is By.PEER


def test_request_nobody_answers_is_forgotten() -> None:
    ua = agent()
    assert outcome(ua, request("MESSAGE")) == "handed"
    ua.advance(33.0)
    ua.advance(70.0)
    assert not any(ua.live.values())
    assert ua.counters["requests_unanswered"] == 1


def register(digest: DigestClient | None = None, **more: object) -> Message:
    target = parse_uri("sip:192.0.2.2")
    return Message("REGISTER", target, ALICE, contact=True, digest=digest, **more)  # type: ignore[arg-type]  # by name


def test_challenged_register_is_signed_and_the_nonce_used_again_with_a_higher_count() -> None:
    p = Pair.make()
    server = DigestServer("home", b"s" * 32, SeededTokens(b"n"))
    ha1 = make_ha1(server.algorithms[0], "alice", "home", "pw")

    def registrar(ua: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, RequestReceived):
            verdict = server.check(event.request, server.claim(event.request), ha1, now)
            ok = verdict == "ok"
            headers = () if ok else server.challenges(now, stale=verdict == "stale")
            ua.respond(event.server, 200 if ok else 401, now, headers=headers)

    p.on_b.append(registrar)
    client = DigestClient(Credentials("alice", "pw"), SeededTokens(b"c"))
    for number in range(3):
        p.a.send(register(client, flow=p.flow(), call_id="r", cseq=10 * number + 1), p.net.now)
        p.net.run(p.net.now + 50)
    assert [e.status for e in p.all("a", Replied)] == [200, 200, 200]
    assert [w for _, w in p.sent("b")] == ["401", "200", "200", "200"]
    p.net.run(p.net.now + 400)  # the nonce is stale by now
    p.a.send(register(client, flow=p.flow(), call_id="r", cseq=41), p.net.now)
    p.net.run(p.net.now + 50)
    assert p.all("a", Replied)[-1].status == 200
    assert p.leftovers == {}


def test_request_without_a_flow_waits_for_its_resolution() -> None:
    ua = agent()
    ua.send(register(), 0.0)
    (asked,) = ua.outputs()
    assert isinstance(asked, Resolve)
    assert asked.uri == "sip:192.0.2.2"
    ua.resolved(asked.query, FLOW, 0.5)
    (sent,) = ua.outputs()
    assert isinstance(sent, Send)
    ua.send(register(), 1.0)
    (asked,) = ua.outputs()
    assert isinstance(asked, Resolve)
    ua.resolved(asked.query, None, 1.5)
    (replied,) = ua.outputs()
    assert isinstance(replied, Replied)
    assert (replied.response, replied.status) == (None, 503)


def test_request_without_answer_is_reported_after_32_seconds() -> None:
    ua = agent()
    ua.send(register(flow=FLOW), 0.0)
    ua.advance(32.0)
    replied = [o for o in ua.outputs() if isinstance(o, Replied)]
    assert [r.status for r in replied] == [408]
    assert not any(ua.live.values())


def test_unknown_exchange_transfer_and_session_are_refused() -> None:
    ua = agent()
    with pytest.raises(NotAllowed):
        ua.accept_offer("x", b"", 0.0)
    with pytest.raises(NotAllowed):
        ua.refuse_offer("x", 0.0)
    with pytest.raises(NotAllowed):
        ua.accept_transfer("x", 0.0)
    with pytest.raises(NotAllowed):
        ua.report_transfer("x", 200, 0.0)
    ua.cancel("x", 0.0)
    assert ua.outputs() == []


def test_flood_past_the_cap_is_refused_with_503() -> None:
    ua = UserAgent(AgentConfig(most_server_transactions=3), SeededTokens(b"wire"))
    seen = []
    for number in range(5):
        data = request("OPTIONS", via=f"SIP/2.0/UDP h;branch=z9hG4bK{number}")
        seen.append(outcome(ua, data.replace(b"Call-ID: wire", b"Call-ID: w%d" % number)))
    assert seen == [200, 200, 200, 503, 503]


def test_calls_past_the_cap_are_refused_with_503() -> None:
    ua = UserAgent(AgentConfig(most_sessions=1), SeededTokens(b"wire"))
    assert outcome(ua, request("INVITE")) == "call"
    other = request("INVITE", via="SIP/2.0/UDP h;branch=z9hG4bKmore")
    assert outcome(ua, other.replace(b"Call-ID: wire", b"Call-ID: other")) == 503


def test_offer_inside_of_a_multipart_body_is_found() -> None:
    parts = "--b1\r\nContent-Type: application/isup\r\n\r\nx\r\n--b1\r\nc: application/sdp\r\n\r\nv=0\r\n--b1--\r\n"
    head = request("INVITE", "Content-Type: multipart/mixed;boundary=b1\r\n")
    data = head.replace(b"Content-Length: 0", b"Content-Length: %d" % len(parts)) + parts.encode()
    ua = agent()
    ua.receive(data, FLOW, 0.0)
    call = next(o for o in ua.outputs() if isinstance(o, IncomingCall))
    assert call.offer == b"v=0"


def test_multipart_body_without_a_boundary_is_400() -> None:
    data = request("INVITE", "Content-Type: multipart/mixed\r\n")
    assert outcome(agent(), data.replace(b"Length: 0", b"Length: 3") + b"abc") == 400


def test_response_with_an_odd_decoration_still_ends_its_call() -> None:
    p = Pair.make()

    def busy(ua: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            odd = [("Warning", '304 "no agent here"'), ("Date", "yesterday"), ("Retry-After", "soon")]
            ua.reject(event.session, 486, now, odd)

    p.on_b.append(busy)
    p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=b"v=0", flow=p.flow()), 0.0)
    p.net.run(1.0)
    assert p.one("a", AttemptFailed).cause.status == 486


@pytest.mark.parametrize(
    ("transport", "contact"),
    [
        (Transport.UDP, "<sip:centrala@192.0.2.2:5060>"),
        (Transport.TCP, "<sip:centrala@192.0.2.2:5060;transport=tcp>"),
        (Transport.TLS, "<sip:centrala@192.0.2.2:5060;transport=tls>"),
        (Transport.WSS, "<sip:centrala@pbx.example:443;transport=ws>"),
    ],
)
def test_contact_names_the_way_back(transport: Transport, contact: str) -> None:
    config = AgentConfig(advertised={Transport.WSS: ("pbx.example", 443)})
    ua = UserAgent(config, SeededTokens(b"wire"))
    flow = Flow(transport, ("192.0.2.2", 5060), ("198.51.100.7", 1), int(transport != "UDP"))
    ua.receive(request("INVITE"), flow, 0.0)
    call = next(o for o in ua.outputs() if isinstance(o, IncomingCall))
    ua.ring(call.session, 0.1)
    (sent,) = ua.outputs()
    assert isinstance(sent, Send)
    reply = parse_datagram(sent.data)
    assert isinstance(reply, Response)
    assert reply.headers.get("contact") == contact
