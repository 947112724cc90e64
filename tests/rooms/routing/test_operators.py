"""Operators' states over HTTP: asked for, refused with the cap, forced with a trace; and the answers to "why"."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.routing.core import facts as f
from centrala.routing.core.settings import ContactId
from centrala.routing.service import Dispatcher
from conftest import BASE_URL, TurnedClock
from support.centre import Centre, make_centre
from support.people import Person

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PersonAs = Callable[..., Awaitable[Person]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]


@pytest.fixture
async def centre(database: Database, clock: TurnedClock, project: UUID) -> Centre:
    return await make_centre(database, clock, people=3, project=project)


@pytest.fixture
async def dispatcher(app: FastAPI, centre: Centre) -> Dispatcher:
    found: Dispatcher = app.state.dispatcher
    await found.reload()
    return found


@pytest.fixture
def at_desk(app: FastAPI) -> Callable[[Person], httpx.AsyncClient]:
    def sign(person: Person) -> httpx.AsyncClient:
        return person.sign(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL))

    return sign


Sign = Callable[[Person], httpx.AsyncClient]


async def test_an_operator_becomes_ready_and_leaves(dispatcher: Dispatcher, centre: Centre, at_desk: Sign) -> None:
    desk = at_desk(centre.people[0])
    assert (await desk.get("/api/work/state")).json()["state"] == "off"
    answer = (await desk.put("/api/work/state", json={"state": "ready"})).json()
    assert (answer["state"], answer["queues"]) == ("ready", list(centre.queues))
    assert (await desk.put("/api/work/state", json={"state": "off"})).json()["state"] == "off"


async def test_a_break_has_a_planned_end(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign, clock: TurnedClock
) -> None:
    desk = at_desk(centre.people[0])
    await desk.put("/api/work/state", json={"state": "ready"})
    form = {"state": "break", "break_id": str(centre.breaks["lunch"])}
    answer = (await desk.put("/api/work/state", json=form)).json()
    assert (answer["reason"], answer["break_id"]) == ("Queue lunch", str(centre.breaks["lunch"]))
    assert answer["until"] == "2026-11-20T09:30:00Z"


async def test_a_break_begins_when_the_contact_in_hand_is_over(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign
) -> None:
    desk = at_desk(centre.people[0])
    name = ContactId(str(new_id()))
    dispatcher.feed(f.ContactTaken(contact=name, operator=centre.operators[0]))
    form = {"state": "break", "break_id": str(centre.breaks["lunch"])}
    assert (await desk.put("/api/work/state", json=form)).json()["until"] is None
    dispatcher.feed(f.ContactLeft(name))
    assert (await desk.get("/api/work/state")).json()["until"] is not None


async def test_a_break_beyond_its_cap_is_refused_and_says_how_many_are_away(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign
) -> None:
    form = {"state": "break", "break_id": str(centre.breaks["short"])}
    first, second = at_desk(centre.people[0]), at_desk(centre.people[1])
    assert (await first.put("/api/work/state", json=form)).status_code == 200
    assert (await first.put("/api/work/state", json=form)).status_code == 200, "one's own place is not counted twice"
    answer = await second.put("/api/work/state", json=form)
    assert (answer.status_code, answer.json()["code"], answer.json()["on_break"]) == (409, "routing.break_full", 1)
    await first.put("/api/work/state", json={"state": "ready"})
    assert (await second.put("/api/work/state", json=form)).status_code == 200


async def test_no_more_of_the_whole_centre_than_allowed_are_on_a_break_whatever_its_kind(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign, client_as: ClientAs, trail: Trail
) -> None:
    administrator = await client_as("administrator")
    assert (await administrator.get("/api/breaks/cap")).json() == {"most": None}
    assert (await administrator.put("/api/breaks/cap", json={"most": 1})).json() == {"most": 1}
    await dispatcher.reload()
    first, second = at_desk(centre.people[0]), at_desk(centre.people[1])
    lunch, short = ({"state": "break", "break_id": str(centre.breaks[name])} for name in ("lunch", "short"))
    assert (await first.put("/api/work/state", json=lunch)).status_code == 200
    answer = await second.put("/api/work/state", json=short)
    assert (answer.status_code, answer.json()["code"], answer.json()["on_break"]) == (409, "routing.break_full", 1)
    await administrator.put("/api/breaks/cap", json={"most": None})
    await dispatcher.reload()
    assert (await second.put("/api/work/state", json=short)).status_code == 200
    assert [details for action, details in await trail() if action == "break.cap_set"] == [{"most": 1}, {"most": None}]


async def test_a_break_names_its_kind(dispatcher: Dispatcher, centre: Centre, at_desk: Sign) -> None:
    answer = await at_desk(centre.people[0]).put("/api/work/state", json={"state": "break"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "break_id")


async def test_somebody_hired_a_moment_ago_may_become_ready(
    app: FastAPI, database: Database, clock: TurnedClock, project: UUID, at_desk: Sign
) -> None:
    late = await make_centre(database, clock, people=1, project=project, prefix="Late")
    answer = await at_desk(late.people[0]).put("/api/work/state", json={"state": "ready"})
    assert (answer.status_code, answer.json()["queues"]) == (200, list(late.queues))


async def test_a_supervisor_forces_a_state_past_the_cap_with_a_trace(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign, client_as: ClientAs, trail: Trail
) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    form = {"state": "break", "break_id": str(centre.breaks["short"])}
    await at_desk(centre.people[0]).put("/api/work/state", json=form)
    path = f"/api/operators/{centre.people[1].id}/state"
    answer = await supervisor.post(path, json={**form, "reason": "Feels unwell"})
    assert (answer.status_code, answer.json()["state"]) == (200, "break")
    assert ("operator.state_forced", {"state": "break", "reason": "Feels unwell"}) in await trail()
    (notice,) = (await at_desk(centre.people[1]).get("/api/notices")).json()
    assert (notice["kind"], notice["text"]) == ("state", "Feels unwell")
    (lasting,) = [one for one in dispatcher.intervals.lasting.values() if one.person == centre.operators[1]]
    assert lasting.forced_by is not None


@pytest.mark.parametrize("reason", ["", "ab"])
async def test_force_needs_a_reason(centre: Centre, client_as: ClientAs, reason: str) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    answer = await supervisor.post(
        f"/api/operators/{centre.people[0].id}/state", json={"state": "off", "reason": reason}
    )
    assert answer.status_code == 422


async def test_a_supervisor_moves_a_person_between_their_queues_and_leaves_those_of_others(
    dispatcher: Dispatcher,
    centre: Centre,
    other_project: UUID,
    client_as: ClientAs,
    person_as: PersonAs,
) -> None:
    both = await person_as("operator", projects=(centre.project, other_project))
    foreign = await make_centre(dispatcher.database, dispatcher.clock, people=0, project=other_project, prefix="Other")
    manager = await client_as("manager")
    administrator = await client_as("administrator")
    served = {"queues": [{"queue_id": foreign.queues[0], "rank": 2}]}
    path = f"/api/operators/{both.id}/queues"
    assert (await administrator.put(path, json=served)).status_code == 200
    supervisor = await client_as("supervisor", projects=(centre.project,))
    moved = await supervisor.put(path, json={"queues": [{"queue_id": centre.queues[0], "rank": 1}]})
    assert moved.json() == {"queues": [{"queue_id": centre.queues[0], "rank": 1}]}
    assert {one["queue_id"] for one in (await manager.get(path)).json()["queues"]} == {
        centre.queues[0],
        foreign.queues[0],
    }
    await dispatcher.reload()
    view = dispatcher.operator(both.id)
    assert view is not None
    assert view.queues == {centre.queues[0]: 1, foreign.queues[0]: 2}


async def test_a_person_serves_only_queues_of_projects_that_they_work_on(
    database: Database, clock: TurnedClock, centre: Centre, other_project: UUID, client_as: ClientAs
) -> None:
    foreign = await make_centre(database, clock, people=0, project=other_project, prefix="Other")
    administrator = await client_as("administrator")
    form = {"queues": [{"queue_id": foreign.queues[0]}]}
    answer = await administrator.put(f"/api/operators/{centre.people[0].id}/queues", json=form)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_on_project")


async def test_why_an_operator_gets_nothing_is_told_with_what_would_have_to_change(
    dispatcher: Dispatcher, centre: Centre, client_as: ClientAs
) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    path = f"/api/operators/{centre.people[0].id}/why"
    assert [one["code"] for one in (await supervisor.get(path)).json()["reasons"]] == ["signed_out"]
    dispatcher.feed(f.StateAsked(operator=centre.operators[0], state=f.OperatorState.READY))
    name = new_id()
    fact = dispatcher.arrival(name, UUID(centre.queues[0]), language="ro")
    dispatcher.feed(fact)
    reasons = (await supervisor.get(path, params={"interaction": str(name)})).json()["reasons"]
    assert reasons == [{"code": "language_missing", "params": {"language": "ro", "needed": 1, "has": 0}}]


async def test_why_a_contact_waits_is_told_to_who_sees_its_queue(
    dispatcher: Dispatcher, centre: Centre, client_as: ClientAs, other_project: UUID
) -> None:
    name = new_id()
    dispatcher.feed(dispatcher.arrival(name, UUID(centre.queues[0])))
    supervisor = await client_as("supervisor", projects=(centre.project,))
    codes = [one["code"] for one in (await supervisor.get(f"/api/waiting/{name}/why")).json()["reasons"]]
    assert codes == ["nobody_signed_in", "in_line"]
    assert [one["interaction_id"] for one in (await supervisor.get("/api/waiting")).json()] == [str(name)]
    foreign = await client_as("supervisor", projects=(other_project,))
    assert (await foreign.get(f"/api/waiting/{name}/why")).status_code == 404
    assert (await foreign.get("/api/waiting")).json() == []


async def test_capacity_by_channel_is_kept_and_reaches_the_router(
    dispatcher: Dispatcher, centre: Centre, client_as: ClientAs
) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    path = f"/api/operators/{centre.people[0].id}/routing"
    assert (await supervisor.get(path)).json()["capacity"] == {"voice": 1}
    answer = await supervisor.put(path, json={"capacity": {"voice": 1, "chat": 3}})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    await dispatcher.reload()
    profile = dispatcher.router.state.operators[centre.operators[0]].profile
    assert {channel.value: most for channel, most in profile.capacity.items()} == {"voice": 1, "chat": 3}


async def test_an_operator_switches_channels_that_the_supervisor_allows_off_and_on(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign, client_as: ClientAs
) -> None:
    person, desk = centre.people[0], at_desk(centre.people[0])
    supervisor = await client_as("supervisor", projects=(centre.project,))
    await supervisor.put(f"/api/operators/{person.id}/routing", json={"capacity": {"voice": 1, "chat": 3, "mail": 2}})

    async def taken() -> dict[str, int]:
        await dispatcher.reload()
        profile = dispatcher.router.state.operators[centre.operators[0]].profile
        return {channel.value: most for channel, most in profile.capacity.items()}

    answer = (await desk.put("/api/work/choices", json={"off": ["chat", "video"], "rings_on": "phone"})).json()
    assert answer == {"capacity": {"voice": 1, "chat": 3, "mail": 2}, "off": ["chat"], "rings_on": "phone"}
    assert await taken() == {"voice": 1, "mail": 2}
    (row,) = [one for one in (await supervisor.get("/api/board")).json()["operators"] if one["id"] == str(person.id)]
    assert (row["channels"], row["off"]) == (["mail", "voice"], ["chat"])
    await desk.put("/api/work/choices", json={"off": []})
    assert await taken() == {"voice": 1, "chat": 3, "mail": 2}
    assert (await desk.get("/api/work/choices")).json()["rings_on"] == "all"


async def test_one_channel_stays_on_and_a_choice_that_leaves_nothing_counts_as_none(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign, client_as: ClientAs
) -> None:
    person, desk = centre.people[0], at_desk(centre.people[0])
    answer = await desk.put("/api/work/choices", json={"off": ["voice"]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "nothing_left")
    supervisor = await client_as("supervisor", projects=(centre.project,))
    path = f"/api/operators/{person.id}/routing"
    await supervisor.put(path, json={"capacity": {"voice": 1, "chat": 3}})
    assert (await desk.put("/api/work/choices", json={"off": ["voice"]})).status_code == 200
    await supervisor.put(path, json={"capacity": {"voice": 1}})
    await dispatcher.reload()
    profile = dispatcher.router.state.operators[centre.operators[0]].profile
    assert dict(profile.capacity) == {"voice": 1}


async def test_a_choice_is_the_persons_own(
    dispatcher: Dispatcher, centre: Centre, at_desk: Sign, client_as: ClientAs
) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    await supervisor.put(f"/api/operators/{centre.people[0].id}/routing", json={"capacity": {"voice": 1, "chat": 3}})
    await at_desk(centre.people[0]).put("/api/work/choices", json={"off": ["chat"]})
    assert (await at_desk(centre.people[1]).get("/api/work/choices")).json()["off"] == []


async def test_a_node_that_does_not_route_says_so(dispatcher: Dispatcher, centre: Centre, at_desk: Sign) -> None:
    dispatcher.routes = False
    answer = await at_desk(centre.people[0]).put("/api/work/state", json={"state": "ready"})
    assert (answer.status_code, answer.json()["code"]) == (503, "routing.elsewhere")


async def test_who_went_home_without_signing_out_is_signed_out_after_a_while(
    dispatcher: Dispatcher, centre: Centre, clock: TurnedClock
) -> None:
    there, gone, eating = centre.operators
    for one in (there, gone):
        dispatcher.feed(f.StateAsked(operator=one, state=f.OperatorState.READY))
    lunch = str(centre.breaks["lunch"])
    dispatcher.feed(f.StateAsked(operator=eating, state=f.OperatorState.BREAK, reason=lunch))
    for one in (gone, eating):
        dispatcher.feed(f.PresenceChanged(one, present=False))

    def states() -> list[str]:
        dispatcher.sign_out_the_absent()
        return [dispatcher.router.state.operators[one].state.value for one in centre.operators]

    assert states() == ["ready", "ready", "break"]
    clock.advance(minutes=14, seconds=59)
    assert states() == ["ready", "ready", "break"]
    clock.advance(seconds=1)
    assert states() == ["ready", "off", "break"]
    clock.advance(minutes=30)
    assert states() == ["ready", "off", "off"]
