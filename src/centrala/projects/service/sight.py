"""Which projects there are for somebody: what the rooms above ask first."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from centrala.kit.access import Wall
from centrala.kit.database import raise_wall
from centrala.kit.errors import NotFound
from centrala.kit.ids import ProjectId
from centrala.kit.work import Work
from centrala.projects.models import Calendar, Company, Number, Project

__all__ = ["Calendar", "Number", "Project", "all_project_ids", "country_of", "in_sight", "project_of_number"]


async def in_sight(work: Work) -> Sequence[Project]:
    """The running projects that the actor sees, with their companies, by name."""
    visible = work.access.wall.projects if work.access else frozenset()
    query = (
        select(Project)
        .options(joinedload(Project.company))
        .where(Project.id.in_(visible), Project.archived_at.is_(None))
        .order_by(Project.name, Project.id)
    )
    return (await work.session.scalars(query)).all()


async def all_project_ids(session: AsyncSession) -> Sequence[ProjectId]:
    """Every project of the centre; for the program's own work behind a wall that shows the centre."""
    return [ProjectId(project_id) for project_id in await session.scalars(select(Project.id))]


async def country_of(work: Work, project_id: UUID) -> str:
    """The country (ISO 3166-1) of the company that a project works for."""
    query = select(Company.country).join(Project, Project.company_id == Company.id).where(Project.id == project_id)
    found = await work.session.scalar(query)
    if found is None:
        raise NotFound
    return found


async def project_of_number(work: Work, e164: str) -> ProjectId | None:
    """The running project that is called by a number; for the program's own work, which looks into all projects."""
    everywhere = frozenset(await all_project_ids(work.session))
    await raise_wall(work.session, Wall(centre=True, projects=everywhere))
    query = (
        select(Number.project_id)
        .join(Project, Project.id == Number.project_id)
        .where(Number.e164 == e164, Project.archived_at.is_(None))
    )
    found = await work.session.scalar(query)
    return None if found is None else ProjectId(found)
