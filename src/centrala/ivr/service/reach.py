"""One door for each kind of object: what is not there and what is not yours look the same."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.errors import FlowArchived
from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.models import Flow, FlowVersion, Prompt
from centrala.kit.errors import NotFound
from centrala.kit.work import Work


async def reach_flow(work: Work, flow_id: UUID) -> Flow:
    flow = await work.session.get(Flow, flow_id)
    if flow is None:
        raise NotFound
    return flow


async def hold_flow(work: Work, flow_id: UUID) -> Flow:
    """The flow, locked for a change; archived ones too."""
    query = select(Flow).where(Flow.id == flow_id).with_for_update().execution_options(populate_existing=True)
    flow = await work.session.scalar(query)
    if flow is None:
        raise NotFound
    return flow


async def hold_active_flow(work: Work, flow_id: UUID) -> Flow:
    flow = await hold_flow(work, flow_id)
    if flow.archived_at is not None:
        raise FlowArchived
    return flow


async def reach_version(work: Work, flow: Flow, version_id: UUID) -> FlowVersion:
    query = select(FlowVersion).where(FlowVersion.id == version_id, FlowVersion.flow_id == flow.id)
    version = await work.session.scalar(query)
    if version is None:
        raise NotFound
    return version


async def published_versions(work: Work, flows: Collection[Flow]) -> dict[UUID, FlowVersion]:
    """The version that new calls run, by flow; flows that were never published are left out."""
    query = (
        select(FlowVersion)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .where(FlowVersion.flow_id.in_([flow.id for flow in flows]), FlowVersion.number == Flow.published)
    )
    return {version.flow_id: version for version in await work.session.scalars(query)}


async def hold_prompt(work: Work, prompt_id: UUID) -> Prompt:
    query = select(Prompt).where(Prompt.id == prompt_id).with_for_update().execution_options(populate_existing=True)
    prompt = await work.session.scalar(query)
    if prompt is None:
        raise NotFound
    return prompt


def draft_of(flow: Flow) -> FlowDefinition:
    return FlowDefinition.model_validate(flow.draft)


def definition_of(version: FlowVersion) -> FlowDefinition:
    return FlowDefinition.model_validate(version.definition)
