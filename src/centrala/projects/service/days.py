"""When a calendar is open, for people who plan and for other rooms that route."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from centrala.kit.errors import InvalidField
from centrala.kit.work import Work
from centrala.projects.core import Exceptional, Plan, WeeklyHours, is_open, open_spans
from centrala.projects.models import Calendar
from centrala.projects.public_holidays import name_of, names_of_days
from centrala.projects.schemas import DayOut, OpenSpan
from centrala.projects.service.calendars import read_calendar

MAX_DAYS: Final = 400  # days of one answer: a year and the weeks around it


def plan_of(calendar: Calendar) -> Plan:
    """What decides when the calendar is open, as the core takes it."""
    observed = calendar.country if calendar.observe_holidays else None
    return Plan(
        zone=ZoneInfo(calendar.time_zone),
        hours=[WeeklyHours(weekday=span.weekday, opens=span.opens, closes=span.closes) for span in calendar.hours],
        exceptions={day.date: Exceptional(opens=day.opens, closes=day.closes) for day in calendar.exceptions},
        holidays=names_of_days(observed, calendar.subdivision) if observed else frozenset(),
    )


async def is_calendar_open(work: Work, calendar_id: UUID, at: datetime) -> bool:
    """Whether a calendar is open at an (aware) moment."""
    return is_open(plan_of(await read_calendar(work, calendar_id)), at)


async def hours_state(work: Work, calendar_id: UUID, at: datetime) -> Literal["open", "closed", "holiday"]:
    """Open, closed, or closed because the date is a holiday or an exception."""
    plan = plan_of(await read_calendar(work, calendar_id))
    if is_open(plan, at):
        return "open"
    today = at.astimezone(plan.zone).date()
    return "holiday" if today in plan.exceptions or today in plan.holidays else "closed"


async def days_of_calendar(
    work: Work, calendar_id: UUID, *, start: date, end: date, languages: Sequence[str] = ()
) -> list[DayOut]:
    """The days from `start` to `end`, both included; names of holidays in the first of `languages` that there is."""
    if end < start:
        raise InvalidField("end", "ends_before_start", "The end lies before the start.")
    count = (end - start).days + 1
    if count > MAX_DAYS:
        raise InvalidField("end", "too_many_days", f"Ask for at most {MAX_DAYS} days at once.", limit=MAX_DAYS)
    calendar = await read_calendar(work, calendar_id)
    plan = plan_of(calendar)
    names = names_of_days(calendar.country, calendar.subdivision, tuple(languages)) if calendar.country else None
    exceptions = {day.date: day.name for day in calendar.exceptions}
    return [
        DayOut(
            date=day,
            open=[OpenSpan(opens=span.opens, closes=span.closes) for span in open_spans(plan, day)],
            holiday=name_of(names, day) if names is not None else None,
            exception=exceptions.get(day),
        )
        for day in (start + timedelta(days=offset) for offset in range(count))
    ]
