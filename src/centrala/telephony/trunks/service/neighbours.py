"""What this room reads of rooms that stand above it: the roles of people, the numbers of projects. By name only."""

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, column, select, table

from centrala.kit.work import Work

accounts: Final = table("accounts", column("id", Uuid()))
projects: Final = table("projects", column("id", Uuid()))
numbers: Final = table("numbers", column("id", Uuid()), column("project_id", Uuid()), column("e164"))
_roles: Final = table("account_roles", column("account_id", Uuid()), column("role"))


async def roles_of(work: Work, person_id: UUID) -> list[str]:
    return list(await work.session.scalars(select(_roles.c.role).where(_roles.c.account_id == person_id)))


async def has_person(work: Work, person_id: UUID) -> bool:
    return await work.session.scalar(select(accounts.c.id).where(accounts.c.id == person_id)) is not None


async def has_project(work: Work, project_id: UUID) -> bool:
    return await work.session.scalar(select(projects.c.id).where(projects.c.id == project_id)) is not None


async def number_of(work: Work, project_id: UUID, number_id: UUID) -> str | None:
    """The number, if it is the project's."""
    query = select(numbers.c.e164).where(numbers.c.id == number_id, numbers.c.project_id == project_id)
    found: str | None = await work.session.scalar(query)
    return found
