"""Contacts with their timelines in bulk, for the rooms above that count them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions.core import Event, TimelineKind
from centrala.interactions.models import Interaction, TimelineRow

BATCH: Final = 500  # contacts read at once


@dataclass(slots=True, kw_only=True)
class Reported:
    """What a report needs of one contact that is over; nothing personal."""

    id: UUID
    project_id: UUID
    channel: str
    direction: str
    came_at: datetime
    result: str | None
    rating: int | None
    rating_scale: int | None
    known: bool
    """Whether customer or number is known."""
    next_at: datetime | None = None
    """When the same party called the same project next."""
    events: list[Event] = field(default_factory=list)


_NEXT: Final = text(
    """
    SELECT i.id, least(
        (SELECT n.came_at FROM interactions n
         WHERE n.customer_id = i.customer_id AND n.project_id = i.project_id AND n.direction = 'in'
             AND n.came_at > i.came_at ORDER BY n.came_at LIMIT 1),
        (SELECT n.came_at FROM interactions n
         WHERE i.party_number <> '' AND n.party_number = i.party_number AND n.project_id = i.project_id
             AND n.direction = 'in' AND n.came_at > i.came_at ORDER BY n.came_at LIMIT 1)
    ) AS next_at
    FROM interactions i WHERE i.id = ANY (:ids)
    """
)
_BEFORE: Final = text(
    """
    SELECT p.id FROM interactions i CROSS JOIN LATERAL (
        (SELECT n.id FROM interactions n
         WHERE n.customer_id = i.customer_id AND n.project_id = i.project_id AND n.came_at < i.came_at
         ORDER BY n.came_at DESC LIMIT 1)
        UNION
        (SELECT n.id FROM interactions n
         WHERE i.party_number <> '' AND n.party_number = i.party_number AND n.project_id = i.project_id
             AND n.came_at < i.came_at ORDER BY n.came_at DESC LIMIT 1)
    ) p WHERE i.id = ANY (:ids)
    """
)


async def reported(session: AsyncSession, ids: Sequence[UUID]) -> list[Reported]:
    """Those of the contacts that are over and visible, with their timelines in order."""
    query = select(Interaction).where(Interaction.id.in_(ids), Interaction.ended_at.is_not(None))
    found = {row.id: _reported(row) for row in await session.scalars(query)}
    lines = (
        select(TimelineRow)
        .where(TimelineRow.interaction_id.in_(found))
        .order_by(TimelineRow.interaction_id, TimelineRow.at, TimelineRow.id)
    )
    for line in await session.scalars(lines):
        found[line.interaction_id].events.append(_event(line))
    for row in await session.execute(_NEXT, {"ids": list(found)}):
        found[row.id].next_at = row.next_at
    return list(found.values())


async def before_them(session: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    """The contacts of the same parties in the same projects just before these."""
    return set(await session.scalars(_BEFORE, {"ids": list(ids)}))


async def ended_between(session: AsyncSession, since: datetime, until: datetime) -> AsyncIterator[list[UUID]]:
    """Ids of the visible contacts that came in [since, until) and are over, in batches, the oldest first."""
    after = since, UUID(int=0)
    while True:
        query = (
            select(Interaction.id, Interaction.came_at)
            .where(Interaction.came_at >= after[0], Interaction.came_at < until, Interaction.ended_at.is_not(None))
            .where((Interaction.came_at > after[0]) | (Interaction.id > after[1]))
            .order_by(Interaction.came_at, Interaction.id)
            .limit(BATCH)
        )
        rows = (await session.execute(query)).all()
        if not rows:
            return
        after = rows[-1].came_at, rows[-1].id
        yield [row.id for row in rows]


def _reported(row: Interaction) -> Reported:
    return Reported(
        id=row.id,
        project_id=row.project_id,
        channel=row.channel,
        direction=row.direction,
        came_at=row.came_at,
        result=row.result,
        rating=row.rating,
        rating_scale=row.rating_scale,
        known=row.customer_id is not None or row.party_number != "",
    )


def _event(line: TimelineRow) -> Event:
    return Event(
        kind=TimelineKind(line.kind),
        at=line.at,
        person_id=line.person_id,
        queue_id=line.queue_id,
        details=line.details,
    )
