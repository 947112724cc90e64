"""A live contact goes through the store and comes back as it was."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from centrala.flows.contacts.plain import dump, load
from centrala.flows.contacts.state import Consult, Contact, Seat, Stage, Watcher

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def some_id(number: int) -> UUID:
    return UUID(int=number)


def a_contact() -> Contact:
    contact = Contact(
        id=some_id(1),
        project_id=some_id(2),
        direction="in",
        number="+37369000111",
        name="Ana",
        called="+37322000111",
        came_at=AT,
        call_id=some_id(3),
        client=some_id(4),
        language="ro",
        queue_id=some_id(5),
        queue="Faults",
        queued_at=AT + timedelta(seconds=3),
        skills={"s": 2},
        menu_path=["Faults"],
    )
    contact.enter(Stage.TALKING, AT + timedelta(seconds=9))
    contact.seat = Seat(some_id(6), AT, leg_id=some_id(7), answered_at=AT + timedelta(seconds=9))
    colleague = Seat(some_id(8), AT, leg_id=some_id(9), answered_at=AT)
    contact.consult = Consult(some_id(10), AT, "Ion", note="Look.", seat=colleague, leg_id=some_id(9))
    contact.watchers[some_id(11)] = Watcher(some_id(11), "whispering", AT, leg_id=some_id(12))
    contact.wrapping[some_id(13)] = AT + timedelta(seconds=30)
    contact.pauses = {"card"}
    contact.recording_id = some_id(14)
    return contact


def test_what_is_dumped_is_json_and_loads_as_it_was() -> None:
    plain = json.loads(json.dumps(dump(a_contact())))
    again = load(plain)
    assert dump(again) == plain
    assert again.people() == {some_id(6), some_id(8), some_id(13)}
    assert (again.stage, again.since) == (Stage.TALKING, AT + timedelta(seconds=9))


def test_a_colleague_who_only_rings_is_left_out() -> None:
    contact = a_contact()
    assert contact.consult is not None
    contact.consult.leg_id = None
    assert load(dump(contact)).consult is None


def test_an_offer_is_the_routers_and_is_not_kept() -> None:
    contact = a_contact()
    contact.seat, contact.consult = None, None
    contact.offer = Seat(some_id(6), AT, offer=7, until=AT)
    again = load(dump(contact))
    assert (again.offer, again.seat) == (None, None)


def test_the_data_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="another version"):
        load(dump(a_contact()) | {"version": 0})
