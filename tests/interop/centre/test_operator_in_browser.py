"""An operator in Chromium, whose microphone speaks: ring, answer, note, hold, card data, end, wrap-up, transfer."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from centrala.web.static import FOLDER
from interop.centre.support.webfloor import SECONDS, Webfloor, webfloor
from interop.exchange.conftest import until
from support.audio import ENGLISH, ENOUGH, ROMANIAN, likeness, say
from support.chromium import CHROMIUM, go_ready
from support.softphone import Line

NUMBER = "+37322000401"

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not (FOLDER / "index.html").exists(), reason="needs the built desk"),
]


@pytest.fixture
async def web(own_store: str, tmp_path: Path) -> AsyncIterator[Webfloor]:
    async with webfloor(own_store, tmp_path) as one:
        yield one


async def test_an_operator_answers_notes_holds_and_finishes_in_the_browser(web: Webfloor) -> None:
    project = await web.project(NUMBER)
    await web.dispositions(project)
    page, ana = await web.desk(project, "Ana")
    await web.queue(project, ana, wrap_up=600)
    await web.carrier()
    client = await web.client()
    bar = page.get_by_role("region", name="Your work", exact=True)

    await go_ready(page)

    call = await client.dial(NUMBER)
    offer = page.get_by_role("complementary", name="My work").get_by_role("alert")
    await expect(offer).to_contain_text("Project")
    await expect(offer.get_by_role("button", name="Answer")).to_be_enabled()
    await page.keyboard.press("F2")
    await asyncio.wait_for(call.answered.wait(), SECONDS)
    await expect(bar.get_by_role("status").first).to_contain_text("Talking")
    contact = await web.contact()
    await until(lambda: contact.recording_id is not None)
    await expect(bar.get_by_role("button", name="Pause the recording")).to_be_visible()

    await both_hear(page, call)

    # What is typed is on the server without a press of a button, and survives a reload, as the call does.
    await page.keyboard.press("Alt+n")
    await page.keyboard.type("The October bill came twice.")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    await page.reload()
    await expect(page.get_by_label(re.compile("^Note:"))).to_have_value("The October bill came twice.")
    await expect(bar.get_by_role("status").first).to_contain_text("Talking")
    await both_hear(page, call)

    await page.keyboard.press("F4")
    await expect(bar.get_by_role("status").first).to_contain_text("On hold")
    await until(lambda: contact.held)
    await page.keyboard.press("F4")
    await expect(bar.get_by_role("status").first).to_contain_text("Talking")

    # While the caret stands in the field for a card, the recording is paused.
    await page.get_by_role("tab", name="Card data").click()
    await page.get_by_label("Card number").focus()
    await expect(page.get_by_text("The recording is paused.")).to_be_visible()
    await page.keyboard.press("Alt+n")
    await expect(bar.get_by_role("button", name="Pause the recording")).to_be_visible()

    await page.keyboard.press("F9")
    await asyncio.wait_for(call.ended.wait(), SECONDS)
    await expect(bar.get_by_role("status").first).to_contain_text("Wrap-up")

    # Finishing names what is missing, and takes the caret there.
    await page.keyboard.press("Alt+Enter")
    await expect(page.get_by_text("Still missing: Why they called, What came of it")).to_be_visible()
    await expect(page.get_by_role("combobox", name="Why they called")).to_be_focused()
    await page.keyboard.type("wro bil")
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="What came of it").click()
    await page.get_by_role("option", name="Solved").click()
    await expect(page.get_by_text("Still missing: Account")).to_be_visible()
    await page.get_by_label("Account").fill("4711")
    await page.keyboard.press("Alt+Enter")
    await expect(bar.get_by_role("button", name="Finish wrap-up")).to_have_count(0)
    await until(lambda: not contact.live, SECONDS)

    kinds = await web.timeline(contact.id)
    assert {"answered", "held", "resumed", "recording_paused", "recording_resumed", "disposed", "wrap_up_ended"} <= set(
        kinds
    )
    (row,) = await web.rows(
        "SELECT i.result, i.note, i.note_final, i.disposition_fields, c.code, o.code FROM interactions i"
        " JOIN dispositions c ON c.id = i.cause_id JOIN dispositions o ON o.id = i.outcome_id WHERE i.id = :id",
        id=contact.id,
    )
    assert row == ("answered", "The October bill came twice.", True, {"account": "4711"}, "bill", "solved")


async def both_hear(page: Page, call: Line) -> None:
    """The client's voice reaches the page, the microphone's reaches the client.

    Everything runs in real time here; what a busy machine tore to pieces is said again, twice at most. Other speech
    is never alike, however often it is said.
    """
    inward = outward = 0.0
    for _ in range(3):
        inward, outward = await carried(page, call)
        if inward >= ENOUGH - 0.2 and outward >= 0.5:  # two jitter buffers and a resampler
            return
    pytest.fail(f"they do not hear each other: {inward:.2f} inward, {outward:.2f} outward")


async def carried(page: Page, call: Line) -> tuple[float, float]:
    """How much of a phrase reaches the page, and of the microphone's the client."""
    await page.evaluate("window.heard = []")
    since = asyncio.get_running_loop().time()
    spoken = say(ROMANIAN)
    await call.sound.say(spoken)
    await asyncio.sleep(2.0)  # the rest of the microphone's phrase, in real time as speech is
    heard = await page.evaluate("window.heard")
    return likeness(spoken, heard).heard, likeness(say(ENGLISH), call.sound.audio(since)).heard


async def test_a_client_is_handed_over_with_the_note_to_a_second_browser(web: Webfloor) -> None:
    number = "+37322000402"
    project = await web.project(number)
    first, ana = await web.desk(project, "Ana")
    second, ion = await web.desk(project, "Ion")
    await web.queue(project, ana, ion, wrap_up=600)
    await web.carrier()
    client = await web.client("+37369000222")
    await go_ready(first)
    call = await client.dial(number)
    await first.get_by_role("button", name="Answer").click()
    await asyncio.wait_for(call.answered.wait(), SECONDS)
    contact = await web.contact()

    await go_ready(second)
    await first.keyboard.press("Alt+t")
    await first.get_by_label("To whom").fill("ion")
    await first.get_by_role("list", name="Colleagues and queues").get_by_role("button", name="Ion Rusu").click()
    await first.get_by_label("Handed over").fill("Modem broken since Monday.")
    await first.get_by_role("button", name="Ask first").click()
    await expect(second.get_by_role("alert").filter(has_text="Modem broken since Monday.")).to_be_visible()
    await second.get_by_role("button", name="Answer").click()
    await expect(first.get_by_text("Ion Rusu: talking")).to_be_visible()
    await first.keyboard.press("Alt+m")
    await until(lambda: contact.seat is not None and contact.seat.person_id == ion, SECONDS)
    await expect(first.get_by_role("button", name="Finish wrap-up")).to_be_visible()
    await expect(second.get_by_text("Ana Rusu hands over:")).to_be_visible()
    await both_hear(second, call)
    await second.keyboard.press("F9")
    await asyncio.wait_for(call.ended.wait(), SECONDS)
