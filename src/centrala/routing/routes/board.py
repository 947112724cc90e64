from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading
from centrala.kit.work import Work
from centrala.routing import service
from centrala.routing.routes.common import Dispatching, OnBoard
from centrala.routing.schemas_work import BoardOut, Reasons, WaitingOut

router = Routes(tags=["board"], responses=problems())

Watching = Annotated[Work, Depends(reading(Permission.BOARD_READ), scope="function")]


@router.get("/board", operation_id="read_board")
async def read_board(work: Watching, board: OnBoard) -> BoardOut:
    """Queues of your projects and who serves them, now. `/api/board/live` goes on from here."""
    return board.shown(service.projects_of(work))


@router.get("/waiting", operation_id="list_waiting")
async def list_waiting(
    work: Watching, dispatcher: Dispatching, queue_id: Annotated[UUID | None, Query()] = None
) -> list[WaitingOut]:
    """Who waits, the longest first."""
    return await service.list_waiting(work, dispatcher, queue_id=queue_id)


@router.get("/waiting/{interaction_id}/why", operation_id="explain_waiting")
async def explain_waiting(work: Watching, interaction_id: UUID, dispatcher: Dispatching) -> Reasons:
    """Why the contact is not with an operator; codes in docs/routing.md, the strongest first."""
    return Reasons(reasons=await service.why_waiting(work, dispatcher, interaction_id))
