"""What the app may rely on, whoever stands behind the port: the fake or the engine."""

from dataclasses import replace
from pathlib import Path

import pytest

from centrala.telephony.media import MediaCommands, MediaRefused
from centrala.telephony.media.events import DtmfSent, LegClosed, PlayDone, RecordDone, RoomClosed, TapDone
from centrala.telephony.media.streams import Audio
from centrala.telephony.media.types import (
    Codec,
    CodecPt,
    Direction,
    DtmfMethod,
    Family,
    Files,
    LegName,
    Mouth,
    PlayName,
    Pushed,
    RecordName,
    Remote,
    RoomName,
    RtpLeg,
    SharedLoop,
    Silence,
    Srtp,
    TapName,
    TapSide,
    Tone,
    WebLeg,
    WebRemote,
)

R, R2 = RoomName("r"), RoomName("r2")
A, B, C = LegName("a"), LegName("b"), LegName("c")
P, P2 = PlayName("p"), PlayName("p2")
REC = RecordName("rec")
TAP = TapName("t")
PCMU = CodecPt(name=Codec.PCMU, pt=0)
PHONE = RtpLeg(codecs=[PCMU], dtmf_pt=101, remote=Remote(ip="127.0.0.1", port=9))


async def two_legs(media: MediaCommands) -> None:
    await media.create_room(R)
    await media.create_leg(A, R, PHONE)
    await media.create_leg(B, R, PHONE)
    await media.hear(R, {A: [B], B: [A]})


async def refused(awaitable: object, code: str) -> None:
    with pytest.raises(MediaRefused) as caught:
        await awaitable  # type: ignore[misc]  # any command
    assert caught.value.code == code


async def test_hello_tells_who_the_engine_is(media: MediaCommands) -> None:
    hello = await media.hello()
    assert hello.protocol == 1
    assert hello.version == "0.1.0"
    assert {"rtp", "rooms", "record"} <= hello.features


async def test_each_leg_gets_an_even_port_of_its_own_and_rtcp_the_next(media: MediaCommands) -> None:
    await media.create_room(R)
    a = await media.create_leg(A, R, PHONE)
    b = await media.create_leg(B, R, PHONE)
    assert a.port % 2 == 0
    assert a.rtcp_port == a.port + 1
    assert a.port != b.port
    assert a.ssrc != b.ssrc
    assert a.cname != b.cname


async def test_rtcp_mux_uses_one_port(media: MediaCommands) -> None:
    await media.create_room(R)
    local = await media.create_leg(A, R, RtpLeg(codecs=[PCMU], rtcp_mux=True))
    assert local.rtcp_port == local.port


async def test_an_update_keeps_port_and_ssrc(media: MediaCommands) -> None:
    await media.create_room(R)
    before = await media.create_leg(A, R, RtpLeg(codecs=[PCMU]))
    answered = RtpLeg(codecs=[PCMU], remote=Remote(ip="127.0.0.1", port=9), direction=Direction.SENDONLY)
    assert await media.update_leg(A, answered) == before


async def test_list_shows_rooms_legs_and_the_matrix(media: MediaCommands) -> None:
    await two_legs(media)
    await media.create_leg(C, R, RtpLeg(codecs=[PCMU], tag="call 7"))
    await media.hear(R, {A: [B], B: [Mouth(leg=A, gain_db=-6), C], C: [A, B]})
    listed = await media.list()
    assert listed["rooms"][0]["legs"] == ["a", "b", "c"]
    assert listed["rooms"][0]["matrix"] == {"a": ["b"], "b": ["a", "c"], "c": ["a", "b"]}
    assert {leg["leg"]: leg["tag"] for leg in listed["legs"]} == {"a": None, "b": None, "c": "call 7"}


async def test_a_matrix_with_a_stranger_changes_nothing(media: MediaCommands) -> None:
    await two_legs(media)
    await media.create_room(R2)
    await media.create_leg(C, R2, PHONE)
    await refused(media.hear(R, {A: [C]}), "wrong_room")
    await refused(media.hear(R, {LegName("nobody"): [A]}), "not_found")
    assert (await media.list())["rooms"][0]["matrix"] == {"a": ["b"], "b": ["a"]}


async def test_a_moved_leg_hears_nobody_until_told(media: MediaCommands) -> None:
    await two_legs(media)
    await media.create_room(R2)
    await media.create_leg(C, R2, PHONE)
    await media.move_leg(A, R2)
    await media.move_leg(A, R2)
    rooms = {room["room"]: room for room in (await media.list())["rooms"]}
    assert rooms["r"]["matrix"] == {"b": []}
    assert sorted(rooms["r2"]["legs"]) == ["a", "c"]
    assert rooms["r2"]["matrix"] == {"a": [], "c": []}
    await media.hear(R2, {A: [C], C: [A]})
    await refused(media.hear(R, {A: [B]}), "wrong_room")


async def test_ids_are_unique_and_free_again_after_the_end(media: MediaCommands) -> None:
    await two_legs(media)
    await refused(media.create_room(R), "exists")
    await refused(media.create_leg(A, R, PHONE), "exists")
    await media.close_leg(A)
    await media.skip_to(LegClosed)
    await media.create_leg(A, R, PHONE)


@pytest.mark.parametrize("name", ["", "with space", "x" * 65, "naïve"])
async def test_ids_have_plain_characters(media: MediaCommands, name: str) -> None:
    await refused(media.create_room(RoomName(name)), "invalid_argument")


async def test_closing_a_room_closes_its_legs_and_says_so(media: MediaCommands) -> None:
    await two_legs(media)
    assert await media.close_room(R) == 2
    closed = await media.skip_to(LegClosed)
    assert (closed.leg, closed.reason) == ("a", "room_closed")
    assert "received" in closed.stats
    room = await media.skip_to(RoomClosed)
    assert (room.room, room.reason) == ("r", "room_closed")
    await refused(media.close_room(R), "not_found")
    assert (await media.list())["legs"] == []


async def test_closing_a_leg_gives_its_figures(media: MediaCommands) -> None:
    await two_legs(media)
    assert (await media.close_leg(A))["received"]["packets"] == 0
    assert (await media.skip_to(LegClosed)).reason == "closed"
    await refused(media.close_leg(A), "not_found")
    await refused(media.leg_stats(A), "not_found")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (RtpLeg(codecs=[]), "invalid_argument"),
        (RtpLeg(codecs=[PCMU] * 9), "invalid_argument"),
        (RtpLeg(codecs=[CodecPt(name=Codec.PCMU, pt=128)]), "invalid_argument"),
        (RtpLeg(codecs=[PCMU], dtmf_pt=0), "invalid_argument"),
        (RtpLeg(codecs=[PCMU], ptime=25), "invalid_argument"),
    ],
)
async def test_wrong_legs_are_refused(media: MediaCommands, settings: RtpLeg, code: str) -> None:
    await media.create_room(R)
    await refused(media.create_leg(A, R, settings), code)
    assert (await media.list())["legs"] == []
    await media.create_leg(A, R, PHONE)


async def test_a_room_has_sixteen_legs_at_most(media: MediaCommands) -> None:
    await media.create_room(R)
    for number in range(16):
        await media.create_leg(LegName(f"leg-{number}"), R, RtpLeg(codecs=[PCMU]))
    await refused(media.create_leg(A, R, PHONE), "limit_reached")


FINGERPRINT = "sha-256 " + ":".join(["0A"] * 32)
BROWSER = WebRemote(ice_ufrag="abcd", ice_pwd="x" * 24, fingerprint=FINGERPRINT, setup="actpass", mid="audio")


async def test_a_browser_that_offers_is_answered_passively(media: MediaCommands) -> None:
    await media.create_room(R)
    local = await media.create_web_leg(A, R, WebLeg(codecs=[PCMU], dtmf_pt=126, remote=BROWSER))
    assert (local.setup, local.mid) == ("passive", "audio")
    assert local.fingerprint.startswith("sha-256 ")
    assert len(local.ice_pwd) >= 22
    assert len(local.candidates) == 1


async def test_the_engine_offers_to_a_browser_and_takes_its_answer(media: MediaCommands) -> None:
    await media.create_room(R)
    offer = await media.create_web_leg(A, R, WebLeg(codecs=[PCMU]))
    assert offer.setup == "actpass"
    answered = await media.update_web_leg(A, WebLeg(codecs=[PCMU], remote=replace(BROWSER, setup="active")))
    assert answered.setup == "passive"
    assert (answered.ice_ufrag, answered.ssrc) == (offer.ice_ufrag, offer.ssrc)


async def test_an_ice_restart_changes_the_credentials_and_nothing_else(media: MediaCommands) -> None:
    await media.create_room(R)
    first = await media.create_web_leg(A, R, WebLeg(codecs=[PCMU], remote=BROWSER))
    assert await media.update_web_leg(A, WebLeg(codecs=[PCMU], remote=BROWSER)) == first
    restarted = replace(BROWSER, ice_ufrag="efgh")
    anew = await media.update_web_leg(A, WebLeg(codecs=[PCMU], remote=restarted))
    assert anew.ice_ufrag != first.ice_ufrag
    assert anew.ice_pwd != first.ice_pwd
    assert replace(anew, ice_ufrag=first.ice_ufrag, ice_pwd=first.ice_pwd) == first


async def test_a_leg_of_a_family_that_the_engine_lacks_is_refused(media: MediaCommands) -> None:
    await media.create_room(R)
    await refused(media.create_leg(A, R, replace(PHONE, family=Family.IPV6, remote=None)), "not_supported")
    await refused(media.create_leg(A, R, replace(PHONE, remote=Remote(ip="2001:db8::1", port=9))), "not_supported")
    assert (await media.create_leg(A, R, replace(PHONE, family=Family.IPV4))).ip == "127.0.0.1"


async def test_a_browser_without_a_usable_fingerprint_is_refused(media: MediaCommands) -> None:
    await media.create_room(R)
    remote = replace(BROWSER, fingerprint="sha-1 AB:CD")
    await refused(media.create_web_leg(A, R, WebLeg(codecs=[PCMU], remote=remote)), "invalid_argument")


async def test_a_tone_goes_on_until_it_is_stopped(media: MediaCommands) -> None:
    await two_legs(media)
    assert await media.play(P, A, Tone(name="ringback", country="RO")) is None
    await refused(media.play(P, B, Tone(name="busy")), "exists")
    await media.set_play_gain(P, -6)
    await media.stop_play(P)
    done = await media.skip_to(PlayDone)
    assert (done.play, done.reason) == ("p", "stopped")
    await refused(media.stop_play(P), "not_found")


async def test_lengths_are_told(media: MediaCommands) -> None:
    await two_legs(media)
    assert await media.play(P, A, Tone(name="beep")) == 300
    assert await media.play_to_room(P2, R, Silence(ms=5000), over=True) == 5000
    await media.seek_play(P2, 1000)


async def test_a_second_play_on_an_ear_replaces_the_first(media: MediaCommands) -> None:
    await two_legs(media)
    await media.play(P, A, Tone(name="dial"))
    await media.play(P2, A, Tone(name="busy"))
    assert (await media.skip_to(PlayDone)).reason == "replaced"
    await media.close_leg(A)
    assert (await media.skip_to(PlayDone)).reason == "leg_closed"


async def test_what_cannot_be_played_is_refused(media: MediaCommands) -> None:
    await two_legs(media)
    await refused(media.play(P, A, Files(paths=["/missing/a.wav"])), "file_unreadable")
    await refused(media.play(P, A, Tone(name="siren")), "invalid_argument")
    await refused(media.play(P, LegName("nobody"), Tone(name="busy")), "not_found")
    await refused(media.play(P, A, Tone(name="busy"), gain_db=21), "invalid_argument")
    assert (await media.list())["plays"] == []


async def test_music_on_hold_is_a_loop_without_end(media: MediaCommands, music: Path) -> None:
    await two_legs(media)
    assert await media.play(P, A, SharedLoop(path=str(music))) is None
    assert await media.play(P2, B, Files(paths=[str(music)], repeat=3)) == 3000


async def test_digits_are_sent_and_reported(media: MediaCommands) -> None:
    await two_legs(media)
    await media.send_dtmf(A, "12#", method=DtmfMethod.RFC4733)
    assert (await media.skip_to(DtmfSent)).leg == "a"


async def test_wrong_digits_are_refused(media: MediaCommands) -> None:
    await media.create_room(R)
    await media.create_leg(A, R, RtpLeg(codecs=[PCMU]))
    await refused(media.send_dtmf(A, "5", method=DtmfMethod.RFC4733), "invalid_argument")
    await refused(media.send_dtmf(A, "5x"), "invalid_argument")
    await refused(media.send_dtmf(A, ""), "invalid_argument")
    await refused(media.send_dtmf(A, "1" * 65), "limit_reached")


async def test_detectors_are_switched(media: MediaCommands) -> None:
    await two_legs(media)
    await media.detect(A, dtmf_inband=True, talk=True, silence_ms=3000)
    await media.detect(A, talk=False)
    await media.detect(A, machine=True, beep=True, fax=True)
    await media.detect(A, machine=False)
    await media.stats_every(A, 5)
    await refused(media.detect(LegName("nobody"), talk=True), "not_found")


async def test_a_tap_is_attached_once_and_ends_its_stream(media: MediaCommands) -> None:
    await two_legs(media)
    await media.start_tap(TAP, A, side=TapSide.BOTH, rate=16000)
    await refused(media.start_tap(TAP, B, side=TapSide.SAYS), "exists")
    await refused(media.start_tap(TapName("u"), LegName("nobody"), side=TapSide.SAYS), "not_found")
    await refused(media.start_tap(TapName("u"), A, side=TapSide.SAYS, rate=11025), "invalid_argument")
    assert list((await media.list())["taps"]) == [{"tap": "t", "leg": "a"}]
    async with await media.attach_tap(TAP) as stream:
        await refused(media.attach_tap(TAP), "exists")
        await media.stop_tap(TAP)
        heard = [frame async for frame in stream.frames()]
    assert all(isinstance(frame, Audio) and not any(frame.pcm) for frame in heard)
    done = await media.skip_to(TapDone)
    assert (done.tap, done.leg, done.reason, done.lost_ms) == ("t", "a", "stopped", 0)
    await refused(media.stop_tap(TAP), "not_found")
    await refused(media.attach_tap(TAP), "not_found")


async def test_a_tap_ends_with_its_leg(media: MediaCommands) -> None:
    await two_legs(media)
    await media.start_tap(TAP, A, side=TapSide.SAYS)
    await media.close_leg(A)
    assert (await media.skip_to(TapDone)).reason == "leg_closed"
    assert list((await media.list())["taps"]) == []


async def test_a_play_takes_pushed_audio(media: MediaCommands) -> None:
    await two_legs(media)
    assert await media.play(P, A, Pushed(rate=24000), over=True, duck_db=-12) is None
    await refused(media.play(P2, A, Pushed(rate=44100)), "invalid_argument")
    async with await media.attach_play(P) as stream:
        await stream.push(bytes(2 * 24000))
        await refused(media.attach_play(P), "exists")
        await media.stop_play(P)
    assert (await media.skip_to(PlayDone)).reason == "stopped"
    await refused(media.attach_play(P), "not_found")


async def test_a_play_of_files_has_no_stream(media: MediaCommands) -> None:
    await two_legs(media)
    await media.play(P, A, Tone(name="dial"))
    await refused(media.attach_play(P), "exists")


async def test_a_record_is_paused_resumed_and_ends_with_hash_and_marks(media: MediaCommands, tmp_path: Path) -> None:
    await two_legs(media)
    path = str(tmp_path / "call.wav")
    await media.start_record(REC, R, path, left=[A], right=[B])
    await media.pause_record(REC)
    await media.pause_record(REC)
    assert (await media.list())["records"][0]["paused"] is True
    await media.resume_record(REC)
    await media.stop_record(REC)
    done = await media.skip_to(RecordDone)
    assert (done.record, done.path, done.reason) == ("rec", path, "stopped")
    assert [mark.kind for mark in done.marks] == ["pause", "resume"]
    assert len(done.sha256) == 64
    assert done.size >= 44
    await refused(media.stop_record(REC), "not_found")


async def test_a_record_follows_the_call_to_another_room(media: MediaCommands, tmp_path: Path) -> None:
    await two_legs(media)
    await media.start_record(REC, R, str(tmp_path / "call.wav"), left=[A], right=[B])
    await media.create_room(R2, near=R)
    await media.move_leg(A, R2)
    await refused(media.update_record(REC, room=R2, left=[B]), "wrong_room")
    await media.update_record(REC, room=R2, left=[A], right=[])
    await media.close_room(R)
    assert [record["room"] for record in (await media.list())["records"]] == ["r2"]
    await media.close_room(R2)
    assert (await media.skip_to(RecordDone)).reason == "room_closed"


async def test_a_record_of_strangers_is_refused(media: MediaCommands, tmp_path: Path) -> None:
    await two_legs(media)
    path = str(tmp_path / "call.wav")
    await refused(media.start_record(REC, R, path, left=[A], right=[LegName("nobody")]), "not_found")
    await refused(media.start_record(REC, R2, path, left=[], right=[]), "not_found")
    await media.start_record(REC, R, path, left=[A], right=[B])
    await refused(media.start_record(RecordName("other"), R, path, left=[A], right=[B]), "file_exists")


async def test_a_draining_engine_takes_no_new_calls_but_keeps_the_old(media: MediaCommands) -> None:
    await two_legs(media)
    await media.drain(on=True)
    await refused(media.create_room(R2), "draining")
    await refused(media.create_leg(C, R, PHONE), "draining")
    await media.hear(R, {A: [B]})
    await media.drain(on=False)
    await media.create_leg(C, R, PHONE)


async def test_unknown_commands_and_fields_are_refused(media: MediaCommands) -> None:
    await refused(media.call("room.paint", {}), "unknown_command")
    await refused(media.call("room.create", {"room": "r", "colour": "red"}), "invalid_argument")


def test_keys_do_not_show_in_logs() -> None:
    assert "secret" not in repr(Srtp(suite="AEAD_AES_128_GCM", local="secret", remote="secret"))
