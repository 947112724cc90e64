"""Projects and their numbers over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.projects.models import Number
from centrala.projects.service.numbers import MAX_NUMBERS

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[dict[str, Any]]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def field_errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


async def test_a_project_is_created_under_its_company(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make, trail: Trail, facts: Facts
) -> None:
    company = await make_company()
    project = await make_project(company_id=company["id"], starts_on="2026-12-01")
    assert project["company_name"] == "Orbita"
    assert project["numbers"] == []
    read = await manager.get(f"/api/projects/{project['id']}")
    assert (read.json(), read.headers["ETag"]) == (project, '"1"')
    assert (await trail())[-1] == ("project.created", {})
    assert (await facts())[-1] == ("project.changed", project["id"])


async def test_only_what_is_sent_is_changed(manager: httpx.AsyncClient, make_project: Make, trail: Trail) -> None:
    project = await make_project(ends_on="2027-01-01")
    address = f"/api/projects/{project['id']}"
    after = await manager.patch(address, json={"ends_on": None, "languages": ["ro"]}, headers=at(1))
    assert after.json() == project | {"ends_on": None, "languages": ["ro"], "version": 2}
    assert (await trail())[-1] == ("project.changed", {"fields": ["ends_on", "languages"]})


async def test_a_project_stays_with_its_company(manager: httpx.AsyncClient, make_project: Make) -> None:
    project = await make_project()
    moved = await manager.patch(f"/api/projects/{project['id']}", json={"company_id": str(uuid4())}, headers=at(1))
    assert (moved.status_code, moved.json()["errors"][0]["field"]) == (422, "company_id")


async def test_a_project_does_not_end_before_it_starts(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make
) -> None:
    company = await make_company()
    dates = {"starts_on": "2026-12-02", "ends_on": "2026-12-01"}
    with pytest.raises(AssertionError, match="ends_before_start"):
        await make_project(company_id=company["id"], **dates)
    project = await make_project(company_id=company["id"], starts_on="2026-12-02")
    refused = await manager.patch(f"/api/projects/{project['id']}", json={"ends_on": "2026-12-01"}, headers=at(1))
    assert field_errors(refused) == [("ends_on", "ends_before_start")]


async def test_name_within_a_company_and_code_everywhere_are_unique(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make
) -> None:
    first = await make_project()
    other = await make_company(name="Other")
    body = {key: first[key] for key in ("name", "service", "time_zone", "languages")}

    async def code_of(**more: Any) -> str:
        return str((await manager.post("/api/projects", json={**body, **more})).json().get("code"))

    assert await code_of(company_id=first["company_id"], code="TWO") == "projects.project_name_taken"
    assert await code_of(company_id=other["id"], code="NET") == "projects.code_taken"
    assert await code_of(company_id=other["id"], code="TWO") == "TWO", "another company may use the name"


async def test_a_company_that_is_not_there_is_refused_beside_its_field(make_project: Make) -> None:
    with pytest.raises(AssertionError, match="unknown_reference"):
        await make_project(company_id=str(uuid4()))


async def test_an_archived_project_is_read_only_until_it_is_restored(
    manager: httpx.AsyncClient, make_project: Make
) -> None:
    project = await make_project()
    address = f"/api/projects/{project['id']}"
    assert (await manager.post(f"{address}/restore", headers=at(1))).json()["code"] == "projects.not_archived"
    assert (await manager.post(f"{address}/archive", headers=at(1))).json()["archived_at"] == "2026-11-20T09:00:00Z"
    calendar = {"project_id": project["id"], "name": "Week", "time_zone": "UTC"}
    for refused in (
        await manager.patch(address, json={"note": "x"}, headers=at(2)),
        await manager.post(f"{address}/numbers", json={"number": "022 123 456"}),
        await manager.post("/api/calendars", json=calendar),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "projects.project_archived")
    assert (await manager.post(f"{address}/archive", headers=at(2))).json()["code"] == "projects.already_archived"
    assert (await manager.post(f"{address}/restore", headers=at(2))).json() == project | {"version": 3}


async def test_a_project_of_an_archived_company_is_not_restored(manager: httpx.AsyncClient, make_project: Make) -> None:
    project = await make_project()
    address = f"/api/projects/{project['id']}"
    await manager.post(f"{address}/archive", headers=at(1))
    await manager.post(f"/api/companies/{project['company_id']}/archive", headers=at(1))
    assert (await manager.post(f"{address}/restore", headers=at(2))).json()["code"] == "projects.company_archived"


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("POST", "/archive"), ("POST", "/restore")])
async def test_a_stale_version_is_refused_with_the_project_as_it_is(
    manager: httpx.AsyncClient, make_project: Make, method: str, path: str
) -> None:
    project = await make_project()
    address = f"/api/projects/{project['id']}"
    await manager.patch(address, json={"note": "first"}, headers=at(1))
    stale = await manager.request(method, address + path, json={"note": "second"}, headers=at(1))
    assert (stale.status_code, stale.json()["code"]) == (412, "version.stale")
    assert stale.json()["current"] == project | {"note": "first", "version": 2}


async def test_the_list_is_filtered_and_sorted(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make
) -> None:
    orbita, taxi = await make_company(), await make_company(name="Taxi")
    await make_project(company_id=orbita["id"], name="Sales", code="S1", service="telesales")
    await make_project(company_id=orbita["id"], name="Support", code="S2")
    await make_project(company_id=taxi["id"], name="Orders", code="T1", service="orders")

    async def codes(query: str) -> list[str]:
        return [row["code"] for row in (await manager.get(f"/api/projects?{query}")).json()["items"]]

    assert await codes("") == ["T1", "S1", "S2"]
    assert await codes("sort=-code") == ["T1", "S2", "S1"]
    assert await codes("sort=-company_name&page_size=1") == ["T1"]
    assert await codes(f"company_id={orbita['id']}") == ["S1", "S2"]
    assert await codes("service=orders") == ["T1"]
    assert await codes("q=taxi") == ["T1"]
    assert await codes("state=archived") == []


async def test_the_export_names_companies_and_numbers(
    manager: httpx.AsyncClient, make_project: Make, trail: Trail
) -> None:
    project = await make_project()
    await manager.post(f"/api/projects/{project['id']}/numbers", json={"number": "022 123 456"})
    lines = (await manager.get("/api/projects/export")).text.removeprefix("\ufeff").splitlines()
    assert lines[1] == 'Orbita,Support line,NET,help_desk,Europe/Chisinau,"ro, ru",\'+37322123456,,,,True,'
    assert (await trail())[-1] == ("projects.exported", {"rows": 1})


async def test_a_number_is_of_the_companys_country_and_counts_as_a_change_of_the_project(
    manager: httpx.AsyncClient, make_project: Make, trail: Trail, facts: Facts
) -> None:
    project = await make_project()
    address = f"/api/projects/{project['id']}/numbers"
    added = await manager.post(address, json={"number": "022 123-456", "label": "Main"})
    assert (added.status_code, added.headers["ETag"]) == (201, '"2"')
    number = added.json()
    assert number | {"e164": "+37322123456", "label": "Main"} == number
    assert (await trail())[-1] == ("project.number_added", {"number_id": number["id"]})
    assert (await facts())[-1] == ("project.changed", project["id"])

    changed = await manager.patch(f"{address}/{number['id']}", json={"label": "Hot line"}, headers=at(2))
    assert (changed.json()["label"], changed.headers["ETag"]) == ("Hot line", '"3"')
    listed = await manager.get(address)
    assert (listed.json(), listed.headers["ETag"]) == ([number | {"label": "Hot line"}], '"3"')
    removed = await manager.delete(f"{address}/{number['id']}", headers=at(3))
    assert removed.json() == project | {"version": 4}


@pytest.mark.parametrize(
    ("number", "code"),
    [("12", "phone_too_short"), ("call me", "phone_invalid"), ("+373 22 12 34 56 78 90", "phone_too_long")],
)
async def test_what_is_no_number_is_refused_beside_its_field(
    manager: httpx.AsyncClient, make_project: Make, number: str, code: str
) -> None:
    project = await make_project()
    refused = await manager.post(f"/api/projects/{project['id']}/numbers", json={"number": number})
    assert (refused.status_code, field_errors(refused)) == (422, [("number", code)])


async def test_a_number_belongs_to_one_project_however_it_is_written(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make
) -> None:
    first = await make_project()
    other = await make_project(company_id=(await make_company(name="Taxi", country="RO"))["id"], code="TAXI")
    await manager.post(f"/api/projects/{first['id']}/numbers", json={"number": "022 123 456"})
    taken = await manager.post(f"/api/projects/{other['id']}/numbers", json={"number": "+373 (22) 123-456"})
    assert (taken.status_code, taken.json()["code"]) == (409, "projects.number_taken")
    assert field_errors(taken) == [("number", "taken")]


async def test_a_number_is_changed_under_its_own_project_and_version(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make
) -> None:
    first = await make_project()
    other = await make_project(company_id=(await make_company(name="Taxi"))["id"], code="TAXI")
    number = (await manager.post(f"/api/projects/{first['id']}/numbers", json={"number": "022 123 456"})).json()
    wrong = await manager.delete(f"/api/projects/{other['id']}/numbers/{number['id']}", headers=at(1))
    assert wrong.status_code == 404
    stale = await manager.delete(f"/api/projects/{first['id']}/numbers/{number['id']}", headers=at(1))
    assert (stale.status_code, stale.json()["current"]["numbers"]) == (412, [number])


async def test_the_numbers_of_a_project_have_a_limit(
    manager: httpx.AsyncClient, make_project: Make, database: Database
) -> None:
    project = UUID((await make_project())["id"])
    async with database.begin(Wall(projects=frozenset({ProjectId(project)}))) as session:
        session.add_all(
            Number(id=new_id(), project_id=project, e164=f"+37322{place:06}") for place in range(MAX_NUMBERS)
        )
    refused = await manager.post(f"/api/projects/{project}/numbers", json={"number": "+37322999999"})
    assert (refused.status_code, refused.json()["code"]) == (409, "projects.too_many_numbers")
    assert refused.json()["limit"] == MAX_NUMBERS


async def test_an_operator_sees_the_projects_they_work_on_alone(
    client_as: ClientAs, manager: httpx.AsyncClient, make_project: Make, make_company: Make
) -> None:
    mine = await make_project()
    other = await make_project(company_id=(await make_company(name="Taxi"))["id"], code="TAXI")
    await manager.post(f"/api/projects/{other['id']}/numbers", json={"number": "022 123 456"})
    operator = await client_as("operator", projects=(UUID(mine["id"]),))
    assert [row["id"] for row in (await operator.get("/api/projects")).json()["items"]] == [mine["id"]]
    for path in ("", "/numbers"):
        assert (await operator.get(f"/api/projects/{other['id']}{path}")).status_code == 404
        assert (await operator.get(f"/api/projects/{mine['id']}{path}")).status_code == 200
    refused = await operator.patch(f"/api/projects/{mine['id']}", json={"note": "x"}, headers=at(1))
    assert refused.status_code == 403


async def test_every_country_is_listed_with_the_subdivisions_that_have_holidays(client_as: ClientAs) -> None:
    countries = {row["code"]: row for row in (await (await client_as("operator")).get("/api/countries")).json()}
    assert "BY" in countries["DE"]["subdivisions"]
    assert countries["MD"] == {"code": "MD", "subdivisions": [], "holidays": True}
    assert len(countries) > 200
