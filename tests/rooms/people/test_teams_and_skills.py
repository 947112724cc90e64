"""Teams and skills over HTTP: the two behave alike, so the tests take both."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str, list[str]]]]]

BOTH = pytest.mark.parametrize("thing", ["team", "skill"])


def at(shown: Answer) -> dict[str, str]:
    return {"If-Match": f'"{shown["version"]}"'}


def holding(thing: str, thing_id: str) -> Answer:
    """The fields of an employee who is in the team, or has the skill."""
    return {"team_id": thing_id} if thing == "team" else {"skills": [{"skill_id": thing_id, "level": 5}]}


def without(thing: str) -> Answer:
    return {"team_id": None} if thing == "team" else {"skills": []}


@pytest.fixture
def make(administrator: httpx.AsyncClient) -> Make:
    async def one(thing: str, **more: Any) -> Answer:
        answer = await administrator.post(f"/api/{thing}s", json={"name": "Evening", **more})
        assert answer.status_code == 201, answer.text
        body: Answer = answer.json()
        return body

    return one


@BOTH
async def test_it_is_created_changed_and_removed_with_traces_and_facts(
    administrator: httpx.AsyncClient, make: Make, trail: Trail, facts: Facts, thing: str
) -> None:
    created = await make(thing)
    assert created | {"name": "Evening", "note": "", "people": 0, "version": 1} == created
    address = f"/api/{thing}s/{created['id']}"
    changed = await administrator.patch(address, json={"name": "Night"}, headers=at(created))
    assert changed.json() == created | {"name": "Night", "version": 2}
    assert (await administrator.get(address)).headers["ETag"] == '"2"'
    same = await administrator.patch(address, json={"name": "Night"}, headers=at(changed.json()))
    assert same.json()["version"] == 2
    assert (await administrator.delete(address, headers=at(changed.json()))).status_code == 204
    assert (await administrator.get(address)).status_code == 404
    traces = [(f"{thing}.created", {}), (f"{thing}.changed", {"fields": ["name"]}), (f"{thing}.removed", {})]
    assert await trail() == traces
    kinds = [f"{thing}.changed", f"{thing}.changed", f"{thing}.removed"]
    assert await facts() == [(kind, created["id"], []) for kind in kinds]


@BOTH
async def test_a_stale_version_is_refused_with_it_as_it_is(
    administrator: httpx.AsyncClient, make: Make, thing: str
) -> None:
    created = await make(thing)
    address = f"/api/{thing}s/{created['id']}"
    fresh = (await administrator.patch(address, json={"note": "x"}, headers=at(created))).json()
    for method in ("PATCH", "DELETE"):
        stale = await administrator.request(method, address, json={"note": "y"}, headers=at(created))
        assert (stale.status_code, stale.json()["current"]) == (412, fresh)


@BOTH
async def test_names_are_unique(administrator: httpx.AsyncClient, make: Make, thing: str) -> None:
    await make(thing)
    other = await make(thing, name="Night")
    for taken in (
        await administrator.post(f"/api/{thing}s", json={"name": "Evening"}),
        await administrator.patch(f"/api/{thing}s/{other['id']}", json={"name": "Evening"}, headers=at(other)),
    ):
        assert (taken.status_code, taken.json()["code"]) == (409, f"people.{thing}_name_taken")


@BOTH
async def test_it_is_not_removed_while_people_have_it(
    administrator: httpx.AsyncClient, make: Make, hire: Make, thing: str
) -> None:
    created = await make(thing)
    address = f"/api/{thing}s/{created['id']}"
    ana = await hire(**holding(thing, created["id"]))
    refused = await administrator.delete(address, headers=at(created))
    assert (refused.status_code, refused.json()["code"]) == (409, f"people.{thing}_in_use")
    assert refused.json()["people"] == 1
    assert (await administrator.get(address)).json()["people"] == 1
    dismissed = await administrator.post(f"/api/employees/{ana['id']}/dismiss", headers=at(ana))
    assert (await administrator.get(address)).json()["people"] == 0
    assert (await administrator.delete(address, headers=at(created))).status_code == 204
    after = (await administrator.get(f"/api/employees/{ana['id']}")).json()
    assert after | without(thing) == after
    assert after["version"] > dismissed.json()["version"]


@BOTH
async def test_the_list_is_searched_and_sorted_and_exported(
    administrator: httpx.AsyncClient, make: Make, hire: Make, trail: Trail, thing: str
) -> None:
    created = await make(thing, name="Șefi", note="a, b")
    await make(thing, name="Ночь")
    await hire(**holding(thing, created["id"]))

    async def names(query: str) -> list[str]:
        return [row["name"] for row in (await administrator.get(f"/api/{thing}s?{query}")).json()["items"]]

    assert await names("") == ["Șefi", "Ночь"]
    assert await names("sort=-name") == ["Ночь", "Șefi"]
    assert await names("q=sefi") == ["Șefi"]
    assert (await administrator.get(f"/api/{thing}s?sort=note")).status_code == 422
    exported = await administrator.get(f"/api/{thing}s/export?q=sefi")
    assert exported.text.removeprefix("\ufeff").splitlines() == ["name,people,note", 'Șefi,1,"a, b"']
    assert (await trail())[-1] == (f"{thing}s.exported", {"rows": 1})


@BOTH
async def test_it_is_seen_by_those_who_see_somebody_who_has_it(
    client_as: ClientAs, make: Make, hire: Make, project: UUID, other_project: UUID, *, thing: str
) -> None:
    near, far = await make(thing, name="Near"), await make(thing, name="Far")
    await hire(project_ids=[str(project)], **holding(thing, near["id"]))
    await hire(project_ids=[str(other_project)], **holding(thing, near["id"]))
    await hire(project_ids=[str(other_project)], **holding(thing, far["id"]))
    operator = await client_as("operator", projects=(project,))
    seen = (await operator.get(f"/api/{thing}s")).json()["items"]
    assert seen == [near | {"people": 1}], "people whom one does not see are not counted either"
    assert (await operator.get(f"/api/{thing}s/{far['id']}")).status_code == 404
    for refused in (
        await operator.post(f"/api/{thing}s", json={"name": "Mine"}),
        await operator.patch(f"/api/{thing}s/{near['id']}", json={"note": "x"}, headers=at(near)),
        await operator.delete(f"/api/{thing}s/{near['id']}", headers=at(near)),
        await operator.get(f"/api/{thing}s/export"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")


@BOTH
async def test_who_comes_and_goes_shows_and_hides_its_card(
    administrator: httpx.AsyncClient, make: Make, hire: Make, project: UUID, facts: Facts, *, thing: str
) -> None:
    created = await make(thing)
    ana = await hire(project_ids=[str(project)], **holding(thing, created["id"]))
    before = len(await facts())
    body = without(thing)
    ana = (await administrator.patch(f"/api/employees/{ana['id']}", json=body, headers=at(ana))).json()
    assert (await facts())[before:] == [
        ("employee.changed", ana["id"], []),
        (f"{thing}.changed", created["id"], [str(project)]),
    ]


async def test_a_team_has_a_lead(administrator: httpx.AsyncClient, make: Make, hire: Make) -> None:
    ana = await hire()
    team = await make("team", lead_id=ana["id"])
    assert team["lead_id"] == ana["id"]
    nobody = await administrator.post("/api/teams", json={"name": "Night", "lead_id": team["id"]})
    assert [(e["field"], e["code"]) for e in nobody.json()["errors"]] == [("lead_id", "unknown_reference")]
    cleared = await administrator.patch(f"/api/teams/{team['id']}", json={"lead_id": None}, headers=at(team))
    assert cleared.json()["lead_id"] is None
