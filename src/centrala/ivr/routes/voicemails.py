"""Messages over HTTP; the sound is the recording's."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from centrala.ivr import service
from centrala.ivr.schemas import VoicemailChange, VoicemailOut
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work

router = Routes(prefix="/voicemails", tags=["voicemails"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.INTERACTIONS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.INTERACTIONS_READ), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


@router.get("", operation_id="list_voicemails")
async def list_voicemails(
    work: Reading, query: Listing, *, project_id: UUID | None = None, heard: bool | None = None
) -> Page[VoicemailOut]:
    """Messages, the newest first. Sort by `left_at`, `seconds` or `box`."""
    found = await service.list_voicemails(work, query, project_id=project_id, heard=heard)
    return found.page(query, VoicemailOut.model_validate)


@router.patch("/{voicemail_id}", operation_id="change_voicemail")
async def change_voicemail(work: Writing, voicemail_id: UUID, form: VoicemailChange) -> VoicemailOut:
    """Marks a message as heard, or as new again."""
    return VoicemailOut.model_validate(await service.change_voicemail(work, voicemail_id, form))
