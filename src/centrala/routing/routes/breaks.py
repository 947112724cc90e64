from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.work import Work
from centrala.routing import service
from centrala.routing.schemas import BreakCap, BreakChange, BreakIn, BreakOut

router = Routes(prefix="/breaks", tags=["breaks"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.QUEUES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.BREAKS_WRITE), scope="function")]


@router.get("", operation_id="list_breaks")
async def list_breaks(work: Reading) -> list[BreakOut]:
    """All kinds of breaks, by name."""
    return [BreakOut.model_validate(row) for row in await service.list_breaks(work)]


@router.get("/cap", operation_id="read_break_cap")
async def read_break_cap(work: Reading) -> BreakCap:
    """How many of the whole centre may be on a break at once."""
    return await service.read_break_cap(work)


@router.put("/cap", operation_id="set_break_cap")
async def set_break_cap(work: Writing, form: BreakCap) -> BreakCap:
    """Who is on a break stays there; a supervisor may force somebody past it."""
    return await service.set_break_cap(work, form)


@router.post("", operation_id="create_break", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_break(work: Writing, form: BreakIn, response: Response) -> BreakOut:
    """By people of the centre: a break is the same in all projects."""
    row = await service.create_break(work, form)
    tag(response, row.version)
    return BreakOut.model_validate(row)


@router.patch("/{break_id}", operation_id="change_break", responses=problems(409, 412, 428))
async def change_break(work: Writing, break_id: UUID, form: BreakChange, read: IfMatch, response: Response) -> BreakOut:
    row = await service.change_break(work, break_id, form, read=read)
    tag(response, row.version)
    return BreakOut.model_validate(row)


@router.delete(
    "/{break_id}", operation_id="remove_break", status_code=status.HTTP_204_NO_CONTENT, responses=problems(412, 428)
)
async def remove_break(work: Writing, break_id: UUID, read: IfMatch) -> None:
    """Nobody may choose it any more; what was taken keeps its name."""
    await service.remove_break(work, break_id, read=read)
