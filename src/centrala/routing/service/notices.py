"""Words to people: sent by a supervisor or by the program, unread until they are closed."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.verbs import require_centre
from centrala.kit.work import Work
from centrala.people.service import active_colleagues
from centrala.projects.service import in_sight
from centrala.routing.models import NoticeReaderRow, NoticeRow, QueueOperatorRow, QueueRow
from centrala.routing.posting import post
from centrala.routing.schemas_work import NoticeIn, NoticeOut, ReaderOut, SentNoticeOut

MAX_UNREAD: Final = 100  # notices of one person in one answer
KEPT: Final = timedelta(days=7)  # a notice older than that is not news
SORTS: Final[Sorts] = {"at": NoticeRow.at}


async def send_notice(work: Work, form: NoticeIn) -> SentNoticeOut:
    """Send to whom the form names, as far as the sender sees them."""
    project_id, readers = await _meant(work, form)
    notice = await post(
        work,
        NoticeRow(
            id=new_id(),
            project_id=project_id,
            queue_id=form.queue_id,
            kind="broadcast",
            urgent=form.urgent,
            text=form.text,
            sent_by=work.access.account_id if work.access else None,
            at=work.now,
        ),
        readers,
    )
    work.trace("notice.sent", "notice", notice.id, project_id=project_id, readers=len(readers))
    return SentNoticeOut(**_fields(notice, await _name_of(work, form.queue_id)), readers=len(readers), read=0)


async def tell_of_state(work: Work, person_id: UUID, reason: str) -> None:
    """Let somebody know that a supervisor has set their state, and why."""
    notice = NoticeRow(
        id=new_id(),
        project_id=await _project_for_people(work, None, [person_id]),
        kind="state",
        urgent=True,
        text=reason,
        sent_by=work.access.account_id if work.access else None,
        at=work.now,
    )
    await post(work, notice, [person_id])


async def list_unread(work: Work) -> list[NoticeOut]:
    """The actor's own unread notices, urgent ones first, then the newest."""
    query = (
        select(NoticeRow, QueueRow.name)
        .outerjoin(QueueRow, QueueRow.id == NoticeRow.queue_id)
        .join(NoticeReaderRow, NoticeReaderRow.notice_id == NoticeRow.id)
        .where(
            NoticeReaderRow.person_id == _me(work), NoticeReaderRow.read_at.is_(None), NoticeRow.at > work.now - KEPT
        )
        .order_by(NoticeRow.urgent.desc(), NoticeRow.at.desc(), NoticeRow.id)
        .limit(MAX_UNREAD)
    )
    return [NoticeOut(**_fields(notice, name)) for notice, name in (await work.session.execute(query)).all()]


async def close_notice(work: Work, notice_id: UUID) -> None:
    """The actor has read it; a second time changes nothing."""
    query = select(NoticeReaderRow).where(
        NoticeReaderRow.notice_id == notice_id, NoticeReaderRow.person_id == _me(work)
    )
    row = await work.session.scalar(query)
    if row is None:
        raise NotFound
    if row.read_at is None:
        row.read_at = work.now


async def list_sent(work: Work, query: ListQuery) -> Slice[SentNoticeOut]:
    """All notices that the actor sees, with how many have closed them."""
    found = await fetch(work.session, select(NoticeRow), _newest_first(query), SORTS, NoticeRow.id)
    ids = [row.id for row in found.rows]
    counts = (
        select(NoticeReaderRow.notice_id, func.count(), func.count(NoticeReaderRow.read_at))
        .where(NoticeReaderRow.notice_id.in_(ids))
        .group_by(NoticeReaderRow.notice_id)
    )
    read = {notice: (readers, closed) for notice, readers, closed in (await work.session.execute(counts)).all()}
    names = await _names_of(work, [row.queue_id for row in found.rows if row.queue_id])
    rows = []
    for row in found.rows:
        readers, closed = read.get(row.id, (0, 0))
        name = names.get(row.queue_id) if row.queue_id else None
        rows.append(SentNoticeOut(**_fields(row, name), readers=readers, read=closed))
    return Slice(rows=rows, total=found.total)


async def list_readers(work: Work, notice_id: UUID) -> list[ReaderOut]:
    """Whom a notice is for and who has closed it, as far as the actor sees them."""
    if await work.session.get(NoticeRow, notice_id) is None:
        raise NotFound
    query = select(NoticeReaderRow.person_id, NoticeReaderRow.read_at).where(NoticeReaderRow.notice_id == notice_id)
    read = {row.person_id: row.read_at for row in (await work.session.execute(query)).all()}
    people = await active_colleagues(work, read)
    return [
        ReaderOut(person_id=one.id, given_name=one.given_name, family_name=one.family_name, read_at=read[one.id])
        for one in people.values()
    ]


async def _meant(work: Work, form: NoticeIn) -> tuple[UUID | None, list[UUID]]:
    """The project that the notice belongs to, and its readers."""
    if form.people:
        people = await active_colleagues(work, form.people)
        for place, person_id in enumerate(form.people):
            if person_id not in people:
                raise InvalidField(f"people.{place}", "unknown_reference", "There is no such person.")
        return await _project_for_people(work, form.project_id, people.keys()), list(people)
    if form.queue_id is not None:
        queue = await work.session.get(QueueRow, form.queue_id)
        if queue is None or (form.project_id is not None and queue.project_id != form.project_id):
            raise InvalidField("queue_id", "unknown_reference", "There is no such queue.")
        serving = select(QueueOperatorRow.person_id).where(QueueOperatorRow.queue_id == queue.id)
        return queue.project_id, list((await work.session.scalars(serving)).all())
    everybody = (await active_colleagues(work)).values()
    if form.project_id is None:
        require_centre(work)
        return None, [one.id for one in everybody]
    if form.project_id not in {project.id for project in await in_sight(work)}:
        raise InvalidField("project_id", "unknown_reference", "There is no such project.")
    return form.project_id, [one.id for one in everybody if form.project_id in one.project_ids]


async def _project_for_people(work: Work, wanted: UUID | None, people: Iterable[UUID]) -> UUID | None:
    """A notice to people by name belongs to a project that the sender sees; those of the centre need none."""
    mine = [project.id for project in await in_sight(work)]
    if wanted is not None:
        if wanted not in mine:
            raise InvalidField("project_id", "unknown_reference", "There is no such project.")
        return wanted
    if work.access is None or work.access.wall.centre:
        return None
    found = await active_colleagues(work, list(people))
    shared = [one for one in mine if all(one in person.project_ids for person in found.values())]
    return (shared or mine)[0]


def _me(work: Work) -> UUID:
    if work.access is None:
        raise NotFound
    return work.access.account_id


async def _names_of(work: Work, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await work.session.execute(select(QueueRow.id, QueueRow.name).where(QueueRow.id.in_(ids)))
    return {row.id: row.name for row in rows}


async def _name_of(work: Work, queue_id: UUID | None) -> str | None:
    return (await _names_of(work, [queue_id])).get(queue_id) if queue_id else None


def _newest_first(query: ListQuery) -> ListQuery:
    return query if query.sort else query.model_copy(update={"sort": "-at"})


def _fields(notice: NoticeRow, queue_name: str | None) -> dict[str, Any]:
    names = (
        "id", "kind", "urgent", "text", "project_id", "queue_id", "sent_by", "at", "measure", "value", "threshold",
        "ended_at",
    )  # fmt: skip
    return {name: getattr(notice, name) for name in names} | {"queue_name": queue_name}
