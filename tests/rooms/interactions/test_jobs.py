"""What the room does by itself, as the worker calls it."""

from typing import Any, cast
from uuid import UUID

import pytest
from procrastinate import JobContext
from sqlalchemy import select

from centrala.interactions.jobs import (
    delete_recording,
    keep_projects_rules,
    remind_of_promises,
    store_recordings,
)
from centrala.interactions.models import Promise
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings
from support.contacts import Recorded, file_row, seen


class Context:
    """As much of a job's context as the tasks use."""

    def __init__(self, database: Database, settings: AppSettings) -> None:
        self.additional_context: dict[str, Any] = {"database": database, "settings": settings}


@pytest.fixture
def context(database: Database, settings: AppSettings) -> JobContext:
    return cast("JobContext", Context(database, settings))


async def test_a_recording_is_stored_each_minute_and_deleted_when_asked(
    context: JobContext, database: Database, recorded: Recorded, project: UUID
) -> None:
    await store_recordings(context, 0)
    assert (await file_row(database, project, recorded.id)).state == "stored"
    await keep_projects_rules(context, 0)
    assert (await file_row(database, project, recorded.id)).state == "stored", "nothing was agreed"
    await delete_recording(context, str(recorded.id), "erasure")
    row = await file_row(database, project, recorded.id)
    assert (row.state, row.deleted_why) == ("deleted", "erasure")


async def test_promises_are_reminded_of(
    context: JobContext, database: Database, recorded: Recorded, project: UUID
) -> None:
    await remind_of_promises(context, 0)
    async with database.begin(seen(project)) as session:
        promise = await session.scalar(select(Promise))
    assert promise is not None
    assert promise.reminded_at is not None
