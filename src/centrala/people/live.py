"""What this room shows live: employees, teams, skills."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from centrala.kit.access import Permission
from centrala.kit.live import MAX_SNAPSHOT, Scoped, Topic
from centrala.people import events
from centrala.people.models import Employee, EmployeeSkill, Skill, Team
from centrala.people.schemas import EmployeeCard, SkillCard, TeamCard
from centrala.people.service.read import version_of
from centrala.security.service import AccountProject


def _chosen(statement: Select[Any], column: Any, ids: Sequence[UUID] | None) -> Select[Any]:
    return statement.where(column.in_(ids)) if ids is not None else statement.order_by(column).limit(MAX_SNAPSHOT)


async def _projects(session: AsyncSession, pairs: Select[Any, Any]) -> dict[UUID, frozenset[UUID]]:
    """From pairs of a card's id and a project: the projects of each card."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for card_id, project_id in (await session.execute(pairs)).all():
        found[card_id].add(project_id)
    return {card_id: frozenset(projects) for card_id, projects in found.items()}


def _ids(rows: Iterable[Employee | Team | Skill]) -> list[UUID]:
    return [row.id for row in rows]


async def load_employees(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Employees, each for the people of their projects."""
    query = select(Employee).options(joinedload(Employee.account, innerjoin=True))
    rows = (await session.scalars(_chosen(query, Employee.id, ids))).all()
    on = select(AccountProject.account_id, AccountProject.project_id).where(AccountProject.account_id.in_(_ids(rows)))
    projects = await _projects(session, on)
    return [Scoped(_card(row), projects.get(row.id, frozenset())) for row in rows]


async def load_teams(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Teams, each for those who see somebody in it."""
    rows = (await session.scalars(_chosen(select(Team), Team.id, ids))).all()
    through = (
        select(Employee.team_id, AccountProject.project_id)
        .join(AccountProject, AccountProject.account_id == Employee.id)
        .where(Employee.team_id.in_(_ids(rows)))
        .distinct()
    )
    projects = await _projects(session, through)
    return [Scoped(TeamCard.model_validate(row), projects.get(row.id, frozenset())) for row in rows]


async def load_skills(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Skills, each for those who see somebody who has it."""
    rows = (await session.scalars(_chosen(select(Skill), Skill.id, ids))).all()
    through = (
        select(EmployeeSkill.skill_id, AccountProject.project_id)
        .join(AccountProject, AccountProject.account_id == EmployeeSkill.employee_id)
        .where(EmployeeSkill.skill_id.in_(_ids(rows)))
        .distinct()
    )
    projects = await _projects(session, through)
    return [Scoped(SkillCard.model_validate(row), projects.get(row.id, frozenset())) for row in rows]


def _card(employee: Employee) -> EmployeeCard:
    return EmployeeCard(
        id=employee.id,
        version=version_of(employee),
        given_name=employee.account.given_name,
        family_name=employee.account.family_name,
        patronymic=employee.patronymic,
        number=employee.number,
        team_id=employee.team_id,
        dismissed_at=employee.dismissed_at,
    )


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="employees",
        permission=Permission.EMPLOYEES_READ,
        kinds=frozenset({events.EMPLOYEE_CHANGED}),
        load=load_employees,
    ),
    Topic(
        name="teams",
        permission=Permission.EMPLOYEES_READ,
        kinds=frozenset({events.TEAM_CHANGED, events.TEAM_REMOVED}),
        load=load_teams,
    ),
    Topic(
        name="skills",
        permission=Permission.EMPLOYEES_READ,
        kinds=frozenset({events.SKILL_CHANGED, events.SKILL_REMOVED}),
        load=load_skills,
    ),
)
