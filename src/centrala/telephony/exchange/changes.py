"""What administrators change while calls go on: heard from the event log, told to whoever keeps a copy."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy import exc, select

from centrala.kit import outbox
from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.outbox import EventRow

log = get_logger(__name__)

SWEEP: Final = 5.0  # seconds after which the log is read even without a notice
BACK_OFF: Final = 1.0  # seconds before the database is asked again
MOST: Final = 500  # facts read at once

React = Callable[[UUID], Awaitable[None]]


class Changes:
    """Calls what is registered for a kind of fact with the id of its thing. Starts with facts of now."""

    def __init__(self, database: Database, conninfo: str, reactions: Mapping[str, React]) -> None:
        self._database = database
        self._conninfo = conninfo
        self._reactions = reactions
        self._position = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """What is committed from now on is told; load copies after this."""
        async with self._database.begin(CENTRE) as session:
            self._position = await outbox.last_position(session)
        self._task = asyncio.create_task(self._run(), name="exchange-changes")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                async with outbox.listen(self._conninfo, outbox.DELIVERED) as connection:
                    await self._follow(connection)
            except (OSError, psycopg.OperationalError, exc.DBAPIError):
                await asyncio.sleep(BACK_OFF)

    async def _follow(self, connection: "psycopg.AsyncConnection[object]") -> None:
        while True:
            await self.catch_up()
            async for _ in connection.notifies(timeout=SWEEP, stop_after=1):
                pass

    async def catch_up(self) -> None:
        """Tell what has come since the last time."""
        async with self._database.begin(CENTRE) as session:
            query = (
                select(EventRow.position, EventRow.kind, EventRow.aggregate_id)
                .where(EventRow.position > self._position, EventRow.kind.in_(list(self._reactions)))
                .order_by(EventRow.position)
                .limit(MOST)
            )
            facts = (await session.execute(query)).all()
        for position, kind, aggregate_id in facts:
            try:
                await self._reactions[kind](aggregate_id)
            except Exception:
                # The edge of one reaction: the next fact of its kind, or the next start, loads the copy anew.
                log.exception("A change could not be taken up.", kind=kind)
            self._position = position
