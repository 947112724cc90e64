from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.interactions import service
from centrala.interactions.schemas import (
    DispositionChange,
    DispositionIn,
    DispositionKind,
    DispositionOrder,
    DispositionOut,
)
from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.work import Work

router = Routes(prefix="/dispositions", tags=["dispositions"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.INTERACTIONS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.DISPOSITIONS_WRITE), scope="function")]


def _tagged(response: Response, shown: DispositionOut) -> DispositionOut:
    tag(response, shown.version)
    return shown


@router.get("", operation_id="list_dispositions")
async def list_dispositions(
    work: Reading,
    project_id: UUID | None = None,
    kind: DispositionKind | None = None,
    archived: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> list[DispositionOut]:
    """The trees of the projects in sight, in their order; `archived` shows what is archived too."""
    return await service.list_dispositions(work, project_id=project_id, kind=kind, archived=archived)


@router.post("", operation_id="create_disposition", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_disposition(work: Writing, form: DispositionIn, response: Response) -> DispositionOut:
    return _tagged(response, await service.create_disposition(work, form))


@router.put("/order", operation_id="order_dispositions", responses=problems(409))
async def order_dispositions(work: Writing, form: DispositionOrder) -> list[DispositionOut]:
    """Put all nodes below one parent into another order; 409 when the tree has changed since it was read."""
    return await service.order_dispositions(work, form)


@router.get("/{disposition_id}", operation_id="read_disposition")
async def read_disposition(work: Reading, disposition_id: UUID, response: Response) -> DispositionOut:
    return _tagged(response, await service.read_disposition(work, disposition_id))


@router.patch("/{disposition_id}", operation_id="change_disposition", responses=problems(409, 412, 428))
async def change_disposition(
    work: Writing, disposition_id: UUID, form: DispositionChange, read: IfMatch, response: Response
) -> DispositionOut:
    """Only the fields that are sent are changed."""
    return _tagged(response, await service.change_disposition(work, disposition_id, form, read=read))


@router.post("/{disposition_id}/archive", operation_id="archive_disposition", responses=problems(409, 412, 428))
async def archive_disposition(work: Writing, disposition_id: UUID, read: IfMatch, response: Response) -> DispositionOut:
    """Take it out of use; contacts that have it keep it."""
    return _tagged(response, await service.archive_disposition(work, disposition_id, read=read))


@router.post("/{disposition_id}/restore", operation_id="restore_disposition", responses=problems(409, 412, 428))
async def restore_disposition(work: Writing, disposition_id: UUID, read: IfMatch, response: Response) -> DispositionOut:
    return _tagged(response, await service.restore_disposition(work, disposition_id, read=read))
