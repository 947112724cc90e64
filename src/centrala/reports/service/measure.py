"""The one query builder: numbers, and the rows behind each number, from the same table by the same conditions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, literal, select

from centrala.kit.access import Permission
from centrala.kit.listing import EXPORT_LIMIT, ListQuery, Slice, Sorts, csv_text, ordered
from centrala.kit.verbs import require
from centrala.kit.work import Work
from centrala.reports.core import Result, Unit, Via, end_after
from centrala.reports.definitions import ON_LINE, Formula, Kind, Measure, formulas, single, together
from centrala.reports.models import VisitRow as V
from centrala.reports.schemas import By, LimitsOut, MeasureRow, MeasuresOut, Percentiles, Values, VisitOut
from centrala.reports.service.period import Asked, Filters, as_written, settled

PERCENTS: Final = (0.5, 0.8, 0.9, 0.95, 0.99)
MAX_ROWS: Final = 3_000  # rows of one report, as many as intervals

_KEYS: Final[Mapping[By, Any]] = {By.QUEUE: V.queue_id, By.OPERATOR: V.operator_id, By.PROJECT: V.project_id}

SORTS: Final[Sorts] = {
    "-entered_at": V.entered_at,
    "entered_at": V.entered_at,
    "wait": V.wait,
    "talk": V.talk,
    "hold": V.hold,
    "wrap_up": V.wrap_up,
    "result": V.result,
}

_ROW_HEADER: Final = (
    "interaction_id", "entered_at", "project_id", "queue_id", "operator_id", "channel", "direction", "via", "result",
    "wait", "talk", "hold", "wrap_up", "transferred", "rating", "part", "whole",
)  # fmt: skip


async def read_measures(work: Work, asked: Asked, by: By, unit: Unit) -> MeasuresOut:
    """A report: the total of the period, and its rows by interval, queue, operator or project."""
    filters = await settled(work, asked)
    bounds = filters.bounds(unit) if by is By.INTERVAL else []
    key = _key(by, bounds)
    source, column = together(single(asked.limits, work.now), key, filters.where)
    wanted = formulas(source)
    total, groups = await _numbers(work, wanted, column)
    rows = _intervals(groups, bounds, unit, filters, wanted) if by is By.INTERVAL else _groups(groups, wanted)
    limits = asked.limits
    return MeasuresOut(
        since=filters.since,
        until=filters.until,
        time_zone=filters.zone.key,
        by=by,
        interval=unit if by is By.INTERVAL else None,
        limits=LimitsOut(target=limits.target, short=limits.short, repeat_days=limits.repeat_days),
        total=_values(total, wanted),
        percentiles=await _percentiles(work, filters),
        rows=rows,
    )


async def export_measures(work: Work, asked: Asked, by: By, unit: Unit) -> str:
    """The same report as CSV, the total in its last row; leaves a trace."""
    require(work, Permission.EXPORT)
    report = await read_measures(work, asked, by, unit)
    work.trace("reports.exported", "report", "measures", by=by.value, rows=len(report.rows))
    last = MeasureRow(key=None, starts_at=report.since, ends_at=report.until, values=report.total)
    lines = [*report.rows, last]
    cells = ([_moment(row.starts_at), _moment(row.ends_at), row.key, *row.values.values()] for row in lines)
    return csv_text(("starts_at", "ends_at", by.value, *Measure), cells)


async def list_rows(work: Work, asked: Asked, measure: Measure, query: ListQuery) -> Slice[VisitOut]:
    """A page of the visits behind a number."""
    filters = await settled(work, asked)
    formula = formulas(single(asked.limits, work.now))[measure]
    found = select(V, *_shares(formula)).where(*filters.where, formula.behind)
    page = ordered(found, query, SORTS, V.interaction_id).order_by(V.seq)
    page = page.limit(query.page_size).offset((query.page - 1) * query.page_size)
    rows = (await work.session.execute(page)).all()
    count = select(func.count()).select_from(V).where(*filters.where, formula.behind)
    total = await work.session.scalar(count) or 0
    return Slice(rows=[_visit(row, formula) for row in rows], total=total)


async def export_rows(work: Work, asked: Asked, measure: Measure, query: ListQuery) -> str:
    """All visits behind a number as CSV; leaves a trace."""
    require(work, Permission.EXPORT)
    filters = await settled(work, asked)
    formula = formulas(single(asked.limits, work.now))[measure]
    found = select(V, *_shares(formula)).where(*filters.where, formula.behind)
    page = ordered(found, query, SORTS, V.interaction_id).order_by(V.seq).limit(EXPORT_LIMIT)
    rows = [_visit(row, formula) for row in (await work.session.execute(page)).all()]
    work.trace("reports.exported", "report", "rows", measure=measure.value, rows=len(rows))
    shown = (one.model_dump(mode="json") for one in rows)
    return csv_text(_ROW_HEADER, ([row[name] for name in _ROW_HEADER] for row in shown))


def _key(by: By, bounds: Sequence[datetime]) -> ColumnElement[Any] | None:
    if by is By.INTERVAL:
        # Which interval a moment falls into: binary search in the sorted beginnings, which know all changes of clocks.
        return func.width_bucket(V.entered_at, as_written(list(bounds)))
    return _KEYS.get(by)


async def _numbers(
    work: Work, wanted: Mapping[Measure, Formula], key: ColumnElement[Any] | None
) -> tuple[Row[Any], list[Row[Any]]]:
    """The total and the groups by one pass over the table."""
    columns = [column for formula in wanted.values() for column in _aggregates(formula)]
    if key is None:
        return (await work.session.execute(select(literal(None), literal(1), *columns))).one(), []
    grouped = select(key, func.grouping(key), *columns).group_by(func.rollup(key))
    rows = (await work.session.execute(grouped)).all()
    total = next(row for row in rows if row[1] == 1)
    return total, [row for row in rows if row[1] == 0]


def _aggregates(formula: Formula) -> list[ColumnElement[Any]]:
    part = func.max(formula.part) if formula.kind is Kind.LONGEST else func.sum(formula.part)
    return [part] if formula.whole is None else [part, func.sum(formula.whole)]


def _values(row: Row[Any] | None, wanted: Mapping[Measure, Formula]) -> Values:
    """The numbers of one line of the answer, which begins with its key and the mark of the total."""
    cells = iter(row[2:]) if row is not None else iter(())
    return {measure: _value(formula, cells) for measure, formula in wanted.items()}


def _value(formula: Formula, cells: Any) -> float | None:
    part = next(cells, None) or 0
    if formula.whole is None:
        return float(part) / formula.scale
    whole = next(cells, None) or 0
    return float(part) / float(whole) / formula.scale if whole else None


def _groups(rows: Sequence[Row[Any]], wanted: Mapping[Measure, Formula]) -> list[MeasureRow]:
    ordered_rows = sorted(rows, key=lambda row: str(row[0] or ""))[:MAX_ROWS]
    return [MeasureRow(key=row[0], starts_at=None, ends_at=None, values=_values(row, wanted)) for row in ordered_rows]


def _intervals(
    rows: Sequence[Row[Any]],
    bounds: Sequence[datetime],
    unit: Unit,
    filters: Filters,
    wanted: Mapping[Measure, Formula],
) -> list[MeasureRow]:
    """A row for each interval, empty ones too, cut to the period at its ends."""
    found = {row[0]: row for row in rows}
    ends = [*bounds[1:], end_after(bounds[-1], unit, filters.zone)]
    return [
        MeasureRow(
            key=None,
            starts_at=max(start, filters.since),
            ends_at=min(end, filters.until),
            values=_values(found.get(number), wanted),
        )
        for number, (start, end) in enumerate(zip(bounds, ends, strict=True), start=1)
    ]


async def _percentiles(work: Work, filters: Filters) -> Percentiles:
    rank = func.percentile_disc(literal(list(PERCENTS))).within_group(V.wait)
    waits = await work.session.scalar(select(rank).where(*filters.where, ON_LINE))
    p50, p80, p90, p95, p99 = (wait / 1000 for wait in waits) if waits else (None,) * 5
    return Percentiles(p50=p50, p80=p80, p90=p90, p95=p95, p99=p99)


def _shares(formula: Formula) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return formula.part.label("part"), (literal(None) if formula.whole is None else formula.whole).label("whole")


def _visit(row: Row[Any], formula: Formula) -> VisitOut:
    visit: V = row[0]
    return VisitOut(
        id=f"{visit.interaction_id}-{visit.seq}",
        interaction_id=visit.interaction_id,
        project_id=visit.project_id,
        queue_id=visit.queue_id,
        operator_id=visit.operator_id,
        entered_at=visit.entered_at,
        channel=visit.channel,
        direction=visit.direction,
        via=Via(visit.via),
        result=Result(visit.result),
        wait=visit.wait / 1000,
        talk=visit.talk / 1000,
        hold=visit.hold / 1000,
        wrap_up=visit.wrap_up / 1000,
        transferred=visit.transferred,
        rating=visit.rating,
        part=row.part / formula.scale,
        whole=None if formula.whole is None else float(row.whole),
    )


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
