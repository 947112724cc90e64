"""Fixtures that all tests share: one real PostgreSQL a run, a store that forgets, clients in every role.

- `database`: the store as the program's role; what a test does is rolled back at its end.
- `committing_database`: the same with real commits, for what crosses connections; emptied after the test.
- `app`, `client`: the web app on `database`, and a client that nobody has signed in to.
- `client_as(role, projects=...)`: a client of a fresh person of that role.
- `live_server`: the app with the sample people on a port of loopback, for browsers; one a run, with real commits.
- `clock`: the moment that the app takes for now; `clock.advance(seconds=...)` turns it.
"""

import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import hypothesis
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from centrala.kit.database import Database, connection_settings
from centrala.kit.migrate import upgrade
from centrala.kit.settings import AppSettings, Folders
from centrala.node.postgres import EmbeddedPostgres
from centrala.routing.service import Board, Dispatcher
from centrala.security.service import Role
from centrala.web.app import create_app
from support.databases import keep_empty, own_database
from support.people import Person, make_person, make_project
from support.servers import LiveServer
from support.servers import live_server as serve_samples
from support.stores import CurrentDatabase, ForgettingDatabase

BASE_URL = "http://127.0.0.1:8080"

# Neither a new example nor a busy machine makes a run differ from the one before. `--hypothesis-profile=explore` looks
# for new examples; what it finds becomes an `@example` of its test.
SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("explore", deadline=None, suppress_health_check=SLOW, max_examples=1000)
hypothesis.settings.register_profile("same", deadline=None, suppress_health_check=SLOW, derandomize=True, database=None)
hypothesis.settings.load_profile("same")


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class CurrentClock:
    """The clock of whichever test runs."""

    def __init__(self) -> None:
        self.current = TurnedClock()

    def __call__(self) -> datetime:
        return self.current()


def pytest_collection_finish() -> None:
    """Spare the garbage collector all that importing the tests has made, as the programs do it at their start.

    There are over a million objects: a collection that walks them stops every phone of a test for 0.7 s.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A cluster of its own, brought up by the migrations."""
    folder = Path(tempfile.mkdtemp(prefix="centrala-test-"))
    folder.chmod(0o711)  # the server may run as another user than the tests
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    try:
        upgrade(server.owner_url)
        keep_empty(server)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    engine = create_async_engine(postgres.app_url(), poolclass=NullPool, connect_args=connection_settings())
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield ForgettingDatabase(connection)
        await transaction.rollback()
    await engine.dispose()


@pytest.fixture
def own_store(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty centre's database for one test that runs a whole app."""
    with own_database(postgres) as url:
        yield url


@pytest.fixture
async def committing_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    store = Database(postgres.app_url())
    yield store
    await store.close()
    owner = create_async_engine(postgres.owner_url, poolclass=NullPool)
    async with owner.begin() as connection:
        await connection.execute(text("SET session_replication_role = replica"))  # past the audit's trigger
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        tables = (await connection.scalars(text(names))).all()
        await connection.execute(text("TRUNCATE " + ", ".join(tables) + " RESTART IDENTITY CASCADE"))
    await owner.dispose()


def settings_for(postgres: EmbeddedPostgres, folder: Path) -> AppSettings:
    return AppSettings(
        folders=Folders(data=folder),
        database_url=SecretStr(postgres.app_url()),
        secret_key=SecretStr("a key of the tests"),
        media_control="unix:/nowhere",
    )


@pytest.fixture
def settings(postgres: EmbeddedPostgres, tmp_path: Path) -> AppSettings:
    return settings_for(postgres, tmp_path)


@pytest.fixture(scope="session")
def shared_app(postgres: EmbeddedPostgres) -> FastAPI:
    """One app for all tests; `app` gives it the test's own store, clock and settings."""
    clock = CurrentClock()
    app = create_app(settings_for(postgres, Path(tempfile.gettempdir())), clock=clock, database=CurrentDatabase())
    app.openapi()
    return app


@pytest.fixture
def app(shared_app: FastAPI, settings: AppSettings, database: Database, clock: TurnedClock) -> FastAPI:
    shared_app.state.settings = settings
    shared_app.state.database.current = database
    shared_app.state.clock.current = clock
    shared_app.state.dispatcher = Dispatcher(database, clock)
    shared_app.state.board = Board(shared_app.state.dispatcher)
    return shared_app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as one:
        yield one


@pytest.fixture
async def person_as(database: Database, clock: TurnedClock) -> Callable[..., Awaitable[Person]]:
    async def make(*roles: Role | str, projects: tuple[UUID, ...] = (), given_name: str = "Ana") -> Person:
        return await make_person(
            database, clock, *(Role(role) for role in roles), projects=projects, given_name=given_name
        )

    return make


@pytest.fixture
async def client_as(
    app: FastAPI, person_as: Callable[..., Awaitable[Person]]
) -> AsyncIterator[Callable[..., Awaitable[httpx.AsyncClient]]]:
    opened: list[httpx.AsyncClient] = []

    async def make(*roles: Role | str, projects: tuple[UUID, ...] = ()) -> httpx.AsyncClient:
        person = await person_as(*roles, projects=projects)
        one = person.sign(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL))
        opened.append(one)
        return one

    yield make
    for one in opened:
        await one.aclose()


@pytest.fixture
async def project(database: Database, clock: TurnedClock) -> UUID:
    """A project of a client company."""
    return await make_project(database, clock)


@pytest.fixture
async def other_project(database: Database, clock: TurnedClock) -> UUID:
    """A project of another client company."""
    return await make_project(database, clock, name="Card line")


@pytest.fixture(scope="session")
def live_server(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`live_server.base_url`, and `live_server.credentials("operator")` with `.login` and `.password`."""
    with own_database(postgres) as url, serve_samples(url, tmp_path_factory.mktemp("centre")) as server:
        yield server
