"""Recordings and parties of calls, for the rooms above that keep them, show them and must forget them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.work import Work
from centrala.telephony.calls.models import CallRow, LegRow, RecordingRow
from centrala.telephony.trace.service import FORGET_CALLS

__all__ = ["RecordingRow", "ended_between", "forget_parties", "recordings"]


async def recordings(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, RecordingRow]:
    """The rows of recordings by their ids."""
    if not ids:
        return {}
    rows = await session.scalars(select(RecordingRow).where(RecordingRow.id.in_(ids)))
    return {row.id: row for row in rows}


async def ended_between(
    session: AsyncSession, since: datetime, until: datetime, *, most: int
) -> Sequence[RecordingRow]:
    """Recordings that began in a span of time and have ended, the oldest first."""
    query = (
        select(RecordingRow)
        .where(RecordingRow.started_at >= since, RecordingRow.started_at < until, RecordingRow.ended_at.is_not(None))
        .order_by(RecordingRow.started_at, RecordingRow.id)
        .limit(most)
    )
    return (await session.scalars(query)).all()


async def forget_parties(work: Work, calls: Collection[UUID]) -> None:
    """Wipe numbers and names from the records of calls and, by a job, their SIP messages; figures and moments stay."""
    if not calls:
        return
    await work.session.execute(update(CallRow).where(CallRow.id.in_(calls)).values(caller="", callee=""))
    wiped = update(LegRow).where(LegRow.call_id.in_(calls)).values(peer="", display="", local="")
    if call_ids := sorted(set(await work.session.scalars(wiped.returning(LegRow.sip_call_id))) - {""}):
        work.later(FORGET_CALLS, call_ids=call_ids)
