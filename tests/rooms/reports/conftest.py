"""Visits as a test wants them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.reports.models import VisitRow
from conftest import TurnedClock
from support.reports import a_visit

PutVisits = Callable[..., Awaitable[list[VisitRow]]]


@pytest.fixture
def put_visits(database: Database, clock: TurnedClock, project: UUID) -> PutVisits:
    """Store visits given by their fields; `ago` is the age of the entry in seconds."""

    async def put(*visits: dict[str, Any], of: UUID = project) -> list[VisitRow]:
        rows = [
            a_visit(
                of, clock() - timedelta(seconds=one.get("ago", 3600)), **{k: v for k, v in one.items() if k != "ago"}
            )
            for one in visits
        ]
        async with database.begin(Wall(projects=frozenset({ProjectId(of)}))) as session:
            session.add_all(rows)
        return rows

    return put
