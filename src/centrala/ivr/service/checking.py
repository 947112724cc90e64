"""Checks a flow against what there is in its project."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.check import FlowFrame, check
from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.models import Flow, FlowVersion, Prompt, PromptSound
from centrala.ivr.schemas import FlowChecked, Severity
from centrala.ivr.service.reach import draft_of, reach_flow
from centrala.ivr.speech import VOICES
from centrala.kit.listing import MAX_PAGE_SIZE, ListQuery
from centrala.kit.work import Work
from centrala.people.service.abilities import names_of_skills
from centrala.people.service.colleagues import active_colleagues
from centrala.projects.service import read_project
from centrala.projects.service.sight import Calendar
from centrala.routing import service as routing

_EVERYTHING: Final = ListQuery(page_size=MAX_PAGE_SIZE)


async def check_stored(
    work: Work, flow_id: UUID, definition: FlowDefinition | None, *, hosts: Collection[str]
) -> FlowChecked:
    """The draft, or what somebody draws right now."""
    flow = await reach_flow(work, flow_id)
    checked, _ = await check_flow(work, flow, definition or draft_of(flow), hosts)
    return checked


async def check_flow(
    work: Work, flow: Flow, definition: FlowDefinition, hosts: Collection[str]
) -> tuple[FlowChecked, FlowFrame]:
    frame = await frame_of(work, flow.project_id, own=flow.id, hosts=hosts)
    findings = check(definition, frame)
    publishable = all(finding.severity is not Severity.ERROR for finding in findings)
    return FlowChecked(findings=findings, publishable=publishable), frame


async def frame_of(work: Work, project_id: UUID, *, own: UUID | None, hosts: Collection[str] = ()) -> FlowFrame:
    """What flows of a project can refer to."""
    project = await read_project(work, project_id)
    calendars = await work.session.scalars(select(Calendar.id).where(Calendar.project_id == project_id))
    return FlowFrame(
        languages=tuple(project.languages),
        voices=frozenset(VOICES),
        queues=frozenset(await queue_names(work, project_id)),
        calendars=frozenset(calendars),
        people=frozenset(await active_colleagues(work)),
        skills=frozenset(await names_of_skills(work)),
        prompts=await _prompts(work, project_id),
        flows=await _flows(work, project_id),
        own=own,
        hosts=frozenset(hosts),
    )


async def queue_names(work: Work, project_id: UUID) -> dict[UUID, str]:
    """The queues of a project in use."""
    found: dict[UUID, str] = {}
    query = _EVERYTHING
    while True:
        rows = await routing.list_queues(work, query, project_id=project_id)
        found |= {queue.id: queue.name for queue in rows.rows}
        if len(found) >= rows.total or not rows.rows:
            return found
        query = query.model_copy(update={"page": query.page + 1})


async def _prompts(work: Work, project_id: UUID) -> dict[UUID, frozenset[str]]:
    texts = await work.session.execute(select(Prompt.id, Prompt.texts).where(Prompt.project_id == project_id))
    found = {prompt: {language for language, text in said.items() if text} for prompt, said in texts.all()}
    sounds = await work.session.execute(
        select(PromptSound.prompt_id, PromptSound.language).where(PromptSound.project_id == project_id)
    )
    for prompt, language in sounds.all():
        found[prompt].add(language)
    return {prompt: frozenset(languages) for prompt, languages in found.items()}


async def _flows(work: Work, project_id: UUID) -> dict[UUID, FlowDefinition]:
    query = (
        select(FlowVersion.flow_id, FlowVersion.definition)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .where(Flow.project_id == project_id, Flow.archived_at.is_(None), FlowVersion.number == Flow.published)
    )
    rows = (await work.session.execute(query)).all()
    return {flow_id: FlowDefinition.model_validate(definition) for flow_id, definition in rows}
