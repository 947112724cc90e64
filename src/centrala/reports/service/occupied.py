"""Occupancy by interval: what is in hand, and the time ready, both cut where intervals begin.

A contact is in hand in one piece, from the ring that was answered to the end of its wrap-up; its visit tells when that
was. The router's log tells who was ready. Each span is put into all intervals that it touches, each with its share; so
the seconds of half-hours add up to those of their day, as long as who has a contact counts as ready (which the log says
of everybody but those who were sent away by force).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Interval,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from centrala.kit.access import Permission
from centrala.kit.listing import csv_text
from centrala.kit.verbs import require
from centrala.kit.work import Work
from centrala.reports.core import Unit, end_after
from centrala.reports.models import VisitRow as V
from centrala.reports.schemas import Occupancy, OccupancyOut
from centrala.reports.service.period import Asked, Filters, as_written, settled
from centrala.routing.measures import occupancy
from centrala.routing.service import OperatorState
from centrala.routing.service.for_reports import LONGEST, state_spans

_INSTANT: Final = timedelta(microseconds=1)
_NARROWING: Final = ("project_id", "queue_id", "channel", "direction")


@dataclass(frozen=True, slots=True)
class Scale:
    """What the moments of spans are written in."""

    of: Callable[[Any], ColumnElement[Any]]
    """A moment that is read."""
    at: Callable[[datetime], ColumnElement[Any]]
    """A moment that is known."""
    ms: ColumnElement[Any]


def _microseconds(moments: datetime | list[datetime]) -> ColumnElement[Any]:
    """Written into the statement, as moments are."""
    if isinstance(moments, list):
        numbers = [float(round(one.timestamp() * 1e6)) for one in moments]
        return cast(bindparam(None, numbers, ARRAY(Double), unique=True, literal_execute=True), ARRAY(Double))
    number = float(round(moments.timestamp() * 1e6))
    return cast(bindparam(None, number, Double, unique=True, literal_execute=True), Double)


MOMENTS: Final = Scale(of=lambda moment: moment, at=as_written, ms=cast(literal("1 millisecond"), Interval))
MICROSECONDS: Final = Scale(
    of=lambda moment: func.round(func.date_part("epoch", moment, type_=Double) * literal(1e6, Double), type_=Double),
    at=_microseconds,
    ms=literal(1000.0, Double),
)
"""Since 1970, as whole numbers in doubles, which are exact: a year of a million contacts by day took half as long again
with moments and intervals."""


async def read_occupancy(work: Work, asked: Asked, unit: Unit) -> OccupancyOut:
    """Occupancy of the period and of each of its intervals."""
    filters = await settled(work, asked)
    bounds = filters.bounds(unit)
    ends = [*bounds[1:], end_after(bounds[-1], unit, filters.zone)]
    rows = (await work.session.execute(_cut(filters, bounds, work.now))).all()
    found = {row[0]: tuple(one / 1e6 for one in row[1:]) for row in rows}
    nothing = (0.0, 0.0, 0.0)
    cells = [found.get(number, nothing) for number in range(1, len(bounds) + 1)]
    in_hand, others, ready = (sum(column) for column in zip(*cells, strict=True))
    return OccupancyOut(
        since=filters.since,
        until=filters.until,
        time_zone=filters.zone.key,
        interval=unit,
        total=_row(filters.since, filters.until, in_hand, others, ready),
        rows=[
            _row(max(start, filters.since), min(end, filters.until), *cell)
            for start, end, cell in zip(bounds, ends, cells, strict=True)
        ],
    )


async def export_occupancy(work: Work, asked: Asked, unit: Unit) -> str:
    """The same as CSV, the total in its last row; leaves a trace."""
    require(work, Permission.EXPORT)
    report = await read_occupancy(work, asked, unit)
    work.trace("reports.exported", "report", "occupancy", rows=len(report.rows))
    lines = (row.model_dump(mode="json") for row in (*report.rows, report.total))
    return csv_text(tuple(Occupancy.model_fields), ([row[name] for name in Occupancy.model_fields] for row in lines))


def _row(starts_at: datetime, ends_at: datetime, in_hand: float, others: float, ready: float) -> Occupancy:
    return Occupancy(
        starts_at=starts_at,
        ends_at=ends_at,
        in_hand=in_hand,
        other_contacts=others,
        ready=ready,
        occupancy=occupancy(in_hand, in_hand + others + ready),
    )


def _cut(filters: Filters, bounds: Sequence[datetime], now: datetime) -> Any:
    """By interval: microseconds with a contact that was asked for, with others, and ready without one."""
    span = union_all(in_hand(filters, now, scale=MICROSECONDS), _ready(filters, now)).subquery("span")
    number = _numbers(span, bounds)
    pieces = select(span, number.label("number")).subquery("pieces")
    table = _table(filters, bounds)
    lasted = func.least(pieces.c.ended, table.c.ends) - func.greatest(pieces.c.began, table.c.begins)

    def total(kind: int) -> ColumnElement[Any]:
        return func.coalesce(func.sum(lasted).filter(pieces.c.kind == kind), 0)

    ours = total(1)
    of_person = (
        select(
            pieces.c.number,
            ours.label("ours"),
            total(2).label("others"),
            total(0).label("ready"),
            func.sum(ours).over(partition_by=pieces.c.person).label("ever"),
        )
        .join(table, table.c.number == pieces.c.number)
        .group_by(pieces.c.number, pieces.c.person)
        .subquery("of_person")
    )
    one = of_person.c
    # Whoever has a contact in hand counts as ready in the router's log.
    free = func.greatest(one.ready - one.ours - one.others, 0)
    sums = (func.sum(one.ours), func.sum(one.others), func.sum(free))
    return select(one.number, *sums).where(one.ever > 0 if narrowed(filters) else true()).group_by(one.number)


def _numbers(span: FromClause, bounds: Sequence[datetime]) -> ColumnElement[int]:
    """The intervals that a span touches, a row for each."""
    starts = _microseconds(list(bounds))
    first, last = (func.width_bucket(moment, starts) for moment in (span.c.began, span.c.ended))
    return func.generate_series(func.greatest(first, 1), last)


def _table(filters: Filters, bounds: Sequence[datetime]) -> FromClause:
    """The intervals by number, cut to the period."""
    begins = _microseconds([filters.since, *bounds[1:]])
    ends = _microseconds([*bounds[1:], filters.until])
    table = func.unnest(begins, ends).table_valued("begins", "ends", with_ordinality="number", name="intervals")
    return table.render_derived()


def in_hand(filters: Filters, now: datetime, *more: ColumnElement[Any], scale: Scale = MOMENTS) -> Any:
    """Contacts in hand: `person`, `began`, `ended`, `kind` (1 that was asked for, 2 another), and `more` of each."""
    since, last = scale.at(filters.since), scale.at(min(filters.until - _INSTANT, now))
    began, lasted = scale.of(V.entered_at) + (V.wait - V.ring) * scale.ms, V.ring + V.talk + V.hold + V.wrap_up
    ended = func.least(began + lasted * scale.ms, last)
    asked = [getattr(V, name) == value for name in _NARROWING if (value := getattr(filters, name)) is not None]
    kind = case((and_(true(), *asked), 1), else_=2)
    begins = func.greatest(began, since).label("began")
    return select(V.operator_id.label("person"), begins, ended.label("ended"), kind.label("kind"), *more).where(
        V.operator_id.is_not(None) if filters.operator_id is None else V.operator_id == filters.operator_id,
        V.entered_at >= as_written(filters.since - LONGEST),
        V.entered_at < as_written(filters.until),
        lasted > 0,
        began <= last,
        or_(V.entered_at >= as_written(filters.since), ended > since),
    )


def _ready(filters: Filters, now: datetime) -> Any:
    states = state_spans(filters.since, filters.until, now=now, state=OperatorState.READY)
    kind = literal(0, Integer).label("kind")
    return within(filters, states.c.person_id, states.c.began, states.c.ended, kind, scale=MICROSECONDS)


def within(
    filters: Filters,
    person: ColumnElement[UUID] | InstrumentedAttribute[UUID | None],
    began: ColumnElement[Any],
    ended: ColumnElement[Any],
    *more: ColumnElement[Any],
    scale: Scale = MOMENTS,
) -> Any:
    """Spans of the people asked for, cut to the period: `person`, `began`, `ended`, and `more` of each."""
    first = func.greatest(scale.of(began), scale.at(filters.since)).label("began")
    last = func.least(scale.of(ended), scale.at(filters.until - _INSTANT)).label("ended")
    query = select(person.label("person"), first, last, *more)
    query = query.where(ended > as_written(filters.since), began < as_written(filters.until), ended > began)
    return query if filters.operator_id is None else query.where(person == filters.operator_id)


def narrowed(filters: Filters) -> bool:
    """Whether only some of the contacts were asked for."""
    return any(getattr(filters, name) is not None for name in _NARROWING)
