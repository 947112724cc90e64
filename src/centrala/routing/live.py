"""What this room shows live: queues, breaks, and the word that there is a notice."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Permission
from centrala.kit.live import MAX_SNAPSHOT, Scoped, Topic
from centrala.projects.service.sight import all_project_ids
from centrala.routing import events
from centrala.routing.models import BreakReasonRow, NoticeRow, QueueRow
from centrala.routing.schemas import BreakCard, QueueCard
from centrala.routing.schemas_work import NoticeCard

NEWS: Final = timedelta(days=1)  # notices in a first snapshot; the page reads the rest


async def load_queues(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    query = select(QueueRow)
    query = query.where(QueueRow.id.in_(ids)) if ids is not None else query.order_by(QueueRow.id).limit(MAX_SNAPSHOT)
    rows = await session.scalars(query)
    return [Scoped(QueueCard.model_validate(row, from_attributes=True), frozenset({row.project_id})) for row in rows]


async def load_breaks(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Breaks belong to the centre; all people who may see any project see them."""
    query = select(BreakReasonRow).where(BreakReasonRow.archived_at.is_(None))
    query = query.where(BreakReasonRow.id.in_(ids)) if ids is not None else query.order_by(BreakReasonRow.id)
    rows = (await session.scalars(query.limit(MAX_SNAPSHOT))).all()
    everywhere = frozenset(await all_project_ids(session))
    return [Scoped(BreakCard.model_validate(row, from_attributes=True), everywhere) for row in rows]


async def load_notices(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """That there is something to read; what, and for whom, the desk asks for."""
    query = select(NoticeRow)
    if ids is not None:
        query = query.where(NoticeRow.id.in_(ids))
    else:
        query = query.where(NoticeRow.at > func.now() - NEWS).order_by(NoticeRow.id.desc()).limit(MAX_SNAPSHOT)
    everywhere = frozenset(await all_project_ids(session))
    return [
        Scoped(
            NoticeCard(id=row.id, version=1 if row.ended_at is None else 2, at=row.at),
            frozenset({row.project_id}) if row.project_id else everywhere,
        )
        for row in await session.scalars(query)
    ]


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="queues",
        permission=Permission.QUEUES_READ,
        kinds=frozenset({events.QUEUE_CHANGED}),
        load=load_queues,
    ),
    Topic(
        name="breaks",
        permission=Permission.EMPLOYEES_READ,
        kinds=frozenset({events.BREAK_CHANGED, events.BREAK_REMOVED}),
        load=load_breaks,
    ),
    Topic(
        name="notices",
        permission=Permission.EMPLOYEES_READ,
        kinds=frozenset({events.NOTICE_POSTED}),
        load=load_notices,
    ),
)
