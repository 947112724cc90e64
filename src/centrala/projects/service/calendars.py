"""Calendars: created, changed, removed."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, selectinload

from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing, require
from centrala.kit.work import Work
from centrala.projects.core import WeeklyHours, overlap
from centrala.projects.errors import CalendarNameTaken
from centrala.projects.events import calendar_changed, calendar_removed
from centrala.projects.models import Calendar, CalendarException, CalendarHours, Project
from centrala.projects.public_holidays import has_holidays, subdivisions_of
from centrala.projects.schemas import CalendarChange, CalendarIn, CalendarOut, ExceptionDay, HoursSpan
from centrala.projects.service.projects import reach_active_project

SORTS: Final[Sorts] = {
    "name": folded(Calendar.name),
    "project_name": folded(Project.name),
    "time_zone": Calendar.time_zone,
    "country": Calendar.country,
}
_TAKEN: Final = {"uq_calendars_project_id_name": CalendarNameTaken}
_WHOLE: Final = (selectinload(Calendar.hours), selectinload(Calendar.exceptions))
Row = TypeVar("Row", CalendarHours, CalendarException)
_WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def _matching(query: ListQuery, *, project_id: UUID | None) -> Select[Calendar]:
    statement = select(Calendar).join(Calendar.project).options(contains_eager(Calendar.project), *_WHOLE)
    if project_id is not None:
        statement = statement.where(Calendar.project_id == project_id)
    if query.q:
        statement = statement.where(matches(query.q, Calendar.name, Project.name))
    return statement


async def list_calendars(work: Work, query: ListQuery, *, project_id: UUID | None = None) -> Slice[Calendar]:
    return await fetch(work.session, _matching(query, project_id=project_id), query, SORTS, Calendar.id)


async def export_calendars(work: Work, query: ListQuery, *, project_id: UUID | None = None) -> str:
    """The list as CSV, with a trace; hours as `Mo 09:00-18:00`."""
    require(work, Permission.EXPORT)
    found = all_rows(work.session, _matching(query, project_id=project_id), query, SORTS, Calendar.id)
    rows = [
        (c.project.name, c.name, c.time_zone, c.country, c.subdivision, c.observe_holidays, _hours_text(c.hours))
        async for c in found
    ]
    work.trace("calendars.exported", "calendars", "*", rows=len(rows))
    header = ("project_name", "name", "time_zone", "country", "subdivision", "observe_holidays", "hours")
    return csv_text(header, rows)


async def read_calendar(work: Work, calendar_id: UUID) -> Calendar:
    """The calendar with its hours and exceptions."""
    calendar = await work.session.scalar(select(Calendar).where(Calendar.id == calendar_id).options(*_WHOLE))
    if calendar is None:
        raise NotFound
    return calendar


async def create_calendar(work: Work, form: CalendarIn) -> Calendar:
    project = await reach_active_project(work, form.project_id, field="project_id")
    calendar = Calendar(id=new_id(), **form.model_dump(exclude={"hours", "exceptions"}))
    calendar.project = project
    _check_place(calendar)
    calendar.hours = _hours(calendar, form.hours)
    calendar.exceptions = _exceptions(calendar, form.exceptions)
    async with refusing(work, _TAKEN):
        work.session.add(calendar)
    work.trace("calendar.created", "calendar", calendar.id, project_id=calendar.project_id)
    work.tell(calendar_changed(calendar.id, project_id=calendar.project_id))
    return calendar


async def change_calendar(work: Work, calendar_id: UUID, form: CalendarChange, *, read: int) -> Calendar:
    """Change what was sent; hours and exceptions are replaced as a whole."""
    calendar = await _locked(work, calendar_id, read=read)
    sent = form.sent()
    spans, days = sent.pop("hours", None), sent.pop("exceptions", None)
    async with refusing(work, _TAKEN):
        changed = assign(calendar, sent)
        _check_place(calendar)
        if spans is not None and await _replace(work, calendar.hours, _hours(calendar, spans)):
            changed.append("hours")
        if days is not None and await _replace(work, calendar.exceptions, _exceptions(calendar, days)):
            changed.append("exceptions")
        if changed:
            calendar.version += 1
            work.trace("calendar.changed", "calendar", calendar.id, project_id=calendar.project_id, fields=changed)
            work.tell(calendar_changed(calendar.id, project_id=calendar.project_id))
    return calendar


async def remove_calendar(work: Work, calendar_id: UUID, *, read: int) -> None:
    calendar = await _locked(work, calendar_id, read=read)
    await work.session.delete(calendar)
    work.trace("calendar.removed", "calendar", calendar.id, project_id=calendar.project_id)
    work.tell(calendar_removed(calendar.id, project_id=calendar.project_id))


async def _locked(work: Work, calendar_id: UUID, *, read: int) -> Calendar:
    held = await work.session.scalar(select(Calendar.id).where(Calendar.id == calendar_id).with_for_update())
    if held is None:
        raise NotFound
    # Read after the lock: what somebody committed while we waited is seen.
    calendar = await read_calendar(work, calendar_id)

    async def current() -> CalendarOut:
        return CalendarOut.model_validate(calendar)

    await same_version(calendar, read, current)
    return calendar


def _check_place(calendar: Calendar) -> None:
    """The country and subdivision must be ones whose holidays we know, where holidays are to be observed."""
    if calendar.country is None:
        if calendar.observe_holidays:
            raise InvalidField("country", "required_for_holidays", "Choose the country whose holidays count.")
        if calendar.subdivision is not None:
            raise InvalidField("country", "required_for_subdivision", "Choose the country of the subdivision.")
        return
    if not has_holidays(calendar.country):
        raise InvalidField("country", "no_holidays_known", "No public holidays are known for this country.")
    if calendar.subdivision is not None and calendar.subdivision not in subdivisions_of(calendar.country):
        raise InvalidField("subdivision", "unknown_subdivision", "The country has no such subdivision.")


def _hours(calendar: Calendar, spans: Sequence[HoursSpan]) -> list[CalendarHours]:
    found = overlap([WeeklyHours(weekday=s.weekday, opens=s.opens, closes=s.closes) for s in spans])
    if found is not None:
        first, second = found
        raise InvalidField(f"hours.{second}", "overlaps", "This span overlaps another one.", other=first)
    ordered = sorted(spans, key=lambda span: (span.weekday, span.opens))
    return [
        CalendarHours(
            id=new_id(), project_id=calendar.project_id, weekday=span.weekday, opens=span.opens, closes=span.closes
        )
        for span in ordered
    ]


def _exceptions(calendar: Calendar, days: Sequence[ExceptionDay]) -> list[CalendarException]:
    seen = set()
    for place, day in enumerate(days):
        if day.date in seen:
            raise InvalidField(f"exceptions.{place}.date", "duplicate_date", "This date is in the list already.")
        seen.add(day.date)
    ordered = sorted(days, key=lambda day: day.date)
    return [
        CalendarException(
            id=new_id(),
            project_id=calendar.project_id,
            date=day.date,
            name=day.name,
            opens=day.opens,
            closes=day.closes,
        )
        for day in ordered
    ]


def _content(row: CalendarHours | CalendarException) -> tuple[Any, ...]:
    if isinstance(row, CalendarHours):
        return (row.weekday, row.opens, row.closes)
    return (row.date, row.name, row.opens, row.closes)


async def _replace(work: Work, rows: list[Row], fresh: list[Row]) -> bool:
    """Put `fresh` in the place of `rows`; returns whether that made a difference."""
    if sorted(map(_content, rows), key=repr) == sorted(map(_content, fresh), key=repr):
        return False
    # The old rows go first, in a statement of their own: a date may come back with other times.
    rows.clear()
    await work.session.flush()
    rows.extend(fresh)
    return True


def _hours_text(hours: Sequence[CalendarHours]) -> list[str]:
    return [f"{_WEEKDAYS[span.weekday]} {span.opens:%H:%M}-{span.closes:%H:%M}" for span in hours]
