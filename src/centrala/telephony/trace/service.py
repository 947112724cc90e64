"""The front door of the SIP trace."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, Text, column, delete, exists, func, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Permission
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.verbs import require
from centrala.kit.work import Work
from centrala.telephony.trace.models import SipMessage

MAX_SHOWN: Final = 1_000  # messages of one call
SORTS: Final[Sorts] = {"-at": SipMessage.at, "at": SipMessage.at}
FORGET_CALLS: Final = "telephony.forget_sip_of_calls"
"""The job that deletes the messages of `call_ids`: only the centre's own scope reaches them."""
MEGABYTE: Final = 1_000_000
_HEADER: Final = (
    *("at", "direction", "transport", "local", "remote", "method", "status", "first_line"),
    *("from_user", "to_user", "call_id", "size"),
)
_LEGS: Final = table("call_legs", column("sip_call_id", Text))
"""Named by its columns: the trace stands below the calls, and only asks whether one has this Call-ID."""


async def messages_of(work: Work, call_ids: Sequence[str]) -> tuple[Sequence[SipMessage], bool]:
    """The messages of some Call-IDs in the order of the wire, and whether there are more than are returned."""
    query = select(SipMessage).where(SipMessage.call_id.in_(list(call_ids))).order_by(SipMessage.at, SipMessage.id)
    found = (await work.session.scalars(query.limit(MAX_SHOWN + 1))).all()
    return found[:MAX_SHOWN], len(found) > MAX_SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilters:
    """What a search of messages is narrowed to."""

    call_id: str | None = None
    number: str | None = None
    method: str | None = None
    remote: str | None = None
    status: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    failed: bool | None = None
    in_call: bool | None = None

    def named(self) -> list[str]:
        """Names of those that are set; an audit row holds no numbers and addresses."""
        return sorted(name for name, value in asdict(self).items() if value is not None)


async def find_messages(work: Work, query: ListQuery, filters: MessageFilters) -> Slice[SipMessage]:
    """A page of all messages that are kept; leaves a trace, for it shows numbers in the clear."""
    found = await fetch(work.session, _filtered(filters), query, SORTS, SipMessage.id)
    work.trace(
        "sip_trace.searched", "sip_trace", filters.call_id or "list", filters=filters.named(), rows=len(found.rows)
    )
    return found


async def export_messages(work: Work, query: ListQuery, filters: MessageFilters) -> str:
    """The same as CSV, without the texts of the messages."""
    require(work, Permission.EXPORT)
    rows = [row async for row in all_rows(work.session, _filtered(filters), query, SORTS, SipMessage.id)]
    work.trace("sip_trace.exported", "sip_trace", "list", filters=filters.named(), rows=len(rows))
    return csv_text(_HEADER, ([getattr(row, name) for name in _HEADER] for row in rows))


def _filtered(wanted: MessageFilters) -> Select[SipMessage]:
    rows = select(SipMessage)
    if wanted.call_id is not None:
        rows = rows.where(SipMessage.call_id == wanted.call_id)
    if wanted.number is not None:
        user = wanted.number.strip()
        spellings = {user, user.removeprefix("+"), f"+{user.removeprefix('+')}"}
        rows = rows.where(or_(SipMessage.from_user.in_(spellings), SipMessage.to_user.in_(spellings)))
    if wanted.method is not None:
        rows = rows.where(SipMessage.method == wanted.method)
    if wanted.remote is not None:
        # An address with its port, or without: then every port of it, an IPv6 address in its brackets.
        host = wanted.remote.strip()
        bare = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
        rows = rows.where(or_(SipMessage.remote == host, SipMessage.remote.startswith(f"{bare}:", autoescape=True)))
    if wanted.status is not None:
        low, high = (wanted.status * 100, wanted.status * 100 + 99) if wanted.status < 10 else (wanted.status,) * 2
        rows = rows.where(SipMessage.status.between(low, high))
    if wanted.since is not None:
        rows = rows.where(SipMessage.at >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(SipMessage.at < wanted.until)
    if wanted.failed is not None:
        refused = func.coalesce(SipMessage.status, 0) >= 400
        rows = rows.where(refused if wanted.failed else ~refused)
    if wanted.in_call is not None:
        leg = exists().where(_LEGS.c.sip_call_id == SipMessage.call_id)
        rows = rows.where(leg if wanted.in_call else ~leg)
    return rows


async def forget_calls(session: AsyncSession, call_ids: Collection[str]) -> None:
    """Delete the messages of some Call-IDs, for somebody in them is erased."""
    await session.execute(delete(SipMessage).where(SipMessage.call_id.in_(call_ids)))


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
