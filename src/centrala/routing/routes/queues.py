from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status

from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.listing import Page
from centrala.kit.work import Work
from centrala.routing import service
from centrala.routing.routes.common import Listing
from centrala.routing.schemas import MemberOut, MembersIn, QueueChange, QueueIn, QueueOut

router = Routes(prefix="/queues", tags=["queues"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.QUEUES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.QUEUES_WRITE), scope="function")]


def _tagged(response: Response, queue: QueueOut) -> QueueOut:
    tag(response, queue.version)
    return queue


@router.get("", operation_id="list_queues")
async def list_queues(
    work: Reading,
    query: Listing,
    project_id: Annotated[UUID | None, Query()] = None,
    archived: Annotated[bool, Query(description="With those that are archived.")] = False,  # noqa: FBT002 - by name
) -> Page[QueueOut]:
    """Queues. Sort by `name`."""
    found = await service.list_queues(work, query, project_id=project_id, archived=archived)
    return found.page(query, lambda queue: queue)


@router.post("", operation_id="create_queue", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_queue(work: Writing, form: QueueIn, response: Response) -> QueueOut:
    return _tagged(response, await service.create_queue(work, form))


@router.get("/{queue_id}", operation_id="read_queue")
async def read_queue(work: Reading, queue_id: UUID, response: Response) -> QueueOut:
    return _tagged(response, await service.read_queue(work, queue_id))


@router.patch("/{queue_id}", operation_id="change_queue", responses=problems(409, 412, 428))
async def change_queue(work: Writing, queue_id: UUID, form: QueueChange, read: IfMatch, response: Response) -> QueueOut:
    """Only the fields that are sent are changed. Contacts that wait keep their places."""
    return _tagged(response, await service.change_queue(work, queue_id, form, read=read))


@router.delete(
    "/{queue_id}",
    operation_id="archive_queue",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def archive_queue(work: Writing, queue_id: UUID, read: IfMatch) -> None:
    """Archived: who waits is closed, who talks goes on, figures stay."""
    await service.archive_queue(work, queue_id, read=read)


@router.get("/{queue_id}/operators", operation_id="list_queue_operators")
async def list_queue_operators(work: Reading, queue_id: UUID) -> list[MemberOut]:
    """Who serves the queue, by rank and name."""
    return await service.list_members(work, queue_id)


@router.put("/{queue_id}/operators", operation_id="set_queue_operators", responses=problems(409))
async def set_queue_operators(work: Writing, queue_id: UUID, form: MembersIn) -> list[MemberOut]:
    """Exactly these; people whom you do not see stay."""
    return await service.set_members(work, queue_id, form)
