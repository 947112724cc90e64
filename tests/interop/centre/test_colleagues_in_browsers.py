"""What people do together in a talk, by the desk's own buttons in Chromium, with a client who hears and speaks."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from centrala.flows.contacts.state import Contact
from centrala.kit.access import Wall
from centrala.kit.ids import ProjectId
from centrala.projects.models import Project
from centrala.security.service import Role
from centrala.web.static import FOLDER
from interop.centre.support.conversation import bar, phase
from interop.centre.support.webfloor import SECONDS, Webfloor, webfloor
from interop.exchange.conftest import until
from support.audio import ENGLISH, ROMANIAN, RUSSIAN, Samples, say
from support.chromium import AMONG, CHROMIUM, FOREIGN, THROUGH, Seat, alike, audible, go_ready
from support.softphone import Line

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not (FOLDER / "index.html").exists(), reason="needs the built desk"),
]
WHOLE = 5.6  # seconds in which a phrase of 2.4 s that is said every 3 s is once whole


@pytest.fixture
async def web(own_store: str, tmp_path: Path) -> AsyncIterator[Webfloor]:
    async with webfloor(own_store, tmp_path) as one:
        yield one


async def talks(web: Webfloor, ana: Seat, number: str, caller: str) -> tuple[Line, Contact]:
    """A client talks with Ana."""
    await web.carrier()
    await go_ready(ana.page)
    client = await web.client(caller)
    line = await client.dial(number)
    await ana.page.get_by_role("button", name="Answer").click()
    await asyncio.wait_for(line.answered.wait(), SECONDS)
    contact = await web.contact()
    await phase(ana.page, "Talking")
    return line, contact


async def hears(line: Line) -> Samples:
    """What reaches the client in a while."""
    since = asyncio.get_running_loop().time()
    await asyncio.sleep(WHOLE)
    return line.sound.audio(since)


async def test_who_raises_a_hand_is_listened_to_and_joined(web: Webfloor) -> None:
    number = "+37322000411"
    project = await web.project(number)
    ana = await web.seat(project, "Ana")
    eva = await web.seat(project, "Eva", role=Role.SUPERVISOR, page="/board", voice=say(RUSSIAN))
    await web.queue(project, UUID(ana.id), wrap_up=600)
    line, contact = await talks(web, ana, number, "+37369000411")

    await ana.page.keyboard.press("Alt+h")
    row = eva.page.get_by_role("row").filter(has_text=ana.name)
    await expect(row.get_by_text("asks for help")).to_be_visible()
    await row.get_by_role("button", name=ana.name, exact=True).click()

    await eva.page.get_by_role("button", name="Listen", exact=True).click()
    await expect(eva.page.get_by_role("button", name="Leave")).to_be_visible()
    watcher = contact.watchers[UUID(eva.id)]
    await until(lambda: watcher.leg_id is not None, SECONDS)
    await eva.listen()
    since = asyncio.get_running_loop().time()
    await line.sound.say(say(ROMANIAN))
    await asyncio.sleep(WHOLE - 2.4)
    assert await audible(say(ROMANIAN), await eva.heard()) >= AMONG  # Ana's microphone speaks meanwhile
    assert await audible(eva.voice, line.sound.audio(since)) < FOREIGN, "who listens is not heard"

    await eva.page.get_by_role("button", name="Join", exact=True).click()
    await until(lambda: watcher.role == "barging", SECONDS)
    assert await audible(eva.voice, await hears(line)) >= AMONG
    await expect(bar(ana.page).get_by_text(f"{eva.name}: in the talk")).to_be_visible()

    await eva.page.get_by_role("button", name="Leave").click()
    await until(lambda: not contact.watchers, SECONDS)
    await ana.page.keyboard.press("Alt+h")
    await expect(row.get_by_text("asks for help")).to_have_count(0)
    kinds = await web.timeline(contact.id)
    assert {"help_asked", "supervised"} <= set(kinds)


async def test_a_colleague_is_asked_let_go_and_asked_again_for_three(web: Webfloor) -> None:
    number = "+37322000412"
    project = await web.project(number)
    ana = await web.seat(project, "Ana")
    ion = await web.seat(project, "Ion", voice=say(RUSSIAN))
    await web.queue(project, UUID(ana.id), name="A first line", wrap_up=600)
    await web.queue(project, UUID(ion.id), name="Second line")
    line, contact = await talks(web, ana, number, "+37369000412")

    await go_ready(ion.page)
    await ask(ana.page, ion)
    assert await audible(say(ENGLISH), await hears(line)) < FOREIGN, "the client hears music while a colleague is asked"
    await ana.page.keyboard.press("Alt+v")
    await until(lambda: contact.consult is None, SECONDS)
    await phase(ana.page, "Talking")
    assert await alike(say(ENGLISH), await hears(line)) >= THROUGH
    await expect(ion.page.get_by_role("button", name="End", exact=True)).to_have_count(0)

    await ask(ana.page, ion)
    await ana.page.keyboard.press("Alt+j")
    await until(lambda: contact.consult is not None and contact.consult.joined, SECONDS)
    await expect(bar(ana.page).get_by_text(f"{ion.name}: in the talk")).to_be_visible()
    heard = await hears(line)
    assert min(await audible(say(ENGLISH), heard), await audible(say(RUSSIAN), heard)) >= AMONG, "both are heard"
    await ana.page.keyboard.press("F8")
    await asyncio.sleep(0.5)
    assert await alike(say(RUSSIAN), await hears(line)) >= THROUGH, "the colleague alone"
    await ana.page.keyboard.press("F9")
    await asyncio.wait_for(line.ended.wait(), SECONDS)
    await until(lambda: not contact.live, SECONDS)


async def ask(page: Page, colleague: Seat) -> None:
    await page.keyboard.press("Alt+t")
    await page.get_by_label("To whom").fill(colleague.name.split()[0])
    await page.get_by_role("list", name="Colleagues and queues").get_by_role("button", name=colleague.name).click()
    await page.get_by_role("button", name="Ask first").click()
    await colleague.page.get_by_role("button", name="Answer").click()
    await expect(page.get_by_text(f"{colleague.name}: talking")).to_be_visible()


async def test_who_may_not_end_reports_abuse_and_may(web: Webfloor) -> None:
    number = "+37322000413"
    project = await web.project(number)
    ana = await web.seat(project, "Ana")
    await web.queue(project, UUID(ana.id), wrap_up=600)
    async with web.database.begin(Wall(centre=True, projects=frozenset({ProjectId(project)}))) as session:
        (await session.get_one(Project, project)).operators_may_hang_up = False
    await web.dispatcher.reload()
    line, contact = await talks(web, ana, number, "+37369000413")
    page, strip = ana.page, bar(ana.page)

    end = strip.get_by_role("button", name="End", exact=True)
    await expect(end).to_be_disabled()
    await expect(end).to_have_attribute("aria-description", re.compile("the client ends the call"))
    await page.keyboard.press("F9")
    await asyncio.sleep(0.5)
    assert contact.live
    assert not line.ended.is_set()

    # What they agree on until then: a call-back, whose time comes.
    await page.get_by_role("tab", name="Call back later").click()
    await page.get_by_role("button", name="In 15 minutes").click()
    await page.get_by_label("What about").fill("The router comes on Friday.")
    await page.get_by_role("button", name="Promise the call-back").click()
    promised = page.get_by_role("complementary", name="My work").get_by_text("The router comes on Friday.")
    await expect(promised).to_be_visible()

    await strip.get_by_role("button", name="Abuse or threat").click()
    await page.get_by_label("What happens", exact=True).select_option("Threats")
    await page.get_by_label("In words").fill("Threatens to come by.")
    await page.get_by_role("button", name="Report").click()
    await expect(end).to_be_enabled()
    await end.click()
    await asyncio.wait_for(line.ended.wait(), SECONDS)
    await phase(page, "Wrap-up")
    await page.keyboard.press("Alt+Enter")
    await until(lambda: not contact.wrapping, SECONDS)
    assert "escalated" in await web.timeline(contact.id)

    async with web.database.begin(Wall(centre=True, projects=frozenset({ProjectId(project)}))) as session:
        await session.execute(text("UPDATE promises SET due_at = now() - interval '1 second'"))
    await page.goto(f"{web.url}/contacts")
    await expect(page.get_by_text("1 call-back is due")).to_be_visible()
