"""Employees as people see them: listed, exported, read one by one; phone and e-mail masked everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.http import same_version
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.personal import Kind, Masked, mask
from centrala.kit.search import folded, matches
from centrala.kit.verbs import may, require, require_centre
from centrala.kit.work import Work
from centrala.people.models import Employee, EmployeeSkill, Team
from centrala.people.schemas import EmployeeOut, SkillLevel, SpokenLanguage, State
from centrala.people.service.abilities import belongings_of, names_of_skills
from centrala.security.service import Account, AccountProject, AccountRole, Role

SORTS: Final[Sorts] = {
    "name": folded(Account.family_name + " " + Account.given_name),
    "number": Employee.number,
    "login": Account.login,
    "team": folded(Team.name),
    "hired_on": Employee.hired_on,
    "dismissed_at": Employee.dismissed_at,
}
MIN_PHONE_DIGITS: Final = 7  # a shorter search text is not taken for a telephone number
_CHUNK: Final = 1_000  # people whose roles and projects are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An employee with what they can, and what security knows of them, as far as the reader sees it."""

    employee: Employee
    skills: list[SkillLevel]
    languages: list[SpokenLanguage]
    roles: Sequence[Role]
    project_ids: Sequence[UUID]
    revealable: bool

    @property
    def version(self) -> int:
        """Counts the changes of both rows that a person has: the employee's and the account's."""
        return version_of(self.employee)

    def shown(self) -> EmployeeOut:
        employee, account = self.employee, self.employee.account
        return EmployeeOut(
            id=employee.id,
            login=account.login,
            given_name=account.given_name,
            family_name=account.family_name,
            patronymic=employee.patronymic,
            number=employee.number,
            phone=Masked.of(Kind.PHONE, employee.phone, revealable=self.revealable),
            email=Masked.of(Kind.EMAIL, employee.email, revealable=self.revealable),
            language=account.language,
            time_zone=account.time_zone,
            languages=self.languages,
            skills=self.skills,
            team_id=employee.team_id,
            superior_id=employee.superior_id,
            deputy_id=employee.deputy_id,
            roles=list(self.roles),
            project_ids=list(self.project_ids),
            hired_on=employee.hired_on,
            dismissed_at=employee.dismissed_at,
            erased_at=employee.erased_at,
            version=self.version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of employees is narrowed to."""

    state: State = State.ACTIVE
    team_id: UUID | None = None
    role: Role | None = None
    skill_id: UUID | None = None
    project_id: UUID | None = None


def version_of(employee: Employee) -> int:
    """Neither version ever goes down, so the sum stays the same only while both do."""
    return employee.version + employee.account.version - 1


async def list_employees(work: Work, query: ListQuery, filters: Filters) -> Slice[Person]:
    found = await fetch(work.session, _matching(work, query, filters), query, SORTS, Employee.id)
    return Slice(rows=await people_of(work, found.rows), total=found.total)


async def export_employees(work: Work, query: ListQuery, filters: Filters) -> str:
    """The list as CSV, masked like the list, with a trace."""
    require(work, Permission.EXPORT)
    found = all_rows(work.session, _matching(work, query, filters), query, SORTS, Employee.id)
    people = await people_of(work, [employee async for employee in found])
    skills = await names_of_skills(work)
    rows = [_csv_row(person, skills) for person in people]
    work.trace("employees.exported", "employees", "*", rows=len(rows))
    return csv_text(_HEADER, rows)


_HEADER: Final = (
    "number", "login", "family_name", "given_name", "patronymic", "phone", "email", "team", "roles", "skills",
    "languages", "hired_on", "dismissed_at",
)  # fmt: skip


def _csv_row(person: Person, skills: Mapping[UUID, str]) -> Sequence[object]:
    employee, account = person.employee, person.employee.account
    return (
        employee.number,
        account.login,
        account.family_name,
        account.given_name,
        employee.patronymic,
        mask(Kind.PHONE, employee.phone),
        mask(Kind.EMAIL, employee.email),
        employee.team.name if employee.team else None,
        list(person.roles),
        [f"{skills[one.skill_id]} {one.level}" for one in person.skills],
        [f"{one.language} {one.level}" for one in person.languages],
        employee.hired_on,
        employee.dismissed_at,
    )


async def read_employee(work: Work, employee_id: UUID) -> Person:
    (person,) = await people_of(work, [await load_employee(work, employee_id)])
    return person


async def person_by_number(work: Work, number: str) -> UUID | None:
    """Whose personnel number it is, among those who work here."""
    query = select(Employee.id).where(Employee.number == number, Employee.dismissed_at.is_(None))
    found: UUID | None = await work.session.scalar(query)
    return found


async def load_employee(work: Work, employee_id: UUID) -> Employee:
    """The row with its account."""
    query = select(Employee).where(Employee.id == employee_id).options(joinedload(Employee.account, innerjoin=True))
    employee = await work.session.scalar(query)
    if employee is None:
        raise NotFound
    return employee


async def hold_employee(work: Work, employee_id: UUID, *, read: int) -> Person:
    """The employee with both rows locked for a change; `read` is the version that the sender has seen."""
    require_centre(work)
    lock = select(Employee.id).join(Employee.account).where(Employee.id == employee_id).with_for_update()
    if await work.session.scalar(lock) is None:
        raise NotFound
    # Read after the lock: what somebody committed while we waited is seen.
    person = await read_employee(work, employee_id)

    async def current() -> EmployeeOut:
        return person.shown()

    await same_version(await current(), read, current)
    return person


async def people_of(work: Work, employees: Sequence[Employee]) -> list[Person]:
    """The employees together with what belongs to them."""
    revealable = may(work, Permission.EMPLOYEES_REVEAL)
    people = []
    for chunk in (employees[at : at + _CHUNK] for at in range(0, len(employees), _CHUNK)):
        ids = [employee.id for employee in chunk]
        belongings = await belongings_of(work, ids)
        people += [
            Person(
                employee=employee,
                skills=(own := belongings[employee.id]).skills,
                languages=own.languages,
                roles=own.roles,
                project_ids=own.project_ids,
                revealable=revealable,
            )
            for employee in chunk
        ]
    return people


def _matching(work: Work, query: ListQuery, filters: Filters) -> Select[Employee]:
    statement = (
        select(Employee)
        .join(Employee.account)
        .outerjoin(Employee.team)
        .options(contains_eager(Employee.account), contains_eager(Employee.team))
        .where(*_conditions(filters))
    )
    return statement.where(_search(work, query.q)) if query.q else statement


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.state is not State.ALL:
        dismissed = Employee.dismissed_at.is_not(None)
        conditions.append(dismissed if filters.state is State.DISMISSED else ~dismissed)
    if filters.team_id is not None:
        conditions.append(Employee.team_id == filters.team_id)
    if filters.role is not None:
        conditions.append(Employee.id.in_(select(AccountRole.account_id).where(AccountRole.role == filters.role)))
    if filters.skill_id is not None:
        having = select(EmployeeSkill.employee_id).where(EmployeeSkill.skill_id == filters.skill_id)
        conditions.append(Employee.id.in_(having))
    if filters.project_id is not None:
        on = select(AccountProject.account_id).where(AccountProject.project_id == filters.project_id)
        conditions.append(Employee.id.in_(on))
    return conditions


def _search(work: Work, q: str) -> ColumnElement[bool]:
    """By name, login and number; by a whole telephone number for those who could reveal it anyway."""
    named = matches(q, Account.given_name, Account.family_name, Employee.patronymic, Account.login, Employee.number)
    digits = "".join(character for character in q if character.isdigit()).removeprefix("00")
    if len(digits) < MIN_PHONE_DIGITS or not may(work, Permission.EMPLOYEES_REVEAL):
        return named
    return or_(named, Employee.phone == f"+{digits}")
