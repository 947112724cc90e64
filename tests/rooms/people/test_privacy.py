"""Personal data of employees: masked everywhere, revealed with a trace, erased for ever."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from centrala.kit.access import Wall
from centrala.kit.database import Base, Database
from centrala.kit.ids import ProjectId
from centrala.kit.personal import personal_columns

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]

PHONE, EMAIL = "+37369123456", "ana.rusu@example.md"


def at(shown: Answer) -> dict[str, str]:
    return {"If-Match": f'"{shown["version"]}"'}


async def act(client: httpx.AsyncClient, shown: Answer, action: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/employees/{shown['id']}/{action}", json=body, headers=at(shown))


@pytest.fixture
async def ana(hire: Make, project: UUID) -> Answer:
    return await hire(project_ids=[str(project)], languages=[{"language": "ro", "level": "C2"}])


@pytest.mark.parametrize("role", ["operator", "supervisor", "personnel", "administrator"])
async def test_phone_and_email_are_masked_for_everybody(
    client_as: ClientAs, ana: Answer, project: UUID, role: str
) -> None:
    reader = await client_as(role, projects=(project,))
    shown = (await reader.get(f"/api/employees/{ana['id']}")).json()
    may = role != "operator"
    assert shown["phone"] == {"masked": "+373 ••• 56", "revealable": may}
    assert shown["email"] == {"masked": "a••• @ e•••.md", "revealable": may}
    for address in ("/api/employees", "/api/employees?q=rusu&sort=number", f"/api/employees/{ana['id']}"):
        text = (await reader.get(address)).text
        assert "123456" not in text
        assert EMAIL not in text


async def test_the_answers_to_changes_and_refusals_are_masked_too(
    administrator: httpx.AsyncClient, ana: Answer
) -> None:
    address = f"/api/employees/{ana['id']}"
    changed = await administrator.patch(address, json={"phone": PHONE, "note": 1}, headers=at(ana))
    stale = await administrator.patch(address, json={"patronymic": ""}, headers={"If-Match": '"99"'})
    ok = await administrator.patch(address, json={"patronymic": "", "email": EMAIL}, headers=at(ana))
    assert [answer.status_code for answer in (changed, stale, ok)] == [422, 412, 200]
    for answer in (stale, ok):
        assert "123456" not in answer.text
        assert EMAIL not in answer.text


@pytest.mark.parametrize(("field", "value"), [("phone", PHONE), ("email", EMAIL)])
async def test_one_field_is_revealed_and_the_trail_says_so(
    client_as: ClientAs, ana: Answer, project: UUID, trail: Trail, *, field: str, value: str
) -> None:
    supervisor = await client_as("supervisor", projects=(project,))
    answer = await supervisor.post(f"/api/employees/{ana['id']}/reveal", json={"field": field})
    assert answer.json() == {"field": field, "value": value}
    assert (await trail())[-1] == ("employee.revealed", {"field": field})


async def test_who_may_not_reveal_reveals_nothing_and_leaves_no_trace(
    client_as: ClientAs, ana: Answer, project: UUID, trail: Trail
) -> None:
    operator = await client_as("operator", projects=(project,))
    before = len(await trail())
    refused = await operator.post(f"/api/employees/{ana['id']}/reveal", json={"field": "phone"})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")
    assert len(await trail()) == before


@pytest.mark.parametrize("field", ["password_hash", "login", "totp_secret", ""])
async def test_only_masked_fields_can_be_asked_for(administrator: httpx.AsyncClient, ana: Answer, field: str) -> None:
    answer = await administrator.post(f"/api/employees/{ana['id']}/reveal", json={"field": field})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("q", "found"),
    [
        (PHONE, True),
        ("+373 69 123 456", True),
        ("00373 69 123-456", True),
        ("37369123456", True),
        ("123456", False),
        ("69123456", False),
        ("+3736912345", False),
        ("example.md", False),
    ],
)
async def test_a_phone_is_found_whole_only_and_by_those_who_may_reveal_it(
    client_as: ClientAs, ana: Answer, project: UUID, q: str, *, found: bool
) -> None:
    async def finds(role: str) -> bool:
        reader = await client_as(role, projects=(project,))
        return [row["id"] for row in (await reader.get("/api/employees", params={"q": q})).json()["items"]] == [
            ana["id"]
        ]

    assert await finds("supervisor") is found
    assert await finds("operator") is False


async def test_the_export_is_masked_and_leaves_a_trace(
    client_as: ClientAs, administrator: httpx.AsyncClient, ana: Answer, project: UUID, trail: Trail
) -> None:
    answer = await administrator.get("/api/employees/export?q=ana.rusu")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, row = answer.text.removeprefix("\ufeff").splitlines()
    shown = dict(zip(header.split(","), row.split(","), strict=True))
    assert shown["phone"] == "'+373 ••• 56"
    assert shown["email"] == "a••• @ e•••.md"
    assert shown["languages"] == "ro C2"
    assert (await trail())[-1] == ("employees.exported", {"rows": 1})
    operator = await client_as("operator", projects=(project,))
    assert (await operator.get("/api/employees/export")).status_code == 403


async def test_the_live_card_holds_nothing_masked(ana: Answer, database: Database, project: UUID) -> None:
    from centrala.people.live import load_employees  # noqa: PLC0415

    async with database.begin(Wall(projects=frozenset({ProjectId(project)}))) as session:
        (scoped,) = await load_employees(session, [UUID(ana["id"])])
    assert scoped.projects == {project}
    text = scoped.card.model_dump_json()
    assert "123456" not in text
    assert EMAIL not in text


@pytest.fixture
async def dismissed(administrator: httpx.AsyncClient, ana: Answer) -> Answer:
    body: Answer = (await act(administrator, ana, "dismiss")).json()
    return body


async def test_erasure_empties_every_personal_column_and_keeps_the_figures(
    administrator: httpx.AsyncClient, dismissed: Answer, database: Database, trail: Trail, make_skill: Make
) -> None:
    erased = await act(administrator, dismissed, "erase", confirm="ana.rusu")
    assert erased.status_code == 200, erased.text
    nothing = {"masked": "", "revealable": False}
    body = erased.json()
    assert body["erased_at"] == "2026-11-20T09:00:00Z"
    assert (body["given_name"], body["family_name"], body["patronymic"]) == ("", "", "")
    assert (body["phone"], body["email"]) == (nothing, nothing)
    assert (body["id"], body["number"], body["languages"]) == ("" + dismissed["id"], "1042", dismissed["languages"])
    assert body["login"] != "ana.rusu"
    projects = frozenset(ProjectId(UUID(one)) for one in dismissed["project_ids"])
    async with database.begin(Wall(centre=True, projects=projects)) as session:
        for table, column, _ in personal_columns(Base.metadata):
            values = (await session.scalars(select(column))).all()
            for personal in ("Ionovna", PHONE, EMAIL, "ana.rusu"):
                assert personal not in values, f"{table.name}.{column.name}"
        for name in ("accounts", "employees"):
            table = Base.metadata.tables[name]
            row = (await session.execute(select(table).where(table.c.id == UUID(dismissed["id"])))).mappings().one()
            marked = [column.name for owner, column, _ in personal_columns(Base.metadata) if owner is table]
            assert {row[column] for column in marked} == {""}
    assert ("employee.erased", {}) in await trail()


async def test_erasure_asks_for_the_login_typed_by_hand(administrator: httpx.AsyncClient, dismissed: Answer) -> None:
    for typed in ("", "ana", "Ana.Rusu "):
        refused = await act(administrator, dismissed, "erase", confirm=typed)
        assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("confirm", "does_not_match")]
    assert (await administrator.get(f"/api/employees/{dismissed['id']}")).json() == dismissed


async def test_only_a_dismissed_person_is_erased(administrator: httpx.AsyncClient, ana: Answer) -> None:
    refused = await act(administrator, ana, "erase", confirm="ana.rusu")
    assert (refused.status_code, refused.json()["code"]) == (409, "people.not_dismissed")


async def test_an_erased_person_is_not_changed_reinstated_or_erased_again(
    administrator: httpx.AsyncClient, dismissed: Answer
) -> None:
    erased = (await act(administrator, dismissed, "erase", confirm="ana.rusu")).json()
    address = f"/api/employees/{erased['id']}"
    for refused in (
        await act(administrator, erased, "reinstate"),
        await act(administrator, erased, "erase", confirm=erased["login"]),
        await administrator.patch(address, json={"given_name": "Ana"}, headers=at(erased)),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "people.erased")
    revealed = await administrator.post(f"{address}/reveal", json={"field": "phone"})
    assert revealed.json()["value"] == ""
