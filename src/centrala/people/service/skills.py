"""Skills: created, changed, removed."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing, require, require_centre
from centrala.kit.work import Work
from centrala.people.errors import SkillInUse, SkillNameTaken
from centrala.people.events import employee_changed, skill_changed, skill_removed
from centrala.people.models import Employee, EmployeeSkill, Skill
from centrala.people.schemas import SkillChange, SkillIn, SkillOut

SORTS: Final[Sorts] = {"name": folded(Skill.name)}
_TAKEN: Final = {"uq_skills_name": SkillNameTaken}


def _matching(query: ListQuery) -> Select[Skill]:
    statement = select(Skill)
    return statement.where(matches(query.q, Skill.name)) if query.q else statement


async def list_skills(work: Work, query: ListQuery) -> Slice[SkillOut]:
    found = await fetch(work.session, _matching(query), query, SORTS, Skill.id)
    counts = await _people_with(work, (skill.id for skill in found.rows))
    return Slice(rows=[_shown(skill, counts.get(skill.id, 0)) for skill in found.rows], total=found.total)


async def export_skills(work: Work, query: ListQuery) -> str:
    """The list as CSV, with a trace."""
    require(work, Permission.EXPORT)
    skills = [skill async for skill in all_rows(work.session, _matching(query), query, SORTS, Skill.id)]
    counts = await _people_with(work, (skill.id for skill in skills))
    work.trace("skills.exported", "skills", "*", rows=len(skills))
    return csv_text(("name", "people", "note"), [(one.name, counts.get(one.id, 0), one.note) for one in skills])


async def read_skill(work: Work, skill_id: UUID) -> SkillOut:
    skill = await work.session.get(Skill, skill_id)
    if skill is None:
        raise NotFound
    return await _with_count(work, skill)


async def create_skill(work: Work, form: SkillIn) -> SkillOut:
    require_centre(work)
    skill = Skill(id=new_id(), **form.model_dump())
    async with refusing(work, _TAKEN):
        work.session.add(skill)
    work.trace("skill.created", "skill", skill.id)
    work.tell(skill_changed(skill.id))
    return _shown(skill, 0)


async def change_skill(work: Work, skill_id: UUID, form: SkillChange, *, read: int) -> SkillOut:
    """Change what was sent; `read` is the version that the sender has seen."""
    skill = await _locked(work, skill_id, read=read)
    async with refusing(work, _TAKEN):
        changed = assign(skill, form.sent())
        if changed:
            skill.version += 1
            work.trace("skill.changed", "skill", skill.id, fields=changed)
            work.tell(skill_changed(skill.id))
    return await _with_count(work, skill)


async def remove_skill(work: Work, skill_id: UUID, *, read: int) -> None:
    """Refused while people have it; those who were dismissed do not count and lose it."""
    skill = await _locked(work, skill_id, read=read)
    query = (
        select(EmployeeSkill)
        .where(EmployeeSkill.skill_id == skill.id)
        .options(joinedload(EmployeeSkill.employee, innerjoin=True))
        .with_for_update()
    )
    held = (await work.session.scalars(query)).all()
    active = sum(one.employee.dismissed_at is None for one in held)
    if active:
        raise SkillInUse(extra={"people": active})
    for one in held:
        one.employee.version += 1
        await work.session.delete(one)
        work.tell(employee_changed(one.employee_id))
    async with refusing(work, {"fk_employee_skills_skill_id": SkillInUse}):
        await work.session.flush()
        await work.session.delete(skill)
    work.trace("skill.removed", "skill", skill.id)
    work.tell(skill_removed(skill.id))


async def _people_with(work: Work, ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many active people have each skill, as far as the reader sees them."""
    query = (
        select(EmployeeSkill.skill_id, func.count())
        .join(Employee, Employee.id == EmployeeSkill.employee_id)
        .where(EmployeeSkill.skill_id.in_(list(ids)), Employee.dismissed_at.is_(None))
        .group_by(EmployeeSkill.skill_id)
    )
    return dict(row for row in (await work.session.execute(query)).all())


def _shown(skill: Skill, people: int) -> SkillOut:
    return SkillOut(id=skill.id, name=skill.name, note=skill.note, people=people, version=skill.version)


async def _with_count(work: Work, skill: Skill) -> SkillOut:
    return _shown(skill, (await _people_with(work, [skill.id])).get(skill.id, 0))


async def _locked(work: Work, skill_id: UUID, *, read: int) -> Skill:
    require_centre(work)
    skill = await work.session.scalar(select(Skill).where(Skill.id == skill_id).with_for_update())
    if skill is None:
        raise NotFound

    async def current() -> SkillOut:
        return await _with_count(work, skill)

    await same_version(skill, read, current)
    return skill
