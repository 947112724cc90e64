"""JsSIP in a headless Chromium calls over SIP and WebSocket and talks with an RTP phone, both ways, recorded."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import HTMLResponse
from playwright.async_api import Page, async_playwright

from centrala.telephony.media.events import Dtmf
from centrala.telephony.transport import WebSocketFlows
from support.audio import ENGLISH, ENOUGH, RUSSIAN, Samples, likeness, read_wav, say
from support.audio_calls import PATIENCE, Place
from support.chromium import CHROMIUM, open_browser

ROOT = Path(__file__).parents[3]
JSSIP = ROOT / "desk" / "node_modules" / "jssip" / "lib" / "JsSIP.js"
ROLLDOWN = ROOT / "desk" / "node_modules" / "rolldown" / "bin" / "cli.mjs"
# A browser on a busy machine leaves some out and stretches the rest; other speech has 0.1 at most.
ENOUGH_IN_A_BROWSER = 0.7

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not JSSIP.exists(), reason="needs the desk's packages (make build)"),
]

CALL = """
async url => {
  const ua = new JsSIP.UA({sockets: [new JsSIP.WebSocketInterface(url)], uri: "sip:ana@call.invalid", register: false});
  window.states = [];
  window.heard = [];
  ua.start();
  await new Promise(done => ua.on("connected", done));
  const session = ua.call("sip:desk@call.invalid", {
    mediaConstraints: {audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}},
    pcConfig: {iceServers: []},
  });
  window.session = session;
  session.on("failed", event => window.states.push("failed: " + event.cause));
  session.on("ended", event => window.states.push("ended by " + event.originator));
  session.connection.addEventListener("track", event => {
    const audio = new Audio();
    audio.srcObject = event.streams[0] || new MediaStream([event.track]);
    window.audio = audio;
    if (window.context) window.context.close();  // the track comes anew with every offer
    const context = window.context = new AudioContext({sampleRate: 8000});
    const tap = context.createScriptProcessor(1024, 1, 1);
    tap.onaudioprocess = e => {
      if (window.heard.length < 160000)
        window.heard.push(...Array.from(e.inputBuffer.getChannelData(0), x => Math.round(x * 32767)));
    };
    context.createMediaStreamSource(audio.srcObject).connect(tap);
    tap.connect(context.destination);
    audio.play();
  });
  await new Promise(done => { session.on("confirmed", done); session.on("failed", done); });
}
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """JsSIP as one file that a browser reads."""
    folder = tmp_path_factory.mktemp("jssip")
    (folder / "entry.mjs").write_text(f'import JsSIP from "{JSSIP}";\nglobalThis.JsSIP = JsSIP;\n')
    out = folder / "jssip.js"
    parts = (ROOT / "tools" / "node", ROLLDOWN, folder / "entry.mjs", "--format", "iife", "--file", out)
    subprocess.run([*map(str, parts), "--platform", "browser"], check=True, capture_output=True, cwd=ROOT / "desk")
    return out.read_text()


@asynccontextmanager
async def served(place: Place, script: str) -> AsyncIterator[str]:
    """Host and port of a page with JsSIP and of a WebSocket for its SIP."""
    app, flows = FastAPI(), WebSocketFlows(place.endpoint)

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><meta charset=utf-8><title>call</title><script>{script}</script>")

    @app.websocket("/sip")
    async def sip(websocket: WebSocket) -> None:
        await flows.serve(websocket, "ana")

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio", lifespan="off"))
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await open_browser(playwright, tmp_path / "microphone.wav", say(ENGLISH))
        context = await browser.new_context(permissions=["microphone"])
        yield await context.new_page()
        await browser.close()


def assert_heard(phrase: tuple[str, str], heard: Samples, where: str, *, enough: float = ENOUGH_IN_A_BROWSER) -> None:
    found = likeness(say(phrase), heard)
    assert found.heard >= enough, f"{where}: {found}"


async def test_jssip_and_a_phone_hear_each_other_before_and_after_hold(place: Place, page: Page, script: str) -> None:
    async with served(place, script) as where:
        await page.goto(f"http://{where}/")
        await page.evaluate(CALL, f"ws://{where}/sip")
        assert await page.evaluate("window.states") == []
        talk = await place.next_talk()
        await talk.say([*say(RUSSIAN), *[0] * 32000])
        heard_before = await page.evaluate("window.heard")
        said_before = talk.phone.audio()

        await page.evaluate("new Promise(done => session.hold({}, done))")
        await page.evaluate("new Promise(done => session.unhold({}, done))")
        assert talk.reoffers == 2
        talk.phone.heard.clear()
        await page.evaluate("window.heard = []")
        await talk.say([*say(RUSSIAN), *[0] * 32000])
        await page.evaluate("session.sendDTMF('5', {transportType: 'RFC2833'})")
        async with asyncio.timeout(PATIENCE):
            assert (await place.media.skip_to(Dtmf)).digit == "5"
        heard_after = await page.evaluate("window.heard")
        recording = await place.end_recording(talk)

        await page.evaluate("session.terminate()")
        async with asyncio.timeout(PATIENCE):
            await talk.ended.wait()
    assert_heard(RUSSIAN, heard_before, "the browser")
    assert_heard(ENGLISH, said_before, "the phone")
    assert_heard(RUSSIAN, heard_after, "the browser after hold")
    assert_heard(ENGLISH, talk.phone.audio(), "the phone after hold")
    left, right = read_wav(recording)
    assert_heard(ENGLISH, left, "the browser's side of the recording")
    assert_heard(RUSSIAN, right, "the phone's side of the recording", enough=ENOUGH)
