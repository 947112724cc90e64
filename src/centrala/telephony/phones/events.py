"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from typing import Final
from uuid import UUID

from centrala.kit.outbox import Fact

PHONE_CHANGED: Final = "phone.changed"
PHONE_REMOVED: Final = "phone.removed"
PHONE_REGISTERED: Final = "phone.registered"
PHONE_GONE: Final = "phone.gone"
BROWSER_REGISTERED: Final = "browser_phone.registered"
BROWSER_GONE: Final = "browser_phone.gone"


def phone_changed(phone_id: UUID) -> Fact:
    """A desk phone was made, changed, disabled, enabled, or has a new secret."""
    return Fact(kind=PHONE_CHANGED, aggregate_id=phone_id, payload={})


def phone_removed(phone_id: UUID) -> Fact:
    return Fact(kind=PHONE_REMOVED, aggregate_id=phone_id, payload={})


def presence(*, person_id: UUID, phone_id: UUID | None, here: bool) -> Fact:
    """A phone has come to where it can be called, or has gone; without `phone_id`: the one in the person's browser."""
    if phone_id is None:
        return Fact(kind=BROWSER_REGISTERED if here else BROWSER_GONE, aggregate_id=person_id, payload={})
    kind = PHONE_REGISTERED if here else PHONE_GONE
    return Fact(kind=kind, aggregate_id=phone_id, payload={"person_id": str(person_id)})
