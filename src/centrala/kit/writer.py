"""The connection of those who write all the time: a whole transaction in one exchange with the server.

What is written behind the signalling of calls goes this way. A transaction by the session costs the app several
exchanges and the bookkeeping of two libraries, which was half of what a call cost; here the statements are put
together with their values and sent as one simple query. PostgreSQL runs such a query as one transaction by itself
(its documentation, "Multiple Statements in a Simple Query").
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import psycopg

from centrala.kit.access import Wall

Statement = tuple[bytes, Sequence[Any]]

_RAISE: Final = (
    b"SELECT set_config('centrala.projects', %s, true), set_config('centrala.centre', %s, true),"
    b" set_config('centrala.person', %s, true)"
)


class Writer:
    """One connection, opened with the first write and again after each trouble."""

    def __init__(self, conninfo: str, **settings: Any) -> None:
        self._conninfo = conninfo
        self._settings = settings
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()

    async def write(self, wall: Wall, statements: Sequence[Statement]) -> None:
        """All statements behind the wall, or none of them. Raises `psycopg.Error`.

        One `psycopg.OperationalError` without an SQLSTATE is to be expected after the database was away.
        """
        async with self._turn:
            connection = await self._open()
            try:
                cursor = psycopg.AsyncClientCursor(connection)
                parts = [cursor.mogrify(_RAISE, [*wall_settings(wall)])]
                parts += [cursor.mogrify(statement, values) for statement, values in statements]
                # Quoted by psycopg just above; there is no other text in it.
                await connection.execute(";".join(parts).encode())
            except BaseException:
                # Also when the task was cancelled in the midst: nobody knows what the connection is about.
                self._connection = None
                await connection.close()
                raise

    async def close(self) -> None:
        async with self._turn:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None

    async def _open(self) -> "psycopg.AsyncConnection[Any]":
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, **self._settings)
        return self._connection


def wall_settings(wall: Wall) -> tuple[str, str, str]:
    """What PostgreSQL is told about a wall: projects, centre, person."""
    projects = "{" + ",".join(str(project) for project in wall.projects) + "}"
    return projects, "on" if wall.centre else "off", str(wall.person or "")
