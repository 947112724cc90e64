"""Intervals of reports: by the clock and calendar of a zone, without gaps, through every change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.reports.core import MAX_INTERVALS, TooManyIntervals, Unit, end_after, starts

CHISINAU = ZoneInfo("Europe/Chisinau")
ZONES = ["Europe/Chisinau", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]


@given(
    since=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=20)),
    unit=st.sampled_from(list(Unit)),
    zone=st.sampled_from(ZONES),
)
def test_intervals_cover_the_period_in_order_and_each_ends_where_the_next_begins(
    since: datetime, length: timedelta, unit: Unit, zone: str
) -> None:
    begin = since.replace(tzinfo=UTC)
    local = ZoneInfo(zone)
    found = starts(begin, begin + length, unit, local)
    assert found[0] <= begin < end_after(found[0], unit, local)
    assert [end_after(one, unit, local) for one in found[:-1]] == found[1:]
    assert found[-1] < begin + length <= end_after(found[-1], unit, local)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_is_that_of_the_wall_calendar_and_may_have_23_or_25_hours(day: str, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=CHISINAU)
    [start] = starts(noon, noon + timedelta(seconds=1), Unit.DAY, CHISINAU)
    assert end_after(start, Unit.DAY, CHISINAU) - start == timedelta(hours=hours)
    assert start.astimezone(CHISINAU).hour == 0


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    [week] = starts(at, at + timedelta(hours=1), Unit.WEEK, CHISINAU)
    [month] = starts(at, at + timedelta(hours=1), Unit.MONTH, CHISINAU)
    assert week.astimezone(CHISINAU).strftime("%a %d") == "Mon 16"
    assert month.astimezone(CHISINAU).strftime("%d %H:%M") == "01 00:00"


def test_hours_of_a_zone_with_half_an_hour_begin_on_its_own_clock() -> None:
    at = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
    [hour] = starts(at, at + timedelta(minutes=1), Unit.HOUR, ZoneInfo("Asia/Kolkata"))
    assert hour.astimezone(ZoneInfo("Asia/Kolkata")).strftime("%H:%M") == "14:00"


def test_more_intervals_than_a_report_shows_are_refused() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(TooManyIntervals):
        starts(at, at + timedelta(minutes=15) * (MAX_INTERVALS + 1), Unit.QUARTER, CHISINAU)
