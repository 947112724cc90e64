"""Calendars over HTTP: hours, exceptions, holidays, the days that come of them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.work import work
from centrala.projects.service import is_calendar_open

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[dict[str, Any]]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]

WEEKDAYS = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(5)]


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def field_errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


async def test_a_calendar_is_created_with_hours_and_exceptions_in_their_order(
    manager: httpx.AsyncClient, make_calendar: Make, trail: Trail, facts: Facts
) -> None:
    hours = [{"weekday": 1, "opens": "09:00", "closes": "12:00"}, {"weekday": 0, "opens": "22:00", "closes": "00:00"}]
    exceptions = [
        {"date": "2027-01-02", "name": "Stocktaking", "opens": None, "closes": None},
        {"date": "2026-12-31", "name": "", "opens": "09:00", "closes": "13:00"},
    ]
    calendar = await make_calendar(hours=hours, exceptions=exceptions)
    assert (calendar["hours"], calendar["exceptions"]) == (hours[::-1], exceptions[::-1])
    read = await manager.get(f"/api/calendars/{calendar['id']}")
    assert (read.json(), read.headers["ETag"]) == (calendar, '"1"')
    assert (await trail())[-1] == ("calendar.created", {})
    assert (await facts())[-1] == ("calendar.changed", calendar["id"])


async def test_hours_and_exceptions_are_replaced_and_the_rest_stays(
    manager: httpx.AsyncClient, make_calendar: Make, trail: Trail
) -> None:
    calendar = await make_calendar(exceptions=[{"date": "2026-12-31", "name": "New Year's Eve"}])
    address = f"/api/calendars/{calendar['id']}"
    days = [{"date": "2026-12-31", "name": "", "opens": "09:00", "closes": "13:00"}]
    after = await manager.patch(address, json={"hours": WEEKDAYS, "exceptions": days}, headers=at(1))
    assert after.json() == calendar | {"hours": WEEKDAYS, "exceptions": days, "version": 2}
    assert (await manager.get(address)).json() == after.json()
    assert (await trail())[-1] == ("calendar.changed", {"fields": ["hours", "exceptions"]})
    same = await manager.patch(address, json={"hours": WEEKDAYS[::-1], "exceptions": days}, headers=at(2))
    assert same.json()["version"] == 2, "the same hours in another order are no change"
    emptied = await manager.patch(address, json={"hours": []}, headers=at(2))
    assert (emptied.json()["hours"], emptied.json()["exceptions"]) == ([], days)


async def test_overlapping_hours_are_refused_and_nothing_changes(
    manager: httpx.AsyncClient, make_calendar: Make
) -> None:
    calendar = await make_calendar()
    address = f"/api/calendars/{calendar['id']}"
    hours = [{"weekday": 6, "opens": "22:00", "closes": "06:00"}, {"weekday": 0, "opens": "05:00", "closes": "09:00"}]
    refused = await manager.patch(address, json={"name": "Nights", "hours": hours}, headers=at(1))
    assert (refused.status_code, field_errors(refused)) == (422, [("hours.1", "overlaps")])
    assert refused.json()["errors"][0]["params"] == {"other": 0}
    assert (await manager.get(address)).json() == calendar


async def test_a_date_has_one_exception(make_calendar: Make) -> None:
    day = {"date": "2026-12-31"}
    with pytest.raises(AssertionError, match=r"exceptions\.1\.date.*duplicate_date"):
        await make_calendar(exceptions=[day, day])


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ({"observe_holidays": True}, ("country", "required_for_holidays")),
        ({"subdivision": "BY"}, ("country", "required_for_subdivision")),
        ({"country": "ZZ"}, ("country", "no_holidays_known")),
        ({"country": "DE", "subdivision": "XX"}, ("subdivision", "unknown_subdivision")),
    ],
)
async def test_a_place_must_be_one_whose_holidays_are_known(
    manager: httpx.AsyncClient, make_calendar: Make, place: dict[str, Any], error: tuple[str, str]
) -> None:
    calendar = await make_calendar()
    refused = await manager.patch(f"/api/calendars/{calendar['id']}", json=place, headers=at(1))
    assert (refused.status_code, field_errors(refused)) == (422, [error])


async def test_a_project_has_one_calendar_of_a_name(manager: httpx.AsyncClient, make_calendar: Make) -> None:
    first = await make_calendar()
    second = await make_calendar(project_id=first["project_id"], name="Nights")
    refused = await manager.patch(f"/api/calendars/{second['id']}", json={"name": first["name"]}, headers=at(1))
    assert (refused.status_code, refused.json()["code"]) == (409, "projects.calendar_name_taken")


async def test_a_calendar_is_removed_with_all_that_is_in_it(
    manager: httpx.AsyncClient, make_calendar: Make, trail: Trail, facts: Facts
) -> None:
    calendar = await make_calendar(exceptions=[{"date": "2026-12-31"}])
    address = f"/api/calendars/{calendar['id']}"
    assert (await manager.delete(address, headers=at(7))).status_code == 412
    assert (await manager.delete(address, headers=at(1))).status_code == 204
    assert (await manager.get(address)).status_code == 404
    assert (await trail())[-1] == ("calendar.removed", {})
    assert (await facts())[-1] == ("calendar.removed", calendar["id"])


async def test_days_tell_hours_holidays_and_exceptions(manager: httpx.AsyncClient, make_calendar: Make) -> None:
    calendar = await make_calendar(
        country="MD",
        observe_holidays=True,
        hours=WEEKDAYS,
        exceptions=[{"date": "2026-12-31", "name": "Short day", "opens": "09:00", "closes": "13:00"}],
    )
    query = "start=2026-12-30&end=2027-01-02"
    answer = await manager.get(f"/api/calendars/{calendar['id']}/days?{query}", headers={"Accept-Language": "ro"})
    assert answer.json() == [
        {
            "date": "2026-12-30",
            "open": [{"opens": "2026-12-30T09:00:00+02:00", "closes": "2026-12-30T18:00:00+02:00"}],
            "holiday": None,
            "exception": None,
        },
        {
            "date": "2026-12-31",
            "open": [{"opens": "2026-12-31T09:00:00+02:00", "closes": "2026-12-31T13:00:00+02:00"}],
            "holiday": None,
            "exception": "Short day",
        },
        {"date": "2027-01-01", "open": [], "holiday": "Anul Nou", "exception": None},
        {"date": "2027-01-02", "open": [], "holiday": None, "exception": None},
    ]


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("RU", "ru", "Новогодние каникулы"),
        ("RU", "ro", "New Year Holidays"),
        ("RO", "ro,en;q=0.5", "Anul Nou"),
        ("RO", "", "New Year's Day"),
    ],
)
async def test_holidays_are_named_in_the_readers_language_where_there_is_one(
    manager: httpx.AsyncClient, make_calendar: Make, country: str, language: str, name: str
) -> None:
    calendar = await make_calendar(country=country, hours=WEEKDAYS)
    address = f"/api/calendars/{calendar['id']}/days?start=2027-01-01&end=2027-01-01"
    (day,) = (await manager.get(address, headers={"Accept-Language": language})).json()
    assert day["holiday"] == name
    assert len(day["open"]) == 1, "shown, but not observed"


async def test_a_stretch_of_days_is_neither_backwards_nor_endless(
    manager: httpx.AsyncClient, make_calendar: Make
) -> None:
    address = f"/api/calendars/{(await make_calendar())['id']}/days"
    backwards = await manager.get(f"{address}?start=2026-01-02&end=2026-01-01")
    endless = await manager.get(f"{address}?start=2026-01-01&end=2027-02-05")
    assert field_errors(backwards) == [("end", "ends_before_start")]
    assert field_errors(endless) == [("end", "too_many_days")]
    assert len((await manager.get(f"{address}?start=2026-01-01&end=2027-02-04")).json()) == 400


async def test_other_rooms_ask_whether_a_calendar_is_open(database: Database, make_calendar: Make) -> None:
    calendar = await make_calendar(country="MD", observe_holidays=True, hours=WEEKDAYS)
    wall = Wall(projects=frozenset({ProjectId(UUID(calendar["project_id"]))}))

    async def is_open(moment: str) -> bool:
        async with work(database, wall) as unit:
            return await is_calendar_open(unit, UUID(calendar["id"]), datetime.fromisoformat(moment))

    assert await is_open("2026-12-31T07:00:00Z")
    assert not await is_open("2026-12-31T06:59:59Z")
    assert not await is_open("2027-01-01T10:00:00Z"), "a holiday"


async def test_a_supervisor_writes_calendars_of_their_project_alone(
    client_as: ClientAs, make_calendar: Make, make_company: Make, make_project: Make
) -> None:
    mine = await make_calendar()
    other_project = await make_project(company_id=(await make_company(name="Taxi"))["id"], code="TAXI")
    theirs = await make_calendar(project_id=other_project["id"])
    supervisor = await client_as("supervisor", projects=(UUID(mine["project_id"]),))
    assert [row["id"] for row in (await supervisor.get("/api/calendars")).json()["items"]] == [mine["id"]]
    changed = await supervisor.patch(f"/api/calendars/{mine['id']}", json={"name": "Week"}, headers=at(1))
    assert changed.status_code == 200
    for method, path in (
        ("GET", ""),
        ("GET", "/days?start=2026-01-01&end=2026-01-01"),
        ("PATCH", ""),
        ("DELETE", ""),
    ):
        address = f"/api/calendars/{theirs['id']}{path}"
        hidden = await supervisor.request(method, address, json={"name": "x"}, headers=at(1))
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found"), (method, path)
    for project_id in (other_project["id"], str(uuid4())):
        body = {"project_id": project_id, "name": "Mine", "time_zone": "UTC"}
        refused = await supervisor.post("/api/calendars", json=body)
        assert field_errors(refused) == [("project_id", "unknown_reference")]


async def test_a_desk_that_looks_at_one_project_writes_into_no_other(
    manager: httpx.AsyncClient, make_calendar: Make, make_company: Make, make_project: Make
) -> None:
    mine = await make_calendar()
    other = await make_project(company_id=(await make_company(name="Taxi"))["id"], code="TAXI")
    looking = {"X-Centrala-Project": mine["project_id"]}
    body = {"project_id": other["id"], "name": "Week", "time_zone": "UTC"}
    assert field_errors(await manager.post("/api/calendars", json=body, headers=looking)) == [
        ("project_id", "unknown_reference")
    ]
    assert (await manager.get("/api/calendars", headers=looking)).json()["total"] == 1


async def test_the_export_writes_hours_as_people_read_them(
    manager: httpx.AsyncClient, make_calendar: Make, trail: Trail
) -> None:
    await make_calendar(hours=WEEKDAYS[:2])
    lines = (await manager.get("/api/calendars/export")).text.removeprefix("\ufeff").splitlines()
    assert lines[1] == 'Support line,Working week,Europe/Chisinau,,,False,"Mo 09:00-18:00, Tu 09:00-18:00"'
    assert (await trail())[-1] == ("calendars.exported", {"rows": 1})
