"""One process's telephony: endpoint, media engine, calls, phones, trunks; started and stopped together.

An event of the SIP agent goes to the first that it belongs to: the trunks' keeper (answers to its own requests), the
registrar (REGISTER), else the calls. The first INVITE of a phone waits until its digest is checked; what comes for that
session meanwhile goes on to the calls, which do not know it yet, and a caller who gave up is not let in any more.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.migrate import conninfo
from centrala.kit.settings import AppSettings
from centrala.kit.vault import Vault
from centrala.kit.work import work
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import Party
from centrala.telephony.calls.ports import Origin
from centrala.telephony.calls.service import Calls, CallSettings, Context
from centrala.telephony.calls.store import DatabaseStore, read_position
from centrala.telephony.exchange.carriers import Carriers
from centrala.telephony.exchange.changes import Changes, React
from centrala.telephony.exchange.doorway import Doorway, has_credentials
from centrala.telephony.exchange.music import music_file
from centrala.telephony.exchange.outgoing import Outgoing
from centrala.telephony.exchange.registrations import Registrations
from centrala.telephony.exchange.ways import Ways, policy_for
from centrala.telephony.media import MediaClient
from centrala.telephony.phones import events as phone_events
from centrala.telephony.phones.service import Owner, phone_is_registered, sip_host
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, FlowLost, IncomingCall, RequestReceived
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.digest import Algorithm, DigestClient
from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.identity import caller_of, number_in
from centrala.telephony.sip.loops import check_loop
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.transport import Endpoint, Listen, TlsFiles, WebSocketFlows
from centrala.telephony.trunks import events as trunk_events
from centrala.telephony.trunks.keeper import TrunkKeeper, Watched, digest_of
from centrala.telephony.trunks.machine import Health
from centrala.telephony.trunks.service.trunks import PURPOSE as TRUNK_SECRETS
from centrala.telephony.trunks.service.watched import all_watched, record_health

log = get_logger(__name__)

NODE: Final = "main"  # of one machine; several share a database once they have names
RECORD_HEALTH_AFTER: Final = 0.5  # seconds over which news of trunks are gathered


@dataclass(slots=True)
class _News:
    """Health of trunks that is not written yet."""

    found: dict[UUID, tuple[Health, float | None]]
    task: "asyncio.Task[None] | None" = None


@dataclass(frozen=True, slots=True)
class Figures:
    """`registrations`: phones that can be called; `banned`: addresses shut out; `counters`: since the start."""

    calls: int
    registrations: int
    banned: int
    counters: Mapping[str, int]


class Exchange:
    """Telephony of this process. `start` raises `OSError` (a port is taken) or `MediaGone`; start again then."""

    def __init__(self, settings: AppSettings, database: Database, clock: Clock) -> None:
        secret = settings.secret_key.get_secret_value()
        self._settings = settings
        self._database = database
        self._clock = clock
        self._tokens = SeededTokens(os.urandom(32))
        self._vault = Vault(secret, purpose=TRUNK_SECRETS)
        self._admitted: dict[DialogId, Origin] = {}
        self._news = _News({})
        self._trunks: dict[UUID, Watched] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.carriers = Carriers(database, clock)
        self.registrations = Registrations(database, clock)
        self.ways = Ways(self.registrations, self._vault, self._tokens, host=sip_host(settings))
        self.guests: Callable[[IncomingCall], Origin | None] = lambda _event: None
        """Says of an INVITE that it is let in without being known; the sample centre's lines, nothing else."""
        self.neighbours: tuple[str, ...] = ()
        """Networks that are trusted beside the carriers' ones."""
        self.before_packets: Callable[[], Awaitable[None]] = _nothing
        """Done at each start when calls and phones are taken up and before a packet is read: who steers calls takes
        theirs up here."""

    # Life

    async def start(self) -> None:
        config = AgentConfig(advertised=advertised(self._settings), same_source=True, familiar=self._familiar)
        agent = UserAgent(config, SeededTokens(os.urandom(32)))
        self.endpoint = endpoint = Endpoint(
            agent, self._on_event, listen=listen_on(self._settings), tls=tls_files(self._settings)
        )
        self._doorway = Doorway(
            self._database,
            self._settings.secret_key.get_secret_value(),
            self._clock,
            self._tokens,
            endpoint,
            algorithms=[Algorithm(one) for one in self._settings.sip.digest],
        )
        music = self._settings.media.music or await asyncio.to_thread(music_file, self._settings.folders.files)
        self.music = str(music)
        self.registrations.endpoint, self.registrations.doorway = endpoint, self._doorway
        self.registrations.on_bound = self._bound
        self.flows = WebSocketFlows(endpoint)
        position = await read_position(self._database, NODE)
        self._media = MediaClient(
            self._settings.media_control,
            engine=None if position is None else position.engine,
            after=None if position is None else position.last,
        )
        self._store = DatabaseStore(self._database, node=NODE, clock=self._clock)
        self.calls = Calls(
            Context(
                endpoint,
                self._media,
                self._store,
                CallSettings(
                    node=NODE,
                    recordings=self._settings.folders.recordings,
                    music=self.music,
                    silence=self._settings.media.silence_seconds,
                ),
                clock=self._clock,
                credentials=self._credentials,
            ),
            self._identify,
        )
        self.keeper = TrunkKeeper(
            endpoint, self._tokens, call_at=asyncio.get_running_loop().call_at, on_health=self._on_health
        )
        self.outgoing = Outgoing(
            self.calls,
            self.ways,
            self._database,
            self._clock,
            now=endpoint.now,
            usable=lambda: {trunk_id: health.usable for trunk_id, health in self.keeper.health.items()},
            suspect=self.keeper.suspect,
        )
        self._changes = Changes(
            self._database, conninfo(self._settings.database_url.get_secret_value()), self._reactions()
        )
        try:
            await self._begin()
        except BaseException:
            await self.stop()
            raise

    async def _begin(self) -> None:
        await self._media.start()
        self._store.start()
        await self._changes.start()
        taken = await self.calls.start()
        await self.outgoing.start()
        await self.load_trunks()
        await self.registrations.start()
        await self.before_packets()
        await self.endpoint.start()
        log.info("Telephony is running.", legs_taken_up=taken)

    async def stop(self) -> None:
        """Stop taking calls; those that are up live on in the media engine and in the store."""
        await self._changes.stop()
        await self.registrations.stop()
        await self.outgoing.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.endpoint.stop()
        await self.calls.close()
        await self._store.close()
        await self._media.close()

    def figures(self) -> Figures:
        """What goes on and what went wrong, for the system page and Prometheus."""
        counted = {**self.endpoint.agent.counters, **self.endpoint.counters, **self.calls.counters}
        now = self.endpoint.now()
        return Figures(
            calls=len(self.calls.live()),
            registrations=len(self.registrations),
            banned=sum(until > now for until in self.endpoint.guard.bans.values()),
            counters=counted,
        )

    async def written(self) -> bool:
        """Wait until the rows of the calls are in the store; False when it is away."""
        return await self._store.flushed()

    def _spawn(self, step: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(step, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _familiar(self, flow: Flow) -> bool:
        """Who may speak within a call from another address than it has: carriers have several, phones move.

        A phone that has moved registers first; the tags of the dialog are asked for in any case.
        """
        known = self.endpoint.owner(flow) is not None or self.registrations.at(flow)
        return known or self.carriers.sends_from(flow.remote[0])

    # Events

    def _on_event(self, event: Event) -> None:
        if self.keeper.on_event(event):
            return
        match event:
            case IncomingCall():
                self._arrive(event)
            case RequestReceived(session=None):
                self._asked(event)
            case FlowLost():
                self.registrations.flow_lost(event.flow)
                self.calls.on_event(event)
            case _:
                self.calls.on_event(event)

    def _asked(self, event: RequestReceived) -> None:
        if event.request.method == "REGISTER":
            self.registrations.take(event)
        elif event.request.method == "OPTIONS":
            self.endpoint.agent.respond(event.server, 200, self.endpoint.now())
        else:
            self.endpoint.agent.respond(event.server, 405, self.endpoint.now(), headers=(("Allow", "INVITE, OPTIONS"),))

    def _arrive(self, event: IncomingCall) -> None:
        try:
            check_loop(event.request, {self.endpoint.agent.sent_by(event.flow)})
        except SipError as refused:
            log.warning("A call of ours came back to us; a trunk may lead here.")
            self._refuse(event, refused.status, ())
            return
        known = has_credentials(event.request)
        origin = None if known else self.guests(event)
        if origin is None and not known and not self.registrations.at(event.flow):
            origin = self.carriers.origin(event)
        if origin is None:
            self._spawn(self._check(event), "invite")
            return
        self._let_in(event, origin)

    async def _check(self, event: IncomingCall) -> None:
        try:
            found = await self._doorway.check(event.request, event.flow)
        except Exception:
            # The edge of one request: the caller is told to come back when the database does.
            log.exception("An INVITE could not be checked.")
            self._refuse(event, 503, (("Retry-After", "5"),))
            return
        if isinstance(found, list):
            self._refuse(event, 401, tuple(found))
            return
        self.registrations.know(found.owner)
        caller = caller_of(event.request, trusted=False)
        self._let_in(
            event,
            Origin(
                caller=Party(number=found.owner.aor, display=caller.display, hidden=caller.hidden),
                callee=number_in(event.request.uri),
                phone_id=found.owner.device_id,
                policy=policy_for(event.flow),
            ),
        )
        self.endpoint.vouch(event.flow)

    def _refuse(self, event: IncomingCall, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        try:
            self.endpoint.agent.reject(event.session, status, self.endpoint.now(), headers)
        except NotAllowed:
            return  # the caller gave up while we looked
        self.endpoint.flush()

    def _let_in(self, event: IncomingCall, origin: Origin) -> None:
        if event.session not in self.endpoint.agent.sessions():
            return  # the caller gave up while we looked
        if event.replaces is not None and not self._may_take_place(origin, event.replaces):
            self._refuse(event, 403, ())
            return
        self._admitted[event.session] = origin
        try:
            self.calls.on_event(event)
        finally:
            self._admitted.pop(event.session, None)
        self.endpoint.flush()

    def _may_take_place(self, origin: Origin, session: DialogId) -> bool:
        """INVITE with Replaces (RFC 3891 section 5): only from the phone whose leg it is, as after a reload."""
        return origin.phone_id is not None and self.calls.phone_of(session) == origin.phone_id

    def _identify(self, event: IncomingCall) -> Origin | Cause:
        return self._admitted.get(event.session, Cause.FORBIDDEN)

    # What administrators change

    def _reactions(self) -> Mapping[str, React]:
        return {
            trunk_events.TRUNK_CHANGED: self._trunk_changed,
            trunk_events.TRUNK_REMOVED: self._trunk_changed,
            phone_events.PHONE_CHANGED: self._phone_changed,
            phone_events.PHONE_REMOVED: self._phone_changed,
        }

    async def _trunk_changed(self, _trunk_id: UUID) -> None:
        await self.load_trunks()

    async def load_trunks(self) -> None:
        """Take the trunks as they are in the store."""
        await self.carriers.load()
        self.endpoint.guard.trust([*self.carriers.networks, *self.neighbours])
        async with work(self._database, CENTRE, clock=self._clock) as unit:
            trunks = await all_watched(unit, self._vault)
        self._trunks = {one.id: one for one in trunks}
        self.keeper.set(trunks)

    def _credentials(self, trunk_id: UUID) -> DigestClient | None:
        """How to answer a carrier that challenges within a call which was taken up."""
        one = self._trunks.get(trunk_id)
        return None if one is None else digest_of(one, self._tokens)

    def _bound(self, owner: Owner, flow: Flow) -> None:
        """A phone is back on another connection: its calls go on over that."""
        if flow.reliable:
            self.calls.rebind(owner.device_id, flow)

    async def _phone_changed(self, phone_id: UUID) -> None:
        known = -1
        while known != self.registrations.comings(phone_id):  # else it came while we looked, and is judged anew
            known = self.registrations.comings(phone_id)
            await self.registrations.saved()  # a phone that has just come has no row yet
            async with work(self._database, CENTRE, clock=self._clock) as unit:
                if await phone_is_registered(unit, phone_id):
                    return
        self.registrations.forget(phone_id)

    # Health of trunks

    def _on_health(self, trunk_id: UUID, health: Health, next_at: float | None) -> None:
        self._news.found[trunk_id] = (health, next_at)
        if self._news.task is None or self._news.task.done():
            self._news.task = self._spawn(self._record_health(), "trunk-health")

    async def _record_health(self) -> None:
        await asyncio.sleep(RECORD_HEALTH_AFTER)
        found, self._news.found = self._news.found, {}
        calls = {trunk_id: load.calls for trunk_id, load in self.outgoing.loads.items()}
        try:
            async with work(self._database, CENTRE, clock=self._clock) as unit:
                await record_health(unit, found, calls, now=self.endpoint.now())
        except Exception:
            # The choice of a trunk goes by what is in memory; the rows are for the pages.
            log.exception("The health of trunks could not be written.")


async def _nothing() -> None:
    pass


def listen_on(settings: AppSettings) -> tuple[Listen, ...]:
    """The sockets of SIP; TLS only where there is a certificate."""
    sip = settings.sip
    wanted = [Listen(Transport.UDP, sip.host, sip.udp_port), Listen(Transport.TCP, sip.host, sip.tcp_port)]
    if sip.tls_certificate is not None:
        wanted.append(Listen(Transport.TLS, sip.host, sip.tls_port))
    return tuple(wanted)


def tls_files(settings: AppSettings) -> TlsFiles:
    sip = settings.sip
    return TlsFiles(certificate=sip.tls_certificate, key=sip.tls_key, authorities=sip.tls_authorities)


def advertised(settings: AppSettings) -> dict[Transport, tuple[str, int]]:
    """Where peers reach us when that is not where we listen."""
    sip = settings.sip
    if sip.public_address is None:
        return {}
    ports = {Transport.UDP: sip.udp_port, Transport.TCP: sip.tcp_port, Transport.TLS: sip.tls_port}
    return {transport: (str(sip.public_address), port) for transport, port in ports.items()}
