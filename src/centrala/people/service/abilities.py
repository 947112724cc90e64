"""Skills and languages of people: read for many at once, replaced for one.

Rows are read as tuples and not as objects of the mapper: a page of a list has hundreds of them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from centrala.kit.errors import InvalidField
from centrala.kit.work import Work
from centrala.people.models import EmployeeLanguage, EmployeeSkill, Skill
from centrala.people.schemas import SkillLevel, SpokenLanguage
from centrala.people.service.references import unknown


async def skills_of(work: Work, ids: Collection[UUID]) -> Mapping[UUID, list[SkillLevel]]:
    """The skills of each person, in one order; none: an empty list."""
    found: dict[UUID, list[SkillLevel]] = defaultdict(list)
    query = (
        select(EmployeeSkill.employee_id, EmployeeSkill.skill_id, EmployeeSkill.level)
        .where(EmployeeSkill.employee_id.in_(ids))
        .order_by(EmployeeSkill.skill_id)
    )
    for employee_id, skill_id, level in (await work.session.execute(query)).all():
        found[employee_id].append(SkillLevel(skill_id=skill_id, level=level))
    return found


async def languages_of(work: Work, ids: Collection[UUID]) -> Mapping[UUID, list[SpokenLanguage]]:
    """The languages of each person, in one order; none: an empty list."""
    found: dict[UUID, list[SpokenLanguage]] = defaultdict(list)
    query = (
        select(EmployeeLanguage.employee_id, EmployeeLanguage.language, EmployeeLanguage.level)
        .where(EmployeeLanguage.employee_id.in_(ids))
        .order_by(EmployeeLanguage.language)
    )
    for employee_id, language, level in (await work.session.execute(query)).all():
        # The database holds the levels that the form knows, by a check constraint.
        found[employee_id].append(SpokenLanguage.model_validate({"language": language, "level": level}))
    return found


async def names_of_skills(work: Work) -> Mapping[UUID, str]:
    """All skills that the reader sees, by name."""
    return dict(row for row in (await work.session.execute(select(Skill.id, Skill.name))).all())


async def set_skills(work: Work, employee_id: UUID, levels: Sequence[SkillLevel]) -> None:
    """Give the person exactly these skills. Raises `InvalidField` for unknown and repeated ones."""
    ids = [one.skill_id for one in levels]
    _refuse_repeated("skills", "skill_id", ids)
    known = set((await work.session.scalars(select(Skill.id).where(Skill.id.in_(ids)))).all())
    for place, skill_id in enumerate(ids):
        if skill_id not in known:
            raise unknown(f"skills.{place}.skill_id")
    await work.session.execute(delete(EmployeeSkill).where(EmployeeSkill.employee_id == employee_id))
    work.session.add_all(
        EmployeeSkill(employee_id=employee_id, skill_id=one.skill_id, level=one.level) for one in levels
    )


async def set_languages(work: Work, employee_id: UUID, spoken: Sequence[SpokenLanguage]) -> None:
    """Give the person exactly these languages. Raises `InvalidField` for repeated ones."""
    _refuse_repeated("languages", "language", [one.language for one in spoken])
    await work.session.execute(delete(EmployeeLanguage).where(EmployeeLanguage.employee_id == employee_id))
    work.session.add_all(
        EmployeeLanguage(employee_id=employee_id, language=one.language, level=one.level) for one in spoken
    )


def _refuse_repeated(field: str, key: str, values: Sequence[Any]) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise InvalidField(f"{field}.{place}.{key}", "repeated", "This is in the list already.")
