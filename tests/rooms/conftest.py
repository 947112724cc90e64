"""What a room has left behind: its traces and its facts."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from centrala.kit.access import CENTRE
from centrala.kit.audit import AuditRow
from centrala.kit.database import Database
from centrala.kit.outbox import OutboxRow


@pytest.fixture
def trail(database: Database) -> Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]:
    """What the audit trail says: actions with their details, the oldest first."""

    async def read() -> list[tuple[str, dict[str, Any]]]:
        async with database.begin(CENTRE) as session:
            rows = await session.scalars(select(AuditRow).order_by(AuditRow.seq))
            return [(row.action, row.details) for row in rows]

    return read


@pytest.fixture
def facts(database: Database) -> Callable[[], Awaitable[list[tuple[str, str]]]]:
    """The facts that wait in the outbox: kinds with the ids of their things, the oldest first."""

    async def read() -> list[tuple[str, str]]:
        async with database.begin(CENTRE) as session:
            rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [(row.kind, str(row.aggregate_id)) for row in rows]

    return read
