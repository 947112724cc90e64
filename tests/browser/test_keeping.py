"""Keeping times, the check of recordings, trees of causes and outcomes: looked after in the desk."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from browser.desk import Desk
from centrala.interactions.models import AuditRun, Finding, RecordingFile
from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database, raise_wall
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from support.history import History, write_history
from support.servers import LiveServer

DeskAs = Callable[..., Awaitable[Desk]]
LOOKS = [("light", "en", 1280), ("dark", "ru", 1280), ("light", "ro", 1920)]


@pytest.fixture(scope="module")
async def history(live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> History:
    """A contact with a recording of a year ago, and what an audit may find of it."""
    folder: Path = tmp_path_factory.mktemp("recordings")
    history = await write_history(live_server.database_url, folder)
    store = Database(live_server.database_url, connections=1)
    now = utc_now()
    async with work(store, CENTRE) as unit:
        await raise_wall(unit.session, Wall(centre=True, projects=frozenset({ProjectId(history.project)})))
        old = {"began_at": now - timedelta(days=400), "state": "stored", "backend": "disk", "sealed_size": 1_500_000}
        await unit.session.execute(update(RecordingFile).where(RecordingFile.id == history.recording).values(old))
        unit.session.add_all(
            [
                AuditRun(id=new_id(), asked_at=now - timedelta(hours=5), began_at=now, ended_at=now),
                Finding(
                    id=new_id(), project_id=history.project, kind="audio_missing", interaction_id=history.contact,
                    recording_id=history.recording, happened_at=now, found_at=now,
                ),
                Finding(id=new_id(), kind="file_without_row", file="2026/11/20/nobody.wav", found_at=now),
            ]
        )  # fmt: skip
    await store.close()
    return history


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
async def test_these_pages_with_rows_have_no_barrier(
    desk_as: DeskAs, history: History, theme: str, language: str, width: int
) -> None:
    desk = await desk_as("administrator", theme=theme, language=language, size={"width": width, "height": 800})
    node = (await desk.api("GET", "/api/dispositions?kind=cause"))[0]
    paths = (
        f"/recordings?edit={history.project}",
        "/recordings/check",
        f"/dispositions?project_id={node['project_id']}&edit={node['id']}",
    )
    for path in paths:
        await desk.go(path)
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.violations() == [], path


async def test_a_rule_says_what_it_would_delete_before_it_is_agreed(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("administrator")
    await desk.go(f"/recordings?edit={history.project}")
    drawer = desk.page.get_by_role("dialog")
    await drawer.get_by_role("textbox", name="Keep recordings, months").fill("12")
    await expect(drawer.get_by_text("1 recording (2 MB) would be deleted tonight.")).to_be_visible()
    await desk.page.keyboard.press("Control+s")
    question = desk.page.get_by_role("alertdialog")
    await expect(question.get_by_text("1 recording (2 MB) would be deleted tonight.")).to_be_visible()
    await question.get_by_role("button", name="Cancel").click()
    await expect(question).to_have_count(0)
    before = await desk.api("GET", f"/api/interactions/retention/{history.project}")
    assert before["recording_months"] is None, "nothing was saved"
    await drawer.get_by_role("button", name="Save").click()
    await question.get_by_role("button", name="Agree").click()
    await expect(desk.page.get_by_text("Saved", exact=True)).to_be_visible()
    await expect(desk.page.get_by_role("cell", name="12 months")).to_be_visible()
    after = await desk.api("GET", f"/api/interactions/retention/{history.project}")
    assert (after["recording_months"], after["version"]) == (12, 2)


async def test_what_is_no_number_is_refused_beside_its_field(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("administrator")
    desk.expected = ("422",)
    await desk.go(f"/recordings?edit={history.project}")
    drawer = desk.page.get_by_role("dialog")
    quota = drawer.get_by_role("textbox", name="Quota, GB")
    await quota.fill("a lot")
    await drawer.get_by_role("button", name="Save").click()
    await expect(quota).to_have_attribute("aria-invalid", "true")
    await expect(quota).to_be_focused()


async def test_findings_say_what_to_do_and_lead_to_the_contact(desk_as: DeskAs, history: History) -> None:
    desk = await desk_as("administrator")
    await desk.go("/recordings/check")
    table = desk.page.get_by_role("table")
    await expect(desk.page.get_by_text("Last check:")).to_be_visible()
    await expect(table.get_by_text("2026/11/20/nobody.wav")).to_be_visible()
    await desk.go("/recordings/check?kind=audio_missing")
    await expect(table.get_by_text("2026/11/20/nobody.wav")).to_have_count(0)
    await table.get_by_role("link", name="Open the contact").click()
    await expect(desk.page).to_have_url(f"{desk.base_url}/contacts/{history.contact}")


@pytest.mark.usefixtures("history")
async def test_a_check_is_asked_for_once(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    await desk.go("/recordings/check")
    button = desk.page.get_by_role("button", name="Check now")
    await button.click()
    # No worker runs beside this centre, so it goes on waiting.
    await expect(desk.page.get_by_text("A check waits for its turn")).to_be_visible()
    await expect(button).to_be_disabled()


async def test_a_tree_is_built_by_keyboard_and_seen_as_operators_see_it(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    page = desk.page
    await desk.go("/dispositions?kind=outcome")
    tree = page.get_by_role("tree", name="Outcomes")
    await expect(tree).to_be_visible()
    was = await tree.get_by_role("treeitem").count()
    await page.keyboard.press("n")
    drawer = page.get_by_role("dialog", name="New outcome")
    await drawer.get_by_role("textbox", name="English").fill("Visit by a crew")
    await page.keyboard.press("Control+s")
    await expect(drawer).to_have_count(0)
    made = tree.get_by_role("treeitem", name="Visit by a crew")
    await expect(made).to_contain_text("visit_by_a_crew")
    await made.focus()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(tree.get_by_role("treeitem").nth(was - 1)).to_contain_text("Visit by a crew")
    await expect(made).to_be_focused()
    await page.keyboard.press("Enter")
    edit = page.get_by_role("dialog", name="Outcome")
    await edit.get_by_role("textbox", name="Romanian").fill("Vizita unei echipe")
    await edit.get_by_role("button", name="Add a field").click()
    field = edit.get_by_role("group", name="Field 1")
    await field.get_by_role("textbox", name="English").fill("Day of the visit")
    await page.keyboard.press("Control+s")
    await expect(edit).to_have_count(0)
    await expect(made).to_contain_text("1 field")
    preview = page.get_by_role("region", name="As operators see it")
    await preview.get_by_role("button", name="Română").click()
    await preview.get_by_role("combobox", name="Outcome").click()
    await page.get_by_role("option", name="Vizita unei echipe").click()
    await expect(preview.get_by_role("textbox", name="Day of the visit")).to_have_attribute("required", "")


async def test_what_is_archived_is_taken_back_by_one_click(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    page = desk.page
    await desk.go("/dispositions")
    first = page.get_by_role("treeitem").first
    name = (await first.inner_text()).split("\n")[0]
    count = await page.get_by_role("treeitem").count()
    await page.get_by_role("button", name="Archive", exact=True).click()
    await expect(page.get_by_role("treeitem")).to_have_count(count - 1)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("treeitem")).to_have_count(count)
    await expect(first).to_contain_text(name)


async def test_somebody_elses_change_of_a_node_is_not_overwritten(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    desk.expected = ("412",)
    page = desk.page
    node = (await desk.api("GET", "/api/dispositions?kind=cause"))[-1]
    await desk.go(f"/dispositions?project_id={node['project_id']}&edit={node['id']}")
    drawer = page.get_by_role("dialog", name="Cause")
    await drawer.get_by_role("textbox", name="Romanian").fill("Al meu")
    theirs = {**node["labels"], "ro": "Al lor"}
    path = f"/api/dispositions/{node['id']}"
    await desk.api("PATCH", path, {"labels": theirs}, version=node["version"])
    await drawer.get_by_role("button", name="Save").click()
    # By the live feed or by the refusal: the two versions stand beside each other either way.
    await expect(drawer.get_by_text("Al lor")).to_be_visible()
    assert (await desk.api("GET", path))["labels"]["ro"] == "Al lor"
