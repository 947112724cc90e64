"""What happens within a call: changes and glare, refreshes, transfers, digits, restart."""

import json
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
    DtmfReceived,
    Event,
    FlowLost,
    IncomingCall,
    Progress,
    Reoffer,
    ReofferAnswered,
    ReofferRefused,
    RequestReceived,
    SessionEnded,
    TransferProgress,
    TransferRequested,
)
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.dtmf import Digit
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.netem import Pair, Weather
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

OFFER, ANSWER = b"v=0\r\noffer", b"v=0\r\nanswer"
HOLD, HELD = b"v=0\r\nhold", b"v=0\r\nheld"
ALICE = parse_name_addr("Alice <sip:alice@example.com>")
TIMERS = AgentConfig(timer=TimerPolicy(interval=120))


def answers(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, IncomingCall):
        agent.answer(event.session, now, ANSWER)


def agrees(agent: UserAgent, event: Event, now: float) -> None:
    if isinstance(event, Reoffer):
        agent.accept_offer(event.exchange, HELD, now)


def connected(
    config: AgentConfig | None = None, transport: Transport = Transport.UDP, **more: object
) -> tuple[Pair, DialogId, DialogId]:
    """Return two agents in a call at 1 s, and the session as each of them names it."""
    p = Pair.make(a=config, b=config, **more)  # type: ignore[arg-type]  # by name
    p.on_b.append(answers)
    call = Call(parse_uri("sip:bob@192.0.2.2"), ALICE, sdp=OFFER, flow=p.flow(transport))
    p.a.invite(call, 0.0)
    p.net.run(1.0)
    p.net.wire.clear()
    return p, p.one("a", Answered).session, p.one("b", IncomingCall).session


def ends(p: Pair, session: DialogId, until: float = 100.0) -> None:
    """Hang up and see that nothing is left."""
    p.a.hang_up(session, p.net.now)
    p.net.run(p.net.now + until)
    assert p.leftovers == {}


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_hold_is_offered_and_answered(method: str) -> None:
    p, a, b = connected()
    p.on_b.append(agrees)
    p.a.reoffer(a, HOLD, 1.0, method)  # type: ignore[arg-type]  # one of two
    p.net.run(2.0)
    assert p.one("b", Reoffer).offer == HOLD
    assert p.one("a", ReofferAnswered).answer == HELD
    assert p.a.store(a, 2.0)["remote_sdp"] == HELD.decode()
    assert p.b.store(b, 2.0)["remote_sdp"] == HOLD.decode()
    ends(p, a)


def test_refused_change_leaves_what_was_in_force() -> None:
    p, a, _b = connected()
    p.on_b.append(
        lambda agent, event, now: agent.refuse_offer(event.exchange, now) if isinstance(event, Reoffer) else None
    )
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(2.0)
    assert p.one("a", ReofferRefused).status == 488
    assert p.a.store(a, 2.0)["local_sdp"] == OFFER.decode()
    p.a.reoffer(a, HOLD, 2.0)
    ends(p, a)


def test_change_that_our_own_side_leaves_undecided_is_refused_in_time() -> None:
    p, a, _ = connected()
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(30.0)
    assert p.one("a", ReofferRefused).status == 500
    p.on_b.append(agrees)
    p.a.reoffer(a, HOLD, 30.0)
    p.net.run(31.0)
    assert len(p.all("a", ReofferAnswered)) == 1
    ends(p, a)


def lost_once(start: bytes) -> Callable[[float, Flow, bytes], bytes | None]:
    """Loses the first response to an INVITE that begins so."""
    lost: list[float] = []

    def tap(now: float, _flow: Flow, data: bytes) -> bytes | None:
        if data.startswith(start) and b" INVITE\r\n" in data and not lost:
            lost.append(now)
            return None
        return data

    return tap


@pytest.mark.parametrize("first", ["a", "b"])
def test_change_that_is_accepted_while_the_call_ends_gets_its_answer_again(first: str) -> None:
    """A client that had a 100 sends no more, so the lost 200 is ours to repeat, though the BYE has overtaken it."""
    p, a, b = connected()
    p.on_b.append(agrees)
    p.net.tap = lost_once(b"SIP/2.0 200")
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(1.1)
    (p.a if first == "a" else p.b).hang_up(a if first == "a" else b, 1.1)
    p.net.run(1.2)
    assert p.a.live["changes"] == 1
    p.net.run(100.0)
    assert p.leftovers == {}
    assert ("ACK" in [what for _, what in p.sent("a")], p.b.counters.get("acks_missing", 0)) == (True, 0)


def never_final(_now: float, _flow: Flow, data: bytes) -> bytes | None:
    """A peer that says 100 to every change and nothing more."""
    final = data.startswith(b"SIP/2.0 ") and not data.startswith(b"SIP/2.0 100")
    return None if final and b" INVITE\r\n" in data else data


def test_change_that_gets_a_100_and_nothing_more_is_cancelled_and_then_given_up_with_the_call() -> None:
    p, a, _ = connected()
    p.net.tap = never_final
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(200.0)
    assert [(at, what) for at, what in p.sent("a") if what in {"CANCEL", "BYE"}][:2] == [
        (61.0, "CANCEL"),
        (93.0, "BYE"),
    ]
    assert p.one("a", ReofferRefused).status == 408
    assert p.one("a", SessionEnded).cause.status == 408
    assert (p.leftovers, p.a.counters["changes_given_up"]) == ({}, 1)


def test_change_that_the_end_of_the_call_leaves_without_an_answer_is_given_up() -> None:
    p, a, _ = connected()
    p.net.tap = never_final
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(2.0)
    p.a.hang_up(a, 2.0)
    p.net.run(33.0)
    assert p.a.live["client_transactions"] == 1
    p.net.run(40.0)
    assert p.a.live["client_transactions"] == 0
    assert p.a.live["changes"] == 0


def test_phone_behind_a_nat_that_changed_its_port_is_followed() -> None:
    p, _, b = connected()
    p.on_b.append(agrees)
    moved = Flow(Transport.UDP, p.b_address, ("192.0.2.1", 61000))
    data = within(p, b, "INVITE", "CSeq: 20000 INVITE\r\nContact: <sip:a@192.0.2.1>\r\n", b"v=0")
    data = data.replace(b"branch=", b"rport;branch=").replace(b"Max-", b"c: application/sdp\r\nMax-")
    p.net.inject(data, moved)
    p.net.collect()
    assert p.b.store(b, 1.0)["dialog"]["flow"]["remote"] == ["192.0.2.1", 61000]


def test_second_offer_waits_for_the_first() -> None:
    p, a, _ = connected()
    p.a.reoffer(a, HOLD, 1.0)
    with pytest.raises(NotAllowed):
        p.a.reoffer(a, HOLD, 1.0)
    p.net.run(1.1)
    ends(p, a)


@pytest.mark.parametrize("seed", range(8))
def test_crossing_offers_both_get_491_and_both_succeed_later(seed: int) -> None:
    p, a, b = connected(seed=b"glare%d" % seed)
    p.on_a.append(agrees)
    p.on_b.append(agrees)
    p.a.reoffer(a, HOLD, 1.0)
    p.b.reoffer(b, HOLD, 1.0)
    p.net.run(60.0)
    assert [w for _, w in p.sent("a")].count("491") >= 1
    assert len(p.all("a", ReofferAnswered)) == 1
    assert len(p.all("b", ReofferAnswered)) == 1
    ends(p, a)


def test_glare_waits_are_longer_for_the_owner_of_the_call_id() -> None:
    p, a, b = connected()
    p.on_a.append(agrees)
    p.on_b.append(agrees)
    p.a.reoffer(a, HOLD, 1.0)
    p.b.reoffer(b, HOLD, 1.0)
    p.net.run(60.0)
    again_a = [at for at, what in p.sent("a") if what == "INVITE"][1]
    again_b = [at for at, what in p.sent("b") if what == "INVITE"][1]
    assert 3.1 <= again_a <= 5.1
    assert 1.0 <= again_b <= 3.1


def test_bye_that_crosses_a_reinvite_ends_both_sides_cleanly() -> None:
    p, a, b = connected()
    p.a.reoffer(a, HOLD, 1.0)
    p.b.hang_up(b, 1.0)
    p.net.run(100.0)
    assert p.leftovers == {}
    assert p.one("a", SessionEnded).cause.by is By.PEER


def test_bye_leaves_an_open_reinvite_answered_487() -> None:
    p, a, _b = connected()
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(1.5)
    p.a.hang_up(a, 1.5)
    p.net.run(100.0)
    assert "487" in [w for _, w in p.sent("b")]
    exchange = p.one("b", Reoffer).exchange
    with pytest.raises(NotAllowed):
        p.b.accept_offer(exchange, HELD, 100.0)
    assert p.leftovers == {}


def test_change_that_nobody_answers_ends_the_call() -> None:
    p, a, _ = connected()
    p.net.weather = Weather(loss=100)
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(200.0)
    assert p.one("a", ReofferRefused).status == 408
    assert p.one("a", SessionEnded).cause.by is By.NETWORK


def test_forgotten_dialog_ends_the_call_at_481() -> None:
    p, a, _b = connected()
    p.net.add("b", UserAgent(AgentConfig(), SeededTokens(b"new")), p.b_address)
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(100.0)
    assert p.one("a", SessionEnded).cause.status == 481


def test_session_is_refreshed_at_half_its_interval_by_update() -> None:
    p, a, _b = connected(TIMERS)
    p.net.run(310.0)
    updates = [at for at, what in p.sent("a") if what == "UPDATE"]
    assert updates == pytest.approx([60, 120, 180, 240, 300], abs=1.0)
    assert not p.all("b", Reoffer)
    ends(p, a)


def test_session_is_refreshed_by_reinvite_when_update_is_unknown() -> None:
    config = AgentConfig(timer=TimerPolicy(interval=120), methods=AgentConfig().methods - {"UPDATE"})
    p, a, _b = connected(config)
    p.net.run(200.0)
    assert [w for _, w in p.sent("a")].count("INVITE") == 3
    assert not p.all("b", Reoffer)
    assert [w for _, w in p.sent("a")].count("ACK") == 3
    ends(p, a)


def test_session_that_nobody_refreshes_ends_by_bye_on_time() -> None:
    p, _a, _b = connected(TIMERS)
    p.net.weather = Weather(loss=100)
    p.net.run(300.0)
    # RFC 4028 10: 32 s before the end of the interval of 120 s.
    assert p.when("a", SessionEnded) == pytest.approx([88.0], abs=0.5)
    assert p.when("b", SessionEnded) == pytest.approx([88.0], abs=0.5)
    assert p.leftovers == {}


def test_lost_refresh_is_no_end_while_the_interval_lasts() -> None:
    p, a, _b = connected(TIMERS)
    lost: list[bytes] = []

    def lose_some(_now: float, _flow: Flow, data: bytes) -> bytes | None:
        if data.startswith(b"UPDATE") and len(lost) < 3:
            lost.append(data)
            return None
        return data

    p.net.tap = lose_some
    p.net.run(200.0)
    assert len(lost) == 3
    assert not p.all("a", SessionEnded)
    ends(p, a)


def test_digit_goes_by_info() -> None:
    p, a, b = connected()
    p.a.send_digit(a, Digit("#", 250), 1.0)
    p.net.run(2.0)
    event = p.one("b", DtmfReceived)
    assert (event.session, event.digit, event.duration) == (b, "#", 250)
    ends(p, a)


def take_transfer(status: int | None) -> Callable[[UserAgent, Event, float], None]:
    def handler(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, TransferRequested):
            if status is None:
                agent.refuse_transfer(event.transfer, now)
                return
            agent.accept_transfer(event.transfer, now)
            agent.report_transfer(event.transfer, 180, now)
            agent.report_transfer(event.transfer, status, now)

    return handler


def test_transfer_is_accepted_and_its_progress_told() -> None:
    p, a, _b = connected()
    p.on_b.append(take_transfer(200))
    replaces = Replaces("c@d", "their;tag".replace(";", "-"), "our")
    p.a.refer(a, parse_uri("sip:carol@example.com"), 1.0, replaces)
    p.net.run(2.0)
    asked = p.one("b", TransferRequested)
    assert str(asked.target.uri) == "sip:carol@example.com"
    assert asked.replaces == replaces
    told = [(e.status, e.final) for e in p.all("a", TransferProgress)]
    assert told == [(202, False), (100, False), (180, False), (200, True)]
    ends(p, a)


def hangs_up_after(status: int) -> Callable[[UserAgent, Event, float], None]:
    def act(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, TransferRequested):
            agent.accept_transfer(event.transfer, now)
            agent.report_transfer(event.transfer, status, now)
            agent.hang_up(event.session, now)

    return act


def test_hang_up_does_not_overtake_the_outcome_of_a_transfer() -> None:
    """Over UDP a BYE that follows at once may come first, and the phone never learns how its transfer went."""
    p, a, _ = connected()
    p.on_b.append(hangs_up_after(200))
    p.a.refer(a, parse_uri("sip:c@d"), 1.0)
    p.net.run(2.0)
    sent = [what for _, what in p.sent("b") if what in {"NOTIFY", "BYE"}]
    (answered,) = [at for at, what in p.sent("a") if what == "200"][1:2]
    assert sent == ["NOTIFY", "NOTIFY", "BYE"]
    assert [at for at, what in p.sent("b") if what == "BYE"] >= [answered]
    assert p.all("a", TransferProgress)[-1].status == 200
    p.net.run(100.0)
    assert p.leftovers == {}


def test_hang_up_waits_a_second_for_a_phone_that_does_not_answer_the_outcome() -> None:
    p, a, _ = connected()
    p.on_b.append(hangs_up_after(200))
    p.net.tap = lambda _now, _flow, data: None if data.startswith(b"NOTIFY") else data
    p.a.refer(a, parse_uri("sip:c@d"), 1.0)
    p.net.run(3.0)
    assert [round(at, 2) for at, what in p.sent("b") if what == "BYE"] == [2.01]
    p.net.run(100.0)
    assert p.leftovers == {}


def test_refused_transfer_is_final() -> None:
    p, a, _b = connected()
    p.on_b.append(take_transfer(None))
    p.a.refer(a, parse_uri("tel:+15550100"), 1.0)
    p.net.run(2.0)
    assert [(e.status, e.final) for e in p.all("a", TransferProgress)] == [(603, True)]
    ends(p, a)


def test_transfer_that_nobody_decides_is_refused_in_time() -> None:
    p, a, _b = connected()
    p.a.refer(a, parse_uri("sip:c@d"), 1.0)
    p.net.run(300.0)
    assert p.all("a", TransferProgress)[-1].final
    assert p.leftovers.keys() == {"a sessions", "b sessions"}
    ends(p, a)


def test_call_with_replaces_names_the_session_it_takes_over() -> None:
    p, _a, b = connected()
    value = str(Replaces(b.call_id, b.local_tag, b.remote_tag))
    target = parse_uri("sip:bob@192.0.2.2")
    call = Call(target, ALICE, sdp=OFFER, flow=p.flow(), headers=(("Replaces", value),))
    p.a.invite(call, 1.0)
    p.net.run(2.0)
    assert p.all("b", IncomingCall)[1].replaces == b
    p.b.hang_up(b, 2.0)
    p.b.hang_up(p.all("b", IncomingCall)[1].session, 2.0)
    p.net.run(100.0)
    assert p.leftovers == {}


@pytest.mark.parametrize(
    ("value", "status"),
    [("no;to-tag=1;from-tag=2", 481), ("{};early-only", 486), ("garbage", 400)],
)
def test_replaces_that_cannot_be_met_is_refused(value: str, status: int) -> None:
    p, _a, b = connected()
    text = value.format(Replaces(b.call_id, b.local_tag, b.remote_tag))
    target = parse_uri("sip:bob@192.0.2.2")
    p.a.invite(Call(target, ALICE, sdp=OFFER, flow=p.flow(), headers=(("Replaces", text),)), 1.0)
    p.net.run(2.0)
    assert p.one("a", AttemptFailed).cause.status == status


def restarted(p: Pair, who: str, session: DialogId, *, elapsed: float = 2.0) -> UserAgent:
    """Kill an agent without a word and start another from what it had stored."""
    old = p.a if who == "a" else p.b
    kept = json.loads(json.dumps(old.store(session, p.net.now)))
    fresh = UserAgent(TIMERS, SeededTokens(b"after"))
    assert fresh.restore(kept, p.net.now, elapsed=elapsed) == session
    p.net.add(who, fresh, p.a_address if who == "a" else p.b_address)
    if who == "a":
        p.a = fresh
    else:
        p.b = fresh
    return fresh


@pytest.mark.parametrize("who", ["a", "b"])
def test_call_goes_on_after_a_restart_of_either_side(who: str) -> None:
    p, a, b = connected(TIMERS)
    restarted(p, who, a if who == "a" else b)
    p.on_b.append(agrees)
    p.a.reoffer(a, HOLD, 1.0)
    p.net.run(200.0)
    assert len(p.all("a", ReofferAnswered)) == 1
    assert not p.all("a", SessionEnded)
    p.b.hang_up(b, 200.0)
    p.net.run(300.0)
    assert p.one("a", SessionEnded).cause.by is By.PEER
    assert p.leftovers == {}


def test_refresh_after_a_restart_keeps_to_the_interval() -> None:
    p, a, _b = connected(TIMERS)
    p.net.run(30.0)
    restarted(p, "a", a, elapsed=20.0)
    p.net.wire.clear()
    p.net.run(100.0)
    first = next(at for at, what in p.sent("a") if what == "UPDATE")
    assert first == pytest.approx(40.0, abs=0.5)


def test_200_that_comes_again_after_a_restart_gets_its_ack() -> None:
    p = Pair.make()
    p.on_b.append(answers)
    p.net.tap = lambda _now, _flow, data: None if data.startswith(b"ACK") else data
    p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=OFFER, flow=p.flow()), 0.0)
    p.net.run(0.2)
    restarted(p, "a", p.one("a", Answered).session)
    p.net.tap = None
    p.net.run(10.0)
    assert len(p.all("b", Acknowledged)) == 1
    assert not p.all("b", SessionEnded)


def test_early_session_cannot_be_stored() -> None:
    p = Pair.make()
    p.on_b.append(lambda agent, event, now: agent.ring(event.session, now) if isinstance(event, IncomingCall) else None)
    p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=OFFER, flow=p.flow()), 0.0)
    p.net.run(1.0)
    session = next(e.session for e in p.all("a", Progress) if e.session)
    with pytest.raises(NotAllowed):
        p.a.store(session, 1.0)


def test_lost_flow_is_told_and_the_session_rebound() -> None:
    p, _a, b = connected(transport=Transport.WSS)
    back = Flow(Transport.WSS, p.b_address, p.a_address, p.flow(Transport.WSS).connection)
    p.b.flow_failed(back, 1.0)
    p.net.collect()
    assert p.one("b", FlowLost).sessions == (b,)
    p.b.rebind(b, back)
    p.b.hang_up(b, 1.0)
    p.net.run(50.0)
    assert p.one("a", SessionEnded).cause.by is By.PEER


def within(p: Pair, session: DialogId, method: str, extra: str = "", body: bytes = b"") -> bytes:
    """Write a request of a to b in their dialog, by hand."""
    return (
        f"{method} sip:centrala@192.0.2.2:5060 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKhand{method}{len(extra)}\r\n"
        f"From: <sip:a@b>;tag={session.remote_tag}\r\nTo: <sip:b@b>;tag={session.local_tag}\r\n"
        f"Call-ID: {session.call_id}\r\nMax-Forwards: 70\r\n{extra}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def replies(p: Pair, data: bytes) -> list[str]:
    flow = Flow(Transport.UDP, p.b_address, p.a_address)
    p.net.wire.clear()
    p.net.inject(data, flow)
    p.net.collect()
    return [what for _, what in p.sent("b")]


@pytest.mark.parametrize(
    ("method", "extra", "body", "status"),
    [
        ("INFO", "CSeq: 1 INFO\r\n", b"", "500"),  # out of order
        ("PRACK", "CSeq: 20000 PRACK\r\nRAck: 1 1 INVITE\r\n", b"", "481"),
        ("NOTIFY", "CSeq: 20000 NOTIFY\r\nEvent: refer\r\n", b"", "481"),
        ("NOTIFY", "CSeq: 20000 NOTIFY\r\nEvent: presence\r\n", b"", "489"),
        ("REFER", "CSeq: 20000 REFER\r\n", b"", "400"),
        ("INFO", "CSeq: 20000 INFO\r\nContent-Type: application/dtmf-relay\r\n", b"x", "400"),
        ("INVITE", "CSeq: 20000 INVITE\r\nContent-Type: text/x\r\n", b"x", "415"),
        ("UPDATE", "CSeq: 20000 UPDATE\r\nSession-Expires: 60\r\nSupported: timer\r\n", b"", "422"),
        ("OPTIONS", "CSeq: 20000 OPTIONS\r\n", b"", "200"),
        ("BYE", "CSeq: 20000 BYE\r\n", b"", "200"),
    ],
)
def test_request_within_the_call_gets_its_status(method: str, extra: str, body: bytes, status: str) -> None:
    p, _, b = connected()
    assert replies(p, within(p, b, method, extra, body)) == [status]


def test_spoofed_requests_without_the_tags_are_481_and_harm_nothing() -> None:
    p, a, b = connected()
    stranger = DialogId(b.call_id, b.local_tag, "guess")
    for method in ("BYE", "INVITE", "UPDATE", "REFER", "INFO"):
        assert replies(p, within(p, stranger, method, f"CSeq: 20000 {method}\r\n")) == ["481"]
    p.net.run(40.0)
    ends(p, a)


def test_request_from_a_foreign_address_is_481_when_the_source_must_match() -> None:
    p, a, b = connected(AgentConfig(same_source=True, timer=TimerPolicy(None)))
    flow = Flow(Transport.UDP, p.b_address, ("198.51.100.9", 5060))
    p.net.inject(within(p, b, "BYE", "CSeq: 20000 BYE\r\n"), flow)
    p.net.collect()
    assert p.b.counters["foreign_source"] == 1
    assert not p.all("b", SessionEnded)
    ends(p, a)


def test_who_is_familiar_may_speak_from_another_address() -> None:
    """As a carrier with several addresses, or a phone that has registered anew from where it is now."""
    moved = ("198.51.100.9", 5060)
    config = AgentConfig(same_source=True, familiar=lambda flow: flow.remote == moved, timer=TimerPolicy(None))
    p, a, b = connected(config)
    p.net.inject(within(p, b, "BYE", "CSeq: 20000 BYE\r\n"), Flow(Transport.UDP, p.b_address, moved))
    p.net.collect()
    assert "foreign_source" not in p.b.counters
    assert len(p.all("b", SessionEnded)) == 1
    ends(p, a)


def test_unknown_info_is_handed_to_the_user() -> None:
    p, _a, b = connected()
    extra = "CSeq: 20000 INFO\r\nContent-Type: application/x\r\n"
    assert replies(p, within(p, b, "INFO", extra, b"x")) == []
    event = p.one("b", RequestReceived)
    assert event.session == b
    p.b.respond(event.server, 200, p.net.now)
    with pytest.raises(NotAllowed):
        p.b.respond(event.server, 200, p.net.now)
    p.b.hang_up(b, p.net.now)
    p.net.run(100.0)
    assert p.leftovers == {}


def test_record_route_becomes_the_route_set_of_both() -> None:
    """A proxy that records itself sees the requests of both sides, in the right order."""
    p = Pair.make()
    p.on_b.append(answers)

    def proxy(_now: float, _flow: Flow, data: bytes) -> bytes:
        if data.startswith(b"INVITE"):
            rr = b"Record-Route: <sip:p2;lr>\r\nRecord-Route: <sip:192.0.2.1;lr;x=1>\r\nVia:"
            return data.replace(b"Via:", rr, 1)
        return data

    p.net.tap = proxy
    p.a.invite(Call(parse_uri("sip:b@192.0.2.2"), ALICE, sdp=OFFER, flow=p.flow()), 0.0)
    p.net.run(1.0)
    kept = p.b.store(p.one("b", IncomingCall).session, 1.0)["dialog"]
    assert kept["route_set"] == ["<sip:p2;lr>", "<sip:192.0.2.1;lr;x=1>"]
    mine = p.a.store(p.one("a", Answered).session, 1.0)["dialog"]
    assert mine["route_set"] == ["<sip:192.0.2.1;lr;x=1>", "<sip:p2;lr>"]
    acks = [parse_datagram(d) for _, _, d in p.net.wire if d.startswith(b"ACK")]
    assert isinstance(acks[0], Request)
    assert acks[0].headers.all("route") == mine["route_set"]


@pytest.mark.parametrize("seed", range(25))
def test_busy_call_on_a_rough_network_ends_with_nothing_left(seed: int) -> None:
    """Holds, digits, transfers and refreshes from both sides over a lossy link, then a hang-up."""
    p, a, b = connected(TIMERS, seed=b"busy%d" % seed)
    p.net.weather = Weather(delay=0.02, jitter=0.5, loss=15, duplicate=10)
    p.on_a.append(agrees)
    p.on_b.append(agrees)
    p.on_a.append(take_transfer(200))
    p.on_b.append(take_transfer(486))
    rolls = SeededTokens(b"busy plan%d" % seed)
    for number in range(30):
        agent, session = (p.a, a) if rolls.below(2) else (p.b, b)
        deeds: list[Callable[[UserAgent, DialogId], object]] = [
            lambda g, s: g.reoffer(s, HOLD + b"%d" % rolls.below(99), p.net.now),
            lambda g, s: g.reoffer(s, HOLD, p.net.now, "UPDATE"),
            lambda g, s: g.send_digit(s, Digit("1"), p.net.now),
            lambda g, s: g.refer(s, parse_uri("sip:c@d"), p.net.now),
        ]
        deed = deeds[rolls.below(4)]
        p.net.at(1.0 + number * 3, lambda d=deed, g=agent, s=session: safely(d, g, s))  # type: ignore[misc]
    last = (p.a, a) if rolls.below(2) else (p.b, b)
    p.net.at(80.0, lambda: last[0].hang_up(last[1], p.net.now))
    p.net.run(600.0)
    assert p.leftovers == {}
    assert len(p.all("a", SessionEnded)) == len(p.all("b", SessionEnded)) == 1


def safely(deed: Callable[[UserAgent, DialogId], object], agent: UserAgent, session: DialogId) -> None:
    """Do what may not be possible at this moment."""
    try:
        deed(agent, session)
    except NotAllowed:
        return
