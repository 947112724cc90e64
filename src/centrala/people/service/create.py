"""An employee is hired: account and employee are made together."""

from uuid import UUID

from centrala.kit.access import Permission
from centrala.kit.phones import phone_number
from centrala.kit.verbs import refusing, require, require_centre
from centrala.kit.work import Work
from centrala.people.events import employee_changed
from centrala.people.models import Employee
from centrala.people.schemas import EmployeeIn
from centrala.people.service.abilities import set_languages, set_skills
from centrala.people.service.read import Person, read_employee
from centrala.people.service.references import (
    TAKEN,
    check_projects,
    check_references,
    lock_people,
)
from centrala.people.service.ties import Ties, moved
from centrala.security.service import Role, open_account, set_projects

_GIVEN_TO_ALL = frozenset({Role.OPERATOR})
"""Roles that somebody may give who hires but does not assign roles."""


async def create_employee(work: Work, form: EmployeeIn) -> Person:
    """Make an account and the employee; a given password is a temporary one."""
    require_centre(work)
    if not set(form.roles) <= _GIVEN_TO_ALL:
        require(work, Permission.ROLES_ASSIGN)
    await lock_people(work)
    await check_projects(work, form.project_ids)
    async with refusing(work, TAKEN):
        account = await open_account(
            work,
            login=form.login,
            given_name=form.given_name,
            family_name=form.family_name,
            language=form.language,
            time_zone=form.time_zone,
            roles=form.roles,
            password=form.password,
        )
        await _add_employee(work, account.id, form)
        await set_projects(work, account.id, form.project_ids)
    person = await read_employee(work, account.id)
    work.trace("employee.created", "employee", account.id)
    work.tell(employee_changed(account.id))
    for fact in moved(Ties(), Ties.of(person)):
        work.tell(fact)
    return person


async def _add_employee(work: Work, account_id: UUID, form: EmployeeIn) -> None:
    await check_references(work, account_id, form.model_dump(include={"team_id", "superior_id", "deputy_id"}))
    employee = Employee(
        id=account_id,
        number=form.number,
        patronymic=form.patronymic,
        phone=phone_number(form.phone, region=None, field="phone") if form.phone else "",
        email=form.email,
        team_id=form.team_id,
        superior_id=form.superior_id,
        deputy_id=form.deputy_id,
        hired_on=form.hired_on,
    )
    work.session.add(employee)
    await work.session.flush()
    await set_skills(work, account_id, form.skills)
    await set_languages(work, account_id, form.languages)
