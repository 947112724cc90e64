"""What operators' time went into: states from the router's log, contacts in hand from the visits."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from centrala.kit.access import Permission
from centrala.kit.listing import csv_text
from centrala.kit.verbs import require
from centrala.kit.work import Work
from centrala.reports.models import VisitRow as V
from centrala.reports.schemas import OperatorTime, OperatorTimes, Spent
from centrala.reports.service.period import Asked, Filters, settled
from centrala.routing.measures import occupancy
from centrala.routing.service.for_reports import state_seconds

NOTHING: Final = (0.0, 0.0, 0.0, 0.0)
MAX_OPERATORS: Final = 2_000  # rows of one report


async def read_times(work: Work, asked: Asked) -> OperatorTimes:
    """The time of each operator in a period, and their occupancy; work in projects out of sight is not counted."""
    filters = await settled(work, asked)
    states = await state_seconds(
        work.session, filters.since, filters.until, now=work.now, person_id=filters.operator_id
    )
    in_hand = await _in_hand(work, filters)
    people = sorted({*states, *in_hand}, key=str)[:MAX_OPERATORS]
    rows = [_time(person, states.get(person, {}), in_hand.get(person, NOTHING)) for person in people]
    held = sum(_held(row.seconds) for row in rows)
    return OperatorTimes(
        since=filters.since,
        until=filters.until,
        time_zone=filters.zone.key,
        occupancy=occupancy(held, held + sum(row.seconds.ready for row in rows)),
        rows=rows,
    )


async def export_times(work: Work, asked: Asked) -> str:
    """The same as CSV; leaves a trace."""
    require(work, Permission.EXPORT)
    report = await read_times(work, asked)
    work.trace("reports.exported", "report", "operators", rows=len(report.rows))
    names = tuple(Spent.model_fields)
    cells = ([row.operator_id, row.occupancy, *row.seconds.model_dump().values()] for row in report.rows)
    return csv_text(("operator", "occupancy", *names), cells)


async def _in_hand(work: Work, filters: Filters) -> Mapping[UUID, Sequence[float]]:
    """Seconds rung, talked, held and wrapped up by operator, over all that they took."""
    sums = (func.sum(column) for column in (V.ring, V.talk, V.hold, V.wrap_up))
    query = select(V.operator_id, *sums).where(V.operator_id.is_not(None), *filters.where).group_by(V.operator_id)
    rows = (await work.session.execute(query)).all()
    return {row[0]: [float(value) / 1000 for value in row[1:]] for row in rows if row[0] is not None}


def _time(person: UUID, states: Mapping[str, float], in_hand: Sequence[float]) -> OperatorTime:
    ringing, talking, hold, wrap_up = in_hand
    held = ringing + talking + hold + wrap_up
    # Whoever has a contact in hand counts as ready in the router's log.
    ready = max(0.0, states.get("ready", 0.0) - held)
    return OperatorTime(
        operator_id=person,
        occupancy=occupancy(held, held + ready),
        seconds=Spent(
            ready=ready,
            ringing=ringing,
            talking=talking,
            hold=hold,
            wrap_up=wrap_up,
            on_break=states.get("break", 0.0),
            paused=states.get("paused", 0.0),
            absent=states.get("absent", 0.0),
        ),
    )


def _held(spent: Spent) -> float:
    return spent.ringing + spent.talking + spent.hold + spent.wrap_up
