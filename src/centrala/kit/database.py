"""The store: one engine, one transaction a request or job, and the wall inside PostgreSQL.

Theory of operation. The program connects as the role `centrala_app`, which owns nothing and cannot bypass row-level
security. Each transaction tells PostgreSQL whose eyes it has by three transaction-local settings; the policies of the
migrations compare them with the rows. A transaction that sets nothing sees nothing. The settings end with the
transaction, so a pooled connection carries no rights from one request to the next.

Requests that only read go through `read`: connections of their own that cannot write and have no transactions, which
saves two of the exchanges with the server that a small request consists of. There the settings last, so the only way to
such a connection is a function that raises a wall first.

What is written all the time, behind the signalling of calls, goes through `write`: a transaction in one exchange.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import DateTime, Integer, MetaData, Text, Uuid, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from centrala.kit.access import Wall
from centrala.kit.ids import new_id
from centrala.kit.readers import Question, Readers
from centrala.kit.writer import Statement, Writer, wall_settings

POOL_CONNECTIONS: Final = 10  # connections kept open; each costs PostgreSQL a process
POOL_OVERFLOW: Final = 10  # further connections at a peak
READERS: Final = 6  # connections for requests that only read; more would only share the app's one core among them
POOL_WAIT: Final = 5.0  # seconds a request waits for a connection before it answers 503
STATEMENT_LIMIT: Final = 15_000  # ms; work that takes longer belongs to a job
LOCK_LIMIT: Final = 5_000  # ms a statement waits for somebody else's row

Entered = TypeVar("Entered")


class Walled(StrEnum):
    """How the wall between client companies stands around a table."""

    PROJECT = "project"
    """Rows carry `project_id`; only transactions that see the project see them."""

    CENTRE = "centre"
    """Rows belong to the centre; a policy of their own says who sees which."""

    OPEN = "open"
    """Reached only by the program before it knows who asks; holds nothing of a project."""


class Base(DeclarativeBase):
    """Every table of Centrala. A table without `__walled__` fails the tests."""

    __walled__: ClassVar[Walled]

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        str: Text,
        UUID: Uuid(as_uuid=True),
    }


class Identified:
    """A row with an id of our own making."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Versioned:
    """A row that people edit: two who save the same version do not overwrite each other."""

    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")


def connection_settings(*, read_only: bool = False) -> dict[str, Any]:
    """What every connection of the program tells PostgreSQL first."""
    options = (
        f"-c default_transaction_read_only={'on' if read_only else 'off'} "
        f"-c statement_timeout={STATEMENT_LIMIT} -c lock_timeout={LOCK_LIMIT} "
        "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    )
    return {"options": options, "application_name": "centrala", "connect_timeout": 5}


class Database:
    """The connections of one process to the store."""

    def __init__(self, url: str, *, connections: int = POOL_CONNECTIONS) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=connections,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT,
            connect_args=connection_settings(),
        )

        self._readers = Readers(
            url, most=min(connections, READERS), wait=POOL_WAIT, connect_args=connection_settings(read_only=True)
        )
        address = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._writer = Writer(address, **connection_settings())

    async def close(self) -> None:
        await self._writer.close()
        await self.engine.dispose()
        await self._readers.close()

    async def look(self, question: Question, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The one row of a single statement outside of any transaction and behind no wall; None when there is none.

        For what every request asks before it is known who asks: it saves three exchanges with the server.
        """

        async def ask(session: AsyncSession) -> dict[str, Any] | None:
            return await question.ask(session, parameters)

        async with self.read(ask) as (_, row):
            return row

    @asynccontextmanager
    async def begin(self, wall: Wall | None, *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction behind `wall`: committed at the end of the block, rolled back when it raises.

        Without a wall nothing is visible until the block raises one.
        With `snapshot` all statements of the transaction see the store at one moment (REPEATABLE READ).
        """
        async with self.engine.connect() as connection:
            if snapshot:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with (
                connection.begin(),
                AsyncSession(bind=connection, expire_on_commit=False) as session,
            ):
                if wall is not None:
                    await raise_wall(session, wall)
                yield session
                await write_changes(session)

    async def write(self, wall: Wall, statements: Sequence[Statement]) -> None:
        """All statements in one transaction behind `wall`, for those who write all the time. Raises `psycopg.Error`."""
        await self._writer.write(wall, statements)

    @asynccontextmanager
    async def read(
        self, enter: Callable[[AsyncSession], Awaitable[Entered]]
    ) -> AsyncIterator[tuple[AsyncSession, Entered]]:
        """A connection that can only read, each statement for itself; with what `enter` made of it.

        `enter` is asked first and must raise a wall that lasts, or raise an error: the connection may still stand
        behind the wall of whoever had it before. It is asked once more when the connection turns out to be dead, as
        all of the pool are after the database was away: nothing has happened yet.
        """
        async with self._readers.lend() as reader:
            try:
                entered = await enter(reader.session)
            except (DBAPIError, psycopg.Error):
                if not reader.lost:
                    raise
                await self._readers.renew(reader)
                entered = await enter(reader.session)
            yield reader.session, entered


async def write_changes(session: AsyncSession) -> None:
    """Flush, when there is something to flush: most requests read, and the question itself costs them time."""
    if session.new or session.dirty or session.deleted:
        await session.flush()


async def raise_wall(session: AsyncSession, wall: Wall, *, lasting: bool = False) -> None:
    """Tell PostgreSQL what the current transaction may see (`lasting`: the connection); again when it changes."""
    projects, centre, person = wall_settings(wall)
    await session.execute(
        text(
            "SELECT set_config('centrala.projects', :projects, :local),"
            " set_config('centrala.centre', :centre, :local),"
            " set_config('centrala.person', :person, :local)"
        ),
        {
            "projects": projects,
            "centre": centre,
            "person": person,
            "local": not lasting,
        },
    )
