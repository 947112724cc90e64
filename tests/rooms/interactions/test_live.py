"""Live cards of contacts: a snapshot and the facts since are what a fresh snapshot shows."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from centrala.customers.live import TOPICS as CUSTOMERS
from centrala.interactions.core import Result, TimelineKind
from centrala.interactions.journal import Journal, NewInteraction
from centrala.interactions.live import TOPICS as INTERACTIONS
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.outbox import EventRow, OutboxRow
from centrala.web.live import Message
from conftest import TurnedClock
from support.contacts import CUSTOMER, Contact, at, seen

TOPICS = (*CUSTOMERS, *INTERACTIONS)
Cards = dict[str, dict[str, Any]]


class Desk:
    """A desk that took a snapshot and applies what the server sends."""

    def __init__(self, database: Database, wall: Wall, everything: Wall) -> None:
        self.database, self.wall, self.everything = database, wall, everything
        self.cards: dict[str, Cards] = {}

    async def snapshot(self) -> dict[str, Cards]:
        async with self.database.begin(self.wall) as session:
            return {
                topic.name: {
                    str(one.card.id): one.card.model_dump(mode="json") for one in await topic.load(session, None)
                }
                for topic in TOPICS
            }

    async def catch_up(self, since: int) -> None:
        async with self.database.begin(self.everything) as session:
            rows = (await session.scalars(select(OutboxRow).where(OutboxRow.id > since).order_by(OutboxRow.id))).all()
            for row in rows:
                for topic in TOPICS:
                    if row.kind in topic.kinds:
                        scoped = next(iter(await topic.load(session, [row.aggregate_id])), None)
                        event = EventRow(
                            position=row.id,
                            kind=row.kind,
                            aggregate_id=row.aggregate_id,
                            project_id=row.project_id,
                            payload=row.payload,
                        )
                        self._apply(topic.name, Message.of(topic.name, event, scoped).for_wall(self.wall))

    def _apply(self, topic: str, sent: str | None) -> None:
        if sent is None:
            return
        message = json.loads(sent)
        self.cards[topic].pop(message["id"], None)
        if message["item"] is not None:
            self.cards[topic][message["id"]] = message["item"]


@pytest.fixture
def desks(database: Database, project: UUID, other_project: UUID) -> list[Desk]:
    one, other = ProjectId(project), ProjectId(other_project)
    everything = Wall(centre=True, projects=frozenset({one, other}))
    walls = (everything, Wall(projects=frozenset({one})), Wall(projects=frozenset({other})))
    return [Desk(database, wall, everything) for wall in walls]


async def last_fact(database: Database) -> int:
    async with database.begin(CENTRE) as session:
        return max((await session.scalars(select(OutboxRow.id))).all(), default=0)


async def test_desks_follow_whatever_happens_to_contacts(
    desks: list[Desk],
    database: Database,
    journal: Journal,
    clock: TurnedClock,
    supervisor: httpx.AsyncClient,
    *,
    contact: Contact,
    project: UUID,
) -> None:
    for one in desks:
        one.cards = await one.snapshot()
    since = await last_fact(database)
    call = journal.begin(NewInteraction(project_id=project, party_number=CUSTOMER))
    journal.tell(call, TimelineKind.ANSWERED, clock(), person_id=new_id())
    await journal.flush()
    journal.finish(call, clock() + timedelta(minutes=1), Result.ANSWERED)
    await journal.flush()
    mine = f"/api/interactions/{contact.interaction}"
    done = {"outcome_id": str(contact.outcome)}
    script = {"project_id": str(project), "title": "New", "text": "Good day"}
    node = {"project_id": str(project), "kind": "cause", "code": "new", "labels": {"en": "New"}}
    promise = {"interaction_id": str(contact.interaction), "due_at": clock().isoformat()}
    made = [
        await supervisor.put(f"{mine}/disposition", json=done, headers=at(1)),
        await supervisor.post("/api/project-scripts", json=script),
        await supervisor.post("/api/dispositions", json=node),
        await supervisor.post("/api/promises", json=promise),
        await supervisor.post("/api/promises", json=promise),
        await supervisor.patch(f"/api/customers/{contact.customer}", json={"mark": "vip"}, headers=at(1)),
    ]
    assert [answer.is_success for answer in made] == [True] * len(made)
    await supervisor.delete(f"/api/project-scripts/{made[1].json()['id']}", headers=at(1))
    await supervisor.post(f"/api/dispositions/{made[2].json()['id']}/archive", headers=at(1))
    await supervisor.post(f"/api/promises/{made[3].json()['id']}/done", headers=at(1))
    for one in desks:
        before = json.dumps(one.cards)
        await one.catch_up(since)
        assert one.cards == await one.snapshot()
        sees = one.wall.centre or ProjectId(project) in one.wall.projects
        assert (json.dumps(one.cards) != before) == sees


async def test_cards_carry_nothing_personal(database: Database, contact: Contact, project: UUID) -> None:
    for topic in TOPICS:
        async with database.begin(seen(project)) as session:
            text = " ".join(one.card.model_dump_json() for one in await topic.load(session, None))
        assert "Maria" not in text, topic.name
        assert "router" not in text, topic.name
        assert CUSTOMER[1:] not in text, topic.name
