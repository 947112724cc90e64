"""The database and the login role of the app, on the embedded and on an external server alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from centrala.node.errors import StartRefused

MAINTENANCE_DATABASE: Final = "postgres"


def plain_url(url: str) -> str:
    """`url` as libpq reads it: without the name of SQLAlchemy's driver."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def with_database(url: str, database: str) -> str:
    """`url` pointing at another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection in autocommit; a server that cannot be reached is told with a remedy."""
    try:
        connection = psycopg.connect(plain_url(url), autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise StartRefused(
            f"The database cannot be reached: {first_line(error)}",
            "Check CENTRALA_DATABASE_URL and that the server runs",
        ) from error
    try:
        yield connection
    finally:
        connection.close()


def first_line(error: BaseException) -> str:
    """The first line of an error's text without its full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def ensure_database(owner_url: str) -> None:
    """Make the database that `owner_url` names, unless it is there."""
    name = urlsplit(owner_url).path.lstrip("/")
    with connected(with_database(owner_url, MAINTENANCE_DATABASE)) as connection:
        if not _one(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))


def ensure_roles(owner_url: str, *, app_role: str, password: str) -> None:
    """Make the app's login role, or give it its present password.

    The role must be subject to row-level security: one that is a superuser or may bypass it is
    refused. Grants on tables are the migrations' business.
    """
    with connected(owner_url) as connection:
        role = sql.Identifier(app_role)
        if not _one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", app_role):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE").format(role)
            )
        refuse_privileged(connection, app_role)
        # Hashed here, so that the password is in no statement that a server could log.
        hashed = connection.pgconn.encrypt_password(password.encode(), app_role.encode(), b"scram-sha-256")
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(hashed.decode())))


def refuse_privileged(connection: psycopg.Connection[TupleRow], app_role: str) -> None:
    """Raise StartRefused when the wall between projects would not hold for `app_role`."""
    if _one(
        connection,
        "SELECT 1 FROM pg_roles WHERE rolname = %s AND (rolsuper OR rolbypassrls)",
        app_role,
    ):
        raise StartRefused(
            f"The database role {app_role!r} bypasses row-level security, which keeps client companies apart",
            f"Run as a superuser: ALTER ROLE {app_role} NOSUPERUSER NOBYPASSRLS",
        )


def _one(connection: psycopg.Connection[TupleRow], query: Any, *values: str) -> bool:
    return connection.execute(query, values).fetchone() is not None
