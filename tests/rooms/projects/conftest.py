"""A manager's desk, and things to work on."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]

COMPANY = {"name": "Orbita", "legal_name": "Orbita Net SRL", "country": "MD"}
PROJECT = {
    "name": "Support line",
    "code": "NET",
    "service": "help_desk",
    "time_zone": "Europe/Chisinau",
    "languages": ["ro", "ru"],
}
CALENDAR = {
    "name": "Working week",
    "time_zone": "Europe/Chisinau",
    "hours": [{"weekday": 0, "opens": "09:00", "closes": "18:00"}],
}


@pytest.fixture
async def manager(client_as: ClientAs) -> httpx.AsyncClient:
    """Works for the centre, and writes companies, projects and calendars."""
    return await client_as("manager")


@pytest.fixture
def make_company(manager: httpx.AsyncClient) -> Make:
    async def make(**more: Any) -> Answer:
        return made(await manager.post("/api/companies", json={**COMPANY, **more}))

    return make


@pytest.fixture
def make_project(manager: httpx.AsyncClient, make_company: Make) -> Make:
    async def make(**more: Any) -> Answer:
        if "company_id" not in more:
            more["company_id"] = (await make_company())["id"]
        return made(await manager.post("/api/projects", json={**PROJECT, **more}))

    return make


@pytest.fixture
def make_calendar(manager: httpx.AsyncClient, make_project: Make) -> Make:
    async def make(**more: Any) -> Answer:
        if "project_id" not in more:
            more["project_id"] = (await make_project())["id"]
        return made(await manager.post("/api/calendars", json={**CALENDAR, **more}))

    return make


def made(answer: httpx.Response) -> Answer:
    assert answer.status_code == 201, answer.text
    body: Answer = answer.json()
    return body
