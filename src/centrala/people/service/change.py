"""An employee is changed: only what was sent."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from centrala.kit.access import Permission
from centrala.kit.phones import phone_number
from centrala.kit.verbs import assign, refusing, require
from centrala.kit.work import Work
from centrala.people.errors import Erased
from centrala.people.events import employee_changed
from centrala.people.schemas import EmployeeChange
from centrala.people.service.abilities import set_languages, set_skills
from centrala.people.service.read import Person, hold_employee, read_employee
from centrala.people.service.references import (
    TAKEN,
    check_projects,
    check_references,
    lock_people,
)
from centrala.people.service.ties import Ties, moved
from centrala.security.service import refuse_taken_login, set_projects, set_roles

_OF_ACCOUNT: Final = frozenset({"login", "given_name", "family_name", "language", "time_zone"})
_LISTS: Final = frozenset({"languages", "skills", "roles", "project_ids"})


async def change_employee(work: Work, employee_id: UUID, form: EmployeeChange, *, read: int) -> Person:
    """Change what was sent; `read` is the version that the sender has seen."""
    sent = form.sent()
    if not sent.keys().isdisjoint({"superior_id", "deputy_id", "roles"}):
        await lock_people(work)
    person = await hold_employee(work, employee_id, read=read)
    if person.employee.erased_at is not None:
        raise Erased
    before = Ties.of(person)
    async with refusing(work, TAKEN):
        changed = [
            *await _change_fields(work, person, {name: sent[name] for name in sent.keys() - _LISTS}),
            *await _change_abilities(work, person, sent),
            *await _change_rights(work, person, sent),
        ]
        if not changed:
            return person
        person.employee.version += 1
    return await _told(work, employee_id, before, changed)


async def _told(work: Work, employee_id: UUID, before: Ties, changed: list[str]) -> Person:
    after = await read_employee(work, employee_id)
    ties = Ties.of(after)
    work.trace("employee.changed", "employee", employee_id, fields=sorted(changed))
    work.tell(employee_changed(employee_id, left=before.projects - ties.projects))
    for fact in moved(before, ties):
        work.tell(fact)
    return after


async def _change_fields(work: Work, person: Person, values: Mapping[str, Any]) -> list[str]:
    employee, account = person.employee, person.employee.account
    if values.get("login", account.login) != account.login:
        await refuse_taken_login(work, values["login"], except_id=account.id)
    own = {name: value for name, value in values.items() if name not in _OF_ACCOUNT}
    if own.get("phone"):
        own["phone"] = phone_number(own["phone"], region=None, field="phone")
    refers = {name: value for name, value in own.items() if value != getattr(employee, name)}
    await check_references(work, employee.id, refers)
    changed_account = assign(account, {name: values[name] for name in values.keys() & _OF_ACCOUNT})
    if changed_account:
        account.version += 1
    return [*assign(employee, own), *changed_account]


async def _change_abilities(work: Work, person: Person, sent: Mapping[str, Any]) -> list[str]:
    changed = []
    if "skills" in sent and sorted(sent["skills"], key=lambda one: one.skill_id) != person.skills:
        await set_skills(work, person.employee.id, sent["skills"])
        changed.append("skills")
    if "languages" in sent and sorted(sent["languages"], key=lambda one: one.language) != person.languages:
        await set_languages(work, person.employee.id, sent["languages"])
        changed.append("languages")
    return changed


async def _change_rights(work: Work, person: Person, sent: Mapping[str, Any]) -> list[str]:
    changed = []
    if "roles" in sent and set(sent["roles"]) != set(person.roles):
        require(work, Permission.ROLES_ASSIGN)
        await set_roles(work, person.employee.id, sent["roles"])
        changed.append("roles")
    if "project_ids" in sent and set(sent["project_ids"]) != set(person.project_ids):
        await check_projects(work, sent["project_ids"])
        await set_projects(work, person.employee.id, sent["project_ids"])
        changed.append("project_ids")
    return changed
