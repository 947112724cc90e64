"""Rows of calls in the real store: batches, walls, facts, and rows that the store refuses."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.outbox import OutboxRow
from centrala.kit.work import work
from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.events import call_ended
from centrala.telephony.calls.models import CallRow, DialogRow, LegRow
from centrala.telephony.calls.store import DatabaseStore, Kind, Position, read_kept, read_position
from support.calls import a_call

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def a_row(call: UUID, **more: Any) -> dict[str, Any]:
    row = dict.fromkeys((column.name for column in CallRow.__table__.columns), None)
    fields = {"id": call, "node": "main", "direction": "in", "caller": "+37369123456", "callee": "1001"}
    return {**row, **fields, "started_at": AT, **more}


async def stored(database: Database, wall: Wall) -> int:
    async with database.begin(wall) as session:
        return await session.scalar(select(func.count()).select_from(CallRow)) or 0


@pytest.fixture
async def store(database: Database) -> DatabaseStore:
    return DatabaseStore(database, node="main")


async def test_what_is_put_is_stored_when_flushed_returns(store: DatabaseStore, database: Database) -> None:
    store.start()
    call = new_id()
    store.put(Kind.CALL, call, call, lambda: a_row(call))
    assert await store.flushed()
    assert await stored(database, CENTRE) == 1
    await store.close()


async def test_many_changes_of_a_row_are_one_row_of_one_transaction(store: DatabaseStore, database: Database) -> None:
    call = new_id()
    state: dict[str, Any] = {"ended_at": None}
    for _ in range(5):
        store.put(Kind.CALL, call, call, lambda: a_row(call, **state))
    state["ended_at"] = AT
    store.start()
    await store.close()
    assert store.counters == {"transactions": 1, "rows": 1}
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(CallRow.ended_at))).all() == [AT]


async def test_a_call_without_a_project_is_seen_by_the_centre_alone(
    store: DatabaseStore, database: Database, project: UUID
) -> None:
    store.start()
    call = new_id()
    store.put(Kind.CALL, call, call, lambda: a_row(call))
    await store.flushed()
    of_project = Wall(projects=frozenset({ProjectId(project)}))
    assert (await stored(database, CENTRE), await stored(database, of_project)) == (1, 0)
    store.put(Kind.CALL, call, call, lambda: a_row(call, project_id=project), project=project)
    await store.flushed()
    assert (await stored(database, CENTRE), await stored(database, of_project)) == (0, 1)
    await store.close()


async def test_a_fact_leaves_with_the_rows(store: DatabaseStore, database: Database) -> None:
    store.start()
    call = new_id()
    store.put(Kind.CALL, call, call, lambda: a_row(call, ended_at=AT))
    store.tell(call_ended(call, project_id=None, ending=ours(Cause.BUSY)), call)
    await store.flushed()
    async with database.begin(CENTRE) as session:
        (fact,) = (await session.scalars(select(OutboxRow))).all()
    assert (fact.kind, fact.aggregate_id, fact.payload["cause"]) == ("call.ended", call, "busy")
    await store.close()


async def test_the_rows_of_one_call_are_refused_alone(store: DatabaseStore, database: Database) -> None:
    good, bad = new_id(), new_id()
    store.put(Kind.CALL, bad, bad, lambda: a_row(bad, caller=None))
    store.put(Kind.CALL, good, good, lambda: a_row(good))
    store.start()
    await store.close()
    assert store.counters["rows_refused"] == 1
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(CallRow.id))).all() == [good]


async def test_a_dialog_of_a_leg_that_is_over_is_not_left(store: DatabaseStore, database: Database) -> None:
    store.start()
    call, leg = new_id(), new_id()
    row = {"leg_id": leg, "call_id": call, "node": "main", "stored_at": AT, "state": {"role": "party"}}
    store.put(Kind.DIALOG, leg, call, lambda: row)
    await store.flushed()
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(DialogRow.state))).all() == [{"role": "party"}]
    store.forget_dialog(leg, call)
    await store.flushed()
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(DialogRow))).all() == []
    await store.close()


async def test_the_engines_position_is_kept_with_the_rows(store: DatabaseStore, database: Database) -> None:
    store.start()
    call = new_id()
    assert await read_position(database, "main") is None
    store.note_position(Position("abc", 17))
    store.put(Kind.CALL, call, call, lambda: a_row(call))
    await store.flushed()
    assert await read_position(database, "main") == Position("abc", 17)
    assert await read_position(database, "other") is None
    await store.close()


async def test_what_has_not_ended_is_found_again_by_its_node(database: Database, clock: Clock, project: UUID) -> None:
    async with work(database, Wall(centre=True, projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        of_project, of_centre = await a_call(unit, project), await a_call(unit, None)
    kept = await read_kept(database, "main")
    assert {row["id"] for row in kept.calls} == {of_project, of_centre}
    assert (len(kept.legs), len(kept.recordings)) == (2, 2)
    assert (await read_kept(database, "elsewhere")).calls == []


async def test_an_answer_waits_no_longer_than_its_patience(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("centrala.telephony.calls.store.PATIENCE", 0.01)
    call = new_id()
    store.put(Kind.CALL, call, call, lambda: a_row(call))  # nobody writes: the task is not started
    assert await store.flushed() is False
    assert store.counters["answers_not_waited_for"] == 1


async def test_a_database_that_went_away_gets_everything_when_it_is_back(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("centrala.telephony.calls.store.RETRY_DELAYS", (0.01,))
    store = DatabaseStore(committing_database, node="main")
    call, killed = new_id(), 0
    whole = committing_database.write

    def broken(*_args: object, **_more: object) -> Any:
        nonlocal killed
        killed += 1
        raise OSError("the server is away")

    monkeypatch.setattr(committing_database, "write", broken)
    store.start()
    store.put(Kind.CALL, call, call, lambda: a_row(call))
    while killed < 3:
        await asyncio.sleep(0)
        await asyncio.sleep(0.005)
    monkeypatch.setattr(committing_database, "write", whole)
    await store.flushed()
    assert await stored(committing_database, CENTRE) == 1
    await store.close()


async def test_legs_are_found_by_the_number_of_the_peer_in_e164(
    database: Database, clock: Clock, project: UUID
) -> None:
    wall = Wall(centre=True, projects=frozenset({ProjectId(project)}))
    async with work(database, wall, clock=clock) as unit:
        await a_call(unit, project)
    async with database.begin(wall) as session:
        assert (await session.scalars(select(LegRow.peer))).all() == ["+37369123456"]
        assert await session.scalar(text("SELECT count(*) FROM call_legs WHERE peer LIKE '+%'")) == 1
