"""The board: a snapshot, then differences, for who may see them; alarms that do not chatter."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.routing.board.alerts import beyond
from centrala.routing.core import facts as f
from centrala.routing.core.settings import ContactId
from centrala.routing.schemas import QueueChange, Thresholds
from centrala.routing.schemas_work import Measure
from centrala.routing.service import Board, Dispatcher, OperatorState, change_queue, read_queue
from conftest import TurnedClock
from support.browsers import Browser
from support.centre import Centre, make_centre
from support.people import Person

PATH = "/api/board/live"
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PersonAs = Callable[..., Awaitable[Person]]


@pytest.fixture
async def centre(database: Database, clock: TurnedClock, project: UUID) -> Centre:
    return await make_centre(database, clock, queues=({"wrap_up": 20}, {}), people=2, project=project)


@pytest.fixture
async def other_centre(database: Database, clock: TurnedClock, other_project: UUID) -> Centre:
    return await make_centre(database, clock, people=1, project=other_project, prefix="Other")


@pytest.fixture
async def dispatcher(app: FastAPI, centre: Centre, other_centre: Centre) -> Dispatcher:
    found: Dispatcher = app.state.dispatcher
    await found.reload()
    return found


@pytest.fixture
def board(app: FastAPI, dispatcher: Dispatcher) -> Board:
    found: Board = app.state.board
    return found


def come(dispatcher: Dispatcher, centre: Centre, place: int = 0) -> UUID:
    name = new_id()
    dispatcher.feed(f.ContactQueued(contact=ContactId(str(name)), queue=centre.queues[place]))
    return name


def applied(rows: dict[str, dict[str, Any]], message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The board of a browser after a message."""
    if message["type"] == "snapshot":
        rows = {}
    fresh = {row["id"]: row for row in [*message["queues"], *message["operators"]]}
    return {name: row for name, row in {**rows, **fresh}.items() if name not in message["gone"]}


async def test_a_snapshot_and_the_differences_since_are_a_fresh_snapshot(
    app: FastAPI, dispatcher: Dispatcher, board: Board, centre: Centre, person_as: PersonAs
) -> None:
    supervisor = await person_as("supervisor", projects=(centre.project,))
    async with Browser(app, supervisor, PATH) as browser:
        assert (await browser.next())["type"] == "hello"
        rows = applied({}, await browser.next())
        dispatcher.feed(f.StateAsked(operator=centre.operators[0], state=OperatorState.READY))
        first = come(dispatcher, centre)
        come(dispatcher, centre)
        board.look()
        rows = applied(rows, await browser.next())
        offer = next(iter(dispatcher.router.state.works))
        dispatcher.feed(f.OfferAccepted(offer))
        dispatcher.feed(f.ContactLeft(ContactId(str(first))))
        board.look()
        rows = applied(rows, await browser.next())
    async with Browser(app, supervisor, PATH) as browser:
        await browser.next()
        assert rows == applied({}, await browser.next())
    queue, operator = rows[centre.queues[0]], rows[str(centre.people[0].id)]
    assert (queue["waiting"], queue["answered"], queue["wrap_up"]) == (1, 1, 1)
    assert [one["state"] for one in operator["contacts"]] == ["wrap_up"]


async def test_a_board_on_which_nothing_happens_sends_nothing(
    app: FastAPI, dispatcher: Dispatcher, board: Board, centre: Centre, clock: TurnedClock
) -> None:
    come(dispatcher, centre)
    sent: list[str] = []
    board.watch(frozenset({centre.project}), sent.append)
    board.look()
    sent.clear()
    for _ in range(120):
        clock.advance(seconds=1)
        dispatcher.tick()
        board.look()
    assert sent == []


async def test_rows_that_a_fact_did_not_change_are_not_sent_again(
    dispatcher: Dispatcher, board: Board, centre: Centre
) -> None:
    sent: list[str] = []
    board.watch(frozenset({centre.project}), sent.append)
    sent.clear()
    come(dispatcher, centre, place=1)
    board.look()
    (text,) = sent
    assert centre.queues[1] in text
    assert centre.queues[0] not in text
    assert '"operators":[]' in text


async def test_a_supervisor_sees_the_queues_of_their_projects_and_who_serves_them(
    dispatcher: Dispatcher, centre: Centre, other_centre: Centre, client_as: ClientAs
) -> None:
    client = await client_as("supervisor", projects=(centre.project,))
    shown = (await client.get("/api/board")).json()
    assert {row["id"] for row in shown["queues"]} == set(centre.queues)
    assert {row["id"] for row in shown["operators"]} == set(centre.operators)
    everything = (await (await client_as("manager")).get("/api/board")).json()
    assert {row["id"] for row in everything["queues"]} == {*centre.queues, *other_centre.queues}


async def test_a_contact_of_another_project_is_seen_without_its_id_and_queue(
    dispatcher: Dispatcher,
    centre: Centre,
    other_centre: Centre,
    client_as: ClientAs,
) -> None:
    shared = other_centre.operators[0]
    profile = dispatcher.laid.profiles[shared]
    both = {**profile.queues, centre.queues[0]: 1}
    dispatcher.feed(f.ProfileChanged(type(profile)(id=shared, queues=both)))
    dispatcher.feed(f.StateAsked(operator=shared, state=OperatorState.READY))
    come(dispatcher, other_centre)
    client = await client_as("supervisor", projects=(centre.project,))
    rows = {row["id"]: row for row in (await client.get("/api/board")).json()["operators"]}
    (contact,) = rows[shared]["contacts"]
    assert (contact["interaction_id"], contact["queue_id"], contact["state"]) == (None, None, "ringing")
    assert rows[shared]["queues"] == [centre.queues[0]]


@pytest.mark.parametrize(("role", "code"), [("operator", 4403), ("client", 4403), (None, 4401)])
async def test_who_may_not_see_the_board_is_sent_away(
    app: FastAPI, person_as: PersonAs, project: UUID, role: str | None, code: int
) -> None:
    person = await person_as(role, projects=(project,)) if role else None
    async with Browser(app, person, PATH) as browser:
        assert await browser.next() == {"closed": code}


async def test_another_site_does_not_open_the_board(app: FastAPI, person_as: PersonAs, project: UUID) -> None:
    person = await person_as("supervisor", projects=(project,))
    async with Browser(app, person, PATH, origin="https://elsewhere.example") as browser:
        assert await browser.next() == {"closed": 4401}


async def test_nobody_watches_a_project_that_is_not_theirs(
    app: FastAPI, person_as: PersonAs, project: UUID, other_project: UUID
) -> None:
    person = await person_as("supervisor", projects=(project,))
    async with Browser(app, person, PATH, query=f"project={other_project}") as browser:
        assert await browser.next() == {"closed": 4401}


async def test_an_operator_whose_queues_are_taken_goes_from_the_board(
    dispatcher: Dispatcher, board: Board, centre: Centre
) -> None:
    sent: list[str] = []
    board.watch(frozenset({centre.project}), sent.append)
    sent.clear()
    profile = dispatcher.laid.profiles[centre.operators[0]]
    dispatcher.feed(f.ProfileChanged(type(profile)(id=profile.id, queues={})))
    board.look()
    assert f'"gone":["{profile.id}"]' in sent[0]


async def watch_for(dispatcher: Dispatcher, centre: Centre, **limits: float) -> None:
    wall = Wall(projects=frozenset({ProjectId(centre.project)}))
    async with work(dispatcher.database, wall, clock=dispatcher.clock) as unit:
        queue = await read_queue(unit, UUID(centre.queues[0]))
        form = QueueChange(thresholds=Thresholds.model_validate(limits))
        await change_queue(unit, queue.id, form, read=queue.version)
    await dispatcher.reload()


async def test_an_alarm_reaches_the_board_and_the_projects_supervisors_and_ends_by_itself(
    dispatcher: Dispatcher,
    board: Board,
    centre: Centre,
    client_as: ClientAs,
) -> None:
    mine = await client_as("supervisor", projects=(centre.project,))
    foreign = await client_as("supervisor", projects=())
    await watch_for(dispatcher, centre, waiting=2)
    names = [come(dispatcher, centre) for _ in range(2)]
    board.look()
    await board.alarms.write()
    (row,) = [row for row in (await mine.get("/api/board")).json()["queues"] if row["alerts"]]
    assert row["alerts"][0]["measure"] == "waiting"
    (notice,) = (await mine.get("/api/notices")).json()
    assert (notice["kind"], notice["measure"], notice["value"], notice["queue_id"]) == (
        "alert",
        "waiting",
        2.0,
        centre.queues[0],
    )
    assert (await foreign.get("/api/notices")).json() == []

    for name in names:
        dispatcher.feed(f.ContactLeft(ContactId(str(name))))
    board.look()
    await board.alarms.write()
    assert all(not row["alerts"] for row in (await mine.get("/api/board")).json()["queues"])
    assert (await mine.get("/api/notices")).json() == []


async def test_a_wait_that_grows_raises_its_alarm_though_nothing_happens(
    clock: TurnedClock, dispatcher: Dispatcher, board: Board, centre: Centre
) -> None:
    await watch_for(dispatcher, centre, longest_wait=60)
    come(dispatcher, centre)
    clock.advance(seconds=59)
    board.look()
    assert board.alarms.of(centre.queues[0]) == []
    clock.advance(seconds=1)
    board.look()
    assert [one.measure for one in board.alarms.of(centre.queues[0])] == [Measure.LONGEST_WAIT]


@pytest.mark.parametrize(
    ("measure", "threshold", "begins", "holds", "ends"),
    [
        (Measure.WAITING, 10, 10, 9, 8),
        (Measure.LONGEST_WAIT, 60, 60.0, 49.0, 48.0),
        (Measure.SERVICE_LEVEL, 0.8, 0.79, 0.81, 0.83),
        (Measure.ABANDONED, 5, 5, 5, 4),
    ],
)
def test_an_alarm_ends_only_when_the_figure_has_come_well_back(
    measure: Measure, threshold: float, begins: float, holds: float, ends: float
) -> None:
    assert beyond(measure, begins, threshold, alarmed=False)
    assert not beyond(measure, holds, threshold, alarmed=False) or measure is Measure.ABANDONED
    assert beyond(measure, holds, threshold, alarmed=True)
    assert not beyond(measure, ends, threshold, alarmed=True)


async def test_nobody_free_is_an_alarm_when_it_lasts(
    clock: TurnedClock, dispatcher: Dispatcher, board: Board, centre: Centre
) -> None:
    await watch_for(dispatcher, centre, free=1)
    queue = centre.queues[0]
    board.look()
    clock.advance(seconds=14)
    board.look()
    assert board.alarms.of(queue) == []
    clock.advance(seconds=1)
    board.look()
    assert [one.measure for one in board.alarms.of(queue)] == [Measure.FREE]
    dispatcher.feed(f.StateAsked(operator=centre.operators[0], state=OperatorState.READY))
    board.look()
    assert board.alarms.of(queue) == []
    dispatcher.feed(f.StateAsked(operator=centre.operators[0], state=OperatorState.OFF))
    board.look()
    assert board.alarms.of(queue) == [], "the time counts from the start again"


async def test_the_check_before_the_shift_is_on_the_board(
    app: FastAPI, dispatcher: Dispatcher, centre: Centre, client_as: ClientAs
) -> None:
    person = centre.people[0]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as bare:
        answer = await person.sign(bare).put("/api/work/selftest", json={"passed": False, "loss": 0.12})
        assert answer.status_code == 200, answer.text
    client = await client_as("supervisor", projects=(centre.project,))
    rows = {row["id"]: row for row in (await client.get("/api/board")).json()["operators"]}
    assert rows[str(person.id)]["check_passed"] is False
    check = (await client.get(f"/api/operators/{person.id}/selftest")).json()
    assert (check["passed"], check["loss"]) == (False, 0.12)
