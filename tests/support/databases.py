"""Databases of their own, for what is committed and must not be seen by other tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

import psycopg
from psycopg import sql

from centrala.kit.migrate import conninfo
from centrala.node.postgres import DATABASE, EmbeddedPostgres
from centrala.node.roles import MAINTENANCE_DATABASE, with_database

_EMPTY: Final = "centrala_empty"


def keep_empty(postgres: EmbeddedPostgres) -> None:
    """Put the schema by while nobody is connected: a copy is there in a moment, the migrations take seconds."""
    _copy(postgres, DATABASE, _EMPTY)


@contextmanager
def own_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty centre that is gone with the block."""
    name = f"centrala_{uuid4().hex}"
    _copy(postgres, _EMPTY, name)
    yield postgres.app_url(name)
    # Who is still connected was killed, or is about to go.
    _order(postgres, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _copy(postgres: EmbeddedPostgres, template: str, name: str) -> None:
    _order(postgres, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))


def _order(postgres: EmbeddedPostgres, statement: sql.Composed) -> None:
    url = with_database(postgres.owner_url, MAINTENANCE_DATABASE)
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(statement)
