"""What goes wrong outside gets a clear answer, and nothing is lost."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Wall
from centrala.kit.database import Database, Entered
from centrala.kit.logging import personal_data_in
from centrala.kit.migrate import upgrade
from centrala.kit.readers import Question
from centrala.node.postgres import EmbeddedPostgres
from centrala.security.service import Role
from centrala.web.app import create_app
from conftest import BASE_URL, TurnedClock, settings_for
from support.people import Person, make_person

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

FIFTY_MB = 50 * 1024 * 1024


async def test_a_body_of_fifty_megabytes_is_refused_before_it_is_read(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < FIFTY_MB:
            sent += 65_536
            yield b"x" * 65_536

    answer = await client.post("/api/skills", content=body(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["limit_bytes"] == 1_000_000


async def test_a_body_that_declares_fifty_megabytes_is_refused_at_once(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    headers = {"Content-Type": "application/json", "Content-Length": str(FIFTY_MB)}
    answer = await client.post("/api/skills", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("body", [b"{", b'{"name": }', b"\xff\xfe", b"", b'{"name": "a"', b"[" * 100_000])
async def test_json_that_cannot_be_read_is_said_to_be_so(client_as: ClientAs, body: bytes) -> None:
    client = await client_as("administrator")
    answer = await client.post("/api/skills", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"malformed", "validation"}


async def test_json_of_another_shape_is_refused(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    for body in (b"null", b"[]", b'"text"', b"17"):
        answer = await client.post("/api/skills", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, "validation")


async def test_a_form_of_another_site_is_not_taken_for_json(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    answer = await client.post("/api/skills", content=b'{"name": "x"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


async def test_a_refused_field_does_not_come_back_in_the_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json={"login": "ana", "password": {"secret": "hunter2hunter2"}})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


async def test_every_answer_carries_the_headers_that_protect_it(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/api/session", "/api/nowhere", "/"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


async def test_a_bug_is_answered_with_an_incident_number_and_no_inside(
    client_as: ClientAs, app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await client_as("administrator")
    monkeypatch.setattr(app.state, "feed", None)
    answer = await client.get("/api/system")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "NoneType" not in answer.text
    incident = answer.json()["incident"]
    assert any(getattr(record, "fields", {}).get("incident") == incident for record in caplog.records)


# The database


class Failing(Database):
    """A store whose transactions fail in a given way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def look(self, *_: Question | Mapping[str, Any]) -> dict[str, Any] | None:
        raise self.error

    @asynccontextmanager
    async def begin(self, wall: Wall | None, *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:  # noqa: ARG002
        raise self.error
        yield  # makes this a generator

    @asynccontextmanager
    async def read(
        self,
        enter: Callable[[AsyncSession], Awaitable[Entered]],  # noqa: ARG002
    ) -> AsyncIterator[tuple[AsyncSession, Entered]]:
        raise self.error
        yield  # makes this a generator


async def answer_when(app: FastAPI, error: Exception) -> httpx.Response:
    app.state.database.current = Failing(error)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as client:
        client.cookies.set("centrala_session", "x", path="/api")
        return await client.get("/api/session")


async def test_a_full_disk_of_the_database_is_said_to_be_so(app: FastAPI) -> None:
    answer = await answer_when(app, exc.OperationalError("INSERT", {}, psycopg.errors.DiskFull("no space left")))
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")


@pytest.mark.parametrize(
    "error",
    [
        exc.OperationalError("SELECT", {}, psycopg.OperationalError("server closed the connection")),
        exc.TimeoutError("QueuePool limit reached"),
        exc.OperationalError("SELECT", {}, psycopg.errors.LockNotAvailable("lock timeout")),
        exc.OperationalError("SELECT", {}, psycopg.errors.QueryCanceled("statement timeout")),
    ],
)
async def test_a_database_that_is_away_or_busy_is_answered_with_when_to_come_back(
    app: FastAPI, error: Exception
) -> None:
    answer = await answer_when(app, error)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A cluster that the test may stop and start; the run's own is in use by others."""
    folder = Path(tempfile.mkdtemp(prefix="centrala-own-"))
    folder.chmod(0o711)  # the server may run as another user than the tests
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    try:
        upgrade(server.owner_url)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


async def test_the_app_answers_503_while_the_database_is_gone_and_recovers_by_itself(
    own_postgres: EmbeddedPostgres, clock: TurnedClock, tmp_path: Path
) -> None:
    store = Database(own_postgres.app_url())
    person = await make_person(store, clock, Role.ADMINISTRATOR)
    await store.close()
    app = create_app(settings_for(own_postgres, tmp_path), clock=clock)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        person.sign(client)
        assert (await client.post("/api/skills", json={"name": "Before"})).status_code == 201
        await asyncio.to_thread(own_postgres.stop)
        gone = [await client.get("/api/skills"), await client.post("/api/skills", json={"name": "Lost?"})]
        unready = await client.get("/readyz")
        alive = await client.get("/healthz")
        await asyncio.to_thread(own_postgres.start)
        back = await client.get("/api/skills")
    assert [(answer.status_code, answer.json()["code"]) for answer in gone] == [(503, "unavailable")] * 2
    assert all(answer.headers["Retry-After"] for answer in gone)
    assert (unready.status_code, alive.status_code) == (503, 200)
    assert [skill["name"] for skill in back.json()["items"]] == ["Before"]


# The log


async def test_the_log_of_a_days_work_holds_no_personal_data(
    client_as: ClientAs, person_as: Callable[..., Awaitable[Person]], caplog: pytest.LogCaptureFixture
) -> None:
    """Records are taken as they are made, at the most talkative level, before anything is redacted."""
    caplog.set_level(logging.DEBUG)
    client = await client_as("administrator", "personnel")
    form = {
        "login": "vasile.ceban",
        "given_name": "Vasile",
        "family_name": "Cebanu-Unmistakable",
        "number": "77",
        "phone": "+373 69 123 456",
        "email": "vasile.ceban@example.md",
        "password": "a long first secret",
    }
    made = (await client.post("/api/employees", json=form)).json()
    path = f"/api/employees/{made['id']}"
    await client.post(f"{path}/reveal", json={"field": "phone"}, headers={"If-Match": '"1"'})
    await client.get("/api/employees", params={"q": "Cebanu-Unmistakable"})
    await client.get("/api/employees/export")
    await client.post("/api/employees", json=form)  # taken login: an integrity path
    await client.post("/api/employees", json={**form, "login": "x" * 500, "phone": "+37369123456"})
    await client.post("/api/session", json={"login": "vasile.ceban", "password": "wrong for +37369123456"})
    ours = [record for record in caplog.records if record.name not in {"httpx", "httpcore"}]  # the test's own client
    written = "\n".join(f"{record.getMessage()} {getattr(record, 'fields', '')}" for record in ours)
    assert written, "the test sees the log"
    assert personal_data_in(written) == []
    for secret in ("Unmistakable", "69123456", "69 123 456", "a long first secret", "vasile"):
        assert secret not in written
