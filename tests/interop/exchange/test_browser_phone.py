"""The desk's phone in Chromium, whose microphone speaks: called by a carrier, calling a colleague, over a reload."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, Route, WebSocket, async_playwright, expect

from centrala.kit.clock import utc_now
from centrala.security.service import COOKIE, Role
from centrala.telephony.calls.events import CallEvent, DigitPressed
from centrala.telephony.calls.state import Leg
from centrala.telephony.phones.keys import BrowserKeys, BrowserUser
from centrala.web.app import create_app
from centrala.web.static import FOLDER
from interop.exchange.conftest import CARRIER, Centre, until
from support.audio import ENGLISH, Likeness, Samples, likeness, say, write_wav
from support.ear import EAR
from support.people import make_person
from support.ports import free_port

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 20_000  # milliseconds; a browser is slow on a busy machine
SECONDS = 20.0
# What goes through two jitter buffers and a resampler loses a little more than elsewhere.
ENOUGH_BACK = 0.7

KeysOf = Callable[[Route, UUID], Awaitable[None]]

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not (FOLDER / "index.html").exists(), reason="needs the built desk"),
]


@dataclass
class Web:
    """The desk's pages over a centre, and a browser in front of them."""

    centre: Centre
    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    """Numbers that the carrier knows."""

    async def desk(
        self, *projects: UUID, theme: str = "light", allowed: bool = True, script: str = "", keys: KeysOf | None = None
    ) -> tuple[Page, UUID]:
        """A signed-in desk whose phone is ready.

        `allowed`: the microphone. `script` runs before the page does. `keys` answers for the server when the page asks
        for the phone's credentials.
        """
        person = await make_person(self.centre.database, utc_now, Role.OPERATOR, projects=projects)
        context = await self.browser.new_context(
            permissions=["microphone"] if allowed else [],
            locale="en-GB",
            viewport={"width": 1280, "height": 720},
            color_scheme="dark" if theme == "dark" else "light",
        )
        self.contexts.append(context)
        await context.add_cookies([{"name": COOKIE, "value": person.cookie, "domain": "127.0.0.1", "path": "/api"}])
        await context.add_init_script(EAR + script)
        page = await context.new_page()
        if keys is not None:
            await page.route("**/api/phone", lambda route: keys(route, person.id))
        page.set_default_timeout(PATIENCE)
        await page.goto(self.url)
        await ready(page)
        return page, person.id


async def ready(page: Page) -> None:
    await expect(bar(page).get_by_text("Phone ready")).to_be_visible(timeout=PATIENCE)


def bar(page: Page):  # type: ignore[no-untyped-def]  # Playwright's locator
    return page.get_by_role("region", name="Your phone")


async def says(page: Page, text: str) -> None:
    await expect(bar(page).get_by_text(text).first).to_be_visible(timeout=PATIENCE)


@pytest.fixture
async def web(centre: Centre, tmp_path: Path) -> AsyncIterator[Web]:
    app = create_app(centre.settings, database=centre.database)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio", lifespan="on"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    app.state.telephony = centre.telephony
    # The file is repeated for as long as the microphone is open.
    microphone = write_wav(tmp_path / "microphone.wav", [0] * 2400 + list(say(ENGLISH)) + [0] * 2400, times=6)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
                "--autoplay-policy=no-user-gesture-required",
                "--disable-features=WebRtcHideLocalIpsWithMdns",
                "--allow-loopback-in-peer-connection",
                "--no-sandbox",
            ],
        )
        port = server.servers[0].sockets[0].getsockname()[1]
        one = Web(centre, browser, f"http://127.0.0.1:{port}/")
        yield one
        for context in one.contexts:
            await context.close()
        await browser.close()
    server.should_exit = True
    await task


QUICK = """
const plain = window.setTimeout.bind(window);
window.setTimeout = (run, ms, ...more) => plain(run, ms > 20000 ? ms / 40 : ms, ...more);
"""
"""Half a minute and more pass forty times faster: registrations and credentials are renewed every second or so."""

WATCH = """
localStorage.setItem("centrala.phone.devices", JSON.stringify({ cleaned: false, microphone: "left at home" }));
window.senders = [];
window.sinks = [];
const Ear = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Ear {
  constructor(...given) { super(...given); window.senders.push(this); }
};
const sink = HTMLMediaElement.prototype.setSinkId;
HTMLMediaElement.prototype.setSinkId = function (id) { window.sinks.push(id); return sink.call(this, id); };
"""
"""Tells which microphones and loudspeakers the calls use. The one that was chosen last is not there today."""

LIVE = """window.senders.filter(one => one.connectionState === "connected")
  .flatMap(one => one.getSenders().map(sender => sender.track && sender.track.readyState))"""
SENT = """window.senders.filter(one => one.connectionState === "connected")
  .flatMap(one => one.getSenders().map(sender => sender.track && sender.track.label))"""


async def hears_itself(page: Page) -> None:
    """The carrier sends back what it hears: so the page's voice went out and came in again."""
    found = await echo_of(page)
    assert found.heard >= ENOUGH_BACK, found


async def echo_of(page: Page) -> Likeness:
    """How much of what the page says it hears now."""
    await page.evaluate("window.heard = []")
    await asyncio.sleep(6.0)  # two rounds of the phrase, in real time as speech is
    heard: Samples = await page.evaluate("window.heard")
    return likeness(say(ENGLISH), heard)


async def call_in(web: Web, number: str) -> None:
    """A carrier calls a number and echoes what it hears until it is hung up."""
    if number not in web.called:
        web.called.add(number)
        await web.centre.trunk(f"In {number}", free_port(), sources=[CARRIER])
    media = free_port()
    await web.centre.sipp("waits_for_bye", "-s", number, "-rtp_echo", "-mp", str(media), "-timeout", "90s")


def legs(centre: Centre) -> list[Leg]:
    return [leg for call in centre.exchange.calls.live() for leg in call.live_legs()]


async def test_a_carriers_call_rings_the_desk_is_heard_held_keyed_survives_a_reload_and_ends(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000777")
    page, person = await web.desk(project)
    digits: list[str] = []

    def hear(event: CallEvent) -> None:
        if isinstance(event, DigitPressed):
            digits.append(event.digit)

    centre.exchange.calls.subscribe(hear)
    await call_in(web, "+37322000777")
    await page.get_by_role("button", name="Answer").click()
    await says(page, "Talking")
    await hears_itself(page)
    (call,) = centre.exchange.calls.live()

    await page.get_by_role("button", name="Hold").click()
    await says(page, "On hold")
    assert any(leg.away for leg in legs(centre))
    await page.get_by_role("button", name="Resume").click()
    await says(page, "Talking")
    await until(lambda: not any(leg.away for leg in legs(centre)))

    await page.get_by_role("button", name="Keypad").click()
    await page.get_by_role("button", name="5", exact=True).click()
    await until(lambda: digits == ["5"], SECONDS)
    await page.keyboard.press("Escape")

    await page.keyboard.press("F8")
    await expect(page.get_by_role("button", name=re.compile("Unmute"))).to_be_visible()
    await page.keyboard.press("F8")

    await page.reload()
    await says(page, "Talking")
    assert [one.id for one in centre.exchange.calls.live()] == [call.id]
    await hears_itself(page)
    await until(lambda: len(legs(centre)) == 2, SECONDS)

    await page.keyboard.press("F9")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)
    await says(page, "Call ended")
    assert person in centre.exchange.registrations.present()


async def test_a_colleague_is_called_from_the_desk_and_hangs_up(web: Web) -> None:
    centre = web.centre
    ion = await centre.account(await centre.person())
    other = await centre.phone(ion)
    page, _ = await web.desk()
    await page.keyboard.press("Alt+p")
    await page.get_by_label("Number or colleague").fill(ion.user)
    await page.keyboard.press("Enter")
    await other.hears_of("CALL_ESTABLISHED")
    await says(page, "Talking")
    await other.command("hangup")
    await says(page, "Call ended")
    await until(lambda: not centre.exchange.calls.live())


async def test_a_client_is_handed_over_after_a_word_with_the_colleague(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000778")
    ion = await centre.account(await centre.person())
    colleague = await centre.phone(ion)
    page, _ = await web.desk(project)
    await call_in(web, "+37322000778")
    await page.get_by_role("button", name="Answer").click()
    await says(page, "Talking")
    await page.get_by_role("button", name="Transfer").click()
    await page.get_by_label("Transfer to").fill(ion.user)
    await page.get_by_role("button", name="Ask first").click()
    await colleague.hears_of("CALL_ESTABLISHED")
    await page.get_by_role("button", name="Connect them").click()
    await ready(page)
    await until(lambda: len(legs(centre)) == 2, SECONDS)
    assert any(leg.trunk_id for leg in legs(centre))
    await colleague.command("hangup")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)


async def test_one_tab_has_the_phone_and_another_may_take_it(web: Web) -> None:
    page, person = await web.desk()
    second = await page.context.new_page()
    await second.goto(web.url)
    await says(second, "Your phone is in another tab.")
    await second.get_by_role("button", name="Take it here").click()
    await ready(second)
    await says(page, "Your phone is in another tab.")
    await second.close()
    await ready(page)
    assert person in web.centre.exchange.registrations.present()


async def test_the_workplace_check_calls_itself_measures_and_tells_the_supervisor(web: Web) -> None:
    page, person = await web.desk()
    await page.goto(web.url + "selftest")
    await ready(page)
    step = page.get_by_role("region", name=re.compile("Test call"))
    await step.get_by_role("button", name="Call", exact=True).click()
    await expect(step.get_by_text("Speak now, you hear yourself…")).to_be_visible(timeout=PATIENCE)
    assert len(legs(web.centre)) == 1
    await expect(step.get_by_role("group", name="Did you hear yourself clearly?")).to_be_visible(timeout=PATIENCE)
    await until(lambda: not web.centre.exchange.calls.live(), SECONDS)
    await step.get_by_role("button", name="Yes").click()
    await expect(step.get_by_text(re.compile("Round trip [0-9]+ ms, jitter [0-9]+ ms, lost 0 %"))).to_be_visible()
    await expect(step.get_by_text("good", exact=True)).to_be_visible()
    speaker = page.get_by_role("region", name=re.compile("Speaker"))
    await speaker.get_by_role("button", name="Play the tone").click()
    await speaker.get_by_role("button", name="Yes").click()
    save = page.get_by_role("button", name="Save the result")
    await save.click()
    await expect(page).to_have_url(web.url + "work")
    ((passed, found),) = await web.centre.rows(
        "SELECT passed, findings FROM desk_checks WHERE person_id = :person", person=person
    )
    assert isinstance(found, dict)
    assert (passed, found["by_call"], found["heard_oneself"]) == (True, True, True)
    # The microphone's file has speech of about -20 dBFS; digital silence would be -120.
    assert found["returned_level"] > -45
    assert found["loss"] < 0.02
    assert found["round_trip_ms"] >= 0


async def becomes(page: Page, expression: str, wanted: object) -> None:
    """Playwright's own waiting needs eval, which the page's policy forbids."""
    seen: object = None
    for _ in range(200):
        seen = await page.evaluate(expression)
        if seen == wanted:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{expression}: {seen} is not {wanted}")


def users_of(page: Page) -> set[str]:
    """Names under which the page registers, as they come."""
    users: set[str] = set()

    def sent(frame: str | bytes) -> None:
        text = frame.decode() if isinstance(frame, bytes) else frame
        if text.startswith("REGISTER") and (found := re.search(r'username="([^"]+)"', text)):
            users.add(found[1])

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", sent)

    page.on("websocket", opened)
    return users


def short_keys(web: Web, person: UUID, seconds: float) -> dict[str, str]:
    """Credentials as the server makes them, with another end."""
    user = BrowserUser(person, (utc_now() + timedelta(seconds=seconds)).replace(microsecond=0))
    keys = BrowserKeys(web.centre.settings.secret_key.get_secret_value())
    return {"user": str(user), "password": keys.password(user), "expires_at": user.expires_at.isoformat()}


async def test_credentials_are_renewed_while_the_phone_rests_and_while_somebody_talks(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000779")
    lives: list[float] = []

    async def brief(route: Route, person: UUID) -> None:
        # They end after some seconds, so a page that did not renew them would be refused.
        answer = await (await route.fetch()).json()
        lives.append(8.0)
        await route.fulfill(json={**answer, **short_keys(web, person, lives[-1])})

    page, person = await web.desk(project, script=QUICK, keys=brief)
    users = users_of(page)
    await page.reload()
    await ready(page)
    await until(lambda: len(users) >= 3, SECONDS)
    await call_in(web, "+37322000779")
    await page.get_by_role("button", name="Answer").click()
    await says(page, "Talking")
    before = set(users)
    await until(lambda: len(users - before) >= 3, SECONDS)
    await hears_itself(page)
    assert person in centre.exchange.registrations.present()
    assert len(legs(centre)) == 2, "the call went on"
    await page.get_by_role("button", name="Hold").click()
    await says(page, "On hold")
    await page.get_by_role("button", name="Resume").click()
    await says(page, "Talking")
    await page.keyboard.press("F9")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)


async def test_a_phone_whose_credentials_ran_out_gets_new_ones(web: Web) -> None:
    """As after a night with the lid closed."""
    asked: list[float] = []
    loop = asyncio.get_running_loop()

    async def late(route: Route, person: UUID) -> None:
        asked.append(loop.time())
        if len(asked) == 1:
            answer = await (await route.fetch()).json()
            await route.fulfill(json={**answer, **short_keys(web, person, 3.0)})
        elif loop.time() - asked[0] < 8.0:
            await route.abort()
        else:
            await route.continue_()

    page, person = await web.desk(script=QUICK, keys=late)
    await expect(bar(page).get_by_text("Phone away")).to_be_visible(timeout=PATIENCE)
    await ready(page)
    assert len(asked) >= 3
    assert person in web.centre.exchange.registrations.present()


async def test_a_refused_microphone_is_said_and_the_call_rings_on_until_it_is_allowed(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000780")
    page, _ = await web.desk(project, allowed=False)
    await call_in(web, "+37322000780")
    answer = page.get_by_role("button", name="Answer")
    await answer.click()
    await says(page, "The microphone is blocked.")
    await expect(answer).to_be_enabled()
    assert len(centre.exchange.calls.live()) == 1, "it rings on"
    await page.context.grant_permissions(["microphone"])
    await answer.click()
    await says(page, "Talking")
    await expect(page.get_by_text("The microphone is blocked.")).to_have_count(0)
    await hears_itself(page)
    await page.keyboard.press("F9")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)


async def test_without_a_microphone_no_call_begins_and_the_check_says_why(web: Web) -> None:
    page, _ = await web.desk(allowed=False)
    await page.keyboard.press("Alt+p")
    await page.get_by_label("Number or colleague").fill("*43")
    await page.keyboard.press("Enter")
    await says(page, "The microphone is blocked.")
    assert not web.centre.exchange.calls.live()
    await page.goto(web.url + "selftest")
    await expect(page.get_by_role("alert").get_by_text("The microphone is blocked.").first).to_be_visible()


async def test_microphone_and_loudspeaker_are_changed_while_somebody_talks(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000781")
    page, _ = await web.desk(project, script=WATCH)
    await call_in(web, "+37322000781")
    await page.get_by_role("button", name="Answer").click()
    await says(page, "Talking")
    await becomes(page, LIVE, ["live"])
    (before,) = await page.evaluate(SENT)
    await page.get_by_role("button", name="Microphone and speakers").click()
    panel = page.get_by_role("dialog")
    microphone = panel.get_by_label("Microphone", exact=True)
    # Only the system's own is there until the browser has told the devices.
    await expect(microphone.get_by_role("option", name="Fake Audio Input")).not_to_have_count(0)
    labels = [await one.inner_text() for one in await microphone.get_by_role("option").all()]
    other = next(one for one in labels[1:] if one != before and "Default" not in one)
    await microphone.select_option(label=other)
    await becomes(page, SENT, [other])
    speaker = panel.get_by_label("Speaker", exact=True)
    chosen = await speaker.get_by_role("option").last.get_attribute("value")
    await speaker.select_option(value=chosen)
    await becomes(page, "window.sinks.at(-1)", chosen)
    await page.keyboard.press("Escape")
    await hears_itself(page)

    # The headset is pulled out: what is left takes its place.
    await page.evaluate(
        "() => { for (const one of window.senders) for (const sender of one.getSenders()) if (sender.track) {"
        " sender.track.stop(); sender.track.dispatchEvent(new Event('ended')); } }"
    )
    await becomes(page, LIVE, ["live"])
    await hears_itself(page)
    await page.keyboard.press("F9")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)


async def test_two_calls_one_of_them_held_are_both_there_after_a_reload(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000782")
    page, _ = await web.desk(project)
    await call_in(web, "+37322000782")
    await page.get_by_role("button", name="Answer").click()
    await says(page, "Talking")
    await call_in(web, "+37322000782")
    await page.get_by_role("button", name="Answer").click()
    others = page.get_by_role("list", name="Other calls")
    await expect(others.get_by_role("button", name="Resume")).to_be_visible(timeout=PATIENCE)
    await hears_itself(page)
    both = {one.id for one in centre.exchange.calls.live()}
    assert len(both) == 2

    await page.reload()
    await says(page, "Talking")
    await expect(others.get_by_role("button", name="Resume")).to_be_visible(timeout=PATIENCE)
    await until(lambda: len(legs(centre)) == 4, SECONDS)
    assert {one.id for one in centre.exchange.calls.live()} == both
    assert sum(leg.away for leg in legs(centre)) == 1
    # The ear is at the call that was taken up last, whichever of the two that is.
    first = await echo_of(page)

    await others.get_by_role("button", name="Resume").click()
    await expect(others.get_by_role("button", name="Resume")).to_be_visible(timeout=PATIENCE)
    await says(page, "Talking")
    assert max(first.heard, (await echo_of(page)).heard) >= ENOUGH_BACK
    await page.keyboard.press("F9")
    await until(lambda: len(centre.exchange.calls.live()) == 1, SECONDS)
    await page.get_by_role("button", name="Resume").click()
    await says(page, "Talking")
    await page.keyboard.press("F9")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)


async def test_a_call_goes_over_to_the_tab_that_takes_the_phone_and_the_first_lets_it_be(web: Web) -> None:
    centre = web.centre
    project = await centre.project("+37322000783")
    page, person = await web.desk(project)
    await call_in(web, "+37322000783")
    await page.get_by_role("button", name="Answer").click()
    await says(page, "Talking")
    (call,) = centre.exchange.calls.live()
    second = await page.context.new_page()
    await second.goto(web.url)
    await says(second, "Your phone is in another tab.")
    await says(page, "Talking")
    await second.get_by_role("button", name="Take it here").click()
    await says(second, "Talking")
    await says(page, "Your phone is in another tab.")
    assert [one.id for one in centre.exchange.calls.live()] == [call.id]
    await until(lambda: len(legs(centre)) == 2, SECONDS)
    await hears_itself(second)
    # What the first tab does about its old call ends nothing.
    await asyncio.sleep(4.0)
    await says(second, "Talking")
    assert person in centre.exchange.registrations.present()
    await second.keyboard.press("F9")
    await until(lambda: not centre.exchange.calls.live(), SECONDS)
