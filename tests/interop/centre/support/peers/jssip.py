"""JsSIP in a headless Chromium with a fake microphone, on the centre's own WebSocket."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page

from centrala.kit.clock import utc_now
from centrala.security.service import COOKIE, Role
from interop.centre.support.peers.floor import PeersFloor
from interop.centre.support.peers.peer import SLOW, Peer
from support.audio import Samples
from support.chromium import THROUGH
from support.people import make_person

ROOT: Final = Path(__file__).parents[5]
JSSIP: Final = ROOT / "desk" / "node_modules" / "jssip" / "lib" / "JsSIP.js"
ROLLDOWN: Final = ROOT / "desk" / "node_modules" / "rolldown" / "bin" / "cli.mjs"
MANNERS: Final = """
const Options = () => ({
  mediaConstraints: {audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}, video: false},
  pcConfig: {iceServers: []},
});
window.heard = [];
window.sessions = [];
function listens(connection) {
  connection.addEventListener("track", event => {
    const context = new AudioContext({sampleRate: 8000});
    const tap = context.createScriptProcessor(1024, 1, 1);
    if (window.context) window.context.close();
    window.context = context;
    tap.onaudioprocess = e => {
      if (window.heard.length < 400000)
        window.heard.push(...Array.from(e.inputBuffer.getChannelData(0), x => Math.round(x * 32767)));
    };
    context.createMediaStreamSource(event.streams[0] || new MediaStream([event.track])).connect(tap);
    tap.connect(context.destination);
    const audio = window.audio = new Audio();
    audio.srcObject = event.streams[0] || new MediaStream([event.track]);
    audio.play();
  });
}
window.begin = async () => {
  const account = await (await fetch("/api/phone", {credentials: "same-origin"})).json();
  const url = new URL(account.ws_url, location.href);
  url.protocol = "ws:";
  const socket = new JsSIP.WebSocketInterface(url.href);
  window.domain = account.aor.split("@")[1];
  window.ua = new JsSIP.UA({sockets: [socket], uri: account.aor, authorization_user: account.user,
    password: account.password, realm: account.realm, register_expires: account.register_seconds});
  ua.on("newRTCSession", event => {
    sessions.push(event.session);
    event.session.on("peerconnection", made => listens(made.peerconnection));
    if (event.session.connection) listens(event.session.connection);
  });
  const registered = new Promise((done, failed) => {
    ua.on("registered", done);
    ua.on("registrationFailed", event => failed(event.cause));
  });
  ua.start();
  await registered;
};
window.dials = number => { ua.call(`sip:${number}@${domain}`, Options()); };
window.answers = async () => {
  while (!sessions.length) await new Promise(done => setTimeout(done, 20));
  sessions[0].answer(Options());
};
window.alone = async where => {
  for (const one of sessions) if (one !== sessions[where] && one.isEstablished() && !one.isOnHold().local)
    await new Promise(done => one.hold({}, done));
};
"""


def bundle(folder: Path) -> str:
    """JsSIP as one file that a browser reads."""
    (folder / "entry.mjs").write_text(f'import JsSIP from "{JSSIP}";\nglobalThis.JsSIP = JsSIP;\n')
    out = folder / "jssip.js"
    parts = (ROOT / "tools" / "node", ROLLDOWN, folder / "entry.mjs", "--format", "iife", "--file", out)
    subprocess.run([*map(str, parts), "--platform", "browser"], check=True, capture_output=True, cwd=ROOT / "desk")
    return out.read_text()


class JssipPhone(Peer):
    """The phone of a signed-in person in a page that holds nothing but JsSIP."""

    through = THROUGH

    def __init__(self, floor: PeersFloor, folder: Path, browser: Browser, script: str) -> None:
        super().__init__(floor, folder)
        self._browser, self._script = browser, script
        self._heard: Samples = []

    @property
    def number(self) -> str:
        return self.login

    async def start(self) -> None:
        person = await make_person(self.floor.database, utc_now, Role.OPERATOR)
        self.person_id, self.login = person.id, person.login
        self._context: BrowserContext = await self._browser.new_context(permissions=["microphone"], bypass_csp=True)
        cookie = {"name": COOKIE, "value": person.cookie, "domain": "127.0.0.1", "path": "/api"}
        await self._context.add_cookies([cookie])  # type: ignore[list-item]  # a typed dictionary of Playwright's
        self.page: Page = await self._context.new_page()
        self.page.set_default_timeout(SLOW * 1000)
        # A page that the server itself gives: one made here would count as foreign to the server on loopback.
        await self.page.goto(f"{self.floor.url}/api/phone")
        for content in (self._script, MANNERS):
            await self.page.add_script_tag(content=content)
        await self.page.evaluate("begin()")
        await self.registered()

    async def end(self) -> None:
        await self._context.close()

    async def call(self, number: str, *, then: Sequence[str] = ()) -> None:  # noqa: ARG002 - it is told when the time comes
        await self.page.evaluate("number => dials(number)", number)

    async def answer(self) -> None:
        await self.page.evaluate("answers()")

    async def hang_up(self) -> None:
        await self.page.evaluate("sessions.filter(one => !one.isEnded()).forEach(one => one.terminate())")

    async def hold(self) -> None:
        await self.page.evaluate("new Promise(done => sessions[0].hold({}, done))")

    async def resume(self) -> None:
        await self.page.evaluate("new Promise(done => sessions[0].unhold({}, done))")

    async def transfer(self, number: str) -> None:
        await self.page.evaluate("number => { sessions[0].refer(`sip:${number}@${domain}`); }", number)

    async def consult(self, number: str) -> None:
        await self.hold()
        await self.page.evaluate("number => dials(number)", number)

    async def connect(self) -> None:
        refer = "sessions[0].refer(sessions[1].remote_identity.uri, {replaces: sessions[1]})"
        await self.page.evaluate(f"() => {{ {refer}; }}")

    async def press(self, key: str) -> None:
        # The centre may take the call for connected before the browser does.
        await self.page.wait_for_function("sessions[0].connection.getSenders().some(one => one.dtmf?.canInsertDTMF)")
        await self.page.evaluate("key => { sessions[0].sendDTMF(key, {transportType: 'RFC2833'}); }", key)

    async def press_by_info(self, key: str) -> None:
        await self.page.evaluate("key => { sessions[0].sendDTMF(key, {transportType: 'INFO'}); }", key)

    async def heard(self) -> Samples:
        heard: Samples = await self.page.evaluate("window.heard")
        await asyncio.sleep(0)
        return heard
