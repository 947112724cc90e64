"""The live feed: one WebSocket a desk; a snapshot, then the facts that the server commits.

Theory of operation. One task a process hears PostgreSQL's notices, lets the relay move the outbox into the event log,
reads what is new, loads each card once, and puts the ready text into the queue of every desk that may see it. A desk
that does not read is cut off when its queue is full, and resumes by the position that it has seen last; nobody waits
for it. A subscription is registered before its snapshot is read, and facts that come meanwhile wait behind it, so there
is no gap; positions are those of the event log, so a desk may resume at another node or after a restart.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

import psycopg
from prometheus_client import Counter, Gauge
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import exc, select
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from centrala.kit import outbox
from centrala.kit.access import CENTRE, Access, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.errors import Refusal
from centrala.kit.ids import ProjectId
from centrala.kit.live import Scoped, Topic
from centrala.kit.logging import get_logger
from centrala.kit.migrate import conninfo
from centrala.kit.outbox import EventRow
from centrala.projects.service.sight import all_project_ids
from centrala.security.service import Doorkeeper, Key

log: Final = get_logger(__name__)

HEARTBEAT: Final = 15.0  # seconds between pings
MISSED_BEATS: Final = 3
QUEUE: Final = 1_000  # messages that may wait for a desk
MAX_DESKS: Final = 2_000  # of one process
MAX_DESKS_OF_ACCOUNT: Final = 20
MAX_MESSAGE: Final = 4_096  # characters a desk may send at once
MAX_MESSAGES: Final = 120  # a desk may send in one heartbeat
RESUME_LIMIT: Final = 500  # facts sent after a gap; a longer gap is answered by a snapshot
SWEEP: Final = 5.0  # seconds after which the log is read even without a notice
BACK_OFF: Final = 1.0  # seconds before the database is asked again

ENDED, TOO_SLOW, TOO_BIG, BUSY, RESTART = 4401, 4408, 1009, 1013, 1012

DESKS: Final = Gauge("centrala_live_desks", "Desks connected to the live feed.")
SENT: Final = Counter("centrala_live_messages_total", "Messages put into the queues of desks.")
CUT_OFF: Final = Counter("centrala_live_cut_off_total", "Desks cut off because they did not read.")


class Subscribe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["subscribe"]
    topic: str = Field(max_length=40)
    after: int | None = Field(default=None, ge=0)


class Unsubscribe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["unsubscribe"]
    topic: str = Field(max_length=40)


class Pong(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["pong"]


_FROM_DESK: Final[TypeAdapter[Subscribe | Unsubscribe | Pong]] = TypeAdapter(Subscribe | Unsubscribe | Pong)


@dataclass(slots=True, eq=False)
class Desk:
    """One connected browser."""

    socket: WebSocket
    secret: str
    access: Access
    project: ProjectId | None
    queue: asyncio.Queue[str | int] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    waiting: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Topics whose snapshot is being read, with the facts that came meanwhile."""
    live: dict[str, int] = field(default_factory=dict)
    """Topics that are followed, with the position that the desk has seen: a batch under way may hold what the
    subscription has already sent."""
    missed: int = 0
    """Pings that were not answered."""
    received: int = 0
    closing: bool = False

    @property
    def wall(self) -> Wall:
        return self.access.narrowed_to(self.project).wall if self.project else self.access.wall

    def put(self, text: str) -> None:
        """Queue a message; a desk that does not read is cut off."""
        try:
            self.queue.put_nowait(text)
            SENT.inc()
        except asyncio.QueueFull:
            CUT_OFF.inc()
            self.close(TOO_SLOW)

    def put_event(self, topic: str, position: int, text: str) -> None:
        if topic in self.waiting:
            self.waiting[topic].append((position, text))
        elif self.live.get(topic, position) < position:
            self.live[topic] = position
            self.put(text)

    def close(self, code: int) -> None:
        if self.closing:
            return
        self.closing = True
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(code)


@dataclass(slots=True, eq=False)
class LiveFeed:
    """All desks of this process, and what brings them the news."""

    database: Database
    database_url: str
    topics: dict[str, Topic]
    doorkeeper: Doorkeeper
    clock: Clock
    desks: set[Desk] = field(default_factory=set)
    position: int | None = None
    _task: asyncio.Task[None] | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name="live feed")

    async def stop(self) -> None:
        """Tell every desk to come back after the restart."""
        for desk in self.desks:
            desk.close(RESTART)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # Following the event log

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_connected()
            except (psycopg.OperationalError, exc.DBAPIError, exc.TimeoutError, OSError) as error:
                log.warning("The live feed waits for the database.", error=type(error).__name__)
            except Exception as error:
                log.exception("The live feed met a bug.", error=type(error).__name__)
            await asyncio.sleep(BACK_OFF)

    async def _follow_connected(self) -> None:
        async with outbox.listen(conninfo(self.database_url), outbox.WRITTEN, outbox.DELIVERED) as connection:
            await self._catch_up()
            while True:
                async for _notice in connection.notifies(timeout=SWEEP, stop_after=1):
                    pass
                await self._catch_up()

    async def _catch_up(self) -> None:
        await outbox.relay(self.database)
        while await self._deliver():
            pass

    async def _deliver(self) -> bool:
        """Send the next batch of facts to the desks; returns whether there may be more."""
        async with self.database.begin(CENTRE, snapshot=True) as session:
            if self.position is None or not self.desks:
                # Nobody can miss what came before: a desk is let in when the position is known.
                self.position = await outbox.last_position(session)
                return False
            query = select(EventRow).where(EventRow.position > self.position)
            events = (await session.scalars(query.order_by(EventRow.position).limit(outbox.BATCH))).all()
        if not events:
            return False
        messages = await self._messages(events, self._followed())
        for topic, position, message in messages:
            for desk in list(self.desks):
                if (text := message.for_wall(desk.wall)) is not None:
                    desk.put_event(topic, position, text)
        self.position = events[-1].position
        await self._renew_accesses(events)
        return len(events) == outbox.BATCH

    def _followed(self) -> list[Topic]:
        names = {name for desk in self.desks for name in (*desk.live, *desk.waiting)}
        return [self.topics[name] for name in sorted(names)]

    async def _messages(self, events: Sequence[EventRow], topics: Iterable[Topic]) -> list[tuple[str, int, "Message"]]:
        found = []
        for topic in topics:
            about = [event for event in events if event.kind in topic.kinds]
            if not about:
                continue
            cards = await self._cards(topic, {event.aggregate_id for event in about})
            found += [
                (topic.name, event.position, Message.of(topic.name, event, cards.get(event.aggregate_id)))
                for event in about
            ]
        return sorted(found, key=lambda item: item[1])

    async def _cards(self, topic: Topic, ids: Iterable[UUID]) -> dict[UUID, Scoped]:
        """The cards as they are now, whoever may see them."""
        async with self.database.begin(CENTRE) as session:
            projects = await all_project_ids(session)
        async with self.database.begin(Wall(centre=True, projects=frozenset(projects))) as session:
            return {scoped.card.id: scoped for scoped in await topic.load(session, list(ids))}

    async def _renew_accesses(self, events: Sequence[EventRow]) -> None:
        """Who was changed may have lost a right: look again at once."""
        changed = {event.aggregate_id for event in events}
        for desk in [desk for desk in self.desks if desk.access.account_id in changed]:
            await self._renew(desk)

    async def _renew(self, desk: Desk) -> None:
        try:
            key = await self.doorkeeper.find(desk.secret)
            desk.access = key.access()
            if desk.project is not None:
                desk.access.narrowed_to(desk.project)
        except Refusal:
            desk.close(ENDED)

    # Serving a desk

    async def serve(self, socket: WebSocket, key: Key, secret: str, project: ProjectId | None) -> None:
        """Serve one desk until it goes."""
        mine = sum(desk.access.account_id == key.account_id for desk in self.desks)
        if len(self.desks) >= MAX_DESKS or mine >= MAX_DESKS_OF_ACCOUNT:
            await socket.close(BUSY)
            return
        try:
            await self._know_position()
        except (exc.DBAPIError, exc.TimeoutError):
            await socket.close(BUSY)
            return
        desk = Desk(socket, secret, key.access(), project)
        self.desks.add(desk)
        DESKS.set(len(self.desks))
        desk.put(_json({"type": "hello", "heartbeat_seconds": HEARTBEAT}))
        tasks = [asyncio.create_task(step(desk)) for step in (self._write, self._read, self._beat)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.desks.discard(desk)
            DESKS.set(len(self.desks))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            _log_failure(task)
        if socket.application_state is not WebSocketState.DISCONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(RESTART)

    async def _know_position(self) -> None:
        """Where the log stands, before the first desk comes: facts after it are for that desk."""
        if self.position is not None:
            return
        async with self.database.begin(CENTRE) as session:
            position = await outbox.last_position(session)
        if self.position is None:
            self.position = position

    async def _write(self, desk: Desk) -> None:
        while True:
            message = await desk.queue.get()
            if isinstance(message, int):
                await desk.socket.close(message)
                return
            await desk.socket.send_text(message)

    async def _read(self, desk: Desk) -> None:
        while True:
            text = await desk.socket.receive_text()
            desk.received += 1
            if len(text) > MAX_MESSAGE or desk.received > MAX_MESSAGES:
                desk.close(TOO_BIG)
                await asyncio.sleep(HEARTBEAT)
                return
            await self._heard(desk, text)

    async def _heard(self, desk: Desk, text: str) -> None:
        try:
            message = _FROM_DESK.validate_json(text)
        except ValidationError:
            desk.put(_error(None, "live.malformed"))
            return
        if isinstance(message, Pong):
            desk.missed = 0
        elif isinstance(message, Unsubscribe):
            desk.live.pop(message.topic, None)
        else:
            await self._subscribe(desk, message)

    async def _beat(self, desk: Desk) -> None:
        while desk.missed < MISSED_BEATS:
            desk.missed += 1
            desk.received = 0
            desk.put(_json({"type": "ping"}))
            await asyncio.sleep(HEARTBEAT)
            await self._renew(desk)

    async def _subscribe(self, desk: Desk, message: Subscribe) -> None:
        topic = self.topics.get(message.topic)
        if topic is None:
            desk.put(_error(message.topic, "live.unknown_topic"))
            return
        if not desk.access.may(topic.permission):
            desk.put(_error(message.topic, "auth.forbidden"))
            return
        desk.waiting[topic.name] = []
        try:
            position, texts = await self._first(desk, topic, message.after)
        except (exc.DBAPIError, exc.TimeoutError):
            del desk.waiting[topic.name]
            desk.put(_error(topic.name, "unavailable"))
            return
        for text in texts:
            desk.put(text)
        desk.live[topic.name] = position
        for at, text in desk.waiting.pop(topic.name):
            desk.put_event(topic.name, at, text)

    async def _first(self, desk: Desk, topic: Topic, after: int | None) -> tuple[int, list[str]]:
        """What a new subscription is sent first, and the position that it stands for."""
        if after is not None:
            resumed = await self._resumed(desk, topic, after)
            if resumed is not None:
                return resumed
        async with self.database.begin(desk.wall, snapshot=True) as session:
            scoped = await topic.load(session, None)
            position = await outbox.last_position(session)
        items = [one.card.model_dump(mode="json") for one in scoped]
        return position, [_json({"type": "snapshot", "topic": topic.name, "position": position, "items": items})]

    async def _resumed(self, desk: Desk, topic: Topic, after: int) -> tuple[int, list[str]] | None:
        """The facts since `after`, None when a snapshot is shorter or `after` is not of this log."""
        async with self.database.begin(CENTRE, snapshot=True) as session:
            last = await outbox.last_position(session)
            query = select(EventRow).where(EventRow.position > after, EventRow.kind.in_(topic.kinds))
            events = (await session.scalars(query.order_by(EventRow.position).limit(RESUME_LIMIT + 1))).all()
        if after > last or len(events) > RESUME_LIMIT:
            return None
        messages = await self._messages(events, [topic])
        texts = [text for _, _, message in messages if (text := message.for_wall(desk.wall)) is not None]
        return last, [*texts, _json({"type": "resumed", "topic": topic.name, "position": last})]


@dataclass(frozen=True, slots=True)
class Message:
    """A fact as desks get it: the fresh card for those who see it, the word that it is gone for those who did."""

    scoped: Scoped | None
    changed: str
    removed: str
    left: frozenset[UUID]

    @classmethod
    def of(cls, topic: str, event: EventRow, scoped: Scoped | None) -> "Message":
        head = {"type": "event", "topic": topic, "position": event.position, "id": str(event.aggregate_id)}
        thing = event.kind.partition(".")[0]
        item = scoped.card.model_dump(mode="json") if scoped else None
        left = {UUID(project) for project in event.payload.get("left_projects", ())}
        if event.project_id is not None:
            left.add(event.project_id)
        return cls(
            scoped=scoped,
            changed=_json({**head, "kind": event.kind, "item": item}),
            removed=_json({**head, "kind": f"{thing}.removed", "item": None}),
            left=frozenset(left),
        )

    def for_wall(self, wall: Wall) -> str | None:
        if self.scoped is not None and self.scoped.visible_behind(wall):
            return self.changed
        gone_for_all = self.scoped is None and not self.left
        if gone_for_all or wall.centre or not self.left.isdisjoint(wall.projects):
            return self.removed
        return None


def _log_failure(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
        log.error("A desk's live feed met a bug.", error=type(error).__name__)


def _error(topic: str | None, code: str) -> str:
    return _json({"type": "error", "topic": topic, "code": code})


def _json(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def grouped(topics: Iterable[Topic]) -> dict[str, Topic]:
    """Topics by name; two of one name are a bug."""
    names: dict[str, Topic] = {}
    count: dict[str, int] = defaultdict(int)
    for topic in topics:
        count[topic.name] += 1
        names[topic.name] = topic
    doubled = [name for name, times in count.items() if times > 1]
    if doubled:
        raise ValueError(f"Two live topics are called {doubled[0]}.")
    return names
