"""The published definitions, each on a handful of contacts that can be counted by hand."""

import pytest

from centrala.routing.measures import ContactRecord, Limits, Result, Tally, measure, measures, occupancy, percentiles

LIMITS = Limits(target=20.0, short=5.0)


def answered(wait: float, talk: float = 0.0, hold: float = 0.0, wrap_up: float = 0.0) -> ContactRecord:
    return ContactRecord("q", 0.0, wait, Result.ANSWERED, talk, hold, wrap_up)


def ended(wait: float, result: Result) -> ContactRecord:
    return ContactRecord("q", 0.0, wait, result)


SAMPLE = [
    answered(0.0, talk=100, hold=10, wrap_up=30),
    answered(20.0, talk=200, wrap_up=10),
    answered(20.1, talk=60),
    ended(4.9, Result.LEFT),
    ended(5.0, Result.LEFT),
    ended(300.0, Result.LEFT),
    ended(90.0, Result.OVERFLOWED),
    ended(0.0, Result.TURNED_AWAY),
]


def test_every_contact_is_offered_and_falls_into_one_class() -> None:
    found = measure(SAMPLE, LIMITS)
    assert found.offered == 8
    assert (found.answered, found.short, found.abandoned) == (3, 1, 2)
    assert (found.overflowed, found.turned_away) == (1, 1)


def test_the_four_service_levels_differ_by_what_they_divide() -> None:
    found = measure(SAMPLE, LIMITS)
    assert found.service_level_offered == 2 / 8
    assert found.service_level_without_short == 2 / 7
    assert found.service_level_answered == 2 / 3
    assert found.service_level_with_leavers == 4 / 8


def test_times_are_means_over_the_answered() -> None:
    found = measure(SAMPLE, LIMITS)
    assert found.asa == pytest.approx((0 + 20 + 20.1) / 3)
    assert [found.talk, found.hold, found.wrap_up] == pytest.approx([120, 10 / 3, 40 / 3])
    assert found.aht == pytest.approx(120 + 10 / 3 + 40 / 3)
    assert found.abandonment == 2 / 7
    assert found.longest_wait == 300


def test_percentiles_are_waits_that_were_seen() -> None:
    assert percentiles(range(1, 11), (50, 80, 90, 95, 99)) == [5, 8, 9, 10, 10]
    assert percentiles([7.0], (50, 99)) == [7.0, 7.0]
    assert percentiles([], (50,)) == [None]


def test_a_callback_is_answered_but_its_wait_is_not_one_on_the_line() -> None:
    record = ContactRecord("q", 0.0, 3600.0, Result.ANSWERED, 60.0, 0.0, 0.0, callback=True)
    found = measure([record, answered(10.0)], LIMITS)
    assert (found.answered, found.called_back, found.asa, found.longest_wait) == (2, 1, 10.0, 10.0)


def test_nothing_gives_no_quotients() -> None:
    found = measure([], LIMITS)
    assert found.offered == 0
    assert found.service_level_offered is found.asa is found.aht is found.p95 is None
    assert occupancy(0, 0) is None
    assert occupancy(30, 60) == 0.5


def test_tallies_add_up_to_the_whole() -> None:
    parts = [Tally(LIMITS), Tally(LIMITS)]
    for number, record in enumerate(SAMPLE):
        parts[number % 2].add(record)
    parts[0].merge(parts[1])
    assert measures(parts[0]) == measure(SAMPLE, LIMITS)
