"""The audit trail cannot be changed unseen."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from centrala.kit import audit
from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from centrala.node.postgres import EmbeddedPostgres
from centrala.security.service import verify_audit


async def leave_traces(database: Database, clock: Clock, count: int) -> None:
    async with work(database, CENTRE, clock=clock) as unit:
        for number in range(count):
            unit.trace("thing.changed", "thing", new_id(), fields=["name"], number=number)


async def verdict(database: Database) -> audit.Verdict:
    async with database.begin(CENTRE) as session:
        return await audit.verify(session)


async def test_an_untouched_trail_proves_itself(database: Database, clock: Clock) -> None:
    await leave_traces(database, clock, 3)
    await leave_traces(database, clock, 2)
    found = await verdict(database)
    assert (found.ok, found.rows) == (True, 5)


async def test_an_empty_trail_is_whole(database: Database) -> None:
    assert (await verdict(database)).ok


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_program_cannot_change_what_it_wrote(database: Database, clock: Clock, statement: str) -> None:
    await leave_traces(database, clock, 1)

    async def attempt() -> None:
        async with database.begin(CENTRE) as session:
            await session.execute(text(statement))

    with pytest.raises(DBAPIError):
        await attempt()


async def test_even_the_owner_is_stopped_by_the_trigger(
    committing_database: Database, clock: Clock, postgres: EmbeddedPostgres
) -> None:
    await leave_traces(committing_database, clock, 1)
    owner = create_async_engine(postgres.owner_url)

    async def attempt() -> None:
        async with owner.begin() as connection:
            await connection.execute(text("DELETE FROM audit"))

    with pytest.raises(DBAPIError, match="append-only"):
        await attempt()
    await owner.dispose()


async def forge(postgres: EmbeddedPostgres, statement: str) -> None:
    """What somebody with the database's own rights could do."""
    owner = create_async_engine(postgres.owner_url)
    connection: AsyncConnection
    async with owner.begin() as connection:
        await connection.execute(text("SET session_replication_role = replica"))
        await connection.execute(text(statement))
    await owner.dispose()


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET action = 'thing.read' WHERE seq = 2", 2),
        ("UPDATE audit SET details = '{}' WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("UPDATE audit SET at = at + interval '1 second' WHERE seq = 3", 3),
    ],
)
async def test_a_row_that_was_changed_or_taken_out_shows(
    committing_database: Database, clock: Clock, postgres: EmbeddedPostgres, statement: str, broken_at: int
) -> None:
    await leave_traces(committing_database, clock, 3)
    await forge(postgres, statement)
    found = await verdict(committing_database)
    assert (found.ok, found.broken_at) == (False, broken_at)


async def test_an_end_that_was_cut_off_shows_by_the_anchor_outside(
    committing_database: Database, clock: Clock, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    await leave_traces(committing_database, clock, 3)
    assert (await verify_audit(committing_database, tmp_path)).ok
    await forge(postgres, "DELETE FROM audit WHERE seq = 3")
    assert (await verdict(committing_database)).ok, "the chain alone cannot know"
    assert (await verify_audit(committing_database, tmp_path)).broken_at == 3


async def test_an_uncommitted_trace_is_not_in_the_chain(database: Database, clock: Clock) -> None:
    async def refused() -> None:
        async with work(database, CENTRE, clock=clock) as unit:
            unit.trace("thing.changed", "thing", new_id())
            await unit.finish()
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await refused()
    assert (await verdict(database)).rows == 0


async def test_the_hash_covers_every_field_of_a_row(database: Database, clock: Clock) -> None:
    await leave_traces(database, clock, 1)
    session: AsyncSession
    async with database.begin(CENTRE) as session:
        row = (await session.execute(text("SELECT * FROM audit"))).one()
    fields = set(row._mapping) - {"hash"}
    entry: dict[str, Any] = {str(name): row._mapping[name] for name in fields - {"seq"}}
    original = audit.chain_hash(audit.GENESIS, 1, audit.AuditEntry(**entry))
    changed = {
        "at": clock().replace(year=2000),
        "actor_id": new_id(),
        "project_id": new_id(),
        "details": {"other": True},
        **dict.fromkeys(("actor", "action", "object_type", "object_id"), "other"),
    }
    assert set(changed) == set(entry)
    for name, value in changed.items():
        assert audit.chain_hash(audit.GENESIS, 1, audit.AuditEntry(**{**entry, name: value})) != original
    assert audit.chain_hash(audit.GENESIS, 2, audit.AuditEntry(**entry)) != original
