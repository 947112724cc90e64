"""What this room shows live: that customers' cards have changed."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.customers import events
from centrala.customers.models import Customer
from centrala.customers.schemas import CustomerCard
from centrala.kit.access import Permission
from centrala.kit.live import Scoped, Topic

RECENT: Final = 200  # cards of a snapshot: desks use the topic to learn of changes, lists are paged


async def load_customers(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Customers, each for the people of its project; without ids the newest."""
    query = select(Customer)
    query = query.where(Customer.id.in_(ids)) if ids is not None else query.order_by(Customer.id.desc()).limit(RECENT)
    rows = await session.scalars(query)
    return [Scoped(CustomerCard.model_validate(row), frozenset({row.project_id})) for row in rows]


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="customers",
        permission=Permission.CUSTOMERS_READ,
        kinds=frozenset({events.CUSTOMER_CHANGED}),
        load=load_customers,
    ),
)
