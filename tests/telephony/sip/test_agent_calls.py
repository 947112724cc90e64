"""Calls between two agents in memory: every story ends, with nothing left over."""

from collections.abc import Callable

import pytest

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    By,
    Event,
    IncomingCall,
    Progress,
    SessionEnded,
)
from centrala.telephony.sip.digest import Credentials, DigestClient, DigestServer, make_ha1
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.headers.small import Reason
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.netem import Pair, Weather
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

OFFER, ANSWER = b"v=0\r\noffer", b"v=0\r\nanswer"
ALICE = parse_name_addr("Alice <sip:alice@example.com>")


def call(p: Pair, **more: object) -> str:
    fields = {"sdp": OFFER, "flow": p.flow(), **more}
    target = parse_uri("sip:bob@192.0.2.2")
    return p.a.invite(Call(target, ALICE, **fields), p.net.now)  # type: ignore[arg-type]  # by name


def answers(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, IncomingCall):
        agent.ring(event.session, now)
        agent.answer(event.session, now, ANSWER)


def hangs_up(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, Answered):
        agent.hang_up(event.session, now)


def test_call_is_rung_answered_acknowledged_and_hung_up() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    p.on_a.append(hangs_up)
    call(p)
    p.net.run(100.0)
    answered = p.one("a", Answered)
    assert answered.answer == ANSWER
    assert p.all("b", Acknowledged)
    ended = p.one("b", SessionEnded)
    assert ended.cause.by is By.PEER
    assert p.leftovers == {}


def test_refusal_ends_the_attempt_with_its_status_and_reason() -> None:
    p = Pair.make()

    def refuse(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.reject(event.session, 486, now, [("Reason", "Q.850;cause=17")])

    p.on_b.append(refuse)
    call(p)
    p.net.run(100.0)
    failed = p.one("a", AttemptFailed)
    assert failed.cause.status == 486
    assert failed.cause.reasons == (Reason("Q.850", 17),)
    assert p.leftovers == {}


def test_silent_callee_fails_the_attempt_after_32_seconds() -> None:
    p = Pair.make(weather=Weather(loss=100))
    call(p)
    p.net.run(100.0)
    (at,), event = p.when("a", AttemptFailed), p.one("a", AttemptFailed)
    assert (at, event.cause.status, event.cause.by) == (32.0, 408, By.NETWORK)
    assert p.leftovers == {}


def test_cancel_waits_for_a_provisional_response_and_ends_in_487() -> None:
    p = Pair.make()
    attempt = call(p)
    p.a.cancel(attempt, 0.0, [Reason("SIP", 200, "Call completed elsewhere")])
    p.net.run(100.0)
    methods = [what for _, what in p.sent("a")]
    assert methods == ["INVITE", "CANCEL", "ACK"]
    failed = p.one("a", AttemptFailed)
    assert (failed.cause.by, failed.cause.status) == (By.US, 487)
    ended = p.one("b", SessionEnded)
    assert ended.cause.reasons[0].text == "Call completed elsewhere"
    assert p.leftovers == {}


def test_answer_that_crosses_a_cancel_is_acknowledged_and_ended_by_bye() -> None:
    p = Pair.make()
    state: dict[str, str] = {}

    def cancel_late(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Progress) and event.status == 180:
            p.net.at(1.005, lambda: agent.cancel(state["attempt"], p.net.now))

    def answer_late(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.ring(event.session, now)
            p.net.at(1.0, lambda: agent.answer(event.session, p.net.now, ANSWER))

    p.on_a.append(cancel_late)
    p.on_b.append(answer_late)
    state["attempt"] = call(p)
    p.net.run(100.0)
    assert [w for _, w in p.sent("a")] == ["INVITE", "PRACK", "CANCEL", "ACK", "BYE"]
    failed = p.one("a", AttemptFailed)
    assert failed.cause.status == 487
    assert not p.all("a", Answered)
    assert p.a.counters["late_answers"] == 1
    assert p.leftovers == {}


def test_lost_ack_brings_the_200_again_and_the_ack_again() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    dropped: list[bytes] = []

    def drop_first_ack(_now: float, _flow: Flow, data: bytes) -> bytes | None:
        if data.startswith(b"ACK") and len(dropped) < 2:
            dropped.append(data)
            return None
        return data

    p.net.tap = drop_first_ack
    call(p)
    p.net.run(3.0)
    assert len(dropped) == 2
    assert dropped[0] == dropped[1]
    assert len(p.all("b", Acknowledged)) == 1
    assert len(p.all("a", Answered)) == 1


def test_no_ack_at_all_ends_the_call_after_32_seconds() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    p.net.tap = lambda _now, _flow, data: None if data.startswith(b"ACK") else data
    call(p)
    p.net.run(100.0)
    oks = [at for at, what in p.sent("b") if what == "200"]
    assert [oks[0], *oks[2:6]] == pytest.approx([0.01, 0.51, 1.51, 3.51, 7.51])
    ended = p.one("b", SessionEnded)
    assert (ended.cause.by, ended.cause.status) == (By.NETWORK, 408)
    assert len(p.all("a", SessionEnded)) == 1
    assert p.leftovers == {}


def test_hang_up_before_the_ack_waits_for_it() -> None:
    p = Pair.make()

    def answer_and_go(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.answer(event.session, now, ANSWER)
            agent.hang_up(event.session, now)

    p.on_b.append(answer_and_go)
    call(p)
    p.net.run(100.0)
    assert [w for _, w in p.sent("b")] == ["100", "200", "BYE"]
    assert p.leftovers == {}


def test_offerless_invite_gets_its_answer_in_the_ack() -> None:
    p = Pair.make()

    def answer_with_offer(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            assert event.offer is None
            agent.answer(event.session, now, OFFER)

    def give_answer(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Answered):
            assert event.offer == OFFER
            agent.acknowledge(event.session, ANSWER, now)

    p.on_b.append(answer_with_offer)
    p.on_a.append(give_answer)
    call(p, sdp=None)
    p.net.run(1.0)
    acknowledged = p.one("b", Acknowledged)
    assert acknowledged.answer == ANSWER


def test_early_media_is_bound_by_a_reliable_183() -> None:
    p = Pair.make()

    def early(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.ring(event.session, now, status=183, sdp=ANSWER)
            p.net.at(now + 1, lambda: agent.answer(event.session, p.net.now, ANSWER))

    p.on_b.append(early)
    p.on_a.append(hangs_up)
    call(p)
    p.net.run(100.0)
    progress = p.all("a", Progress)
    assert [(e.status, e.answer) for e in progress] == [(100, None), (183, ANSWER)]
    answered = p.one("a", Answered)
    assert answered.answer == ANSWER
    assert p.leftovers == {}


def test_200_waits_for_the_prack_of_an_early_answer() -> None:
    p = Pair.make()

    def early(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.ring(event.session, now, status=183, sdp=ANSWER)
            agent.answer(event.session, now, ANSWER)

    p.on_b.append(early)
    call(p)
    p.net.run(1.0)
    assert [w for _, w in p.sent("b")][:4] == ["100", "183", "200", "200"]
    assert [w for _, w in p.sent("a")] == ["INVITE", "PRACK", "ACK"]


def test_reliable_response_without_prack_is_repeated_and_fails_after_32_seconds() -> None:
    p = Pair.make()

    def ring(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.ring(event.session, now)

    p.on_b.append(ring)
    p.net.tap = lambda _now, _flow, data: None if data.startswith(b"PRACK") else data
    call(p)
    p.net.run(200.0)
    rings = [at for at, what in p.sent("b") if what == "180"]
    assert rings == pytest.approx([0.01, 0.51, 1.51, 3.51, 7.51, 15.51, 31.51])
    failed = p.one("a", AttemptFailed)
    assert failed.cause.status == 504
    assert p.leftovers == {}


def test_unanswered_call_is_refused_after_the_longest_ringing() -> None:
    p = Pair.make(b=AgentConfig(longest_ringing=20.0, timer=TimerPolicy(None)))
    call(p)
    p.net.run(100.0)
    failed = p.one("a", AttemptFailed)
    assert failed.cause.status == 480
    assert p.leftovers == {}


def test_attempt_that_rings_for_ever_is_cancelled() -> None:
    p = Pair.make(a=AgentConfig(longest_attempt=20.0, timer=TimerPolicy(None)))
    call(p)
    p.net.run(100.0)
    failed = p.one("a", AttemptFailed)
    assert failed.cause == failed.cause.__class__(By.NETWORK, 408)
    assert p.leftovers == {}


def fork(invite: Request, tag: str, status: int, port: int) -> Response:
    response = make_response(invite, status, to_tag=tag)
    response.headers.add("Contact", f"<sip:fork@192.0.2.2:{port}>")
    if status == 200:
        response.set_body("application/sdp", ANSWER)
    return response


def test_forked_answers_keep_the_first_and_end_the_others() -> None:
    p = Pair.make()
    heard: list[Request] = []

    def catch(_now: float, flow: Flow, data: bytes) -> bytes | None:
        message = parse_datagram(data)
        assert isinstance(message, Request)
        heard.append(message)
        return None

    p.net.tap = catch
    call(p)
    p.net.run(0.1)
    invite, flow = heard[0], p.flow()
    for tag, status in (("x", 180), ("y", 180), ("x", 200), ("y", 200), ("z", 200), ("x", 200)):
        p.net.inject(fork(invite, tag, status, 5070 + ord(tag) - ord("x")).to_bytes(), flow)
        p.net.collect()
    answered = p.one("a", Answered)
    assert answered.session.remote_tag == "x"
    ended = {e.session.remote_tag for e in p.all("a", SessionEnded)}
    assert ended == {"y"}  # nobody had heard of z
    by_tag = [(m.method, m.to.tag) for m in heard[1:]]
    assert by_tag.count(("ACK", "x")) == 2
    assert ("BYE", "z") in by_tag
    assert by_tag.count(("BYE", "x")) == 0


def test_second_200_of_an_ended_early_fork_is_ended_too() -> None:
    """y was known as early; after x won, y's own 2xx must still be acknowledged and ended."""
    p = Pair.make()
    heard: list[Request] = []

    def catch(_now: float, flow: Flow, data: bytes) -> bytes | None:
        message = parse_datagram(data)
        assert isinstance(message, Request)
        heard.append(message)
        return None

    p.net.tap = catch
    call(p)
    p.net.run(0.1)
    flow = p.flow()
    for tag, status in (("x", 180), ("y", 180), ("x", 200), ("y", 200)):
        p.net.inject(fork(heard[0], tag, status, 5070).to_bytes(), flow)
        p.net.collect()
    assert ("ACK", "y") in [(m.method, m.to.tag) for m in heard]
    assert ("BYE", "y") in [(m.method, m.to.tag) for m in heard]


def test_too_many_forks_are_ignored() -> None:
    p = Pair.make()
    heard: list[Request] = []

    def catch(_now: float, flow: Flow, data: bytes) -> bytes | None:
        message = parse_datagram(data)
        assert isinstance(message, Request)
        heard.append(message)
        return None

    p.net.tap = catch
    call(p)
    p.net.run(0.1)
    for number in range(40):
        response = fork(heard[0], f"t{number}", 180, 5070)
        p.net.inject(response.to_bytes(), p.flow())
        p.net.collect()
    assert p.a.live["sessions"] == 16
    assert p.a.counters["forks_ignored"] == 24


def test_challenged_invite_is_signed_and_sent_again() -> None:
    p = Pair.make()
    server = DigestServer("centrala", b"k" * 32, SeededTokens(b"nonces"))
    ha1 = {u: make_ha1(server.algorithms[0], "alice", "centrala", "secret") for u in ("alice",)}

    def challenge(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            claim = server.claim(event.request)
            verdict = server.check(event.request, claim, ha1["alice"], now)
            if verdict != "ok":
                agent.reject(event.session, 401, now, server.challenges(now))
            else:
                agent.answer(event.session, now, ANSWER)

    p.on_b.append(challenge)
    p.on_a.append(hangs_up)
    client = DigestClient(Credentials("alice", "secret"), SeededTokens(b"c"))
    call(p, digest=client)
    p.net.run(100.0)
    assert len(p.all("a", Answered)) == 1
    assert [w for _, w in p.sent("a")] == ["INVITE", "ACK", "INVITE", "ACK", "BYE"]
    assert p.leftovers == {}


def test_wrong_password_gives_up_after_the_second_challenge() -> None:
    p = Pair.make()
    server = DigestServer("centrala", b"k" * 32, SeededTokens(b"nonces"))

    def challenge(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            agent.reject(event.session, 401, now, server.challenges(now))

    p.on_b.append(challenge)
    call(p, digest=DigestClient(Credentials("alice", "wrong"), SeededTokens(b"c")))
    p.net.run(100.0)
    failed = p.one("a", AttemptFailed)
    assert failed.cause.status == 401
    assert len([w for _, w in p.sent("a") if w == "INVITE"]) <= 4
    assert p.leftovers == {}


def test_session_interval_that_is_too_small_is_raised_and_tried_again() -> None:
    p = Pair.make(
        a=AgentConfig(timer=TimerPolicy(interval=100)),
        b=AgentConfig(timer=TimerPolicy(minimum=600)),
    )
    p.on_b.append(answers)
    call(p)
    p.net.run(10.0)
    invites = [d for _, f, d in p.net.wire if d.startswith(b"INVITE")]
    assert len(invites) == 2
    assert b"Session-Expires: 600" in invites[1]
    assert b"Min-SE: 600" in invites[1]
    assert len(p.all("a", Answered)) == 1


def test_lost_connection_of_a_caller_ends_the_ringing_call() -> None:
    p = Pair.make()
    tcp = p.flow(Transport.TCP)
    call(p, flow=tcp)
    p.net.run(1.0)
    back = Flow(tcp.transport, tcp.remote, tcp.local, tcp.connection)
    p.b.flow_failed(back, p.net.now)
    p.net.collect()
    ended = p.one("b", SessionEnded)
    assert ended.cause.by is By.NETWORK


def test_call_over_a_stream_never_repeats_a_request() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    p.on_a.append(hangs_up)
    call(p, flow=p.flow(Transport.TCP))
    p.net.run(100.0)
    assert [w for _, w in p.sent("a")] == ["INVITE", "PRACK", "ACK", "BYE"]
    assert p.leftovers == {}


def test_commands_that_come_too_late_are_refused_and_change_nothing() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    p.on_a.append(hangs_up)
    call(p)
    p.net.run(100.0)
    session = p.one("b", IncomingCall)
    with pytest.raises(NotAllowed):
        p.b.answer(session.session, p.net.now, ANSWER)
    p.b.hang_up(session.session, p.net.now)
    assert p.leftovers == {}


@pytest.mark.parametrize("seed", range(20))
def test_rough_network_leaves_nothing_behind(seed: int) -> None:
    """Loss, reordering and duplication: each call ends on both sides and every count is zero."""
    weather = Weather(delay=0.02, jitter=0.4, loss=15, duplicate=15)
    p = Pair.make(weather=weather, seed=b"rough%d" % seed)
    rolls = SeededTokens(b"plan%d" % seed)

    def callee(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, IncomingCall):
            plan, later = rolls.below(4), now + rolls.below(3000) / 1000
            session = event.session
            if plan != 0:
                agent.ring(session, now)
            if plan == 1:
                p.net.at(later, lambda: safely(lambda: agent.reject(session, 486, p.net.now)))
            else:
                p.net.at(later, lambda: safely(lambda: agent.answer(session, p.net.now, ANSWER)))
            p.net.at(later + rolls.below(5000) / 1000, lambda: agent.hang_up(session, p.net.now))

    def caller(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Answered):
            session = event.session
            wait = now + rolls.below(5000) / 1000
            p.net.at(wait, lambda: agent.hang_up(session, p.net.now))

    p.on_a.append(caller)
    p.on_b.append(callee)
    attempts = [call(p) for _ in range(5)]
    for attempt in attempts:
        if rolls.below(3) == 0:
            when = rolls.below(4000) / 1000
            p.net.at(when, lambda attempt=attempt: p.a.cancel(attempt, p.net.now))  # type: ignore[misc]
    p.net.run(400.0)
    outcomes = len(p.all("a", Answered)) + len(p.all("a", AttemptFailed))
    assert outcomes == len(attempts)
    assert p.leftovers == {}


def safely(action: Callable[[], None]) -> None:
    """Do what may have become impossible meanwhile."""
    try:
        action()
    except NotAllowed:
        return
