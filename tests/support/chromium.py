"""People at their desks in Chromium: each in a browser of their own, whose microphone says a phrase over and over."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, Playwright, expect

from browser.desk import Desk
from support.audio import RATE, Samples, likeness, write_wav
from support.ear import EAR

CHROMIUM: Final = Path("/usr/bin/chromium")
SLOW: Final = 40_000  # milliseconds; a browser is slow on a busy machine
GAP: Final = [0] * (RATE * 3 // 10)  # before and after a phrase
THROUGH: Final = 0.5  # share of the pieces: two jitter buffers and a resampler lie on the way
AMONG: Final = 0.45  # correlation of half the pieces when somebody else speaks at the same time; else about 0.2
FOREIGN: Final = 0.35


async def open_browser(playwright: Playwright, file: Path, voice: Sequence[int]) -> Browser:
    """Chromium whose microphone says this; the file is repeated for as long as the microphone is open."""
    microphone = write_wav(file, [*GAP, *voice, *GAP], times=6)
    expect.set_options(timeout=SLOW)
    return await playwright.chromium.launch(
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


@dataclass
class Seat:
    """A person with a browser, signed in."""

    browser: Browser
    desk: Desk
    voice: Samples
    """What their microphone says."""
    name: str
    id: str = field(default="")

    @property
    def page(self) -> Page:
        return self.desk.page

    async def open(self, path: str) -> None:
        await self.desk.go(path)

    async def listen(self) -> None:
        """Forget what was heard so far."""
        await self.page.evaluate("window.heard = []")

    async def heard(self) -> Samples:
        """Since `listen`, 30 s at most."""
        got: Samples = await self.page.evaluate("window.heard || []")
        return got

    async def close(self) -> None:
        await self.browser.close()


async def take_seat(browser: Browser, url: str, *, name: str, voice: Sequence[int]) -> Seat:
    """A window in which nobody has signed in yet."""
    context = await browser.new_context(
        permissions=["microphone"],
        locale="en-GB",
        viewport={"width": 1280, "height": 720},
        accept_downloads=True,
        reduced_motion="reduce",
    )
    await context.add_init_script(EAR)
    page = await context.new_page()
    page.set_default_timeout(SLOW)
    desk = Desk(page, context, url)
    page.on("console", lambda message: desk.problems.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: desk.problems.append(f"exception: {error}"))
    return Seat(browser, desk, list(voice), name)


async def sign_in(seat: Seat, login: str, password: str) -> None:
    """By the API, as the page of signing in does it; the desk speaks English then."""
    await seat.desk.sign_in(login, password)
    await seat.desk.prefer(language="en")
    seat.id = (await seat.desk.api("GET", "/api/me"))["id"]


async def go_ready(page: Page) -> None:
    """The workplace was never checked, so the first wish to be ready leads there; it can be put off.

    A page that does not know yet whether it was checked lets the person be ready at once.
    """
    state = page.get_by_role("button", name="Your state:")
    await state.click()
    await page.get_by_role("menuitem", name="Ready").click()
    later = page.get_by_role("button", name="Later")
    ready = page.get_by_role("button", name="Your state: Ready")
    await expect(later.or_(ready).first).to_be_visible()
    if await later.is_visible():
        await later.click()
        await page.keyboard.press("Alt+r")
    await expect(ready).to_be_visible()


async def alike(said: Sequence[int], heard: Sequence[int]) -> float:
    """How much of a phrase was heard, 0 to 1."""
    if len(heard) < len(said) // 2:
        return 0.0
    return (await asyncio.to_thread(likeness, said, heard)).heard


async def audible(said: Sequence[int], heard: Sequence[int]) -> float:
    """The correlation that half the pieces reach: also tells a voice among others."""
    if len(heard) < len(said) // 2:
        return 0.0
    return (await asyncio.to_thread(likeness, said, heard)).median
