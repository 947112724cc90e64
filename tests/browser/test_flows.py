"""Call flows as an administrator draws, checks, plays and publishes them."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from playwright.async_api import expect

from browser.desk import Desk

DeskAs = Callable[..., Awaitable[Desk]]

PLACE: Final = {"label": "", "x": 0, "y": 0}


async def drawing_board(desk_as: DeskAs) -> Desk:
    """The desk of somebody who may draw."""
    return await desk_as("administrator")


def said(english: str) -> list[dict[str, Any]]:
    return [{"kind": "text", "text": {"en": english, "ru": english, "ro": english}}]


def greeting() -> dict[str, Any]:
    """A menu of two choices: one ends the call, the other asks for digits first."""
    return {
        "start": "menu",
        "nodes": [
            {
                "id": "menu",
                "kind": "menu",
                "prompt": said("One or two?"),
                "choices": [{"key": "1", "label": "End"}, {"key": "2", "label": "Number"}],
            },
            {
                "id": "digits",
                "kind": "collect",
                "variable": "contract",
                "least": 2,
                "most": 2,
                "prompt": said("Two digits"),
            },
            {"id": "bye", "kind": "hangup", "prompt": said("Goodbye")},
        ],
        "edges": [
            {"source": "menu", "exit": "key:1", "target": "bye"},
            {"source": "menu", "exit": "key:2", "target": "digits"},
            {"source": "menu", "exit": "no_input", "target": "bye"},
            {"source": "menu", "exit": "wrong", "target": "bye"},
            {"source": "digits", "exit": "next", "target": "bye"},
            {"source": "digits", "exit": "no_input", "target": "bye"},
            {"source": "digits", "exit": "wrong", "target": "bye"},
        ],
    }


async def made_flow(desk: Desk, name: str) -> dict[str, Any]:
    projects = await desk.api("GET", "/api/projects?page_size=1")
    form = {"project_id": projects["items"][0]["id"], "name": name, "definition": greeting()}
    made: dict[str, Any] = await desk.api("POST", "/api/flows", form)
    return made


async def test_a_flow_is_drawn_without_a_mouse_checked_and_published(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    page = desk.page
    await desk.go("/flows")
    await page.get_by_role("button", name="New flow").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Project").click()
    await page.get_by_role("option").first.click()
    await dialog.get_by_role("textbox", name="Name").fill("Drawn by keyboard")
    await dialog.get_by_role("button", name="Create").click()
    await page.get_by_role("heading", name="Drawn by keyboard").wait_for()

    await page.get_by_role("button", name="List", exact=True).press("Enter")
    steps = page.get_by_role("list", name="List")
    await page.get_by_role("region", name="Add a step").get_by_role("button", name="Say").press("Enter")
    for field in await page.get_by_role("group", name="What is said").locator("textarea").all():
        await field.fill("Good day.")
    await page.get_by_role("region", name="Add a step").get_by_role("button", name="Hang up").press("Enter")
    await expect(steps.get_by_role("button", name="Say")).to_be_visible()
    await expect(steps).to_contain_text("Then → Hang up")

    await page.get_by_role("tab", name="Check").press("Enter")
    await expect(page.get_by_text("Nothing is wrong with this flow.")).to_be_visible()
    assert await desk.violations() == []

    await page.get_by_role("button", name="Publish").press("Enter")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="What has changed").fill("First words")
    assert await desk.violations() == []
    await dialog.get_by_role("button", name="Publish").press("Enter")
    await expect(page.get_by_text("Version 1", exact=True).first).to_be_visible()


async def test_the_check_leads_to_the_step_and_goes_when_it_is_corrected(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    page = desk.page
    flow = await made_flow(desk, "Checked in the browser")
    await desk.go(f"/flows/{flow['id']}")
    await page.get_by_role("region", name="Add a step").get_by_role("button", name="Go to step").click()
    await page.get_by_role("tab", name="Check").click()
    await page.get_by_role("tabpanel").get_by_role("button", name="Go to step").first.click()
    panel = page.get_by_role("tabpanel", name="Step")
    await expect(panel.get_by_text("Choose the step to go to.")).to_be_visible()
    await panel.get_by_role("combobox", name="Step to go to").click()
    await page.get_by_role("option", name="Menu").click()
    await expect(panel.get_by_text("Choose the step to go to.")).to_have_count(0)


async def test_a_played_call_shows_what_is_said_its_way_and_its_variables(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    page = desk.page
    flow = await made_flow(desk, "Played in the browser")
    await desk.go(f"/flows/{flow['id']}")
    await page.get_by_role("tab", name="Simulate").click()
    await page.get_by_role("button", name="Play a call").click()
    heard = page.get_by_role("list", name="The call so far")
    await expect(heard).to_contain_text("One or two?")
    keys = page.get_by_role("group", name="Keys of the telephone")
    await keys.get_by_role("button", name="2").click()
    await expect(heard).to_contain_text("Two digits")
    await expect(page.locator("[data-trail=current]")).to_contain_text("Collect digits")
    assert await desk.violations() == []
    await keys.get_by_role("button", name="4").click()
    await keys.get_by_role("button", name="7").click()
    await expect(heard).to_contain_text("Goodbye")
    await expect(page.get_by_text("The flow ended it.")).to_be_visible()
    await expect(page.get_by_role("region", name="Variables")).to_contain_text("47")
    await page.get_by_role("button", name="Step back").click()
    await expect(heard).not_to_contain_text("Goodbye")


async def test_a_step_is_removed_copied_and_taken_back_by_keys(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    page = desk.page
    flow = await made_flow(desk, "Keys in the browser")
    await desk.go(f"/flows/{flow['id']}")
    drawn = page.locator(".react-flow__node")
    await expect(drawn).to_have_count(3)
    await drawn.filter(has_text="Collect digits").click()
    await page.keyboard.press("Delete")
    await expect(drawn).to_have_count(2)
    await page.keyboard.press("Control+z")
    await expect(drawn).to_have_count(3)
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+c")
    await page.keyboard.press("Control+v")
    await expect(drawn).to_have_count(6)
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    stored = await desk.api("GET", f"/api/flows/{flow['id']}")
    assert len(stored["draft"]["nodes"]) == 6
    assert len(stored["draft"]["edges"]) == 14


async def test_two_who_draw_at_once_are_asked_whose_drawing_stays(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    desk.expected = ("412",)
    page = desk.page
    flow = await made_flow(desk, "Drawn by two")
    await desk.go(f"/flows/{flow['id']}")
    await expect(page.locator(".react-flow__node")).to_have_count(3)
    theirs = flow["draft"] | {"max_seconds": 99}
    await desk.api("PUT", f"/api/flows/{flow['id']}/draft", {"definition": theirs}, version=flow["version"])
    await page.get_by_role("region", name="Add a step").get_by_role("button", name="Say").click()
    await page.get_by_role("button", name="Keep mine").click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    stored = await desk.api("GET", f"/api/flows/{flow['id']}")
    assert len(stored["draft"]["nodes"]) == 4
    assert stored["draft"]["max_seconds"] == flow["draft"]["max_seconds"]


async def test_an_earlier_version_is_published_again(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    page = desk.page
    flow = await made_flow(desk, "Rolled back")
    path = f"/api/flows/{flow['id']}"
    first = await desk.api("POST", f"{path}/publish", {"note": "one"}, version=flow["version"])
    changed = await desk.api(
        "PUT", f"{path}/draft", {"definition": first["draft"] | {"max_seconds": 90}}, version=first["version"]
    )
    await desk.api("POST", f"{path}/publish", {"note": "two"}, version=changed["version"])
    await desk.go(f"/flows/{flow['id']}")
    await page.get_by_role("tab", name="Versions").click()
    await page.get_by_role("button", name="Roll back").click()
    await page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    await expect(page.get_by_text(re.compile("Back to version 1"))).to_be_visible()
    stored = await desk.api("GET", path)
    assert stored["published"] == 3
    assert stored["draft"]["max_seconds"] == 600


async def test_a_prompt_is_written_in_the_languages_of_its_project(desk_as: DeskAs) -> None:
    desk = await drawing_board(desk_as)
    page = desk.page
    await desk.go("/prompts")
    await page.get_by_role("button", name="New prompt").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Project").click()
    await page.get_by_role("option").first.click()
    await dialog.get_by_role("textbox", name="Name").fill("Written in the browser")
    await dialog.get_by_role("textbox", name="Romanian").fill("Bună ziua.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Recordings")).to_be_visible()
    assert await desk.violations() == []
    await page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="Written in the browser")
    await expect(row).to_contain_text("Missing")
