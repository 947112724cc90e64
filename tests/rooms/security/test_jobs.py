"""What security does by itself."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from procrastinate import JobContext
from sqlalchemy import func, select, text, update

import centrala
from centrala.kit import jobs
from centrala.kit.access import CENTRE
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from centrala.security.jobs import anchor_audit, forget_what_ended
from centrala.security.models import SignInSession
from centrala.security.service.trail import read_anchors
from support.people import Person


class Context:
    """As much of a job's context as the tasks use."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.additional_context: dict[str, Any] = {"database": database, "data_folder": folder}


@pytest.fixture
def context(database: Database, tmp_path: Path) -> JobContext:
    return cast("JobContext", Context(database, tmp_path))


async def test_sessions_that_ended_are_forgotten_and_others_stay(
    context: JobContext, database: Database, person_as: Callable[..., Awaitable[Person]]
) -> None:
    ended, alive = await person_as("operator"), await person_as("operator")
    async with database.begin(CENTRE) as session:
        fresh = {"seen_at": utc_now(), "expires_at": utc_now() + timedelta(days=1)}
        await session.execute(update(SignInSession).values(**fresh))
        old = update(SignInSession).where(SignInSession.account_id == ended.id)
        await session.execute(old.values(expires_at=utc_now() - timedelta(seconds=1)))
    await forget_what_ended(context, 0)
    async with database.begin(CENTRE) as session:
        left = (await session.scalars(select(SignInSession.account_id))).all()
    assert left == [alive.id]


async def test_the_end_of_the_trail_is_anchored_once_for_each_end(
    context: JobContext, database: Database, tmp_path: Path
) -> None:
    await anchor_audit(context, 0)
    assert read_anchors(tmp_path) == {}
    for _ in range(2):
        async with work(database, CENTRE) as unit:
            unit.trace("thing.changed", "thing", new_id())
        await anchor_audit(context, 0)
        await anchor_audit(context, 0)
    assert sorted(read_anchors(tmp_path)) == [1, 2]
    assert len((tmp_path / "audit-anchors.jsonl").read_text().splitlines()) == 2


async def test_a_job_is_enqueued_with_the_transaction_or_not_at_all(database: Database) -> None:
    async def refused() -> None:
        async with work(database, CENTRE) as unit:
            unit.later("security.anchor_audit", timestamp=1)
            await unit.finish()
            raise ConnectionError

    async def queued(session_database: Database) -> int:
        async with session_database.begin(CENTRE) as session:
            return await session.scalar(select(func.count()).select_from(text("procrastinate_jobs"))) or 0

    with pytest.raises(ConnectionError):
        await refused()
    assert await queued(database) == 0
    async with work(database, CENTRE) as unit:
        unit.later("security.anchor_audit", timestamp=1)
    assert await queued(database) == 1


async def test_a_job_under_an_unknown_name_is_found_when_it_is_enqueued(database: Database) -> None:
    async def enqueue() -> None:
        async with work(database, CENTRE) as unit:
            unit.later("nobody.knows")

    with pytest.raises(jobs.UnknownTask):
        await enqueue()


def test_names_of_tasks_say_their_room() -> None:
    """Jobs outlive the program that enqueued them, so a name must not change with a file."""
    own = [name for name in jobs.app.tasks if not name.startswith("builtin:") and "procrastinate" not in name]
    assert own
    rooms = {file.parent.name for file in Path(centrala.__file__).parent.glob("*/__init__.py")}
    assert {name.split(".")[0] for name in own} <= rooms
