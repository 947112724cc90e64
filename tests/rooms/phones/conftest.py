"""An administrator's desk, and phones to work on."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from support.people import Person

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def administrator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("administrator")


@pytest.fixture
async def ana(person_as: Callable[..., Awaitable[Person]]) -> Person:
    return await person_as("operator")


@pytest.fixture
def make_phone(administrator: httpx.AsyncClient, ana: Person) -> Make:
    """A desk phone of Ana's unless somebody else is named; answers the phone and its provisioning."""
    counter = itertools.count(1)

    async def make(**more: Any) -> Answer:
        form = {"person_id": str(ana.id), "label": f"Desk {next(counter)}", **more}
        answer = await administrator.post("/api/phones", json=form)
        assert answer.status_code == 201, answer.text
        body: Answer = answer.json()
        return body

    return make
