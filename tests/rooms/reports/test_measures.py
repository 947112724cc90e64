"""The numbers of reports: as published, alike in card, table, export and rows, and behind the wall."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.reports.definitions import Measure
from centrala.reports.models import VisitRow
from centrala.routing.measures import ContactRecord, Result, measure
from centrala.routing.measures import Limits as Published
from conftest import TurnedClock
from support.reports import a_visit

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PutVisits = Callable[..., Awaitable[list[VisitRow]]]

QUEUES = [new_id() for _ in range(2)]
OPERATORS = [new_id() for _ in range(3)]
DURATIONS = st.integers(0, 120_000)

VISITS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    ago=st.integers(0, 20 * 86_400),
    queue_id=st.sampled_from([*QUEUES, None]),
    operator_id=st.sampled_from([*OPERATORS, None]),
    via=st.sampled_from(["queue", "callback", "direct", "outgoing"]),
    result=st.sampled_from(["answered", "left", "overflowed", "turned_away"]),
    wait=st.one_of(DURATIONS, st.sampled_from([4_999, 5_000, 20_000, 20_001])),
    talk=DURATIONS,
    hold=DURATIONS,
    wrap_up=DURATIONS,
    rating=st.sampled_from([None, 1, 5]),
    rating_scale=st.sampled_from([None, 5, 10]),
    transferred=st.booleans(),
    closing=st.booleans(),
    known=st.booleans(),
    channel=st.sampled_from(["voice", "chat"]),
)

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "queue_id": st.sampled_from(QUEUES).map(str),
        "operator_id": st.sampled_from(OPERATORS).map(str),
        "channel": st.sampled_from(["voice", "chat"]),
        "target": st.sampled_from([0, 20, 60]),
        "short": st.sampled_from([0, 5, 30]),
    },
)


def number_of(rows: list[dict[str, Any]], kind: str) -> float | None:
    """What the rows behind a number make of it."""
    parts: list[float] = [row["part"] for row in rows]
    if kind == "longest":
        return max(parts, default=0.0)
    if kind == "count":
        return sum(parts)
    wholes: float = sum(row["whole"] for row in rows)
    return sum(parts) / wholes if wholes else None


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=st.lists(VISITS, max_size=30), filters=FILTERS)
async def test_the_rows_behind_every_number_add_up_to_it(  # noqa: PLR0917 - fixtures come by name
    client_as: ClientAs,
    put_visits: PutVisits,
    database: Database,
    clock: TurnedClock,
    project: UUID,
    visits: list[dict[str, Any]],
    filters: dict[str, Any],
) -> None:
    async with database.begin(Wall(projects=frozenset({ProjectId(project)}))) as session:
        await session.execute(delete(VisitRow))
    await put_visits(*visits)
    client = await client_as("administrator")
    period = {"since": (clock() - timedelta(days=15)).isoformat(), "until": clock().isoformat()}
    query = {**filters, **period, "page_size": 200}
    kinds = {one["id"]: one["kind"] for one in (await client.get("/api/reports/definitions")).json()}
    total = (await client.get("/api/reports/measures", params={**query, "by": "nothing"})).json()["total"]
    for name in Measure:
        behind = (await client.get("/api/reports/rows", params={**query, "measure": name})).json()
        assert behind["total"] == len(behind["items"])
        assert number_of(behind["items"], kinds[name]) == pytest.approx(total[name]), name


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=st.lists(VISITS.filter(lambda one: one["via"] in {"queue", "callback"}), max_size=30))
async def test_the_numbers_are_those_of_the_definitions_that_the_simulator_uses(
    client_as: ClientAs,
    put_visits: PutVisits,
    database: Database,
    project: UUID,
    visits: list[dict[str, Any]],
) -> None:
    # A wait that ends without an answer is on the line, called back or not: the simulator has no other.
    for one in visits:
        one["via"] = one["via"] if one["result"] == "answered" else "queue"
    async with database.begin(Wall(projects=frozenset({ProjectId(project)}))) as session:
        await session.execute(delete(VisitRow))
    await put_visits(*visits)
    client = await client_as("administrator")
    query = {"by": "nothing", "since": "2026-10-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}
    answer = (await client.get("/api/reports/measures", params=query)).json()
    wanted = measure(
        [
            ContactRecord(
                queue="q",
                entered=0,
                wait=one["wait"] / 1000,
                result=Result(one["result"]),
                talk=one["talk"] / 1000,
                hold=one["hold"] / 1000,
                wrap_up=one["wrap_up"] / 1000,
                callback=one["via"] == "callback",
            )
            for one in visits
        ],
        Published(),
    )
    total = answer["total"] | answer["percentiles"]
    for name in (*(set(Measure) & {field.name for field in dataclasses.fields(wanted)}), "p50", "p95"):
        assert total[name] == pytest.approx(getattr(wanted, name)), name


@pytest.mark.parametrize("by", ["interval", "queue", "operator", "project"])
async def test_counts_of_the_rows_are_the_count_of_the_total(
    client_as: ClientAs, put_visits: PutVisits, by: str
) -> None:
    keys = [(queue, operator) for queue in (*QUEUES, None) for operator in (*OPERATORS, None)]
    await put_visits(
        *(
            {"ago": 40_000 * number + 1, "queue_id": queue, "operator_id": who}
            for number, (queue, who) in enumerate(keys)
        )
    )
    client = await client_as("administrator")
    report = (await client.get("/api/reports/measures", params={"by": by})).json()
    assert report["total"]["answered"] == 12
    assert sum(row["values"]["answered"] for row in report["rows"]) == 12


@pytest.mark.parametrize("by", ["queue", "operator"])
async def test_the_row_without_a_key_opens_its_rows_too(client_as: ClientAs, put_visits: PutVisits, by: str) -> None:
    await put_visits({f"{by}_id": None}, {f"{by}_id": None}, {f"{by}_id": QUEUES[0]})
    client = await client_as("administrator")
    report = (await client.get("/api/reports/measures", params={"by": by})).json()
    counted = {row["key"]: row["values"]["offered"] for row in report["rows"]}
    assert counted == {None: 2, str(QUEUES[0]): 1}
    assert (await client.get("/api/reports/rows", params={"without": by})).json()["total"] == 2


async def test_a_number_of_nothing_is_none_and_a_count_of_nothing_is_zero(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    report = (await client.get("/api/reports/measures", params={"by": "queue"})).json()
    assert report["rows"] == []
    assert (report["total"]["offered"], report["total"]["service_level_offered"]) == (0, None)
    assert report["percentiles"]["p50"] is None


async def test_intervals_follow_the_wall_clock_of_the_projects_zone_on_the_day_clocks_go_back(
    client_as: ClientAs, database: Database, project: UUID
) -> None:
    # Chisinau leaves summer time on 25 October 2026 at 01:00 UTC: that day has 25 hours.
    async with database.begin(Wall(projects=frozenset({ProjectId(project)}))) as session:
        session.add_all(
            a_visit(project, datetime(2026, 10, 24, 21, tzinfo=UTC) + timedelta(hours=n)) for n in range(25)
        )
    client = await client_as("supervisor", projects=(project,))
    days = {"since": "2026-10-24T21:00:00Z", "until": "2026-10-26T22:00:00Z", "interval": "day"}
    report = (await client.get("/api/reports/measures", params=days)).json()
    assert report["time_zone"] == "Europe/Chisinau"
    assert [(row["starts_at"], row["values"]["offered"]) for row in report["rows"]] == [
        ("2026-10-24T21:00:00Z", 25),
        ("2026-10-25T22:00:00Z", 0),
    ]


async def test_fcr_waits_for_its_days_and_counts_who_came_again_within_them(
    client_as: ClientAs, put_visits: PutVisits, clock: TurnedClock
) -> None:
    day = 86_400
    at = clock()
    await put_visits(
        {"ago": 8 * day},
        {"ago": 9 * day, "next_at": at - timedelta(days=4)},
        {"ago": 20 * day, "next_at": at - timedelta(days=5)},
        {"ago": 8 * day, "known": False},
        {"ago": 8 * day, "closing": False},
        {"ago": 2 * day},
    )
    client = await client_as("administrator")
    query = {"by": "nothing", "since": (at - timedelta(days=30)).isoformat(), "repeat_days": "7"}
    total = (await client.get("/api/reports/measures", params=query)).json()["total"]
    assert total["fcr"] == pytest.approx(2 / 3)


async def test_a_report_of_too_many_intervals_is_refused_and_says_so(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    query = {"interval": "15m", "since": "2026-01-01T00:00:00Z", "until": "2026-11-01T00:00:00Z"}
    answer = await client.get("/api/reports/measures", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "too_many_intervals"


async def test_a_period_that_ends_before_it_begins_is_refused(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    query = {"since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}
    answer = await client.get("/api/reports/rows", params=query)
    assert answer.json()["errors"][0]["code"] == "empty_period"


async def test_nobody_counts_contacts_of_another_project(
    client_as: ClientAs, put_visits: PutVisits, project: UUID, other_project: UUID
) -> None:
    await put_visits({}, {})
    await put_visits({}, of=other_project)
    client = await client_as("supervisor", projects=(other_project,))
    assert (await client.get("/api/reports/measures")).json()["total"]["offered"] == 1
    assert (await client.get("/api/reports/rows")).json()["total"] == 1


async def test_the_exports_hold_what_the_pages_show_and_leave_a_trace(
    client_as: ClientAs, put_visits: PutVisits, trail: Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
) -> None:
    await put_visits({"queue_id": QUEUES[0]}, {"queue_id": QUEUES[1]})
    client = await client_as("administrator")
    table = (await client.get("/api/reports/measures/export", params={"by": "queue"})).text.splitlines()
    assert [line.split(",")[3] for line in table] == ["offered", "1.0", "1.0", "2.0"]
    rows = (await client.get("/api/reports/rows/export", params={"measure": "answered"})).text.splitlines()
    assert len(rows) == 3
    assert [action for action, _ in await trail()][-2:] == ["reports.exported", "reports.exported"]


async def test_every_measure_has_its_definition_in_three_languages(client_as: ClientAs) -> None:
    client = await client_as("administrator")
    shown = (await client.get("/api/reports/definitions")).json()
    assert {*Measure} <= {one["id"] for one in shown}
    assert all(one[field][language] for one in shown for field in ("name", "text") for language in ("en", "ru", "ro"))
