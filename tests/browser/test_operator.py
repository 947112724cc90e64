"""The operator's pages in every language: no barrier, nothing in the console; a ring is seen on every page."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from browser.desk import Desk

DeskAs = Callable[..., Awaitable[Desk]]
NOW = "2026-11-22T10:00:00Z"


def offered() -> dict[str, Any]:
    """A contact as the server describes it, ringing."""
    masked = {"masked": "+373 ••• 11", "revealable": False}
    return {
        "id": str(uuid4()), "phase": "offered", "direction": "in", "number": masked,
        "name": {"masked": "Elena Munteanu", "revealable": False}, "customer_id": None, "project_id": str(uuid4()),
        "project": "Apă-Canal", "queue_id": None, "queue": "Facturi", "language": "ro", "menu_path": ["Facturi"],
        "came_at": NOW, "queued_at": NOW, "answered_at": None, "since": NOW, "until": "2126-11-22T10:00:00Z",
        "held": False, "recording": "off", "others": [], "note": "Modem broken.", "transferred_by": "Ion Balan",
        "may_hang_up": True, "help_asked": False, "callback": False,
    }  # fmt: skip


async def with_work(page: Page, *contacts: dict[str, Any]) -> None:
    """The desk's work is this, whatever the server has."""
    state = {"state": "ready", "reason": "", "since": NOW, "until": None, "present": True}
    document = {
        "type": "work", "version": 1, "now": NOW, "telephony": True, "phone": True, "state": state,
        "contacts": contacts, "notices": 0, "promises": [],
    }  # fmt: skip

    async def serve(socket: WebSocketRoute) -> None:
        socket.send(json.dumps(document))

    await page.route_web_socket("**/api/work/live", serve)


@pytest.mark.parametrize("language", ["en", "ru", "ro"])
async def test_the_operators_pages_have_no_barrier(desk_as: DeskAs, language: str) -> None:
    desk = await desk_as("operator", language=language, theme="dark" if language == "ru" else "light")
    desk.expected = ("503", "microphone")  # this server has no telephony
    for path in ("/work", "/selftest"):
        await desk.go(path)
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.violations() == [], path


async def test_a_ring_is_seen_on_every_page_and_takes_no_focus(desk_as: DeskAs) -> None:
    desk = await desk_as("operator")
    desk.expected = ("503", "404")  # no telephony here, and the contact is not in the store
    await with_work(desk.page, offered())
    await desk.go("/")
    card = desk.page.get_by_role("alert").filter(has_text="Elena Munteanu")
    await expect(card).to_contain_text("Apă-Canal")
    await expect(card).to_contain_text("Ion Balan: Modem broken.")
    # No phone of this page rings: it is answered where it does.
    await expect(card).to_contain_text("Answer on your phone")
    assert await desk.page.evaluate("document.activeElement.closest('[role=alert]')") is None
    assert await desk.violations() == []


async def test_an_operator_chooses_channels_and_the_phone_that_rings(desk_as: DeskAs) -> None:
    boss, desk = await desk_as("administrator"), await desk_as("operator")
    desk.expected = ("503",)  # no telephony here
    me = (await desk.api("GET", "/api/me"))["id"]
    await boss.api("PUT", f"/api/operators/{me}/routing", {"capacity": {"voice": 1, "chat": 2}})
    await with_work(desk.page)
    await desk.go("/")
    await desk.page.get_by_role("button", name="Your state").click()
    menu = desk.page.get_by_role("menu")
    calls = menu.get_by_role("menuitemcheckbox", name="Calls")
    chats = menu.get_by_role("menuitemcheckbox", name="Chats")
    await chats.click()
    await expect(chats).to_have_attribute("aria-checked", "false")
    await expect(calls).to_be_disabled()
    assert await desk.violations() == []
    async with desk.page.expect_response(
        lambda answer: answer.request.method == "PUT" and "browser" in (answer.request.post_data or "")
    ):
        await menu.get_by_role("menuitemradio", name="This browser").click()
    await expect(menu.get_by_role("menuitemradio", name="All my phones")).to_have_attribute("aria-checked", "false")
    await desk.page.reload()
    chosen = await desk.api("GET", "/api/work/choices")
    assert (chosen["off"], chosen["rings_on"]) == (["chat"], "browser")
    await desk.page.get_by_role("button", name="Your state").click()
    await expect(chats).to_have_attribute("aria-checked", "false")
    await desk.page.keyboard.press("Escape")
    await desk.api("PUT", "/api/work/choices", {"off": [], "rings_on": "all"})
