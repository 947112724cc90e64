"""Two legs through us: ring, answer, talk, hang up; and every way in which that crosses or fails."""

from functools import partial

import pytest

from centrala.telephony.calls.causes import Cause, HungUpBy
from centrala.telephony.calls.events import (
    CallEnded,
    CallEvent,
    CallOffered,
    CallStarted,
    LegAnswered,
    LegEnded,
)
from centrala.telephony.calls.store import Kind
from centrala.telephony.sip.agent.events import Acknowledged, Answered, AttemptFailed, IncomingCall, SessionEnded
from centrala.telephony.sip.netem import Weather
from telephony.calls.stage import Phone, Stage, answers, refuses, rings, sdp


def bridge_to(stage: Stage, *phones: Phone, limit: float = 30.0) -> None:
    """Every call that comes is bridged to these phones."""

    def hear(event: CallEvent) -> None:
        if isinstance(event, CallOffered):
            call = stage.calls.find(event.call_id)
            assert call is not None
            targets = [stage.target(phone) for phone in phones]
            stage.context.spawn(call, _void(stage.calls.bridge(event.leg_id, targets, limit=limit)))

    stage.on_event.append(hear)


async def _void(step: object) -> None:
    await step  # type: ignore[misc]  # whatever it gives


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_a_call_is_rung_answered_heard_both_ways_and_hung_up_by_the_caller(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    assert 180 in alice.statuses
    assert len(alice.all(Answered)) == 1
    assert bob.all(Acknowledged)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    alice.hang_up()
    await stage.run(60.0)
    assert bob.over
    assert stage.leftovers == {}
    ended = stage.one(CallEnded)
    assert (ended.ending.cause, ended.ending.sip, ended.ending.by) == (Cause.ANSWERED, 200, HungUpBy.PEER)


async def test_the_events_of_a_call_come_in_their_order(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    bob.hang_up()
    await stage.run(60.0)
    names = [type(event).__name__ for event in stage.events]
    assert names[:3] == ["CallStarted", "CallOffered", "LegStarted"]
    assert names.index("LegRinging") < names.index("LegAnswered") < names.index("LegEnded")
    assert names[-1] == "CallEnded"
    assert names.count("LegAnswered") == names.count("LegEnded") == 2


async def test_the_rows_tell_who_when_how_long_and_why(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call("1001")
    await stage.run(5.0)
    bob.hang_up()
    await stage.run(60.0)
    (call,) = stage.rows.calls
    assert (call["caller"], call["callee"], call["direction"]) == ("alice", "1001", "in")
    assert call["started_at"] <= call["answered_at"] < call["ended_at"]
    one, other = sorted(stage.rows.legs, key=lambda row: row["direction"])
    assert (one["peer"], one["display"], one["codec"], one["hung_up_by"]) == ("alice", "Alice", "PCMA", "us")
    assert (other["peer"], other["cause"], other["q850"], other["hung_up_by"]) == ("bob", "answered", 16, "peer")
    assert other["ringing_at"] is not None
    assert one["sip_call_id"] != other["sip_call_id"] != ""
    (fact,) = stage.rows.facts
    assert (fact.kind, fact.payload["cause"]) == ("call.ended", "answered")
    assert "alice" not in str(fact.payload)


@pytest.mark.parametrize(
    ("status", "headers", "cause"),
    [
        (486, (), Cause.BUSY),
        (404, (), Cause.NUMBER_DOES_NOT_EXIST),
        (603, (), Cause.REFUSED),
        (480, (("Reason", "Q.850;cause=19"),), Cause.NO_ANSWER),
        (503, (("Reason", "Q.850;cause=34"),), Cause.CONGESTION),
        (403, (), Cause.FORBIDDEN),
        (500, (("Reason", "Q.850;cause=1"),), Cause.NUMBER_DOES_NOT_EXIST),
    ],
)
async def test_a_refusal_reaches_the_caller_and_the_row_in_words(
    stage: Stage, status: int, headers: tuple[tuple[str, str], ...], cause: Cause
) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", refuses(status, *headers))
    bridge_to(stage, bob)
    alice.call()
    await stage.run(60.0)
    (failed,) = alice.all(AttemptFailed)
    assert 400 <= failed.cause.status < 700
    assert stage.one(CallEnded).ending.cause is cause
    assert stage.leftovers == {}


async def test_the_first_of_several_phones_wins_and_the_others_learn_it(stage: Stage) -> None:
    alice, bob, carol = stage.phone("alice"), stage.phone("bob", rings), stage.phone("carol", rings)
    dave = stage.phone("dave", rings)
    bridge_to(stage, bob, carol, dave)
    alice.call()
    await stage.run(2.0)
    carol.agent.answer(carol.session, stage.net.now, carol.sdp())
    await stage.run(2.0)
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    for loser in (bob, dave):
        (ended,) = loser.all(SessionEnded)
        assert ("SIP", 200) in [(reason.protocol, reason.cause) for reason in ended.cause.reasons]
    carol.hang_up()
    await stage.run(60.0)
    causes = {row["peer"]: row["cause"] for row in stage.rows.legs}
    assert causes["bob"] == causes["dave"] == "answered_elsewhere"
    assert stage.leftovers == {}


async def test_two_answers_at_one_moment_leave_one_call(stage: Stage) -> None:
    alice, bob, carol = stage.phone("alice"), stage.phone("bob", answers), stage.phone("carol", answers)
    bridge_to(stage, bob, carol)
    alice.call()
    await stage.run(2.0)
    assert len(alice.all(Answered)) == 1
    assert sorted(phone.over for phone in (bob, carol)) == [False, True]
    alice.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_caller_who_gives_up_stops_the_ringing(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", rings)
    bridge_to(stage, bob)
    attempt = alice.call()
    await stage.run(3.0)
    alice.agent.cancel(attempt, stage.net.now)
    await stage.run(60.0)
    assert bob.over
    assert stage.one(CallEnded).ending.cause is Cause.CANCELLED
    assert stage.leftovers == {}


async def test_a_cancel_that_crosses_the_200_ends_everything(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", rings)
    bridge_to(stage, bob)
    attempt = alice.call()
    await stage.run(3.0)
    bob.agent.answer(bob.session, stage.net.now, bob.sdp())
    stage.at(0.015, partial(alice.agent.cancel, attempt, stage.net.now + 0.015))
    await stage.run(90.0)
    assert bob.over
    assert stage.leftovers == {}


async def test_a_cancel_while_the_store_writes_ends_everything(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", rings)
    bridge_to(stage, bob)
    attempt = alice.call()
    await stage.run(3.0)

    def give_up() -> None:
        stage.rows.on_flush = None
        alice.agent.cancel(attempt, stage.net.now)
        stage.net.run(stage.net.now + 0.05)

    stage.rows.on_flush = give_up
    bob.agent.answer(bob.session, stage.net.now, bob.sdp())
    await stage.run(90.0)
    assert alice.all(Answered) == []
    assert bob.over
    assert stage.leftovers == {}


async def test_nobody_answers_in_time(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", rings)
    bridge_to(stage, bob, limit=20.0)
    alice.call()
    await stage.run(19.0)
    assert alice.all(AttemptFailed) == []
    await stage.run(60.0)
    (failed,) = alice.all(AttemptFailed)
    assert failed.cause.status == 480
    assert stage.one(CallEnded).ending.cause is Cause.NO_ANSWER
    assert stage.leftovers == {}


async def test_a_phone_that_is_not_there_is_no_route(stage: Stage) -> None:
    alice, ghost = stage.phone("alice"), stage.phone("ghost")
    bridge_to(stage, ghost, limit=60.0)
    ghost.agent.receive = lambda *_args: None  # type: ignore[method-assign]  # switched off
    alice.call()
    await stage.run(100.0)
    assert stage.one(CallEnded).ending.cause is Cause.UNREACHABLE
    assert stage.leftovers == {}


async def test_a_lost_ack_ends_the_call_and_both_legs(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    stage.net.tap = lambda _at, flow, data: None if data.startswith(b"ACK") and flow.local == alice.address else data
    alice.call()
    await stage.run(120.0)
    assert bob.over
    assert stage.one(CallEnded).ending.cause is Cause.NETWORK_FAILURE
    assert stage.leftovers == {}


async def test_a_call_without_an_offer_is_answered_with_ours(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call(offer=False)
    await stage.run(2.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    leg = next(leg for leg in stage.media.legs.values() if leg.fields["remote"]["ip"] == alice.address[0])
    assert leg.fields["remote"]["port"] == alice.port
    alice.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_an_offer_with_nothing_in_common_is_refused_488(stage: Stage) -> None:
    alice = stage.phone("alice")
    alice.sdp = lambda *_args, **_more: sdp(codecs="18")  # type: ignore[method-assign]  # a phone with G.729 alone
    bridge_to(stage, stage.phone("bob", answers))
    alice.call()
    await stage.run(60.0)
    (failed,) = alice.all(AttemptFailed)
    assert failed.cause.status == 488
    assert stage.leftovers == {}


async def test_early_audio_of_the_called_phone_is_heard_by_the_caller(stage: Stage) -> None:
    def announces(phone: Phone, event: IncomingCall) -> None:
        phone.agent.ring(event.session, stage.net.now, status=183, sdp=phone.sdp())

    alice, bob = stage.phone("alice"), stage.phone("bob", announces)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(2.0)
    assert 183 in alice.statuses
    assert stage.heard() == {"alice": {"bob"}, "bob": set()}
    bob.agent.answer(bob.session, stage.net.now, bob.sdp())
    await stage.run(2.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    bob.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_dialog_is_stored_before_its_200_and_before_its_ack(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    seen: list[tuple[str, int]] = []

    def tap(_at: float, flow: object, data: bytes) -> bytes:
        word = data.split(b" ", 2)
        invite = b"CSeq" in data and b"INVITE" in data.split(b"CSeq", 1)[1][:30]
        ours = getattr(flow, "local", None) == ("192.0.2.1", 5060)
        if ours and (word[0] == b"ACK" or (word[1] == b"200" and invite)):
            seen.append((word[0].decode(), len(stage.rows.dialogs)))
        return data

    stage.net.tap = tap
    alice.call()
    await stage.run(1.0)
    assert sorted(seen) == [("ACK", 2), ("SIP/2.0", 2)]
    kept = next(iter(stage.rows.rows[Kind.DIALOG].values()))
    assert kept["state"]["session"]["dialog"]["state"] == "Confirmed"


async def test_an_engine_without_ports_refuses_the_call_with_503(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    stage.media.refuse_next("leg.create", "no_port")
    alice.call()
    await stage.run(60.0)
    (failed,) = alice.all(AttemptFailed)
    assert failed.cause.status == 503
    assert stage.leftovers == {}


async def test_who_is_not_known_is_turned_away_without_a_row(stage: Stage) -> None:
    alice = stage.phone("alice")
    stage.refusal = Cause.FORBIDDEN
    alice.call()
    await stage.run(60.0)
    (failed,) = alice.all(AttemptFailed)
    assert failed.cause.status == 403
    assert stage.rows.calls == []
    assert stage.all(CallStarted) == []
    assert stage.leftovers == {}


@pytest.mark.parametrize("seed", [b"1", b"2", b"3"])
async def test_a_bad_network_loses_no_call(seed: bytes) -> None:
    stage = Stage(weather=Weather(jitter=0.05, loss=15, duplicate=10), seed=seed)
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(20.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    assert len(stage.all(LegAnswered)) == 2
    bob.hang_up()
    await stage.run(120.0)
    assert len(stage.all(LegEnded)) == 2
    assert stage.leftovers == {}


async def test_a_bridged_call_has_one_hop_less_than_its_caller(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call(hops=7)
    await stage.run(1.0)
    assert bob.all(IncomingCall)[0].request.max_forwards == 6


async def test_a_call_that_has_gone_in_a_circle_is_not_passed_on(stage: Stage) -> None:
    """Two exchanges that forward to each other would call each other until nothing is left of either."""
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call(hops=1)
    await stage.run(60.0)
    assert alice.all(AttemptFailed)[0].cause.status == 483
    assert not bob.all(IncomingCall)
    assert stage.leftovers == {}
    assert stage.one(CallEnded).ending.cause is Cause.NO_ROUTE
