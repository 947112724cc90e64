"""What a report is narrowed to, and whose calendar its intervals follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, DateTime, bindparam, cast
from sqlalchemy.types import TypeEngine

from centrala.kit.work import Work
from centrala.projects import service as projects
from centrala.reports.core import TooManyIntervals, Unit, starts
from centrala.reports.definitions import Limits
from centrala.reports.errors import empty_period, too_many_intervals
from centrala.reports.models import VisitRow
from centrala.reports.schemas import Direction, Without

_COLUMNS: Final[Mapping[Without, Any]] = {
    Without.QUEUE: VisitRow.queue_id,
    Without.OPERATOR: VisitRow.operator_id,
}
STANDARD_PERIOD: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The one WHERE of card, table, export and rows."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    project_id: UUID | None = None
    queue_id: UUID | None = None
    operator_id: UUID | None = None
    channel: str | None = None
    direction: Direction | None = None
    without: Without | None = None

    @cached_property
    def where(self) -> list[ColumnElement[bool]]:
        equal: tuple[tuple[Any, object], ...] = (
            (VisitRow.project_id, self.project_id),
            (VisitRow.queue_id, self.queue_id),
            (VisitRow.operator_id, self.operator_id),
            (VisitRow.channel, self.channel),
            (VisitRow.direction, self.direction),
        )
        return [
            VisitRow.entered_at >= as_written(self.since),
            VisitRow.entered_at < as_written(self.until),
            *(column == value for column, value in equal if value is not None),
            *([] if self.without is None else [_COLUMNS[self.without].is_(None)]),
        ]

    def bounds(self, unit: Unit) -> list[datetime]:
        """The beginnings of the period's intervals; refuses a report of too many rows."""
        try:
            return starts(self.since, self.until, unit, self.zone)
        except TooManyIntervals as error:
            raise too_many_intervals(error.args[0]) from error


def as_written(moments: datetime | list[datetime]) -> ColumnElement[Any]:
    """A moment, or a list of them, that is written into the statement.

    PostgreSQL makes one plan for all values of a statement that it has prepared and run some times, and that plan is
    made for a short period: a year by day took 1.5 s with it, and 0.6 s with a plan of its own.
    """
    moment = DateTime(timezone=True)
    kind: TypeEngine[Any] = ARRAY(moment) if isinstance(moments, list) else moment
    return cast(bindparam(None, moments, kind, unique=True, literal_execute=True), kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report as it was asked for, before the calendar is known."""

    since: datetime | None = None
    until: datetime | None = None
    time_zone: str | None = None
    project_id: UUID | None = None
    queue_id: UUID | None = None
    operator_id: UUID | None = None
    channel: str | None = None
    direction: Direction | None = None
    without: Without | None = None
    limits: Limits = Limits()  # noqa: RUF009 - frozen


async def settled(work: Work, asked: Asked) -> Filters:
    """The filters of a report; without a period the last seven days, without a zone that of the projects."""
    until = asked.until or work.now
    since = asked.since or until - STANDARD_PERIOD
    if since >= until:
        raise empty_period()
    zone = asked.time_zone or await _zone_of_projects(work, asked.project_id)
    return Filters(
        since=since,
        until=until,
        zone=ZoneInfo(zone),
        project_id=asked.project_id,
        queue_id=asked.queue_id,
        operator_id=asked.operator_id,
        channel=asked.channel,
        direction=asked.direction,
        without=asked.without,
    )


async def _zone_of_projects(work: Work, project_id: UUID | None) -> str:
    """The time zone of the project, or the one that all visible projects share; else UTC."""
    zones = {one.time_zone for one in await projects.in_sight(work) if project_id in {None, one.id}}
    return zones.pop() if len(zones) == 1 else "UTC"
