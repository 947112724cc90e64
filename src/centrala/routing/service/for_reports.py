"""How operators spent their time, summed for the rooms above."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Subquery, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.routing.models import OperatorStateRow

LONGEST: Final = timedelta(days=2)  # of one state without a change; a longer one is somebody who was forgotten


def state_spans(since: datetime, until: datetime, *, now: datetime, state: str | None = None) -> Subquery:
    """`id`, `person_id`, `state`, `began`, `ended` of all that touch [since, until); what lasts ends `now`."""
    row = OperatorStateRow
    ended = func.coalesce(row.until, now)
    query = select(row.id, row.person_id, row.state, row.since.label("began"), ended.label("ended"))
    query = query.where(row.since >= since - LONGEST, row.since < until, ended > since)
    return (query if state is None else query.where(row.state == state)).subquery("states")


async def state_seconds(
    session: AsyncSession, since: datetime, until: datetime, *, now: datetime, person_id: UUID | None = None
) -> Mapping[UUID, Mapping[str, float]]:
    """Seconds in each state within [since, until) by visible person; a state that lasts counts up to `now`."""
    row = OperatorStateRow
    end = func.least(func.coalesce(row.until, now), until)
    lasted = func.extract("epoch", end - func.greatest(row.since, since))
    query = (
        select(row.person_id, row.state, func.sum(lasted))
        .where(row.since >= since - LONGEST, row.since < until, or_(row.until.is_(None), row.until > since))
        .where(end > func.greatest(row.since, since))
        .group_by(row.person_id, row.state)
    )
    if person_id is not None:
        query = query.where(row.person_id == person_id)
    found: defaultdict[UUID, dict[str, float]] = defaultdict(dict)
    for person, state, seconds in (await session.execute(query)).all():
        found[person][state] = float(seconds)
    return found
