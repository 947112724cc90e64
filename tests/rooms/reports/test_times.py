"""Operators' time: what is in hand is part of what is ready, and breaks are left out of occupancy."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.reports.models import VisitRow
from centrala.routing.models import OperatorStateRow
from conftest import TurnedClock
from support.people import Person

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PutVisits = Callable[..., Awaitable[list[VisitRow]]]
MINUTE = 60


@pytest.fixture
async def operator(database: Database, clock: TurnedClock, person_as: Callable[..., Awaitable[Person]]) -> UUID:
    """Ready from three hours ago to one hour ago, on a break for half an hour, and ready since."""
    person = (await person_as("operator")).id
    async with database.begin(CENTRE) as session:
        for state, since, until in (("ready", 180, 60), ("break", 60, 30), ("ready", 30, None)):
            session.add(
                OperatorStateRow(
                    id=new_id(),
                    person_id=person,
                    state=state,
                    reason="",
                    since=clock() - timedelta(minutes=since),
                    until=None if until is None else clock() - timedelta(minutes=until),
                )
            )
    return person


async def report(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/api/reports/operators", params=query)).json()
    return answer


async def test_occupancy_is_time_in_hand_by_that_and_the_time_ready(
    client_as: ClientAs, put_visits: PutVisits, operator: UUID
) -> None:
    took = {"operator_id": operator, "ring": 60_000, "talk": 20 * MINUTE * 1000, "hold": 240_000, "wrap_up": 300_000}
    await put_visits(took)
    shown = await report(await client_as("administrator"))
    [row] = shown["rows"]
    assert row["seconds"]["ready"] == pytest.approx(120 * MINUTE)
    assert row["seconds"]["on_break"] == pytest.approx(30 * MINUTE)
    assert row["occupancy"] == pytest.approx(30 / 150)
    assert shown["occupancy"] == row["occupancy"]


async def test_a_state_counts_with_the_part_that_lies_in_the_period(
    client_as: ClientAs, operator: UUID, clock: TurnedClock
) -> None:
    since, until = clock() - timedelta(minutes=90), clock() - timedelta(minutes=15)
    shown = await report(await client_as("administrator"), since=since.isoformat(), until=until.isoformat())
    [row] = shown["rows"]
    assert row["seconds"]["ready"] == pytest.approx(45 * MINUTE)
    assert row["seconds"]["on_break"] == pytest.approx(30 * MINUTE)


async def test_who_was_never_ready_has_no_occupancy(client_as: ClientAs) -> None:
    shown = await report(await client_as("administrator"))
    assert (shown["rows"], shown["occupancy"]) == ([], None)
