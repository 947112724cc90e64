"""Sockets, clock and resolver round one user agent.

Theory of operation. Whatever happens (a datagram, a timer, a command followed by `flush`) goes to the agent first and
then its outputs are carried out in order: bytes to sockets, look-ups to the resolver, events to `on_event`. Commands
that `on_event` gives are carried out by the same turn of the loop below it, so events are never nested. One timer
stands for the agent's next deadline.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence

from centrala.kit.logging import get_logger
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, Resolve, Send
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.framing import Item, KeepAlive
from centrala.telephony.sip.tokens import SeededTokens, TokenSource
from centrala.telephony.transport.connections import Carrier, Connections
from centrala.telephony.transport.datagrams import Datagrams
from centrala.telephony.transport.gate import Gate, GatePolicy
from centrala.telephony.transport.guard import Guard
from centrala.telephony.transport.resolve import Lookup
from centrala.telephony.transport.route import Router
from centrala.telephony.transport.streams import Streams
from centrala.telephony.transport.tls import Tls, TlsFiles
from centrala.telephony.transport.types import Address, Direction, Limits, Listen, WireMessage
from centrala.telephony.transport.widen import Widener

log = get_logger(__name__)

ANY_LOOPBACK_PORT = Listen(Transport.UDP, "127.0.0.1", 0)


class Endpoint:
    """One agent on real sockets. Call `flush` after every command given to `agent`.

    `on_event` gets the agent's events; commands it gives need no `flush`. `on_wire`, which may be set at any time,
    gets every message in and out. `tls` None: no TLS in either direction. Raises what `Tls` raises.
    """

    def __init__(
        self,
        agent: UserAgent,
        on_event: Callable[[Event], None],
        *,
        listen: Sequence[Listen] = (ANY_LOOPBACK_PORT,),
        tls: TlsFiles | None = None,
        lookup: Lookup | None = None,
        limits: Limits | None = None,
        tokens: TokenSource | None = None,
        guard: Guard | None = None,
        gate: GatePolicy | None = None,
        on_wire: Callable[[WireMessage], None] | None = None,
    ) -> None:
        self.agent = agent
        self.guard = guard or Guard()
        self.on_wire = on_wire
        self.limits = limits or Limits()
        self._on_event = on_event
        self._listen = tuple(listen)
        self._counters: Counter[str] = Counter()
        self._tls = None if tls is None else Tls(tls, self.count)
        self._gate = Gate(self.guard, gate or GatePolicy(), self._counters)
        self._connections = Connections(self.limits, self._counters, lambda ip: self.guard.banned(ip, self.now()))
        self._datagrams = Datagrams(self._counters, self._take_datagram, self._take_failure)
        self._streams = Streams(
            limits=self.limits,
            counters=self._counters,
            connections=self._connections,
            tls=self._tls,
            on_items=self._take_items,
            on_lost=self._take_failure,
        )
        self._router = Router(
            lookup or _dns(),
            datagrams=self._datagrams,
            streams=self._streams,
            below=(tokens or SeededTokens(os.urandom(32))).below,
            secure=self._tls is not None,
        )
        self._widener = Widener(self._datagrams, self._streams, self._counters, self._trace_out)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self._busy = False

    # Life

    async def start(self) -> None:
        """Bind everything. Raises `OSError` when an address is taken; nothing is bound then."""
        self._loop = asyncio.get_running_loop()
        self._streams.start()
        try:
            for wanted in self._listen:
                if wanted.transport is Transport.UDP:
                    self._datagrams.open(wanted.host, wanted.port)
                else:
                    await self._streams.listen(wanted)
        except (OSError, ValueError):
            await self.stop()
            raise
        self.flush()

    async def stop(self) -> None:
        """Close everything; calls are not ended by it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._loop = None
        await self._streams.stop()
        for carrier in self._connections:
            carrier.close()
        self._datagrams.close()

    @property
    def listening(self) -> tuple[Listen, ...]:
        """What is bound, with the ports that were taken."""
        return (*self._datagrams.listening, *self._streams.listening)

    @property
    def local_addresses(self) -> dict[Transport, Address]:
        """The first bound address of each transport."""
        found: dict[Transport, Address] = {}
        for one in self.listening:
            found.setdefault(one.transport, (one.host, one.port))
        return found

    @property
    def counters(self) -> dict[str, int]:
        """What was dropped, refused or went wrong here, by name, and how much is open; the agent counts its own."""
        return {**self._counters, "connections_open": len(self._connections)}

    def count(self, name: str) -> None:
        """Count something that happened in what carries messages to this endpoint."""
        self._counters[name] += 1

    def now(self) -> float:
        """Monotonic seconds, the loop's time, before the start too. Raises `RuntimeError` outside of a loop."""
        return (self._loop or asyncio.get_running_loop()).time()

    def reload_tls(self) -> bool:
        """Take a renewed certificate now (it is looked for every half minute); True if there was one."""
        return self._tls is not None and self._tls.refresh()

    # Connections

    def is_open(self, flow: Flow) -> bool:
        """Whether a flow can be sent on: a connection that lives, or UDP."""
        return not flow.connection or self._connections.get(flow) is not None

    def owner(self, flow: Flow) -> object | None:
        """Whom a browser's connection belongs to; None for other flows."""
        carrier = self._connections.get(flow)
        return None if carrier is None else carrier.owner

    def vouch(self, flow: Flow) -> None:
        """Say that a flow's peer is known (a registered phone): nothing slows it, and it may stay idle for longer."""
        if flow.connection:
            carrier = self._connections.get(flow)
            if carrier is not None:
                carrier.known = True
        else:
            self.guard.learn(flow.remote)

    def disown(self, flow: Flow) -> None:
        """Take back what `vouch` said, as when a registration has ended."""
        carrier = self._connections.get(flow)
        if carrier is not None:
            carrier.known = False
        self.guard.forget(flow.remote)

    def close_flow(self, flow: Flow) -> None:
        """Close a connection; `FlowLost` follows."""
        carrier = self._connections.get(flow)
        if carrier is not None:
            carrier.close()

    def admit(self, ip: str) -> bool:
        """Take a place for an inbound connection from an IP; `release` gives it back. False: there is none."""
        return self._connections.admit(ip)

    def release(self, ip: str) -> None:
        """Give a place back."""
        self._connections.release(ip)

    def attach(self, carrier: Carrier) -> None:
        """Take a connection that somebody else carries, as a WebSocket."""
        self._connections.add(carrier)

    def detach(self, carrier: Carrier) -> None:
        """Learn that it is closed."""
        if self._connections.remove(carrier):
            self._take_failure(carrier.flow)

    # Turning the agent

    def flush(self) -> None:
        """Carry out what the agent has put out. Needed after every command from outside of `on_event`."""
        if self._busy or self._loop is None:
            return
        self._busy = True
        try:
            while outputs := self.agent.outputs():
                for output in outputs:
                    self._carry_out(output)
        finally:
            self._busy = False
        self._arm()

    def _carry_out(self, output: Send | Resolve | Event) -> None:
        match output:
            case Send(flow, data):
                self._send(flow, data)
            case Resolve():
                self._resolve(output)
            case event:
                self._tell(event)

    def _tell(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            # The edge of one call: a fault in what handles it must not keep the others from their events.
            self._counters["event_handler_failed"] += 1
            log.exception("The handler of a SIP event has failed.", event=type(event).__name__)

    def _arm(self) -> None:
        deadline = self.agent.next_deadline()
        timer = self._timer
        if timer is not None:
            if deadline is not None and self._wake_at <= deadline:
                return  # it wakes early, finds nothing due and is set anew: cheaper than setting it each time
            timer.cancel()
            self._timer = None
        if deadline is not None and self._loop is not None:
            self._timer = self._loop.call_at(deadline, self._wake)
            self._wake_at = deadline  # uvloop gives a handle without its time for what is due already

    def _wake(self) -> None:
        self._timer = None
        self.agent.advance(self.now())
        self.flush()

    # In

    def take(self, data: bytes, flow: Flow) -> None:
        """Take one message from a carrier that keeps messages apart (RFC 7118)."""
        self._take_datagram(data, flow)

    def _take_datagram(self, data: bytes, flow: Flow) -> None:
        if self._loop is None:
            return
        now = self._loop.time()
        if not self._is_known(flow) and not self._gate.admits(data, flow, now):
            return
        if self.on_wire is not None:
            self.on_wire(WireMessage(now, Direction.IN, flow, data))
        self.agent.receive(data, flow, now)
        self.flush()

    def _is_known(self, flow: Flow) -> bool:
        if not flow.connection:
            return False  # the guard knows addresses
        carrier = self._connections.get(flow)
        return carrier is not None and carrier.known

    def _take_items(self, flow: Flow, items: Sequence[Item]) -> None:
        if self._loop is None:
            return
        now = self._loop.time()
        for item in items:
            if isinstance(item, KeepAlive):
                continue
            message = item.message if isinstance(item, ParseError) else item
            if (
                message is not None
                and not self._is_known(flow)
                and not self._gate.admits(message.to_bytes(), flow, now)
            ):
                self.close_flow(flow)  # on a stream nothing can be lost in silence: the peer would wait for it
                return
            if self.on_wire is not None:
                self.on_wire(WireMessage(now, Direction.IN, flow, b"" if message is None else message.to_bytes()))
            self.agent.receive_message(item, flow, now)
            self.flush()

    def _take_failure(self, flow: Flow) -> None:
        if self._loop is not None:
            self._router.shun(flow, self._loop.time())
            self.agent.flow_failed(flow, self._loop.time())
            self.flush()

    # Out

    def _send(self, flow: Flow, data: bytes) -> None:
        now = self.now()
        if not flow.connection and self._widener.take(flow, data, now):
            return
        self._trace_out(flow, data)
        if flow.connection:
            carrier = self._connections.get(flow)
            sent = carrier is not None and carrier.send(data)
        else:
            sent = self._datagrams.send(flow, data)
        if not sent:
            self.agent.flow_failed(flow, now)

    def _trace_out(self, flow: Flow, data: bytes) -> None:
        if self.on_wire is not None:
            self.on_wire(WireMessage(self.now(), Direction.OUT, flow, data))

    def _resolve(self, asked: Resolve) -> None:
        ready = self._router.at_once(asked)
        if ready is not None:
            self.agent.resolved(asked.query, ready, self.now())
        else:
            self._streams.spawn(self._find(asked))

    async def _find(self, asked: Resolve) -> None:
        try:
            flow = await self._router.find(asked, self.now())
        except Exception:
            # The edge of one look-up: whatever a name service may say, the call that waits for it must get an answer.
            self._counters["resolve_failed"] += 1
            log.exception("A look-up has failed.")
            flow = None
        if self._loop is not None:
            self.agent.resolved(asked.query, flow, self._loop.time())
            self.flush()


def _dns() -> Lookup:
    # Loaded with the first endpoint: whoever only names a type of this package should not wait for dnspython.
    from centrala.telephony.transport.names import DnsLookup  # noqa: PLC0415

    return DnsLookup()
