"""SIPp and baresip speak by real SIP and RTP: what they say is heard and recorded, what they hear is what was said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from interop.sip.support.programs import Program
from support.audio import ENGLISH, ENOUGH, ROMANIAN, Samples, likeness, read_wav, say, ulaw_encode, write_wav
from support.audio_calls import Place, Talk
from support.ports import BLOCK, free_port

SCENARIO = Path(__file__).parent / "scenarios" / "speaks.xml"
BARESIP = """
poll_method epoll
sip_listen 127.0.0.1:{port}
audio_source aufile,{folder}/says.wav
audio_player aubridge,nothing
audio_alert aubridge,alert
snd_path {folder}
audio_channels 1
ausrc_srate 8000
auplay_srate 8000
ausrc_format s16
auplay_format s16
rtp_ports {rtp}-{rtp_end}
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
"""

Start = Callable[..., Awaitable[Program]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a program that ends with the test."""
    running: list[Program] = []

    async def one(name: str, *arguments: str | Path) -> Program:
        program = Program(name, arguments, tmp_path / name)
        running.append(program)
        await program.start()
        return program

    yield one
    for program in running:
        await program.end()


def assert_heard(phrase: tuple[str, str], heard: Samples, where: str) -> None:
    found = likeness(say(phrase), heard)
    assert found.heard >= ENOUGH, f"{where}: {found}"


async def assert_recorded(place: Place, talk: Talk, *, peer: tuple[str, str], desk: tuple[str, str] | None) -> None:
    left, right = read_wav(await place.end_recording(talk))
    assert_heard(peer, left, "the peer's side of the recording")
    if desk is not None:
        assert_heard(desk, right, "our side of the recording")


async def test_what_sipp_plays_is_heard_and_recorded(place: Place, start: Start, tmp_path: Path) -> None:
    (tmp_path / "sipp").mkdir()
    (tmp_path / "sipp" / "speech.ul").write_bytes(ulaw_encode(say(ENGLISH)))
    ports = ["-i", "127.0.0.1", "-p", str(free_port()), "-mp", str(free_port())]
    once = ["-m", "1", "-nostdin", "-timeout", "20s", "-timeout_error"]
    sipp = await start("sipp", f"127.0.0.1:{place.port}", "-sf", SCENARIO, "-s", "desk", *ports, *once)
    talk = await place.next_talk()
    assert await sipp.wait() == 0, sipp.output[-3000:]
    assert_heard(ENGLISH, talk.phone.audio(), "the phone")
    await assert_recorded(place, talk, peer=ENGLISH, desk=None)


async def test_what_sipp_echoes_comes_back(place: Place, start: Start) -> None:
    port, media = free_port(), free_port()
    ports = ["-i", "127.0.0.1", "-p", str(port), "-mp", str(media), "-rtp_echo"]
    sipp = await start("sipp", "-sn", "uas", *ports, "-m", "1", "-nostdin", "-timeout", "20s")
    await sipp.listens(port)
    talk = await place.call(f"sip:echo@127.0.0.1:{port}")
    await talk.say(say(ROMANIAN))
    await asyncio.sleep(0.1)
    assert_heard(ROMANIAN, talk.phone.audio(), "the echo")
    await assert_recorded(place, talk, peer=ROMANIAN, desk=ROMANIAN)


async def test_baresip_with_pcma_and_a_phone_with_pcmu_hear_each_other(
    place: Place, start: Start, tmp_path: Path
) -> None:
    folder, port, rtp = tmp_path / "baresip", free_port(), free_port()
    folder.mkdir()
    write_wav(folder / "says.wav", [0] * 4000 + list(say(ENGLISH)) + [0] * 16000)
    config = BARESIP.format(port=port, folder=folder, rtp=rtp, rtp_end=rtp + BLOCK - 2)
    (folder / "config").write_text(config)
    account = "<sip:bare@127.0.0.1>;regint=0;answermode=auto;audio_codecs=pcma\n"
    (folder / "accounts").write_text(account)
    (folder / "contacts").write_text("")
    baresip = await start("baresip", "-f", folder, "-s")
    await baresip.listens(port)
    talk = await place.call(f"sip:bare@127.0.0.1:{port}")
    await talk.say([*say(ROMANIAN), *[0] * 8000])
    await assert_recorded(place, talk, peer=ENGLISH, desk=ROMANIAN)
    assert_heard(ENGLISH, talk.phone.audio(), "the phone")
    assert talk.session is not None
    place.agent.hang_up(talk.session, place.endpoint.now())
    place.endpoint.flush()
    await baresip.says("terminated")
    (decoded,) = folder.glob("dump-*-dec.wav")
    assert_heard(ROMANIAN, read_wav(decoded)[0], "baresip")
