"""Live cards of people and projects: a snapshot and the facts since are what a fresh snapshot shows, for every desk."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.live import Scoped, Topic
from centrala.kit.outbox import EventRow, OutboxRow
from centrala.people.live import TOPICS as PEOPLE
from centrala.projects.live import TOPICS as PROJECTS
from centrala.web.live import Message

Answer = dict[str, Any]
Cards = dict[str, Answer]
Make = Callable[..., Awaitable[Answer]]
TOPICS = (*PEOPLE, *PROJECTS)


class Desk:
    """A desk that took a snapshot of every topic and applies what the server sends."""

    def __init__(self, database: Database, wall: Wall, everything: Wall) -> None:
        self.database, self.wall, self.everything = database, wall, everything
        self.cards: dict[str, Cards] = {}
        self.last = 0

    async def start(self) -> None:
        self.cards = {topic.name: await self.snapshot(topic) for topic in TOPICS}
        self.last = max((row.id for row in await self._facts()), default=0)

    async def snapshot(self, topic: Topic) -> Cards:
        async with self.database.begin(self.wall) as session:
            shown = [one.card.model_dump(mode="json") for one in await topic.load(session, None)]
        return {card["id"]: card for card in shown}

    async def catch_up(self) -> None:
        for row in await self._facts():
            for topic in TOPICS:
                if row.kind in topic.kinds:
                    self._apply(topic, row, await self._card(topic, row.aggregate_id))

    def _apply(self, topic: Topic, row: OutboxRow, scoped: Scoped | None) -> None:
        event = EventRow(position=row.id, kind=row.kind, aggregate_id=row.aggregate_id, payload=row.payload)
        sent = Message.of(topic.name, event, scoped).for_wall(self.wall)
        if sent is None:
            return
        message = json.loads(sent)
        self.cards[topic.name].pop(message["id"], None)
        if message["item"] is not None:
            self.cards[topic.name][message["id"]] = message["item"]

    async def _card(self, topic: Topic, thing: UUID) -> Scoped | None:
        async with self.database.begin(self.everything) as session:
            return next(iter(await topic.load(session, [thing])), None)

    async def _facts(self) -> list[OutboxRow]:
        async with self.database.begin(CENTRE) as session:
            query = select(OutboxRow).where(OutboxRow.id > self.last).order_by(OutboxRow.id)
            return list((await session.scalars(query)).all())


@pytest.fixture
def desks(database: Database, project: UUID, other_project: UUID) -> list[Desk]:
    """One of the centre, and one of each of two projects."""
    one, other = ProjectId(project), ProjectId(other_project)
    everything = Wall(centre=True, projects=frozenset({one, other}))
    walls = (everything, Wall(projects=frozenset({one})), Wall(projects=frozenset({other})))
    return [Desk(database, wall, everything) for wall in walls]


CHANGES: dict[str, dict[str, Any]] = {
    "a new name": {"given_name": "Anna"},
    "another project": {"project_ids": "other"},
    "no project any more": {"project_ids": []},
    "both projects": {"project_ids": "both"},
    "out of the team": {"team_id": None},
    "into another team": {"team_id": "other"},
    "no skills": {"skills": []},
    "another team and project": {"team_id": "other", "project_ids": "other", "skills": []},
}


@pytest.mark.parametrize("name", CHANGES)
async def test_after_a_change_of_a_person_every_desk_shows_what_a_fresh_one_shows(
    administrator: httpx.AsyncClient,
    hire: Make,
    make_team: Make,
    make_skill: Make,
    *,
    desks: list[Desk],
    project: UUID,
    other_project: UUID,
    name: str,
) -> None:
    team, other_team, skill = await make_team(), await make_team(name="Night"), await make_skill()
    skills = [{"skill_id": skill["id"], "level": 3}]
    ana = await hire(team_id=team["id"], skills=skills, project_ids=[str(project)])
    for desk in desks:
        await desk.start()
    choices = {
        "project_ids": {"other": [str(other_project)], "both": [str(project), str(other_project)]},
        "team_id": {"other": other_team["id"]},
    }
    body = {
        field: choices[field][value] if isinstance(value, str) and field in choices else value
        for field, value in CHANGES[name].items()
    }
    answer = await administrator.patch(
        f"/api/employees/{ana['id']}", json=body, headers={"If-Match": f'"{ana["version"]}"'}
    )
    assert answer.status_code == 200, answer.text
    await agree(desks)


async def test_hiring_dismissing_erasing_and_removing_reach_every_desk(
    administrator: httpx.AsyncClient, hire: Make, make_team: Make, make_skill: Make, *, desks: list[Desk], project: UUID
) -> None:
    for desk in desks:
        await desk.start()
    team, skill = await make_team(), await make_skill()
    skills = [{"skill_id": skill["id"], "level": 3}]
    ana = await hire(team_id=team["id"], skills=skills, project_ids=[str(project)])
    await agree(desks)
    for action, body in (("dismiss", {}), ("erase", {"confirm": "ana.rusu"})):
        address = f"/api/employees/{ana['id']}"
        headers = {"If-Match": (await administrator.get(address)).headers["ETag"]}
        assert (await administrator.post(f"{address}/{action}", json=body, headers=headers)).status_code == 200
        await agree(desks)
    for address in (f"/api/teams/{team['id']}", f"/api/skills/{skill['id']}"):
        assert (await administrator.patch(address, json={"name": "X"}, headers={"If-Match": '"1"'})).status_code == 200
        await agree(desks)
        assert (await administrator.delete(address, headers={"If-Match": '"2"'})).status_code == 204
        await agree(desks)


async def test_companies_projects_and_calendars_reach_the_desks_that_see_them(
    administrator: httpx.AsyncClient, desks: list[Desk], project: UUID
) -> None:
    for desk in desks:
        await desk.start()
    about = (await administrator.get(f"/api/projects/{project}")).json()
    calendar = {"project_id": str(project), "name": "Week", "time_zone": "UTC"}
    calendar = (await administrator.post("/api/calendars", json=calendar)).json()
    await agree(desks)
    for method, address, body in (
        ("POST", "/api/companies", {"name": "New", "country": "MD"}),
        ("PATCH", f"/api/companies/{about['company_id']}", {"name": "Other name"}),
        ("PATCH", f"/api/projects/{project}", {"name": "Other name"}),
        ("POST", f"/api/projects/{project}/numbers", {"number": "022 123 456"}),
        ("PATCH", f"/api/calendars/{calendar['id']}", {"name": "Other name"}),
        ("DELETE", f"/api/calendars/{calendar['id']}", None),
        ("POST", f"/api/projects/{project}/archive", None),
        ("POST", f"/api/companies/{about['company_id']}/archive", None),
    ):
        thing = address.removesuffix("/archive").removesuffix("/numbers")
        headers = {"If-Match": (await administrator.get(thing)).headers.get("ETag", "")}
        answer = await administrator.request(method, address, json=body, headers=headers)
        assert answer.is_success, answer.text
        await agree(desks)


async def agree(desks: list[Desk]) -> None:
    for desk in desks:
        await desk.catch_up()
        for topic in TOPICS:
            assert desk.cards[topic.name] == await desk.snapshot(topic), (topic.name, desk.wall)
