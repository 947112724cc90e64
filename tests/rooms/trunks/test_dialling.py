"""Rules of dialling, caps, prices and shown numbers over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from centrala.telephony.trunks import service
from centrala.telephony.trunks.machine import Health
from centrala.telephony.trunks.rights import Why
from conftest import TurnedClock
from support.people import Person

Answer = dict[str, Any]
Make = Callable[..., Awaitable[Answer]]
PersonAs = Callable[..., Awaitable[Person]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]

Dial = Callable[..., Awaitable[tuple[UUID, Why | None]]]

ROMANIA = "+40 21 234 5678"


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]


@pytest.fixture
def make_rule(administrator: httpx.AsyncClient) -> Make:
    async def make(**form: Any) -> Answer:
        answer = await administrator.post("/api/dialling/rules", json=form)
        assert answer.status_code == 201, answer.text
        body: Answer = answer.json()
        return body

    return make


@pytest.fixture
def check(administrator: httpx.AsyncClient) -> Make:
    async def ask(number: str, **more: Any) -> Answer:
        answer = await administrator.post("/api/dialling/check", json={"number": number, **more})
        assert answer.status_code == 200, answer.text
        body: Answer = answer.json()
        return body

    return ask


async def test_a_new_centre_calls_its_own_country_and_nothing_dear(
    administrator: httpx.AsyncClient, make_trunk: Make, check: Make
) -> None:
    await make_trunk()
    told = (await administrator.get("/api/dialling")).json()
    assert (told["country"], told["usual"]["countries"], told["prices"]) == ("MD", [], 0)
    assert "903" in told["emergency"][0]["numbers"]
    for number, why in (
        ("022123456", None),
        ("112", None),
        (ROMANIA, "dialling.country"),
        ("090012345", "dialling.premium"),
        ("+881612345678", "dialling.satellite"),
        ("hello", "dialling.not_a_number"),
    ):
        found = await check(number)
        assert (found["allowed"], found["why"]) == (why is None, why), number


async def test_a_centre_without_a_trunk_says_so(make_rule: Make, check: Make) -> None:
    await make_rule(scope="centre", country="MD")
    assert (await check("022123456"))["why"] == "dialling.no_trunk"


async def test_rules_of_person_role_and_project_override_the_centres(
    make_trunk: Make, make_rule: Make, check: Make, person_as: PersonAs, project: UUID
) -> None:
    await make_trunk()
    senior = await person_as("senior", "operator")
    who, where = {"person_id": str(senior.id)}, {"project_id": str(project)}
    await make_rule(scope="centre", country="MD", countries=["UA"])
    assert (await check(ROMANIA, **who))["why"] == "dialling.country"
    await make_rule(scope="role", role="senior", countries=["RO"])
    found = await check(ROMANIA, **who)
    assert (found["allowed"], found["rules"], found["rights"]["countries"]) == (True, ["centre", "role"], ["RO"])
    assert (await check(ROMANIA))["allowed"] is False, "nobody in particular has no role"
    await make_rule(scope="project", **where, countries=["BG"], own_country=False)
    assert (await check("022123456", **where))["why"] == "dialling.own_country"
    assert (await check(ROMANIA, **who, **where))["allowed"] is True, "a role says more than a project"
    await make_rule(scope="person", **who, countries=[])
    assert (await check(ROMANIA, **who))["why"] == "dialling.country"


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"scope": "role"}, "role", "required"),
        ({"scope": "centre", "role": "senior"}, "role", "not_for_scope"),
        ({"scope": "role", "role": "senior", "country": "MD"}, "country", "not_for_scope"),
        ({"scope": "role", "role": "senior", "all_calls_per_hour": 1}, "all_calls_per_hour", "not_for_scope"),
        ({"scope": "centre", "countries": ["XX"]}, "countries", "unknown_country"),
        ({"scope": "centre", "country": "XX"}, "country", "unknown_country"),
        (
            {"scope": "person", "person_id": "01890a5d-ac96-774b-bcce-b302099a8057"},
            "person_id",
            "unknown_reference",
        ),
        (
            {"scope": "project", "project_id": "01890a5d-ac96-774b-bcce-b302099a8057"},
            "project_id",
            "unknown_reference",
        ),
    ],
)
async def test_a_rule_is_for_one_subject_and_says_what_its_scope_may(
    administrator: httpx.AsyncClient, form: Answer, field: str, code: str
) -> None:
    refused = await administrator.post("/api/dialling/rules", json=form)
    assert (refused.status_code, fields(refused)) == (422, [(field, code)])


async def test_there_is_one_rule_for_a_subject(administrator: httpx.AsyncClient, make_rule: Make) -> None:
    await make_rule(scope="centre", premium=False)
    again = await administrator.post("/api/dialling/rules", json={"scope": "centre"})
    assert (again.status_code, again.json()["code"]) == (409, "dialling.rule_exists")


async def test_what_a_change_allows_stands_in_the_trail(
    administrator: httpx.AsyncClient, make_rule: Make, trail: Trail, facts: Facts
) -> None:
    rule = await make_rule(scope="role", role="operator")
    address = f"/api/dialling/rules/{rule['id']}"
    changed = await administrator.patch(address, json={"premium": True, "countries": ["RO"]}, headers=at(1))
    assert changed.json() == rule | {"premium": True, "countries": ["RO"], "version": 2}
    assert (await trail())[-1] == (
        "dialling_rule.changed",
        {"fields": ["countries", "premium"], "premium": True, "countries": ["RO"]},
    )
    stale = await administrator.patch(address, json={"premium": False}, headers=at(1))
    assert (stale.status_code, stale.json()["current"]) == (412, changed.json())
    assert (await administrator.delete(address, headers=at(2))).status_code == 204
    assert [kind for kind, _ in await facts()] == ["dialling_rule.changed"] * 2 + ["dialling_rule.removed"]
    assert (await administrator.get("/api/dialling/rules")).json() == []


@pytest.fixture
def dial(database: Database, clock: TurnedClock) -> Dial:
    """A call that begins now; answers its id and why it may not."""

    async def begin(person: Person, number: str = ROMANIA) -> tuple[UUID, Why | None]:
        call = new_id()
        async with work(database, CENTRE, clock=clock) as unit:
            found = await service.begin_call(unit, call, number, person_id=person.id, project_id=None)
        return call, found.verdict.why

    return begin


async def test_a_stolen_password_dials_abroad_no_more_than_its_caps(
    administrator: httpx.AsyncClient,
    make_trunk: Make,
    make_rule: Make,
    person_as: PersonAs,
    *,
    dial: Dial,
    clock: TurnedClock,
    trail: Trail,
    facts: Facts,
) -> None:
    await make_trunk()
    await make_rule(scope="centre", country="MD", countries=["RO"], calls_per_hour=3, minutes_per_day=600)
    thief = await person_as("operator")
    tries = [(await dial(thief))[1] for _ in range(6)]
    assert tries == [None] * 3 + [Why.PERSON_CALLS] * 3
    assert (await dial(thief, "112"))[1] is None
    assert (await dial(thief, "022123456"))[1] is None
    (alarm,) = (await administrator.get("/api/dialling/alarms")).json()
    assert alarm | {"cap": "dialling.person_calls", "allowed": 3, "refused": 3, "person_id": str(thief.id)} == alarm
    hits = [(action, details) for action, details in await trail() if action == "dialling.cap_hit"]
    assert hits == [("dialling.cap_hit", {"cap": "dialling.person_calls", "allowed": 3})]
    assert [kind for kind, _ in await facts() if kind == "dialling.cap_hit"] == ["dialling.cap_hit"]
    clock.advance(hours=1, seconds=1)
    assert (await dial(thief))[1] is None


async def test_minutes_count_while_a_call_goes_on_and_when_it_has_ended(
    make_trunk: Make,
    make_rule: Make,
    person_as: PersonAs,
    *,
    dial: Dial,
    database: Database,
    clock: TurnedClock,
) -> None:
    await make_trunk()
    await make_rule(scope="centre", country="MD", countries=["RO"], minutes_per_day=10)
    who = await person_as("operator")
    call, _ = await dial(who)
    clock.advance(minutes=9)
    assert (await dial(who))[1] is None
    clock.advance(minutes=1)
    assert (await dial(who))[1] is Why.PERSON_MINUTES
    async with work(database, CENTRE, clock=clock) as unit:
        await service.end_call(unit, call, seconds=60)
        assert await service.end_lost_calls(unit, []) == 1
    assert (await dial(who))[1] is None, "one minute and the lost one's time"
    clock.advance(hours=24)
    async with work(database, CENTRE, clock=clock) as unit:
        found = await service.assess(unit, ROMANIA, person_id=who.id, project_id=None)
    assert (found.used.seconds, found.verdict.longest) == (0, 600)


async def test_the_caps_of_all_hold_for_everybody_together(
    make_trunk: Make,
    make_rule: Make,
    person_as: PersonAs,
    dial: Dial,
) -> None:
    await make_trunk()
    await make_rule(scope="centre", country="MD", countries=["RO"], all_calls_per_hour=2)
    people = [await person_as("operator") for _ in range(3)]
    assert [(await dial(person))[1] for person in people] == [None, None, Why.CENTRE_CALLS]


async def test_money_is_capped_where_prices_are_known(
    administrator: httpx.AsyncClient,
    make_trunk: Make,
    make_rule: Make,
    check: Make,
    *,
    person_as: PersonAs,
    dial: Dial,
    database: Database,
    clock: TurnedClock,
) -> None:
    await make_trunk()
    await make_rule(scope="centre", country="MD", countries=["RO"], spend_per_day=100)
    table = {"currency": "EUR", "csv": "prefix;name;price\n40;Romania;0.05\n4021;Bucharest;0.20\n"}
    answer = await administrator.put("/api/dialling/prices", json=table)
    assert (answer.json()["currency"], answer.json()["prices"]) == ("EUR", 2)
    who = await person_as("operator")
    found = await check(ROMANIA, person_id=str(who.id))
    assert (found["per_minute"], found["longest_seconds"]) == (20, 300)
    call, _ = await dial(who)
    async with work(database, CENTRE, clock=clock) as unit:
        await service.end_call(unit, call, seconds=241)
    assert (await check(ROMANIA, person_id=str(who.id)))["why"] == "dialling.person_spend"
    assert (await check("+40 31 234 5678", person_id=str(who.id)))["why"] == "dialling.person_spend"
    listed = (await administrator.get("/api/dialling/prices?sort=-per_minute")).json()["items"]
    assert [(one["prefix"], one["per_minute"]) for one in listed] == [("4021", 20), ("40", 5)]


async def test_a_wrong_price_table_changes_nothing(administrator: httpx.AsyncClient) -> None:
    await administrator.put("/api/dialling/prices", json={"currency": "EUR", "csv": "40;Romania;0.05"})
    wrong = {"currency": "EUR", "csv": "41;x;0.1\n42;y;dear\n"}
    refused = await administrator.put("/api/dialling/prices", json=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "dialling.prices_unreadable")
    assert (refused.json()["line"], refused.json()["why"]) == (2, "price")
    assert [one["prefix"] for one in (await administrator.get("/api/dialling/prices")).json()["items"]] == ["40"]


async def test_a_project_shows_its_own_number_only(
    administrator: httpx.AsyncClient, make_trunk: Make, check: Make, project: UUID, other_project: UUID
) -> None:
    first = await make_trunk(default_number="+37322000000", priority=1)
    await make_trunk(default_number="+37322000001", priority=2)
    number = (await administrator.post(f"/api/projects/{project}/numbers", json={"number": "022 123 456"})).json()
    form = {"project_id": str(project), "number_id": number["id"], "trunk_id": first["id"]}
    made = await administrator.post("/api/dialling/caller-ids", json=form)
    assert made.json()["e164"] == "+37322123456"
    shown = [one["shown"] for one in (await check("069123456", project_id=str(project)))["trunks"]]
    assert shown == ["+37322123456", "+37322000001"]
    twice = await administrator.post("/api/dialling/caller-ids", json=form)
    assert (twice.status_code, twice.json()["code"]) == (409, "trunks.caller_id_taken")
    theirs = await administrator.post("/api/dialling/caller-ids", json={**form, "project_id": str(other_project)})
    assert fields(theirs) == [("number_id", "unknown_reference")]
    assert (await administrator.delete(f"/api/dialling/caller-ids/{made.json()['id']}")).status_code == 204
    shown = [one["shown"] for one in (await check("069123456", project_id=str(project)))["trunks"]]
    assert shown == ["+37322000000", "+37322000001"]


async def test_the_tester_says_why_a_trunk_is_passed_over_and_what_each_one_gets(
    administrator: httpx.AsyncClient, make_trunk: Make, check: Make, database: Database, clock: TurnedClock
) -> None:
    good = await make_trunk(name="Good", priority=2, number_out="national")
    bad = await make_trunk(name="Bad", priority=1)
    full = await make_trunk(name="Full", max_calls=1)
    off = await make_trunk(name="Off", enabled=False)
    refused = Health(registers=True, watched=True).started(0.0).on_registration(403, 0.0)
    well = Health(registers=True, watched=True).started(0.0).on_registration(200, 0.0)
    async with work(database, CENTRE, clock=clock) as unit:
        found = {UUID(bad["id"]): (refused, None), UUID(full["id"]): (well, None)}
        await service.record_health(unit, found, {UUID(full["id"]): 1}, now=0.0)
    told = await check("+37369123456")
    assert told["trunks"] == [{"id": good["id"], "name": "Good", "sent": "069123456", "shown": ""}]
    assert {one["id"]: one["why"] for one in told["passed_over"]} == {
        bad["id"]: "not_registered",
        full["id"]: "no_free_line",
        off["id"]: "disabled",
    }
    emergency = await check("112")
    assert [(one["name"], one["sent"]) for one in emergency["trunks"]] == [
        ("Good", "112"),
        ("Full", "112"),
        ("Bad", "112"),
    ]
