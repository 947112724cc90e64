"""The pieces of time behind occupancy: contacts in hand and states, cut to the period.

They add up to the numbers: whoever has a contact in hand counts as ready in the router's log, so the seconds of a time
ready are what is left of it without contacts.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, Row, SmallInteger, case, cast, func, literal, null, select, union_all

from centrala.kit.access import Permission
from centrala.kit.listing import EXPORT_LIMIT, ListQuery, Slice, Sorts, csv_text, ordered
from centrala.kit.verbs import require
from centrala.kit.work import Work
from centrala.reports.models import VisitRow as V
from centrala.reports.schemas import SpanOut, What
from centrala.reports.service.occupied import in_hand, narrowed, within
from centrala.reports.service.period import Asked, Filters, settled
from centrala.routing.service.for_reports import state_spans

_HEADER: Final = tuple(SpanOut.model_fields)
_KIND: Final = 1  # of a contact that was asked for
NOTHING: Final = timedelta()

Period = tuple[datetime, datetime]


async def list_spans(
    work: Work, asked: Asked, what: What | None, query: ListQuery, whole: Period | None = None
) -> Slice[SpanOut]:
    """A page of the pieces, of one kind or all.

    With a queue, project, channel or direction: of the people who had such a contact in the period, or in the `whole`
    period of which this one is an interval.
    """
    spans, filters = await _spans(work, asked, what, whole)
    page = _page(spans, query).limit(query.page_size).offset((query.page - 1) * query.page_size)
    rows = (await work.session.execute(page)).all()
    total = await work.session.scalar(select(func.count()).select_from(spans)) or 0
    return Slice(rows=await _shown(work, filters, rows), total=total)


async def export_spans(
    work: Work, asked: Asked, what: What | None, query: ListQuery, whole: Period | None = None
) -> str:
    """The same as CSV; leaves a trace."""
    require(work, Permission.EXPORT)
    spans, filters = await _spans(work, asked, what, whole)
    found = (await work.session.execute(_page(spans, query).limit(EXPORT_LIMIT))).all()
    rows = await _shown(work, filters, found)
    work.trace("reports.exported", "report", "spans", rows=len(rows))
    lines = (row.model_dump(mode="json") for row in rows)
    return csv_text(_HEADER, ([row[name] for name in _HEADER] for row in lines))


def _page(spans: CTE, query: ListQuery) -> Any:
    sorts: Sorts = {"began": spans.c.began, "ended": spans.c.ended}
    return ordered(select(spans), query, sorts, spans.c.id).order_by(spans.c.seq)


async def _spans(work: Work, asked: Asked, what: What | None, whole: Period | None) -> tuple[CTE, Filters]:
    filters = await settled(work, asked)
    held = in_hand(filters, work.now, V.interaction_id.label("id"), V.seq.label("seq")).subquery("held")
    kind = case((held.c.kind == _KIND, What.CONTACT.value), else_=What.OTHER.value)
    log = state_spans(filters.since, filters.until, now=work.now)
    facts = (log.c.id, log.c.state.label("what"), cast(null(), SmallInteger).label("seq"))
    states = within(filters, log.c.person_id, log.c.began, log.c.ended, *facts).subquery("states")
    columns = ("id", "seq", "person", "began", "ended", "what")
    both = union_all(
        select(*(kind.label(one) if one == "what" else held.c[one] for one in columns)),
        select(*(states.c[one] for one in columns)),
    ).cte("both")
    found = select(both)
    if what is not None:
        found = found.where(both.c.what == literal(what.value))
    if narrowed(filters):
        since, until = whole or (filters.since, filters.until)
        theirs = in_hand(replace(filters, since=since, until=until), work.now).subquery("theirs")
        found = found.where(both.c.person.in_(select(theirs.c.person).where(theirs.c.kind == _KIND)))
    return found.cte("spans"), filters


async def _shown(work: Work, filters: Filters, rows: Sequence[Row[Any]]) -> list[SpanOut]:
    busy = await _busy(work, filters, [row for row in rows if row.what == What.READY])
    return [
        SpanOut(
            id=f"{row.id}-{row.seq}" if row.seq is not None else str(row.id),
            what=row.what,
            operator_id=row.person,
            began=row.began,
            ended=row.ended,
            seconds=_free(row.began, row.ended, busy[row.person])
            if row.what == What.READY
            else (row.ended - row.began).total_seconds(),
            interaction_id=row.id if row.seq is not None else None,
        )
        for row in rows
    ]


def _free(began: datetime, ended: datetime, busy: Sequence[Period]) -> float:
    """Seconds ready without a contact."""
    held = (min(until, ended) - max(since, began) for since, until in busy)
    free = ended - began - sum((one for one in held if one > NOTHING), NOTHING)
    return max(free, NOTHING).total_seconds()


async def _busy(work: Work, filters: Filters, ready: Sequence[Row[Any]]) -> dict[UUID, list[Period]]:
    """When the people of these rows had contacts in hand, as far as the rows reach."""
    found: defaultdict[UUID, list[Period]] = defaultdict(list)
    if not ready:
        return found
    since, until = min(row.began for row in ready), max(row.ended for row in ready)
    held = in_hand(replace(filters, since=since, until=until), work.now).subquery("held")
    people = {row.person for row in ready}
    query = select(held.c.person, held.c.began, held.c.ended).where(held.c.person.in_(people))
    for person, began, ended in (await work.session.execute(query)).all():
        found[person].append((began, ended))
    return found
