"""People as the rooms above work with them: who they are, what they can, where they work. No contact data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.kit.work import Work
from centrala.people.models import Employee
from centrala.people.service.abilities import belongings_of
from centrala.security.service import CENTRE_ROLES, Account, Role

LEVELS: Final[Mapping[str, int]] = {"A1": 1, "A2": 2, "B1": 3, "B2": 4, "C1": 5, "C2": 6}
"""The levels of the Common European Framework as numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who works here. Skills by level 1 to 10, languages (ISO 639-1) by level 1 (A1) to 6 (C2)."""

    id: UUID
    given_name: str
    family_name: str
    skills: Mapping[UUID, int]
    languages: Mapping[str, int]
    roles: frozenset[Role]
    project_ids: frozenset[UUID]

    def works_on(self, project_id: UUID) -> bool:
        return project_id in self.project_ids or not self.roles.isdisjoint(CENTRE_ROLES)


async def active_colleagues(work: Work, ids: Collection[UUID] | None = None) -> dict[UUID, Colleague]:
    """Those of `ids` (None: of all) who work here and are seen by the actor, in the order of their hiring."""
    query = (
        select(Employee.id, Account.given_name, Account.family_name)
        .join(Employee.account)
        .where(Employee.dismissed_at.is_(None), Employee.erased_at.is_(None))
        .order_by(Employee.id)
    )
    if ids is not None:
        query = query.where(Employee.id.in_(ids))
    rows = (await work.session.execute(query)).all()
    belongings = await belongings_of(work, [row.id for row in rows])
    return {
        row.id: Colleague(
            id=row.id,
            given_name=row.given_name,
            family_name=row.family_name,
            skills={one.skill_id: one.level for one in belongings[row.id].skills},
            languages={one.language: LEVELS[one.level] for one in belongings[row.id].languages},
            roles=frozenset(belongings[row.id].roles),
            project_ids=frozenset(belongings[row.id].project_ids),
        )
        for row in rows
    }
