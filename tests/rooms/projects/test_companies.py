"""Client companies over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from centrala.kit.access import Access, Permission, Wall
from centrala.kit.database import Database
from centrala.kit.errors import Forbidden
from centrala.kit.ids import AccountId, ProjectId
from centrala.kit.work import Work, work
from centrala.projects import service
from centrala.projects.schemas import CompanyChange, CompanyIn, NumberIn, ProjectChange

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[dict[str, Any]]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def test_a_company_is_created_with_a_trace_and_a_fact(
    manager: httpx.AsyncClient, make_company: Make, trail: Trail, facts: Facts
) -> None:
    company = await make_company(note="Calls on Mondays")
    assert company | {"name": "Orbita", "country": "MD", "version": 1, "archived_at": None} == company
    read = await manager.get(f"/api/companies/{company['id']}")
    assert (read.json(), read.headers["ETag"]) == (company, '"1"')
    assert await trail() == [("company.created", {})]
    assert await facts() == [("company.changed", company["id"])]


async def test_only_what_is_sent_is_changed_and_named_in_the_trail(
    manager: httpx.AsyncClient, make_company: Make, trail: Trail
) -> None:
    company = await make_company()
    body = {"name": "Orbita Plus", "country": "MD"}
    after = await manager.patch(f"/api/companies/{company['id']}", json=body, headers=at(1))
    assert after.json() == company | {"name": "Orbita Plus", "version": 2}
    assert after.headers["ETag"] == '"2"'
    assert (await trail())[-1] == ("company.changed", {"fields": ["name"]})


async def test_a_change_of_nothing_leaves_version_and_trail_alone(
    manager: httpx.AsyncClient, make_company: Make, trail: Trail
) -> None:
    company = await make_company()
    same = await manager.patch(f"/api/companies/{company['id']}", json={"name": company["name"]}, headers=at(1))
    assert (same.status_code, same.json()["version"]) == (200, 1)
    assert len(await trail()) == 1


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("POST", "/archive"), ("POST", "/restore")])
async def test_a_stale_version_is_refused_with_the_company_as_it_is(
    manager: httpx.AsyncClient, make_company: Make, method: str, path: str
) -> None:
    company = await make_company()
    address = f"/api/companies/{company['id']}"
    await manager.patch(address, json={"note": "first"}, headers=at(1))
    stale = await manager.request(method, address + path, json={"note": "second"}, headers=at(1))
    assert (stale.status_code, stale.json()["code"]) == (412, "version.stale")
    assert stale.json()["current"] == company | {"note": "first", "version": 2}
    without = await manager.request(method, address + path, json={"note": "second"})
    assert (without.status_code, without.json()["code"]) == (428, "version.required")


async def test_two_companies_do_not_share_a_name(manager: httpx.AsyncClient, make_company: Make) -> None:
    await make_company()
    taken = await manager.post("/api/companies", json={"name": "Orbita", "country": "RO"})
    assert (taken.status_code, taken.json()["code"]) == (409, "projects.company_name_taken")
    assert [(e["field"], e["code"]) for e in taken.json()["errors"]] == [("name", "taken")]
    other = await make_company(name="Taxi 14090")
    renamed = await manager.patch(f"/api/companies/{other['id']}", json={"name": "Orbita"}, headers=at(1))
    assert (renamed.status_code, renamed.json()["code"]) == (409, "projects.company_name_taken")


async def test_a_country_must_exist(manager: httpx.AsyncClient, make_company: Make) -> None:
    company = await make_company()
    for refused in (
        await manager.post("/api/companies", json={"name": "B", "country": "ZZ"}),
        await manager.patch(f"/api/companies/{company['id']}", json={"country": "ZZ"}, headers=at(1)),
    ):
        assert refused.status_code == 422
        assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("country", "unknown_country")]


async def test_an_archived_company_is_out_of_the_list_and_comes_back(
    manager: httpx.AsyncClient, make_company: Make, trail: Trail
) -> None:
    company = await make_company()
    address = f"/api/companies/{company['id']}"
    archived = await manager.post(f"{address}/archive", headers=at(1))
    assert archived.json()["archived_at"] == "2026-11-20T09:00:00Z"
    assert (await manager.get("/api/companies")).json()["total"] == 0
    assert (await manager.get("/api/companies?state=archived")).json()["total"] == 1
    assert (await manager.get("/api/companies?state=all")).json()["total"] == 1
    restored = await manager.post(f"{address}/restore", headers=at(2))
    assert restored.json() == company | {"version": 3}
    assert [action for action, _ in await trail()] == ["company.created", "company.archived", "company.restored"]


async def test_an_archived_company_is_not_changed_archived_again_or_given_projects(
    manager: httpx.AsyncClient, make_company: Make, make_project: Make
) -> None:
    company = await make_company()
    address = f"/api/companies/{company['id']}"
    assert (await manager.post(f"{address}/restore", headers=at(1))).json()["code"] == "projects.not_archived"
    await manager.post(f"{address}/archive", headers=at(1))
    changed = await manager.patch(address, json={"note": "x"}, headers=at(2))
    assert (changed.status_code, changed.json()["code"]) == (409, "projects.company_archived")
    assert (await manager.post(f"{address}/archive", headers=at(2))).json()["code"] == "projects.already_archived"
    with pytest.raises(AssertionError, match="company_archived"):
        await make_project(company_id=company["id"])


async def test_a_company_with_projects_is_not_archived(manager: httpx.AsyncClient, make_project: Make) -> None:
    project = await make_project()
    address = f"/api/companies/{project['company_id']}"
    refused = await manager.post(f"{address}/archive", headers=at(1))
    assert (refused.json()["code"], refused.json()["projects"]) == ("projects.company_has_projects", 1)
    await manager.post(f"/api/projects/{project['id']}/archive", headers=at(1))
    assert (await manager.post(f"{address}/archive", headers=at(1))).status_code == 200


async def test_the_list_is_searched_filtered_sorted_and_paged(manager: httpx.AsyncClient, make_company: Make) -> None:
    await make_company(name="Știrea", country="RO")
    await make_company(name="Алло Такси", legal_name="100% Taxi_SRL")
    await make_company(name="banca mea")

    async def names(query: str) -> list[str]:
        return [row["name"] for row in (await manager.get(f"/api/companies?{query}")).json()["items"]]

    assert await names("") == ["banca mea", "Știrea", "Алло Такси"]
    assert await names("sort=-name&page_size=2") == ["Алло Такси", "Știrea"]
    assert await names("sort=-name&page_size=2&page=2") == ["banca mea"]
    assert await names("q=stirea") == ["Știrea"]
    assert await names("q=ТАКСИ алло") == ["Алло Такси"]
    assert await names("q=100%25") == ["Алло Такси"], "a percent sign is text"
    assert await names("q=i_srl") == ["Алло Такси"]
    assert await names("q=_") == ["Алло Такси"], "an underscore is text"
    assert await names("q=\\") == []
    assert await names("q=stirea%00") == ["Știrea"]
    assert await names("country=RO") == ["Știrea"]


async def test_a_sort_that_is_not_on_the_list_is_refused(manager: httpx.AsyncClient) -> None:
    refused = await manager.get("/api/companies", params={"sort": "note; drop table companies"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_sort")
    assert refused.json()["errors"][0]["params"] == {"known": ["name", "country", "archived_at"]}


async def test_the_export_holds_the_filtered_list_and_leaves_a_trace(
    manager: httpx.AsyncClient, make_company: Make, trail: Trail
) -> None:
    await make_company(note="=1+1")
    await make_company(name="Other", country="RO")
    answer = await manager.get("/api/companies/export?country=MD")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="companies.csv"'
    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert lines == ["name,legal_name,country,note,archived_at", "Orbita,Orbita Net SRL,MD,'=1+1,"]
    assert (await trail())[-1] == ("companies.exported", {"rows": 1})


async def test_reading_does_not_include_writing_or_exporting(client_as: ClientAs, make_project: Make) -> None:
    project = await make_project()
    client = await client_as("client", projects=(UUID(project["id"]),))
    address = f"/api/companies/{project['company_id']}"
    assert (await client.get(address)).status_code == 200
    for refused in (
        await client.post("/api/companies", json={"name": "B", "country": "MD"}),
        await client.patch(address, json={"note": "x"}, headers=at(1)),
        await client.post(f"{address}/archive", headers=at(1)),
        await client.get("/api/companies/export"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")


async def test_a_client_sees_the_company_of_their_project_alone(
    client_as: ClientAs, make_project: Make, make_company: Make
) -> None:
    mine = await make_project()
    other = await make_company(name="Other")
    client = await client_as("client", projects=(UUID(mine["id"]),))
    seen = (await client.get("/api/companies?state=all")).json()
    assert [row["id"] for row in seen["items"]] == [mine["company_id"]]
    assert seen["total"] == 1
    hidden = await client.get(f"/api/companies/{other['id']}")
    missing = await client.get(f"/api/companies/{uuid4()}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
    assert hidden.json()["detail"] == missing.json()["detail"], "not there and not yours look the same"


@pytest.mark.parametrize(
    "verb",
    [
        lambda work, _company, _project: service.create_company(work, CompanyIn(name="B", country="MD")),
        lambda work, company, _project: service.change_company(work, company, CompanyChange(name="B"), read=1),
        lambda work, _company, project: service.change_project(work, project, ProjectChange(name="B"), read=1),
        lambda work, _company, project: service.add_number(work, project, NumberIn(number="022 123 456")),
    ],
)
async def test_things_of_the_centre_are_not_changed_from_a_project_whatever_the_permissions(
    database: Database, make_project: Make, verb: Callable[[Work, UUID, UUID], Awaitable[object]]
) -> None:
    made = await make_project()
    project = UUID(made["id"])
    wall = Wall(projects=frozenset({ProjectId(project)}))
    access = Access(account_id=AccountId(uuid4()), permissions=frozenset(Permission), wall=wall, actor="session")

    async def attempt() -> None:
        async with work(database, wall, access=access) as unit:
            await verb(unit, UUID(made["company_id"]), project)

    with pytest.raises(Forbidden, match="centre as a whole"):
        await attempt()
