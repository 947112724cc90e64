"""What this room shows live: trunks with their health."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Permission
from centrala.kit.live import MAX_SNAPSHOT, Scoped, Topic
from centrala.telephony.trunks import events
from centrala.telephony.trunks.models import Trunk, TrunkHealth
from centrala.telephony.trunks.schemas import TrunkCard
from centrala.telephony.trunks.service.trunks import health_out


async def load_trunks(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Trunks, for the people of the centre."""
    query = select(Trunk, TrunkHealth).outerjoin(TrunkHealth, TrunkHealth.trunk_id == Trunk.id)
    query = query.where(Trunk.id.in_(ids)) if ids is not None else query.order_by(Trunk.id).limit(MAX_SNAPSHOT)
    return [
        Scoped(
            TrunkCard(
                id=trunk.id,
                version=trunk.version,
                name=trunk.name,
                enabled=trunk.enabled,
                health=health_out(trunk, health),
                max_calls=trunk.max_calls,
            ),
            frozenset(),
        )
        for trunk, health in await session.execute(query)
    ]


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="trunks",
        permission=Permission.TRUNKS_READ,
        kinds=frozenset({events.TRUNK_CHANGED, events.TRUNK_HEALTH, events.TRUNK_REMOVED}),
        load=load_trunks,
    ),
)
