from typing import Annotated
from uuid import UUID

from fastapi import Depends, status

from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.listing import Page
from centrala.kit.work import Work
from centrala.routing import service
from centrala.routing.routes.common import Listing
from centrala.routing.schemas_work import NoticeIn, NoticeOut, ReaderOut, SentNoticeOut

router = Routes(prefix="/notices", tags=["notices"], responses=problems())

Mine = Annotated[Work, Depends(reading(), scope="function")]
Closing = Annotated[Work, Depends(working(), scope="function")]
Watching = Annotated[Work, Depends(reading(Permission.BOARD_READ), scope="function")]
Sending = Annotated[Work, Depends(working(Permission.OPERATORS_CONTROL), scope="function")]


@router.get("", operation_id="list_my_notices")
async def list_my_notices(work: Mine) -> list[NoticeOut]:
    """Your own unread notices, urgent ones first. The live topic `notices` tells when to look again."""
    return await service.list_unread(work)


@router.post("", operation_id="send_notice", status_code=status.HTTP_201_CREATED)
async def send_notice(work: Sending, form: NoticeIn) -> SentNoticeOut:
    return await service.send_notice(work, form)


@router.get("/sent", operation_id="list_sent_notices")
async def list_sent_notices(work: Watching, query: Listing) -> Page[SentNoticeOut]:
    """Notices and alerts of your projects with how many have closed them, the newest first. Sort by `at`."""
    found = await service.list_sent(work, query)
    return found.page(query, lambda notice: notice)


@router.get("/{notice_id}/readers", operation_id="list_notice_readers")
async def list_notice_readers(work: Watching, notice_id: UUID) -> list[ReaderOut]:
    """Whom it is for, and when they closed it."""
    return await service.list_readers(work, notice_id)


@router.post("/{notice_id}/read", operation_id="close_notice", status_code=status.HTTP_204_NO_CONTENT)
async def close_notice(work: Closing, notice_id: UUID) -> None:
    """You have read it."""
    await service.close_notice(work, notice_id)
