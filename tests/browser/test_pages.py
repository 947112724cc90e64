"""Every page, in every language and theme: nothing in the console, no missing text, no barrier for anybody."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from browser.desk import Desk
from browser.pages import DETAILS, PAGES

RAW_KEY = re.compile(
    r"\b(?!sips?:)[a-z]+[A-Za-z]*:[a-z]+[A-Za-z.]+\b|\b(?:field|section|table|form|nav|state)\.[a-zA-Z]+\b"
)
"""How a text looks for which there is no translation; an address of SIP on the page of messages is none."""

WIDTHS = """({
    page: document.documentElement.scrollWidth,
    main: document.querySelector('main').scrollWidth,
    bar: document.querySelector('footer').scrollWidth,
})"""


async def all_pages(desk: Desk) -> list[str]:
    """The fixed pages and one page of details behind each list."""
    found = list(PAGES)
    for path in DETAILS:
        rows = await desk.api("GET", f"/api{path}?page_size=1")
        found.append(f"{path}/{rows['items'][0]['id']}")
    return found


@pytest.mark.parametrize("language", ["en", "ru", "ro"])
async def test_every_page_speaks_every_language(desk_as: Callable[..., Awaitable[Desk]], language: str) -> None:
    desk = await desk_as("administrator", language=language)
    for path in await all_pages(desk):
        await desk.go(path)
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.page.get_attribute("html", "lang") == language, path
        assert RAW_KEY.search(await desk.page.inner_text("body")) is None, path
        desk.assert_silent()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_page_has_a_barrier(desk_as: Callable[..., Awaitable[Desk]], theme: str) -> None:
    desk = await desk_as("administrator", theme=theme)
    for path in await all_pages(desk):
        await desk.go(path)
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.violations() == [], path


async def test_sign_in_and_setup_have_no_barrier(visitor: Callable[..., Awaitable[Desk]]) -> None:
    for theme in ("light", "dark"):
        desk = await visitor(theme=theme)
        desk.expected = ("401",)
        for path in ("/sign-in", "/setup"):
            await desk.go(path)
            assert await desk.violations() == [], path


async def test_dialogs_have_no_barrier(desk_as: Callable[..., Awaitable[Desk]]) -> None:
    for theme in ("light", "dark"):
        desk = await desk_as("administrator", theme=theme)
        await desk.go("/employees")
        for keys in ("Control+k", "?"):
            await desk.page.keyboard.press(keys)
            await desk.page.get_by_role("dialog").wait_for()
            assert await desk.violations() == [], keys
            await desk.page.keyboard.press("Escape")
            await desk.page.get_by_role("dialog").wait_for(state="detached")


async def test_menus_have_no_barrier_and_take_the_focus(desk_as: Callable[..., Awaitable[Desk]]) -> None:
    desk = await desk_as("administrator")
    await desk.go("/calendars/new")
    for place in ("footer", "nav", "main"):
        button = desk.page.locator(f"{place} [aria-haspopup=menu]").first
        await button.press("Enter")
        menu = desk.page.get_by_role("menu")
        await expect(menu.get_by_role("menuitem").first).to_be_focused()
        assert await desk.violations() == [], place
        await desk.page.keyboard.press("Escape")
        await expect(menu).to_have_count(0)
        await expect(button).to_be_focused()


@pytest.mark.parametrize("role", ["operator", "client", "personnel", "supervisor"])
async def test_each_role_sees_its_pages_and_no_others(desk_as: Callable[..., Awaitable[Desk]], role: str) -> None:
    desk = await desk_as(role)
    await desk.go("/")
    links = desk.page.get_by_role("navigation", name="Navigation").get_by_role("link")
    offered = [await link.get_attribute("href") for link in await links.all()]
    assert "/system" not in offered
    assert ("/roles" in offered) == (role == "personnel")
    for path in offered:
        await desk.go(path or "/")
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.page.get_by_text("This page is not for your role").count() == 0, path
    await desk.go("/system")
    await desk.page.get_by_text("This page is not for your role").wait_for()


@pytest.mark.parametrize("language", ["en", "ru", "ro"])
async def test_pages_fit_a_small_window_at_200_percent(desk_as: Callable[..., Awaitable[Desk]], language: str) -> None:
    # 1280 x 720 at 200 % is a window of 640 x 360 CSS pixels (WCAG 2.2, 1.4.4 and 1.4.10).
    desk = await desk_as("administrator", language=language, size={"width": 640, "height": 360})
    for path in await all_pages(desk):
        await desk.go(path)
        await desk.page.wait_for_load_state("networkidle")
        widths = await desk.page.evaluate(WIDTHS)
        main = await desk.page.evaluate("document.querySelector('main').clientWidth")
        assert widths["page"] <= 640, path
        assert widths["main"] <= main, path
        assert widths["bar"] <= 640, path
        bar = await desk.page.locator("footer").bounding_box()
        assert bar is not None and bar["y"] + bar["height"] <= 360, path
