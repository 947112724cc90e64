"""The front door of the SIP trace."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.work import Work
from centrala.telephony.trace.models import SipMessage

MAX_SHOWN: Final = 1_000  # messages of one call
SORTS: Final[Sorts] = {"-at": SipMessage.at, "at": SipMessage.at}
MEGABYTE: Final = 1_000_000


async def messages_of(work: Work, call_ids: Sequence[str]) -> tuple[Sequence[SipMessage], bool]:
    """The messages of some Call-IDs in the order of the wire, and whether there are more than are returned."""
    query = select(SipMessage).where(SipMessage.call_id.in_(list(call_ids))).order_by(SipMessage.at, SipMessage.id)
    found = (await work.session.scalars(query.limit(MAX_SHOWN + 1))).all()
    return found[:MAX_SHOWN], len(found) > MAX_SHOWN


async def find_messages(
    work: Work, query: ListQuery, *, call_id: str | None, number: str | None, method: str | None, failed: bool | None
) -> Slice[SipMessage]:
    """A page of all messages that are kept; leaves a trace, for it shows numbers in the clear."""
    rows = _filtered(call_id, number, method, failed=failed)
    found = await fetch(work.session, rows, query, SORTS, SipMessage.id)
    filters = {"call_id": call_id, "number": number, "method": method, "failed": failed}
    named = sorted(name for name, value in filters.items() if value is not None)
    work.trace("sip_trace.searched", "sip_trace", call_id or "list", filters=named, rows=len(found.rows))
    return found


def _filtered(
    call_id: str | None, number: str | None, method: str | None, *, failed: bool | None
) -> Select[SipMessage]:
    rows = select(SipMessage)
    if call_id is not None:
        rows = rows.where(SipMessage.call_id == call_id)
    if number is not None:
        user = number.strip()
        spellings = {user, user.removeprefix("+"), f"+{user.removeprefix('+')}"}
        rows = rows.where(or_(SipMessage.from_user.in_(spellings), SipMessage.to_user.in_(spellings)))
    if method is not None:
        rows = rows.where(SipMessage.method == method)
    if failed is not None:
        refused = func.coalesce(SipMessage.status, 0) >= 400
        rows = rows.where(refused if failed else ~refused)
    return rows


async def forget(session: AsyncSession, *, now: datetime, days: int, megabytes: int) -> int:
    """Delete what is too old, then the oldest beyond the cap; returns how many messages went."""
    gone = await session.scalars(
        delete(SipMessage).where(SipMessage.at < now - timedelta(days=days)).returning(SipMessage.id)
    )
    count = len(gone.all())
    total = func.sum(SipMessage.size).over(order_by=[SipMessage.at.desc(), SipMessage.id.desc()]).label("total")
    sums = select(SipMessage.at, total).subquery()
    limit = select(func.max(sums.c.at)).where(sums.c.total > megabytes * MEGABYTE)
    until = await session.scalar(limit)
    if until is not None:
        more = await session.scalars(delete(SipMessage).where(SipMessage.at <= until).returning(SipMessage.id))
        count += len(more.all())
    return count
