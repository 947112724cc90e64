"""Flows: drawn, changed, copied, archived."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from centrala.ivr.errors import (
    FlowArchived,
    FlowInUse,
    FlowNameTaken,
    FlowNotArchived,
    TooManyFlows,
)
from centrala.ivr.events import flow_changed
from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.models import Flow, NumberFlow
from centrala.ivr.schemas import FlowChange, FlowIn, FlowState, FlowWhole
from centrala.ivr.service.reach import hold_active_flow, hold_flow
from centrala.ivr.service.shown import show_flow
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing
from centrala.kit.work import Work
from centrala.projects.service.projects import reach_active_project

MAX_FLOWS: Final = 500  # of one project, archived ones too
SORTS: Final[Sorts] = {"name": folded(Flow.name), "changed_at": Flow.changed_at}
_TAKEN: Final = {"uq_flows_project_id_name": FlowNameTaken}


def _matching(query: ListQuery, *, project_id: UUID | None, state: FlowState) -> Select[Flow]:
    statement = select(Flow)
    if state is not FlowState.ALL:
        archived = Flow.archived_at.is_not(None)
        statement = statement.where(archived if state is FlowState.ARCHIVED else ~archived)
    if project_id is not None:
        statement = statement.where(Flow.project_id == project_id)
    if query.q:
        statement = statement.where(matches(query.q, Flow.name, Flow.note))
    return statement


async def list_flows(
    work: Work, query: ListQuery, *, project_id: UUID | None = None, state: FlowState = FlowState.ACTIVE
) -> Slice[Flow]:
    return await fetch(work.session, _matching(query, project_id=project_id, state=state), query, SORTS, Flow.id)


async def create_flow(work: Work, form: FlowIn) -> Flow:
    project = await reach_active_project(work, form.project_id, field="project_id")
    return await make_flow(work, project.id, name=form.name, note=form.note, draft=form.definition)


async def make_flow(work: Work, project_id: UUID, *, name: str, note: str, draft: FlowDefinition) -> Flow:
    count = await work.session.scalar(select(func.count()).select_from(Flow).where(Flow.project_id == project_id))
    if (count or 0) >= MAX_FLOWS:
        raise TooManyFlows(extra={"limit": MAX_FLOWS})
    flow = Flow(
        id=new_id(),
        project_id=project_id,
        name=name,
        note=note,
        draft=draft.model_dump(mode="json"),
        published=None,
        changed_at=work.now,
    )
    async with refusing(work, _TAKEN):
        work.session.add(flow)
    work.trace("flow.created", "flow", flow.id, project_id=project_id)
    work.tell(flow_changed(flow.id, project_id=project_id))
    work.later("ivr.render_flow", flow_id=str(flow.id), project_id=str(project_id))
    return flow


async def change_flow(work: Work, flow_id: UUID, form: FlowChange, *, read: int) -> Flow:
    flow = await hold_active_flow(work, flow_id)
    await require_version(work, flow, read)
    async with refusing(work, _TAKEN):
        changed = assign(flow, form.sent())
        if changed:
            touch(work, flow, "changed", fields=changed)
    return flow


async def save_draft(work: Work, flow_id: UUID, definition: FlowDefinition, *, read: int) -> Flow:
    """Replace the draft; calls notice nothing before it is published."""
    flow = await hold_active_flow(work, flow_id)
    await require_version(work, flow, read)
    draft = definition.model_dump(mode="json")
    if draft != flow.draft:
        flow.draft = draft
        touch(work, flow, "draft_saved", nodes=len(definition.nodes))
        work.later("ivr.render_flow", flow_id=str(flow.id), project_id=str(flow.project_id))
    return flow


async def archive_flow(work: Work, flow_id: UUID, *, read: int) -> Flow:
    """Put a flow away that no number leads to; calls that run it finish."""
    flow = await hold_flow(work, flow_id)
    await require_version(work, flow, read)
    if flow.archived_at is not None:
        raise FlowArchived
    if await work.session.scalar(select(NumberFlow.number_id).where(NumberFlow.flow_id == flow.id).limit(1)):
        raise FlowInUse
    flow.archived_at = work.now
    touch(work, flow, "archived")
    return flow


async def restore_flow(work: Work, flow_id: UUID, *, read: int) -> Flow:
    flow = await hold_flow(work, flow_id)
    await require_version(work, flow, read)
    if flow.archived_at is None:
        raise FlowNotArchived
    async with refusing(work, _TAKEN):
        flow.archived_at = None
        touch(work, flow, "restored")
    return flow


async def require_version(work: Work, flow: Flow, read: int) -> None:
    async def current() -> FlowWhole:
        return await show_flow(work, flow)

    await same_version(flow, read, current)


def touch(work: Work, flow: Flow, happened: str, **details: Any) -> None:
    """Count the version up, and let the trace and the fact out."""
    flow.version += 1
    flow.changed_at = work.now
    work.trace(f"flow.{happened}", "flow", flow.id, project_id=flow.project_id, **details)
    work.tell(flow_changed(flow.id, project_id=flow.project_id))
