"""Skills and languages of people: read for many at once, replaced for one.

Rows are read as tuples and not as objects of the mapper: a page of a list has hundreds of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from centrala.kit.errors import InvalidField
from centrala.kit.work import Work
from centrala.people.models import EmployeeLanguage, EmployeeSkill, Skill
from centrala.people.schemas import SkillLevel, SpokenLanguage
from centrala.people.service.references import unknown
from centrala.security.service import Role, projects_array, roles_array


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to a person in other tables, each in one order."""

    skills: list[SkillLevel]
    languages: list[SpokenLanguage]
    roles: list[Role]
    project_ids: list[UUID]


def _array(column: InstrumentedAttribute[Any], owner: InstrumentedAttribute[UUID], order: Any, kind: Any) -> Any:
    """The column of the rows that belong to the person, as an array."""
    return func.array(select(column).where(owner == _PERSON).order_by(order).scalar_subquery(), type_=ARRAY(kind))


_PERSON: Final = func.unnest(bindparam("ids", type_=ARRAY(Uuid)), type_=Uuid()).column_valued("person")
_BELONGINGS: Final = select(
    _PERSON,
    _array(EmployeeSkill.skill_id, EmployeeSkill.employee_id, EmployeeSkill.skill_id, Uuid),
    _array(EmployeeSkill.level, EmployeeSkill.employee_id, EmployeeSkill.skill_id, SmallInteger),
    _array(EmployeeLanguage.language, EmployeeLanguage.employee_id, EmployeeLanguage.language, Text),
    _array(EmployeeLanguage.level, EmployeeLanguage.employee_id, EmployeeLanguage.language, Text),
    roles_array(_PERSON),
    projects_array(_PERSON),
)
"""Built once, and one statement for all tables: a list of people was most of all exchanges with the server."""


async def belongings_of(work: Work, ids: Sequence[UUID]) -> Mapping[UUID, Belongings]:
    """What belongs to each of these people, as far as the actor sees it."""
    found = await work.session.execute(_BELONGINGS, {"ids": ids})
    return {
        person: Belongings(
            skills=[SkillLevel(skill_id=one, level=level) for one, level in zip(skills, skill_levels, strict=True)],
            # The database holds the levels that the form knows, by a check constraint.
            languages=[
                SpokenLanguage.model_construct(language=language, level=level)
                for language, level in zip(languages, language_levels, strict=True)
            ],
            roles=[Role(role) for role in roles],
            project_ids=projects,
        )
        for person, skills, skill_levels, languages, language_levels, roles, projects in found
    }


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
