"""An administrator's desk, and trunks to work on."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]

REGISTERING = {
    "name": "Carrier",
    "kind": "register",
    "host": "sip.carrier.example",
    "user": "37322000000",
    "password": "of the carrier",
    "country": "MD",
}
BY_ADDRESS = {"kind": "address", "host": "192.0.2.10", "country": "MD"}


@pytest.fixture
async def administrator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("administrator")


@pytest.fixture
def make_trunk(administrator: httpx.AsyncClient) -> Make:
    counter = itertools.count(1)

    async def make(**more: Any) -> Answer:
        form = BY_ADDRESS if more.get("kind") == "address" else REGISTERING
        name = {"name": f"Carrier {next(counter)}"}
        answer = await administrator.post("/api/trunks", json={**form, **name, **more})
        assert answer.status_code == 201, answer.text
        body: Answer = answer.json()
        return body

    return make
