"""Which flow a call to a number begins with."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.errors import FlowArchived
from centrala.ivr.events import number_routed
from centrala.ivr.models import Flow, NumberFlow
from centrala.ivr.schemas import NumberFlowOut
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.work import Work
from centrala.projects.service.sight import Number


async def list_number_flows(work: Work, *, project_id: UUID | None = None) -> list[NumberFlowOut]:
    """All numbers in sight, with their flows."""
    query = (
        select(Number, Flow)
        .outerjoin(NumberFlow, NumberFlow.number_id == Number.id)
        .outerjoin(Flow, Flow.id == NumberFlow.flow_id)
        .order_by(Number.e164)
    )
    if project_id is not None:
        query = query.where(Number.project_id == project_id)
    return [_show(number, flow) for number, flow in (await work.session.execute(query)).all()]


async def read_number_flow(work: Work, number_id: UUID) -> NumberFlowOut:
    number = await _reach(work, number_id)
    row = await work.session.get(NumberFlow, number_id)
    return _show(number, await work.session.get(Flow, row.flow_id) if row else None)


async def route_number(work: Work, number_id: UUID, flow_id: UUID | None) -> NumberFlowOut:
    """Let calls to the number begin with a flow of its project; None: with none, they are refused."""
    number = await _reach(work, number_id)
    flow = await _flow_of(work, number, flow_id) if flow_id is not None else None
    row = await work.session.get(NumberFlow, number_id, with_for_update=True)
    before = row.flow_id if row else None
    if before != flow_id:
        if row is not None:
            await work.session.delete(row)
            await work.session.flush()
        if flow is not None:
            work.session.add(NumberFlow(number_id=number.id, project_id=number.project_id, flow_id=flow.id))
        work.trace(
            "number.routed",
            "number",
            number.id,
            project_id=number.project_id,
            flow_id=str(flow_id) if flow_id else None,
        )
        work.tell(number_routed(number.id, project_id=number.project_id))
    return _show(number, flow)


async def flow_ids_of_numbers(work: Work, e164s: Sequence[str]) -> dict[str, UUID]:
    """The flow by number, for the program's own work."""
    query = (
        select(Number.e164, NumberFlow.flow_id)
        .join(NumberFlow, NumberFlow.number_id == Number.id)
        .where(Number.e164.in_(e164s))
    )
    return {e164: flow_id for e164, flow_id in (await work.session.execute(query)).all()}  # noqa: C416 - rows, not pairs


async def _reach(work: Work, number_id: UUID) -> Number:
    number = await work.session.get(Number, number_id)
    if number is None:
        raise NotFound
    return number


async def _flow_of(work: Work, number: Number, flow_id: UUID) -> Flow:
    flow = await work.session.get(Flow, flow_id, with_for_update=True)
    if flow is None or flow.project_id != number.project_id:
        raise InvalidField("flow_id", "unknown_reference", "The project has no such flow.")
    if flow.archived_at is not None:
        raise FlowArchived
    return flow


def _show(number: Number, flow: Flow | None) -> NumberFlowOut:
    return NumberFlowOut(
        number_id=number.id,
        project_id=number.project_id,
        e164=number.e164,
        label=number.label,
        flow_id=flow.id if flow else None,
        flow_name=flow.name if flow else None,
        published=flow.published if flow else None,
    )
