"""Cost of the SIP core, in microseconds of one core. Run: `python bench/sip/measure.py`.

Times are of the CPU (thread time), so that other work on the machine does not count. Best and
median
of several rounds over a pool of messages that differ in numbers, tags, branches and Call-IDs, so
that
no cache of the parser sees the same message twice.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable

import sipmessage

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Answered, Event, IncomingCall, RequestReceived
from centrala.telephony.sip.digest import Credentials, DigestClient, DigestServer, make_ha1
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.registrar import Registrar
from centrala.telephony.sip.sdp.negotiate import DTMF, PCMA, PCMU, Endpoint, Negotiator, Policy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.sip.validate import check_syntax

POOL = 2_000  # messages
ROUNDS = 25
CALLS = 300

SDP = """v=0
o=alice 2890844526 2890844526 IN IP4 198.51.100.20
s=-
c=IN IP4 198.51.100.20
t=0 0
m=audio 49170 RTP/AVP 8 0 9 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:9 G722/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
""".replace("\n", "\r\n")

INVITE = """INVITE sip:+3732255{n:05}@sip.carrier.example:5060;user=phone SIP/2.0
Via: SIP/2.0/UDP 198.51.100.20:5060;branch=z9hG4bK7d83be{n:06x};rport
Via: SIP/2.0/TCP 10.20.30.40:5062;branch=z9hG4bKnash{n:06x};received=198.51.100.77
Record-Route: <sip:198.51.100.20;lr;ftag=19283{n:05}>
Max-Forwards: 69
From: "Alice Ionescu {n}" <sip:+3732266{n:05}@carrier.example;user=phone>;tag=19283{n:05}
To: <sip:+3732255{n:05}@sip.carrier.example;user=phone>
Call-ID: a84b4c76e66710.{n:06x}@198.51.100.20
CSeq: {n} INVITE
Contact: <sip:+3732266{n:05}@198.51.100.20:5060;transport=udp>
Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER, NOTIFY
Supported: 100rel, timer, replaces
Session-Expires: 1800
Min-SE: 90
P-Asserted-Identity: <sip:+3732266{n:05}@carrier.example>
User-Agent: Carrier SBC 7.4
Content-Type: application/sdp
Content-Length: {length}

"""


def pool() -> list[bytes]:
    """Return the messages."""
    length = len(SDP)
    heads = (INVITE.format(n=n, length=length).replace("\n", "\r\n") for n in range(1, POOL + 1))
    return [(head + SDP).encode() for head in heads]


def timed(work: Callable[[bytes], object], items: Iterable[bytes]) -> tuple[float, float]:
    """Return best and median microseconds for one item."""
    items = list(items)
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()
        start = time.thread_time()
        for item in items:
            work(item)
        rounds.append((time.thread_time() - start) / len(items) * 1e6)
        gc.enable()
    return min(rounds), statistics.median(rounds)


def parsed(data: bytes) -> Request:
    """Parse a message that is known to be a request."""
    message = parse_datagram(data)
    if not isinstance(message, Request):
        raise TypeError
    return message


def core_values(data: bytes) -> bytes:
    """Parse, read what every request needs, serialise."""
    message = parsed(data)
    _ = (message.via, message.from_, message.to, message.cseq, message.call_id, message.uri)
    return message.to_bytes()


def checked(data: bytes) -> bytes:
    """Parse, read and check every value whose form matters, serialise: what an agent does."""
    message = parsed(data)
    check_syntax(message)
    return message.to_bytes()


def others_core(data: bytes) -> bytes:
    """The same as `core_values` by the sipmessage package."""
    message = sipmessage.Message.parse(data)
    _ = (message.via, message.from_address, message.to_address, message.cseq, message.call_id)
    return bytes(message)


def answer_sdp(_data: bytes) -> object:
    """Read an offer and answer it."""
    negotiator = Negotiator("1")
    endpoint = Endpoint("192.0.2.1", 10_000)
    return negotiator.answer(SDP.encode(), endpoint, Policy((PCMA, PCMU, DTMF)))


def calls() -> float:
    """Return microseconds for one whole call (INVITE to BYE, 13 messages) on ONE of its sides."""
    best = []
    for number in range(3):
        pair = Pair.make(seed=b"bench%d" % number)
        pair.on_b.append(_answer)
        pair.on_a.append(_hang_up)
        target = parse_uri("sip:bob@192.0.2.2")
        alice = parse_name_addr("Alice <sip:alice@example.com>")
        gc.collect()
        start = time.thread_time()
        for _ in range(CALLS):
            call = Call(target, alice, sdp=SDP.encode(), flow=pair.flow())
            pair.a.invite(call, pair.net.now)
            pair.net.run(pair.net.now + 0.2)
        pair.net.run(pair.net.now + 100.0)
        best.append((time.thread_time() - start) / CALLS * 1e6 / 2)
    return min(best)


def _answer(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, IncomingCall):
        agent.ring(event.session, now)
        agent.answer(event.session, now, SDP.encode())


def _hang_up(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, Answered):
        agent.hang_up(event.session, now)


def registrations() -> float:
    """Return microseconds for a refresh: agent, digest with a nonce in use, registrar, response."""
    flow = Flow(Transport.UDP, ("192.0.2.2", 5060), ("198.51.100.7", 5060))
    server = DigestServer("home", b"s" * 32, SeededTokens(b"n"))
    client = DigestClient(Credentials("alice", "pw"), SeededTokens(b"c"))
    agent, registrar = UserAgent(AgentConfig(), SeededTokens(b"a")), Registrar()
    secret = make_ha1(server.algorithms[0], "alice", "home", "pw")
    wire = _registers(server, client)
    start = time.thread_time()
    for number, data in enumerate(wire):
        now = 1.0 + number * 0.012
        agent.receive(data, flow, now)
        for output in agent.outputs():
            if isinstance(output, RequestReceived):
                verdict = server.check(output.request, server.claim(output.request), secret, now)
                done = registrar.process(output.request, f"sip:{number}@home", flow, now)
                status = 200 if verdict == "ok" else 401
                agent.respond(output.server, status, now, headers=done.headers)
        agent.advance(now)
        agent.outputs()
    return (time.thread_time() - start) / len(wire) * 1e6


def _registers(server: DigestServer, client: DigestClient) -> list[bytes]:
    client.challenged(Response(401, "", Headers(server.challenges(0.0))))
    wire = []
    for n in range(1, 3_001):
        fields = [
            ("Via", f"SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bKreg{n};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{n}@home>;tag=t{n}"),
            ("To", f"<sip:{n}@home>"),
            ("Call-ID", f"reg{n}@phone"),
            ("CSeq", f"{n} REGISTER"),
            ("Contact", f"<sip:{n}@198.51.100.7:5060>;expires=120"),
            ("User-Agent", "Desk phone 1.0"),
        ]
        request = Request("REGISTER", "sip:home", Headers(fields))
        client.sign(request)
        wire.append(request.to_bytes())
    return wire


def main() -> None:
    """Measure and print a table in Markdown."""
    messages = pool()
    print(f"message: {len(messages[0])} bytes\n")
    print("| Work | best, us | median, us |\n|---|---|---|")
    rows: list[tuple[str, Callable[[bytes], object]]] = [
        ("parse", parse_datagram),
        ("parse + serialise (goal 40)", lambda data: parsed(data).to_bytes()),
        ("parse + Via, From, To, CSeq, Call-ID, URI + serialise", core_values),
        ("parse + check of all values + serialise", checked),
        ("sipmessage: parse + Via, From, To, CSeq, Call-ID + serialise", others_core),
        ("SDP offer read and answered", answer_sdp),
    ]
    for name, work in rows:
        best, median = timed(work, messages)
        print(f"| {name} | {best:.1f} | {median:.1f} |")
    print(f"| whole call with PRACK, one side, per call | {calls():.0f} | |")
    print(f"| REGISTER refresh with digest | {registrations():.0f} | |")


if __name__ == "__main__":
    main()
