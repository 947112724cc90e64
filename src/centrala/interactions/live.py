"""What this room shows live: that contacts, dispositions, scripts and promises have changed."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions import events
from centrala.interactions.models import Disposition, Interaction, Promise, Script
from centrala.interactions.schemas import DispositionCard, InteractionCard, PromiseCard, ScriptCard
from centrala.kit.access import Permission
from centrala.kit.live import MAX_SNAPSHOT, Scoped, Topic

RECENT: Final = 200  # contacts of a snapshot: desks use the topic to learn of changes, lists are paged


def _chosen(statement: Select[Any], column: Any, ids: Sequence[UUID] | None, *, most: int) -> Select[Any]:
    # The newest: ids grow with time.
    return statement.where(column.in_(ids)) if ids is not None else statement.order_by(column.desc()).limit(most)


async def load_interactions(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    rows = await session.scalars(_chosen(select(Interaction), Interaction.id, ids, most=RECENT))
    return [Scoped(_card(row), frozenset({row.project_id})) for row in rows]


def _card(row: Interaction) -> InteractionCard:
    fields = {name: getattr(row, name) for name in InteractionCard.model_fields if name != "version"}
    return InteractionCard(version=row.version + row.changes, **fields)


async def load_dispositions(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    rows = await session.scalars(_chosen(select(Disposition), Disposition.id, ids, most=MAX_SNAPSHOT))
    return [Scoped(DispositionCard.model_validate(row), frozenset({row.project_id})) for row in rows]


async def load_scripts(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    rows = await session.scalars(_chosen(select(Script), Script.id, ids, most=MAX_SNAPSHOT))
    return [Scoped(ScriptCard.model_validate(row), frozenset({row.project_id})) for row in rows]


async def load_promises(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Promises that wait; one that is kept is gone."""
    query = select(Promise).where(Promise.done_at.is_(None))
    rows = await session.scalars(_chosen(query, Promise.id, ids, most=MAX_SNAPSHOT))
    return [Scoped(PromiseCard.model_validate(row), frozenset({row.project_id})) for row in rows]


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="interactions",
        permission=Permission.INTERACTIONS_READ,
        kinds=frozenset({events.INTERACTION_BEGAN, events.INTERACTION_CHANGED, events.INTERACTION_FINISHED}),
        load=load_interactions,
    ),
    Topic(
        name="dispositions",
        permission=Permission.INTERACTIONS_READ,
        kinds=frozenset({events.DISPOSITION_CHANGED}),
        load=load_dispositions,
    ),
    Topic(
        name="scripts",
        permission=Permission.INTERACTIONS_READ,
        kinds=frozenset({events.SCRIPT_CHANGED, events.SCRIPT_REMOVED}),
        load=load_scripts,
    ),
    Topic(
        name="promises",
        permission=Permission.INTERACTIONS_READ,
        kinds=frozenset({events.PROMISE_CHANGED, events.PROMISE_DUE}),
        load=load_promises,
    ),
)
