"""What this room shows live: companies, projects, calendars."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Permission
from centrala.kit.live import MAX_SNAPSHOT, Scoped, Topic
from centrala.projects import events
from centrala.projects.models import Calendar, Company, Project
from centrala.projects.schemas import CalendarCard, CompanyCard, ProjectCard


def _chosen(statement: Select[Any], column: Any, ids: Sequence[UUID] | None) -> Select[Any]:
    return statement.where(column.in_(ids)) if ids is not None else statement.order_by(column).limit(MAX_SNAPSHOT)


async def load_companies(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Companies, each for the people of its projects."""
    companies = (await session.scalars(_chosen(select(Company), Company.id, ids))).all()
    projects: dict[UUID, set[UUID]] = {company.id: set() for company in companies}
    owned = select(Project.company_id, Project.id).where(Project.company_id.in_(projects))
    for company_id, project_id in (await session.execute(owned)).all():
        projects[company_id].add(project_id)
    return [Scoped(CompanyCard.model_validate(c), frozenset(projects[c.id])) for c in companies]


async def load_projects(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    rows = await session.scalars(_chosen(select(Project), Project.id, ids))
    return [Scoped(ProjectCard.model_validate(row), frozenset({row.id})) for row in rows]


async def load_calendars(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    rows = await session.scalars(_chosen(select(Calendar), Calendar.id, ids))
    return [Scoped(CalendarCard.model_validate(row), frozenset({row.project_id})) for row in rows]


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="companies",
        permission=Permission.COMPANIES_READ,
        kinds=frozenset({events.COMPANY_CHANGED}),
        load=load_companies,
    ),
    Topic(
        name="projects",
        permission=Permission.PROJECTS_READ,
        kinds=frozenset({events.PROJECT_CHANGED}),
        load=load_projects,
    ),
    Topic(
        name="calendars",
        permission=Permission.CALENDARS_READ,
        kinds=frozenset({events.CALENDAR_CHANGED, events.CALENDAR_REMOVED}),
        load=load_calendars,
    ),
)
