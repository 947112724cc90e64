"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from collections.abc import Collection
from uuid import UUID

from centrala.kit.outbox import Fact

EMPLOYEE_CHANGED = "employee.changed"
TEAM_CHANGED = "team.changed"
TEAM_REMOVED = "team.removed"
SKILL_CHANGED = "skill.changed"
SKILL_REMOVED = "skill.removed"


def _left(projects: Collection[UUID]) -> dict[str, list[str]]:
    """Projects whose people may not see the card any more; the live feed takes it from those who do not."""
    return {"left_projects": sorted(str(project) for project in projects)} if projects else {}


def employee_changed(employee_id: UUID, *, left: Collection[UUID] = ()) -> Fact:
    """Somebody was hired, changed, dismissed, reinstated or erased; `left` are projects that they left."""
    return Fact(kind=EMPLOYEE_CHANGED, aggregate_id=employee_id, payload=_left(left))


def team_changed(team_id: UUID, *, left: Collection[UUID] = ()) -> Fact:
    """A team was created or changed, or people came or went; `left` are projects of those who went."""
    return Fact(kind=TEAM_CHANGED, aggregate_id=team_id, payload=_left(left))


def team_removed(team_id: UUID) -> Fact:
    return Fact(kind=TEAM_REMOVED, aggregate_id=team_id, payload={})


def skill_changed(skill_id: UUID, *, left: Collection[UUID] = ()) -> Fact:
    """A skill was created or changed, or given or taken; `left` are projects of those from whom it was taken."""
    return Fact(kind=SKILL_CHANGED, aggregate_id=skill_id, payload=_left(left))


def skill_removed(skill_id: UUID) -> Fact:
    return Fact(kind=SKILL_REMOVED, aggregate_id=skill_id, payload={})
