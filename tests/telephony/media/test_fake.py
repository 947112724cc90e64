"""What the fake offers to tests beside the port."""

import pytest

from centrala.telephony.media import FakeMedia, MediaGone, MediaRefused
from centrala.telephony.media.events import Dtmf, EngineRestarted, PlayDone
from centrala.telephony.media.streams import Audio, Side
from centrala.telephony.media.types import (
    Codec,
    CodecPt,
    LegName,
    PlayName,
    Pushed,
    RoomName,
    RtpLeg,
    TapName,
    TapSide,
    Tone,
)

R, A = RoomName("r"), LegName("a")


async def test_it_refuses_once_when_told_to() -> None:
    media = FakeMedia()
    media.refuse_next("room.create", "limit_reached")
    with pytest.raises(MediaRefused, match="limit_reached"):
        await media.create_room(R)
    await media.create_room(R)
    assert [command for command, _ in media.asked] == ["room.create", "room.create"]


async def test_it_vanishes_and_comes_back_with_or_without_its_calls() -> None:
    media = FakeMedia()
    await media.create_room(R)
    media.vanish()
    with pytest.raises(MediaGone):
        await media.list()
    media.come_back()
    assert len((await media.list())["rooms"]) == 1
    media.come_back(restarted=True)
    assert (await media.list())["rooms"] == []
    await media.skip_to(EngineRestarted)


async def test_it_says_what_a_peer_would_do() -> None:
    media = FakeMedia()
    await media.create_room(R)
    await media.create_leg(A, R, RtpLeg(codecs=[CodecPt(name=Codec.PCMU, pt=0)]))
    await media.play(PlayName("p"), A, Tone(name="beep"))
    media.finish_play("p")
    assert (await media.skip_to(PlayDone)).reason == "ended"
    media.emit("dtmf", leg="a", digit="5", duration_ms=100, method="rfc4733")
    assert (await media.skip_to(Dtmf)).digit == "5"


async def test_its_streams_carry_what_a_test_puts_in_and_keep_what_is_pushed() -> None:
    media = FakeMedia()
    await media.create_room(R)
    await media.create_leg(A, R, RtpLeg(codecs=[CodecPt(name=Codec.PCMU, pt=0)]))
    await media.start_tap(TapName("t"), A, side=TapSide.SAYS)
    tap = await media.attach_tap(TapName("t"))
    media.streams["t"].carry(Audio(Side.SAYS, b"ab"))
    await media.stop_tap(TapName("t"))
    assert [frame async for frame in tap.frames()] == [Audio(Side.SAYS, b"ab")]
    await media.play(PlayName("p"), A, Pushed(rate=8000))
    async with await media.attach_play(PlayName("p")) as robot:
        await robot.push(b"cd")
        assert media.streams["p"].pushed == b"cd"
        media.finish_play("p")
        with pytest.raises(MediaGone):
            await robot.push(b"ef")
