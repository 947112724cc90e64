"""What routing forgets: old notices, and intervals of states that no report reaches any more."""

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.routing.models import NoticeRow, OperatorStateRow

BATCH: Final = 5_000  # rows deleted in one transaction


async def forget_notices(session: AsyncSession, *, before: datetime) -> int:
    """Notices sent earlier, with who has read them, but for alerts that last; at most a batch, and how many."""
    over = NoticeRow.ended_at.is_not(None) | (NoticeRow.kind != "alert")
    return await _delete(session, NoticeRow, (NoticeRow.at < before) & over)


async def forget_states(session: AsyncSession, *, before: datetime) -> int:
    """Intervals that ended earlier; at most a batch, and how many."""
    return await _delete(session, OperatorStateRow, OperatorStateRow.until < before)


async def _delete(session: AsyncSession, row: Any, old: ColumnElement[bool]) -> int:
    some = select(row.id).where(old).limit(BATCH)
    gone = await session.execute(delete(row).where(row.id.in_(some)))
    return cast("CursorResult[Any]", gone).rowcount
