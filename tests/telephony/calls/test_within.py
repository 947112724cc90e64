"""Within a call: hold and resume, roles, digits, sounds, recordings, and the media engine's own events."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import NotNow
from centrala.telephony.calls.events import (
    CallEnded,
    CallOffered,
    DigitPressed,
    HeldBy,
    LegHeld,
    LegResumed,
    MediaLost,
    PlayEnded,
)
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.machine import LegState
from centrala.telephony.calls.service import CallSettings, Collected, CollectEnd
from centrala.telephony.calls.service.sounds import MAX_TYPED_AHEAD
from centrala.telephony.calls.state import Call, Leg
from centrala.telephony.media.types import Files
from centrala.telephony.sip.agent.events import Reoffer, ReofferAnswered, ReofferRefused
from centrala.telephony.sip.dtmf import Digit
from centrala.telephony.sip.flow import Transport
from telephony.calls.stage import Phone, Stage, answers
from telephony.calls.test_bridge import bridge_to

T = TypeVar("T")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(settings=CallSettings(music="/music.wav", recordings=tmp_path))


async def talk(stage: Stage) -> tuple[Phone, Phone]:
    """Alice has called, bob has answered."""
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    return alice, bob


def the_call(stage: Stage) -> Call:
    (call,) = stage.calls.live()
    return call


def leg_of(stage: Stage, name: str) -> Leg:
    (leg,) = [leg for call in stage.calls.live() for leg in call.live_legs() if leg.peer.number == name]
    return leg


async def do(stage: Stage, verb: Coroutine[Any, Any, T]) -> T:
    """Run a verb while the stage goes on."""
    task = asyncio.ensure_future(verb)
    for _ in range(50):
        await stage.settle()
        if task.done():
            break
    return await task


def music_in(stage: Stage, name: str) -> bool:
    leg = leg_of(stage, name)
    return any(play["leg"] == leg.name for play in stage.media.plays.values())


async def over(stage: Stage, phone: Phone) -> None:
    phone.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_phone_that_holds_leaves_the_other_with_music(stage: Stage) -> None:
    alice, bob = await talk(stage)
    bob.offer("sendonly", 1)
    await stage.run(1.0)
    assert bob.all(ReofferAnswered)
    assert stage.heard() == {"alice": set(), "bob": set()}
    assert (music_in(stage, "alice"), music_in(stage, "bob")) == (True, False)
    assert [event.by for event in stage.all(LegHeld)] == [HeldBy.PEER]
    assert leg_of(stage, "bob").state is LegState.HELD
    bob.offer("sendrecv", 2)
    await stage.run(1.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    assert not music_in(stage, "alice")
    assert [event.by for event in stage.all(LegResumed)] == [HeldBy.PEER]
    await over(stage, alice)


async def test_our_hold_plays_music_and_tells_the_phone_only_when_asked(stage: Stage) -> None:
    alice, bob = await talk(stage)
    await do(stage, stage.calls.hold(leg_of(stage, "alice").id))
    await stage.run(1.0)
    assert music_in(stage, "alice")
    assert stage.heard() == {"alice": set(), "bob": set()}
    assert alice.all(Reoffer) == []
    await do(stage, stage.calls.resume(leg_of(stage, "alice").id))
    await do(stage, stage.calls.hold(leg_of(stage, "bob").id, signal=True))
    await stage.run(1.0)
    (told,) = bob.all(Reoffer)
    assert b"a=sendonly" in (told.offer or b"")
    await do(stage, stage.calls.resume(leg_of(stage, "bob").id))
    await stage.run(1.0)
    assert b"a=sendrecv" in (bob.all(Reoffer)[-1].offer or b"")
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await over(stage, bob)


async def test_two_offers_that_cross_are_settled_by_the_agents(stage: Stage) -> None:
    _, bob = await talk(stage)
    leg = leg_of(stage, "bob")
    await do(stage, stage.calls.hold(leg.id, signal=True))
    bob.offer("sendonly", 1)
    await stage.run(10.0)
    assert bob.all(ReofferAnswered)
    assert not bob.all(ReofferRefused)
    assert leg.state is LegState.HELD
    await over(stage, bob)


async def test_a_bye_that_crosses_our_re_invite_ends_the_call(stage: Stage) -> None:
    _, bob = await talk(stage)
    await do(stage, stage.calls.hold(leg_of(stage, "bob").id, signal=True))
    bob.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_phone_that_moves_to_another_address_is_followed(stage: Stage) -> None:
    alice, bob = await talk(stage)
    moved = bob.sdp(version=3).replace(b"192.0.2.11", b"198.51.100.7")
    bob.agent.reoffer(bob.session, moved, stage.net.now)
    await stage.run(1.0)
    fields = stage.media.legs[leg_of(stage, "bob").name].fields
    assert fields["remote"]["ip"] == "198.51.100.7"
    await over(stage, alice)


async def test_an_offer_that_cannot_be_met_leaves_the_call_as_it_was(stage: Stage) -> None:
    alice, bob = await talk(stage)
    bob.agent.reoffer(bob.session, bob.sdp(version=3).replace(b"AVP 8 0 101", b"AVP 18"), stage.net.now)
    await stage.run(1.0)
    assert [event.status for event in bob.all(ReofferRefused)] == [488]
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await over(stage, alice)


@pytest.mark.parametrize(
    ("role", "heard"),
    [
        (Role.LISTENING, {"alice": {"bob"}, "bob": {"alice"}, "sue": {"alice", "bob"}}),
        (Role.WHISPERING, {"alice": {"bob"}, "bob": {"alice", "sue"}, "sue": {"alice", "bob"}}),
        (Role.BARGING, {"alice": {"bob", "sue"}, "bob": {"alice", "sue"}, "sue": {"alice", "bob"}}),
    ],
)
async def test_a_supervisor_listens_whispers_and_barges(stage: Stage, role: Role, heard: dict[str, set[str]]) -> None:
    alice, _ = await talk(stage)
    sue = stage.phone("sue", answers)
    call = the_call(stage)
    await do(stage, stage.calls.dial(call.id, [stage.target(sue)], role=Role.LISTENING))
    await stage.run(1.0)
    await do(stage, stage.calls.seat(leg_of(stage, "sue").id, role, to=leg_of(stage, "bob").id))
    assert stage.heard() == heard
    sue.hang_up()
    await stage.run(1.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await over(stage, alice)


async def test_a_supervisor_goes_with_the_last_party(stage: Stage) -> None:
    alice, _ = await talk(stage)
    sue = stage.phone("sue", answers)
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(sue)], role=Role.LISTENING))
    await stage.run(1.0)
    await over(stage, alice)
    assert sue.over


async def test_a_muted_party_hears_and_is_not_heard(stage: Stage) -> None:
    alice, _ = await talk(stage)
    await do(stage, stage.calls.seat(leg_of(stage, "bob").id, Role.MUTED))
    assert stage.heard() == {"alice": set(), "bob": {"alice"}}
    assert not music_in(stage, "alice")
    await over(stage, alice)


async def test_three_hear_each_other(stage: Stage) -> None:
    alice, bob = await talk(stage)
    carol = stage.phone("carol", answers)
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(carol)]))
    await stage.run(1.0)
    assert stage.heard() == {"alice": {"bob", "carol"}, "bob": {"alice", "carol"}, "carol": {"alice", "bob"}}
    bob.hang_up()
    await stage.run(1.0)
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    await over(stage, alice)


# Digits


def press(stage: Stage, name: str, digit: str, method: str = "rfc4733") -> None:
    stage.media.emit("dtmf", leg=leg_of(stage, name).name, digit=digit, duration_ms=100, method=method)


async def test_digits_are_heard_once_however_often_a_phone_sends_them(stage: Stage) -> None:
    alice, _ = await talk(stage)
    press(stage, "alice", "5")
    press(stage, "alice", "5", "inband")
    await stage.settle()
    alice.agent.send_digit(alice.session, Digit("5"), stage.net.now)
    await stage.run(1.0)
    assert [(event.digit, event.method) for event in stage.all(DigitPressed)] == [("5", "rfc4733")]
    await over(stage, alice)


async def test_digits_by_info_are_heard(stage: Stage) -> None:
    alice, _ = await talk(stage)
    alice.agent.send_digit(alice.session, Digit("7", 200), stage.net.now)
    await stage.run(1.0)
    (event,) = stage.all(DigitPressed)
    assert (event.digit, event.method, event.duration_ms) == ("7", "info", 200)
    await over(stage, alice)


async def menu(stage: Stage) -> Phone:
    """Alice is answered by us alone."""
    alice = stage.phone("alice")
    alice.call()
    await stage.run(0.5)
    await do(stage, stage.calls.answer(stage.one(CallOffered).leg_id))
    await stage.run(0.5)
    return alice


Press = Callable[[Stage], None]


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ("12#", Collected("12", CollectEnd.TERMINATOR)),
        ("1234", Collected("1234", CollectEnd.COMPLETE)),
        ("1", Collected("1", CollectEnd.TIMEOUT)),
        ("", Collected("", CollectEnd.TIMEOUT)),
    ],
)
async def test_digits_are_collected(stage: Stage, keys: str, outcome: Collected) -> None:
    alice = await menu(stage)
    task = asyncio.ensure_future(
        stage.calls.collect(leg_of(stage, "alice").id, wanted=4, prompt=Files(paths=["/ask.wav"]))
    )
    await stage.settle()
    for key in keys:
        press(stage, "alice", key)
        await stage.run(1.0)
    if not keys:
        stage.media.finish_play(next(iter(stage.media.plays)))
    await stage.run(10.0)
    assert await task == outcome
    if keys:
        assert stage.one(PlayEnded).reason == "stopped"
    await over(stage, alice)


async def collected(stage: Stage, **how: Any) -> Collected:
    """What a question gets that nobody answers any more."""
    task = asyncio.ensure_future(stage.calls.collect(leg_of(stage, "alice").id, **how))
    await stage.run(20.0)
    return await task


async def pressed(stage: Stage, keys: str) -> None:
    """Keys that have reached the call."""
    for key in keys:
        press(stage, "alice", key)
    await stage.settle()


async def test_keys_pressed_before_a_question_answer_it_and_the_next_one_unheard(stage: Stage) -> None:
    alice = await menu(stage)
    await do(stage, stage.calls.keep_digits(leg_of(stage, "alice").id))
    await pressed(stage, "12345")
    ask = Files(paths=["/ask.wav"])
    assert await collected(stage, wanted=1, prompt=ask) == Collected("1", CollectEnd.COMPLETE)
    assert await collected(stage, wanted=3, prompt=ask) == Collected("234", CollectEnd.COMPLETE)
    assert await collected(stage, wanted=3, prompt=ask) == Collected("5", CollectEnd.TIMEOUT), "the rest is waited for"
    assert stage.all(PlayEnded) == []
    assert stage.media.plays == {}
    await over(stage, alice)


async def test_a_fresh_question_forgets_what_was_typed_ahead(stage: Stage) -> None:
    alice = await menu(stage)
    await do(stage, stage.calls.keep_digits(leg_of(stage, "alice").id))
    await pressed(stage, "1")
    assert await collected(stage, wanted=1, fresh=True) == Collected("", CollectEnd.TIMEOUT)
    await pressed(stage, "2")
    assert await collected(stage, wanted=1) == Collected("2", CollectEnd.COMPLETE), "kept between two questions"
    await over(stage, alice)


async def test_no_key_is_kept_where_nobody_asked_to_keep_it(stage: Stage) -> None:
    alice = await menu(stage)
    await pressed(stage, "1")
    assert await collected(stage, wanted=1) == Collected("", CollectEnd.TIMEOUT)
    stage.calls.forget_digits(leg_of(stage, "alice").id)
    await pressed(stage, "2")
    assert await collected(stage, wanted=1) == Collected("", CollectEnd.TIMEOUT)
    await over(stage, alice)


async def test_a_key_that_only_ends_a_sound_counts_for_the_question_after_it(stage: Stage) -> None:
    alice = await menu(stage)
    ask = Files(paths=["/say.wav"])
    task = asyncio.ensure_future(stage.calls.collect(leg_of(stage, "alice").id, wanted=1, prompt=ask, peeks=True))
    await stage.settle()
    await pressed(stage, "78")
    await stage.run(1.0)
    assert (await task).digits == "7"
    assert await collected(stage, wanted=1, prompt=ask, peeks=True) == Collected("7", CollectEnd.COMPLETE)
    assert await collected(stage, wanted=2) == Collected("78", CollectEnd.COMPLETE)
    await over(stage, alice)


async def test_more_than_a_burst_of_keys_is_not_kept(stage: Stage) -> None:
    alice = await menu(stage)
    await do(stage, stage.calls.keep_digits(leg_of(stage, "alice").id))
    await pressed(stage, "1" * (MAX_TYPED_AHEAD + 3))
    assert stage.context.counters["digits_typed_too_far_ahead"] == 3
    assert (await collected(stage, wanted=64, between=0.1)).digits == "1" * MAX_TYPED_AHEAD
    await over(stage, alice)


async def test_silence_ends_what_listens_for_it_and_is_not_looked_for_afterwards(stage: Stage) -> None:
    alice = await menu(stage)
    leg = leg_of(stage, "alice")
    task = asyncio.ensure_future(stage.calls.collect(leg.id, wanted=1, first=60.0, silence=5))
    await stage.settle()
    stage.media.emit("silence", leg=leg.name, for_ms=5000)
    await stage.run(1.0)
    assert await task == Collected("", CollectEnd.SILENCE)
    looked = [fields["silence_ms"] for command, fields in stage.media.asked if command == "detect.set"]
    assert looked == [5000, 0]
    stage.media.emit("silence", leg=leg.name, for_ms=5000)
    await over(stage, alice)


async def test_an_engine_that_hears_no_silence_leaves_the_longest_time(stage: Stage) -> None:
    alice = await menu(stage)
    stage.media.refuse_next("detect.set", "not_supported")
    assert await collected(stage, wanted=1, first=10.0, silence=5) == Collected("", CollectEnd.TIMEOUT)
    assert stage.context.counters["silence_not_detected"] == 1
    await over(stage, alice)


async def test_collecting_ends_with_the_leg(stage: Stage) -> None:
    alice = await menu(stage)
    task = asyncio.ensure_future(stage.calls.collect(leg_of(stage, "alice").id, wanted=4))
    await stage.settle()
    await over(stage, alice)
    assert (await task).end is CollectEnd.GONE


async def test_digits_are_sent_by_rfc4733_and_by_info(stage: Stage) -> None:
    alice = await menu(stage)
    await do(stage, stage.calls.send_digits(leg_of(stage, "alice").id, "12#"))
    assert ("dtmf.send", "12#") in [(command, fields.get("digits")) for command, fields in stage.media.asked]
    stage.calls.send_digits_by_info(leg_of(stage, "alice").id, "9")
    await stage.run(1.0)
    await over(stage, alice)


# Sounds


async def test_what_cannot_be_played_is_said_and_leaves_nothing(stage: Stage) -> None:
    alice = await menu(stage)
    with pytest.raises(NotNow):
        await stage.calls.play(leg_of(stage, "alice").id, Files(paths=["/missing.wav"]))
    assert stage.context.plays == {}
    await over(stage, alice)


async def test_a_play_to_all_ends_with_its_reason(stage: Stage) -> None:
    alice, _ = await talk(stage)
    play = await stage.calls.play_to_all(the_call(stage).id, Files(paths=["/notice.wav"]), over=True)
    stage.media.finish_play(play)
    await stage.settle()
    assert stage.one(PlayEnded).reason == "ended"
    await over(stage, alice)


# The engine


async def test_a_silent_peer_is_given_up_but_not_while_it_holds(stage: Stage) -> None:
    alice, bob = await talk(stage)
    bob.offer("inactive", 1)
    await stage.run(1.0)
    stage.media.emit("media.timeout", leg=leg_of(stage, "bob").name)
    await stage.run(1.0)
    assert stage.all(MediaLost) == []
    stage.media.emit("media.timeout", leg=leg_of(stage, "alice").name)
    await stage.run(60.0)
    assert stage.one(CallEnded).ending.cause is Cause.MEDIA_TIMEOUT
    assert (alice.over, bob.over) == (True, True)
    assert stage.leftovers == {}


async def test_who_listens_to_a_menu_may_be_silent(stage: Stage) -> None:
    alice = await menu(stage)
    leg = leg_of(stage, "alice")
    await do(stage, stage.calls.seat(leg.id, Role.APART))
    stage.media.emit("media.timeout", leg=leg.name)
    await stage.run(1.0)
    assert stage.all(MediaLost) == []
    await over(stage, alice)


async def test_the_nodes_limit_of_silence_goes_to_the_engine(tmp_path: Path) -> None:
    stage = Stage(settings=CallSettings(recordings=tmp_path, silence=60))
    alice, _ = await talk(stage)
    asked = [fields for command, fields in stage.media.asked if command in {"leg.create", "leg.update"}]
    last = {fields["leg"]: fields["media_timeout_ms"] for fields in asked}
    assert sorted(last.values()) == [60_000, 60_000]
    await over(stage, alice)


async def test_an_engine_that_was_started_anew_ends_every_call(stage: Stage) -> None:
    alice, bob = await talk(stage)
    stage.media.come_back(restarted=True)
    await stage.run(60.0)
    assert stage.one(CallEnded).ending.cause is Cause.INTERRUPTED
    assert (alice.over, bob.over) == (True, True)
    assert stage.leftovers == {}


async def test_a_fault_in_one_call_ends_it_and_no_other(stage: Stage) -> None:
    alice, _ = await talk(stage)

    async def fault() -> None:
        raise ZeroDivisionError

    stage.context.spawn(the_call(stage), fault())
    await stage.run(60.0)
    assert stage.one(CallEnded).ending.cause is Cause.NETWORK_FAILURE
    assert alice.over
    assert stage.leftovers == {}
    assert stage.calls.counters["step_faults"] == 1


async def test_a_phone_that_comes_back_by_another_connection_is_found_there(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    stage.phone_ids["alice"] = UUID(int=7)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    flow = stage.net.flow(("192.0.2.1", 5060), ("198.51.100.9", 5062), Transport.WS)
    stage.calls.rebind(UUID(int=7), flow)
    bob.hang_up()
    await stage.run(1.0)
    assert [sent.remote for _, sent, data in stage.net.wire if data.startswith(b"BYE")][-1] == flow.remote
    await stage.run(60.0)
    assert stage.leftovers == {"alice sessions": 1}
