"""Facts leave a transaction through the outbox, and reach every consumer at least once, in order.

Theory of operation. A transaction writes its facts into `outbox` beside its data and PostgreSQL notifies at commit.
Identity values are handed out before commits, so a reader that remembers "the last id" would lose the facts of a slow
transaction. Therefore one relay (under an advisory lock, on one node) moves committed rows from `outbox` into `events`
in the order of their ids and gives each a `position`: positions become visible in their order, and "all after N" is
exact. Facts of one aggregate keep their order, because who writes about an aggregate holds its row.

A consumer's position advances in the transaction in which it handled the fact, so what it writes into the store happens
once; what it does outside may happen again after a crash and must be idempotent. A fact that keeps failing is parked
with its error together with all later facts of the same aggregate, the rest goes on, and the system page shows it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from sqlalchemy import BigInteger, CursorResult, Identity, Integer, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.access import CENTRE
from centrala.kit.database import Base, Database, Walled

WRITTEN: Final = "centrala_outbox"
"""Channel: something was committed to the outbox."""

DELIVERED: Final = "centrala_events"
"""Channel: facts have their positions and can be read."""

LISTENER: Final = "centrala listen"
"""How PostgreSQL's list of connections names those that hear."""

FORGOTTEN: Final = 5_000  # old facts deleted in one transaction
BATCH: Final = 500  # facts moved or handled in one transaction
ATTEMPTS: Final = 5  # failures of one fact before it is parked
_RELAY_LOCK: Final = 0x43454E54_52454C59  # "CENTRELY": one relay at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, in the past tense: `kind` is `<thing>.<what happened>`.

    `payload` is JSON without personal data: facts are never erased.
    """

    kind: str
    aggregate_id: UUID
    project_id: UUID | None = None
    payload: dict[str, Any]


class OutboxRow(Base):
    __tablename__ = "outbox"
    __walled__ = Walled.OPEN

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    aggregate_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class EventRow(Base):
    __tablename__ = "events"
    __walled__ = Walled.CENTRE

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(index=True)
    aggregate_id: Mapped[UUID] = mapped_column(index=True)
    project_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ConsumerRow(Base):
    __tablename__ = "consumers"
    __walled__ = Walled.OPEN

    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class ParkedRow(Base):
    __tablename__ = "events_parked"
    __walled__ = Walled.OPEN

    consumer: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    aggregate_id: Mapped[UUID] = mapped_column(index=True)
    error: Mapped[str]


def write(session: AsyncSession, facts: Sequence[Fact], *, at: datetime) -> None:
    """Put facts into the outbox of the session's transaction."""
    session.add_all(
        OutboxRow(
            at=at,
            kind=fact.kind,
            aggregate_id=fact.aggregate_id,
            project_id=fact.project_id,
            payload=fact.payload,
        )
        for fact in facts
    )


_MOVE: Final = text(
    """
    WITH moved AS (
        DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT :batch) RETURNING *
    ), placed AS (
        INSERT INTO events (at, kind, aggregate_id, project_id, payload)
        SELECT at, kind, aggregate_id, project_id, payload FROM moved ORDER BY id
        RETURNING position
    )
    SELECT count(*) AS moved, max(position) AS last FROM placed
    """
)


async def relay(database: Database) -> int:
    """Move what is committed from the outbox into the event log; returns how many facts moved.

    Does nothing while another node is the relay: that node moves them.
    """
    total = 0
    while True:
        async with database.begin(CENTRE) as session:
            lock = text("SELECT pg_try_advisory_xact_lock(:key)")
            if not await session.scalar(lock, {"key": _RELAY_LOCK}):
                return total
            row = (await session.execute(_MOVE, {"batch": BATCH})).one()
            if row.moved:
                notify = text("SELECT pg_notify(:channel, :last)")
                await session.execute(notify, {"channel": DELIVERED, "last": str(row.last)})
        moved: int = row.moved
        total += moved
        if moved < BATCH:
            return total


Handler = Callable[[AsyncSession, EventRow], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who wants facts: `kinds` are the kinds that `handle` is called with."""

    name: str
    kinds: frozenset[str]
    handle: Handler

    async def catch_up(self, database: Database) -> int:
        """Handle everything that is new, a fact a transaction; returns how many were handled.

        Raises what the handler raised: the caller waits and calls again, and the fact is parked after `ATTEMPTS`.
        """
        handled = 0
        while await self._next(database):
            handled += 1
        return handled

    async def _next(self, database: Database) -> bool:
        position = 0
        try:
            async with database.begin(CENTRE) as session:
                row = await self._locked(session)
                event = await self._after(session, row.position)
                if event is None:
                    return False
                position = event.position
                if not await self._must_wait(session, event):
                    await self.handle(session, event)
                row.position, row.attempts = event.position, 0
        except Exception as error:
            # The edge of the handler: whatever it raised is counted, and handed on to the caller's log.
            await self._failed(database, position, error)
            raise
        return True

    async def _locked(self, session: AsyncSession) -> ConsumerRow:
        query = select(ConsumerRow).where(ConsumerRow.name == self.name).with_for_update()
        row = await session.scalar(query)
        if row is None:
            row = ConsumerRow(name=self.name, position=0, attempts=0)
            session.add(row)
            await session.flush()
        return row

    async def _after(self, session: AsyncSession, position: int) -> EventRow | None:
        query = (
            select(EventRow)
            .where(EventRow.position > position, EventRow.kind.in_(self.kinds))
            .order_by(EventRow.position)
            .limit(1)
        )
        event: EventRow | None = await session.scalar(query)
        return event

    async def _must_wait(self, session: AsyncSession, event: EventRow) -> bool:
        """Park the fact when an earlier one of its aggregate is parked: order within an aggregate holds."""
        query = select(func.count()).where(
            ParkedRow.consumer == self.name, ParkedRow.aggregate_id == event.aggregate_id
        )
        if not await session.scalar(query):
            return False
        self._park(session, event, "waits for an earlier fact of the same aggregate")
        return True

    def _park(self, session: AsyncSession, event: EventRow, error: str) -> None:
        session.add(
            ParkedRow(
                consumer=self.name,
                position=event.position,
                aggregate_id=event.aggregate_id,
                error=error,
            )
        )

    async def _failed(self, database: Database, position: int, error: Exception) -> None:
        if not position:
            return
        async with database.begin(CENTRE) as session:
            row = await self._locked(session)
            row.attempts += 1
            if row.attempts < ATTEMPTS:
                return
            event = await session.get_one(EventRow, position)
            # The class alone: messages of errors may carry personal data.
            self._park(session, event, type(error).__name__)
            row.position, row.attempts = position, 0


async def retry_parked(database: Database, consumer: Consumer) -> int:
    """Handle the parked facts of a consumer again, in order; returns how many went through."""
    done = 0
    while True:
        async with database.begin(CENTRE) as session:
            query = (
                select(ParkedRow)
                .where(ParkedRow.consumer == consumer.name)
                .order_by(ParkedRow.position)
                .limit(1)
                .with_for_update()
            )
            parked = await session.scalar(query)
            if parked is None:
                return done
            await consumer.handle(session, await session.get_one(EventRow, parked.position))
            await session.delete(parked)
        done += 1


_FORGET: Final = text(
    """
    DELETE FROM events WHERE position IN (
        SELECT position FROM events e
        WHERE position < (SELECT position FROM events WHERE at >= :before ORDER BY position LIMIT 1)
          AND position <= (SELECT min(position) FROM consumers)
          AND NOT EXISTS (SELECT FROM events_parked p WHERE p.position = e.position)
        ORDER BY position LIMIT :batch
    )
    """
)


async def forget(session: AsyncSession, *, before: datetime) -> int:
    """Delete old facts, `FORGOTTEN` at most, and return how many; the transaction needs the eyes of the centre.

    What a consumer has not handled stays, and so does the log as a whole while nothing newer is in it: positions go on.
    """
    gone = await session.execute(_FORGET, {"before": before, "batch": FORGOTTEN})
    return cast("CursorResult[Any]", gone).rowcount


async def last_position(session: AsyncSession) -> int:
    """The position of the newest fact in the session's snapshot, whatever its wall; 0 in an empty log."""
    return await session.scalar(select(func.centrala_last_position())) or 0


@asynccontextmanager
async def listen(conninfo: str, *channels: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection of its own that hears the channels; read its `notifies()`."""
    connection = await psycopg.AsyncConnection.connect(
        conninfo, autocommit=True, application_name=LISTENER, connect_timeout=5
    )
    async with connection:
        for channel in channels:
            await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
        yield connection


async def announce(session: AsyncSession) -> None:
    """Wake the relay when this transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": WRITTEN})
