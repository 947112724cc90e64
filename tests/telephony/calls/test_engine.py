"""The calls against the real media engine: it refuses none of our commands, and nothing is left in it."""

import asyncio
import sys
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from centrala.telephony.calls.events import RecordingEnded
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.service import CallSettings
from centrala.telephony.calls.streams import MediaPolicy
from centrala.telephony.media import MediaClient
from centrala.telephony.media.types import Files, Tone
from telephony.calls.stage import Phone, Stage, answers
from telephony.calls.test_bridge import bridge_to
from telephony.calls.test_kinds import ANY, as_browser
from telephony.calls.test_within import do, leg_of, the_call

BINARY = Path(sys.executable).with_name("centrala-media")
PATIENCE = 10.0  # seconds; only a broken engine needs them


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[MediaClient]:
    address = f"unix:{tmp_path / 'control'}"
    arguments = ["--control", address, "--port-min", "24400", "--port-max", "24499", "--workers", "2"]
    process = await asyncio.create_subprocess_exec(BINARY, "serve", *arguments, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    await asyncio.wait_for(process.stderr.readline(), PATIENCE)
    async with MediaClient(address) as client:
        yield client
    process.kill()
    await process.communicate()


@pytest.fixture
def music(tmp_path: Path) -> str:
    path = tmp_path / "music.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return str(path)


@pytest.fixture
def stage(media: MediaClient, music: str, tmp_path: Path) -> Stage:
    return Stage(media=media, policy=ANY, settings=CallSettings(music=music, recordings=tmp_path / "records"))


async def matrix(stage: Stage) -> dict[str, set[str]]:
    names: dict[str, str] = {leg.name: leg.peer.number for call in stage.calls.live() for leg in call.legs.values()}
    rooms = (await stage.media.list())["rooms"]
    return {
        names[ear]: {names[one if isinstance(one, str) else one["mouth"]] for one in mouths}
        for room in rooms
        for ear, mouths in room["matrix"].items()
    }


async def end(stage: Stage, phone: Phone) -> None:
    phone.hang_up()
    await stage.run(60.0)
    listing = await stage.media.list()
    assert [listing[kind] for kind in ("rooms", "legs", "plays", "records")] == [[], [], [], []]
    assert [name for name in stage.calls.counters if name.startswith(("media_", "recordings_"))] == []
    assert stage.context.legs == {}


async def test_hold_supervision_recording_and_sounds(stage: Stage, music: str) -> None:
    alice, bob, sue = stage.phone("alice"), stage.phone("bob", answers), stage.phone("sue", answers)
    stage.policy = MediaPolicy()
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    assert await matrix(stage) == {"alice": {"bob"}, "bob": {"alice"}}
    call = the_call(stage)
    recording = await do(stage, stage.calls.record(call.id))
    await do(stage, stage.calls.hold(leg_of(stage, "alice").id))
    assert len((await stage.media.list())["plays"]) == 1
    await do(stage, stage.calls.resume(leg_of(stage, "alice").id))
    await do(stage, stage.calls.dial(call.id, [stage.target(sue)], role=Role.LISTENING))
    await stage.run(1.0)
    await do(stage, stage.calls.seat(leg_of(stage, "sue").id, Role.WHISPERING, to=leg_of(stage, "bob").id))
    assert await matrix(stage) == {"alice": {"bob"}, "bob": {"alice", "sue"}, "sue": {"alice", "bob"}}
    await do(stage, stage.calls.pause_recording(recording, paused=True))
    await do(stage, stage.calls.pause_recording(recording, paused=False))
    await stage.calls.play(leg_of(stage, "alice").id, Files(paths=[music]))
    await stage.calls.play_to_all(call.id, Tone(name="beep"), over=True)
    await stage.calls.send_digits(leg_of(stage, "bob").id, "12#")
    await do(stage, stage.calls.stop_recording(recording))
    async with asyncio.timeout(PATIENCE):
        while not stage.all(RecordingEnded):
            await stage.media.hello()
            await stage.settle()
    await end(stage, alice)


async def test_two_calls_of_a_phone_are_joined(stage: Stage) -> None:
    stage.policy = MediaPolicy()
    alice, bob, carol = stage.phone("alice"), stage.phone("bob", answers), stage.phone("carol", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    stage.on_event.clear()
    bridge_to(stage, carol)
    bob.call("carol")
    await stage.run(1.0)
    first, second = stage.calls.live()
    await do(stage, stage.calls.record(second.id))
    leaving = [leg.id for call in (first, second) for leg in call.live_legs() if leg.peer.number == "bob"]
    await do(stage, stage.calls.join(first.id, second.id, without=leaving))
    await stage.run(1.0)
    assert await matrix(stage) == {"alice": {"carol"}, "carol": {"alice"}}
    assert bob.over
    await end(stage, alice)


async def test_a_browsers_description_is_taken_by_the_engine(stage: Stage) -> None:
    alice = stage.phone("alice")
    as_browser(alice, "actpass")
    bob = stage.phone("bob", answers)
    target = stage.target(bob, policy=MediaPolicy())
    stage.target = lambda *_args, **_more: target  # type: ignore[method-assign]  # bob has a telephone
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    assert await matrix(stage) == {"alice": {"bob"}, "bob": {"alice"}}
    alice.offer("sendonly", 4)
    await stage.run(1.0)
    assert leg_of(stage, "alice").away
    await end(stage, bob)
