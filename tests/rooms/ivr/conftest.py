"""A supervisor's desk, a project with a queue and a number, and flows to work on."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.ivr.service import Voice
from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.projects.models import Number
from centrala.routing.models import QueueRow
from support.drawn import NUMBER, said_flow

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def supervisor(client_as: ClientAs, project: UUID) -> httpx.AsyncClient:
    """Draws and publishes the flows of one project."""
    return await client_as("supervisor", projects=(project,))


@pytest.fixture
async def queue(database: Database, clock: Clock, project: UUID) -> UUID:
    """A queue of the project."""
    async with work(database, Wall(projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        row = QueueRow(id=new_id(), project_id=project, name="Faults", rules={}, thresholds={})
        unit.session.add(row)
    return row.id


@pytest.fixture
async def number(database: Database, clock: Clock, project: UUID) -> UUID:
    """A number of the project."""
    async with work(database, Wall(projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        row = Number(id=new_id(), project_id=project, e164=NUMBER, label="Main line")
        unit.session.add(row)
    return row.id


@pytest.fixture
def make_flow(supervisor: httpx.AsyncClient, project: UUID) -> Make:
    """A flow that can be published: it says something and hangs up."""

    async def make(**more: Any) -> Answer:
        form = {"project_id": str(project), "name": "Support line", "definition": said_flow(), **more}
        answer = await supervisor.post("/api/flows", json=form)
        assert answer.status_code == 201, answer.text
        made: Answer = answer.json()
        return made

    return make


@pytest.fixture
def make_prompt(supervisor: httpx.AsyncClient, project: UUID) -> Make:
    async def make(**more: Any) -> Answer:
        form = {"project_id": str(project), "name": "Greeting", "texts": {"ro": "Bună ziua."}, **more}
        answer = await supervisor.post("/api/prompts", json=form)
        assert answer.status_code == 201, answer.text
        made: Answer = answer.json()
        return made

    return make


@pytest.fixture
def voice(tmp_path: Path) -> Voice:
    """Sounds in a folder of the test."""
    return Voice(tmp_path / "speech")
