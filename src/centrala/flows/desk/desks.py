"""All desks of this process: each person's work as a document, sent whole when it has changed.

A document is small and is made anew rather than patched: a desk that missed one is right with the next. Changes within
`GATHER` are one document. The desk's ping is the heartbeat by which the router knows that somebody sits there.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from centrala.flows.desk.documents import live_contact, state_of, work_contact
from centrala.flows.desk.schemas import (
    ChannelOut,
    ChosenOut,
    ColleagueOut,
    LiveContact,
    QueueTargetOut,
    TargetsOut,
    WorkOut,
)
from centrala.kit.access import Permission
from centrala.kit.clock import Clock
from centrala.kit.errors import Refusal
from centrala.kit.logging import get_logger
from centrala.kit.work import Work
from centrala.routing.core.estimate import expected_wait
from centrala.routing.service import Channel, Dispatcher, OperatorState, PresenceChanged, QueueId, StateChanged
from centrala.routing.service import OperatorId as Operator
from centrala.security.service import Doorkeeper, Key
from centrala.telephony.exchange.devices import Device

if TYPE_CHECKING:
    from centrala.flows.contacts.centre import Centre
    from centrala.flows.contacts.state import Contact

log = get_logger(__name__)

GATHER: Final = 0.02  # seconds over which changes become one document
HEARTBEAT_LIMIT: Final = 15.0  # seconds without a ping, after which nobody sits there
PING_EVERY: Final = 5  # seconds; told to the desk
MAX_MESSAGE: Final = 1_000  # characters a desk may send at once
MAX_MESSAGES: Final = 60  # a desk may send within `RENEW`
RENEW: Final = 15.0  # seconds after which the session is looked at again
MAX_DESKS: Final = 2_000  # of one process
MAX_DESKS_OF_PERSON: Final = 10
ENDED, TOO_BIG, BUSY, RESTART = 4401, 1009, 1013, 1012


class FromDesk(BaseModel):
    """`ping`, each five seconds. `on_desk` is False while the page is about to go."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(pattern="^ping$")
    on_desk: bool = True


@dataclass(slots=True, eq=False)
class Desk:
    """One open page."""

    person_id: UUID
    socket: WebSocket
    secret: str
    revealable: bool
    news: asyncio.Event = field(default_factory=asyncio.Event)
    version: int = 0
    sent: str = ""
    received: int = 0


class Desks:
    """Made with the app; `centre` is there while telephony runs."""

    def __init__(self, dispatcher: Dispatcher, doorkeeper: Doorkeeper, clock: Clock) -> None:
        self.centre: Centre | None = None
        self.beats: dict[UUID, float] = {}  # moment of the last sign of life, by the loop's clock
        self._dispatcher = dispatcher
        self._doorkeeper = doorkeeper
        self._clock = clock
        self._open: defaultdict[UUID, set[Desk]] = defaultdict(set)
        self._shown: dict[UUID, frozenset[UUID]] = {}  # people on whose desks a contact is
        self._phones: dict[UUID, frozenset[Device]] = {}  # what those whose desk is open have registered
        dispatcher.hear(self._state_changed)

    # News

    def contact_changed(self, contact: "Contact") -> None:
        """Everybody on whose desk the contact is, or was, sees it anew."""
        now = frozenset(contact.people())
        before = self._shown.get(contact.id, frozenset())
        if now:
            self._shown[contact.id] = now
        else:
            self._shown.pop(contact.id, None)
        self.touch(now | before)

    def _state_changed(self, change: StateChanged) -> None:
        if self._open:
            self.touch(UUID(one) for one in change.operators)

    def touch(self, people: Iterable[UUID]) -> None:
        for person in people:
            for desk in self._open.get(person, ()):
                desk.news.set()

    def everybody(self) -> None:
        self.touch(list(self._open))

    # Presence

    def beat(self, person_id: UUID) -> None:
        """A sign of life of a person's desk."""
        fresh = not self.alive(person_id)
        self.beats[person_id] = asyncio.get_running_loop().time()
        if fresh:
            self.look(person_id)

    def alive(self, person_id: UUID) -> bool:
        last = self.beats.get(person_id)
        return last is not None and asyncio.get_running_loop().time() - last <= HEARTBEAT_LIMIT

    def look(self, person_id: UUID) -> None:
        """Tell the router whether the person is present: desk and phone both live."""
        view = self._dispatcher.operator(person_id)
        if view is None:
            return
        present = self.alive(person_id) and self._reachable(person_id)
        if view.present is not present:
            self._dispatcher.feed(PresenceChanged(Operator(str(person_id)), present=present))

    def look_at_all(self) -> None:
        """Who has come and gone without a word of their desk."""
        for name in list(self._dispatcher.router.state.operators):
            self.look(UUID(name))
        self._look_at_phones()
        for person, last in list(self.beats.items()):
            if asyncio.get_running_loop().time() - last > HEARTBEAT_LIMIT:
                del self.beats[person]

    def _look_at_phones(self) -> None:
        """Show whose desk is open that another phone can be called now than a moment ago."""
        now = {person: self._devices(person) for person in self._open}
        self.touch([person for person, devices in now.items() if devices != self._phones.get(person)])
        self._phones = now

    def _devices(self, person_id: UUID) -> frozenset[Device]:
        return frozenset() if self.centre is None else self.centre.devices(person_id)

    def _reachable(self, person_id: UUID) -> bool:
        return self.centre is not None and self.centre.reachable(person_id)

    # Documents

    async def document(self, person_id: UUID, *, revealable: bool) -> WorkOut:
        """The whole work of a person, for an answer over HTTP."""
        return self.made(person_id, revealable=revealable, version=0)

    def made(self, person_id: UUID, *, revealable: bool, version: int) -> WorkOut:
        """The whole work of a person as it is now."""
        centre = self.centre
        contacts = [] if centre is None else [one for one in centre.contacts.values() if person_id in one.people()]
        contacts.sort(key=lambda one: one.came_at)
        return WorkOut(
            version=version,
            now=self._clock(),
            telephony=centre is not None,
            phone=self._reachable(person_id),
            chosen=self._chosen(person_id),
            state=state_of(self._dispatcher.operator(person_id)),
            contacts=[
                work_contact(centre, one, person_id, revealable=revealable) for one in contacts if centre is not None
            ],
        )

    def _chosen(self, person_id: UUID) -> ChosenOut:
        info = self._dispatcher.laid.people.get(Operator(str(person_id)))
        if info is None:
            return ChosenOut()
        devices = self._devices(person_id)
        return ChosenOut(
            channels=[
                ChannelOut(channel=channel, most=most, on=channel in info.taken)
                for channel, most in sorted(info.capacity.items())
            ],
            rings_on=info.rings_on,
            browser=Device.BROWSER in devices,
            desk_phone=Device.PHONE in devices,
        )

    async def targets(self, work: Work) -> TargetsOut:
        """Colleagues who work on the asker's projects, and the queues of these."""
        projects = work.access.wall.projects if work.access else frozenset()
        laid, state = self._dispatcher.laid, self._dispatcher.router.state
        queues = {name: info for name, info in laid.queues.items() if info.project_id in projects}
        people = [
            ColleagueOut(
                id=info.id,
                name=f"{info.given_name} {info.family_name}".strip(),
                state=operator.state.value,
                present=operator.present and operator.state is not OperatorState.OFF,
                busy=bool(operator.work),
            )
            for name, info in laid.people.items()
            if (operator := state.operators.get(name)) is not None
            and not queues.keys().isdisjoint(operator.profile.queues)
        ]
        return TargetsOut(
            people=sorted(people, key=lambda one: one.name),
            queues=[self._queue(name, info.id, info.project_id, info.name) for name, info in queues.items()],
        )

    def _queue(self, name: QueueId, queue_id: UUID, project_id: UUID, shown: str) -> QueueTargetOut:
        queue = self._dispatcher.router.state.queues.get(name)
        waiting = 0 if queue is None else len(queue.line)
        return QueueTargetOut(
            id=queue_id,
            project_id=project_id,
            name=shown,
            waiting=waiting,
            expected_wait=None if queue is None else expected_wait(queue, Channel.VOICE, waiting + 1),
        )

    def live_contact(self, contact: "Contact", *, revealable: bool) -> LiveContact:
        return live_contact(self.centre, contact, revealable=revealable)

    # Serving a page

    async def serve(self, socket: WebSocket, key: Key, secret: str) -> None:
        """Serve one page until it goes."""
        person, access = key.account_id, key.access()
        mine = self._open[person]
        if len(mine) >= MAX_DESKS_OF_PERSON or sum(map(len, self._open.values())) >= MAX_DESKS:
            await socket.close(BUSY)
            return
        desk = Desk(person, socket, secret, access.may(Permission.INTERACTIONS_REVEAL))
        mine.add(desk)
        desk.news.set()
        self.beat(person)
        tasks = [asyncio.create_task(step(desk)) for step in (self._write, self._read, self._renew)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._closed(desk)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        code = next((task.result() for task in done if not task.cancelled() and task.exception() is None), None)
        for task in done:
            _log_failure(task)
        if socket.application_state is not WebSocketState.DISCONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(code or RESTART)

    def _closed(self, desk: Desk) -> None:
        """The page is gone; within the heartbeat's limit a reload is no absence."""
        mine = self._open[desk.person_id]
        mine.discard(desk)
        if not mine:
            del self._open[desk.person_id]

    async def _write(self, desk: Desk) -> int | None:
        while True:
            await desk.news.wait()
            await asyncio.sleep(GATHER)
            desk.news.clear()
            document = self.made(desk.person_id, revealable=desk.revealable, version=desk.version + 1)
            text = document.model_dump_json(exclude={"now", "version"})
            if text != desk.sent:
                desk.sent, desk.version = text, desk.version + 1
                await desk.socket.send_text('{"type":"work",' + document.model_dump_json()[1:])

    async def _read(self, desk: Desk) -> int | None:
        while True:
            text = await desk.socket.receive_text()
            desk.received += 1
            if len(text) > MAX_MESSAGE or desk.received > MAX_MESSAGES:
                return TOO_BIG
            try:
                FromDesk.model_validate_json(text)
            except ValidationError:
                continue
            self.beat(desk.person_id)

    async def _renew(self, desk: Desk) -> int | None:
        while True:
            await asyncio.sleep(RENEW)
            desk.received = 0
            try:
                access = (await self._doorkeeper.find(desk.secret)).access()
            except Refusal:
                return ENDED
            if not access.may(Permission.WORK_OWN):
                return ENDED
            revealable = access.may(Permission.INTERACTIONS_REVEAL)
            if revealable is not desk.revealable:
                desk.revealable = revealable
                desk.news.set()

    def heartbeats(self, now: float) -> Mapping[Operator, float]:
        """Moments of the last signs of life by the router's clock, of which `now` is this moment."""
        loop_now = asyncio.get_running_loop().time()
        return {Operator(str(person)): now - (loop_now - last) for person, last in self.beats.items()}


def _log_failure(task: "asyncio.Task[int | None]") -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
        log.error("A desk's work met a bug.", error=type(error).__name__, exc_info=error)
