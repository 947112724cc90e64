"""Which flow a number leads to, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from centrala.ivr import service
from centrala.ivr.schemas import NumberFlowIn, NumberFlowOut
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.work import Work

router = Routes(prefix="/numbers", tags=["flows"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.FLOWS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.FLOWS_WRITE), scope="function")]


@router.get("", operation_id="list_number_flows")
async def list_number_flows(work: Reading, project_id: UUID | None = None) -> list[NumberFlowOut]:
    """All numbers with the flows that they lead to."""
    return await service.list_number_flows(work, project_id=project_id)


@router.get("/{number_id}/flow", operation_id="read_number_flow")
async def read_number_flow(work: Reading, number_id: UUID) -> NumberFlowOut:
    return await service.read_number_flow(work, number_id)


@router.put("/{number_id}/flow", operation_id="route_number", responses=problems(409))
async def route_number(work: Writing, number_id: UUID, form: NumberFlowIn) -> NumberFlowOut:
    """Calls to the number begin with a flow of its project from now on; null: they are refused."""
    return await service.route_number(work, number_id, form.flow_id)
