"""Requests that only read have connections of their own: no rights stay in them, and nothing is written through them.

Readers one after another get the same connection, as long as no two ask at once.
"""

import httpx
import psycopg
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE, NOTHING, Access, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database, raise_wall
from centrala.kit.ids import ProjectId
from centrala.kit.migrate import conninfo
from centrala.kit.work import Work
from centrala.node.postgres import EmbeddedPostgres
from centrala.security.errors import SignInRequired
from centrala.security.service import Doorkeeper, Role
from support.people import make_person, make_project

SEEN = text("SELECT count(*) FROM projects")
BACKEND = text("SELECT pg_backend_pid()")


def asked_with(cookie: str) -> Request:
    headers = [(b"cookie", f"centrala_session={cookie}".encode())]
    return Request({"type": "http", "method": "GET", "path": "/api/projects", "headers": headers})


async def test_a_reader_does_not_see_what_the_one_before_saw(committing_database: Database) -> None:
    store, backends = committing_database, set()
    project = await make_project(store, utc_now)

    async def as_one_of_the_project(session: AsyncSession) -> None:
        await raise_wall(session, Wall(projects=frozenset({ProjectId(project)})), lasting=True)

    async def as_nobody(session: AsyncSession) -> None:
        await raise_wall(session, NOTHING, lasting=True)

    for enter, seen in ((as_one_of_the_project, 1), (as_nobody, 0)):
        async with store.read(enter) as (session, _):
            assert await session.scalar(SEEN) == seen
            backends.add(await session.scalar(BACKEND))
    assert len(backends) == 1, "the second reader had the connection of the first"


async def test_who_is_refused_leaves_a_connection_that_sees_nothing(committing_database: Database) -> None:
    store = committing_database
    await make_project(store, utc_now)
    person = await make_person(store, utc_now, Role.ADMINISTRATOR)
    doorkeeper = Doorkeeper(store, utc_now)

    async def known(session: AsyncSession) -> Access:
        return await doorkeeper(asked_with(person.cookie), session, lasting=True)

    async def unknown(session: AsyncSession) -> None:
        with pytest.raises(SignInRequired):
            await doorkeeper(asked_with("not a session"), session, lasting=True)

    async with store.read(known) as (session, _):
        assert await session.scalar(SEEN) == 1
    async with store.read(unknown) as (session, _):
        assert await session.scalar(SEEN) == 0


async def test_postgresql_refuses_a_reader_that_writes(committing_database: Database) -> None:
    async def enter(session: AsyncSession) -> None:
        await raise_wall(session, CENTRE, lasting=True)

    async with committing_database.read(enter) as (session, _):
        with pytest.raises(InternalError, match="read-only"):
            await session.execute(text("DELETE FROM companies"))


async def test_a_reading_route_that_collects_a_trace_is_a_fault_that_shows() -> None:
    unit = Work(session=AsyncSession(), access=None, now=utc_now())
    unit.must_be_idle()
    unit.trace("project.read", "project", "1")
    with pytest.raises(RuntimeError, match="only reads"):
        unit.must_be_idle()


async def test_a_project_of_others_does_not_exist_for_a_reader(
    app: FastAPI, client: httpx.AsyncClient, database: Database
) -> None:
    mine = await make_project(database, app.state.clock)
    other = await make_project(database, app.state.clock, name="Card line")
    (await make_person(database, app.state.clock, Role.SUPERVISOR, projects=(mine,))).sign(client)
    narrowed = await client.get("/api/projects", headers={"X-Centrala-Project": str(mine)})
    assert [one["id"] for one in narrowed.json()["items"]] == [str(mine)]
    refused = await client.get("/api/projects", headers={"X-Centrala-Project": str(other)})
    assert refused.status_code == 404


async def test_a_reader_whose_connection_has_died_gets_another(
    committing_database: Database, postgres: EmbeddedPostgres
) -> None:
    """As all connections of the pool have, after the database was away."""
    store = committing_database

    async def enter(session: AsyncSession) -> int:
        await raise_wall(session, NOTHING, lasting=True)
        return int(await session.scalar(BACKEND) or 0)

    async with store.read(enter) as (_, backend):
        pass
    with psycopg.connect(conninfo(postgres.owner_url), autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
    async with store.read(enter) as (session, other):
        assert other != backend
        assert await session.scalar(SEEN) == 0
