"""Trunks over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings
from centrala.kit.vault import Unreadable, Vault
from centrala.kit.work import work
from centrala.telephony.trunks import service
from centrala.telephony.trunks.live import load_trunks
from centrala.telephony.trunks.machine import Health
from centrala.telephony.trunks.models import Trunk

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[Answer]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]


async def test_a_trunk_is_created_with_a_trace_and_a_fact(
    administrator: httpx.AsyncClient, make_trunk: Make, trail: Trail, facts: Facts
) -> None:
    trunk = await make_trunk(name="Moldtelecom")
    assert trunk["health"] | {"state": "starting", "reason": "not_started", "calls": 0} == trunk["health"]
    read = await administrator.get(f"/api/trunks/{trunk['id']}")
    assert (read.json(), read.headers["ETag"]) == (trunk, '"1"')
    assert await trail() == [("trunk.created", {})]
    assert await facts() == [("trunk.changed", trunk["id"])]


async def test_the_password_is_sealed_in_the_store_and_in_no_answer(
    administrator: httpx.AsyncClient, make_trunk: Make, database: Database, settings: AppSettings
) -> None:
    trunk = await make_trunk(password="hunter2 of the carrier")
    changed = await administrator.patch(f"/api/trunks/{trunk['id']}", json={"password": "hunter3"}, headers=at(1))
    assert changed.json()["has_password"] is True
    for answer in (changed, await administrator.get("/api/trunks"), await administrator.get("/api/trunks/export")):
        assert answer.status_code == 200
        assert "hunter" not in answer.text
    async with database.begin(CENTRE) as session:
        row = await session.get_one(Trunk, UUID(trunk["id"]))
    assert row.password is not None
    assert b"hunter" not in row.password
    vault = Vault(settings.secret_key.get_secret_value(), purpose=service.PURPOSE)
    assert vault.open(row.password, owner=row.id.bytes) == b"hunter3"
    with pytest.raises(Unreadable):
        vault.open(row.password, owner=b"another trunk")


async def test_a_change_keeps_the_password_unless_one_is_sent(
    administrator: httpx.AsyncClient, make_trunk: Make, trail: Trail
) -> None:
    trunk = await make_trunk()
    after = await administrator.patch(f"/api/trunks/{trunk['id']}", json={"priority": 1}, headers=at(1))
    assert (after.json()["has_password"], after.json()["priority"]) == (True, 1)
    assert (await trail())[-1] == ("trunk.changed", {"fields": ["priority"]})


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"kind": "register", "user": ""}, "user", "required"),
        ({"kind": "register", "password": None}, "password", "required"),
        ({"kind": "address", "host": "sip.carrier.example"}, "sources", "sources_missing"),
        ({"country": "XX"}, "country", "unknown_country"),
        ({"sources": ["0.0.0.0/0"]}, "sources.0", "network_everything"),
        ({"sources": ["not an address"]}, "sources.0", "network"),
        ({"host": "a b"}, "host", "host"),
        ({"host": "carrier.example;lr"}, "host", "host"),
        ({"proxy": "p.example>\r\nX: y"}, "proxy", "string_pattern_mismatch"),
        ({"codecs": []}, "codecs", "too_short"),
        ({"codecs": ["MP3"]}, "codecs.0", "enum"),
        ({"failover": [200]}, "failover.0", "greater_than_equal"),
        ({"max_calls": 0}, "max_calls", "greater_than_equal"),
        ({"default_number": "022123456"}, "default_number", "string_pattern_mismatch"),
        ({"rules_out": [{"prefix": "0x"}]}, "rules_out.0.prefix", "string_pattern_mismatch"),
    ],
)
async def test_what_no_trunk_can_be_is_refused_beside_its_field(
    administrator: httpx.AsyncClient, form: Answer, field: str, code: str
) -> None:
    whole = {"name": "X", "kind": "register", "host": "h.example", "user": "u", "password": "p", "country": "MD"}
    refused = await administrator.post("/api/trunks", json={**whole, **form})
    assert (refused.status_code, fields(refused)) == (422, [(field, code)])


async def test_a_change_may_not_take_away_what_the_kind_needs(
    administrator: httpx.AsyncClient, make_trunk: Make
) -> None:
    trunk = await make_trunk()
    refused = await administrator.patch(f"/api/trunks/{trunk['id']}", json={"password": ""}, headers=at(1))
    assert (refused.status_code, fields(refused)) == (422, [("password", "required")])
    assert (await administrator.get(f"/api/trunks/{trunk['id']}")).json() == trunk


async def test_addresses_are_kept_once_and_as_networks(make_trunk: Make) -> None:
    trunk = await make_trunk(kind="address", sources=["192.0.2.7", "192.0.2.7/32", "198.51.100.9/24"])
    assert trunk["sources"] == ["192.0.2.7", "198.51.100.0/24"]


async def test_two_trunks_do_not_share_a_name(administrator: httpx.AsyncClient, make_trunk: Make) -> None:
    first, second = await make_trunk(), await make_trunk()
    taken = await administrator.patch(f"/api/trunks/{second['id']}", json={"name": first["name"]}, headers=at(1))
    assert (taken.status_code, taken.json()["code"], fields(taken)) == (409, "trunks.name_taken", [("name", "taken")])


async def test_a_stale_version_is_refused_with_the_trunk_as_it_is(
    administrator: httpx.AsyncClient, make_trunk: Make
) -> None:
    trunk = await make_trunk()
    address = f"/api/trunks/{trunk['id']}"
    await administrator.patch(address, json={"note": "first"}, headers=at(1))
    for method in ("PATCH", "DELETE"):
        stale = await administrator.request(method, address, json={"note": "second"}, headers=at(1))
        assert (stale.status_code, stale.json()["current"]) == (412, trunk | {"note": "first", "version": 2})


async def record(database: Database, clock: Clock, trunk_id: str, *, calls: int = 0) -> None:
    """What the keeper would write of a trunk that has registered ten seconds ago."""
    health = Health(registers=True, watched=True).started(90.0).on_registration(200, 90.0)
    async with work(database, CENTRE, clock=clock) as unit:
        key = UUID(trunk_id)
        await service.record_health(unit, {key: (health, 160.0)}, {key: calls}, now=100.0)


async def test_health_is_shown_with_moments_of_the_wall_clock(
    administrator: httpx.AsyncClient, make_trunk: Make, database: Database, clock: Clock, facts: Facts
) -> None:
    trunk = await make_trunk()
    await record(database, clock, trunk["id"], calls=2)
    health = (await administrator.get(f"/api/trunks/{trunk['id']}")).json()["health"]
    assert health == {
        "state": "up",
        "registered": True,
        "reachable": None,
        "reason": "registered",
        "status": 200,
        "failures": 0,
        "calls": 2,
        "since": "2026-11-20T08:59:50Z",
        "checked_at": "2026-11-20T08:59:50Z",
        "next_at": "2026-11-20T09:01:00Z",
    }
    assert (await facts())[-1] == ("trunk.health", trunk["id"])
    async with database.begin(CENTRE) as session:
        (scoped,) = await load_trunks(session, [UUID(trunk["id"])])
    assert scoped.card.model_dump(mode="json")["health"] == health


async def test_health_of_a_trunk_that_was_removed_meanwhile_is_nothing(
    database: Database, clock: Clock, facts: Facts
) -> None:
    await record(database, clock, "01890a5d-ac96-774b-bcce-b302099a8057")
    assert await facts() == []


async def test_a_trunk_with_calls_is_not_removed(
    administrator: httpx.AsyncClient, make_trunk: Make, database: Database, clock: Clock
) -> None:
    trunk = await make_trunk()
    await record(database, clock, trunk["id"], calls=1)
    busy = await administrator.delete(f"/api/trunks/{trunk['id']}", headers=at(1))
    assert (busy.status_code, busy.json()["code"], busy.json()["calls"]) == (409, "trunks.busy", 1)
    await record(database, clock, trunk["id"], calls=0)
    assert (await administrator.delete(f"/api/trunks/{trunk['id']}", headers=at(1))).status_code == 204
    assert (await administrator.get(f"/api/trunks/{trunk['id']}")).status_code == 404


async def test_a_disabled_trunk_is_off_whatever_was_known(
    administrator: httpx.AsyncClient, make_trunk: Make, database: Database, clock: Clock
) -> None:
    trunk = await make_trunk()
    await record(database, clock, trunk["id"])
    off = await administrator.patch(f"/api/trunks/{trunk['id']}", json={"enabled": False}, headers=at(1))
    assert (off.json()["health"]["state"], off.json()["health"]["reason"]) == ("off", "disabled")


async def test_a_test_shows_what_would_be_sent_without_the_password(
    administrator: httpx.AsyncClient, make_trunk: Make
) -> None:
    trunk = await make_trunk(password="hunter2", transport="tcp", srtp="optional")
    told = (await administrator.post(f"/api/trunks/{trunk['id']}/test")).json()
    register, options = told["would_send"]
    assert [register["method"], options["method"]] == ["REGISTER", "OPTIONS"]
    assert register["text"].startswith("REGISTER sip:sip.carrier.example;transport=tcp SIP/2.0\r\n")
    assert "To: <sip:37322000000@sip.carrier.example>\r\n" in register["text"]
    assert "Expires: 300\r\n" in register["text"]
    assert "hunter2" not in str(told)
    assert told["problems"] == ["srtp_without_tls", "no_default_number"]


async def test_a_number_goes_through_rules_that_need_not_be_saved(administrator: httpx.AsyncClient) -> None:
    form = {
        "number": "022 123 456",
        "country": "MD",
        "number_out": "digits",
        "rules_out": [{"prefix": "373", "strip": 3, "add": "9"}],
        "number_in": "national",
    }
    told = (await administrator.post("/api/trunks/example", json=form)).json()
    assert told == {"e164": "+37322123456", "emergency": False, "sent": "922123456", "read": "+37322123456"}
    told = (await administrator.post("/api/trunks/example", json={**form, "number": "112"})).json()
    assert told == {"e164": None, "emergency": True, "sent": "112", "read": None}


async def test_the_list_is_searched_sorted_filtered_and_exported(
    administrator: httpx.AsyncClient, make_trunk: Make, trail: Trail
) -> None:
    await make_trunk(name="Orange", priority=2)
    await make_trunk(name="Moldcell", priority=1, enabled=False)
    names = [one["name"] for one in (await administrator.get("/api/trunks?sort=priority")).json()["items"]]
    assert names == ["Moldcell", "Orange"]
    found = (await administrator.get("/api/trunks?enabled=true&q=carrier.example")).json()
    assert [one["name"] for one in found["items"]] == ["Orange"]
    text = (await administrator.get("/api/trunks/export?q=moldcell")).text
    assert text.count("\r\n") == 2
    assert (await trail())[-1] == ("trunks.exported", {"rows": 1})


@pytest.mark.parametrize(("role", "status"), [("manager", 200), ("supervisor", 403), ("personnel", 403)])
async def test_who_may_look_at_trunks(client_as: ClientAs, project: UUID, role: str, status: int) -> None:
    client = await client_as(role, projects=(project,))
    assert (await client.get("/api/trunks")).status_code == status
    assert (await client.post("/api/trunks", json={})).status_code == 403
