"""Notices into the store: by supervisors through the service, by the board about thresholds."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update

from centrala.kit.access import Permission
from centrala.kit.work import Work
from centrala.people.service import active_colleagues
from centrala.routing.events import notice_posted
from centrala.routing.models import NoticeReaderRow, NoticeRow
from centrala.security.service import permissions_of


async def post(work: Work, notice: NoticeRow, readers: Iterable[UUID]) -> NoticeRow:
    """Put a notice and its readers into the store, and tell the desks."""
    work.session.add(notice)
    await work.session.flush()
    work.session.add_all(
        NoticeReaderRow(notice_id=notice.id, person_id=person_id, project_id=notice.project_id) for person_id in readers
    )
    await work.session.flush()
    work.tell(notice_posted(notice.id, project_id=notice.project_id))
    return notice


async def supervisors_of(work: Work, project_id: UUID) -> list[UUID]:
    """Who gets a project's alerts: those who may steer operators and work on it."""
    people = await active_colleagues(work)
    return [
        one.id
        for one in people.values()
        if project_id in one.project_ids and Permission.OPERATORS_CONTROL in permissions_of(one.roles)
    ]


async def end_alert(work: Work, notice_id: UUID) -> None:
    """The figure is back on the right side; who has not read of it need not any more."""
    await work.session.execute(update(NoticeRow).where(NoticeRow.id == notice_id).values(ended_at=work.now))
    unread = update(NoticeReaderRow).where(NoticeReaderRow.notice_id == notice_id, NoticeReaderRow.read_at.is_(None))
    await work.session.execute(unread.values(read_at=work.now))
    project_id = await work.session.scalar(select(NoticeRow.project_id).where(NoticeRow.id == notice_id))
    work.tell(notice_posted(notice_id, project_id=project_id))
