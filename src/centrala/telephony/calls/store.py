"""Rows of the calls, written behind the signalling and before what must not be lost.

Theory of operation. Whoever changes a call marks its row dirty (`put`) and goes on. One writer task takes everything
that is dirty, each row once and as it is at that moment, and writes it in one transaction: one statement a table. What
becomes dirty meanwhile waits for the next transaction, so that the busier the node, the larger the batch. Who must not
go on before the store knows (a 200 OK, an ACK) awaits `flushed`.

Facts leave in the transaction of the rows they speak of. When a batch is refused by the store because of one row, it is
written again call by call, and what is still refused is dropped, counted and logged: one call's trouble is not others'.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

import psycopg
from sqlalchemy import text

from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import Clock, utc_now
from centrala.kit.database import Base, Database
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.outbox import WRITTEN, Fact
from centrala.telephony.calls.models import CallRow, DialogRow, LegRow, MediaPositionRow, RecordingRow

log = get_logger(__name__)

RETRY_DELAYS: Final = (0.1, 0.5, 1.0, 2.0)  # seconds between tries while the database is away; the last repeats
PATIENCE: Final = 1.0  # seconds that an answer waits for the store; then the call goes on without
LAZINESS: Final = 0.05  # seconds that rows wait for others when nobody waits for them
MAX_BATCH: Final = 2_000  # rows in one transaction


class Kind(StrEnum):
    """The tables, in the order in which their rows refer to each other."""

    CALL = "calls"
    LEG = "call_legs"
    RECORDING = "call_recordings"
    DIALOG = "call_dialogs"


Row = Mapping[str, Any]
Make = Callable[[], Row | None]
Key = tuple[Kind, UUID]
_MODELS: Final[dict[Kind, tuple[type[Base], str]]] = {
    Kind.CALL: (CallRow, "id"),
    Kind.LEG: (LegRow, "id"),
    Kind.RECORDING: (RecordingRow, "id"),
    Kind.DIALOG: (DialogRow, "leg_id"),
}


def _upsert(kind: Kind) -> bytes:
    model, key = _MODELS[kind]
    names = [column.name for column in model.__table__.columns]
    columns = ", ".join(names)
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in names if name != key)
    # Names come from the models, values travel as one parameter.
    return (
        f"INSERT INTO {kind} ({columns}) SELECT {columns} "  # noqa: S608 - see above
        f"FROM jsonb_populate_recordset(NULL::{kind}, %s::jsonb) ON CONFLICT ({key}) DO UPDATE SET {changed}"
    ).encode()


_UPSERTS: Final = {kind: _upsert(kind) for kind in Kind}
_FORGET: Final = b"DELETE FROM call_dialogs WHERE leg_id = ANY(%s)"
_POSITION: Final = (
    b"INSERT INTO media_positions (node, engine, last_event) VALUES (%s, %s, %s) "
    b"ON CONFLICT (node) DO UPDATE SET engine = EXCLUDED.engine, last_event = EXCLUDED.last_event"
)
# As `kit.outbox.write` does it, in the same exchange as the rows.
_TELL: Final = (
    b"INSERT INTO outbox (at, kind, aggregate_id, project_id, payload) "
    b"SELECT at, kind, aggregate_id, project_id, payload FROM jsonb_to_recordset(%s::jsonb) "
    b"AS f(at timestamptz, kind text, aggregate_id uuid, project_id uuid, payload jsonb)"
)
_ANNOUNCE: Final = b"SELECT pg_notify(%s, '')"


@dataclass(frozen=True, slots=True)
class Position:
    """How far the events of an engine's process are handled."""

    engine: str
    last: int


class CallStore(Protocol):
    """What the calls need of the store; `DatabaseStore` and, in tests, a list."""

    def put(self, kind: Kind, row: UUID, call: UUID, make: Make, *, project: UUID | None = None) -> None:
        """Write the row that `make` gives, soon and once."""

    def forget_dialog(self, leg: UUID, call: UUID) -> None:
        """The leg is over."""

    def tell(self, fact: Fact, call: UUID) -> None:
        """Let a fact out with the rows that are dirty now."""

    def note_position(self, position: Position) -> None:
        """Remember, with the next rows, how far the engine's events are handled."""

    async def flushed(self) -> bool:
        """Wait until everything put so far is stored; False when the store is away for too long."""

    async def kept(self) -> "Kept":
        """What an earlier process of this node has left behind."""


@dataclass(slots=True)
class Batch:
    """What is dirty: rows by table and id, with the call and the project they belong to."""

    rows: dict[Key, tuple[UUID, UUID | None, Make]] = field(default_factory=dict)
    gone: dict[UUID, UUID] = field(default_factory=dict)  # legs whose dialogs go, with their calls
    facts: list[tuple[UUID, Fact]] = field(default_factory=list)
    position: Position | None = None

    def __len__(self) -> int:
        return len(self.rows) + len(self.gone) + len(self.facts)

    @property
    def calls(self) -> list[UUID]:
        known = [call for call, _, _ in self.rows.values()]
        return list(dict.fromkeys([*known, *self.gone.values(), *(call for call, _ in self.facts)]))

    def of(self, call: UUID) -> "Batch":
        """The part of it that belongs to one call."""
        return Batch(
            {key: row for key, row in self.rows.items() if row[0] == call},
            {leg: owner for leg, owner in self.gone.items() if owner == call},
            [(owner, fact) for owner, fact in self.facts if owner == call],
        )

    def before(self, later: "Batch") -> "Batch":
        """Both together, the later rows over the earlier ones."""
        return Batch(
            self.rows | later.rows,
            self.gone | later.gone,
            [*self.facts, *later.facts],
            later.position or self.position,
        )


class DatabaseStore:
    """The writer; `run` is its task."""

    def __init__(self, database: Database, *, node: str, clock: Clock = utc_now) -> None:
        self.database = database
        self.node = node
        self.counters: Counter[str] = Counter()
        self._clock = clock
        self._dirty = Batch()
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._waiters: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None
        self._writing = False

    # What the calls do

    def put(self, kind: Kind, row: UUID, call: UUID, make: Make, *, project: UUID | None = None) -> None:
        self._dirty.rows[kind, row] = (call, project, make)
        self._wake.set()

    def forget_dialog(self, leg: UUID, call: UUID) -> None:
        self._dirty.rows.pop((Kind.DIALOG, leg), None)
        self._dirty.gone[leg] = call
        self._wake.set()

    def tell(self, fact: Fact, call: UUID) -> None:
        self._dirty.facts.append((call, fact))
        self._wake.set()

    def note_position(self, position: Position) -> None:
        self._dirty.position = position  # no reason of its own to write

    async def flushed(self) -> bool:
        if not self._dirty and not self._writing:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        self._wake.set()
        self._urgent.set()
        done, _ = await asyncio.wait({future}, timeout=PATIENCE)
        if not done:
            self.counters["answers_not_waited_for"] += 1
        return bool(done)

    async def kept(self) -> "Kept":
        return await read_kept(self.database, self.node)

    # The task

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="call-store")

    async def close(self) -> None:
        """Writes what is left, if the database is there, and stops."""
        if self._task is None:
            return
        if self._dirty:
            await self.flushed()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not self._waiters:
                with contextlib.suppress(TimeoutError):
                    # Not `wait_for`: until Python 3.12 it loses a cancellation that comes with what it waits for.
                    async with asyncio.timeout(LAZINESS):
                        await self._urgent.wait()
            self._urgent.clear()
            batch, self._dirty = self._dirty, Batch()
            waiters, self._waiters = self._waiters, []
            if batch:
                self._writing = True
                await self._until_written(batch)
                self._writing = False
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def _until_written(self, batch: Batch) -> None:
        delays = iter(RETRY_DELAYS)
        while True:
            try:
                await self._write(batch)
            except psycopg.Error as error:
                if not _is_away(error):
                    await self._write_apart(batch)
                    return
            except OSError:
                pass
            else:
                return
            self.counters["store_away"] += 1
            await asyncio.sleep(next(delays, RETRY_DELAYS[-1]))
            batch, self._dirty = batch.before(self._dirty), Batch()

    async def _write_apart(self, batch: Batch) -> None:
        """One call's rows were refused: the others must not pay for it."""
        for call in batch.calls:
            try:
                await self._write(batch.of(call))
            except psycopg.Error as error:
                self.counters["rows_refused"] += 1
                # The class alone: messages of the database carry values.
                log.error("A call's rows were refused.", call_id=str(call), error=type(error).__name__)  # noqa: TRY400

    async def _write(self, batch: Batch) -> None:
        projects = {project for _, project, _ in batch.rows.values() if project is not None}
        wall = Wall(centre=True, projects=frozenset(ProjectId(one) for one in projects))
        statements = list(self._statements(batch))
        await self.database.write(wall, statements)
        self.counters["transactions"] += 1
        self.counters["rows"] += len(batch.rows)

    def _statements(self, batch: Batch) -> Iterator[tuple[bytes, Sequence[Any]]]:
        for kind in Kind:
            made = [make() for (table, _), (_, _, make) in batch.rows.items() if table is kind]
            rows = [row for row in made if row is not None]
            for start in range(0, len(rows), MAX_BATCH):
                yield _UPSERTS[kind], [_json(rows[start : start + MAX_BATCH])]
        if batch.gone:
            yield _FORGET, [list(batch.gone)]
        if batch.position is not None:
            yield _POSITION, [self.node, batch.position.engine, batch.position.last]
        if batch.facts:
            at = self._clock()
            facts = [
                {
                    "at": at,
                    "kind": fact.kind,
                    "aggregate_id": fact.aggregate_id,
                    "project_id": fact.project_id,
                    "payload": fact.payload,
                }
                for _, fact in batch.facts
            ]
            yield _TELL, [_json(facts)]
            yield _ANNOUNCE, [WRITTEN]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} in a row")


_json: Final = json.JSONEncoder(default=_plain).encode


def _is_away(error: psycopg.Error) -> bool:
    """Whether the server is the trouble, not the rows (SQLSTATE classes 08, 40, 53, 55 and 57)."""
    return error.sqlstate is None or error.sqlstate[:2] in {"08", "40", "53", "55", "57"}


# Reading, at the start


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier process of this node has left behind."""

    dialogs: Sequence[Mapping[str, Any]]
    calls: Sequence[Mapping[str, Any]]
    legs: Sequence[Mapping[str, Any]]
    recordings: Sequence[Mapping[str, Any]]


async def read_position(database: Database, node: str) -> Position | None:
    """Where to go on reading the engine's events."""
    async with database.begin(CENTRE) as session:
        row = await session.get(MediaPositionRow, node)
        return None if row is None else Position(row.engine, row.last_event)


async def read_kept(database: Database, node: str) -> Kept:
    """Everything of this node that has not ended."""
    async with database.begin(CENTRE) as session:
        projects = (await session.scalars(text("SELECT id FROM projects"))).all()
    wall = Wall(centre=True, projects=frozenset(ProjectId(one) for one in projects))
    async with database.begin(wall) as session:

        async def all_of(query: str) -> list[Mapping[str, Any]]:
            return [dict(row) for row in (await session.execute(text(query), {"node": node})).mappings()]

        return Kept(
            dialogs=await all_of("SELECT * FROM call_dialogs WHERE node = :node ORDER BY leg_id"),
            calls=await all_of("SELECT * FROM calls WHERE node = :node AND ended_at IS NULL ORDER BY id"),
            legs=await all_of(
                "SELECT l.* FROM call_legs l JOIN calls c ON c.id = l.call_id "
                "WHERE c.node = :node AND l.ended_at IS NULL ORDER BY l.id"
            ),
            recordings=await all_of(
                "SELECT r.* FROM call_recordings r JOIN calls c ON c.id = r.call_id "
                "WHERE c.node = :node AND r.ended_at IS NULL ORDER BY r.id"
            ),
        )
