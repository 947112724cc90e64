"""Whom and what an employee refers to: team, superior, deputy, skills. Checked before the database would refuse."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from centrala.kit.errors import InvalidField, Refusal
from centrala.kit.work import Work
from centrala.people.errors import NumberTaken
from centrala.people.models import Employee, Team
from centrala.projects.service import unknown_projects
from centrala.security.service import LoginTaken

_PEOPLE_LOCK: Final = 0x43454E54_50454F50  # "CENTPEOP"


def unknown(field: str) -> InvalidField:
    return InvalidField(field, "unknown_reference", "There is no such object, or it is not yours to see.")


TAKEN: Final[Mapping[str, Callable[[], Refusal]]] = {
    "uq_accounts_login": LoginTaken,
    "uq_employees_number": NumberTaken,
    # Deleted by somebody between our check and our write.
    "fk_employees_team_id": lambda: unknown("team_id"),
    "fk_employee_skills_skill_id": lambda: unknown("skills"),
    "fk_account_projects_project_id": lambda: unknown("project_ids"),
}


async def lock_people(work: Work) -> None:
    """One at a time: two changes that are each fine may together make a circle of superiors or leave no administrator.

    Taken before any row is locked, so that two who change each other do not wait for each other.
    """
    await work.session.execute(select(func.pg_advisory_xact_lock(_PEOPLE_LOCK)))


async def check_references(work: Work, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Refuse a team, superior or deputy among `values` that cannot be one; `lock_people` is held."""
    if values.get("team_id") is not None and await work.session.get(Team, values["team_id"]) is None:
        raise unknown("team_id")
    for field in ("superior_id", "deputy_id"):
        if values.get(field) is not None:
            await _check_colleague(work, person_id, field, values[field])
    if values.get("superior_id") is not None and person_id in await _superiors(work, values["superior_id"]):
        raise InvalidField("superior_id", "circle", "This colleague is under the person already, directly or not.")


async def check_active(work: Work, field: str, employee_id: UUID) -> None:
    """Refuse somebody who is not there, or was dismissed."""
    query = select(Employee.dismissed_at).where(Employee.id == employee_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise unknown(field)
    if row.dismissed_at is not None:
        raise InvalidField(field, "dismissed", "This person was dismissed.")


async def _check_colleague(work: Work, person_id: UUID, field: str, colleague_id: UUID) -> None:
    if colleague_id == person_id:
        raise InvalidField(field, "oneself", "Choose somebody else than the person.")
    await check_active(work, field, colleague_id)


async def _superiors(work: Work, employee_id: UUID) -> set[UUID]:
    """The person and all who stand above."""
    above = select(Employee.id, Employee.superior_id).where(Employee.id == employee_id).cte("above", recursive=True)
    # UNION, not UNION ALL: a circle that got in by another way must not turn for ever.
    above = above.union(select(Employee.id, Employee.superior_id).join(above, Employee.id == above.c.superior_id))
    return set((await work.session.scalars(select(above.c.id))).all())


async def check_projects(work: Work, project_ids: Collection[UUID]) -> None:
    missing = await unknown_projects(work, project_ids)
    for place, project_id in enumerate(project_ids):
        if project_id in missing:
            raise unknown(f"project_ids.{place}")
