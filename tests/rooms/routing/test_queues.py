"""Queues and breaks over HTTP: validated as the router needs them, versioned, behind the wall."""

from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.work import work
from centrala.projects.schemas import CalendarIn, HoursSpan
from centrala.projects.service import create_calendar
from centrala.routing.core.settings import QueueId
from centrala.routing.dispatch.load import queue_settings
from centrala.routing.schemas import QueueRules
from centrala.routing.service import Dispatcher
from conftest import TurnedClock
from support.centre import make_centre

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


async def made(client: httpx.AsyncClient, project: UUID, **form: Any) -> dict[str, Any]:
    answer = await client.post("/api/queues", json={"project_id": str(project), "name": "Faults", **form})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_queue_is_made_changed_and_archived(client_as: ClientAs, project: UUID, facts: Facts) -> None:
    client = await client_as("supervisor", projects=(project,))
    queue = await made(client, project)
    path = f"/api/queues/{queue['id']}"
    changed = await client.patch(path, json={"rules": {"target": 10}}, headers={"If-Match": '"1"'})
    assert (changed.json()["rules"]["target"], changed.headers["ETag"]) == (10, '"2"')
    stale = await client.patch(path, json={"note": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await client.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await client.get("/api/queues")).json()["items"] == []
    again = await client.patch(path, json={"note": "x"}, headers={"If-Match": '"3"'})
    assert again.json()["code"] == "routing.queue_archived"
    assert [kind for kind, about in await facts() if about == queue["id"]] == ["queue.changed"] * 3
    await made(client, project)  # the name is free again


async def test_two_queues_of_a_project_have_two_names(client_as: ClientAs, project: UUID) -> None:
    client = await client_as("supervisor", projects=(project,))
    await made(client, project)
    answer = await client.post("/api/queues", json={"project_id": str(project), "name": "Faults"})
    assert (answer.status_code, answer.json()["code"]) == (409, "routing.queue_name_taken")


def target(kind: str, value: str = "") -> dict[str, str]:
    return {"kind": kind, "value": value}


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"overflow": [{"to": target("hang_up")}]}, "rules.overflow.0"),
        ({"overflow": [{"to": target("hang_up"), "after": 5, "place": 3}]}, "rules.overflow.0"),
        ({"full": target("queue")}, "rules.full"),
        ({"full": target("hang_up", "x")}, "rules.full"),
        ({"steps": [{"after": 30}, {"after": 10}]}, "rules"),
        ({"ring": 1}, "rules.ring"),
        ({"target": 1e9}, "rules.target"),
        ({"unheard_of": 1}, "rules.unheard_of"),
        ({"closed": target("queue", "01890000-0000-7000-8000-000000000000")}, "rules.closed.value"),
    ],
)
async def test_rules_that_no_router_can_follow_are_refused_by_field(
    client_as: ClientAs, project: UUID, rules: dict[str, Any], field: str
) -> None:
    client = await client_as("supervisor", projects=(project,))
    answer = await client.post("/api/queues", json={"project_id": str(project), "name": "Faults", "rules": rules})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_queue_does_not_send_to_itself_or_into_another_project(
    client_as: ClientAs, project: UUID, other_project: UUID
) -> None:
    client = await client_as("administrator")
    mine, foreign = await made(client, project), await made(client, other_project)
    for goal in (mine["id"], foreign["id"]):
        form = {"rules": {"full": target("queue", goal)}}
        answer = await client.patch(f"/api/queues/{mine['id']}", json=form, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "rules.full.value")


def test_every_rule_of_the_core_can_be_set_and_arrives() -> None:
    """A rule that the core learns needs its field here."""
    form = QueueRules.model_validate(
        {
            "strategy": "best_fit",
            "target": 11,
            "ring": 12,
            "wrap_up": 13,
            "language_level": 2,
            "max_rank": 1,
            "steps": [{"after": 5, "levels_down": 1, "drop_skills": True, "drop_language": True, "max_rank": 3}],
            "last_operator_first": True,
            "last_operator_wait": 14,
            "decline_pause": 15,
            "missed_before_pause": 2,
            "overflow": [{"to": target("voicemail", "box"), "place": 7}],
            "max_length": 8,
            "full": target("menu", "busy"),
            "max_wait": 16,
            "too_long": target("number", "+37322000000"),
            "no_operator": target("hang_up"),
            "no_operator_after": 17,
            "closed": target("voicemail", "night"),
            "serve_out": False,
            "callback_after": 18,
            "callback_expected": 19,
            "callback_attempts": 4,
            "callback_pause": 20,
            "announce_first": 21,
            "announce_every": 22,
            "handling_guess": 23,
            "max_on_break": 5,
        }
    )
    queue = UUID("01890000-0000-7000-8000-000000000000")
    given, usual = queue_settings(queue, form), queue_settings(queue, QueueRules())
    assert given.id == QueueId(str(queue))
    same = [name for name in given.__slots__ if name != "id" and getattr(given, name) == getattr(usual, name)]
    assert same == []


async def test_who_serves_a_queue_reaches_the_router_with_skills_and_languages(
    app: FastAPI, database: Database, clock: TurnedClock, project: UUID, client_as: ClientAs
) -> None:
    centre = await make_centre(database, clock, people=2, project=project)
    client = await client_as("supervisor", projects=(project,))
    path = f"/api/queues/{centre.queues[0]}/operators"
    form = {"members": [{"person_id": str(centre.people[1].id), "rank": 3}]}
    assert [one["rank"] for one in (await client.put(path, json=form)).json()] == [3]
    dispatcher: Dispatcher = app.state.dispatcher
    await dispatcher.reload()
    assert dispatcher.router.state.queues[centre.queues[0]].members == {centre.operators[1]: 3}


async def test_a_queue_opens_and_closes_with_its_calendar(
    app: FastAPI, database: Database, clock: TurnedClock, project: UUID, client_as: ClientAs
) -> None:
    async with work(database, Wall(centre=True, projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        form = CalendarIn(
            project_id=project,
            name="Office",
            time_zone="Europe/Chisinau",
            hours=[HoursSpan(weekday=4, opens=time(9), closes=time(12))],  # the clock begins on Friday at 11:00 there
        )
        calendar = await create_calendar(unit, form)
    client = await client_as("supervisor", projects=(project,))
    queue = await made(client, project, calendar_id=str(calendar.id))
    dispatcher: Dispatcher = app.state.dispatcher
    await dispatcher.reload()
    row = dispatcher.router.state.queues[QueueId(queue["id"])]
    assert row.open
    clock.advance(minutes=59, seconds=59)
    dispatcher.look_at_the_hours()
    assert row.open
    clock.advance(seconds=1)
    dispatcher.look_at_the_hours()
    assert not row.open


async def test_breaks_are_the_centres(client_as: ClientAs, project: UUID) -> None:
    supervisor, manager = await client_as("supervisor", projects=(project,)), await client_as("manager")
    form = {"name": "Lunch", "planned_minutes": 30, "paid": False}
    assert (await supervisor.post("/api/breaks", json=form)).status_code == 403
    made = (await manager.post("/api/breaks", json=form)).json()
    assert (await manager.post("/api/breaks", json=form)).json()["code"] == "routing.break_name_taken"
    assert [one["name"] for one in (await supervisor.get("/api/breaks")).json()] == ["Lunch"]
    path = f"/api/breaks/{made['id']}"
    changed = await manager.patch(path, json={"cap": 3}, headers={"If-Match": '"1"'})
    assert changed.json()["cap"] == 3
    assert (await manager.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await supervisor.get("/api/breaks")).json() == []
