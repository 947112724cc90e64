"""What the router must find again, written behind it.

Theory of operation. Every fact gets a number and goes into the journal with the moment at which the router heard it.
Now and then the router's whole state goes into a snapshot, and the journal before it goes. The newest snapshot and the
facts since, fed at their moments, are the router as it was: it is deterministic. Intervals of people's states and the
counts of the day leave in the same transactions.

Nobody waits for the writer: what comes within `LAZINESS` goes together. So a `kill -9` loses the facts of that time,
and the reconciler repairs what they would have told. While the store is away everything waits here, up to `MAX_KEPT`
facts; past that, and when the store refuses a batch, the facts are dropped and a snapshot takes their place.

Each transaction beats the lease first: a process that has lost it writes nothing any more.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.routing.core.dump import Plain, fact_from_plain, fact_to_plain
from centrala.routing.core.facts import Fact
from centrala.routing.core.router import Router
from centrala.routing.core.settings import QueueId
from centrala.routing.dispatch import figures
from centrala.routing.dispatch.intervals import Interval
from centrala.routing.dispatch.lease import Lease, LeaseLost
from centrala.routing.dispatch.tally import Day

log = get_logger(__name__)

LAZINESS: Final = 0.03  # seconds that facts wait for others
SNAPSHOT_EVERY: Final = 2_000  # facts
MAX_KEPT: Final = 50_000  # facts that wait for a store that is away
RETRY_DELAYS: Final = (0.1, 0.5, 1.0, 2.0)  # seconds; the last repeats

_FACTS: Final = text(
    "INSERT INTO router_journal (name, seq, moment, fact) SELECT :name, f.seq, f.moment, f.fact "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(seq bigint, moment double precision, fact jsonb)"
)
# Who has been erased meanwhile has no intervals, and a queue that is gone no days.
_INTERVALS: Final = text(
    "INSERT INTO operator_states (id, person_id, state, reason, since, until, forced_by) "
    "SELECT i.id, e.id, i.state, i.reason, i.since, i.until, a.id "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS i(id uuid, person_id uuid, state text, reason text, "
    "since timestamptz, until timestamptz, forced_by uuid) "
    "JOIN employees e ON e.id = i.person_id LEFT JOIN accounts a ON a.id = i.forced_by "
    "ON CONFLICT (id) DO UPDATE SET until = EXCLUDED.until"
)
_COUNTS: Final = ("answered", "answered_in_time", "abandoned", "short", "overflowed", "turned_away", "waited")
_DAYS: Final = text(
    f"INSERT INTO queue_days (queue_id, day, project_id, {', '.join(_COUNTS)}) "  # noqa: S608 - names of columns
    f"SELECT q.id, d.day, q.project_id, {', '.join(f'd.{name}' for name in _COUNTS)} "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS d(queue_id uuid, day date, answered int, answered_in_time int, "
    "abandoned int, short int, overflowed int, turned_away int, waited double precision) "
    "JOIN queues q ON q.id = d.queue_id "
    f"ON CONFLICT (queue_id, day) DO UPDATE SET {', '.join(f'{name} = EXCLUDED.{name}' for name in _COUNTS)}"
)
_SNAPSHOT: Final = text(
    "INSERT INTO router_snapshots (name, seq, at, state) VALUES (:name, :seq, now(), CAST(:state AS jsonb)) "
    "ON CONFLICT (name) DO UPDATE SET seq = EXCLUDED.seq, at = EXCLUDED.at, state = EXCLUDED.state"
)
_FORGET: Final = text("DELETE FROM router_journal WHERE name = :name AND seq <= :seq")
_READ_SNAPSHOT: Final = text("SELECT seq, state FROM router_snapshots WHERE name = :name")
_READ_FACTS: Final = text("SELECT seq, moment, fact FROM router_journal WHERE name = :name AND seq > :seq ORDER BY seq")


@dataclass(slots=True)
class Batch:
    """What is to be written."""

    facts: list[tuple[int, float, Fact]] = field(default_factory=list)
    intervals: dict[UUID, Interval] = field(default_factory=dict)
    days: dict[tuple[QueueId, date], Day] = field(default_factory=dict)
    snapshot: tuple[int, Plain] | None = None

    def __bool__(self) -> bool:
        return bool(self.facts or self.intervals or self.days or self.snapshot)

    def before(self, later: "Batch") -> "Batch":
        """Both together, the later rows over the earlier ones."""
        return Batch(
            self.facts + later.facts,
            self.intervals | later.intervals,
            self.days | later.days,
            later.snapshot or self.snapshot,
        )


class Book:
    """The writer; one a process. `dump` gives the router's state, for snapshots."""

    def __init__(self, database: Database, lease: Lease, dump: Callable[[], Plain]) -> None:
        self.projects: frozenset[UUID] = frozenset()
        self._database, self._lease, self._dump = database, lease, dump
        self._seq = self._since_snapshot = 0
        self._batch = Batch()
        self._wake, self._written = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writing = self._stopping = False

    def put_fact(self, moment: float, fact: Fact) -> None:
        self._seq += 1
        self._since_snapshot += 1
        self._batch.facts.append((self._seq, moment, fact))
        self._wake.set()

    def put_interval(self, interval: Interval) -> None:
        self._batch.intervals[interval.id] = interval
        self._wake.set()

    def put_days(self, days: Iterable[tuple[tuple[QueueId, date], Day]]) -> None:
        self._batch.days.update(days)

    def put_snapshot(self) -> None:
        """With the next transaction; what was fed until now need not be in the journal."""
        self._batch.snapshot = (self._seq, self._dump())
        self._batch.facts = []
        self._since_snapshot = 0
        self._wake.set()

    def start(self) -> None:
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="router-book")

    async def stop(self) -> None:
        """Write what is left, if the store is there, and stop."""
        if self._task is None:
            return
        self._stopping = True
        self._wake.set()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task, self._batch = None, Batch()

    async def flushed(self) -> None:
        """Until everything put so far is written, or the lease is lost."""
        while (self._batch or self._writing) and self._task is not None and not self._task.done():
            self._written.clear()
            self._wake.set()
            await self._written.wait()

    async def restore(self) -> Router | None:
        """The router as it was; None when there is nothing, or only what another version has written."""
        async with self._database.begin(CENTRE) as session:
            kept = (await session.execute(_READ_SNAPSHOT, {"name": self._lease.name})).one_or_none()
            self._seq = kept.seq if kept is not None else 0
            rows = (await session.execute(_READ_FACTS, {"name": self._lease.name, "seq": self._seq})).all()
        if rows:
            self._seq = rows[-1].seq
        if kept is None:
            return None
        try:
            return replay(kept.state, ((row.moment, row.fact) for row in rows))
        except (ValueError, KeyError) as error:
            log.error("The router's memory can not be read; it begins anew.", error=type(error).__name__)  # noqa: TRY400
            return None

    async def _run(self) -> None:
        while not self._stopping or self._batch:
            await self._wake.wait()
            if not self._stopping:
                await asyncio.sleep(LAZINESS)
            self._wake.clear()
            if self._since_snapshot >= SNAPSHOT_EVERY:
                self.put_snapshot()
                self._wake.clear()
            if not await self._until_written():
                return

    async def _until_written(self) -> bool:
        """False when the lease is lost."""
        delays = iter(RETRY_DELAYS)
        while self._batch:
            # What comes while it is being written waits for the next transaction.
            batch, self._batch = self._batch, Batch()
            self._writing = True
            try:
                await self._write(batch)
            except LeaseLost:
                return False
            except (DBAPIError, psycopg.Error, SQLAlchemyError, OSError) as error:
                if self._stopping:
                    return False  # the store is away, and nobody will wait for it
                self._failed(batch, error)
                await asyncio.sleep(next(delays, RETRY_DELAYS[-1]))
            else:
                figures.WRITTEN.inc(len(batch.facts))
                return True
            finally:
                self._writing = False
                self._written.set()
        return True

    def _failed(self, batch: Batch, error: Exception) -> None:
        if _is_away(error):
            self._batch = batch.before(self._batch)
            if len(self._batch.facts) <= MAX_KEPT:
                return
        # The class alone: messages of the database carry values.
        log.error("The router's journal lost facts; a snapshot takes their place.", error=type(error).__name__)
        figures.DROPPED.inc(len(batch.facts))
        self.put_snapshot()

    async def _write(self, batch: Batch) -> None:
        name = self._lease.name
        wall = Wall(centre=True, projects=frozenset(ProjectId(one) for one in self.projects))
        async with self._database.begin(wall) as session:
            await self._lease.beat_in(session)
            await _insert(session, _FACTS, [_fact_row(*one) for one in batch.facts], name=name)
            await _insert(session, _INTERVALS, [one.row() for one in batch.intervals.values()])
            await _insert(session, _DAYS, [_day_row(*one) for one in batch.days.items()])
            if batch.snapshot is not None:
                seq, state = batch.snapshot
                written = await asyncio.to_thread(json.dumps, state)  # may be megabytes
                await session.execute(_SNAPSHOT, {"name": name, "seq": seq, "state": written})
                await session.execute(_FORGET, {"name": name, "seq": seq})


def replay(state: Plain, facts: Iterable[tuple[float, Plain]]) -> Router:
    """A router of a snapshot that has heard the facts since; what it decided then was told then."""
    router = Router.restored(state)
    for moment, plain in facts:
        router.feed(fact_from_plain(plain), moment)
    return router


async def _insert(session: AsyncSession, statement: Any, rows: list[Mapping[str, Any]], **more: str) -> None:
    if rows:
        await session.execute(statement, {"rows": json.dumps(rows, default=str), **more})


def _fact_row(seq: int, moment: float, fact: Fact) -> Mapping[str, Any]:
    return {"seq": seq, "moment": moment, "fact": fact_to_plain(fact)}


def _day_row(key: tuple[QueueId, date], day: Day) -> Mapping[str, Any]:
    return {"queue_id": key[0], "day": key[1], **{name: getattr(day, name) for name in _COUNTS}}


def _is_away(error: Exception) -> bool:
    """Whether the server is the trouble, not the rows (SQLSTATE classes 08, 40, 53, 55 and 57)."""
    state = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    return state is None or state[:2] in {"08", "40", "53", "55", "57"}
