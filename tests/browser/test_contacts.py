"""Contacts and reports in the desk: found, read, heard, corrected; every number opens its rows."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from browser.desk import Desk
from support.history import NAME, NUMBER, History, write_history
from support.servers import LiveServer

DeskAs = Callable[..., Awaitable[Desk]]


@pytest.fixture(scope="module")
async def history(live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> History:
    folder: Path = tmp_path_factory.mktemp("recordings")
    return await write_history(live_server.database_url, folder)


def contact_page(history: History) -> str:
    return f"/contacts/{history.contact}"


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ru"), ("light", "ro")])
async def test_no_page_of_contacts_and_reports_has_a_barrier(
    desk_as: DeskAs, history: History, theme: str, language: str
) -> None:
    desk = await desk_as("administrator", theme=theme, language=language)
    for path in ("/contacts", contact_page(history), "/reports", "/reports?period=today", "/reports/rows?measure=asa"):
        await desk.go(path)
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.violations() == [], path


async def test_a_contact_is_found_by_a_word_of_its_note_and_opens(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go("/contacts")
    await desk.page.get_by_role("searchbox").fill("blinks")
    found = desk.page.get_by_role("table").get_by_role("link")
    await expect(desk.page).to_have_url(f"{desk.base_url}/contacts?q=blinks")
    await expect(found).to_have_count(1)
    await found.click()
    await expect(desk.page).to_have_url(f"{desk.base_url}{contact_page(history)}")
    await expect(desk.page.get_by_text("Chose “Support” in the menu")).to_be_visible()
    await expect(desk.page.get_by_text("The customer came", exact=True)).to_be_visible()


async def test_the_number_is_masked_until_somebody_reveals_it(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(contact_page(history))
    await expect(desk.page.get_by_text("48151623")).to_have_count(0)
    assert NUMBER not in await desk.page.inner_text("main")
    await desk.page.get_by_role("button", name="Show number and name").click()
    await expect(desk.page.get_by_text(NUMBER).first).to_be_visible()
    await expect(desk.page.get_by_text("Entered 48151623")).to_be_visible()
    await expect(desk.page.get_by_role("heading", name=NAME)).to_be_visible()


async def test_a_recording_plays_from_where_somebody_goes(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(contact_page(history))
    player = desk.page.get_by_role("group", name="Recording", exact=True)
    await expect(player.get_by_text("0:00 of 0:24")).to_be_visible()
    await player.get_by_role("button", name="0:09", exact=True).click()
    await expect(player.get_by_text("0:09 of 0:24")).to_be_visible()
    await desk.page.keyboard.press("k")
    await expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    await expect(player.get_by_text("0:10 of 0:24")).to_be_visible()
    await player.get_by_role("button", name="Pause", exact=True).click()
    await expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_silence_is_passed_over_when_asked(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(contact_page(history))
    player = desk.page.get_by_role("group", name="Recording", exact=True)
    await player.get_by_role("switch", name="Skip silence").check()
    await player.get_by_role("button", name="0:09", exact=True).click()
    await player.get_by_role("button", name="10 seconds forward").click()
    await player.get_by_role("button", name="10 seconds back").click()
    await player.get_by_role("button", name="Play", exact=True).click()
    # Nobody speaks from the tenth second to the fifteenth: played through, it would take longer than this waits.
    await expect(player.get_by_text(re.compile("0:1[4-9] of 0:24"))).to_be_visible(timeout=4500)


async def test_a_mark_is_made_at_the_moment_and_goes_again(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(contact_page(history))
    player = desk.page.get_by_role("group", name="Recording", exact=True)
    await player.get_by_role("textbox", name="Mark this moment").fill("Listen to this")
    await player.get_by_role("button", name="Mark", exact=True).click()
    await expect(player.get_by_text("Listen to this", exact=True)).to_be_visible()
    await player.get_by_role("button", name="Remove the mark “Listen to this”").click()
    await expect(player.get_by_text("Listen to this", exact=True)).to_have_count(0)


async def test_a_recording_is_downloaded_by_those_who_may(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(contact_page(history))
    async with desk.page.expect_download() as caught:
        await desk.page.get_by_role("button", name="Download").click()
    path = await (await caught.value).path()
    assert path.read_bytes()[:4] == b"RIFF"


async def test_a_note_is_corrected_and_stays(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(contact_page(history))
    note = desk.page.get_by_role("textbox", name="Note", exact=True)
    await note.fill("The router blinks red; a visit on Monday was agreed.")
    await desk.page.get_by_role("button", name="Save", exact=True).click()
    await expect(desk.page.get_by_text("Saved", exact=True)).to_be_visible()
    await desk.page.reload()
    await expect(note).to_have_value("The router blinks red; a visit on Monday was agreed.")


async def test_a_number_of_the_report_opens_as_many_rows_and_a_row_its_contact(
    desk_as: DeskAs, history: History
) -> None:
    desk = await desk_as("supervisor")
    query = f"/reports?queue_id={history.queue}"
    await desk.go(query)
    card = desk.page.get_by_role("link").filter(has=desk.page.get_by_text("Answered", exact=True))
    number = (await card.inner_text()).split("\n")[1]
    await card.click()
    await expect(desk.page.get_by_text(f"of {number}")).to_be_visible()
    await expect(desk.page.get_by_role("heading", name="Answered")).to_be_visible()


async def test_occupancy_opens_the_pieces_of_time_that_it_is_made_of(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(f"/reports?queue_id={history.queue}")
    await desk.page.get_by_role("figure", name="Occupancy").get_by_role("link").first.click()
    await expect(desk.page.get_by_role("heading", name="Operators’ time, piece by piece")).to_be_visible()
    table = desk.page.get_by_role("table", name="Operators’ time, piece by piece")
    await expect(table.get_by_role("link", name="Contact", exact=True).first).to_be_visible()
    assert await desk.violations() == []
    await table.get_by_role("link", name="Contact", exact=True).first.click()
    await desk.page.wait_for_url("**/contacts/*")


async def test_table_chart_and_definitions_show_the_same_measures(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("supervisor")
    await desk.go(f"/reports?queue_id={history.queue}")
    await desk.page.get_by_role("button", name="As a table").first.click()
    arrivals = desk.page.get_by_role("group", name="Arrivals")
    total = arrivals.get_by_role("row").last
    table = desk.page.get_by_role("group", name="Table", exact=True).last
    answered = await total.get_by_role("cell").first.inner_text()
    await expect(table.get_by_role("row").last.get_by_role("cell").nth(1)).to_have_text(answered)
    await desk.page.get_by_role("button", name="Definitions").click()
    await expect(desk.page.get_by_role("dialog").get_by_text("Mean wait of the answered")).to_be_visible()


async def test_who_may_not_listen_reads_that_there_is_a_recording(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("operator")
    await desk.go(contact_page(history))
    await expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
    assert await desk.page.get_by_role("button", name="Play", exact=True).count() == 0
