"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from typing import Final
from uuid import UUID

from centrala.kit.outbox import Fact

TRUNK_CHANGED: Final = "trunk.changed"
TRUNK_REMOVED: Final = "trunk.removed"
TRUNK_HEALTH: Final = "trunk.health"
RULE_CHANGED: Final = "dialling_rule.changed"
RULE_REMOVED: Final = "dialling_rule.removed"
CAP_HIT: Final = "dialling.cap_hit"


def trunk_changed(trunk_id: UUID) -> Fact:
    """A trunk was created or changed."""
    return Fact(kind=TRUNK_CHANGED, aggregate_id=trunk_id, payload={})


def trunk_removed(trunk_id: UUID) -> Fact:
    return Fact(kind=TRUNK_REMOVED, aggregate_id=trunk_id, payload={})


def trunk_health(trunk_id: UUID, *, state: str) -> Fact:
    """A trunk came up, failed, or has other figures to show."""
    return Fact(kind=TRUNK_HEALTH, aggregate_id=trunk_id, payload={"state": state})


def rule_changed(rule_id: UUID, *, project_id: UUID | None) -> Fact:
    """A rule of dialling was made or changed."""
    return Fact(kind=RULE_CHANGED, aggregate_id=rule_id, project_id=project_id, payload={})


def rule_removed(rule_id: UUID, *, project_id: UUID | None) -> Fact:
    return Fact(kind=RULE_REMOVED, aggregate_id=rule_id, project_id=project_id, payload={})


def cap_hit(alarm_id: UUID, *, cap: str, person_id: UUID | None) -> Fact:
    """A cap against toll fraud refused a call for the first time today."""
    payload = {"cap": cap, "person_id": str(person_id) if person_id else None}
    return Fact(kind=CAP_HIT, aggregate_id=alarm_id, payload=payload)
