"""The board of one process: rows for whoever asks, and differences once a second for those who watch.

Theory of operation. The dispatcher says whom and which queues a fact touched. Once a second the rows of those are made
anew, once for each set of projects that somebody watches with; a row that is other than the last one goes, as ready
text, to all who watch with that set. Times in rows are moments, so a board on which nothing happens sends nothing.

Who does not read is cut off when as much waits for them as `QUEUE` allows; a watcher begins with a whole board, so
nobody has to be told what they missed.
"""

import asyncio
import contextlib
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Counter, Gauge

from centrala.kit.logging import get_logger
from centrala.routing.board.alarms import Alarms
from centrala.routing.board.rows import operator_row, queue_row
from centrala.routing.core.settings import OperatorId, QueueId
from centrala.routing.dispatch.dispatcher import Dispatcher
from centrala.routing.dispatch.load import Check
from centrala.routing.dispatch.views import StateChanged, moment
from centrala.routing.dispatch.whole import whole
from centrala.routing.schemas_work import BoardOperator, BoardOut, BoardQueue

log = get_logger(__name__)

PERIOD: Final = 1.0  # seconds between two looks

WATCHERS: Final = Gauge("centrala_board_watchers", "Browsers that watch the board.")
SENT: Final = Counter("centrala_board_bytes_total", "Characters sent to boards.")

Projects = frozenset[UUID]


@dataclass(slots=True, eq=False)
class Circle:
    """All who watch with the same projects, and the rows that they have."""

    projects: Projects
    watchers: set[Callable[[str], None]] = field(default_factory=set)
    queues: dict[QueueId, BoardQueue] = field(default_factory=dict)
    operators: dict[OperatorId, BoardOperator] = field(default_factory=dict)


class Board:
    """Rows of the board, for whoever asks and for those who watch."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.alarms = Alarms(dispatcher)
        self._circles: dict[Projects, Circle] = {}
        self._queues: set[QueueId] = set()
        self._operators: set[OperatorId] = set()
        self._task: asyncio.Task[None] | None = None
        self._forget: Callable[[], None] = dispatcher.hear(self._note)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="board")

    async def stop(self) -> None:
        self._forget()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def shown(self, projects: AbstractSet[UUID]) -> BoardOut:
        """The whole board for who sees these projects."""
        sees = self.queues_of(projects)
        queues = {name: row for name in sorted(sees) if (row := self._queue(name)) is not None}
        state = self.dispatcher.router.state
        operators = (operator_row(self.dispatcher, name, sees) for name in state.operators)
        return BoardOut(
            at=moment(self.dispatcher.now()),
            queues=list(queues.values()),
            operators=[row for row in operators if row is not None],
        )

    def queues_of(self, projects: AbstractSet[UUID]) -> frozenset[QueueId]:
        return frozenset(name for name, info in self.dispatcher.laid.queues.items() if info.project_id in projects)

    def note_check(self, person_id: UUID, at: datetime, *, passed: bool) -> None:
        """Somebody has checked their desk."""
        self.dispatcher.note_check(OperatorId(str(person_id)), Check(at.timestamp(), passed))

    def watch(self, projects: Projects, send: Callable[[str], None]) -> Callable[[], None]:
        """Send the whole board now and what changes from here on, as JSON; returns the way out."""
        circle = self._circles.get(projects)
        if circle is None:
            circle = self._circles[projects] = Circle(projects)
        self._look(circle, everything=True)  # those who watch already get the differences first
        send(self._whole(circle))
        circle.watchers.add(send)
        WATCHERS.inc()

        def leave() -> None:
            circle.watchers.discard(send)
            WATCHERS.dec()
            if not circle.watchers:
                self._circles.pop(projects, None)

        return leave

    def look(self) -> None:
        """Send what has changed; once a second."""
        self._queues |= self.alarms.look(self._queue)
        if not self._queues and not self._operators:
            return
        for circle in list(self._circles.values()):
            self._look(circle)
        self._queues.clear()
        self._operators.clear()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                self.look()
                await whole(self.alarms.write())
            except Exception:
                # The edge of the board: a bug in a row must not end it for all.
                log.exception("The board met a bug.")

    def _note(self, change: StateChanged) -> None:
        self._queues |= change.queues
        self._operators |= change.operators

    def _queue(self, name: QueueId) -> BoardQueue | None:
        queue, info = self.dispatcher.router.state.queues.get(name), self.dispatcher.laid.queues.get(name)
        if queue is None or info is None:
            return None
        return queue_row(self.dispatcher, info, queue, self.alarms.of(name))

    def _look(self, circle: Circle, *, everything: bool = False) -> None:
        """Bring the circle's rows up to date, and send those that are others now."""
        sees = self.queues_of(circle.projects)
        state = self.dispatcher.router.state
        queues = {*sees, *circle.queues} if everything else self._queues
        operators = {*state.operators, *circle.operators} if everything else self._operators
        changed: list[str] = []
        gone: list[str] = []
        for name in queues:
            row = self._queue(name) if name in sees else None
            if row is None:
                gone += [f'"{name}"'] if circle.queues.pop(name, None) is not None else []
            elif circle.queues.get(name) != row:
                circle.queues[name] = row
                changed.append(row.model_dump_json())
        seated: list[str] = []
        for person in operators:
            seat = operator_row(self.dispatcher, person, sees)
            if seat is None:
                gone += [f'"{person}"'] if circle.operators.pop(person, None) is not None else []
            elif circle.operators.get(person) != seat:
                circle.operators[person] = seat
                seated.append(seat.model_dump_json())
        if circle.watchers and (changed or seated or gone):
            self._send(circle, "changes", changed, seated, gone)

    def _whole(self, circle: Circle) -> str:
        queues = [row.model_dump_json() for row in circle.queues.values()]
        operators = [row.model_dump_json() for row in circle.operators.values()]
        return self._message("snapshot", queues, operators, [])

    def _send(self, circle: Circle, kind: str, queues: list[str], operators: list[str], gone: list[str]) -> None:
        text = self._message(kind, queues, operators, gone)
        for send in list(circle.watchers):
            SENT.inc(len(text))
            send(text)

    def _message(self, kind: str, queues: list[str], operators: list[str], gone: list[str]) -> str:
        """The rows are JSON already; names are ids."""
        at = moment(self.dispatcher.now()).isoformat()
        return (
            f'{{"type":"{kind}","at":"{at}","queues":[{",".join(queues)}],'
            f'"operators":[{",".join(operators)}],"gone":[{",".join(gone)}]}}'
        )
