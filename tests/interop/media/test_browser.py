"""A headless Chromium with a fake microphone talks with an RTP phone through the engine, both ways."""

import asyncio
import itertools
import math
import re
import struct
import sys
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from centrala.telephony.media import MediaClient
from centrala.telephony.media.events import Dtmf, LegConnected, RecordDone
from centrala.telephony.media.types import (
    Codec,
    CodecPt,
    LegName,
    LocalWeb,
    RecordName,
    Remote,
    RoomName,
    RtpLeg,
    WebLeg,
    WebRemote,
)
from support.audio import in_sequence

BINARY = Path(sys.executable).with_name("centrala-media")
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 20.0  # seconds; a browser starts slowly on a busy machine
BROWSER_HZ, PHONE_HZ = 700, 1100
R, BROWSER, PHONE = RoomName("r"), LegName("browser"), LegName("phone")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")

# The kind of offer that JsSIP makes: audio only, bundled, rtcp-mux; candidates are gathered first.
OFFER = """
async () => {
  const stream = await navigator.mediaDevices.getUserMedia({audio: {
    echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
  const pc = new RTCPeerConnection({iceServers: [], bundlePolicy: "max-bundle"});
  window.pc = pc;
  stream.getTracks().forEach(track => pc.addTrack(track, stream));
  pc.ontrack = event => {
    const audio = new Audio();
    audio.srcObject = event.streams[0] || new MediaStream([event.track]);
    window.audio = audio;
    const context = new AudioContext({sampleRate: 8000});
    const source = context.createMediaStreamSource(audio.srcObject);
    const tap = context.createScriptProcessor(1024, 1, 1);
    window.heard = [];
    tap.onaudioprocess = e => {
      if (window.heard.length < 40000) window.heard.push(...e.inputBuffer.getChannelData(0));
    };
    source.connect(tap); tap.connect(context.destination);
    audio.play();
  };
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise(done => {
    if (pc.iceGatheringState === "complete") done();
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
    setTimeout(done, 1000);
  });
  return pc.localDescription.sdp;
}
"""


# A new offer with new ICE credentials, as after a change of network.
RESTART = """
async () => {
  const pc = window.pc;
  await pc.setLocalDescription(await pc.createOffer({iceRestart: true}));
  await new Promise(done => {
    if (pc.iceGatheringState === "complete") done();
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
    setTimeout(done, 1000);
  });
  return pc.localDescription.sdp;
}
"""

# The engine's fragment of the pair in use.
SELECTED = """
async ufrag => {
  for (let turn = 0; turn < 100; turn++) {
    const stats = [...(await window.pc.getStats()).values()];
    const transport = stats.find(one => one.type === "transport");
    const pair = stats.find(one => one.id === transport?.selectedCandidatePairId);
    const remote = stats.find(one => one.id === pair?.remoteCandidateId);
    if (remote?.usernameFragment === ufrag && pair.state === "succeeded") return true;
    await new Promise(done => setTimeout(done, 50));
  }
  return false;
}
"""


def tone_wav(path: Path, hz: int) -> None:
    samples = (int(12000 * math.sin(2 * math.pi * hz * n / 48000)) for n in range(48000 * 4))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def share(samples: list[float], hz: int, rate: int = 8000) -> float:
    """Share of the energy that is at one frequency (Goertzel, best of the 100 ms blocks' median)."""
    shares = []
    size = rate // 10
    coefficient = 2 * math.cos(2 * math.pi * hz / rate)
    for start in range(0, len(samples) - size, size):
        one = two = energy = 0.0
        for sample in samples[start : start + size]:
            one, two = sample + coefficient * one - two, one
            energy += sample * sample
        power = one * one + two * two - coefficient * one * two
        shares.append(power / (energy * size / 2) if energy > 0 else 0.0)
    shares.sort()
    return shares[len(shares) // 2] if shares else 0.0


def ulaw_decode(code: int) -> float:
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return float(-magnitude if code & 0x80 else magnitude)


def ulaw_tone(hz: int, seconds: float) -> list[bytes]:
    """PCMU packets of 20 ms."""

    def encode(sample: int) -> int:
        sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
        magnitude = min(magnitude, 32635) + 0x84
        exponent = magnitude.bit_length() - 8
        return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF

    codes = bytes(encode(int(10000 * math.sin(2 * math.pi * hz * n / 8000))) for n in range(int(8000 * seconds)))
    return [codes[at : at + 160] for at in range(0, len(codes), 160)]


def sides(path: Path) -> tuple[list[float], list[float]]:
    """Left and right of a stereo recording."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        data = file.readframes(file.getnframes())
    samples = [float(sample) for (sample,) in struct.iter_unpack("<h", data)]
    return samples[::2], samples[1::2]


class Phone(asyncio.DatagramProtocol):
    """Speaks and hears PCMU; the engine translates when the browser has another codec."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, bytes]] = []
        self.ssrcs: set[int] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        if not 192 <= data[1] <= 223:
            self.ssrcs.add(int.from_bytes(data[8:12], "big"))
            self.heard.append((int.from_bytes(data[2:4], "big"), data[12:]))

    async def speak(self, port: int, packets: list[bytes]) -> None:
        assert self.transport is not None
        for number, payload in enumerate(packets):
            header = struct.pack("!BBHII", 0x80, 0, number, number * 160, 77)
            self.transport.sendto(header + payload, ("127.0.0.1", port))
            await asyncio.sleep(0.02)


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[MediaClient]:
    address = f"unix:{tmp_path / 'control'}"
    arguments = ["--control", address, "--port-min", "25000", "--port-max", "25099"]
    process = await asyncio.create_subprocess_exec(BINARY, "serve", *arguments, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    await process.stderr.readline()
    async with MediaClient(address) as client:
        yield client
    process.terminate()
    await process.communicate()


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    tone_wav(tmp_path / "microphone.wav", BROWSER_HZ)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={tmp_path / 'microphone.wav'}",
                "--autoplay-policy=no-user-gesture-required",
                "--disable-features=WebRtcHideLocalIpsWithMdns",
                "--allow-loopback-in-peer-connection",
                "--no-sandbox",
            ],
        )
        context = await browser.new_context(permissions=["microphone"])
        page = await context.new_page()
        blank = "<!doctype html><title>call</title>"
        await page.route("**/*", lambda route: route.fulfill(body=blank, content_type="text/html"))
        await page.goto("https://call.invalid/")
        yield page
        await browser.close()


def remote_of(sdp: str) -> WebRemote:
    def attribute(name: str) -> str:
        found = re.search(rf"^a={name}:(.+?)\r?$", sdp, re.MULTILINE)
        assert found, sdp
        return found[1]

    return WebRemote(
        ice_ufrag=attribute("ice-ufrag"),
        ice_pwd=attribute("ice-pwd"),
        fingerprint=attribute("fingerprint"),
        setup=attribute("setup"),
        mid=attribute("mid"),
    )


def dtmf_pt(sdp: str) -> int:
    found = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", sdp, re.MULTILINE)
    assert found, sdp
    return int(found[1])


def answer(local: LocalWeb, event_pt: int, codec: CodecPt) -> str:
    ip, port = local.candidates[0]
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {local.mid}",
        f"m=audio {port} UDP/TLS/RTP/SAVPF {codec.pt} {event_pt}",
        f"c=IN IP4 {ip}",
        f"a=mid:{local.mid}",
        "a=sendrecv",
        "a=rtcp-mux",
        f"a=rtpmap:{codec.pt} {codec.name}/8000",
        f"a=rtpmap:{event_pt} telephone-event/8000",
        f"a=ice-ufrag:{local.ice_ufrag}",
        f"a=ice-pwd:{local.ice_pwd}",
        f"a=fingerprint:{local.fingerprint}",
        f"a=setup:{local.setup}",
        f"a=ssrc:{local.ssrc} cname:{local.cname}",
        f"a=candidate:1 1 udp 2130706431 {ip} {port} typ host",
        "a=end-of-candidates",
    ]
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize(
    "codec",
    [CodecPt(name=Codec.PCMU, pt=0), CodecPt(name=Codec.PCMA, pt=8), CodecPt(name=Codec.G722, pt=9)],
    ids=lambda codec: codec.name,
)
async def test_a_browser_and_a_phone_hear_each_other(
    media: MediaClient, page: Page, codec: CodecPt, tmp_path: Path
) -> None:
    await media.create_room(R)
    sdp = await page.evaluate(OFFER)
    leg = WebLeg(codecs=[codec], dtmf_pt=dtmf_pt(sdp), remote=remote_of(sdp))
    local = await media.create_web_leg(BROWSER, R, leg)
    loop = asyncio.get_running_loop()
    transport, phone = await loop.create_datagram_endpoint(Phone, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    pcmu = RtpLeg(codecs=[CodecPt(name=Codec.PCMU, pt=0)], remote=Remote(ip="127.0.0.1", port=port))
    theirs = await media.create_leg(PHONE, R, pcmu)
    await media.hear(R, {BROWSER: [PHONE], PHONE: [BROWSER]})
    recording = tmp_path / "call.wav"
    await media.start_record(RecordName("rec"), R, str(recording), left=[BROWSER], right=[PHONE])

    await page.evaluate(
        "sdp => window.pc.setRemoteDescription({type: 'answer', sdp})", answer(local, leg.dtmf_pt or 0, codec)
    )
    async with asyncio.timeout(PATIENCE):
        assert (await media.skip_to(LegConnected)).leg == BROWSER
    await phone.speak(theirs.port, ulaw_tone(PHONE_HZ, 3.0))

    heard_by_phone = [ulaw_decode(code) for _, payload in in_sequence(phone.heard)[25:] for code in payload]
    assert share(heard_by_phone, BROWSER_HZ) > 0.9
    heard_by_browser = await page.evaluate("() => window.heard")
    assert share(heard_by_browser[8000:], PHONE_HZ) > 0.9

    await page.evaluate("() => window.pc.getSenders()[0].dtmf.insertDTMF('15#', 100, 70)")
    async with asyncio.timeout(PATIENCE):
        digits = [(await media.skip_to(Dtmf)).digit for _ in range(3)]
    assert digits == ["1", "5", "#"]
    await media.stop_record(RecordName("rec"))
    async with asyncio.timeout(PATIENCE):
        done = await media.skip_to(RecordDone)
    left, right = sides(Path(done.path))
    middle = slice(8000, 20000)
    assert share(left[middle], BROWSER_HZ) > 0.9
    assert share(right[middle], PHONE_HZ) > 0.9
    transport.close()


async def test_an_ice_restart_changes_the_path_and_not_the_stream(media: MediaClient, page: Page) -> None:
    await media.create_room(R)
    codec = CodecPt(name=Codec.PCMU, pt=0)
    sdp = await page.evaluate(OFFER)
    leg = WebLeg(codecs=[codec], dtmf_pt=dtmf_pt(sdp), remote=remote_of(sdp))
    local = await media.create_web_leg(BROWSER, R, leg)
    loop = asyncio.get_running_loop()
    transport, phone = await loop.create_datagram_endpoint(Phone, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    remote = Remote(ip="127.0.0.1", port=port)
    theirs = await media.create_leg(PHONE, R, RtpLeg(codecs=[codec], remote=remote))
    await media.hear(R, {BROWSER: [PHONE], PHONE: [BROWSER]})
    take = "sdp => window.pc.setRemoteDescription({type: 'answer', sdp})"
    await page.evaluate(take, answer(local, leg.dtmf_pt or 0, codec))
    async with asyncio.timeout(PATIENCE):
        await media.skip_to(LegConnected)
    speaking = asyncio.create_task(phone.speak(theirs.port, ulaw_tone(PHONE_HZ, 4.0)))
    await asyncio.sleep(1.0)

    anew = remote_of(await page.evaluate(RESTART))
    assert leg.remote is not None
    assert anew.ice_ufrag != leg.remote.ice_ufrag
    after = await media.update_web_leg(BROWSER, replace(leg, remote=anew))
    assert after.ssrc == local.ssrc
    await page.evaluate(take, answer(after, leg.dtmf_pt or 0, codec))
    assert await page.evaluate(SELECTED, after.ice_ufrag)
    await speaking

    # One stream: a packet that the browser itself lost leaves its hole, a new beginning would leave thousands.
    heard = in_sequence(phone.heard)
    numbers = [number for number, _ in heard]
    assert phone.ssrcs == {theirs.ssrc}
    assert max(later - earlier for earlier, later in itertools.pairwise(numbers)) < 50
    assert share([ulaw_decode(code) for _, payload in heard[25:] for code in payload], BROWSER_HZ) > 0.8
    by_browser = await page.evaluate("() => window.heard")
    assert share(by_browser[8000:], PHONE_HZ) > 0.8
    transport.close()
