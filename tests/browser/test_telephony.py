"""Trunks, phones and dialling rules as an administrator works with them."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, expect

from browser.desk import Desk
from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.work import work
from centrala.telephony.trunks import service as trunks
from centrala.telephony.trunks.machine import Health
from support.servers import LiveServer

DeskAs = Callable[..., Awaitable[Desk]]


async def choose(desk: Desk, field: Locator, option: str) -> None:
    await field.click()
    await field.fill(option)
    await desk.page.get_by_role("option", name=option).first.click()


async def test_a_trunk_is_made_with_a_live_example_and_removed(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    page = desk.page
    await desk.go("/trunks")
    await page.get_by_role("link", name="New trunk").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Browser carrier")
    await page.get_by_label("Carrier's address").fill("sip.carrier.example")
    await page.get_by_role("textbox", name="User", exact=True).fill("37322000000")
    await page.get_by_role("textbox", name="Password", exact=True).fill("hunter2")
    await page.get_by_label("Try a number").fill("069 123 456")
    await page.get_by_role("combobox", name="Numbers are sent").click()
    await page.get_by_role("option", name="0037322123456").click()
    await expect(page.get_by_text("0037369123456", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("heading", name="Browser carrier").wait_for()
    await page.get_by_role("button", name="Show", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("REGISTER sip:sip.carrier.example SIP/2.0")).to_be_visible()
    assert "hunter2" not in await dialog.inner_text()
    assert await desk.violations() == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await page.get_by_role("heading", name="Trunks").wait_for()
    await expect(page.get_by_role("link", name="Carrier by address")).to_be_visible()
    assert await page.get_by_text("Browser carrier", exact=True).count() == 0


async def test_what_the_server_refuses_stands_beside_its_field(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    desk.expected = ("422",)
    page = desk.page
    await desk.go("/trunks/new")
    await page.get_by_role("textbox", name="Name", exact=True).fill("X")
    await page.get_by_label("Carrier's address").fill("not a host")
    await page.get_by_label("Lines").fill("many")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Give a host name or an IP address.")).to_be_visible()
    await expect(page.get_by_text("Give a whole number.")).to_be_visible()
    assert await page.get_by_label("Carrier's address").input_value() == "not a host"


async def test_the_health_of_a_trunk_is_seen_as_it_changes(desk_as: DeskAs, live_server: LiveServer) -> None:
    desk = await desk_as("administrator")
    page = desk.page
    await desk.go("/trunks")
    row = page.get_by_role("row").filter(has_text="Carrier by address")
    await expect(row).to_contain_text("Starting")
    store = Database(live_server.database_url, connections=1)
    try:
        for status, shown in ((503, "Fails: overloaded"), (200, "Works")):
            async with work(store, CENTRE) as unit:
                (trunk, _), *_ = [one for one in await trunks.all_trunks(unit) if one[0].name == "Carrier by address"]
                health = Health(registers=False, watched=True).started(0.0).on_options(status, 0.0)
                await trunks.record_health(unit, {trunk.id: (health, None)}, {}, now=0.0)
            await expect(row).to_contain_text(shown)
    finally:
        await store.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_phone_comes_with_a_sheet_that_is_shown_once(desk_as: DeskAs, theme: str) -> None:
    desk = await desk_as("administrator", theme=theme)
    page = desk.page
    await desk.go("/phones")
    await page.get_by_role("button", name="New phone").first.click()
    drawer = page.get_by_role("dialog")
    await choose(desk, drawer.get_by_role("combobox", name="Employee"), "Ana Rusu")
    await drawer.get_by_role("textbox", name="Label").fill(f"Desk {theme}")
    await drawer.get_by_role("button", name="Save").click()
    sheet = page.get_by_role("dialog", name="Setting up the phone")
    await expect(sheet.get_by_role("img", name="QR code with all of this")).to_be_visible()
    password = (await sheet.locator("dd").nth(3).inner_text()).strip()
    assert len(password) == 20
    await expect(page.get_by_role("dialog")).to_have_count(1)
    assert await desk.violations() == []
    await sheet.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("row").filter(has_text=f"Desk {theme}")).to_contain_text("Not registered")
    await page.get_by_role("row").filter(has_text=f"Desk {theme}").get_by_role("button").first.click()
    drawer = page.get_by_role("dialog")
    await drawer.get_by_text("SIP user").wait_for()
    assert password not in await drawer.inner_text()
    await drawer.get_by_role("button", name="New password and QR code").click()
    await page.get_by_role("dialog", name="Make a new password?").get_by_role("button", name="New password").click()
    sheet = page.get_by_role("dialog", name="Setting up the phone")
    assert (await sheet.locator("dd").nth(3).inner_text()).strip() != password


async def test_the_tester_explains_and_an_exception_changes_its_mind(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    page = desk.page
    await desk.go("/dialling")
    tester = page.get_by_role("region", name="May this number be called?")
    number = tester.get_by_label("Number")
    await number.fill("+359 2 123 4567")
    await number.press("Enter")
    await expect(tester).to_contain_text("Calls to this country are not allowed: Bulgaria.")
    await page.get_by_role("button", name="New exception").click()
    drawer = page.get_by_role("dialog")
    await drawer.get_by_role("combobox", name="Role").click()
    await page.get_by_role("option", name="Senior").click()
    await drawer.get_by_role("combobox", name="Other countries").click()
    await page.get_by_role("option", name="allowed", exact=True).click()
    await choose(desk, drawer.get_by_role("combobox", name="Which countries"), "Bulgaria")
    await page.keyboard.press("Tab")
    await page.locator(".mantine-MultiSelect-dropdown").wait_for(state="hidden")
    assert await desk.violations() == []
    await drawer.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("region", name="Exceptions")).to_contain_text("Bulgaria")
    await choose(desk, tester.get_by_role("combobox", name="Person"), "Sergei Volkov")
    await tester.get_by_role("button", name="Check").click()
    await expect(tester).to_contain_text("May be called")
    await expect(tester).to_contain_text("the carrier gets +35921234567")
    await number.fill("112")
    await tester.get_by_role("button", name="Check").click()
    await expect(tester).to_contain_text("emergency")
    assert await desk.violations() == []


async def test_a_supervisor_sees_phones_and_changes_none(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    page = desk.page
    await desk.go("/phones")
    await page.get_by_role("row").filter(has_text="Supervisor's desk").wait_for()
    assert await page.get_by_role("button", name="New phone").count() == 0
    await page.get_by_role("row").filter(has_text="Supervisor's desk").get_by_role("button").first.click()
    await page.get_by_role("dialog").get_by_text("SIP user").wait_for()
    assert await page.get_by_role("button", name="New password and QR code").count() == 0
