"""The desk in Debian's Chromium, against the real app with sample people.

- `desk_as(role, language=..., theme=...)`: a signed-in `Desk` in a browser context of its own.
- `visitor()`: the same, signed out.

At the end of a test each desk must have been silent: nothing in the console, no exception, no missing text.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest
from playwright.async_api import Browser, ConsoleMessage, async_playwright

from browser.desk import ROOT, Desk
from support.servers import LiveServer

BUILT: Final = ROOT / "src/centrala/web/static/index.html"

SIZE: Final = {"width": 1280, "height": 720}
LOCALES: Final = {"en": "en-GB", "ru": "ru-RU", "ro": "ro-RO"}


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    assert BUILT.exists(), "The desk is not built: run `npm run build` in desk/."
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert chromium, "Chromium is missing: apt install chromium"
    # Its sandbox does not work for root, as whom CI runs.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield one
        await one.close()


@pytest.fixture
async def visitor(browser: Browser, live_server: LiveServer) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    opened: list[Desk] = []

    async def make(*, language: str = "en", theme: str = "light", size: dict[str, int] | None = None) -> Desk:
        context = await browser.new_context(
            viewport=size or SIZE,  # type: ignore[arg-type]  # Playwright's ViewportSize is such a dict
            locale=LOCALES[language],
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        page = await context.new_page()
        desk = Desk(page, context, live_server.base_url)
        page.on("console", lambda message: _heard(desk, message))
        page.on("pageerror", lambda error: desk.problems.append(f"exception: {error}"))
        opened.append(desk)
        return desk

    yield make
    for desk in opened:
        await desk.context.close()
    for desk in opened:
        desk.assert_silent()


def _heard(desk: Desk, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"}:
        desk.problems.append(message.text)


@pytest.fixture
async def desk_as(visitor: Callable[..., Awaitable[Desk]], live_server: LiveServer) -> Callable[..., Awaitable[Desk]]:
    async def make(
        role: str, *, language: str = "en", theme: str = "light", size: dict[str, int] | None = None
    ) -> Desk:
        desk = await visitor(language=language, theme=theme, size=size)
        known = live_server.credentials(role)
        await desk.sign_in(known.login, known.password)
        await desk.prefer(language=language, theme=theme)
        return desk

    return make
