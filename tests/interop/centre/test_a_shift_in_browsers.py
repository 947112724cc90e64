"""What a supervisor does from the board during a shift, and what the operators' desks show of it, in Chromium."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect

from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.schemas import FlowIn
from centrala.ivr.service import create_flow
from centrala.kit.access import Wall
from centrala.kit.ids import ProjectId
from centrala.kit.work import work
from centrala.security.service import Role
from centrala.web.static import FOLDER
from interop.centre.support.webfloor import SECONDS, Webfloor, webfloor
from interop.exchange.conftest import until
from support.audio import ROMANIAN, narrowed, say
from support.chromium import CHROMIUM, THROUGH, alike, go_ready

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not (FOLDER / "index.html").exists(), reason="needs the built desk"),
]


@pytest.fixture
async def web(own_store: str, tmp_path: Path) -> AsyncIterator[Webfloor]:
    async with webfloor(own_store, tmp_path) as one:
        yield one


async def test_a_supervisor_takes_who_waits_forces_a_state_and_tells_everybody(web: Webfloor) -> None:
    number = "+37322000421"
    project = await web.project(number)
    ana = await web.seat(project, "Ana")
    eva = await web.seat(project, "Eva", role=Role.SUPERVISOR, page="/board")
    await web.queue(project, UUID(ana.id), name="Claims")
    await web.carrier()
    client = await web.client("+37369000421")
    line = await client.dial(number)
    await asyncio.wait_for(line.answered.wait(), SECONDS)
    contact = await web.contact()
    await until(lambda: contact.stage.value == "waiting", SECONDS)

    # Nobody is ready. The supervisor takes the contact out of the queue; their own desk has it then.
    board = eva.page
    await board.get_by_role("button", name="Claims: 1 waiting, show who").click()
    await board.get_by_role("button", name="Why").click()
    await board.get_by_role("button", name="Take it myself").click()
    await board.keyboard.press("Escape")
    await expect(board.get_by_role("button", name="Answer").first).to_be_enabled()
    await board.keyboard.press("F2")
    await until(lambda: contact.stage.value == "talking", SECONDS)
    await eva.listen()
    await line.sound.say(say(ROMANIAN))
    await asyncio.sleep(1.0)
    assert await alike(say(ROMANIAN), await eva.heard()) >= THROUGH
    await board.keyboard.press("F9")
    await asyncio.wait_for(line.ended.wait(), SECONDS)

    # A word to everybody, which stays until it is confirmed.
    await board.goto(f"{web.url}/board")
    await expect(board.get_by_role("button", name="Notice", exact=True)).to_be_visible()  # the page hears keys then
    await board.keyboard.press("n")
    dialog = board.get_by_role("dialog", name="Notice to operators")
    await dialog.get_by_label("To").click()
    await board.get_by_role("option", name="Claims").click()
    await dialog.get_by_label("Text").fill("The line to Bălți is down until noon.")
    await dialog.get_by_role("button", name="Send").click()
    await expect(ana.page.get_by_text("The line to Bălți is down until noon.")).to_be_visible()
    await ana.page.get_by_role("button", name="I have read it").click()
    await expect(ana.page.get_by_text("The line to Bălți is down until noon.")).to_have_count(0)

    # Somebody who forgot to leave is set off, with a reason.
    await go_ready(ana.page)
    await board.get_by_role("row").filter(has_text=ana.name).get_by_role("button", name=ana.name, exact=True).click()
    form = board.get_by_role("region", name="Set the state")
    await form.get_by_role("combobox", name="New state").click()
    await board.get_by_role("option", name="Off").click()
    await form.get_by_label("Reason").fill("Has gone home.")
    await form.get_by_role("button", name="Set", exact=True).click()
    await expect(ana.page.get_by_role("button", name="Your state: Off")).to_be_visible()


async def test_a_draft_is_called_from_its_editor(web: Webfloor) -> None:
    project = await web.project("+37322000422")
    words = "This draft was never published."
    draft = FlowDefinition.model_validate(
        {
            "start": "hello",
            "nodes": [
                {"id": "hello", "kind": "say", "prompt": [{"kind": "text", "text": {"en": words}}]},
                {"id": "bye", "kind": "hangup"},
            ],
            "edges": [{"source": "hello", "exit": "next", "target": "bye"}],
        }
    )
    async with work(web.database, Wall(centre=True, projects=frozenset({ProjectId(project)}))) as unit:
        flow = await create_flow(unit, FlowIn(project_id=project, name="A draft", definition=draft))
    eva = await web.seat(project, "Eva", role=Role.SUPERVISOR, page=f"/flows/{flow.id}")
    await eva.listen()
    await eva.page.get_by_role("button", name="Test call").click()
    await until(lambda: bool(web.exchange.calls.live()), SECONDS)
    await until(lambda: not web.exchange.calls.live(), SECONDS)  # said to its end
    said = next((web.folder / "files" / "speech").rglob("*.wav"))
    assert await alike(narrowed(said.read_bytes()), await eva.heard()) >= THROUGH
    assert await web.rows("SELECT count(*) FROM interactions WHERE project_id = :id", id=project) == [(0,)]
