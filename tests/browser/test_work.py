"""The daily work: by keyboard, in lists and forms, with others at the same time, with a bad network."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import WebSocketRoute, expect

from browser.desk import Desk

DeskAs = Callable[..., Awaitable[Desk]]


async def employee(desk: Desk, login_part: str = "") -> dict[str, object]:
    rows = await desk.api("GET", f"/api/employees?page_size=5&role=operator&q={login_part}")
    found: dict[str, object] = rows["items"][0]
    return found


async def test_the_keyboard_alone_finds_opens_changes_and_saves(desk_as: DeskAs) -> None:
    desk = await desk_as("personnel")
    press = desk.page.keyboard.press
    await desk.go("/")
    await press("Control+k")
    await desk.page.get_by_role("combobox", name="Find or do").wait_for()
    await desk.page.keyboard.type("empl")
    await press("Enter")
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Employees")
    await press("/")
    await desk.page.keyboard.type("balan")
    await expect(desk.page.locator("tbody tr")).to_have_count(1)
    await press("ArrowDown")
    await press("Enter")
    await expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Balan")
    await desk.page.get_by_label("Patronymic").focus()
    await press("Control+a")
    await desk.page.keyboard.type("Ion")
    await press("Control+s")
    await expect(desk.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await press("Tab")  # out of the field, so that single keys act again
    await desk.page.locator("h1").focus()
    await press("g")
    await press("t")
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Teams")
    await press("?")
    await expect(desk.page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    await press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)


async def test_single_keys_can_be_turned_off(desk_as: DeskAs) -> None:
    desk = await desk_as("personnel")
    await desk.go("/employees")
    await desk.page.keyboard.press("?")
    await desk.page.get_by_role("switch", name="Single-key shortcuts").click()
    await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("dialog").wait_for(state="detached")
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.press("Control+k")
    await desk.page.get_by_role("combobox", name="Find or do").wait_for()
    assert desk.page.url.endswith("/employees")


async def test_the_state_of_a_list_stands_in_its_address_and_in_saved_views(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    page = desk.page
    await desk.go("/employees")
    await page.get_by_role("combobox", name="Role").click()
    await page.get_by_role("option", name="Operator", exact=True).click()
    await expect(page).to_have_url(f"{desk.base_url}/employees?role=operator")
    await page.get_by_role("button", name="Name").click()
    await page.get_by_role("button", name="Name").click()
    await expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    await page.get_by_role("button", name="Columns").click()
    await page.get_by_role("checkbox", name="Login").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("columnheader", name="Login")).to_be_visible()

    await page.get_by_role("button", name="Views").click()
    await page.get_by_label("Name of this view").fill("Operators")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Operators", exact=True)).to_have_count(2)
    await desk.go("/employees")
    await page.get_by_role("button", name="Views").click()
    await page.get_by_role("button", name="Operators", exact=True).click()
    await expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    await expect(page.get_by_role("columnheader", name="Login")).to_be_visible()
    assert "role=operator" in page.url
    await page.go_back()
    await expect(page).to_have_url(f"{desk.base_url}/employees")


async def test_an_empty_result_says_what_to_do(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    await desk.go("/employees?q=nobody-is-called-so")
    await expect(desk.page.get_by_text("Nothing matches")).to_be_visible()
    await desk.page.get_by_role("button", name="Clear filters").last.click()
    await expect(desk.page.locator("tbody tr").first).to_be_visible()


async def test_the_csv_holds_the_same_rows_masked_alike(desk_as: DeskAs, tmp_path: Path) -> None:
    desk = await desk_as("personnel")
    await desk.go("/employees?q=balan")
    async with desk.page.expect_download() as download:
        await desk.page.get_by_role("button", name="Export CSV").click()
    file = tmp_path / "employees.csv"
    await (await download.value).save_as(file)
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert "•••" in lines[1]


async def test_masked_data_is_revealed_one_field_at_a_time_with_a_trace(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    person = await employee(desk, "balan")
    await desk.go(f"/employees/{person['id']}")
    phone = desk.page.get_by_label("Phone", exact=True)
    await expect(phone).to_have_value(str(person["phone"]["masked"]))  # type: ignore[index]  # JSON of the server
    await desk.page.get_by_role("button", name="Show in full: Phone").click()
    await expect(phone).not_to_have_value(str(person["phone"]["masked"]))  # type: ignore[index]  # as above
    rows = await desk.api("GET", f"/api/audit?object_id={person['id']}&action=employee.revealed&page_size=1")
    assert rows["items"][0]["details"] == {"field": "phone"}


async def test_field_errors_stand_beside_the_field_and_take_the_focus(desk_as: DeskAs) -> None:
    desk = await desk_as("personnel")
    desk.expected = ("status of 422", "status of 409")
    person = await employee(desk)
    await desk.go("/employees/new")
    await desk.page.get_by_label("Family name").fill("Second")
    await desk.page.get_by_label("Given name").fill("Person")
    await desk.page.get_by_label("Personnel number").fill(str(person["number"]))
    await desk.page.get_by_label("Login").fill("second.person")
    await desk.page.get_by_role("button", name="Add employee").click()
    number = desk.page.get_by_label("Personnel number")
    await expect(number).to_have_attribute("aria-invalid", "true")
    await expect(number).to_be_focused()
    await expect(desk.page.get_by_label("Given name")).to_have_value("Person")


async def test_a_dismissal_is_taken_back_by_one_click(desk_as: DeskAs) -> None:
    desk = await desk_as("personnel")
    person = await employee(desk, "damian")
    await desk.go(f"/employees/{person['id']}")
    await desk.page.get_by_role("button", name="Dismiss", exact=True).click()
    await desk.page.get_by_role("button", name="Undo").wait_for()
    await expect(desk.page.get_by_role("button", name="Take the dismissal back")).to_be_visible()
    await desk.page.keyboard.press("Alt+u")
    await expect(desk.page.get_by_role("button", name="Dismiss", exact=True)).to_be_visible()
    fresh = await desk.api("GET", f"/api/employees/{person['id']}")
    assert fresh["dismissed_at"] is None


async def test_leaving_a_changed_form_asks_first(desk_as: DeskAs) -> None:
    desk = await desk_as("personnel")
    await desk.go("/employees/new")
    await desk.page.get_by_label("Family name").fill("Half")
    await desk.page.get_by_role("link", name="Teams").click()
    dialog = desk.page.get_by_role("alertdialog")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(desk.page.get_by_label("Family name")).to_have_value("Half")
    await desk.page.get_by_role("link", name="Teams").click()
    await dialog.get_by_role("button", name="Leave").click()
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Teams")


async def without_live_feed(desk: Desk) -> None:
    """This desk hears nothing of what others do."""

    async def mute(socket: WebSocketRoute) -> None:
        desk.live.append(socket)

    await desk.page.route_web_socket("**/api/live*", mute)


async def test_two_people_save_the_same_form_and_neither_loses_a_word(desk_as: DeskAs) -> None:
    mine, other = await desk_as("personnel"), await desk_as("administrator")
    mine.expected = ("status of 412",)
    await without_live_feed(mine)
    skill = (await mine.api("GET", "/api/skills"))["items"][0]
    await mine.go(f"/skills?edit={skill['id']}")
    note = mine.page.get_by_label("Note")
    await note.fill("what I typed")
    changed = {"note": "what the other saved", "name": f"{skill['name']} (new)"}
    await other.api("PATCH", f"/api/skills/{skill['id']}", changed, version=skill["version"])
    await mine.page.keyboard.press("Control+s")
    conflict = mine.page.get_by_role("region", name="Somebody else changed the same fields")
    await expect(conflict).to_contain_text("what the other saved")
    await expect(conflict).to_contain_text("what I typed")
    await expect(mine.page.get_by_text("Changed meanwhile by somebody else: Name")).to_be_visible()
    await conflict.get_by_role("button", name="Keep mine").click()
    await mine.page.keyboard.press("Control+s")
    await expect(mine.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    fresh = await mine.api("GET", f"/api/skills/{skill['id']}")
    assert (fresh["name"], fresh["note"]) == (changed["name"], "what I typed")


async def test_what_somebody_else_saves_appears_by_itself(desk_as: DeskAs) -> None:
    mine, other = await desk_as("supervisor"), await desk_as("administrator")
    await mine.go("/teams")
    await expect(mine.page.get_by_role("contentinfo")).to_contain_text("Live")
    team = (await mine.api("GET", "/api/teams?q=Orbita"))["items"][0]
    await other.api("PATCH", f"/api/teams/{team['id']}", {"note": "seen at once"}, version=team["version"])
    await expect(mine.page.get_by_role("cell", name="seen at once")).to_be_visible()


async def test_a_lost_live_feed_is_told_and_taken_up_again(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    cut = {"now": False}

    async def link(socket: WebSocketRoute) -> None:
        if cut["now"]:
            await socket.close(code=1001)
            return
        socket.connect_to_server()
        desk.live.append(socket)

    await desk.page.route_web_socket("**/api/live*", link)
    await desk.go("/teams")
    bar = desk.page.get_by_role("contentinfo")
    await expect(bar).to_contain_text("Live")
    cut["now"] = True
    await desk.live[0].close(code=1001)
    await expect(bar).to_contain_text("No connection")
    await expect(desk.page.get_by_text("No connection to the server. What you see")).to_be_visible()
    assert await desk.page.locator("tbody tr").count() > 0
    cut["now"] = False
    await desk.page.get_by_role("button", name="Try now").click()
    await expect(bar).to_contain_text("Live")
    await expect(desk.page.get_by_text("No connection to the server. What you see")).to_have_count(0)


async def test_a_server_that_does_not_answer_is_told_with_a_way_on(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    desk.expected = ("ERR_FAILED", "Failed to load resource")
    await desk.page.route("**/api/skills?*", lambda route: route.abort())
    await desk.go("/skills")
    await expect(desk.page.get_by_role("alert").filter(has_text="No connection to the server")).to_be_visible()
    again = desk.page.get_by_role("button", name="Try again")
    # While the server is away, so that the page cannot have recovered by itself before the click.
    async with desk.page.expect_request("**/api/skills?*"):
        await again.click()
    await desk.page.unroute("**/api/skills?*")
    await desk.go("/skills")
    await expect(desk.page.locator("tbody tr").first).to_be_visible()


async def test_a_fault_of_the_server_is_told_with_its_incident_number(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    desk.expected = ("status of 500",)
    body = '{"type":"about:blank","title":"Fault","status":500,"code":"internal","incident":"incident-7"}'
    await desk.page.route(
        "**/api/skills?*",
        lambda route: route.fulfill(status=500, content_type="application/problem+json", body=body),
    )
    await desk.go("/skills")
    await expect(desk.page.get_by_text("incident-7")).to_be_visible()


async def test_the_project_switcher_narrows_what_is_seen(desk_as: DeskAs) -> None:
    desk = await desk_as("administrator")
    await desk.go("/calendars")
    await expect(desk.page.locator("tbody tr")).to_have_count(3)
    await desk.page.get_by_role("button", name="Project:").click()
    await desk.page.get_by_role("menuitem").nth(1).click()
    await expect(desk.page.locator("tbody tr")).to_have_count(1)
    await desk.page.reload()
    await expect(desk.page.locator("tbody tr")).to_have_count(1)
    everybody = (await desk.api("GET", "/api/employees"))["total"]
    await desk.go("/employees")
    await desk.page.locator("tbody tr").first.wait_for()
    assert 0 < await desk.page.locator("tbody tr").count() < everybody


async def test_weekly_hours_are_typed_copied_and_shown(desk_as: DeskAs) -> None:
    desk = await desk_as("planner")
    calendar = (await desk.api("GET", "/api/calendars?page_size=1"))["items"][0]
    await desk.go(f"/calendars/{calendar['id']}")
    page = desk.page
    await page.get_by_label("Monday: opens").first.fill("8")
    await page.get_by_label("Monday: closes").first.fill("2030")
    await page.keyboard.press("Tab")
    await page.get_by_role("button", name="Monday: copy to other days").click()
    await page.get_by_role("menuitem", name="To all days").click()
    await expect(page.get_by_label("Sunday: closes")).to_have_value("20:30")
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    fresh = await desk.api("GET", f"/api/calendars/{calendar['id']}")
    assert {(span["opens"], span["closes"]) for span in fresh["hours"]} == {("08:00", "20:30")}
    assert len(fresh["hours"]) == 7
