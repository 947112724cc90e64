"""Customers: one card a person and project, found by number, masked, joined when there are two."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.kit.ids import new_id

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]

PHONE = "+37369123456"


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


@pytest.fixture
async def operator(client_as: ClientAs, project: UUID) -> httpx.AsyncClient:
    return await client_as("operator", projects=(project,))


@pytest.fixture
async def supervisor(client_as: ClientAs, project: UUID) -> httpx.AsyncClient:
    return await client_as("supervisor", projects=(project,))


async def make(client: httpx.AsyncClient, project: UUID, name: str = "Maria Ceban", *phones: str) -> Answer:
    body = {"project_id": str(project), "name": name, "phones": [{"number": phone} for phone in phones]}
    answer = await client.post("/api/customers", json=body)
    assert answer.status_code == 201, answer.text
    made: Answer = answer.json()
    return made


@pytest.mark.parametrize("typed", [PHONE, "+373 (69) 123-456", "+373 69 123456"])
async def test_a_customer_is_found_by_a_number_however_it_is_typed(
    operator: httpx.AsyncClient, project: UUID, typed: str
) -> None:
    made = await make(operator, project, "Maria Ceban", "+373 69 123 456")
    found = await operator.get("/api/customers/by-number", params={"project_id": str(project), "number": typed})
    assert found.json()["id"] == made["id"]


async def test_a_number_that_nobody_has_is_not_found_and_one_that_is_none_is_refused(
    operator: httpx.AsyncClient, project: UUID
) -> None:
    for number, status in ((PHONE, 404), ("abc", 422), ("069123456", 422)):
        answer = await operator.get("/api/customers/by-number", params={"project_id": str(project), "number": number})
        assert answer.status_code == status


async def test_two_customers_of_a_project_cannot_have_one_number_and_those_of_two_projects_can(
    operator: httpx.AsyncClient, client_as: ClientAs, project: UUID, other_project: UUID
) -> None:
    first = await make(operator, project, "Maria Ceban", PHONE)
    body = {"project_id": str(project), "name": "Other", "phones": [{"number": PHONE}]}
    taken = await operator.post("/api/customers", json=body)
    assert (taken.status_code, taken.json()["code"]) == (409, "customers.phone_taken")
    assert taken.json()["customer_id"] == first["id"]
    assert taken.json()["errors"][0]["field"] == "phones.0.number"
    elsewhere = await client_as("operator", projects=(other_project,))
    await make(elsewhere, other_project, "Maria Ceban", PHONE)


async def test_numbers_are_masked_and_revealed_with_a_trace(
    operator: httpx.AsyncClient, supervisor: httpx.AsyncClient, project: UUID, trail: Trail
) -> None:
    made = await make(operator, project, "Maria Ceban", PHONE)
    assert made["phones"][0]["number"] == {"masked": "+373 ••• 56", "revealable": False}
    for path in ("/api/customers", f"/api/customers/{made['id']}", f"/api/customers?q={PHONE[1:]}"):
        assert "123456" not in (await supervisor.get(path)).text
    address = f"/api/customers/{made['id']}/reveal"
    assert (await operator.post(address)).status_code == 403
    assert (await supervisor.post(address)).json()["phones"][0]["number"] == PHONE
    assert [action for action, _ in await trail()] == ["customer.created", "customer.revealed"]


async def test_a_card_is_changed_by_version(operator: httpx.AsyncClient, project: UUID, facts: Facts) -> None:
    made = await make(operator, project)
    address = f"/api/customers/{made['id']}"
    changed = await operator.patch(address, json={"mark": "vip", "language": "ro"}, headers=at(1))
    assert (changed.json()["mark"], changed.json()["version"]) == ("vip", 2)
    stale = await operator.patch(address, json={"note": "x"}, headers=at(1))
    assert (stale.status_code, stale.json()["current"]["mark"]) == (412, "vip")
    assert await facts() == [("customer.changed", made["id"])] * 2


async def test_numbers_come_and_go(operator: httpx.AsyncClient, project: UUID) -> None:
    made = await make(operator, project)
    address = f"/api/customers/{made['id']}/phones"
    added = (await operator.post(address, json={"number": PHONE, "label": "Home"})).json()
    assert [one["label"] for one in added["phones"]] == ["Home"]
    gone = await operator.delete(f"{address}/{added['phones'][0]['id']}")
    assert gone.json()["phones"] == []
    assert (await operator.delete(f"{address}/{new_id()}")).status_code == 404


async def test_the_list_is_searched_by_name_and_by_whole_numbers(operator: httpx.AsyncClient, project: UUID) -> None:
    await make(operator, project, "Maria Ceban", PHONE)
    await make(operator, project, "Ștefan Rusu", "+37369000001")

    async def names(q: str) -> list[str]:
        found = (await operator.get("/api/customers", params={"q": q})).json()["items"]
        return [one["name"] for one in found]

    assert await names("stefan") == ["Ștefan Rusu"]
    assert await names("373 69 123 456") == ["Maria Ceban"]
    assert await names("3736912345") == []


async def test_two_cards_of_one_person_are_joined(
    operator: httpx.AsyncClient, supervisor: httpx.AsyncClient, project: UUID, trail: Trail
) -> None:
    stays = await make(operator, project, "Maria Ceban", PHONE)
    gone = await make(operator, project, "M. Ceban", "+37369000001")
    address = f"/api/customers/{gone['id']}"
    joined = (await operator.post(f"{address}/merge", json={"into": stays["id"]})).json()
    assert (joined["id"], len(joined["phones"])) == (stays["id"], 2)
    listed = (await operator.get("/api/customers")).json()["items"]
    assert [one["id"] for one in listed] == [stays["id"]]
    late = await operator.patch(address, json={"note": "x"}, headers=at(2))
    assert (late.json()["code"], late.json()["merged_into"]) == ("customers.merged", stays["id"])
    itself = await operator.post(f"/api/customers/{stays['id']}/merge", json={"into": stays["id"]})
    assert itself.json()["code"] == "customers.cannot_merge"
    assert "customer.merged" in [action for action, _ in await trail()]


async def test_an_export_is_masked_and_leaves_a_trace(
    supervisor: httpx.AsyncClient, operator: httpx.AsyncClient, project: UUID, trail: Trail
) -> None:
    await make(operator, project, "Maria Ceban", PHONE)
    text = (await supervisor.get("/api/customers/export")).text
    assert "Maria Ceban" in text
    assert "123456" not in text
    assert ("customers.exported", {"rows": 1}) in await trail()
    assert (await operator.get("/api/customers/export")).status_code == 403


async def test_a_customer_of_a_project_that_one_does_not_see_cannot_be_made(
    operator: httpx.AsyncClient, other_project: UUID
) -> None:
    body = {"project_id": str(other_project), "name": "X"}
    answer = await operator.post("/api/customers", json=body)
    assert answer.json()["errors"][0]["field"] == "project_id"
