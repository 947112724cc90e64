"""What must be stored before a peer learns of an answer: held ACKs, and sessions foreseen."""

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Acknowledged, Answered, Event, IncomingCall, SessionEnded
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.netem import Pair
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
