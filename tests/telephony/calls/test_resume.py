"""After a kill: what was answered goes on, what was not is closed, and nothing is counted twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import CallEnded, CallTakenUp, DigitPressed, RecordingEnded
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.service import CallSettings
from centrala.telephony.calls.store import Kind, Position
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.events import AttemptFailed, ReofferAnswered, SessionEnded
from centrala.telephony.sip.session_timer import TimerPolicy
from telephony.calls.stage import Phone, Stage, answers, rings
from telephony.calls.test_bridge import bridge_to
from telephony.calls.test_within import do, leg_of, music_in, the_call

TALKING = {"alice": {"bob"}, "bob": {"alice"}}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(settings=CallSettings(music="/music.wav", recordings=tmp_path))
    yield stage
    await stage.calls.close()


async def talk(stage: Stage) -> tuple[Phone, Phone]:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(2.0)
    stage.on_event.clear()
    return alice, bob


async def test_a_killed_process_leaves_the_audio_alone_and_takes_the_call_up(stage: Stage) -> None:
    alice, bob = await talk(stage)
    asked = len(stage.media.asked)
    await stage.die(3.0)
    assert stage.heard() == TALKING
    assert len(stage.media.asked) == asked
    assert await stage.come_back() == 2
    assert stage.heard() == TALKING
    assert stage.one(CallTakenUp).leg_ids == tuple(the_call(stage).legs)
    bob.offer("sendonly", 1)
    await stage.run(2.0)
    assert bob.all(ReofferAnswered)
    assert music_in(stage, "alice")
    alice.hang_up()
    await stage.run(60.0)
    assert bob.over
    assert stage.leftovers == {}
    ended = stage.one(CallEnded)
    assert ended.ending.cause is Cause.ANSWERED
    assert {row["cause"] for row in stage.rows.legs} == {"answered"}
    assert {row["codec"] for row in stage.rows.legs} == {"PCMA"}


async def test_a_bye_that_came_while_nobody_listened_is_answered_when_it_comes_again(stage: Stage) -> None:
    alice, bob = await talk(stage)
    await stage.die(0.1)
    alice.hang_up()
    await stage.run(3.0)
    await stage.come_back()
    await stage.run(60.0)
    assert bob.all(SessionEnded)
    assert stage.leftovers == {}


async def test_roles_holds_and_music_are_as_before(stage: Stage) -> None:
    alice, bob = await talk(stage)
    sue = stage.phone("sue", answers)
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(sue)], role=Role.LISTENING))
    await stage.run(1.0)
    await do(stage, stage.calls.seat(leg_of(stage, "sue").id, Role.WHISPERING, to=leg_of(stage, "bob").id))
    bob.offer("sendonly", 1)
    await stage.run(1.0)
    before = stage.heard()
    plays = set(stage.media.plays)
    assert music_in(stage, "alice")
    await stage.die(1.0)
    assert await stage.come_back() == 3
    assert stage.heard() == before
    assert set(stage.media.plays) == plays
    bob.offer("sendrecv", 2)
    await stage.run(1.0)
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice", "sue"}, "sue": {"alice", "bob"}}
    assert not music_in(stage, "alice")
    for phone in (alice,):
        phone.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_call_that_only_rang_is_closed_as_interrupted(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", rings)
    bridge_to(stage, bob)
    attempt = alice.call()
    await stage.run(2.0)
    await stage.die(1.0)
    assert await stage.come_back() == 0
    assert stage.rows.calls[0]["cause"] == "interrupted"
    assert {row["cause"] for row in stage.rows.legs} == {"interrupted"}
    assert stage.media.rooms == {}
    assert [fact.kind for fact in stage.rows.facts] == ["call.ended"]
    alice.agent.cancel(attempt, stage.net.now)
    bob.agent.reject(bob.session, 480, stage.net.now)
    await stage.run(100.0)
    assert alice.all(AttemptFailed)
    assert stage.leftovers == {}


async def test_dialogs_whose_audio_is_gone_are_ended_by_bye(stage: Stage) -> None:
    alice, bob = await talk(stage)
    await stage.die(1.0)
    await stage.media.close_room(the_call(stage).room)
    await stage.settle()
    assert await stage.come_back() == 0
    await stage.run(60.0)
    assert (alice.over, bob.over) == (True, True)
    assert stage.one(CallEnded).ending.cause is Cause.INTERRUPTED
    assert stage.leftovers == {}


async def test_what_the_engine_has_and_nobody_knows_is_closed(stage: Stage) -> None:
    await talk(stage)
    call = the_call(stage)
    stage.rows.dialogs.clear()
    await stage.die(1.0)
    assert await stage.come_back() == 0
    assert (stage.media.rooms, stage.media.legs) == ({}, {})
    assert stage.rows.rows[Kind.CALL][call.id]["cause"] == "interrupted"


async def test_a_recording_goes_on_and_ends_once(stage: Stage) -> None:
    alice, _ = await talk(stage)
    recording = await do(stage, stage.calls.record(the_call(stage).id))
    await stage.die(1.0)
    await stage.come_back()
    assert list(stage.media.records) == [recording.hex]
    await do(stage, stage.calls.pause_recording(recording, paused=True))
    alice.hang_up()
    await stage.run(60.0)
    assert len(stage.all(RecordingEnded)) == 1
    row = stage.rows.rows[Kind.RECORDING][recording]
    assert (row["reason"], [mark["kind"] for mark in row["marks"]]) == ("room_closed", ["pause"])
    assert [fact.kind for fact in stage.rows.facts].count("recording.ended") == 1
    assert stage.leftovers == {}


async def test_a_recording_that_ended_meanwhile_gets_its_end_from_the_events(stage: Stage) -> None:
    alice, _ = await talk(stage)
    recording = await do(stage, stage.calls.record(the_call(stage).id))
    await stage.die(1.0)
    while not stage.media._events.empty():
        stage.media._events.get_nowait()
    await stage.media.stop_record(the_call(stage).recordings[recording].name)
    await stage.come_back()
    assert stage.one(RecordingEnded).reason == "stopped"
    assert stage.rows.rows[Kind.RECORDING][recording]["size"] == 44
    alice.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_recording_whose_end_nobody_heard_is_closed_with_what_is_in_the_file(
    stage: Stage, tmp_path: Path
) -> None:
    alice, _ = await talk(stage)
    recording = await do(stage, stage.calls.record(the_call(stage).id))
    path = Path(stage.rows.rows[Kind.RECORDING][recording]["path"])
    await asyncio.to_thread(path.write_bytes, b"RIFF")
    await stage.die(1.0)
    stage.media.records.clear()
    await stage.come_back()
    await stage.run(11.0)
    row = stage.rows.rows[Kind.RECORDING][recording]
    assert (row["reason"], row["size"]) == ("failed", 4)
    assert path.is_relative_to(tmp_path)
    alice.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_the_engines_position_is_noted_as_events_are_handled(stage: Stage) -> None:
    await talk(stage)
    await stage.die()
    await stage.come_back()
    stage.media.emit("dtmf", leg=leg_of(stage, "alice").name, digit="1", duration_ms=100, method="rfc4733")
    await stage.settle()
    assert stage.one(DigitPressed).digit == "1"
    assert stage.rows.position == Position("fake-1", stage.media._seq)


async def test_session_timers_go_on_after_the_restart(tmp_path: Path) -> None:
    config = AgentConfig(timer=TimerPolicy(interval=120))
    stage = Stage(config=config, settings=CallSettings(recordings=tmp_path))
    alice, bob = await talk(stage)
    await stage.die(10.0)
    await stage.come_back()
    await stage.run(300.0)
    assert stage.heard() == TALKING
    stage.net.tap = lambda _at, flow, data: None if bob.address in {flow.local, flow.remote} else data
    await stage.run(300.0)
    assert alice.over
    assert stage.one(CallEnded).ending.cause is Cause.NETWORK_FAILURE
    await stage.calls.close()
