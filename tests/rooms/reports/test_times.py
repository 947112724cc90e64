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


async def by_interval(client: httpx.AsyncClient, interval: str, **query: Any) -> dict[str, Any]:
    answer = await client.get("/api/reports/occupancy", params={"interval": interval, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def minutes(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(round(row[name] / MINUTE, 3) for name in ("in_hand", "other_contacts", "ready"))


async def test_contacts_and_readiness_are_cut_where_intervals_begin(
    client_as: ClientAs, put_visits: PutVisits, operator: UUID, clock: TurnedClock
) -> None:
    """In hand from ten minutes before the hour to twenty after it."""
    begins = clock().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    ago = (clock() - begins).total_seconds() + 11 * MINUTE
    await put_visits(
        {
            "operator_id": operator,
            "ago": ago,
            "wait": 2 * MINUTE * 1000,
            "ring": MINUTE * 1000,
            "talk": 20 * MINUTE * 1000,
            "hold": 4 * MINUTE * 1000,
            "wrap_up": 5 * MINUTE * 1000,
        }
    )
    period = {"since": (begins - timedelta(hours=1)).isoformat(), "until": (begins + timedelta(hours=1)).isoformat()}
    client = await client_as("administrator")
    hours = await by_interval(client, "60m", **period)
    assert [minutes(row)[0] for row in hours["rows"]] == [10, 20]
    halves = await by_interval(client, "30m", **period)
    assert [minutes(row)[0] for row in halves["rows"]] == [0, 10, 20, 0]
    for name in ("in_hand", "other_contacts", "ready"):
        for report in (hours, halves):
            assert report["total"][name] == pytest.approx(sum(row[name] for row in report["rows"]))
    assert minutes(hours["total"]) == minutes(halves["total"]) == (30, 0, 90)
    row = halves["rows"][1]
    assert row["occupancy"] == pytest.approx(row["in_hand"] / (row["in_hand"] + row["ready"]))


async def test_occupancy_by_a_queue_is_its_part_of_the_time_of_those_who_served_it(
    client_as: ClientAs, put_visits: PutVisits, operator: UUID, person_as: Callable[..., Awaitable[Person]]
) -> None:
    mine, other, idle = new_id(), new_id(), (await person_as("operator")).id
    took = {"operator_id": operator, "wait": 0, "ring": 0, "hold": 0, "wrap_up": 0}
    await put_visits(
        {**took, "queue_id": mine, "ago": 150 * MINUTE, "talk": 15 * MINUTE * 1000},
        {**took, "queue_id": other, "ago": 120 * MINUTE, "talk": 30 * MINUTE * 1000},
        {**took, "operator_id": idle, "queue_id": other, "ago": 120 * MINUTE, "talk": 5 * MINUTE * 1000},
    )
    client = await client_as("administrator")
    total = (await by_interval(client, "day", queue_id=str(mine)))["total"]
    assert minutes(total) == (15, 30, 105)
    assert total["occupancy"] == pytest.approx(15 / 150)
    everything = (await by_interval(client, "day"))["total"]
    assert minutes(everything) == (50, 0, 105)
    alone = (await by_interval(client, "day", operator_id=str(idle)))["total"]
    assert (minutes(alone), alone["occupancy"]) == ((5, 0, 0), 1.0)


async def test_occupancy_is_exported_with_its_total_in_the_last_row(client_as: ClientAs, operator: UUID) -> None:
    client = await client_as("administrator")
    answer = await client.get("/api/reports/occupancy/export", params={"interval": "day"})
    lines = answer.text.strip().splitlines()
    assert lines[0].split(",")[0].lstrip("\ufeff") == "starts_at"
    assert float(lines[-1].split(",")[4]) == pytest.approx(150 * MINUTE, abs=1)


async def spans(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/reports/spans", params={"page_size": 200, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def added(rows: list[dict[str, Any]]) -> tuple[float, ...]:
    sums = {kind: sum(row["seconds"] for row in rows if row["what"] == kind) for kind in ("contact", "other", "ready")}
    return tuple(round(one / MINUTE, 3) for one in sums.values())


async def test_the_pieces_behind_occupancy_add_up_to_each_interval(
    client_as: ClientAs, put_visits: PutVisits, operator: UUID
) -> None:
    mine, other = new_id(), new_id()
    took = {"operator_id": operator, "wait": 0, "ring": 0, "hold": 0, "wrap_up": 0}
    await put_visits(
        {**took, "queue_id": mine, "ago": 150 * MINUTE, "talk": 45 * MINUTE * 1000},
        {**took, "queue_id": other, "ago": 100 * MINUTE, "talk": 20 * MINUTE * 1000},
    )
    client = await client_as("administrator")
    for narrowed in ({}, {"queue_id": str(mine)}, {"operator_id": str(operator)}):
        report = await by_interval(client, "60m", **narrowed)
        whole = {"whole_since": report["since"], "whole_until": report["until"]}
        for row in (*report["rows"], report["total"]):
            period = {"since": row["starts_at"], "until": row["ends_at"]}
            assert added(await spans(client, **period, **narrowed, **whole)) == minutes(row), (narrowed, period)
        assert minutes(report["total"])[0] > 0


async def test_the_pieces_tell_states_and_contacts_in_their_order(
    client_as: ClientAs, put_visits: PutVisits, operator: UUID
) -> None:
    took = {"operator_id": operator, "wait": 0, "ring": 0, "hold": 0, "wrap_up": 0}
    [visit] = await put_visits({**took, "ago": 90 * MINUTE, "talk": 10 * MINUTE * 1000})
    client = await client_as("administrator")
    found = [(row["what"], row["seconds"] / MINUTE, row["interaction_id"]) for row in await spans(client)]
    assert found == [
        ("ready", pytest.approx(110), None),
        ("contact", pytest.approx(10), str(visit.interaction_id)),
        ("break", pytest.approx(30), None),
        ("ready", pytest.approx(30), None),
    ]
    assert [row["what"] for row in await spans(client, what="break")] == ["break"]
    export = (await client.get("/api/reports/spans/export", params={"what": "ready"})).text.strip().splitlines()
    assert len(export) == 3
