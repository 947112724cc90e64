"""What is too old goes at night, in batches; what somebody still needs stays."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from centrala.kit import outbox
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.outbox import ConsumerRow, EventRow, ParkedRow
from centrala.kit.settings import RetentionSettings
from centrala.node.jobs import forget
from centrala.routing.models import NoticeReaderRow, NoticeRow, OperatorStateRow
from conftest import TurnedClock
from support.people import Person

RULES = RetentionSettings(facts_days=30, states_days=31, notices_days=10)


@pytest.fixture
async def person(person_as: Callable[..., Awaitable[Person]]) -> Person:
    return await person_as("operator")


@pytest.fixture
async def facts(database: Database, clock: TurnedClock) -> list[int]:
    """Positions of facts of 40, 35, 31 and 1 days ago; the one consumer has handled all of them."""
    async with database.begin(CENTRE) as session:
        await session.execute(delete(EventRow))
        rows = []
        for days in (40, 35, 31, 1):
            row = EventRow(at=clock() - timedelta(days=days), kind="thing.done", aggregate_id=new_id(), payload={})
            session.add(row)
            await session.flush()
            rows.append(row.position)
        await session.execute(delete(ConsumerRow))
        session.add(ConsumerRow(name="reports", position=rows[-1]))
    return rows


async def left(database: Database) -> list[int]:
    async with database.begin(CENTRE) as session:
        return list(await session.scalars(select(EventRow.position).order_by(EventRow.position)))


async def test_old_facts_go_batch_by_batch(
    database: Database, clock: TurnedClock, facts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FORGOTTEN", 2)
    assert (await forget(database, RULES, now=clock()))["facts"] == 3
    assert await left(database) == facts[3:]


async def test_a_fact_that_somebody_has_not_handled_stays(
    database: Database, clock: TurnedClock, facts: list[int]
) -> None:
    async with database.begin(CENTRE) as session:
        await session.execute(update(ConsumerRow).values(position=facts[1]))
        session.add(ParkedRow(consumer="reports", position=facts[0], aggregate_id=new_id(), error="X"))
    assert (await forget(database, RULES, now=clock()))["facts"] == 1
    assert await left(database) == [facts[0], *facts[2:]]


async def test_the_log_does_not_become_empty_when_nothing_new_happens(
    database: Database, clock: TurnedClock, facts: list[int]
) -> None:
    assert (await forget(database, RULES, now=clock() + timedelta(days=100)))["facts"] == 0


async def test_states_that_ended_long_ago_go_and_one_that_lasts_stays(
    database: Database, clock: TurnedClock, person: Person
) -> None:
    async with database.begin(CENTRE) as session:
        for began, ended in ((50, 40), (40, 5), (60, None)):
            session.add(
                OperatorStateRow(
                    id=new_id(),
                    person_id=person.id,
                    state="ready",
                    reason="",
                    since=clock() - timedelta(days=began),
                    until=None if ended is None else clock() - timedelta(days=ended),
                )
            )
    assert (await forget(database, RULES, now=clock()))["states"] == 1


async def test_old_notices_go_with_their_readers_but_not_an_alert_that_lasts(
    database: Database, clock: TurnedClock, project: UUID, person: Person
) -> None:
    wall = Wall(centre=True, projects=frozenset({ProjectId(project)}))
    old = clock() - timedelta(days=11)
    async with database.begin(wall) as session:
        for kind, at in (("broadcast", old), ("alert", old), ("broadcast", clock())):
            row = NoticeRow(id=new_id(), project_id=project, kind=kind, text="", at=at)
            session.add(row)
            await session.flush()
            session.add(NoticeReaderRow(notice_id=row.id, person_id=person.id, project_id=project))
    assert (await forget(database, RULES, now=clock()))["notices"] == 1
    async with database.begin(wall) as session:
        assert len((await session.scalars(select(NoticeReaderRow))).all()) == 2
