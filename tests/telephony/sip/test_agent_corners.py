"""Corners of the call flows: offers in odd places, late CANCELs, challenges within calls, old
peers."""

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    Event,
    IncomingCall,
    Output,
    Progress,
    Reoffer,
    ReofferAnswered,
    Resolve,
    Send,
    SessionEnded,
)
from centrala.telephony.sip.digest import Credentials, DigestClient, DigestServer
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

OFFER, ANSWER, HOLD, HELD = b"v=0 offer", b"v=0 answer", b"v=0 hold", b"v=0 held"
ALICE = parse_name_addr("Alice <sip:alice@example.com>")
SDP = "Content-Type: application/sdp\r\n"


def answers(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, IncomingCall):
        agent.answer(event.session, now, ANSWER)


def call(p: Pair, **more: object) -> str:
    fields = {"sdp": OFFER, "flow": p.flow(), **more}
    return p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, **fields), p.net.now)  # type: ignore[arg-type]  # by name


def done(p: Pair) -> None:
    """End what is still up and see that nothing is left."""
    for agent in (p.a, p.b):
        for session in agent.sessions():
            agent.hang_up(session, p.net.now)
    p.net.run(p.net.now + 200.0)
    assert p.leftovers == {}


def test_cancel_after_the_answer_changes_nothing() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    call(p)
    p.net.run(1.0)
    invite = next(d for _, _, d in p.net.wire if d.startswith(b"INVITE"))
    text = invite.partition(b"\r\n\r\n")[0].replace(b"INVITE", b"CANCEL")
    text = text.replace(b"Content-Length: %d" % len(OFFER), b"Content-Length: 0")
    p.net.wire.clear()
    p.net.inject(text + b"\r\n\r\n", Flow(Transport.UDP, p.b_address, p.a_address))
    p.net.collect()
    assert [w for _, w in p.sent("b")] == ["200"]
    assert not p.all("b", SessionEnded)
    done(p)


def test_offer_in_a_reliable_183_is_answered_by_prack() -> None:
    p = Pair.make()

    def ring_with_offer(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.ring(event.session, now, status=183, sdp=OFFER)
            p.net.at(now + 1, lambda: agent.answer(event.session, p.net.now, None))

    def give_answer(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Progress) and event.offer is not None and event.session:
            agent.acknowledge(event.session, ANSWER, now)

    p.on_b.append(ring_with_offer)
    p.on_a.append(give_answer)
    call(p, sdp=None)
    p.net.run(3.0)
    assert p.all("b", Acknowledged)[0].answer == ANSWER
    answered = p.one("a", Answered)
    assert answered.offer is None
    assert p.a.store(answered.session, 3.0)["remote_sdp"] == OFFER.decode()
    done(p)


def test_reinvite_without_description_gets_an_offer_and_answers_in_the_ack() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    call(p)
    p.net.run(1.0)
    session = p.one("b", IncomingCall).session

    def offers(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Reoffer):
            assert event.offer is None
            agent.accept_offer(event.exchange, HOLD, now)

    p.on_b.append(offers)
    p.net.tap = lambda _now, flow, data: None if flow.local == p.b_address else data
    head = (
        f"From: <sip:a@b>;tag={session.remote_tag}\r\nTo: <sip:b@b>;tag={session.local_tag}\r\n"
        f"Call-ID: {session.call_id}\r\nMax-Forwards: 70\r\n"
    )
    invite = (
        "INVITE sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKh1\r\n"
        f"{head}CSeq: 20000 INVITE\r\nContact: <sip:a@192.0.2.1>\r\n\r\n"
    )
    flow = Flow(Transport.UDP, p.b_address, p.a_address)
    p.net.inject(invite.encode(), flow)
    p.net.collect()
    ack = (
        "ACK sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKh2\r\n"
        f"{head}CSeq: 20000 ACK\r\n{SDP}\r\nv=0 held"
    )
    p.net.inject(ack.encode(), flow)
    p.net.collect()
    assert p.all("b", Acknowledged)[-1].answer == HELD
    kept = p.b.store(session, 1.0)
    assert (kept["local_sdp"], kept["remote_sdp"]) == (HOLD.decode(), HELD.decode())


def test_reinvite_without_an_answer_in_its_ack_ends_the_call() -> None:
    p = Pair.make()

    def offers(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.answer(event.session, now, OFFER)

    def ignores(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Answered):
            # a peer that acknowledges without a word
            agent._sessions.acknowledge(agent._sessions.get(event.session), 1, now)

    p.on_b.append(offers)
    p.on_a.append(ignores)
    call(p, sdp=None)

    def right_number(_now: float, _flow: Flow, data: bytes) -> bytes:
        if data.startswith(b"INVITE"):
            seen.append(data.split(b"CSeq: ")[1].split(b" ")[0])
        return data.replace(b"CSeq: 1 ACK", b"CSeq: %s ACK" % seen[0]) if seen else data

    seen: list[bytes] = []
    p.net.tap = right_number
    p.net.run(1.0)
    assert p.one("b", SessionEnded).cause.status == 488


def test_answer_to_our_change_that_comes_again_is_acknowledged_again() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    p.on_b.append(
        lambda agent, event, now: agent.accept_offer(event.exchange, HELD, now) if isinstance(event, Reoffer) else None
    )
    call(p)
    p.net.run(1.0)
    lost: list[bytes] = []

    def lose_two(_now: float, _flow: Flow, data: bytes) -> bytes | None:
        if data.startswith(b"ACK") and len(lost) < 2:
            lost.append(data)
            return None
        return data

    p.net.tap = lose_two
    p.a.reoffer(p.one("a", Answered).session, HOLD, 1.0)
    p.net.run(10.0)
    assert len(lost) == 2
    assert lost[0] == lost[1]
    assert len(p.all("a", ReofferAnswered)) == 1
    assert len(p.all("b", Acknowledged)) == 2
    done(p)


def test_update_changes_an_early_call() -> None:
    p = Pair.make()
    p.on_b.append(
        lambda agent, event, now: (
            agent.ring(event.session, now, status=183, sdp=ANSWER) if isinstance(event, IncomingCall) else None
        )
    )
    p.on_b.append(
        lambda agent, event, now: agent.accept_offer(event.exchange, HELD, now) if isinstance(event, Reoffer) else None
    )
    call(p)
    p.net.run(1.0)
    early = next(e.session for e in p.all("a", Progress) if e.session)
    p.a.reoffer(early, HOLD, 1.0)
    p.net.run(2.0)
    assert p.one("a", ReofferAnswered).answer == HELD
    assert "UPDATE" in [w for _, w in p.sent("a")]
    done(p)


def test_challenged_bye_is_signed() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    digest = DigestClient(Credentials("alice", "pw"), SeededTokens(b"d"))
    call(p, digest=digest)
    p.net.run(1.0)
    server = DigestServer("home", b"x" * 32, SeededTokens(b"s"))
    byes: list[Request] = []

    def challenge(_now: float, flow: Flow, data: bytes) -> bytes | None:
        message = parse_datagram(data)
        if not isinstance(message, Request) or message.method != "BYE":
            return data
        byes.append(message)
        if len(byes) > 1:
            return data
        refusal = make_response(message, 401, headers=server.challenges(1.0))
        back = Flow(flow.transport, flow.local, flow.remote)
        p.net.at(p.net.now + 0.01, lambda: p.net.inject(refusal.to_bytes(), back))
        return None

    p.net.tap = challenge
    p.a.hang_up(p.one("a", Answered).session, 1.0)
    p.net.run(100.0)
    assert len(byes) == 2
    assert byes[1].headers.get("authorization") is not None
    assert byes[1].cseq.number == byes[0].cseq.number + 1
    assert p.leftovers == {}


def answer_with(agent: UserAgent, contact: str) -> list[Output]:
    """Let an agent call somebody whose 200 has this Contact; return what goes out then."""
    flow = Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.2", 5060))
    agent.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=OFFER, flow=flow), 0.0)
    (sent,) = [o for o in agent.outputs() if isinstance(o, Send)]
    invite = parse_datagram(sent.data)
    assert isinstance(invite, Request)
    response = make_response(invite, 200, to_tag="t", headers=[("Contact", contact)])
    response.set_body("application/sdp", ANSWER)
    agent.receive(response.to_bytes(), flow, 0.1)
    return agent.outputs()


def test_contact_with_a_name_is_resolved_before_the_ack() -> None:
    agent = UserAgent(AgentConfig(), SeededTokens(b"r"))
    outputs = answer_with(agent, "<sip:b@pbx.example;transport=tcp>")
    (asked,) = [o for o in outputs if isinstance(o, Resolve)]
    assert asked.uri == "sip:b@pbx.example;transport=tcp"
    tcp = Flow(Transport.TCP, ("192.0.2.1", 6000), ("192.0.2.3", 5060), 9)
    agent.resolved(asked.query, tcp, 0.2)
    (ack,) = agent.outputs()
    assert isinstance(ack, Send)
    assert ack.flow == tcp
    assert ack.data.startswith(b"ACK sip:b@pbx.example;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP ")


def test_way_to_the_peer_that_cannot_be_found_is_counted() -> None:
    agent = UserAgent(AgentConfig(), SeededTokens(b"r"))
    outputs = answer_with(agent, "<sip:b@nowhere.example>")
    (asked,) = [o for o in outputs if isinstance(o, Resolve)]
    agent.resolved(asked.query, None, 0.2)
    assert agent.counters["ack_without_route"] == 1


def test_old_peer_without_branch_and_tags_is_served() -> None:
    """RFC 2543: no cookie, no From tag; the INVITE again is absorbed, the ACK finds its way."""
    agent = UserAgent(AgentConfig(), SeededTokens(b"o"))
    flow = Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.9", 5060))
    invite = (
        "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9\r\nFrom: <sip:a@h>\r\n"
        "To: <sip:b@h>\r\nCall-ID: old\r\nCSeq: 1 INVITE\r\nContact: <sip:a@192.0.2.9>\r\n\r\n"
    )
    agent.receive(invite.encode(), flow, 0.0)
    agent.receive(invite.encode(), flow, 0.1)
    (incoming,) = [o for o in agent.outputs() if isinstance(o, IncomingCall)]
    agent.reject(incoming.session, 486, 0.2)
    tag = incoming.session.local_tag
    ack = invite.replace("INVITE", "ACK").replace("To: <sip:b@h>", f"To: <sip:b@h>;tag={tag}")
    agent.outputs()
    agent.receive(ack.encode(), flow, 0.3)
    assert agent.outputs() == []
    agent.advance(20.0)
    assert not any(isinstance(o, Send) for o in agent.outputs())  # no 486 again: it was acknowledged
    assert not any(agent.live.values())


def test_redirection_shows_where_to() -> None:
    p = Pair.make()
    p.on_b.append(
        lambda agent, event, now: (
            agent.reject(event.session, 302, now, [("Contact", "<sip:c@d>;q=0.7")])
            if isinstance(event, IncomingCall)
            else None
        )
    )
    call(p)
    p.net.run(1.0)
    response = p.one("a", AttemptFailed).response
    assert isinstance(response, Response)
    assert str(response.contacts[0].uri) == "sip:c@d"
    done(p)
