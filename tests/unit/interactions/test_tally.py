"""What a timeline comes to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from centrala.interactions.core import Event, Tally, TimelineKind

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANA, ION, BILLING, SALES = UUID(int=1), UUID(int=2), UUID(int=11), UUID(int=12)


def event(second: float, kind: str, **more: Any) -> Event:
    own = {name: more.pop(name) for name in ("person_id", "queue_id") if name in more}
    return Event(kind=TimelineKind(kind), at=START + timedelta(seconds=second), details=more, **own)


def folded(*events: Event) -> dict[str, Any]:
    tally = Tally()
    for one in events:
        tally.feed(one)
    return tally.row


def test_an_answered_call_has_its_wait_its_talk_its_hold_and_its_wrap_up() -> None:
    row = folded(
        event(0, "came"),
        event(3, "queued", queue_id=BILLING),
        event(10, "offered", person_id=ANA),
        event(15, "answered", person_id=ANA),
        event(45, "held"),
        event(55, "resumed"),
        event(100, "ended", result="answered"),
        event(100, "wrap_up_started"),
        event(130, "wrap_up_ended"),
    )
    assert (row["wait_seconds"], row["talk_seconds"], row["hold_seconds"], row["wrap_up_seconds"]) == (12, 75, 10, 30)
    assert (row["queue_id"], row["operator_id"], row["holds"], row["result"]) == (BILLING, ANA, 1, "answered")
    assert row["queued_at"] == START + timedelta(seconds=3)
    assert row["offered_at"] == START + timedelta(seconds=10)
    assert row["wrap_up_ended_at"] == START + timedelta(seconds=130)


def test_who_hangs_up_in_the_queue_has_waited_and_never_talked() -> None:
    row = folded(event(0, "came"), event(2, "queued", queue_id=BILLING), event(32, "ended", result="abandoned"))
    assert (row["wait_seconds"], row["talk_seconds"], row["answered_at"]) == (30, 0, None)


def test_the_wait_after_a_transfer_is_neither_the_promised_wait_nor_talk() -> None:
    row = folded(
        event(0, "queued", queue_id=BILLING),
        event(10, "answered", person_id=ANA),
        event(40, "transferred", to="queue"),
        event(40, "queued", queue_id=SALES),
        event(60, "answered", person_id=ION),
        event(90, "ended", result="answered"),
    )
    assert (row["wait_seconds"], row["talk_seconds"], row["transfers"]) == (10, 60, 1)
    assert (row["queue_id"], row["operator_id"]) == (SALES, ION)
    assert row["answered_at"] == START + timedelta(seconds=10), "the first answer is the one that is measured"


def test_a_hold_that_is_told_twice_counts_its_time_once() -> None:
    row = folded(event(0, "answered"), event(10, "held"), event(15, "held"), event(20, "resumed"), event(30, "ended"))
    assert (row["talk_seconds"], row["hold_seconds"]) == (20, 10)


def test_a_message_left_ends_the_wait() -> None:
    row = folded(event(0, "queued"), event(20, "voicemail"), event(50, "ended", result="voicemail"))
    assert (row["wait_seconds"], row["result"]) == (20, "voicemail")


def test_nothing_after_the_end_counts_as_talk() -> None:
    row = folded(event(0, "answered"), event(10, "ended", result="answered"), event(20, "resumed"), event(60, "ended"))
    assert (row["talk_seconds"], row["ended_at"], row["result"]) == (10, START + timedelta(seconds=10), "answered")


def test_choices_language_and_rating_are_kept() -> None:
    row = folded(
        event(1, "language", language="ro"),
        event(2, "menu", choice="2", label="Support"),
        event(3, "menu", choice="1"),
        event(9, "rated", score=5, scale=5),
    )
    assert (row["language"], row["menu_path"], row["rating"], row["rating_scale"]) == ("ro", ["Support", "1"], 5, 5)


def test_a_change_names_only_what_changed() -> None:
    tally = Tally()
    assert tally.feed(event(0, "came")) == {}
    assert tally.feed(event(1, "escalated")) == {"escalated": True}


moments = st.lists(st.tuples(st.sampled_from(TimelineKind), st.integers(0, 600)), max_size=40)


@given(moments)
def test_no_order_of_events_makes_time_that_was_not_there(steps: list[tuple[TimelineKind, int]]) -> None:
    times = sorted(second for _, second in steps)
    row = folded(*(event(second, kind) for (kind, _), second in zip(steps, times, strict=True)))
    spent = row["wait_seconds"] + row["talk_seconds"] + row["hold_seconds"]
    assert 0 <= spent <= (times[-1] - times[0] if times else 0)
    assert row["wrap_up_seconds"] >= 0
