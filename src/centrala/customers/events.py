"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from uuid import UUID

from centrala.kit.outbox import Fact

CUSTOMER_CHANGED = "customer.changed"


def customer_changed(customer_id: UUID, *, project_id: UUID) -> Fact:
    """A customer was entered, changed, joined with another or erased."""
    return Fact(kind=CUSTOMER_CHANGED, aggregate_id=customer_id, project_id=project_id, payload={})
