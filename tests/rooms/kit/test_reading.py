"""Requests that only read have connections of their own: no rights stay in them, and nothing is written through them.

Readers one after another get the same connection, as long as no two ask at once.
"""

import asyncio

import httpx
import psycopg
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE, NOTHING, Access, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database, connection_settings, raise_wall
from centrala.kit.errors import NotFound
from centrala.kit.ids import ProjectId
from centrala.kit.migrate import conninfo
from centrala.kit.readers import Readers
from centrala.kit.work import Work
from centrala.node.postgres import EmbeddedPostgres
from centrala.projects.models import Project
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


async def backend_of(store: Database) -> int:
    """The server's process behind the next reader."""

    async def enter(session: AsyncSession) -> int:
        await raise_wall(session, NOTHING, lasting=True)
        return int(await session.scalar(BACKEND) or 0)

    async with store.read(enter) as (_, backend):
        return backend


async def enter_with_nothing(session: AsyncSession) -> None:
    await raise_wall(session, NOTHING, lasting=True)


async def test_a_refusal_leaves_the_connection_to_the_next_reader(committing_database: Database) -> None:
    before = await backend_of(committing_database)
    with pytest.raises(NotFound):
        async with committing_database.read(enter_with_nothing):
            raise NotFound
    assert await backend_of(committing_database) == before


async def test_after_a_fault_the_next_reader_gets_another_connection(committing_database: Database) -> None:
    before = await backend_of(committing_database)
    with pytest.raises(ZeroDivisionError):
        async with committing_database.read(enter_with_nothing):
            raise ZeroDivisionError
    assert await backend_of(committing_database) != before


async def test_a_question_that_was_cancelled_does_not_answer_the_next_reader(committing_database: Database) -> None:
    asking = asyncio.Event()

    async def ask() -> None:
        async with committing_database.read(enter_with_nothing) as (session, _):
            asking.set()
            await session.execute(text("SELECT pg_sleep(30)"))

    task = asyncio.create_task(ask())
    await asking.wait()
    await asyncio.sleep(0)  # the statement is on its way
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with committing_database.read(enter_with_nothing) as (session, _):
        assert await session.scalar(text("SELECT 42")) == 42


async def test_what_one_reader_loaded_the_next_reads_again(committing_database: Database) -> None:
    store = committing_database
    project = await make_project(store, utc_now)

    async def enter(session: AsyncSession) -> None:
        await raise_wall(session, CENTRE, lasting=True)

    async with store.read(enter) as (session, _):
        kept = await session.get_one(Project, project)
    async with store.begin(CENTRE) as session:
        await session.execute(text("UPDATE projects SET name = 'Another'"))
    async with store.read(enter) as (session, _):
        assert (await session.get_one(Project, project)).name == "Another"
    assert kept.name != "Another", "an object of an ended request does not change"


async def test_who_finds_no_free_reader_is_told_so_in_time(postgres: EmbeddedPostgres) -> None:
    readers = Readers(postgres.app_url(), most=1, wait=0.05, connect_args=connection_settings(read_only=True))
    async with readers.lend():
        with pytest.raises(PoolTimeout, match="No connection for reading"):
            async with readers.lend():
                pass
    async with readers.lend() as reader:
        assert await reader.session.scalar(text("SELECT 1")) == 1
    await readers.close()


async def test_a_reader_whose_connection_has_died_gets_another(
    committing_database: Database, postgres: EmbeddedPostgres
) -> None:
    """As all connections of the pool have, after the database was away."""
    store = committing_database

    backend = await backend_of(store)
    with psycopg.connect(conninfo(postgres.owner_url), autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
    assert await backend_of(store) != backend


async def test_who_asks_first_after_the_database_was_away_is_known_all_the_same(
    committing_database: Database, postgres: EmbeddedPostgres
) -> None:
    store = committing_database
    person = await make_person(store, utc_now, Role.ADMINISTRATOR)
    doorkeeper = Doorkeeper(store, utc_now)

    async def enter(session: AsyncSession) -> Access:
        return await doorkeeper(asked_with(person.cookie), session, lasting=True)

    backend = await backend_of(store)
    with psycopg.connect(conninfo(postgres.owner_url), autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
    async with store.read(enter) as (_, access):
        assert access.account_id == person.id
