"""When a calendar is open: weekdays, midnight, exceptions, holidays, and the two odd nights of a year."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.projects.core import (
    MINUTES_OF_WEEK,
    Exceptional,
    Plan,
    Span,
    WeeklyHours,
    is_open,
    moment,
    open_spans,
    overlap,
)

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")
MONDAY = date(2026, 11, 16)
SATURDAY = date(2026, 11, 21)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Berlin: 02:00 -> 03:00 (offset +1 -> +2), and 03:00 -> 02:00."""

ZONES = ("Europe/Chisinau", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")


def hours(weekday: int, opens: str, closes: str) -> WeeklyHours:
    return WeeklyHours(weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def every_day(opens: str, closes: str) -> list[WeeklyHours]:
    return [hours(weekday, opens, closes) for weekday in range(7)]


def clock(spans: list[Span]) -> list[tuple[str, str]]:
    return [(f"{span.opens:%d %H:%M}", f"{span.closes:%d %H:%M}") for span in spans]


def length(span: Span) -> timedelta:
    return span.closes.astimezone(UTC) - span.opens.astimezone(UTC)


def test_a_day_has_the_spans_of_its_weekday_in_their_order() -> None:
    plan = Plan(zone=BERLIN, hours=[hours(0, "14:00", "18:00"), hours(0, "09:00", "13:00"), hours(1, "10:00", "11:00")])
    assert clock(open_spans(plan, MONDAY)) == [("16 09:00", "16 13:00"), ("16 14:00", "16 18:00")]
    assert open_spans(plan, SATURDAY) == []


def test_a_span_that_closes_before_it_opens_ends_on_the_next_day() -> None:
    plan = Plan(zone=BERLIN, hours=[hours(5, "22:00", "06:00")])
    assert clock(open_spans(plan, SATURDAY)) == [("21 22:00", "22 06:00")]
    assert is_open(plan, datetime(2026, 11, 22, 5, 59, tzinfo=BERLIN))
    assert not is_open(plan, datetime(2026, 11, 22, 6, 0, tzinfo=BERLIN))
    assert not is_open(plan, datetime(2026, 11, 21, 21, 59, tzinfo=BERLIN))


def test_midnight_to_midnight_is_the_whole_day() -> None:
    plan = Plan(zone=BERLIN, hours=every_day("00:00", "00:00"))
    (span,) = open_spans(plan, MONDAY)
    assert length(span) == timedelta(hours=24)
    assert is_open(plan, datetime(2026, 11, 17, tzinfo=BERLIN))


def test_a_holiday_closes_its_day_but_not_the_night_that_began_before() -> None:
    plan = Plan(zone=BERLIN, hours=every_day("20:00", "04:00"), holidays={date(2026, 11, 22)})
    assert open_spans(plan, date(2026, 11, 22)) == []
    assert is_open(plan, datetime(2026, 11, 22, 3, tzinfo=BERLIN))
    assert not is_open(plan, datetime(2026, 11, 22, 21, tzinfo=BERLIN))


def test_an_exception_decides_before_holiday_and_weekday() -> None:
    plan = Plan(
        zone=BERLIN,
        hours=every_day("09:00", "18:00"),
        exceptions={MONDAY: Exceptional(opens=time(10), closes=time(12)), date(2026, 11, 17): Exceptional()},
        holidays={MONDAY},
    )
    assert clock(open_spans(plan, MONDAY)) == [("16 10:00", "16 12:00")]
    assert open_spans(plan, date(2026, 11, 17)) == []


@pytest.mark.parametrize(
    ("day", "opens", "closes", "lasts"),
    [
        (SPRING, "00:00", "00:00", 23),
        (AUTUMN, "00:00", "00:00", 25),
        (SPRING, "01:00", "04:00", 2),
        (AUTUMN, "01:00", "04:00", 4),
        (SPRING, "02:30", "04:00", 1),  # opens at the moment of the skip
        (SPRING, "01:00", "02:30", 1),  # closes at the moment of the skip
        (AUTUMN, "02:30", "04:00", 2.5),  # opens when the clock shows 02:30 for the first time
        (AUTUMN, "01:00", "02:30", 1.5),  # closes when it does
    ],
)
def test_spans_over_a_change_of_the_clock_last_as_long_as_they_are_shown(
    day: date, opens: str, closes: str, lasts: float
) -> None:
    (span,) = open_spans(Plan(zone=BERLIN, hours=every_day(opens, closes)), day)
    assert length(span) == timedelta(hours=lasts)


@pytest.mark.parametrize(("opens", "closes"), [("02:15", "02:45"), ("02:30", "03:00"), ("02:00", "03:00")])
def test_a_span_in_the_skipped_hour_is_gone(opens: str, closes: str) -> None:
    assert open_spans(Plan(zone=BERLIN, hours=every_day(opens, closes)), SPRING) == []


def test_a_skipped_time_means_the_moment_of_the_skip() -> None:
    for minute in (0, 1, 30, 59):
        at = moment(BERLIN, datetime.combine(SPRING, time(2, minute)))
        assert at.astimezone(UTC) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_date_that_a_place_skipped_has_no_spans() -> None:
    apia = Plan(zone=ZoneInfo("Pacific/Apia"), hours=every_day("09:00", "17:00"))
    assert open_spans(apia, date(2011, 12, 30)) == []  # Samoa went over the date line
    assert len(open_spans(apia, date(2011, 12, 31))) == 1


def test_overlapping_spans_are_found_even_over_the_end_of_the_week() -> None:
    assert overlap([hours(0, "09:00", "13:00"), hours(0, "13:00", "18:00")]) is None
    assert overlap([hours(0, "09:00", "13:00"), hours(3, "09:00", "10:00"), hours(0, "12:59", "18:00")]) == (0, 2)
    assert overlap([hours(0, "05:00", "10:00"), hours(6, "22:00", "06:00")]) == (0, 1)
    assert overlap([hours(0, "06:00", "10:00"), hours(6, "22:00", "06:00")]) is None
    assert overlap([hours(2, "09:00", "13:00"), hours(2, "09:00", "13:00")]) == (0, 1)
    assert overlap([hours(2, "00:00", "00:00")]) is None
    assert overlap([]) is None


minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
spans = st.builds(WeeklyHours, weekday=st.integers(0, 6), opens=minutes, closes=minutes)
weeks = st.lists(spans, max_size=8).filter(lambda week: overlap(week) is None)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
walls = st.builds(datetime.combine, days, st.times().map(lambda at: at.replace(microsecond=0)))
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(zone=zones, first=walls, later=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_later_time_on_the_wall_is_never_an_earlier_moment(zone: ZoneInfo, first: datetime, later: timedelta) -> None:
    assert moment(zone, first).astimezone(UTC) <= moment(zone, first + later).astimezone(UTC)


@given(zone=zones, wall=walls)
def test_a_time_that_the_clock_shows_is_that_moment(zone: ZoneInfo, wall: datetime) -> None:
    shown = moment(zone, wall).replace(tzinfo=None, fold=0)
    assert shown == wall or shown > wall, "only a skipped time may come out later"
    if shown > wall:
        assert wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


@given(zone=zones, week=weeks, day=days)
def test_spans_follow_one_another_without_overlap(zone: ZoneInfo, week: list[WeeklyHours], day: date) -> None:
    plan = Plan(zone=zone, hours=week)
    found = [span for offset in range(4) for span in open_spans(plan, day + timedelta(days=offset))]
    edges = [edge.astimezone(UTC) for span in found for edge in (span.opens, span.closes)]
    assert edges == sorted(edges)
    assert all(length(span) > timedelta(0) for span in found)


@given(week=weeks, at=walls)
def test_without_odd_nights_it_is_open_by_the_minute_of_the_week(week: list[WeeklyHours], at: datetime) -> None:
    minute = at.weekday() * 24 * 60 + at.hour * 60 + at.minute
    expected = any((minute - span.start) % MINUTES_OF_WEEK < span.length for span in week)
    assert is_open(Plan(zone=UTC_ZONE, hours=week), at.replace(tzinfo=UTC)) is expected


@given(zone=zones, week=weeks, day=days, data=st.data())
def test_it_is_open_exactly_within_its_spans(
    zone: ZoneInfo, week: list[WeeklyHours], day: date, data: st.DataObject
) -> None:
    plan = Plan(zone=zone, hours=week)
    near = [span for offset in (-1, 0, 1) for span in open_spans(plan, day + timedelta(days=offset))]
    midnight = moment(zone, datetime.combine(day, time())).astimezone(UTC)
    at = midnight + timedelta(minutes=data.draw(st.integers(0, 22 * 60)))
    assert is_open(plan, at) is any(span.opens.astimezone(UTC) <= at < span.closes.astimezone(UTC) for span in near)


@given(first=weeks, second=st.lists(spans, max_size=4))
def test_overlap_is_what_a_walk_over_all_minutes_finds(first: list[WeeklyHours], second: list[WeeklyHours]) -> None:
    week = [*first, *second]
    taken = [(span.start + offset) % MINUTES_OF_WEEK for span in week for offset in range(span.length)]
    assert (overlap(week) is not None) is (len(taken) != len(set(taken)))
