"""A store that forgets: every transaction of a test happens inside one that is rolled back at its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from centrala.kit.access import NOTHING, Wall
from centrala.kit.database import Database, Entered, raise_wall
from centrala.kit.readers import Question
from centrala.kit.writer import Statement


class ForgettingDatabase(Database):
    """All sessions share one connection, one after another; a commit releases a savepoint.

    Nothing leaves the outer transaction, so notices are not heard and other connections see nothing: tests of these
    use the fixture `committing_database`.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        """`connection` is in the transaction that the fixture rolls back."""
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    async def close(self) -> None:
        """The fixture closes the connection."""

    async def look(self, question: Question, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        async with (
            self._turn(),
            AsyncSession(bind=self._connection, join_transaction_mode="create_savepoint") as session,
        ):
            row = await question.ask(session, parameters)
            await session.commit()
            return row

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """The connection for one task; the task may begin again inside, as a second connection would let it."""
        if self._holder is asyncio.current_task():
            yield
            return
        async with self._one_at_a_time:
            self._holder = asyncio.current_task()
            try:
                yield
            finally:
                self._holder = None

    @asynccontextmanager
    async def begin(
        self,
        wall: Wall | None,
        *,
        snapshot: bool = False,  # noqa: ARG002 - one transaction has one isolation level
    ) -> AsyncIterator[AsyncSession]:
        async with (
            self._turn(),
            self._connection.begin_nested(),
            AsyncSession(
                bind=self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            ) as session,
        ):
            await raise_wall(session, NOTHING if wall is None else wall)  # that of the transaction before still stands
            yield session
            await session.commit()

    async def write(self, wall: Wall, statements: Sequence[Statement]) -> None:
        async with self.begin(wall) as session:
            raw = await (await session.connection()).get_raw_connection()
            for statement, values in statements:
                await raw.driver_connection.execute(statement, values)  # type: ignore[union-attr]  # psycopg's

    @asynccontextmanager
    async def read(
        self, enter: Callable[[AsyncSession], Awaitable[Entered]]
    ) -> AsyncIterator[tuple[AsyncSession, Entered]]:
        async with (
            self._turn(),
            self._connection.begin_nested(),
            AsyncSession(bind=self._connection, join_transaction_mode="create_savepoint") as session,
        ):
            entered = await enter(session)
            await session.execute(text("SET LOCAL transaction_read_only = on"))  # until the savepoint is released
            yield session, entered
            await session.commit()  # keeps what the same task wrote meanwhile as if by another connection


class CurrentDatabase(Database):
    """The store of whichever test runs: an app is dear to make, so all tests share one and change its store."""

    def __init__(self) -> None:
        self.current: Database | None = None

    async def close(self) -> None:
        """The fixture of each test closes its own."""

    async def look(self, question: Question, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        assert self.current is not None
        return await self.current.look(question, parameters)

    @asynccontextmanager
    async def read(
        self, enter: Callable[[AsyncSession], Awaitable[Entered]]
    ) -> AsyncIterator[tuple[AsyncSession, Entered]]:
        assert self.current is not None
        async with self.current.read(enter) as entered:
            yield entered

    @asynccontextmanager
    async def begin(self, wall: Wall | None, *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
        assert self.current is not None
        async with self.current.begin(wall, snapshot=snapshot) as session:
            yield session

    async def write(self, wall: Wall, statements: Sequence[Statement]) -> None:
        assert self.current is not None
        await self.current.write(wall, statements)
