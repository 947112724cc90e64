"""The audit trail: append-only and hash-chained, so that a change made behind the program's back shows.

Each row's hash covers the hash before it, the moment, the actor, the action, the object and the details in canonical
JSON. Rows are appended at the end of their transaction under one advisory lock, so that the chain has one order.
PostgreSQL refuses UPDATE, DELETE and TRUNCATE on the table by trigger and by grant. Details name fields and objects,
never the personal data in them: the trail cannot be erased, so nothing erasable may enter it.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Walled

GENESIS: Final = bytes(32)
"""What the first row takes for the hash before it."""

_CHAIN_LOCK: Final = 0x43454E54_41554454  # "CENTAUDT": serialises appends
_PAGE: Final = 2000  # rows read at a time by the verification


class AuditRow(Base):
    __tablename__ = "audit"
    __walled__ = Walled.CENTRE

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor: Mapped[str]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    project_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody did, before it has its place in the chain.

    `actor_id` is the account, None for the program itself; `actor` says by which way (`session`, `token:<id>`,
    `system`, `console`). `details` hold names of fields, counts and codes, no personal data.
    """

    at: datetime
    actor_id: UUID | None
    actor: str
    action: str
    object_type: str
    object_id: str
    project_id: UUID | None = None
    details: Mapping[str, Any]


def chain_hash(previous: bytes, seq: int, entry: "AuditEntry | AuditRow") -> bytes:
    """SHA-256 over the hash before and the row in canonical JSON (sorted keys, no white space, UTC)."""
    body = [
        seq,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(entry.actor_id) if entry.actor_id else None,
        entry.actor,
        entry.action,
        entry.object_type,
        entry.object_id,
        str(entry.project_id) if entry.project_id else None,
        entry.details,
    ]
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + canonical.encode()).digest()


async def append(session: AsyncSession, entries: Iterable[AuditEntry]) -> None:
    """Put entries at the end of the chain, in the session's transaction, as its last statements."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    head = (
        await session.execute(
            text("SELECT seq, hash FROM centrala_audit_head()"),
        )
    ).one_or_none()
    seq, previous = (head.seq, bytes(head.hash)) if head else (0, GENESIS)
    for entry in entries:
        seq += 1
        previous = chain_hash(previous, seq, entry)
        session.add(
            AuditRow(
                seq=seq,
                at=entry.at,
                actor_id=entry.actor_id,
                actor=entry.actor,
                action=entry.action,
                object_type=entry.object_type,
                object_id=entry.object_id,
                project_id=entry.project_id,
                details=dict(entry.details),
                hash=previous,
            )
        )
    await session.flush()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: `rows` read, and the first row that does not fit, None if all do."""

    rows: int
    broken_at: int | None
    head: bytes

    @property
    def ok(self) -> bool:
        return self.broken_at is None


async def verify(session: AsyncSession, *, anchors: Mapping[int, bytes] | None = None) -> Verdict:
    """Walk the whole chain. `anchors` are (seq, hash) pairs kept outside the database: a chain that was cut at its end
    or rewritten as a whole fits itself but not them.
    """
    previous, expected = GENESIS, 1
    waiting = dict(anchors or {})
    async for row in _rows(session):
        digest = chain_hash(previous, row.seq, row)
        anchored = waiting.pop(row.seq, digest)
        if row.seq != expected or digest != bytes(row.hash) or anchored != digest:
            return Verdict(rows=expected - 1, broken_at=expected, head=previous)
        previous, expected = digest, expected + 1
    if waiting:
        return Verdict(rows=expected - 1, broken_at=min(waiting), head=previous)
    return Verdict(rows=expected - 1, broken_at=None, head=previous)


async def _rows(session: AsyncSession) -> AsyncIterator[AuditRow]:
    last = 0
    while True:
        page = (
            await session.scalars(select(AuditRow).where(AuditRow.seq > last).order_by(AuditRow.seq).limit(_PAGE))
        ).all()
        for row in page:
            yield row
        if len(page) < _PAGE:
            return
        last = page[-1].seq
        session.expunge_all()


async def head(session: AsyncSession) -> tuple[int, bytes]:
    """The last row's number and hash; (0, GENESIS) for an empty trail."""
    row = (
        await session.execute(
            select(AuditRow.seq, AuditRow.hash).where(AuditRow.seq == select(func.max(AuditRow.seq)).scalar_subquery())
        )
    ).one_or_none()
    return (row.seq, bytes(row.hash)) if row else (0, GENESIS)
