"""A flow as a file: out of one centre, into another, or from one project to the next.

What a flow names by id means nothing elsewhere; so a file carries the names, and what has the same name there takes the
place. What is not found is left open, and the check tells of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.models import Flow, Prompt
from centrala.ivr.schemas import FlowCopy, FlowFile, FlowImport, FlowIn
from centrala.ivr.service.checking import queue_names
from centrala.ivr.service.flows import create_flow, make_flow
from centrala.ivr.service.reach import draft_of, reach_flow
from centrala.kit.work import Work
from centrala.people.service.abilities import names_of_skills
from centrala.people.service.colleagues import active_colleagues
from centrala.projects.service.projects import reach_active_project
from centrala.projects.service.sight import Calendar

_REFERENCES: Final = {
    "queue_id": "queue",
    "calendar_id": "calendar",
    "prompt_id": "prompt",
    "flow_id": "flow",
    "skill_id": "skill",
    "person_id": "person",
}
"""Fields of definitions that name something by its id, and what kind of thing it is."""


async def file_of_flow(work: Work, flow_id: UUID) -> FlowFile:
    """The draft with the names of all that it names."""
    flow = await reach_flow(work, flow_id)
    known = await _names(work, flow.project_id)
    draft = draft_of(flow)
    found: dict[str, str] = {}

    def collect(kind: str, value: str) -> str | None:
        name = known.get((kind, value))
        if name is not None:
            found[value] = f"{kind}:{name}"
        return value

    _renamed(draft.model_dump(mode="json"), collect)
    return FlowFile(name=flow.name, note=flow.note, definition=draft, names=found)


async def copy_flow(work: Work, flow_id: UUID, form: FlowCopy) -> Flow:
    """A new flow with the draft of another, in its project or in the next."""
    flow = await reach_flow(work, flow_id)
    project = await reach_active_project(work, form.project_id or flow.project_id, field="project_id")
    draft = draft_of(flow)
    if project.id != flow.project_id:
        file = await file_of_flow(work, flow_id)
        draft = await moved(work, draft, file.names, project.id)
    return await make_flow(work, project.id, name=form.name, note=flow.note, draft=draft)


async def import_flow(work: Work, form: FlowImport) -> Flow:
    """A new flow from a file, as a draft."""
    await reach_active_project(work, form.project_id, field="project_id")
    definition = await moved(work, form.file.definition, form.file.names, form.project_id)
    return await create_flow(
        work,
        FlowIn(
            project_id=form.project_id,
            name=form.name or form.file.name,
            note=form.file.note,
            definition=definition,
        ),
    )


async def moved(work: Work, definition: FlowDefinition, names: Mapping[str, str], project_id: UUID) -> FlowDefinition:
    """The flow with the things of a project in the place of those that had the same kind and name."""
    there = await _names(work, project_id)
    by_name = {f"{kind}:{name}": value for (kind, value), name in there.items()}

    def replace(kind: str, value: str) -> str | None:
        return by_name.get(names.get(value, "")) or (value if (kind, value) in there else None)

    plain = _renamed(definition.model_dump(mode="json"), replace)
    for node in plain["nodes"]:
        if "skills" in node:
            node["skills"] = [skill for skill in node["skills"] if skill["skill_id"] is not None]
    return FlowDefinition.model_validate(plain)


def _renamed(plain: Any, rename: Callable[[str, str], str | None]) -> Any:
    """The same data with each reference asked for."""
    if isinstance(plain, list):
        return [_renamed(one, rename) for one in plain]
    if not isinstance(plain, dict):
        return plain
    return {
        key: rename(_REFERENCES[key], value)
        if key in _REFERENCES and isinstance(value, str)
        else _renamed(value, rename)
        for key, value in plain.items()
    }


async def _names(work: Work, project_id: UUID) -> dict[tuple[str, str], str]:
    """Names by kind and id of all that flows of a project can name."""
    found = {("queue", str(one)): name for one, name in (await queue_names(work, project_id)).items()}
    for kind, query in (
        ("calendar", select(Calendar.id, Calendar.name).where(Calendar.project_id == project_id)),
        ("prompt", select(Prompt.id, Prompt.name).where(Prompt.project_id == project_id)),
        ("flow", select(Flow.id, Flow.name).where(Flow.project_id == project_id, Flow.archived_at.is_(None))),
    ):
        found |= {(kind, str(one)): name for one, name in (await work.session.execute(query)).all()}
    found |= {("skill", str(one)): name for one, name in (await names_of_skills(work)).items()}
    people = await active_colleagues(work)
    return found | {("person", str(one.id)): f"{one.given_name} {one.family_name}" for one in people.values()}
