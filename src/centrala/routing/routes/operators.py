from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.work import Work
from centrala.routing import service
from centrala.routing.routes.common import Dispatching
from centrala.routing.schemas import CapacityIn, CapacityOut, ServedIn, ServedOut
from centrala.routing.schemas_work import (
    CheckOut,
    ForcedStateIn,
    PairReasons,
    StateOut,
)

router = Routes(prefix="/operators", tags=["operators"], responses=problems())

Watching = Annotated[Work, Depends(reading(Permission.BOARD_READ), scope="function")]
Reading = Annotated[Work, Depends(reading(Permission.QUEUES_READ), scope="function")]
Steering = Annotated[Work, Depends(working(Permission.OPERATORS_CONTROL), scope="function")]


@router.get("/{person_id}/routing", operation_id="read_operator_capacity")
async def read_operator_capacity(work: Reading, person_id: UUID) -> CapacityOut:
    """How many contacts of each channel the person holds at once."""
    return await service.read_capacity(work, person_id)


@router.put("/{person_id}/routing", operation_id="set_operator_capacity")
async def set_operator_capacity(work: Steering, person_id: UUID, form: CapacityIn) -> CapacityOut:
    return await service.set_capacity(work, person_id, form)


@router.get("/{person_id}/queues", operation_id="list_operator_queues")
async def list_operator_queues(work: Reading, person_id: UUID) -> ServedOut:
    return await service.list_served(work, person_id)


@router.put("/{person_id}/queues", operation_id="set_operator_queues")
async def set_operator_queues(work: Steering, person_id: UUID, form: ServedIn) -> ServedOut:
    """Move the person between the queues that you see; contacts in hand stay."""
    return await service.set_served(work, person_id, form)


@router.get("/{person_id}/state", operation_id="read_operator_state")
async def read_operator_state(work: Watching, person_id: UUID, dispatcher: Dispatching) -> StateOut:
    await service.reach_colleague(work, person_id)
    return await service.read_state(dispatcher, person_id, projects=service.projects_of(work))


@router.post("/{person_id}/state", operation_id="force_operator_state", responses=problems(409))
async def force_operator_state(
    work: Steering, person_id: UUID, form: ForcedStateIn, dispatcher: Dispatching
) -> StateOut:
    """Set somebody's state, with a reason for the audit trail."""
    return await service.force_state(work, dispatcher, person_id, form)


@router.get("/{person_id}/why", operation_id="explain_operator")
async def explain_operator(
    work: Watching,
    person_id: UUID,
    dispatcher: Dispatching,
    interaction: Annotated[UUID | None, Query(description="Why not this contact.")] = None,
) -> PairReasons:
    """Why the person is offered nothing; codes in docs/routing.md, the strongest first."""
    reasons = await service.why_operator(work, dispatcher, person_id, interaction_id=interaction)
    return PairReasons(reasons=reasons)


@router.get("/{person_id}/selftest", operation_id="read_operator_check")
async def read_operator_check(work: Watching, person_id: UUID) -> CheckOut | None:
    """The last check of a person's desk; null when there was none."""
    await service.reach_colleague(work, person_id)
    return await service.read_check(work, person_id)
