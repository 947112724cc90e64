"""The client against the engine's process: lost connections, restarts, a slow reader."""

import asyncio
from typing import Any

import pytest

from centrala.telephony.media import MediaClient, MediaGone
from centrala.telephony.media.events import EngineRestarted, LegClosed, RoomClosed, UnknownEvent, read_event
from centrala.telephony.media.types import Codec, CodecPt, LegName, RoomName, RtpLeg

PATIENCE = 10.0  # seconds; only a broken engine needs them
PHONE = RtpLeg(codecs=[CodecPt(name=Codec.PCMA, pt=8)])


async def until_connected(client: MediaClient, *, connected: bool = True) -> None:
    async with asyncio.timeout(PATIENCE):
        while client.connected != connected:  # noqa: ASYNC110 the client offers no event for this, tests only
            await asyncio.sleep(0.005)


async def test_nobody_listening_is_told_in_time(tmp_path: object) -> None:
    client = MediaClient(f"unix:{tmp_path}/nobody")
    with pytest.raises(MediaGone, match="no media engine answers"):
        await client.start(patience=0.1)


async def test_events_of_the_time_between_two_lives_of_the_app_are_not_lost(engine: Any) -> None:
    async with MediaClient(engine.address) as first:
        await first.create_room(RoomName("r"))
        await first.create_leg(LegName("a"), RoomName("r"), PHONE)
        last = (await first.hello()).last_event
        name = first.engine
    async with MediaClient(engine.address) as other:
        await other.close_leg(LegName("a"))
    async with MediaClient(engine.address, engine=name, after=last) as second:
        assert (await second.skip_to(LegClosed)).leg == "a"
        assert (await second.list())["rooms"][0]["room"] == "r"


async def test_a_restarted_engine_is_noticed_and_usable(engine: Any) -> None:
    async with MediaClient(engine.address) as client:
        await client.create_room(RoomName("r"))
        before = client.engine
        await engine.kill()
        await until_connected(client, connected=False)
        with pytest.raises(MediaGone):
            await client.list()
        await engine.start()
        restarted = await client.skip_to(EngineRestarted)
        assert restarted.engine != before
        await until_connected(client)
        assert (await client.list())["rooms"] == []
        await client.create_room(RoomName("r"))


async def test_a_hundred_commands_at_once_are_all_answered(engine: Any) -> None:
    async with MediaClient(engine.address) as client:
        await asyncio.gather(*(client.create_room(RoomName(f"room-{n}")) for n in range(100)))
        assert len((await client.list())["rooms"]) == 100
        await asyncio.gather(*(client.close_room(RoomName(f"room-{n}")) for n in range(100)))
        closed = [await client.skip_to(RoomClosed) for _ in range(100)]
        assert [event.seq for event in closed] == list(range(closed[0].seq, closed[0].seq + 100))


def test_an_event_of_a_newer_engine_is_kept_as_it_is() -> None:
    event = read_event({"event": "leg.sang", "seq": 7, "at": 1, "leg": "a"})
    assert isinstance(event, UnknownEvent)
    assert (event.name, event.seq, event.fields["leg"]) == ("leg.sang", 7, "a")
