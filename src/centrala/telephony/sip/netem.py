"""An emulated network between agents under virtual time: delay, jitter, loss, duplication.

For tests and simulations of whatever drives agents. A script hears every event of every agent and
may
call commands from it; `at` plans further ones. Nothing here waits.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, Resolve, Send
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens, TokenSource

Address = tuple[str, int]
Script = Callable[[str, UserAgent, Event, float], None]
Tap = Callable[[float, Flow, bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Weather:
    """How a link treats datagrams. Chances in percent, times in seconds; streams lose nothing."""

    delay: float = 0.01
    jitter: float = 0.0
    loss: int = 0
    duplicate: int = 0


class Net:
    """Agents at addresses, and the datagrams between them."""

    def __init__(self, tokens: TokenSource, weather: Weather | None = None, script: Script | None = None) -> None:
        self._tokens = tokens
        self.weather = weather or Weather()
        self.script = script
        self.tap: Tap | None = None  # sees every datagram, may change or swallow it (None)
        self.now = 0.0
        self.agents: dict[str, UserAgent] = {}
        self.log: list[tuple[float, str, Event]] = []
        self.wire: list[tuple[float, Flow, bytes]] = []
        self._names: dict[Address, str] = {}
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0

    def add(self, name: str, agent: UserAgent, address: Address) -> None:
        """Put an agent at an address; the same name again replaces it, as a restart does."""
        self.agents[name] = agent
        self._names[address] = name

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Plan an action."""
        self._serial += 1
        heapq.heappush(self._queue, (time, self._serial, action))

    def flow(self, source: Address, target: Address, transport: Transport = Transport.UDP) -> Flow:
        """Return the flow between two addresses; streams get a connection number of the pair."""
        number = 0
        if transport is not Transport.UDP:
            number = 1 + (source[1] * 31 + target[1] * 17) % 1_000_000
        return Flow(transport, source, target, number)

    def inject(self, data: bytes, flow: Flow) -> None:
        """Deliver bytes as if they came by `flow`, seen from the receiver."""
        self._deliver(data, flow)

    def collect(self) -> None:
        """Take the outputs of all agents and carry them out."""
        busy = True
        while busy:
            busy = False
            for name, agent in list(self.agents.items()):
                for output in agent.outputs():
                    busy = True
                    match output:
                        case Send(flow, data):
                            self._send(flow, data)
                        case Resolve(query, uri, tried):
                            found = self._resolve(name, uri)
                            agent.resolved(query, None if found in tried else found, self.now)
                        case event:
                            self.log.append((self.now, name, event))
                            if self.script is not None:
                                self.script(name, agent, event, self.now)

    def _resolve(self, name: str, uri: str) -> Flow | None:
        own = next(address for address, other in self._names.items() if other == name)
        for address in self._names:
            if f"{address[0]}:{address[1]}" in uri:
                return self.flow(own, address)
        return None

    def _send(self, flow: Flow, data: bytes) -> None:
        self.wire.append((self.now, flow, data))
        if self.tap is not None:
            changed = self.tap(self.now, flow, data)
            if changed is None:
                return
            data = changed
        weather, roll = self.weather, self._tokens.below
        copies = 1
        if not flow.reliable:
            if roll(100) < weather.loss:
                return
            copies += roll(100) < weather.duplicate
        back = Flow(flow.transport, flow.remote, flow.local, flow.connection)
        for _ in range(copies):
            late = 0.0 if flow.reliable else weather.jitter * roll(1000) / 1000
            self.at(
                self.now + weather.delay + late,
                lambda data=data, back=back: self._deliver(data, back),  # type: ignore[misc]
            )

    def _deliver(self, data: bytes, flow: Flow) -> None:
        name = self._names.get(flow.local)
        if name is not None:
            self.agents[name].receive(data, flow, self.now)

    def run(self, until: float) -> None:
        """Let time pass up to `until`."""
        self.collect()
        while (time := self._next()) is not None and time <= until:
            self.now = max(self.now, time)
            while self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
                self.collect()
            for agent in list(self.agents.values()):
                deadline = agent.next_deadline()
                if deadline is not None and deadline <= self.now:
                    agent.advance(self.now)
            self.collect()
        self.now = max(self.now, until)

    def _next(self) -> float | None:
        times = [agent.next_deadline() for agent in self.agents.values()]
        known = [time for time in times if time is not None]
        if self._queue:
            known.append(self._queue[0][0])
        return min(known) if known else None


Handler = Callable[[UserAgent, Event, float], None]
E = TypeVar("E")


@dataclass
class Pair:
    """Two agents, a and b, on one emulated network, and what each does on events."""

    net: Net
    a: UserAgent
    b: UserAgent
    on_a: list[Handler] = field(default_factory=list)
    on_b: list[Handler] = field(default_factory=list)

    a_address: ClassVar[Address] = ("192.0.2.1", 5060)
    b_address: ClassVar[Address] = ("192.0.2.2", 5060)

    @classmethod
    def make(
        cls,
        *,
        weather: Weather | None = None,
        a: AgentConfig | None = None,
        b: AgentConfig | None = None,
        seed: bytes = b"pair",
    ) -> Pair:
        """Put two agents on a network; without a configuration they use no session timers."""
        plain = AgentConfig(timer=TimerPolicy(interval=None))
        made = cls(
            Net(SeededTokens(seed), weather),
            UserAgent(a or plain, SeededTokens(seed + b"a")),
            UserAgent(b or plain, SeededTokens(seed + b"b")),
        )
        made.net.add("a", made.a, cls.a_address)
        made.net.add("b", made.b, cls.b_address)

        def script(name: str, agent: UserAgent, event: Event, now: float) -> None:
            for handler in made.on_a if name == "a" else made.on_b:
                handler(agent, event, now)

        made.net.script = script
        return made

    def flow(self, transport: Transport = Transport.UDP) -> Flow:
        """Return the flow from a to b."""
        return self.net.flow(self.a_address, self.b_address, transport)

    def all(self, who: str, kind: type[E]) -> list[E]:
        """Return the events of a kind that an agent has put out."""
        return [event for _, name, event in self.net.log if name == who and isinstance(event, kind)]

    def one(self, who: str, kind: type[E]) -> E:
        """Return the only event of a kind; `ValueError` when there are none or more."""
        (event,) = self.all(who, kind)
        return event

    def when(self, who: str, kind: type[E]) -> list[float]:
        """Return the times of an agent's events of a kind."""
        return [at for at, name, event in self.net.log if name == who and isinstance(event, kind)]

    def sent(self, who: str) -> list[tuple[float, str]]:
        """Return time and method or status of everything that an agent has sent."""
        address = self.a_address if who == "a" else self.b_address
        out = []
        for at, flow, data in self.net.wire:
            if flow.local == address:
                first = data.split(b" ", 2)
                word = first[1] if first[0] == b"SIP/2.0" else first[0]
                out.append((at, word.decode()))
        return out

    @property
    def leftovers(self) -> dict[str, int]:
        """What either agent still keeps; empty when everything has ended."""
        both = [("a", self.a), ("b", self.b)]
        return {f"{w} {n}": c for w, agent in both for n, c in agent.live.items() if c}
