"""Desk phones and the phone in the browser over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings
from centrala.kit.work import work
from centrala.security.models import Account
from centrala.telephony.phones import service
from centrala.telephony.phones.live import load_phones
from centrala.telephony.phones.models import Contact, Phone
from centrala.telephony.phones.service import Credentials
from centrala.telephony.sip.digest import Algorithm, make_ha1
from conftest import TurnedClock
from support.people import Person

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def ha1(told: Answer, algorithm: Algorithm) -> str:
    return make_ha1(algorithm, told["user"], told["realm"], told["password"])


@pytest.fixture
def credentials(database: Database, settings: AppSettings, clock: TurnedClock) -> Credentials:
    return Credentials(database, settings.secret_key.get_secret_value(), clock)


async def test_a_phone_is_made_with_a_secret_that_is_shown_once(
    administrator: httpx.AsyncClient, make_phone: Make, ana: Person, trail: Trail, facts: Facts
) -> None:
    made = await make_phone(model="Yealink T31P")
    phone, told = made["phone"], made["provisioning"]
    assert (phone["person_id"], phone["person_name"]) == (str(ana.id), told["display_name"])
    assert told["uri"] == f"sip:{told['user']}:{told['password']}@127.0.0.1"
    assert told["qr_svg"].startswith("<svg")
    assert len(told["password"]) == 20
    read = await administrator.get(f"/api/phones/{phone['id']}")
    assert read.json() == phone
    assert told["password"] not in read.text + (await administrator.get("/api/phones")).text + str(await trail())
    assert await trail() == [("phone.created", {"person_id": str(ana.id)})]
    assert await facts() == [("phone.changed", phone["id"])]


@pytest.mark.parametrize("algorithm", list(Algorithm))
async def test_the_secret_opens_the_phones_own_address_by_both_algorithms(
    make_phone: Make, ana: Person, credentials: Credentials, database: Database, algorithm: Algorithm
) -> None:
    made = await make_phone()
    told = made["provisioning"]
    known = await credentials.find(told["user"], algorithm)
    assert known is not None
    assert known.ha1 == ha1(told, algorithm)
    owner = known.owner
    assert (owner.person_id, str(owner.phone_id), owner.aor) == (ana.id, made["phone"]["id"], told["user"])
    async with database.begin(CENTRE) as session:
        row = await session.get_one(Phone, UUID(made["phone"]["id"]))
    assert known.ha1.encode() not in row.ha1_md5 + row.ha1_sha256, "the store alone opens nothing"


async def test_a_reset_ends_the_old_secret_and_leaves_a_trace(
    administrator: httpx.AsyncClient, make_phone: Make, credentials: Credentials, trail: Trail
) -> None:
    made = await make_phone()
    address = f"/api/phones/{made['phone']['id']}"
    fresh = (await administrator.post(f"{address}/secret", headers=at(1))).json()
    assert fresh["provisioning"]["password"] != made["provisioning"]["password"]
    known = await credentials.find(made["phone"]["user"], Algorithm.SHA256)
    assert known is not None
    assert known.ha1 == ha1(fresh["provisioning"], Algorithm.SHA256)
    assert (await trail())[-1] == ("phone.secret_reset", {})


async def test_a_secret_is_in_no_cache(administrator: httpx.AsyncClient, ana: Person) -> None:
    made = await administrator.post("/api/phones", json={"person_id": str(ana.id), "label": "Desk"})
    assert made.headers["Cache-Control"] == "no-store"
    assert (await administrator.get("/api/phone")).headers["Cache-Control"] == "no-store"


async def test_a_disabled_phone_does_not_register_until_it_is_enabled(
    administrator: httpx.AsyncClient, make_phone: Make, credentials: Credentials
) -> None:
    made = await make_phone()
    address, user = f"/api/phones/{made['phone']['id']}", made["phone"]["user"]
    disabled = await administrator.post(f"{address}/disable", headers=at(1))
    assert disabled.json()["disabled_at"] == "2026-11-20T09:00:00Z"
    assert await credentials.find(user, Algorithm.MD5) is None
    again = await administrator.post(f"{address}/disable", headers=at(2))
    assert (again.status_code, again.json()["code"]) == (409, "phones.already_disabled")
    reset = await administrator.post(f"{address}/secret", headers=at(2))
    assert (reset.status_code, reset.json()["code"]) == (409, "phones.already_disabled")
    assert (await administrator.post(f"{address}/enable", headers=at(2))).status_code == 200
    assert await credentials.find(user, Algorithm.MD5) is not None
    enabled = await administrator.post(f"{address}/enable", headers=at(3))
    assert (enabled.status_code, enabled.json()["code"]) == (409, "phones.not_disabled")


async def test_the_phones_of_somebody_who_left_do_not_register(
    make_phone: Make, credentials: Credentials, database: Database, ana: Person, clock: TurnedClock
) -> None:
    made = await make_phone()
    async with database.begin(CENTRE) as session:
        await session.execute(update(Account).where(Account.id == ana.id).values(closed_at=clock()))
    assert await credentials.find(made["phone"]["user"], Algorithm.MD5) is None


async def test_nobody_knows_an_unknown_user(credentials: Credentials) -> None:
    for user in ("", "10000000", "x.1", "01890a5dac96774bbcceb302099a8057.ffffffffffffffff", "..", "ы"):
        assert await credentials.find(user, Algorithm.SHA256) is None, user


async def test_the_browsers_phone_registers_its_own_person_for_minutes(
    client_as: ClientAs, credentials: Credentials, clock: TurnedClock
) -> None:
    operator = await client_as("operator")
    told = (await operator.get("/api/phone")).json()
    me = (await operator.get("/api/session")).json()["person"]
    person = UUID(me["id"])
    assert told["ws_url"] == "/api/sip"
    assert told["aor"] == f"sip:{person.hex}@127.0.0.1"
    assert told["expires_at"] == "2026-11-20T09:10:00Z"
    for algorithm in Algorithm:
        known = await credentials.find(told["user"], algorithm)
        assert known is not None
        assert known.ha1 == ha1(told, algorithm)
        assert (known.owner.person_id, known.owner.phone_id, known.owner.aor) == (person, None, person.hex)
    clock.advance(minutes=10)
    assert await credentials.find(told["user"], Algorithm.SHA256) is None
    renewed = (await operator.get("/api/phone")).json()
    assert (renewed["aor"], renewed["user"] != told["user"]) == (told["aor"], True)


async def test_a_browsers_name_cannot_be_given_more_time_or_another_person(
    client_as: ClientAs, credentials: Credentials
) -> None:
    told = (await (await client_as("operator")).get("/api/phone")).json()
    other = (await (await client_as("operator")).get("/api/phone")).json()
    person, _, expires = told["user"].partition(".")
    for user in (f"{person}.{int(expires, 16) + 3600:x}", other["user"]):
        known = await credentials.find(user, Algorithm.SHA256)
        assert known is not None, "somebody's name, though not with this password"
        assert known.ha1 != make_ha1(Algorithm.SHA256, user, told["realm"], told["password"])


async def test_a_client_company_has_no_phone(client_as: ClientAs, project: UUID) -> None:
    client = await client_as("client", projects=(project,))
    assert (await client.get("/api/phone")).status_code == 403


async def test_a_phone_is_for_somebody_who_works_here(
    administrator: httpx.AsyncClient, database: Database, ana: Person, clock: TurnedClock
) -> None:
    async def refused(person: str) -> list[tuple[str, str]]:
        answer = await administrator.post("/api/phones", json={"person_id": person, "label": "Desk"})
        return [(one["field"], one["code"]) for one in answer.json()["errors"]]

    unknown = [("person_id", "unknown_reference")]
    assert await refused("01890a5d-ac96-774b-bcce-b302099a8057") == unknown
    async with database.begin(CENTRE) as session:
        await session.execute(update(Account).where(Account.id == ana.id).values(closed_at=clock()))
    assert await refused(str(ana.id)) == unknown


async def test_a_person_has_no_more_phones_than_the_limit(administrator: httpx.AsyncClient, make_phone: Make) -> None:
    made = [await make_phone() for _ in range(10)]
    person = made[0]["phone"]["person_id"]
    more = await administrator.post("/api/phones", json={"person_id": person, "label": "One too many"})
    assert (more.status_code, more.json()["code"], more.json()["limit"]) == (409, "phones.too_many", 10)


async def test_the_list_is_searched_by_person_and_exported_without_secrets(
    administrator: httpx.AsyncClient, make_phone: Make, person_as: Callable[..., Awaitable[Person]], trail: Trail
) -> None:
    oleg = await person_as("operator", given_name="Oleg")
    await make_phone()
    made = await make_phone(person_id=str(oleg.id))
    found = (await administrator.get("/api/phones?q=oleg&sort=-person_name")).json()
    assert [one["id"] for one in found["items"]] == [made["phone"]["id"]]
    by_person = (await administrator.get(f"/api/phones?person_id={oleg.id}&disabled=false")).json()
    assert by_person["total"] == 1
    text = (await administrator.get("/api/phones/export")).text
    assert text.count("\r\n") == 3
    assert made["provisioning"]["password"] not in text
    assert (await trail())[-1] == ("phones.exported", {"rows": 2})


async def test_a_supervisor_sees_the_phones_of_their_own_projects_people(
    client_as: ClientAs,
    make_phone: Make,
    person_as: Callable[..., Awaitable[Person]],
    project: UUID,
    other_project: UUID,
) -> None:
    mine = await person_as("operator", projects=(project,))
    theirs = await person_as("operator", projects=(other_project,))
    seen = await make_phone(person_id=str(mine.id))
    await make_phone(person_id=str(theirs.id))
    supervisor = await client_as("supervisor", projects=(project,))
    shown = (await supervisor.get("/api/phones")).json()["items"]
    assert [one["id"] for one in shown] == [seen["phone"]["id"]]


async def test_an_erased_person_leaves_no_phone_and_no_address(
    make_phone: Make, database: Database, ana: Person, clock: TurnedClock, facts: Facts
) -> None:
    made = await make_phone()
    async with work(database, CENTRE, clock=clock) as unit:
        await service.forget_person(unit, ana.id)
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(Phone.id))).all() == []
        assert (await session.scalars(select(Contact.id))).all() == []
        assert await load_phones(session, None) == []
    assert (await facts())[-1] == ("phone.removed", made["phone"]["id"])
