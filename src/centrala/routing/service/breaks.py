"""Breaks: why people leave their desk, for how long, how many at once."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.search import folded
from centrala.kit.verbs import assign, refusing, require_centre
from centrala.kit.work import Work
from centrala.routing.errors import BreakNameTaken
from centrala.routing.events import break_cap_changed, break_changed, break_removed
from centrala.routing.models import BreakReasonRow, CentreBreaksRow
from centrala.routing.schemas import BreakCap, BreakChange, BreakIn, BreakOut

_TAKEN: Final = {"uq_break_reasons_name": BreakNameTaken}


async def list_breaks(work: Work) -> Sequence[BreakReasonRow]:
    query = select(BreakReasonRow).where(BreakReasonRow.archived_at.is_(None))
    return (await work.session.scalars(query.order_by(folded(BreakReasonRow.name), BreakReasonRow.id))).all()


async def read_break(work: Work, break_id: UUID) -> BreakReasonRow:
    row = await work.session.get(BreakReasonRow, break_id)
    if row is None or row.archived_at is not None:
        raise NotFound
    return row


async def reach_break(work: Work, break_id: UUID | None) -> BreakReasonRow:
    """The break that a form names."""
    row = await work.session.get(BreakReasonRow, break_id) if break_id is not None else None
    if row is None or row.archived_at is not None:
        raise InvalidField("break_id", "unknown_reference", "Choose the kind of break.")
    return row


async def read_break_cap(work: Work) -> BreakCap:
    """Of the whole centre."""
    row = await work.session.get(CentreBreaksRow, 1)
    return BreakCap(most=None if row is None else row.most)


async def set_break_cap(work: Work, form: BreakCap) -> BreakCap:
    """In force a moment later; who is on a break stays there."""
    require_centre(work)
    row = await work.session.get(CentreBreaksRow, 1, with_for_update=True)
    if row is None:
        row = CentreBreaksRow(id=1, most=form.most)
        work.session.add(row)
    elif row.most == form.most:
        return form
    row.most = form.most
    work.trace("break.cap_set", "break", "centre", most=form.most)
    work.tell(break_cap_changed())
    return form


async def create_break(work: Work, form: BreakIn) -> BreakReasonRow:
    require_centre(work)
    row = BreakReasonRow(id=new_id(), **form.model_dump(), version=1)
    async with refusing(work, _TAKEN):
        work.session.add(row)
    work.trace("break.created", "break", row.id)
    work.tell(break_changed(row.id))
    return row


async def change_break(work: Work, break_id: UUID, form: BreakChange, *, read: int) -> BreakReasonRow:
    row = await _locked(work, break_id, read=read)
    async with refusing(work, _TAKEN):
        changed = assign(row, form.sent())
        if changed:
            row.version += 1
            work.trace("break.changed", "break", row.id, fields=changed)
            work.tell(break_changed(row.id))
    return row


async def remove_break(work: Work, break_id: UUID, *, read: int) -> None:
    """Nobody may choose it any more; what was taken keeps its name."""
    row = await _locked(work, break_id, read=read)
    row.archived_at, row.version = work.now, row.version + 1
    work.trace("break.removed", "break", row.id)
    work.tell(break_removed(row.id))


async def _locked(work: Work, break_id: UUID, *, read: int) -> BreakReasonRow:
    require_centre(work)
    row = await work.session.scalar(select(BreakReasonRow).where(BreakReasonRow.id == break_id).with_for_update())
    if row is None or row.archived_at is not None:
        raise NotFound

    async def current() -> BreakOut:
        return BreakOut.model_validate(row)

    await same_version(row, read, current)
    return row
