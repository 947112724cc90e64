"""A call in the desk: its record, its numbers, and its SIP messages as a ladder."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from playwright.async_api import expect

from browser.desk import Desk
from centrala.kit.access import CENTRE
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from centrala.telephony.calls.models import CallRow, LegRow
from centrala.telephony.trace.models import SipMessage
from support.servers import LiveServer

DeskAs = Callable[..., Awaitable[Desk]]
NUMBER = "+37369123456"
LADDER = (
    ("in", "192.0.2.7:5060", None, "INVITE sip:+37322000001@centre SIP/2.0"),
    ("out", "192.0.2.7:5060", 100, "SIP/2.0 100 Trying"),
    ("out", "192.0.2.20:5062", None, "INVITE sip:201@192.0.2.20 SIP/2.0"),
    ("in", "192.0.2.20:5062", 486, "SIP/2.0 486 Busy Here"),
)


@pytest.fixture
async def call(live_server: LiveServer) -> UUID:
    """A call without a project that ended busy, with its messages."""
    store = Database(live_server.database_url, connections=1)
    call = new_id()
    common = {"direction": "in", "started_at": utc_now(), "ended_at": utc_now(), "cause": "busy", "sip_status": 486}
    async with work(store, CENTRE) as unit:
        unit.session.add(CallRow(id=call, node="main", caller=NUMBER, callee="+37322000001", q850=17, **common))
        await unit.session.flush()
        leg = {"kind": "rtp", "peer": NUMBER, "display": "", "local": "+37322000001", "sip_call_id": str(call)}
        unit.session.add(LegRow(id=new_id(), call_id=call, q850=17, **leg, **common))
        for direction, remote, status, first in LADDER:
            unit.session.add(
                SipMessage(
                    at=utc_now(), direction=direction, transport="UDP", local="192.0.2.1:5060", remote=remote,
                    call_id=str(call), method="INVITE", status=status, cseq=1, first_line=first,
                    from_user=NUMBER, to_user="+37322000001", size=400, text=f"{first}\r\nCall-ID: {call}\r\n\r\n",
                )
            )  # fmt: skip
            await unit.session.flush()
    await store.close()
    return call


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ru"), ("light", "ro")])
async def test_the_page_of_a_call_has_no_barrier_and_every_text(
    desk_as: DeskAs, call: UUID, theme: str, language: str
) -> None:
    desk = await desk_as("administrator", theme=theme, language=language)
    await desk.go(f"/calls/{call}")
    await desk.page.locator("main section").last.get_by_role("button").click()
    await desk.page.get_by_role("button", name="486 Busy Here").click()
    assert await desk.violations() == []
    await desk.go("/calls")
    assert await desk.violations() == []
    desk.assert_silent()


async def test_numbers_are_shown_by_a_button_and_messages_by_a_click_on_their_arrow(
    desk_as: DeskAs, call: UUID
) -> None:
    desk = await desk_as("administrator")
    await desk.go(f"/calls/{call}")
    page = desk.page
    await expect(page.get_by_text("Busy", exact=True).first).to_be_visible()
    await expect(page.get_by_text(NUMBER)).to_have_count(0)
    await page.get_by_role("button", name="Show numbers").click()
    await expect(page.get_by_text(NUMBER).first).to_be_visible()
    await page.get_by_role("button", name="Show the messages").click()
    ladder = page.get_by_role("group", name="Messages between the addresses")
    await expect(ladder.get_by_role("button")).to_have_text(["INVITE", "100 Trying", "INVITE", "486 Busy Here"])
    await ladder.get_by_role("button").nth(3).press("Enter")
    await expect(page.get_by_role("region", name="SIP/2.0 486 Busy Here")).to_contain_text(str(call))
    desk.assert_silent()


async def test_messages_of_no_call_are_listed_narrowed_opened_and_exported(
    desk_as: DeskAs, live_server: LiveServer, call: UUID
) -> None:
    store = Database(live_server.database_url, connections=1)
    async with work(store, CENTRE) as unit:
        for remote, status, first in (
            ("198.51.100.9:5071", None, "REGISTER sip:centre SIP/2.0"),
            ("198.51.100.9:5071", 403, "SIP/2.0 403 Forbidden"),
        ):
            unit.session.add(
                SipMessage(
                    at=utc_now(), direction="in" if status is None else "out", transport="UDP", local="192.0.2.1:5060",
                    remote=remote, call_id=f"scan-{call}", method="REGISTER", status=status, cseq=1, first_line=first,
                    from_user="100", to_user="100", size=300, text=f"{first}\r\nCall-ID: scan-{call}\r\n\r\n",
                )
            )  # fmt: skip
    await store.close()
    desk = await desk_as("administrator")
    await desk.go("/sip")
    table = desk.page.get_by_role("table")
    await expect(table.get_by_text("403 Forbidden").first).to_be_visible()
    await expect(table.get_by_text("486 Busy Here")).to_have_count(0)
    address = desk.page.get_by_role("textbox", name="Address")
    await address.fill("203.0.113.1")
    await address.press("Enter")
    await expect(desk.page.get_by_text("0 rows")).to_be_visible()
    await address.fill("198.51.100.9")
    await address.press("Enter")
    row = table.get_by_role("row").filter(has_text="403 Forbidden").first
    await row.click()
    await expect(desk.page.get_by_role("dialog").get_by_text(f"Call-ID: scan-{call}")).to_be_visible()
    assert await desk.violations() == []
    await desk.page.keyboard.press("Escape")
    async with desk.page.expect_download() as caught:
        await desk.page.get_by_role("button", name="Export CSV").click()
    text = (await (await caught.value).path()).read_text(encoding="utf-8-sig")
    assert "403 Forbidden" in text
    assert "486 Busy" not in text
