"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from uuid import UUID

from centrala.kit.outbox import Fact

COMPANY_CHANGED = "company.changed"
PROJECT_CHANGED = "project.changed"
CALENDAR_CHANGED = "calendar.changed"
CALENDAR_REMOVED = "calendar.removed"


def company_changed(company_id: UUID) -> Fact:
    """A company was created, changed, archived or restored."""
    return Fact(kind=COMPANY_CHANGED, aggregate_id=company_id, payload={})


def project_changed(project_id: UUID) -> Fact:
    """A project was created, changed, archived or restored, or its numbers changed."""
    return Fact(kind=PROJECT_CHANGED, aggregate_id=project_id, project_id=project_id, payload={})


def calendar_changed(calendar_id: UUID, *, project_id: UUID) -> Fact:
    """A calendar was created or changed."""
    return Fact(kind=CALENDAR_CHANGED, aggregate_id=calendar_id, project_id=project_id, payload={})


def calendar_removed(calendar_id: UUID, *, project_id: UUID) -> Fact:
    return Fact(
        kind=CALENDAR_REMOVED,
        aggregate_id=calendar_id,
        project_id=project_id,
        payload={"left_projects": [str(project_id)]},
    )
