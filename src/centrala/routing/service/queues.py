"""Queues: made, changed, archived."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing
from centrala.kit.work import Work
from centrala.projects.service import read_calendar
from centrala.projects.service.projects import reach_active_project
from centrala.routing.core.settings import TargetKind
from centrala.routing.errors import QueueArchived, QueueNameTaken, TooManyQueues
from centrala.routing.events import queue_changed
from centrala.routing.models import QueueOperatorRow, QueueRow
from centrala.routing.schemas import (
    MAX_QUEUES,
    QueueChange,
    QueueIn,
    QueueOut,
    QueueRules,
    TargetForm,
    Thresholds,
    plain,
)

SORTS: Final[Sorts] = {"name": folded(QueueRow.name)}
_TAKEN: Final = {"uq_queues_project_id_name": QueueNameTaken}


async def list_queues(
    work: Work, query: ListQuery, *, project_id: UUID | None = None, archived: bool = False
) -> Slice[QueueOut]:
    statement: Select[QueueRow] = select(QueueRow)
    if not archived:
        statement = statement.where(QueueRow.archived_at.is_(None))
    if project_id is not None:
        statement = statement.where(QueueRow.project_id == project_id)
    if query.q:
        statement = statement.where(matches(query.q, QueueRow.name))
    found = await fetch(work.session, statement, query, SORTS, QueueRow.id)
    counts = await _operators_of(work, (row.id for row in found.rows))
    return Slice(rows=[_shown(row, counts.get(row.id, 0)) for row in found.rows], total=found.total)


async def read_queue(work: Work, queue_id: UUID) -> QueueOut:
    row = await work.session.get(QueueRow, queue_id)
    if row is None:
        raise NotFound
    return await _with_count(work, row)


async def create_queue(work: Work, form: QueueIn) -> QueueOut:
    project = await reach_active_project(work, form.project_id, field="project_id")
    if (await work.session.scalar(select(func.count()).select_from(QueueRow)) or 0) >= MAX_QUEUES:
        raise TooManyQueues
    await _check_calendar(work, form.calendar_id, project.id)
    await _check_targets(work, form.rules, project.id, itself=None)
    row = QueueRow(
        id=new_id(),
        **form.model_dump(exclude={"rules", "thresholds"}),
        rules=plain(form.rules),
        thresholds=plain(form.thresholds),
    )
    async with refusing(work, _TAKEN):
        work.session.add(row)
    work.trace("queue.created", "queue", row.id, project_id=row.project_id)
    work.tell(queue_changed(row.id, project_id=row.project_id))
    return _shown(row, 0)


async def change_queue(work: Work, queue_id: UUID, form: QueueChange, *, read: int) -> QueueOut:
    """Change what was sent; `read` is the version that the sender has seen."""
    row = await _locked(work, queue_id, read=read)
    if row.archived_at is not None:
        raise QueueArchived
    sent = form.sent()
    if "calendar_id" in sent:
        await _check_calendar(work, sent["calendar_id"], row.project_id)
    if "rules" in sent:
        await _check_targets(work, sent["rules"], row.project_id, itself=row.id)
    for name in ("rules", "thresholds"):
        if name in sent:
            sent[name] = plain(sent[name])
    async with refusing(work, _TAKEN):
        changed = assign(row, sent)
        if changed:
            row.version += 1
            work.trace("queue.changed", "queue", row.id, project_id=row.project_id, fields=changed)
            work.tell(queue_changed(row.id, project_id=row.project_id))
    return await _with_count(work, row)


async def archive_queue(work: Work, queue_id: UUID, *, read: int) -> None:
    """Who waits in it is closed; who talks goes on. Its figures stay."""
    row = await _locked(work, queue_id, read=read)
    if row.archived_at is not None:
        raise QueueArchived
    row.archived_at, row.version = work.now, row.version + 1
    work.trace("queue.archived", "queue", row.id, project_id=row.project_id)
    work.tell(queue_changed(row.id, project_id=row.project_id))


async def reach_queue(work: Work, queue_id: UUID) -> QueueRow:
    """A queue that takes contacts."""
    row = await work.session.get(QueueRow, queue_id)
    if row is None:
        raise NotFound
    if row.archived_at is not None:
        raise QueueArchived
    return row


async def _check_calendar(work: Work, calendar_id: UUID | None, project_id: UUID) -> None:
    if calendar_id is None:
        return
    try:
        calendar = await read_calendar(work, calendar_id)
    except NotFound:
        calendar = None
    if calendar is None or calendar.project_id != project_id:
        raise InvalidField("calendar_id", "unknown_reference", "The project has no such calendar.")


async def _check_targets(work: Work, rules: QueueRules, project_id: UUID, *, itself: UUID | None) -> None:
    """Queues that the rules send to must be others of the same project: a contact keeps its project."""
    named: list[tuple[str, TargetForm | None]] = [
        ("rules.full", rules.full),
        ("rules.too_long", rules.too_long),
        ("rules.no_operator", rules.no_operator),
        ("rules.closed", rules.closed),
        *((f"rules.overflow.{place}.to", rule.to) for place, rule in enumerate(rules.overflow)),
    ]
    known = select(QueueRow.id).where(QueueRow.project_id == project_id, QueueRow.archived_at.is_(None))
    others = {str(one) for one in await work.session.scalars(known) if one != itself}
    for field, target in named:
        if target is not None and target.kind is TargetKind.QUEUE and target.value not in others:
            raise InvalidField(f"{field}.value", "unknown_reference", "The project has no other such queue.")


async def _operators_of(work: Work, ids: Iterable[UUID]) -> dict[UUID, int]:
    query = (
        select(QueueOperatorRow.queue_id, func.count().label("people"))
        .where(QueueOperatorRow.queue_id.in_(list(ids)))
        .group_by(QueueOperatorRow.queue_id)
    )
    return {row.queue_id: row.people for row in (await work.session.execute(query)).all()}


def _shown(row: QueueRow, operators: int) -> QueueOut:
    return QueueOut(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        note=row.note,
        rules=QueueRules.model_validate(row.rules),
        thresholds=Thresholds.model_validate(row.thresholds),
        calendar_id=row.calendar_id,
        music_prompt_id=row.music_prompt_id,
        announcement_prompt_id=row.announcement_prompt_id,
        operator_may_hang_up=row.operator_may_hang_up,
        operators=operators,
        archived_at=row.archived_at,
        version=row.version,
    )


async def _with_count(work: Work, row: QueueRow) -> QueueOut:
    return _shown(row, (await _operators_of(work, [row.id])).get(row.id, 0))


async def _locked(work: Work, queue_id: UUID, *, read: int) -> QueueRow:
    row = await work.session.scalar(select(QueueRow).where(QueueRow.id == queue_id).with_for_update())
    if row is None:
        raise NotFound

    async def current() -> QueueOut:
        return await _with_count(work, row)

    await same_version(row, read, current)
    return row
