"""Takes every message from the wire into the store, behind the back of signalling.

`hear` only appends to a bounded queue; masking and writing happen in a task of their own, some messages at a time.
When the database is away or slow, messages are dropped and counted: the trace helps, it proves nothing.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.telephony.trace.reading import Taken, read
from centrala.telephony.trace.sieve import Sieve
from centrala.telephony.transport.types import WireMessage

log = get_logger(__name__)

MAX_QUEUED: Final = 20_000  # messages; some seconds of the highest load
BATCH: Final = 50  # messages read before others get their turn; some milliseconds
WRITE_EVERY: Final = 0.5  # seconds
PATIENCE: Final = 5.0  # seconds for the last rows at the end

_COLUMNS: Final = (
    "at timestamptz, direction text, transport text, local text, remote text, call_id text, method text, "
    "status smallint, cseq bigint, first_line text, from_user text, to_user text, size integer, text text"
)
_NAMES: Final = ", ".join(column.split()[0] for column in _COLUMNS.split(", "))
_INSERT: Final = text(
    f"INSERT INTO sip_messages ({_NAMES}) "  # noqa: S608 - constants
    f"SELECT {_NAMES} FROM json_to_recordset(CAST(:rows AS json)) AS found({_COLUMNS})"
)


class Recorder:
    """`hear` is given to the endpoint as `on_wire`; `now` is the endpoint's clock, in monotonic seconds."""

    def __init__(self, database: Database, clock: Clock, now: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._now = now
        self._queue: deque[WireMessage] = deque()
        self._sieve = Sieve()
        self._task: asyncio.Task[None] | None = None
        self.counters: Counter[str] = Counter()
        """`kept`, `dropped_full` (the queue was full), `dropped_away` (the store was)."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="sip-trace")

    async def stop(self) -> None:
        """Write what waits, if the store is there, and end."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        try:
            async with asyncio.timeout(PATIENCE):
                await self.write()
        except TimeoutError:
            self.counters["dropped_away"] += len(self._queue)

    def hear(self, message: WireMessage) -> None:
        if len(self._queue) >= MAX_QUEUED:
            self.counters["dropped_full"] += 1
            return
        if message.data:
            self._queue.append(message)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await self.write()

    async def write(self) -> None:
        """Write what is queued now."""
        shift = self._clock() - timedelta(seconds=self._now())  # the moment at which the endpoint's clock was 0
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            kept: list[Taken] = []
            for one in batch:
                at = shift + timedelta(seconds=one.at)
                kept += self._sieve.take(read(one.data, one.flow, one.direction, at))
            await self._store(kept)
            await asyncio.sleep(0)
        await self._store(self._sieve.late(self._clock()))

    async def _store(self, kept: Sequence[Taken]) -> None:
        if not kept:
            return
        try:
            async with self._database.begin(CENTRE) as session:
                await session.execute(_INSERT, {"rows": json.dumps([_row(one) for one in kept])})
        except (OSError, SQLAlchemyError) as error:
            # Calls go on without their trace. The class alone: messages of the database carry values.
            self.counters["dropped_away"] += len(kept)
            log.error("SIP messages could not be kept.", messages=len(kept), error=type(error).__name__)  # noqa: TRY400
        else:
            self.counters["kept"] += len(kept)


def _row(one: Taken) -> dict[str, Any]:
    row = asdict(one)
    del row["credentials"]
    row["at"] = one.at.isoformat()
    return row
