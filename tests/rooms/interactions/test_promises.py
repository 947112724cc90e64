"""Promised call-backs: kept by their owner, reminded of once, given to somebody who works on the project."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from centrala.interactions.everywhere import everywhere
from centrala.interactions.service.promises import remind
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from conftest import TurnedClock
from support.contacts import CUSTOMER, Contact, at
from support.people import Person

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PersonAs = Callable[..., Awaitable[Person]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


async def promise(client: httpx.AsyncClient, contact: Contact, clock: TurnedClock, **more: Any) -> Answer:
    body = {
        "interaction_id": str(contact.interaction),
        "due_at": (clock() + timedelta(hours=1)).isoformat(),
        "note": "Tell the price",
        **more,
    }
    answer = await client.post("/api/promises", json=body)
    assert answer.status_code == 201, answer.text
    made: Answer = answer.json()
    return made


async def reminded(database: Database, clock: TurnedClock) -> int:
    async with work(database, await everywhere(database), clock=clock) as unit:
        return await remind(unit)


async def test_a_promise_takes_number_and_customer_from_its_contact(
    desk: httpx.AsyncClient, supervisor: httpx.AsyncClient, operator: Person, contact: Contact, clock: TurnedClock
) -> None:
    made = await promise(desk, contact, clock)
    assert (made["owner_id"], made["number"]["masked"]) == (str(operator.id), "+373 ••• 56")
    shown = (await supervisor.get("/api/promises", params={"whose": "all", "sort": "created_at"})).json()["items"]
    assert made["id"] in [one["id"] for one in shown]
    assert CUSTOMER not in str(shown)


async def test_everybody_sees_their_own_unless_they_ask_for_all(
    desk: httpx.AsyncClient, client_as: ClientAs, project: UUID, contact: Contact, clock: TurnedClock
) -> None:
    made = await promise(desk, contact, clock)
    colleague = await client_as("operator", projects=(project,))
    assert (await colleague.get("/api/promises")).json()["items"] == []
    assert made["id"] in [one["id"] for one in (await desk.get("/api/promises")).json()["items"]]


async def test_a_promise_is_reminded_of_once_when_its_time_has_come(
    desk: httpx.AsyncClient, database: Database, contact: Contact, clock: TurnedClock, facts: Facts
) -> None:
    await reminded(database, clock)  # the sample's own promise
    made = await promise(desk, contact, clock)
    assert await reminded(database, clock) == 0
    clock.advance(hours=1)
    assert await reminded(database, clock) == 1
    assert await reminded(database, clock) == 0
    assert ("promise.due", made["id"]) in await facts()


async def test_a_promise_that_is_moved_is_reminded_of_again(
    desk: httpx.AsyncClient, database: Database, contact: Contact, clock: TurnedClock
) -> None:
    made = await promise(desk, contact, clock, due_at=clock().isoformat())
    await reminded(database, clock)
    later = (clock() + timedelta(minutes=5)).isoformat()
    moved = await desk.patch(f"/api/promises/{made['id']}", json={"due_at": later}, headers=at(2))
    assert moved.json()["reminded_at"] is None, moved.text
    clock.advance(minutes=5)
    assert await reminded(database, clock) == 1


async def test_a_kept_promise_is_not_reminded_of_nor_changed(
    desk: httpx.AsyncClient, database: Database, contact: Contact, clock: TurnedClock
) -> None:
    await reminded(database, clock)
    made = await promise(desk, contact, clock)
    kept = (await desk.post(f"/api/promises/{made['id']}/done", headers=at(1))).json()
    assert kept["done_at"] is not None
    clock.advance(hours=2)
    assert await reminded(database, clock) == 0
    await desk.get("/api/session")  # notes that the session lives; in this store that moves the wall
    again = await desk.post(f"/api/promises/{made['id']}/done", headers=at(2))
    assert (again.status_code, again.json()["code"]) == (409, "interactions.promise_done")
    done = (await desk.get("/api/promises", params={"state": "done"})).json()["items"]
    assert [one["id"] for one in done] == [made["id"]]


async def test_a_promise_is_given_to_those_who_work_on_the_project_only(
    desk: httpx.AsyncClient,
    person_as: PersonAs,
    project: UUID,
    other_project: UUID,
    contact: Contact,
    *,
    clock: TurnedClock,
) -> None:
    colleague, stranger = (
        await person_as("operator", projects=(project,)),
        await person_as("operator", projects=(other_project,)),
    )
    made = await promise(desk, contact, clock, owner_id=str(colleague.id))
    assert made["owner_id"] == str(colleague.id)
    for nobody in (stranger.id, new_id()):
        body = {"interaction_id": str(contact.interaction), "due_at": clock().isoformat(), "owner_id": str(nobody)}
        refused = await desk.post("/api/promises", json=body)
        assert refused.json()["errors"][0]["field"] == "owner_id"
    taken = await desk.patch(f"/api/promises/{made['id']}", json={"note": "x"}, headers=at(1))
    assert (taken.status_code, taken.json()["code"]) == (403, "interactions.not_yours")


async def test_nobody_promises_in_the_contact_of_a_colleague(
    client_as: ClientAs, project: UUID, contact: Contact, clock: TurnedClock
) -> None:
    colleague = await client_as("operator", projects=(project,))
    body = {"interaction_id": str(contact.interaction), "due_at": clock().isoformat()}
    assert (await colleague.post("/api/promises", json=body)).json()["code"] == "interactions.not_yours"
