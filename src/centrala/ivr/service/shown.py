"""Flows as they are answered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.difference import difference, same
from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.models import Flow, FlowVersion, NumberFlow
from centrala.ivr.schemas import FlowNumber, FlowOut, FlowWhole
from centrala.ivr.service.reach import definition_of, draft_of, published_versions
from centrala.kit.work import Work
from centrala.projects.service import read_project
from centrala.projects.service.sight import Number


async def show_flows(work: Work, flows: Sequence[Flow]) -> list[FlowOut]:
    """The flows of a list."""
    versions = await published_versions(work, flows)
    numbers = await numbers_of(work, [flow.id for flow in flows])
    return [
        FlowOut(
            id=flow.id,
            project_id=flow.project_id,
            name=flow.name,
            note=flow.note,
            published=flow.published,
            published_at=versions[flow.id].published_at if flow.id in versions else None,
            unpublished_changes=flow.id not in versions or _differs(versions[flow.id], flow),
            numbers=numbers.get(flow.id, []),
            changed_at=flow.changed_at,
            archived_at=flow.archived_at,
            version=flow.version,
        )
        for flow in flows
    ]


def _differs(version: FlowVersion, flow: Flow) -> bool:
    """Most flows of a list are as they were published: those are not even parsed."""
    return version.definition != flow.draft and not same(definition_of(version), draft_of(flow))


async def show_flow(work: Work, flow: Flow) -> FlowWhole:
    """The flow with its draft."""
    [shown] = await show_flows(work, [flow])
    version = (await published_versions(work, [flow])).get(flow.id)
    draft = draft_of(flow)
    return FlowWhole(
        **shown.model_dump(),
        draft=draft,
        languages=(await read_project(work, flow.project_id)).languages,
        difference=difference(definition_of(version) if version else FlowDefinition(), draft),
    )


async def numbers_of(work: Work, flow_ids: Sequence[UUID]) -> dict[UUID, list[FlowNumber]]:
    """The numbers that lead to each flow."""
    query = (
        select(NumberFlow.flow_id, Number)
        .join(Number, Number.id == NumberFlow.number_id)
        .where(NumberFlow.flow_id.in_(flow_ids))
        .order_by(Number.e164)
    )
    found: dict[UUID, list[FlowNumber]] = {}
    for flow_id, number in (await work.session.execute(query)).all():
        found.setdefault(flow_id, []).append(FlowNumber.model_validate(number))
    return found
