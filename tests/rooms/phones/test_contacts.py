"""Where phones are registered outlives the process."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.work import work
from centrala.telephony.phones import service
from centrala.telephony.phones.models import Contact
from centrala.telephony.phones.service import Owner
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.registrar import Binding, Change, Changed, Registrar
from conftest import TurnedClock
from support.people import Person

Answer = dict[str, Any]
Make = Callable[..., Awaitable[Answer]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]

UDP = Flow(Transport.UDP, ("192.0.2.1", 5060), ("198.51.100.7", 5062))
WEBSOCKET = Flow(Transport.WS, ("192.0.2.1", 8080), ("198.51.100.7", 40000), 7)


def binding(
    flow: Flow = UDP, *, ends: float = 160.0, contact: str = "sip:x@198.51.100.7:5062", cseq: int = 1
) -> Binding:
    return Binding(contact, 1000, ends, "call-1", cseq, flow, ("sip:edge.example;lr",), "<urn:uuid:1>", None, "Snom")


class Store:
    """Writes what a registrar changed at 100 s of its clock."""

    def __init__(self, database: Database, clock: TurnedClock, owner: Owner) -> None:
        self.database, self.clock, self.owner = database, clock, owner

    async def save(self, change: Change, kept: Binding) -> None:
        async with work(self.database, CENTRE, clock=self.clock) as unit:
            changed = Changed(self.owner.aor, change, kept)
            await service.save(unit, [changed], {self.owner.aor: self.owner}.get, now=100.0)

    async def restore(self, registrar: Registrar, *, now: float) -> dict[str, Owner]:
        async with work(self.database, CENTRE, clock=self.clock) as unit:
            return await service.restore(unit, registrar, now=now)


@pytest.fixture
async def phone(make_phone: Make) -> Answer:
    made: Answer = (await make_phone())["phone"]
    return made


@pytest.fixture
def store(database: Database, clock: TurnedClock, ana: Person, phone: Answer) -> Store:
    return Store(database, clock, Owner(ana.id, UUID(phone["id"]), phone["user"]))


async def test_a_registration_is_shown_with_its_address_until_it_ends(
    administrator: httpx.AsyncClient, store: Store, phone: Answer, facts: Facts, clock: TurnedClock
) -> None:
    await store.save(Change.ADDED, binding())
    shown = (await administrator.get(f"/api/phones/{phone['id']}")).json()
    expected = {
        "registered_until": "2026-11-20T09:01:00Z",
        "registered_at": "2026-11-20T09:00:00Z",
        "address": "198.51.100.7",
        "user_agent": "Snom",
    }
    assert shown | expected == shown
    assert (await facts())[-1] == ("phone.registered", phone["id"])
    clock.advance(seconds=61)
    late = (await administrator.get(f"/api/phones/{phone['id']}")).json()
    assert (late["registered_until"], late["registered_at"]) == (None, "2026-11-20T09:00:00Z")


async def test_a_refresh_writes_one_row_and_tells_nobody(store: Store, database: Database, facts: Facts) -> None:
    await store.save(Change.ADDED, binding())
    before = await facts()
    await store.save(Change.REFRESHED, binding(ends=400.0, cseq=2))
    assert await facts() == before
    async with database.begin(CENTRE) as session:
        (row,) = await session.scalars(select(Contact))
    assert (row.cseq, row.expires_at.isoformat()) == (2, "2026-11-20T09:05:00+00:00")


@pytest.mark.parametrize("change", [Change.REMOVED, Change.EXPIRED, Change.FLOW_LOST])
async def test_a_phone_is_gone_with_its_last_contact(store: Store, phone: Answer, facts: Facts, change: Change) -> None:
    other = binding(contact="sip:x@198.51.100.8")
    await store.save(Change.ADDED, binding())
    await store.save(Change.ADDED, other)
    await store.save(change, binding())
    assert ("phone.gone", phone["id"]) not in await facts()
    await store.save(change, other)
    assert (await facts())[-1] == ("phone.gone", phone["id"])


async def test_a_restarted_registrar_knows_the_same_contacts_for_the_time_that_is_left(
    store: Store, clock: TurnedClock
) -> None:
    await store.save(Change.ADDED, binding())
    clock.advance(seconds=20)
    registrar = Registrar()
    owners = await store.restore(registrar, now=5.0)
    (found,) = registrar.lookup(store.owner.aor, 5.0)
    assert owners == {store.owner.aor: store.owner}
    assert found == binding(ends=45.0)
    assert registrar.lookup(store.owner.aor, 45.1) == []


async def test_what_ended_or_hung_on_a_lost_connection_is_not_taken_up(
    store: Store, database: Database, clock: TurnedClock
) -> None:
    await store.save(Change.ADDED, binding(ends=110.0))
    await store.save(Change.ADDED, binding(WEBSOCKET, contact="sip:x@browser.invalid", ends=400.0))
    clock.advance(seconds=20)
    registrar = Registrar()
    assert await store.restore(registrar, now=0.0) == {}
    assert len(registrar) == 0
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(Contact.id))).all() == []


async def test_everything_that_rings_for_a_person_is_found(
    store: Store, database: Database, clock: TurnedClock, ana: Person
) -> None:
    browser = Store(database, clock, Owner(ana.id, None, ana.id.hex))
    await store.save(Change.ADDED, binding())
    await browser.save(Change.ADDED, binding(WEBSOCKET, contact="sip:x@browser.invalid"))
    async with work(database, CENTRE, clock=clock) as unit:
        found = await service.phones_of(unit, ana.id)
    assert sorted(found, key=lambda one: one.phone_id is None) == [store.owner, browser.owner]


async def test_a_new_secret_ends_the_registration(
    administrator: httpx.AsyncClient, store: Store, phone: Answer, database: Database
) -> None:
    await store.save(Change.ADDED, binding())
    await administrator.post(f"/api/phones/{phone['id']}/secret", headers={"If-Match": '"1"'})
    async with database.begin(CENTRE) as session:
        assert (await session.scalars(select(Contact.id))).all() == []
