"""The supervisor's day: the moving board, queues and their rules, breaks, people's states, the wallboard."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.async_api import Locator, Page, Route, WebSocketRoute, expect

from browser.desk import Desk

DeskAs = Callable[..., Awaitable[Desk]]

START: Final = datetime.now(UTC)
QUEUE: Final = "0197a1b2-0000-7000-8000-0000000000a1"
OTHER: Final = "0197a1b2-0000-7000-8000-0000000000a2"

WATCH_ROWS: Final = """() => {
    window.touched = new Set();
    const rows = document.querySelector('table[aria-label="Operators"] tbody');
    new MutationObserver(list => {
        for (const one of list) {
            const at = one.target.nodeType === 1 ? one.target : one.target.parentElement;
            const row = at && at.closest('tr');
            if (row && !at.closest('time')) window.touched.add(row.dataset.operator);
        }
    }).observe(rows, { subtree: true, childList: true, characterData: true, attributes: true });
}"""
"""Notes which rows of operators are drawn anew; times go on by themselves and do not count."""


def ago(seconds: float) -> str:
    return (START - timedelta(seconds=seconds)).isoformat()


def queue(**change: Any) -> dict[str, Any]:
    figures = dict.fromkeys(("ringing", "talking", "wrap_up", "on_break", "paused", "overflowed", "turned_away"), 0)
    return {
        "id": QUEUE,
        "project_id": "0197a1b2-0000-7000-8000-0000000000b1",
        "name": "Night faults",
        "open": True,
        "waiting": 0,
        "longest_since": None,
        "expected_wait": 12.0,
        "ready": 3,
        "signed_in": 5,
        "offered": 40,
        "answered": 36,
        "abandoned": 4,
        "short": 0,
        "service_level": 0.9,
        "asa": 8.0,
        "target": 20.0,
        "alerts": [],
        **figures,
        **change,
    }


def operator(number: int, **change: Any) -> dict[str, Any]:
    return {
        "id": f"0197a1b2-0000-7000-8000-{number:012d}",
        "given_name": f"Ana{number:03d}",
        "family_name": "Rusu",
        "state": "ready",
        "reason": "",
        "since": ago(600),
        "until": None,
        "present": True,
        "contacts": [],
        "queues": [QUEUE],
        "channels": ["voice"],
        "off": [],
        "check_passed": True,
        "check_at": ago(3600),
        **change,
    }


def talking(seconds: float) -> list[dict[str, Any]]:
    contact = "0197a1b2-0000-7000-8000-0000000000c1"
    return [
        {
            "interaction_id": contact,
            "queue_id": QUEUE,
            "channel": "voice",
            "state": "active",
            "since": ago(seconds),
            "until": None,
        }
    ]


class Feed:
    """A server's side of the board's socket, in the hands of a test."""

    def __init__(self, queues: list[dict[str, Any]], operators: list[dict[str, Any]]) -> None:
        self.rows = queues, operators
        self.sockets: list[WebSocketRoute] = []
        self.pongs = 0
        self.away = False
        """The server is not there: nothing comes over the socket."""

    def __call__(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        if self.away:
            return
        socket.on_message(self._heard)
        socket.send(json.dumps({"type": "hello", "heartbeat_seconds": 15}))
        self.say("snapshot", *self.rows)

    def say(self, kind: str, queues: list[dict[str, Any]], operators: list[dict[str, Any]], *gone: str) -> None:
        message = {"type": kind, "at": datetime.now(UTC).isoformat(), "queues": queues, "operators": operators}
        self.sockets[-1].send(json.dumps({**message, "gone": list(gone)}))

    def _heard(self, message: str | bytes) -> None:
        self.pongs += json.loads(message) == {"type": "pong"}


def line(page: Page, queue_id: str = QUEUE) -> Locator:
    return page.locator(f"tr[data-queue='{queue_id}']")


async def board(desk: Desk, feed: Feed, path: str = "/board") -> Page:
    await desk.page.route_web_socket("**/api/board/live*", feed)
    await desk.go(path)
    return desk.page


async def test_trouble_stands_first_in_colour_and_in_words(desk_as: DeskAs) -> None:
    alert = {"measure": "longest_wait", "value": 95.0, "threshold": 60.0, "since": ago(30)}
    feed = Feed([queue(), queue(id=OTHER, name="Bills of the night")], [operator(1)])
    page = await board(await desk_as("supervisor"), feed)
    names = page.get_by_role("table", name="Queues").locator("tbody th")
    await expect(names).to_contain_text(["Bills of the night", "Night faults"])
    worse = queue(waiting=7, longest_since=ago(95), ready=0, alerts=[alert])
    feed.say("changes", [worse], [])
    await expect(names).to_contain_text(["Night faults", "Bills of the night"])
    row = line(page)
    await expect(row).to_contain_text("waits too long")
    await expect(row.get_by_text("Over the threshold:")).to_be_attached()
    await expect(page.get_by_role("region", name="Alerts")).to_contain_text("somebody waits 1:35 (limit 1:00)")
    feed.say("changes", [queue()], [])
    await expect(page.get_by_text("waits too long")).to_have_count(0)
    await expect(names).to_contain_text(["Bills of the night", "Night faults"])


async def test_times_go_on_although_nothing_is_sent(desk_as: DeskAs) -> None:
    feed = Feed([queue(waiting=1, longest_since=ago(0))], [operator(1, contacts=talking(100))])
    page = await board(await desk_as("supervisor"), feed)
    since = page.get_by_role("row", name="Ana001").get_by_role("time")
    before = await since.inner_text()
    await expect(since).not_to_have_text(before)


async def test_a_state_of_one_of_two_hundred_draws_that_row_alone(desk_as: DeskAs) -> None:
    everybody = [operator(number, contacts=talking(60 + number) if number % 2 else []) for number in range(1, 201)]
    feed = Feed([queue(signed_in=200)], everybody)
    page = await board(await desk_as("supervisor"), feed)
    await expect(page.locator("tr[data-operator]")).to_have_count(200)
    await page.evaluate(WATCH_ROWS)
    changed = operator(2, contacts=talking(1))
    feed.say("changes", [queue(signed_in=200, waiting=1)], [changed])
    row = page.locator(f"tr[data-operator='{changed['id']}']")
    await expect(row).to_contain_text("Talking")
    feed.say("changes", [], [operator(2)])
    await expect(row).to_contain_text("Ready")
    assert await page.evaluate("[...window.touched]") == [changed["id"]]


async def test_operators_are_found_by_state_queue_and_name(desk_as: DeskAs) -> None:
    people = [
        operator(1),
        operator(2, contacts=talking(60), channels=["voice"], off=["chat", "mail"]),
        operator(3, state="break", reason="Lunch"),
        operator(4, given_name="Ștefan", family_name="Țurcanu", state="paused", reason="not_answering", queues=[OTHER]),
        operator(5, state="off", since=None),
    ]
    feed = Feed([queue(talking=1), queue(id=OTHER, name="Bills of the night")], people)
    page = await board(await desk_as("supervisor"), feed)
    rows = page.locator("tr[data-operator]")
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_contain_text("Paused")
    await expect(rows.first).to_contain_text("did not answer a call")
    await line(page).get_by_role("button", name="1 talking").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Ana002")
    await expect(rows).to_contain_text("without chats, mail")
    await page.get_by_role("group", name="Operators by state").get_by_role("button", name="At work").click()
    await page.locator("button[aria-label='Clear: Queue']").click()
    await page.get_by_role("searchbox", name="Find an operator").fill("turcanu")
    await expect(rows).to_have_count(1)
    await page.reload()
    await expect(page.get_by_role("searchbox", name="Find an operator")).to_have_value("turcanu")
    await expect(rows).to_have_count(1)


async def test_a_lost_board_says_so_and_comes_back_with_a_fresh_snapshot(desk_as: DeskAs) -> None:
    feed = Feed([queue()], [operator(1)])
    page = await board(await desk_as("supervisor"), feed)
    await expect(line(page)).to_contain_text("Night faults")
    feed.rows, feed.away = ([queue(name="Day faults")], []), True
    await feed.sockets[0].close(code=1012)
    await expect(page.get_by_text("The figures are old")).to_be_visible()
    await expect(line(page)).to_contain_text("Night faults")
    feed.away = False
    await feed.sockets[-1].close(code=1012)
    await expect(line(page)).to_contain_text("Day faults")
    await expect(page.get_by_text("The figures are old")).to_have_count(0)
    feed.sockets[-1].send('{"type":"ping"}')
    feed.say("changes", [queue(name="Day faults", waiting=2)], [])
    await expect(page.get_by_role("button", name="Day faults: 2 waiting")).to_be_visible()
    assert feed.pongs == 1


async def test_one_click_listens_to_an_operator(desk_as: DeskAs) -> None:
    feed = Feed([queue(talking=1)], [operator(1, contacts=talking(60)), operator(2)])
    page = await board(await desk_as("supervisor"), feed)
    asked: list[str] = []

    async def listen(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(status=204)

    await page.route("**/api/supervision/*/listen", listen)
    await expect(page.get_by_role("button", name="Listen to Ana002")).to_have_count(0)
    await page.get_by_role("button", name="Listen to Ana001").click()
    await expect(page.get_by_role("status").filter(has_text="Your phone rings")).to_be_visible()
    assert [one.split("/")[-2] for one in asked] == [talking(0)[0]["interaction_id"]]


async def test_the_wallboard_turns_through_the_projects_and_needs_no_hand(desk_as: DeskAs) -> None:
    desk = await desk_as("manager", size={"width": 1920, "height": 1080})
    projects = [one["id"] for one in (await desk.api("GET", "/api/session"))["projects"]]
    alert = {"measure": "waiting", "value": 9.0, "threshold": 5.0, "since": ago(30)}
    late = queue(project_id=projects[1], waiting=9, longest_since=ago(80), alerts=[alert])
    feed = Feed([queue(id=OTHER, name="Bills of the night", project_id=projects[0]), late], [operator(1)])
    page = await board(desk, feed, "/wallboard")
    await page.keyboard.press(" ")  # stands still
    first = await page.locator("article").first.get_attribute("aria-label")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("article").first).not_to_have_attribute("aria-label", first or "")
    if first == "Night faults":
        await page.keyboard.press("ArrowRight")
    tile = page.get_by_role("article", name="Night faults")
    await expect(tile).to_contain_text("many wait")
    sizes = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert sizes == [1920, 1080]
    assert await page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    assert await desk.violations() == []
    await feed.sockets[0].close(code=1012)
    feed.rows = [{**late, "waiting": 11}], []
    await expect(tile).to_contain_text("11")


async def test_a_queue_is_made_with_its_rules_and_its_people(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    desk.expected = ("422",)
    page = desk.page
    await desk.go("/queues")
    await page.get_by_role("link", name="New queue").first.click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Night shift")
    await page.get_by_role("textbox", name="Target wait").fill("0:30")
    await page.get_by_role("tab", name="Rules").click()
    await page.get_by_role("button", name="Add a rule").click()
    await page.get_by_role("textbox", name="Wait", exact=True).fill("soon")
    await page.get_by_role("tab", name="Thresholds").click()
    await page.get_by_role("textbox", name="Service level, below (%)").fill("75")
    await page.get_by_role("tab", name="General").click()
    await page.get_by_role("button", name="Save").click()
    # What was refused stands on another tab: it opens, and says what is wrong.
    await expect(page.get_by_role("tab", name="Rules")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_role("tab", name="Rules")).to_contain_text("has errors")
    await page.get_by_role("textbox", name="Wait", exact=True).fill("2:00")
    assert await desk.violations() == []
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("heading", name="Night shift").wait_for()
    await page.get_by_role("tab", name="Operators (0)").wait_for()
    await page.get_by_role("combobox", name="Add people").fill("balan")
    await page.get_by_role("option").first.click()
    await page.get_by_role("button", name="Add (1)").click()
    await page.get_by_role("button", name="ask later").first.click()
    await page.get_by_role("button", name="Save").last.click()
    await page.get_by_role("tab", name="Operators (1)").wait_for()
    rows = await desk.api("GET", "/api/queues?q=Night%20shift")
    made = await desk.api("GET", f"/api/queues/{rows['items'][0]['id']}")
    assert made["rules"]["target"] == 30
    assert made["rules"]["overflow"][0] == {"to": {"kind": "hang_up", "value": ""}, "after": 120, "place": None}
    assert made["thresholds"]["service_level"] == 0.75
    members = await desk.api("GET", f"/api/queues/{made['id']}/operators")
    assert [one["rank"] for one in members] == [1]
    await desk.api("DELETE", f"/api/queues/{made['id']}", version=made["version"])


async def test_two_supervisors_change_one_queue_and_neither_loses_a_word(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    desk.expected = ("412",)
    page = desk.page
    mine = (await desk.api("GET", "/api/queues?page_size=1"))["items"][0]
    await page.route_web_socket("**/api/live*", lambda _: None)  # the news of the first one's change does not come
    await desk.go(f"/queues/{mine['id']}")
    note = page.get_by_label("Note")
    await note.fill("typed by the second")
    await desk.api("PATCH", f"/api/queues/{mine['id']}", {"note": "saved by the first"}, version=mine["version"])
    await page.get_by_role("button", name="Save").click()
    both = page.get_by_role("table").filter(has_text="saved by the first")
    await expect(both).to_contain_text("typed by the second")
    await both.get_by_role("button").last.click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert (await desk.api("GET", f"/api/queues/{mine['id']}"))["note"] == "typed by the second"


async def test_a_break_is_made_and_removed(desk_as: DeskAs) -> None:
    desk = await desk_as("manager")
    page = desk.page
    await desk.go("/breaks")
    await page.get_by_role("button", name="New break").first.click()
    await page.get_by_role("textbox", name="Name").fill("Fresh air")
    await page.get_by_role("textbox", name="Planned minutes").fill("7")
    await page.get_by_role("textbox", name="At once, at most").fill("2")
    await page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="Fresh air")
    await expect(row).to_contain_text("7 min")
    await row.get_by_role("button").click()
    await page.get_by_role("dialog", name="Break").get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog", name="Fresh air").get_by_role("button", name="Remove").click()
    await expect(row).to_have_count(0)


async def test_a_supervisor_sets_a_state_with_a_reason_and_moves_somebody(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    page = desk.page
    shown = await desk.api("GET", "/api/board")
    one = next(row for row in shown["operators"] if len(row["queues"]) > 0)
    name = f"{one['given_name']} {one['family_name']}"
    await desk.go(f"/board?operator={one['id']}")
    dialog = page.get_by_role("dialog", name=name)
    await expect(dialog.get_by_text("Signed out. Calls come after")).to_be_visible()
    await dialog.get_by_role("combobox", name="New state").click()
    await page.get_by_role("option", name="Paused").click()
    await dialog.get_by_role("textbox", name="Reason").fill("Headset is being changed")
    await dialog.get_by_role("button", name="Set", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="The state of")).to_be_visible()
    await expect(dialog.get_by_text("They get nothing until they choose")).to_be_visible()
    await expect(dialog.get_by_text("Nobody waits in the queues that you see.")).to_be_visible()
    await dialog.get_by_role("combobox", name="chats").click()
    await page.get_by_role("option", name="3", exact=True).click()
    await dialog.get_by_role("region", name="Contacts at once").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert (await desk.api("GET", f"/api/operators/{one['id']}/routing"))["capacity"] == {"voice": 1, "chat": 3}
    assert await desk.violations() == []
    first = dialog.get_by_role("checkbox").first
    before = await first.is_checked()
    await first.click()
    await dialog.get_by_role("button", name="Move", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="The queues of")).to_be_visible()
    served = await desk.api("GET", f"/api/operators/{one['id']}/queues")
    assert len(served["queues"]) == len(one["queues"]) + (-1 if before else 1)
    await page.keyboard.press("Alt+u")
    await expect(first).to_be_checked(checked=before)
    await desk.api("POST", f"/api/operators/{one['id']}/state", {"state": "off", "reason": "End of the test"})


async def test_a_notice_goes_to_everybody_of_a_queue(desk_as: DeskAs) -> None:
    desk = await desk_as("supervisor")
    page = desk.page
    await desk.go("/board")
    await page.get_by_role("button", name="Notice").click()
    dialog = page.get_by_role("dialog", name="Notice to operators")
    await dialog.get_by_role("combobox", name="To").fill("fau")
    await page.get_by_role("option").first.click()
    await dialog.get_by_role("textbox", name="Text").fill("The northern line is down until noon.")
    assert await desk.violations() == []
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog).to_have_count(0)
    sent = await desk.api("GET", "/api/notices/sent")
    assert sent["items"][0]["text"] == "The northern line is down until noon."
    assert sent["items"][0]["readers"] > 0
    await page.get_by_role("button", name="Notice").click()
    await dialog.get_by_role("button", name="read by 0 of").first.click()
    await expect(dialog.get_by_text("not yet").first).to_be_visible()
