"""Visits from timelines: each time in a queue once, each transfer once, each second in one place."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.reports.core import MAX_VISITS, Entry, Result, Told, Via, Visit, visits

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SALES, HELP = (uuid5(UUID(int=0), name) for name in ("sales", "help"))
ANA, ION = (uuid5(UUID(int=0), name) for name in ("ana", "ion"))


def at(kind: str, second: float, **more: object) -> Entry:
    return Entry(kind=kind, at=START + timedelta(seconds=second), **more)  # type: ignore[arg-type]  # fields by name


def read(*entries: Entry, outgoing: bool = False) -> list[Visit]:
    return visits(entries, outgoing=outgoing)


def test_an_answered_contact_is_one_visit_with_its_wait_ring_talk_hold_and_wrap_up() -> None:
    [visit] = read(
        at("came", 0),
        at("queued", 2, queue_id=SALES),
        at("offered", 7, person_id=ANA),
        at("answered", 10, person_id=ANA),
        at("held", 20),
        at("resumed", 25),
        at("ended", 70, result="answered"),
        at("wrap_up_started", 70, person_id=ANA),
        at("wrap_up_ended", 85, person_id=ANA),
    )
    assert (visit.queue_id, visit.operator_id, visit.via, visit.result) == (SALES, ANA, Via.QUEUE, Result.ANSWERED)
    assert (visit.wait, visit.ring, visit.talk, visit.hold, visit.wrap_up) == (8000, 3000, 55000, 5000, 15000)
    assert visit.closing
    assert not visit.transferred


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("abandoned", Result.LEFT),
        ("abandoned_short", Result.LEFT),
        ("overflowed", Result.OVERFLOWED),
        ("closed", Result.TURNED_AWAY),
        ("interrupted", Result.TURNED_AWAY),
        (None, Result.LEFT),
    ],
)
def test_a_wait_that_the_contacts_end_cuts_off_has_the_contacts_result(result: str | None, expected: Result) -> None:
    [visit] = read(at("queued", 0, queue_id=SALES), at("ended", 12, result=result))
    assert (visit.result, visit.wait, visit.closing) == (expected, 12000, False)


def test_an_overflow_to_another_queue_is_a_second_visit() -> None:
    first, second = read(
        at("queued", 0, queue_id=SALES),
        at("queued", 60, queue_id=HELP),
        at("answered", 70, person_id=ANA),
        at("ended", 100, result="answered"),
    )
    assert (first.queue_id, first.result, first.wait) == (SALES, Result.OVERFLOWED, 60000)
    assert (second.queue_id, second.result, second.wait) == (HELP, Result.ANSWERED, 10000)


def test_a_transfer_to_a_queue_is_counted_once_on_the_talk_that_was_handed_on() -> None:
    first, second = read(
        at("queued", 0, queue_id=SALES),
        at("answered", 5, person_id=ANA),
        at("transferred", 35, person_id=ANA),
        at("queued", 35, queue_id=HELP),
        at("wrap_up_started", 35, person_id=ANA),
        at("answered", 40, person_id=ION),
        at("wrap_up_ended", 50, person_id=ANA),
        at("ended", 100, result="answered"),
    )
    assert (first.transferred, first.talk, first.wrap_up, first.closing) == (True, 30000, 15000, False)
    assert (second.transferred, second.talk, second.operator_id, second.closing) == (False, 60000, ION, True)


def test_an_attended_transfer_to_a_person_is_a_direct_visit_that_begins_with_it() -> None:
    first, second = read(
        at("queued", 0, queue_id=SALES),
        at("answered", 5, person_id=ANA),
        at("held", 10),
        at("consulted", 10, person_id=ANA),
        at("transferred", 25, person_id=ANA, to_person_id=ION),
        at("ended", 45, result="answered"),
    )
    assert (first.talk, first.hold, first.transferred) == (5000, 15000, True)
    assert (second.via, second.queue_id, second.operator_id, second.talk) == (Via.DIRECT, None, ION, 20000)


def test_who_was_only_consulted_ends_nothing_by_going() -> None:
    [visit] = read(
        at("queued", 0, queue_id=SALES),
        at("answered", 5, person_id=ANA),
        at("left", 20, person_id=None, aside=True),
        at("ended", 65, result="answered"),
    )
    assert visit.talk == 60000


def test_after_a_lost_operator_the_wait_begins_anew_and_nothing_was_transferred() -> None:
    first, second = read(
        at("queued", 0, queue_id=SALES),
        at("answered", 5, person_id=ANA),
        at("left", 15, person_id=ANA),
        at("queued", 16, queue_id=SALES),
        at("ended", 20, result="abandoned"),
    )
    assert (first.transferred, first.talk, first.closing) == (False, 10000, True)
    assert (second.result, second.wait) == (Result.LEFT, 4000)


def test_a_call_back_that_the_customer_did_not_take_goes_on_waiting_and_counts_once() -> None:
    [visit] = read(
        at("queued", 0, queue_id=SALES),
        at("callback_ordered", 60),
        at("answered", 100, person_id=ANA),
        at("not_answered", 130, person_id=ANA, callback=True),
        at("answered", 700, person_id=ION),
        at("ended", 760, result="answered"),
    )
    assert (visit.via, visit.operator_id, visit.wait, visit.talk) == (Via.CALLBACK, ION, 700000, 60000)


def test_a_call_that_the_centre_made_is_outgoing_and_waits_for_nobody() -> None:
    [visit] = read(at("answered", 8, person_id=ANA), at("ended", 68, result="answered"), outgoing=True)
    assert (visit.via, visit.wait, visit.talk) == (Via.OUTGOING, 0, 60000)


def test_a_wait_that_is_not_over_is_not_counted() -> None:
    assert read(at("queued", 0, queue_id=SALES), at("offered", 5, person_id=ANA)) == []


def test_a_contact_that_is_sent_around_without_end_has_a_limited_number_of_visits() -> None:
    entries = [at("queued", second, queue_id=SALES) for second in range(MAX_VISITS + 50)]
    assert len(read(*entries, at("ended", 1000, result="abandoned"))) == MAX_VISITS


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Told)),
            st.integers(0, 60),
            st.sampled_from([ANA, ION, None]),
            st.sampled_from([SALES, HELP]),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_no_timeline_counts_more_time_than_passed_and_one_visit_closes(
    told: list[tuple[Told, int, UUID | None, UUID, bool]],
) -> None:
    second, entries = 0, []
    for kind, later, person, queue, flag in told:
        second += later
        entries.append(at(kind, second, person_id=person, queue_id=queue, aside=flag, callback=flag))
    found = read(*entries)
    whole = second * 1000
    assert all(0 <= part <= whole for one in found for part in (one.wait, one.ring, one.talk, one.hold))
    assert sum(one.talk + one.hold for one in found) <= whole
    answered = [one for one in found if one.result is Result.ANSWERED]
    assert [one.closing for one in answered] == [one is answered[-1] for one in answered]
    assert all(one.ring <= one.wait for one in found)
