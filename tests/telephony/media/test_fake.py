"""What the fake offers to tests beside the port."""

import pytest

from centrala.telephony.media import FakeMedia, MediaGone, MediaRefused
from centrala.telephony.media.events import Dtmf, EngineRestarted, PlayDone
from centrala.telephony.media.types import Codec, CodecPt, LegName, PlayName, RoomName, RtpLeg, Tone

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
