"""Getting in: by form, by link, with a second factor; and coming back after the session has ended."""

from collections.abc import Awaitable, Callable

import pyotp
from playwright.async_api import expect

from browser.desk import Desk
from support.servers import LiveServer

REFUSED = "the server responded with a status of 401"


async def fill_in(desk: Desk, login: str, password: str) -> None:
    await desk.page.get_by_label("Login").fill(login)
    await desk.page.get_by_label("Password", exact=True).fill(password)
    await desk.page.keyboard.press("Enter")


async def test_a_person_signs_in_and_comes_to_the_page_that_they_wanted(
    visitor: Callable[..., Awaitable[Desk]], live_server: LiveServer
) -> None:
    desk = await visitor()
    desk.expected = (REFUSED,)
    known = live_server.credentials("manager")
    await desk.go("/employees?q=an")
    await expect(desk.page).to_have_url(f"{desk.base_url}/sign-in?next=%2Femployees%3Fq%3Dan")
    await fill_in(desk, known.login, known.password)
    # In her language, whatever the browser's is.
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Angajați")
    await expect(desk.page).to_have_url(f"{desk.base_url}/employees?q=an")


async def test_a_printed_link_fills_the_form_and_leaves_the_address_bar(
    visitor: Callable[..., Awaitable[Desk]], live_server: LiveServer
) -> None:
    desk = await visitor()
    desk.expected = (REFUSED,)
    known = live_server.credentials("operator")
    await desk.go(f"/sign-in#login={known.login}&password={known.password}")
    await expect(desk.page.get_by_label("Login")).to_have_value(known.login)
    assert "password" not in desk.page.url
    await desk.page.get_by_role("button", name="Sign in").click()
    await desk.page.get_by_role("contentinfo").wait_for()


async def test_a_link_never_leads_out_of_the_desk(
    visitor: Callable[..., Awaitable[Desk]], live_server: LiveServer
) -> None:
    desk = await visitor()
    desk.expected = (REFUSED,)
    known = live_server.credentials("operator")
    await desk.go("/sign-in?next=//elsewhere.example/")
    await fill_in(desk, known.login, known.password)
    await desk.page.get_by_role("contentinfo").wait_for()
    assert desk.page.url.startswith(desk.base_url)


async def test_a_wrong_password_is_said_beside_the_form_and_the_login_stays(
    visitor: Callable[..., Awaitable[Desk]],
) -> None:
    desk = await visitor()
    desk.expected = (REFUSED,)
    await desk.go("/sign-in")
    await fill_in(desk, "nobody.known", "not this one")
    await expect(desk.page.get_by_role("main").get_by_role("alert")).to_have_text("Login or password is wrong.")
    await expect(desk.page.get_by_label("Login")).to_have_value("nobody.known")


async def test_a_second_factor_is_turned_on_asked_for_and_turned_off(
    desk_as: Callable[..., Awaitable[Desk]], visitor: Callable[..., Awaitable[Desk]], live_server: LiveServer
) -> None:
    desk = await desk_as("quality")
    known = live_server.credentials("quality")
    await desk.go("/me")
    section = desk.page.get_by_role("region", name="Second factor")
    await section.get_by_role("button", name="Turn on").click()
    await expect(section.get_by_role("img")).to_be_visible()
    shown = await section.locator("code").inner_text()
    secret = pyotp.TOTP(shown.replace(" ", "").strip())
    await section.get_by_label("Code from the app").fill(secret.now())
    await section.get_by_role("button", name="Turn on").click()
    listed = section.locator("li code")
    await expect(listed).to_have_count(10)
    codes = await listed.all_inner_texts()
    await section.get_by_role("button", name="I have kept them").click()
    await expect(section.get_by_text("On", exact=True)).to_be_visible()

    other = await visitor()
    other.expected = (REFUSED,)
    await other.go("/sign-in")
    await fill_in(other, known.login, known.password)
    # A recovery code: the app's code of this half minute was used above.
    await other.page.get_by_label("Code").fill(codes[0])
    await other.page.keyboard.press("Enter")
    await other.page.get_by_role("contentinfo").wait_for()

    await section.get_by_role("button", name="Turn off").click()
    await section.get_by_label("Current password").fill(known.password)
    await section.get_by_role("button", name="Turn off").click()
    await expect(section.get_by_text("Off", exact=True)).to_be_visible()


async def test_after_an_ended_session_everything_typed_is_still_there(
    desk_as: Callable[..., Awaitable[Desk]], live_server: LiveServer
) -> None:
    desk = await desk_as("personnel")
    desk.expected = (REFUSED,)
    known = live_server.credentials("personnel")
    await desk.go("/employees/new")
    await desk.page.get_by_label("Family name").fill("Unsaved")
    await desk.api("DELETE", "/api/session")
    # Whatever asks the server next finds out.
    await desk.page.evaluate("window.dispatchEvent(new Event('focus'))")
    await desk.page.get_by_label("Given name").fill("Still")
    await desk.page.keyboard.press("Control+s")
    dialog = desk.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Your session has ended")
    await dialog.get_by_label("Password", exact=True).fill(known.password)
    await desk.page.keyboard.press("Enter")
    await dialog.wait_for(state="detached")
    await expect(desk.page.get_by_label("Family name")).to_have_value("Unsaved")
    await expect(desk.page.get_by_label("Given name")).to_have_value("Still")


async def test_a_reload_brings_back_what_was_typed_and_not_saved(desk_as: Callable[..., Awaitable[Desk]]) -> None:
    desk = await desk_as("personnel")
    await desk.go("/employees/new")
    await desk.page.get_by_label("Family name").fill("Draft")
    await desk.page.reload()
    await expect(desk.page.get_by_label("Family name")).to_have_value("Draft")
    await expect(desk.page.get_by_text("Restored what you typed")).to_be_visible()
    await desk.page.get_by_role("button", name="Discard").first.click()
    await expect(desk.page.get_by_label("Family name")).to_have_value("")


async def test_signing_out_leaves_nothing_typed_behind(desk_as: Callable[..., Awaitable[Desk]]) -> None:
    desk = await desk_as("personnel")
    desk.expected = (REFUSED,)
    await desk.go("/employees/new")
    await desk.page.get_by_label("Family name").fill("Secret")
    await desk.page.get_by_role("contentinfo").get_by_role("button").first.click()
    await desk.page.get_by_role("menuitem", name="Sign out").click()
    leave = desk.page.get_by_role("button", name="Leave")
    await leave.or_(desk.page.get_by_role("heading", name="Sign in")).first.wait_for()
    if await leave.count() > 0:
        await leave.click()
    await expect(desk.page.get_by_role("heading", name="Sign in")).to_be_visible()
    kept = await desk.page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('centrala.draft'))")
    assert kept == []


async def test_a_temporary_password_opens_nothing_but_the_choice_of_another(
    desk_as: Callable[..., Awaitable[Desk]], visitor: Callable[..., Awaitable[Desk]]
) -> None:
    boss = await desk_as("administrator")
    person = (await boss.api("GET", "/api/employees?q=kozlov"))["items"][0]
    path = f"/api/employees/{person['id']}/password"
    await boss.api("POST", path, {"new": "temporary for a day"}, version=person["version"])
    desk = await visitor()
    desk.expected = (REFUSED,)
    await desk.go("/sign-in?next=/employees")
    await fill_in(desk, person["login"], "temporary for a day")
    # From here on the desk speaks the person's language.
    await desk.page.locator("input[name=current]").fill("temporary for a day")
    links = desk.page.locator("nav a")
    assert await links.count() == 0
    await desk.page.locator("input[name=new]").fill("a sentence of my own")
    await desk.page.keyboard.press("Enter")
    await expect(links.first).to_be_visible()
