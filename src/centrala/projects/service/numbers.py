"""The telephone numbers of projects. They belong to the project's version: a change of a number is one of it."""

from typing import Final
from uuid import UUID

from centrala.kit.errors import NotFound
from centrala.kit.ids import new_id
from centrala.kit.phones import phone_number
from centrala.kit.verbs import assign, refusing
from centrala.kit.work import Work
from centrala.projects.errors import NumberTaken, TooManyNumbers
from centrala.projects.models import Number, Project
from centrala.projects.schemas import NumberChange, NumberIn
from centrala.projects.service.projects import hold_project, touch_project

MAX_NUMBERS: Final = 500  # numbers of one project; carriers lease blocks of 10, 100 and 1000
_TAKEN: Final = {"uq_numbers_e164": NumberTaken}


async def add_number(work: Work, project_id: UUID, form: NumberIn) -> tuple[Project, Number]:
    """Give a project a number; one without country code is of the company's country."""
    project = await hold_project(work, project_id)
    if len(project.numbers) >= MAX_NUMBERS:
        raise TooManyNumbers(extra={"limit": MAX_NUMBERS})
    e164 = phone_number(form.number, region=project.company.country, field="number")
    number = Number(id=new_id(), project_id=project.id, e164=e164, label=form.label)
    async with refusing(work, _TAKEN):
        project.numbers.append(number)
    touch_project(work, project, "number_added", number_id=str(number.id))
    return project, number


async def change_number(
    work: Work, project_id: UUID, number_id: UUID, form: NumberChange, *, read: int
) -> tuple[Project, Number]:
    project = await hold_project(work, project_id, read=read)
    number = _of(project, number_id)
    changed = assign(number, form.sent())
    if changed:
        touch_project(work, project, "number_changed", number_id=str(number.id), fields=changed)
    return project, number


async def remove_number(work: Work, project_id: UUID, number_id: UUID, *, read: int) -> Project:
    project = await hold_project(work, project_id, read=read)
    project.numbers.remove(_of(project, number_id))
    touch_project(work, project, "number_removed", number_id=str(number_id))
    return project


def _of(project: Project, number_id: UUID) -> Number:
    for number in project.numbers:
        if number.id == number_id:
            return number
    raise NotFound
