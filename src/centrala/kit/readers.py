"""The connections of requests that only read: sessions that keep their connection from one request to the next.

Such a session has no transactions, so nothing has to be begun, ended or cleaned between two requests but what it has
loaded. Taking a connection out of a pool, making a session around it and closing both again cost a small request a
fifth of its time.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import NullPool, TextClause
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from centrala.kit.errors import Refusal

_DRIVER: Final = "driver"


@dataclass(slots=True)
class Reader:
    """A session, its connection and the driver's connection below it."""

    session: AsyncSession
    connection: AsyncConnection
    driver: "psycopg.AsyncConnection[Any]"

    @property
    def lost(self) -> bool:
        """Whether the connection has died."""
        return self.driver.closed

    async def close(self) -> None:
        if self.lost:
            await self.connection.invalidate()  # SQLAlchemy may not know yet, and would try to roll back
        await self.session.close()
        await self.connection.close()


class Readers:
    """At most `most` readers; who waits longer than `wait` seconds for one gets SQLAlchemy's `TimeoutError`."""

    def __init__(self, url: str, *, most: int, wait: float, connect_args: Mapping[str, Any]) -> None:
        self._engine = create_async_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=dict(connect_args)
        )
        self._wait = wait
        self._free = asyncio.Semaphore(most)
        self._idle: list[Reader] = []

    async def close(self) -> None:
        """Close all; nobody has one any more."""
        idle, self._idle = self._idle, []
        for reader in idle:
            await reader.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Reader]:
        """A reader until the end of the block. What it has loaded stays loaded, and belongs to no session then."""
        await self._turn()
        try:
            reader = self._idle.pop() if self._idle else await self._open()
            try:
                yield reader
            except Refusal:
                self._take_back(reader)
                raise
            except BaseException:
                # Also when the task was cancelled in the midst: nobody knows what the connection is about.
                await reader.close()
                raise
            self._take_back(reader)
        finally:
            self._free.release()

    async def renew(self, reader: Reader) -> None:
        """Another connection for one that has died, as all idle ones probably have."""
        idle, self._idle = self._idle, []
        for one in (reader, *idle):
            await one.close()
        new = await self._open()
        reader.session, reader.connection, reader.driver = new.session, new.connection, new.driver

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError:
            raise PoolTimeout(f"No connection for reading became free within {self._wait} seconds.") from None

    async def _open(self) -> Reader:
        connection = await self._engine.connect()
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - of a connection that was just opened
        session = AsyncSession(bind=connection, info={_DRIVER: driver})
        return Reader(session, connection, driver)

    def _take_back(self, reader: Reader) -> None:
        reader.session.expunge_all()
        self._idle.append(reader)


class Question:
    """A statement that every request asks, for one row at most.

    In a reader's session it goes past SQLAlchemy, which would take three times as long.
    """

    def __init__(self, statement: TextClause) -> None:
        self._statement = statement
        self._for_driver = str(statement.compile(dialect=dialect.PGDialect_psycopg()))  # type: ignore[no-untyped-call]  # SQLAlchemy's

    async def ask(self, session: AsyncSession, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The row by its columns' names. Raises SQLAlchemy's `DBAPIError`, or `psycopg.Error` in a reader's session."""
        driver = session.info.get(_DRIVER)
        if driver is None:
            found = (await session.execute(self._statement, parameters)).mappings().one_or_none()
            return None if found is None else dict(found)
        cursor = driver.cursor(row_factory=dict_row)
        await cursor.execute(self._for_driver, parameters)
        row: dict[str, Any] | None = await cursor.fetchone()
        return row
