"""Contacts of a project, the desks that read and write them, and recordings as the engine leaves them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.interactions.journal import Journal
from centrala.interactions.service.storing import Keeping
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings
from centrala.kit.work import work
from conftest import TurnedClock
from support.contacts import Contact, Recorded, a_contact, record, seen
from support.people import Person

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PersonAs = Callable[..., Awaitable[Person]]


@pytest.fixture
def journal(database: Database, clock: TurnedClock) -> Journal:
    """A journal whose task does not run: tests flush it."""
    return Journal(database, clock)


@pytest.fixture
async def operator(person_as: PersonAs, project: UUID) -> Person:
    return await person_as("operator", projects=(project,))


@pytest.fixture
async def contact(database: Database, clock: TurnedClock, project: UUID, operator: Person) -> Contact:
    """A contact that `operator` answered."""
    async with work(database, seen(project), clock=clock) as unit:
        return await a_contact(unit, project, operator.id)


@pytest.fixture
def desk(app: Any, operator: Person) -> httpx.AsyncClient:
    """The operator's own."""
    transport = httpx.ASGITransport(app)
    return operator.sign(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080"))


@pytest.fixture
async def supervisor(client_as: ClientAs, project: UUID) -> httpx.AsyncClient:
    return await client_as("supervisor", projects=(project,))


@pytest.fixture
def keeping(database: Database, settings: AppSettings, clock: TurnedClock) -> Keeping:
    return Keeping(database, settings, clock)


@pytest.fixture
async def recorded(
    database: Database, clock: TurnedClock, settings: AppSettings, project: UUID, contact: Contact
) -> Recorded:
    """The contact's recording, ended, not stored yet."""
    async with work(database, seen(project), clock=clock) as unit:
        return await record(unit, settings, project, contact)
