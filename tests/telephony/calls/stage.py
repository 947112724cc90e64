"""A stage for calls: our side with a fake media engine, phones, one emulated network, one virtual clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from centrala.kit.outbox import Fact
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import CallEvent, Party
from centrala.telephony.calls.ports import Origin, Target
from centrala.telephony.calls.service import Calls, CallSettings, Context
from centrala.telephony.calls.store import CallStore, Kept, Kind, Make, Position
from centrala.telephony.calls.streams import MediaPolicy
from centrala.telephony.media import FakeMedia
from centrala.telephony.sip.agent.attempt import Call as SipCall
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Answered,
    Event,
    IncomingCall,
    Progress,
    Reoffer,
    RequestReceived,
    SessionEnded,
)
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.identity import caller_of
from centrala.telephony.sip.netem import Net, Weather
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri

CENTRE = ("192.0.2.1", 5060)
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
E = TypeVar("E")


class ListStore:
    """Keeps rows in memory; `delay_flush` holds `flushed` back until it is set."""

    def __init__(self) -> None:
        self.rows: dict[Kind, dict[UUID, dict[str, Any]]] = {kind: {} for kind in Kind}
        self.facts: list[Fact] = []
        self.position: Position | None = None
        self.on_flush: Callable[[], None] | None = None

    def put(self, kind: Kind, row: UUID, call: UUID, make: Make, *, project: UUID | None = None) -> None:  # noqa: ARG002 - the port's
        made = make()
        if made is not None:
            self.rows[kind][row] = dict(made)

    def forget_dialog(self, leg: UUID, call: UUID) -> None:  # noqa: ARG002 - the port's
        self.rows[Kind.DIALOG].pop(leg, None)

    def tell(self, fact: Fact, call: UUID) -> None:  # noqa: ARG002 - the port's
        self.facts.append(fact)

    def note_position(self, position: Position) -> None:
        self.position = position

    async def flushed(self) -> bool:
        if self.on_flush is not None:
            self.on_flush()
        return True

    async def kept(self) -> Kept:
        return Kept(
            dialogs=[dict(row) for row in self.dialogs.values()],
            calls=[dict(row) for row in self.calls if row["ended_at"] is None],
            legs=[dict(row) for row in self.legs if row["ended_at"] is None],
            recordings=[dict(row) for row in self.rows[Kind.RECORDING].values() if row["ended_at"] is None],
        )

    @property
    def calls(self) -> list[dict[str, Any]]:
        return list(self.rows[Kind.CALL].values())

    @property
    def legs(self) -> list[dict[str, Any]]:
        return list(self.rows[Kind.LEG].values())

    @property
    def dialogs(self) -> dict[UUID, dict[str, Any]]:
        return self.rows[Kind.DIALOG]


def sdp(
    port: int = 4000, *, way: str = "sendrecv", codecs: str = "8 0", ip: str = "192.0.2.99", version: int = 0
) -> bytes:
    return (
        f"v=0\r\no=- 1 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {codecs} 101\r\na=rtpmap:101 telephone-event/8000\r\na={way}\r\n"
    ).encode()


@dataclass(eq=False)
class Phone:
    """A peer. `behaviour` decides what it does with a call that comes; sent requests are plain commands."""

    stage: "Stage"
    name: str
    address: tuple[str, int]
    agent: UserAgent
    behaviour: Callable[["Phone", IncomingCall], None] | None = None
    sessions: list[DialogId] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    way: str = "sendrecv"

    @property
    def session(self) -> DialogId:
        return self.sessions[-1]

    @property
    def port(self) -> int:
        return 4000 + 2 * int(self.address[0].rpartition(".")[2])

    def sdp(self, way: str = "sendrecv", version: int = 0) -> bytes:
        return sdp(self.port, way=way, ip=self.address[0], version=version)

    def call(
        self, user: str = "1001", *, offer: bool = True, headers: tuple[tuple[str, str], ...] = (), hops: int = 70
    ) -> str:
        target = parse_uri(f"sip:{user}@{CENTRE[0]}:{CENTRE[1]}")
        local = parse_name_addr(f'"{self.name.title()}" <sip:{self.name}@{self.address[0]}>')
        flow = self.stage.net.flow(self.address, CENTRE)
        body = self.sdp() if offer else None
        call = SipCall(target, local, flow=flow, sdp=body, headers=headers, max_forwards=hops)
        return self.agent.invite(call, self.stage.net.now)

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def hear(self, event: Event) -> None:
        self.events.append(event)
        now = self.stage.net.now
        match event:
            case IncomingCall():
                self.sessions.append(event.session)
                if self.behaviour is not None:
                    self.behaviour(self, event)
            case Answered():
                self.sessions.append(event.session)
                if event.offer is not None:
                    self.agent.acknowledge(event.session, self.sdp(), now)
            case Reoffer():
                self.agent.accept_offer(event.exchange, self.sdp(version=9), now)
            case RequestReceived():
                self.agent.respond(event.server, 200, now)
            case _:
                pass

    def offer(self, way: str, version: int) -> None:
        """A re-INVITE, as for hold."""
        self.agent.reoffer(self.session, self.sdp(way, version), self.stage.net.now)

    def hang_up(self) -> None:
        self.agent.hang_up(self.session, self.stage.net.now)

    @property
    def statuses(self) -> list[int]:
        return [event.status for event in self.all(Progress)]

    @property
    def over(self) -> bool:
        ended = {event.session for event in self.all(SessionEnded)}
        return all(session in ended for session in self.sessions)


def answers(phone: Phone, event: IncomingCall) -> None:
    now = phone.stage.net.now
    phone.agent.ring(event.session, now)
    phone.agent.answer(event.session, now, phone.sdp())


def rings(phone: Phone, event: IncomingCall) -> None:
    phone.agent.ring(event.session, phone.stage.net.now)


def refuses(status: int, *headers: tuple[str, str]) -> Callable[[Phone, IncomingCall], None]:
    def refuse(phone: Phone, event: IncomingCall) -> None:
        phone.agent.reject(event.session, status, phone.stage.net.now, headers)

    return refuse


@dataclass
class _Endpoint:
    agent: UserAgent
    net: Net

    def now(self) -> float:
        return self.net.now

    def flush(self) -> None:
        """The stage collects after every step."""


class _Timers:
    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    def after(self, seconds: float, action: Callable[[], None]) -> "_Planned":
        planned = _Planned(action)
        self._stage.net.at(self._stage.net.now + seconds, planned.run)
        return planned


@dataclass
class _Planned:
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True

    def run(self) -> None:
        if not self.cancelled:
            self.action()


def plain_config() -> AgentConfig:
    return AgentConfig(timer=TimerPolicy(interval=None))


class Stage:
    """Drives network, phones and the calls step by step; time passes only in `run`."""

    def __init__(
        self,
        *,
        store: CallStore | None = None,
        media: Any = None,
        weather: Weather | None = None,
        seed: bytes = b"stage",
        config: AgentConfig | None = None,
        settings: CallSettings | None = None,
        policy: MediaPolicy | None = None,
    ) -> None:
        self.net = Net(SeededTokens(seed), weather, self._script)
        self.media = media or FakeMedia()
        self.store = store or ListStore()
        self.phones: dict[str, Phone] = {}
        self.events: list[CallEvent] = []
        self.on_event: list[Callable[[CallEvent], None]] = []
        self.policy = policy or MediaPolicy()
        self.refusal: Cause | None = None
        self.project: UUID | None = None
        self.dead: UserAgent | None = None
        self.phone_ids: dict[str, UUID] = {}
        self._seed = seed
        self._config = config or plain_config()
        self._settings = settings or CallSettings()
        self.start()

    def start(self) -> None:
        """Our side, from nothing; again after `die`."""
        self.agent = UserAgent(self._config, SeededTokens(self._seed + b"us" + str(self.net.now).encode()))
        self.net.add("us", self.agent, CENTRE)
        self.context = Context(
            endpoint=_Endpoint(self.agent, self.net),
            media=self.media,
            store=self.store,
            settings=self._settings,
            timers=_Timers(self),
            clock=self.clock,
        )
        self.calls = Calls(self.context, self._identify)
        self.calls.subscribe(self._hear)

    async def die(self, seconds: float = 0.0) -> None:
        """Our process is killed; the network goes on for some seconds without us."""
        self.agent.receive = lambda *_args: None  # type: ignore[method-assign]  # nobody reads
        self.agent.next_deadline = lambda: None  # type: ignore[method-assign]  # nobody looks at the clock
        self.agent.outputs = list  # type: ignore[method-assign]  # nobody sends
        self.dead = self.agent
        self.context.listeners.clear()
        for task in list(self.context.tasks):
            task.cancel()
        await self.run(seconds)

    async def come_back(self) -> int:
        """A new process on the same store and engine; returns how many legs it took up."""
        self.start()
        taken = await self.calls.start()
        await self.settle()
        return taken

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.net.now)

    @property
    def rows(self) -> ListStore:
        assert isinstance(self.store, ListStore)
        return self.store

    def phone(self, name: str, behaviour: Callable[[Phone, IncomingCall], None] | None = None) -> Phone:
        address = (f"192.0.2.{10 + len(self.phones)}", 5060)
        agent = UserAgent(plain_config(), SeededTokens(self._seed + name.encode()))
        self.net.add(name, agent, address)
        phone = Phone(self, name, address, agent, behaviour)
        self.phones[name] = phone
        return phone

    def target(self, phone: Phone, *, policy: MediaPolicy | None = None, phone_id: UUID | None = None) -> Target:
        return Target(
            uri=parse_uri(f"sip:{phone.name}@{phone.address[0]}:{phone.address[1]}"),
            local=parse_name_addr("<sip:+37322000001@192.0.2.1>"),
            peer=Party(number=phone.name),
            flow=self.net.flow(CENTRE, phone.address),
            policy=policy or self.policy,
            phone_id=phone_id or self.phone_ids.get(phone.name),
        )

    def _identify(self, event: IncomingCall) -> Origin | Cause:
        if self.refusal is not None:
            return self.refusal
        caller = caller_of(event.request, trusted=True)
        return Origin(
            caller=Party(number=caller.number, display=caller.display),
            callee=getattr(event.request.uri, "user_text", ""),
            policy=self.policy,
            phone_id=self.phone_ids.get(caller.number),
            project_id=self.project,
        )

    def _script(self, name: str, _agent: UserAgent, event: Event, _now: float) -> None:
        if name == "us":
            self.calls.on_event(event)
        else:
            self.phones[name].hear(event)

    def _hear(self, event: CallEvent) -> None:
        self.events.append(event)
        for listener in list(self.on_event):
            listener(event)

    async def settle(self) -> None:
        """Let everything happen that needs no time."""
        while True:
            self.net.collect()
            for _ in range(5):
                await asyncio.sleep(0)
            await self.calls.idle()
            self._hear_engine()
            waiting = any(agent._context.out for agent in self.net.agents.values() if agent is not self.dead)
            if not self.context.tasks and not waiting:
                return

    def _hear_engine(self) -> None:
        while not self.media._events.empty():
            self.calls._engine.handle(self.media._events.get_nowait())

    async def run(self, seconds: float) -> None:
        """Let time pass, a step at a time."""
        end = self.net.now + seconds
        await self.settle()
        while (step := self.net._next()) is not None and step <= end:
            self.net.run(step)
            await self.settle()
        self.net.run(end)
        await self.settle()

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Plan something `seconds` from now."""
        self.net.at(self.net.now + seconds, lambda: void(action()))

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def one(self, kind: type[E]) -> E:
        (event,) = self.all(kind)
        return event

    def heard(self) -> dict[str, set[str]]:
        """Who hears whom at this moment, by the number of the peer."""
        names: dict[str, str] = {leg.name: leg.peer.number for call in self.calls.live() for leg in call.legs.values()}
        return {
            names[ear]: {names[mouth] for mouth in mouths}
            for room in self.media.rooms.values()
            for ear, mouths in room.matrix.items()
        }

    @property
    def leftovers(self) -> dict[str, Any]:
        """What is kept though everything should be over."""
        kept: dict[str, Any] = {
            "calls": len(self.context.calls),
            "legs": len(self.context.legs),
            "sessions": len(self.context.by_session),
            "attempts": len(self.context.by_attempt),
            "plays": len(self.context.plays),
            "rooms": len(self.media.rooms),
            "media legs": len(self.media.legs),
            "records": len(self.media.records),
        }
        if isinstance(self.store, ListStore):
            kept["dialogs"] = len(self.store.dialogs)
            kept["open calls"] = sum(row["ended_at"] is None for row in self.store.calls)
            kept["open legs"] = sum(row["ended_at"] is None for row in self.store.legs)
        for name, agent in self.net.agents.items():
            kept |= {f"{name} {what}": count for what, count in agent.live.items()}
        return {name: count for name, count in kept.items() if count}


def void(_value: object) -> None:
    """For actions whose result is of no interest."""
