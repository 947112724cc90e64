"""REGISTER: phones come and go; what rings when a person is called."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final
from uuid import UUID

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.telephony.exchange.devices import Device
from centrala.telephony.exchange.doorway import Doorway
from centrala.telephony.phones.service import Owner, restore, save
from centrala.telephony.sip.agent.events import RequestReceived
from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.registrar import Binding, Change, Changed, Registrar
from centrala.telephony.sip.uri import SipUri
from centrala.telephony.transport import Endpoint
from centrala.telephony.transport.types import Address

log = get_logger(__name__)

HERE: Final = frozenset({Change.ADDED, Change.REFRESHED})
MAX_PLACES: Final = 20_000  # addresses remembered; past it those of phones that are gone are forgotten
RETRY: Final = 2.0  # seconds until what the database did not take is written again


def device_of(owner: Owner) -> Device:
    """A browser registers by its session; every other phone has an account."""
    return Device.BROWSER if owner.phone_id is None else Device.PHONE


class Registrations:
    """The registrar of this process and its rows. `endpoint` and `doorway` have to be set before the start."""

    endpoint: Endpoint
    doorway: Doorway

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._registrar = Registrar()
        self._owners: dict[str, Owner] = {}
        self._of_person: dict[UUID, dict[str, Owner]] = {}  # the same, by whose phone it is
        self._comings: Counter[UUID] = Counter()  # how often each desk phone has proved whose it is
        self._places: dict[Address, str] = {}  # where somebody registered from, perhaps no more
        self._unsaved: deque[Changed] = deque()
        self._wake = asyncio.Event()
        self._saved = asyncio.Event()
        self._saved.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_bound: Callable[[Owner, Flow], None] = lambda _owner, _flow: None
        """Called with a phone that has come or moved, and the way to it."""
        self.rings_on: Callable[[UUID], Device | None] = lambda _person: None
        """Which of a person's phones are called; None for all."""

    async def start(self) -> None:
        """Take up what was registered before this process."""
        async with work(self._database, CENTRE, clock=self._clock) as unit:
            owners = await restore(unit, self._registrar, now=self.endpoint.now())
        for owner in owners.values():
            self.know(owner)
        for aor in self._owners:
            for binding in self._registrar.lookup(aor, self.endpoint.now()):
                if binding.flow is not None:
                    self._places[binding.flow.remote] = aor
                    self.endpoint.vouch(binding.flow)
        self._spawn(self._write(), "registrations-writer")
        self._spawn(self._expire(), "registrations-expiry")

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, step: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(step, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Requests

    def take(self, event: RequestReceived) -> None:
        """Serve a REGISTER, in the background: the account has to be looked up."""
        self._spawn(self._serve(event), "register")

    async def _serve(self, event: RequestReceived) -> None:
        try:
            await self._answer(event)
        except NotAllowed:
            return  # the phone has given up waiting
        except Exception:
            # The edge of one request: a database that is away must not take the registrar with it.
            log.exception("A REGISTER could not be served.")
            self._respond(event, 503, (("Retry-After", "5"),))

    async def _answer(self, event: RequestReceived) -> None:
        found = await self.doorway.check(event.request, event.flow)
        if isinstance(found, list):
            self._respond(event, 401, tuple(found))
            return
        owner = found.owner
        visitor = self.endpoint.owner(event.flow)
        if _user(event.request) != owner.aor or visitor not in (None, owner.person_id):
            self._respond(event, 403, ())  # somebody else's address, or over somebody else's browser
            return
        try:
            done = self._registrar.process(event.request, owner.aor, event.flow, self.endpoint.now())
        except SipError as refused:
            self._respond(event, refused.status, tuple(refused.headers))
            return
        self.know(owner)
        self.endpoint.vouch(event.flow)
        self._respond(event, 200, done.headers)
        if any(one.change in HERE for one in done.changes):
            self.on_bound(owner, event.flow)
        self._changed(done.changes)

    def _respond(self, event: RequestReceived, status: int, headers: Sequence[tuple[str, str]]) -> None:
        endpoint = self.endpoint
        endpoint.agent.respond(event.server, status, endpoint.now(), headers=headers)
        endpoint.flush()

    def flow_lost(self, flow: Flow) -> None:
        self._changed(self._registrar.flow_lost(flow))

    async def saved(self) -> None:
        """Wait until the rows say what is known here."""
        await self._saved.wait()

    def comings(self, phone_id: UUID) -> int:
        """How often the phone has come; another number after a wait says that it came meanwhile."""
        return self._comings[phone_id]

    def forget(self, phone_id: UUID) -> None:
        """A phone was removed, disabled or got another secret: it is called no more until it registers anew."""
        for aor, owner in list(self._owners.items()):
            if owner.phone_id == phone_id:
                self._registrar.restore(aor, ())
                del self._owners[aor]
                self._of_person.get(owner.person_id, {}).pop(aor, None)

    def know(self, owner: Owner) -> None:
        """A phone has proved whose it is."""
        before = self._owners.get(owner.aor)
        if before is not None and before.person_id != owner.person_id:
            self._of_person.get(before.person_id, {}).pop(owner.aor, None)
        self._owners[owner.aor] = owner
        if owner.phone_id is not None:
            self._comings[owner.phone_id] += 1
        self._of_person.setdefault(owner.person_id, {})[owner.aor] = owner

    # Looking

    def owner(self, aor: str) -> Owner | None:
        return self._owners.get(aor)

    def of_person(self, person_id: UUID) -> list[tuple[Owner, Binding]]:
        """Everything that rings for a person, the best first: what is registered of what they have chosen."""
        only = self.rings_on(person_id)
        return [one for one in self._registered(person_id) if only is None or device_of(one[0]) is only]

    def _registered(self, person_id: UUID) -> list[tuple[Owner, Binding]]:
        now = self.endpoint.now()
        owners = self._of_person.get(person_id, {}).values()
        return [(owner, binding) for owner in owners for binding in self._registrar.lookup(owner.aor, now)]

    def reachable(self, person_id: UUID) -> bool:
        """Whether a phone of the person can be called now."""
        return bool(self.of_person(person_id))

    def devices(self, person_id: UUID) -> frozenset[Device]:
        """What the person has registered, chosen or not."""
        return frozenset(device_of(owner) for owner, _ in self._registered(person_id))

    def at(self, flow: Flow) -> bool:
        """Whether a registered phone sends from there; a carrier may have the same address with another port."""
        aor = self._places.get(flow.remote)
        if aor is None:
            return False
        live = self._registrar.lookup(aor, self.endpoint.now())
        return any(one.flow is not None and one.flow.remote == flow.remote for one in live)

    def present(self) -> frozenset[UUID]:
        """The people whose phone can be called now."""
        return frozenset(person_id for person_id in self._of_person if self.reachable(person_id))

    def __len__(self) -> int:
        return len(self._registrar)

    # Rows

    def _changed(self, changes: Sequence[Changed]) -> None:
        if not changes:
            return
        for one in changes:
            if one.binding.flow is None:
                continue
            self._places[one.binding.flow.remote] = one.aor
            if one.change not in HERE:
                self.endpoint.disown(one.binding.flow)
        if len(self._places) > MAX_PLACES:
            self._places = {place: aor for place, aor in self._places.items() if self._registrar.lookup(aor, 0.0)}
        self._unsaved.extend(changes)
        self._saved.clear()
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changes = list(self._unsaved)
            try:
                async with work(self._database, CENTRE, clock=self._clock) as unit:
                    await save(unit, changes, self._owners.get, now=self.endpoint.now())
            except Exception:
                # Calls go on by what is known in memory; the rows are for the pages and for the next process.
                log.exception("Registrations could not be written.", waiting=len(self._unsaved))
                await asyncio.sleep(RETRY)
                self._wake.set()
            else:
                for _ in changes:
                    self._unsaved.popleft()
                if not self._unsaved:
                    self._saved.set()

    async def _expire(self) -> None:
        while True:
            now = self.endpoint.now()
            self._changed(self._registrar.expire(now))
            deadline = self._registrar.next_deadline()
            await asyncio.sleep(1.0 if deadline is None else min(30.0, max(0.1, deadline - now)))


def _user(request: Request) -> str:
    uri = request.to.uri
    return uri.user_text if isinstance(uri, SipUri) else ""
