"""Hears that the tables of queues, people or calendars have changed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import func

from centrala.kit import outbox
from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.migrate import conninfo
from centrala.kit.outbox import EventRow
from centrala.people import events as people
from centrala.projects import events as projects
from centrala.routing import events
from centrala.routing.dispatch.whole import entered, whole

log = get_logger(__name__)

TOGETHER: Final = 0.1  # seconds that changes wait for others
SWEEP: Final = 30.0  # seconds after which the log is read even without a notice
BACK_OFF: Final = 2.0  # seconds before the database is asked again

KINDS: Final = (
    events.QUEUE_CHANGED,
    events.BREAK_CHANGED,
    events.BREAK_REMOVED,
    events.BREAK_CAP_CHANGED,
    events.CAPACITY_CHANGED,
    people.EMPLOYEE_CHANGED,
    people.SKILL_REMOVED,
    projects.CALENDAR_CHANGED,
    projects.CALENDAR_REMOVED,
    projects.PROJECT_CHANGED,
)


async def follow(database: Database, reload: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Reload whenever something in the event log asks for it; for ever."""
    while True:
        try:
            await _listen(database, reload)
        except (psycopg.Error, SQLAlchemyError, OSError) as error:
            log.warning("Routing waits for the database.", error=type(error).__name__)
        await asyncio.sleep(BACK_OFF)


async def _listen(database: Database, reload: Callable[[], Coroutine[Any, Any, None]]) -> None:
    address = conninfo(database.engine.url.render_as_string(hide_password=False))
    async with entered(outbox.listen(address, outbox.DELIVERED)) as connection:
        position, _ = await whole(_since(database, None))
        await whole(reload())  # what changed before this connection heard
        while True:
            async for _notice in connection.notifies(timeout=SWEEP, stop_after=1):
                await asyncio.sleep(TOGETHER)
            position, found = await whole(_since(database, position))
            if found:
                await whole(reload())


async def _since(database: Database, position: int | None) -> tuple[int, bool]:
    """Where the log stands, and whether something after `position` concerns the router."""
    async with database.begin(CENTRE, snapshot=True) as session:
        last = await outbox.last_position(session)
        if position is None or last == position:
            return last, False
        query = select(func.count()).where(EventRow.position > position, EventRow.kind.in_(KINDS))
        return last, bool(await session.scalar(query))
