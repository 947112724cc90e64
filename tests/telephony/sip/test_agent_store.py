"""What must be stored before a peer learns of an answer: held ACKs, and sessions foreseen."""

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Acknowledged, Answered, Event, IncomingCall, SessionEnded
from centrala.telephony.sip.digest import Credentials, DigestClient, DigestServer
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

OFFER, ANSWER = b"v=0\r\noffer", b"v=0\r\nanswer"


def call(p: Pair, *, hold_ack: bool) -> None:
    target, local = parse_uri("sip:bob@192.0.2.2"), parse_name_addr("<sip:alice@example.com>")
    p.a.invite(Call(target, local, flow=p.flow(), sdp=OFFER, hold_ack=hold_ack), p.net.now)


def answers(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, IncomingCall):
        agent.answer(event.session, now, ANSWER)


def test_a_held_ack_is_sent_when_confirmed_and_again_for_each_2xx_after_it() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    call(p, hold_ack=True)
    p.net.run(3.0)
    assert [word for _, word in p.sent("a")].count("ACK") == 0
    assert p.all("b", Acknowledged) == []
    p.a.confirm(p.one("a", Answered).session, p.net.now)
    p.a.confirm(p.one("a", Answered).session, p.net.now)
    p.net.run(4.0)
    assert [word for _, word in p.sent("a")].count("ACK") == 1
    assert p.all("b", Acknowledged)


def test_hanging_up_before_the_confirmation_acknowledges_first() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    call(p, hold_ack=True)
    p.net.run(1.0)
    p.a.hang_up(p.one("a", Answered).session, p.net.now)
    p.net.run(100.0)
    assert [word for _, word in p.sent("a")] == ["INVITE", "ACK", "BYE"]
    assert p.all("b", SessionEnded)
    assert p.leftovers == {}


def test_a_session_is_foreseen_as_it_is_stored_after_the_answer() -> None:
    p = Pair.make()
    call(p, hold_ack=False)
    p.net.run(0.1)
    session = p.one("b", IncomingCall).session
    foreseen = p.b.foresee(session, ANSWER, p.net.now)
    p.b.answer(session, p.net.now, ANSWER)
    assert foreseen == p.b.store(session, p.net.now)


def test_a_restored_session_answers_challenges_with_the_credentials_it_is_given() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    call(p, hold_ack=False)
    p.net.run(1.0)
    session = p.one("a", Answered).session
    kept = p.a.store(session, p.net.now)
    account = Credentials("trunk", "secret")
    fresh = UserAgent(AgentConfig(), SeededTokens(b"fresh"))
    p.net.add("a", fresh, p.a_address)
    fresh.restore(kept, p.net.now, digest=DigestClient(account, SeededTokens(b"digest")))
    server = DigestServer("carrier", b"key", SeededTokens(b"nonces"))
    byes: list[bytes] = []

    def challenge_once(now: float, flow: Flow, data: bytes) -> bytes | None:
        if not data.startswith(b"BYE"):
            return data
        byes.append(data)
        if len(byes) > 1:
            return data
        request = parse_datagram(data)
        assert isinstance(request, Request)
        refusal = make_response(request, 407, to_tag="x")
        for name, value in server.challenges(now):
            refusal.headers.add(name.replace("WWW", "Proxy"), value)
        back = Flow(flow.transport, flow.local, flow.remote)
        p.net.at(now + 0.01, lambda: p.net.inject(refusal.to_bytes(), back))
        return None

    p.net.tap = challenge_once
    fresh.hang_up(session, p.net.now)
    p.net.run(60.0)
    assert len(byes) == 2
    assert b"Proxy-Authorization: Digest" in byes[1]
    assert p.all("b", SessionEnded)
