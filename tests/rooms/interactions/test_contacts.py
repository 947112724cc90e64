"""Contacts: found by what people know of them, masked by role, written to by those who had them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from centrala.interactions.models import Disposition, Interaction
from centrala.interactions.service import listing
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from conftest import TurnedClock
from support.contacts import CUSTOMER, Contact, a_contact, at, seen
from support.people import Person

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


async def found(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/api/interactions", params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def set_note(database: Database, project: UUID, contact: Contact, note: str) -> None:
    async with database.begin(seen(project)) as session:
        (await session.get_one(Interaction, contact.interaction)).note = note


@pytest.mark.parametrize("typed", [CUSTOMER, "+373 69 123 456", "0037369123456", "373-69-123-456"])
async def test_a_contact_is_found_by_its_number_however_it_is_typed(
    desk: httpx.AsyncClient, contact: Contact, typed: str
) -> None:
    assert await found(desk, q=typed) == [str(contact.interaction)]
    assert await found(desk, number=typed) == [str(contact.interaction)]
    assert await found(desk, number=typed[:-1]) == []


@pytest.mark.parametrize(
    ("note", "typed"),
    [
        ("The routers were blinking", "router blinks"),
        ("Клиент просил перезвонить завтра", "клиенты перезвонить"),
        ("Clientul vrea să schimbe abonamentul", "abonamente schimba"),
        ("Счёт оплачен", "счет"),
    ],
)
async def test_a_contact_is_found_by_words_of_its_note_in_three_languages(
    *, desk: httpx.AsyncClient, database: Database, project: UUID, contact: Contact, note: str, typed: str
) -> None:
    await set_note(database, project, contact, note)
    assert await found(desk, q=typed) == [str(contact.interaction)]
    assert await found(desk, q="unrelated") == []


async def test_the_search_of_notes_stays_behind_the_wall(
    *, client_as: ClientAs, database: Database, clock: TurnedClock, project: UUID, other_project: UUID, operator: Person
) -> None:
    async with work(database, seen(other_project), clock=clock) as unit:
        await a_contact(unit, other_project, operator.id)
    reader = await client_as("supervisor", projects=(project,))
    assert await found(reader, q="router") == []


async def test_a_contact_is_found_by_its_customers_name_and_the_name_is_hidden_from_the_client_company(
    desk: httpx.AsyncClient, client_as: ClientAs, project: UUID, contact: Contact
) -> None:
    assert await found(desk, q="maria ceban") == [str(contact.interaction)]
    company = await client_as("client", projects=(project,))
    assert await found(company, q="maria ceban") == []
    (shown,) = (await company.get("/api/interactions")).json()["items"]
    assert (shown["party_name"], shown["customer_name"]) == ("M•••", "M•••")


@pytest.mark.parametrize(
    "typed", ["http://a.b/c\\d", "C:\\temp", "o'neil", "'", "a:*", "& | !", '"open', "-", "()", "\u0000", "😀", "a\\"]
)
async def test_no_text_breaks_the_search(desk: httpx.AsyncClient, contact: Contact, typed: str) -> None:
    assert str(contact.interaction) not in await found(desk, q=f"zz {typed}")
    assert (await desk.get("/api/customers", params={"q": typed})).status_code == 200


async def test_filters_narrow(
    supervisor: httpx.AsyncClient, clock: TurnedClock, operator: Person, contact: Contact
) -> None:
    mine, now = [str(contact.interaction)], clock()
    assert await found(supervisor, operator_id=str(operator.id)) == mine
    assert await found(supervisor, operator_id=str(new_id())) == []
    assert await found(supervisor, since=(now - timedelta(hours=1)).isoformat()) == mine
    assert await found(supervisor, until=now.isoformat()) == []
    assert await found(supervisor, customer_id=str(contact.customer), open_only=True, direction="in") == mine
    assert await found(supervisor, result="abandoned") == []


async def test_numbers_are_masked_in_every_answer_and_revealed_with_a_trace(
    desk: httpx.AsyncClient, supervisor: httpx.AsyncClient, contact: Contact, trail: Trail
) -> None:
    address = f"/api/interactions/{contact.interaction}"
    for client in (desk, supervisor):
        for path in ("/api/interactions", address, "/api/promises", f"/api/customers/{contact.customer}"):
            assert CUSTOMER[4:] not in (await client.get(path)).text
    assert (await desk.post(f"{address}/reveal")).status_code == 403
    shown = (await supervisor.post(f"{address}/reveal")).json()
    assert (shown["party_number"], list(shown["events"].values())) == (CUSTOMER, [{"digits": "123456"}])
    assert "interaction.revealed" in [action for action, _ in await trail()]


async def test_what_the_customer_typed_is_masked_in_the_timeline(desk: httpx.AsyncClient, contact: Contact) -> None:
    (line,) = (await desk.get(f"/api/interactions/{contact.interaction}")).json()["timeline"]
    assert (line["kind"], line["details"]) == ("input", {"digits": "•••"})


async def test_an_export_is_masked_and_leaves_a_trace(
    supervisor: httpx.AsyncClient, contact: Contact, trail: Trail
) -> None:
    text = (await supervisor.get("/api/interactions/export")).text
    assert "The router blinks red." in text
    assert CUSTOMER[4:] not in text
    assert ("interactions.exported", {"rows": 1}) in await trail()


async def test_pages_count_up_to_a_cap_and_end_there(
    *,
    supervisor: httpx.AsyncClient,
    database: Database,
    clock: TurnedClock,
    project: UUID,
    operator: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 4)
    async with work(database, seen(project), clock=clock) as unit:
        for last in range(6):
            await a_contact(unit, project, operator.id, number=f"+3736900000{last}")
    first = (await supervisor.get("/api/interactions", params={"page_size": 2})).json()
    assert (len(first["items"]), first["total"], first["total_capped"]) == (2, 4, True)
    beyond = await supervisor.get("/api/interactions", params={"page_size": 2, "page": 3})
    assert (beyond.status_code, beyond.json()["errors"][0]["code"]) == (422, "too_far")


# Notes


async def write(client: httpx.AsyncClient, contact: Contact, version: int, **body: Any) -> httpx.Response:
    return await client.put(f"/api/interactions/{contact.interaction}/note", json=body, headers=at(version))


async def test_a_draft_is_saved_by_version_and_only_the_final_note_is_a_line_of_the_timeline(
    desk: httpx.AsyncClient, contact: Contact, facts: Facts, trail: Trail
) -> None:
    first = (await write(desk, contact, 1, note="He ca")).json()
    second = (await write(desk, contact, first["version"], note="He calls back", final=True)).json()
    assert (second["note"], second["note_final"], second["version"]) == ("He calls back", True, 3)
    assert [line["kind"] for line in second["timeline"]].count("noted") == 1
    assert ("interaction.changed", str(contact.interaction)) in await facts()
    assert [action for action, _ in await trail()].count("interaction.noted") == 1


async def test_two_who_write_do_not_overwrite_each_other(
    desk: httpx.AsyncClient, supervisor: httpx.AsyncClient, contact: Contact
) -> None:
    await write(desk, contact, 1, note="Mine")
    stale = await write(supervisor, contact, 1, note="Theirs")
    assert (stale.status_code, stale.json()["current"]["note"]) == (412, "Mine")


async def test_the_contact_of_a_colleague_is_read_and_not_written(
    client_as: ClientAs, supervisor: httpx.AsyncClient, project: UUID, contact: Contact
) -> None:
    colleague = await client_as("operator", projects=(project,))
    shown = (await colleague.get(f"/api/interactions/{contact.interaction}")).json()
    assert shown["may_write"] is False
    refused = await write(colleague, contact, 1, note="x")
    assert (refused.status_code, refused.json()["code"]) == (403, "interactions.not_yours")
    assert (await write(supervisor, contact, 1, note="x")).status_code == 200


# Dispositions


async def dispose(client: httpx.AsyncClient, contact: Contact, version: int = 1, **body: Any) -> httpx.Response:
    path = f"/api/interactions/{contact.interaction}/disposition"
    return await client.put(path, json=body, headers=at(version))


async def make(client: httpx.AsyncClient, project: UUID, code: str, **more: Any) -> Answer:
    body = {"project_id": str(project), "kind": "cause", "code": code, "labels": {"en": code}, **more}
    answer = await client.post("/api/dispositions", json=body)
    assert answer.status_code == 201, answer.text
    made: Answer = answer.json()
    return made


REFUND = [
    {"name": "amount", "labels": {"en": "Amount"}, "type": "number"},
    {"name": "account", "labels": {"en": "Account"}, "type": "choice", "choices": ["card", "cash"]},
    {"name": "since", "labels": {"en": "Since"}, "type": "date", "required": False},
]


async def test_cause_and_outcome_are_different_fields(
    desk: httpx.AsyncClient, supervisor: httpx.AsyncClient, project: UUID, contact: Contact
) -> None:
    cause = await make(supervisor, project, "billing")
    done = (await dispose(desk, contact, cause_id=cause["id"], outcome_id=str(contact.outcome))).json()
    assert (done["cause_id"], done["outcome_id"]) == (cause["id"], str(contact.outcome))
    swapped = await dispose(desk, contact, done["version"], cause_id=str(contact.outcome))
    assert (swapped.status_code, swapped.json()["code"]) == (422, "interactions.wrong_disposition")


async def test_the_disposition_of_another_project_is_refused(
    desk: httpx.AsyncClient, database: Database, other_project: UUID, contact: Contact
) -> None:
    strange = new_id()
    async with database.begin(seen(other_project)) as session:
        session.add(Disposition(id=strange, project_id=other_project, kind="cause", code="x", labels={"en": "x"}))
    answer = await dispose(desk, contact, cause_id=str(strange))
    assert answer.json()["errors"][0]["field"] == "cause_id"


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, {"fields.amount": "missing", "fields.account": "missing"}),
        ({"amount": "12", "account": "card"}, {"fields.amount": "number_expected"}),
        ({"amount": True, "account": "card"}, {"fields.amount": "number_expected"}),
        ({"amount": 12, "account": "gold"}, {"fields.account": "not_a_choice"}),
        ({"amount": 12, "account": "card", "since": "yesterday"}, {"fields.since": "iso_date"}),
        ({"amount": 12, "account": "card", "more": 1}, {"fields.more": "unknown_field"}),
    ],
)
async def test_the_fields_that_a_disposition_asks_for_must_be_filled(
    *,
    desk: httpx.AsyncClient,
    supervisor: httpx.AsyncClient,
    project: UUID,
    contact: Contact,
    fields: Answer,
    faults: dict[str, str],
) -> None:
    cause = await make(supervisor, project, "refund", required_fields=REFUND)
    answer = await dispose(desk, contact, cause_id=cause["id"], fields=fields)
    assert answer.status_code == 422
    assert {one["field"]: one["code"] for one in answer.json()["errors"]} == faults


async def test_filled_fields_are_kept(
    desk: httpx.AsyncClient, supervisor: httpx.AsyncClient, project: UUID, contact: Contact
) -> None:
    cause = await make(supervisor, project, "refund", required_fields=REFUND)
    done = await dispose(desk, contact, cause_id=cause["id"], fields={"amount": 12.5, "account": "card"})
    assert done.json()["disposition_fields"] == {"amount": 12.5, "account": "card"}


async def test_only_a_leaf_in_use_is_chosen(
    desk: httpx.AsyncClient, supervisor: httpx.AsyncClient, project: UUID, contact: Contact
) -> None:
    branch = await make(supervisor, project, "tech")
    leaf = await make(supervisor, project, "tech.no-line", parent_id=branch["id"])
    refused = await dispose(desk, contact, cause_id=branch["id"])
    assert refused.json()["errors"][0]["code"] == "not_a_leaf"
    await supervisor.post(f"/api/dispositions/{leaf['id']}/archive", headers=at(1))
    archived = await dispose(desk, contact, cause_id=leaf["id"])
    assert archived.json()["errors"][0]["code"] == "archived"


async def test_a_tree_has_no_circle_and_codes_are_unique(supervisor: httpx.AsyncClient, project: UUID) -> None:
    above = await make(supervisor, project, "a")
    below = await make(supervisor, project, "a.b", parent_id=above["id"])
    circle = await supervisor.patch(f"/api/dispositions/{above['id']}", json={"parent_id": below["id"]}, headers=at(1))
    assert circle.json()["code"] == "interactions.disposition_circle"
    in_use = await supervisor.post(f"/api/dispositions/{above['id']}/archive", headers=at(1))
    assert in_use.json()["code"] == "interactions.disposition_in_use"
    body = {"project_id": str(project), "kind": "cause", "code": "a", "labels": {"en": "x"}}
    twice = await supervisor.post("/api/dispositions", json=body)
    assert twice.json()["code"] == "interactions.disposition_code_taken"


async def test_siblings_are_put_into_another_order_at_once(supervisor: httpx.AsyncClient, project: UUID) -> None:
    nodes = [await make(supervisor, project, code) for code in ("x", "y", "z")]
    ids = [nodes[at]["id"] for at in (2, 0, 1)]
    form = {"project_id": str(project), "kind": "cause", "parent_id": None}
    others = [
        one["id"]
        for one in (await supervisor.get("/api/dispositions", params={"kind": "cause"})).json()
        if one["parent_id"] is None and one["id"] not in ids
    ]
    moved = await supervisor.put("/api/dispositions/order", json={**form, "ids": [*ids, *others]})
    assert moved.status_code == 200, moved.text
    listed = (await supervisor.get("/api/dispositions", params={"kind": "cause"})).json()
    assert [one["id"] for one in listed if one["id"] in ids] == ids
    assert [one["position"] for one in moved.json()] == list(range(len(ids) + len(others)))


@pytest.mark.parametrize("lacks", ["one", "more", "twice"])
async def test_an_order_that_does_not_know_the_whole_tree_is_refused(
    supervisor: httpx.AsyncClient, project: UUID, lacks: str
) -> None:
    parent = await make(supervisor, project, "above")
    ids = [(await make(supervisor, project, code, parent_id=parent["id"]))["id"] for code in ("p", "q")]
    told = {"one": ids[:1], "more": [*ids, parent["id"]], "twice": [ids[0], ids[0]]}[lacks]
    form = {"project_id": str(project), "kind": "cause", "parent_id": parent["id"], "ids": told}
    refused = await supervisor.put("/api/dispositions/order", json=form)
    assert (refused.status_code, refused.json()["code"]) == (409, "interactions.order_stale")


async def test_archived_dispositions_are_listed_when_asked_for_and_can_come_back(
    supervisor: httpx.AsyncClient, project: UUID
) -> None:
    node = await make(supervisor, project, "old")
    await supervisor.post(f"/api/dispositions/{node['id']}/archive", headers=at(1))
    listed = (await supervisor.get("/api/dispositions")).json()
    assert node["id"] not in [one["id"] for one in listed]
    every = (await supervisor.get("/api/dispositions", params={"archived": True})).json()
    assert node["id"] in [one["id"] for one in every]
    back = await supervisor.post(f"/api/dispositions/{node['id']}/restore", headers=at(2))
    assert back.json()["archived_at"] is None
    changed = await supervisor.patch(
        f"/api/dispositions/{node['id']}", json={"labels": {"en": "New", "ro": "Nou"}}, headers=at(3)
    )
    assert changed.json()["labels"] == {"en": "New", "ru": "", "ro": "Nou"}


# Scripts


async def test_scripts_of_a_queue_and_of_all_queues_are_shown_in_their_order(
    supervisor: httpx.AsyncClient, desk: httpx.AsyncClient, project: UUID
) -> None:
    queue, other = str(new_id()), str(new_id())
    for position, (title, of) in enumerate([("For billing", queue), ("For all", None), ("For sales", other)]):
        body = {"project_id": str(project), "title": title, "text": "…", "queue_id": of, "position": position}
        assert (await supervisor.post("/api/project-scripts", json=body)).status_code == 201
    shown = (await desk.get("/api/project-scripts", params={"queue_id": queue, "project_id": str(project)})).json()
    assert [one["title"] for one in shown] == ["For billing", "For all"]
    address = f"/api/project-scripts/{shown[0]['id']}"
    assert (await desk.patch(address, json={"text": "x"}, headers=at(1))).status_code == 403
    assert (await supervisor.patch(address, json={"text": "x"}, headers=at(1))).json()["text"] == "x"
    assert (await supervisor.delete(address, headers=at(2))).status_code == 204
    assert (await desk.get(address)).status_code == 404
