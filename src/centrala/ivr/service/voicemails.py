"""Messages that callers left: kept, listed, marked as heard."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.ivr.events import voicemail_left
from centrala.ivr.models import Voicemail
from centrala.ivr.schemas import VoicemailChange
from centrala.kit.errors import NotFound
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.search import matches
from centrala.kit.work import Work

SORTS: Final[Sorts] = {"left_at": Voicemail.left_at, "seconds": Voicemail.seconds, "box": Voicemail.box}


async def keep_voicemail(
    work: Work,
    *,
    project_id: UUID,
    interaction_id: UUID,
    recording_id: UUID | None,
    box: str,
    language: str,
    seconds: float,
    left_at: datetime,
) -> Voicemail:
    """Remember a message; for the program's own work, behind the project's wall."""
    voicemail = Voicemail(
        id=new_id(),
        project_id=project_id,
        interaction_id=interaction_id,
        recording_id=recording_id,
        box=box,
        language=language,
        seconds=seconds,
        left_at=left_at,
    )
    work.session.add(voicemail)
    work.tell(voicemail_left(voicemail.id, project_id=project_id))
    return voicemail


async def list_voicemails(
    work: Work, query: ListQuery, *, project_id: UUID | None = None, heard: bool | None = None
) -> Slice[Voicemail]:
    statement = select(Voicemail)
    if project_id is not None:
        statement = statement.where(Voicemail.project_id == project_id)
    if heard is not None:
        statement = statement.where(Voicemail.heard_at.is_not(None) if heard else Voicemail.heard_at.is_(None))
    if query.q:
        statement = statement.where(matches(query.q, Voicemail.box))
    newest_first = query if query.sort else query.model_copy(update={"sort": "-left_at"})
    return await fetch(work.session, statement, newest_first, SORTS, Voicemail.id)


async def change_voicemail(work: Work, voicemail_id: UUID, form: VoicemailChange) -> Voicemail:
    """Mark a message as heard, or as new again."""
    voicemail = await work.session.get(Voicemail, voicemail_id, with_for_update=True)
    if voicemail is None:
        raise NotFound
    heard = form.sent().get("heard")
    if heard is not None and heard != (voicemail.heard_at is not None):
        voicemail.heard_at = work.now if heard else None
        voicemail.heard_by = work.access.account_id if heard and work.access else None
        work.trace("voicemail.heard", "voicemail", voicemail.id, project_id=voicemail.project_id, heard=heard)
    return voicemail
