"""An emulated network between agents under virtual time: delay, jitter, loss, duplication.

For tests and simulations of whatever drives agents. A script hears every event of every agent and
may
call commands from it; `at` plans further ones. Nothing here waits.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, Resolve, Send
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.tokens import TokenSource

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
                        case Resolve(query, uri):
                            agent.resolved(query, self._resolve(name, uri), self.now)
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
