"""Desks of those who keep the personnel files, and people to work on."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.outbox import OutboxRow

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]

ANA = {
    "login": "ana.rusu",
    "given_name": "Ana",
    "family_name": "Rusu",
    "patronymic": "Ionovna",
    "number": "1042",
    "phone": "+373 69 123 456",
    "email": "ana.rusu@example.md",
}


@pytest.fixture
async def administrator(client_as: ClientAs) -> httpx.AsyncClient:
    """May do everything."""
    return await client_as("administrator")


@pytest.fixture
async def personnel(client_as: ClientAs) -> httpx.AsyncClient:
    """Hires, changes, reveals and erases, but assigns no roles."""
    return await client_as("personnel")


@pytest.fixture
def hire(administrator: httpx.AsyncClient) -> Make:
    """Make an employee; without a login: one of many, with fields of its own."""
    counter = itertools.count(1)

    async def make(**more: Any) -> Answer:
        if "login" not in more and (place := next(counter)) > 1:
            more = {"login": f"colleague.{place}", "number": f"C{place}", "phone": "", "email": "", **more}
        return made(await administrator.post("/api/employees", json={**ANA, **more}))

    return make


@pytest.fixture
def make_team(administrator: httpx.AsyncClient) -> Make:
    async def make(**more: Any) -> Answer:
        return made(await administrator.post("/api/teams", json={"name": "Evening", **more}))

    return make


@pytest.fixture
def make_skill(administrator: httpx.AsyncClient) -> Make:
    async def make(**more: Any) -> Answer:
        return made(await administrator.post("/api/skills", json={"name": "Billing", **more}))

    return make


def made(answer: httpx.Response) -> Answer:
    assert answer.status_code == 201, answer.text
    body: Answer = answer.json()
    return body


@pytest.fixture
def facts(database: Database) -> Callable[[], Awaitable[list[tuple[str, str, list[str]]]]]:
    """The facts that wait in the outbox: kinds, ids of their things, projects that they left; the oldest first."""

    async def read() -> list[tuple[str, str, list[str]]]:
        async with database.begin(CENTRE) as session:
            rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [(row.kind, str(row.aggregate_id), row.payload.get("left_projects", [])) for row in rows]

    return read
