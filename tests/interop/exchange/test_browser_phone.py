"""The desk's phone in Chromium, whose microphone speaks: called by a carrier, calling a colleague, over a reload."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from centrala.kit.clock import utc_now
from centrala.security.service import COOKIE, Role
from centrala.telephony.calls.events import CallEvent, DigitPressed
from centrala.telephony.calls.state import Leg
from centrala.web.app import create_app
from centrala.web.static import FOLDER
from interop.exchange.conftest import CARRIER, Centre, until
from interop.sip.support.programs import free_port
from support.audio import ENGLISH, Samples, likeness, say, write_wav
from support.ear import EAR
from support.people import make_person

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 20_000  # milliseconds; a browser is slow on a busy machine
SECONDS = 20.0
# What goes through two jitter buffers and a resampler loses a little more than elsewhere.
ENOUGH_BACK = 0.7

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
    contexts: list[BrowserContext]

    async def desk(self, *projects: UUID, theme: str = "light") -> tuple[Page, UUID]:
        """A signed-in desk whose phone is ready."""
        person = await make_person(self.centre.database, utc_now, Role.OPERATOR, projects=projects)
        context = await self.browser.new_context(
            permissions=["microphone"],
            locale="en-GB",
            viewport={"width": 1280, "height": 720},
            color_scheme="dark" if theme == "dark" else "light",
        )
        self.contexts.append(context)
        await context.add_cookies([{"name": COOKIE, "value": person.cookie, "domain": "127.0.0.1", "path": "/api"}])
        await context.add_init_script(EAR)
        page = await context.new_page()
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
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
                "--autoplay-policy=no-user-gesture-required",
                "--disable-features=WebRtcHideLocalIpsWithMdns",
                "--allow-loopback-in-peer-connection",
                "--no-sandbox",
            ],
        )
        port = server.servers[0].sockets[0].getsockname()[1]
        one = Web(centre, browser, f"http://127.0.0.1:{port}/", [])
        yield one
        for context in one.contexts:
            await context.close()
        await browser.close()
    server.should_exit = True
    await task


async def hears_itself(page: Page) -> None:
    """The carrier sends back what it hears: so the page's voice went out and came in again."""
    await page.evaluate("window.heard = []")
    await asyncio.sleep(6.0)  # two rounds of the phrase, in real time as speech is
    heard: Samples = await page.evaluate("window.heard")
    found = likeness(say(ENGLISH), heard)
    assert found.heard >= ENOUGH_BACK, found


async def call_in(web: Web, number: str) -> None:
    """A carrier calls a number and echoes what it hears until it is hung up."""
    await web.centre.trunk(f"In {number}", free_port(), sources=[CARRIER])
    media = free_port() // 2 * 2
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
