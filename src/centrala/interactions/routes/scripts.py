from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.interactions import service
from centrala.interactions.schemas import ScriptChange, ScriptIn, ScriptOut
from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.work import Work

router = Routes(prefix="/project-scripts", tags=["project scripts"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.INTERACTIONS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.DISPOSITIONS_WRITE), scope="function")]


def _tagged(response: Response, shown: ScriptOut) -> ScriptOut:
    tag(response, shown.version)
    return shown


@router.get("", operation_id="list_scripts")
async def list_scripts(work: Reading, project_id: UUID | None = None, queue_id: UUID | None = None) -> list[ScriptOut]:
    """Scripts in their order; with a queue: those of the queue and those for every queue."""
    return await service.list_scripts(work, project_id=project_id, queue_id=queue_id)


@router.post("", operation_id="create_script", status_code=status.HTTP_201_CREATED)
async def create_script(work: Writing, form: ScriptIn, response: Response) -> ScriptOut:
    return _tagged(response, await service.create_script(work, form))


@router.get("/{script_id}", operation_id="read_script")
async def read_script(work: Reading, script_id: UUID, response: Response) -> ScriptOut:
    return _tagged(response, await service.read_script(work, script_id))


@router.patch("/{script_id}", operation_id="change_script", responses=problems(412, 428))
async def change_script(
    work: Writing, script_id: UUID, form: ScriptChange, read: IfMatch, response: Response
) -> ScriptOut:
    """Only the fields that are sent are changed."""
    return _tagged(response, await service.change_script(work, script_id, form, read=read))


@router.delete(
    "/{script_id}",
    operation_id="remove_script",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(412, 428),
)
async def remove_script(work: Writing, script_id: UUID, read: IfMatch) -> None:
    await service.remove_script(work, script_id, read=read)
