"""Sockets, clock and resolver round one user agent.

Theory of operation. Whatever happens (a datagram, a timer, a command followed by `flush`) goes to the agent first and
then its outputs are carried out in order: bytes to sockets, look-ups to the resolver, events to `on_event`. Commands
that `on_event` gives are carried out by the same turn of the loop below it, so events are never nested. One timer
stands for the agent's next deadline.
"""

import asyncio
import ipaddress
import socket
from collections import Counter
from collections.abc import Callable, Sequence

from centrala.kit.logging import get_logger
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, Resolve, Send
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import Flow, Transport, transport_of
from centrala.telephony.sip.uri import SipUri, parse_uri
from centrala.telephony.transport.types import Address, Direction, Listen, WireMessage
from centrala.telephony.transport.udp import UdpSocket

log = get_logger(__name__)

ANY_LOOPBACK_PORT = Listen(Transport.UDP, "127.0.0.1", 0)


class Endpoint:
    """One agent on real sockets. Call `flush` after every command given to `agent`.

    `on_event` gets the agent's events; commands it gives need no `flush`. `on_wire`, which may be set at any time,
    gets every message in and out.
    """

    def __init__(
        self,
        agent: UserAgent,
        on_event: Callable[[Event], None],
        *,
        listen: Sequence[Listen] = (ANY_LOOPBACK_PORT,),
        on_wire: Callable[[WireMessage], None] | None = None,
    ) -> None:
        self.agent = agent
        self.on_wire = on_wire
        self._on_event = on_event
        self._listen = tuple(listen)
        self._counters: Counter[str] = Counter()
        self._udp: list[UdpSocket] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False

    # Life

    async def start(self) -> None:
        """Bind everything. Raises `OSError` when an address is taken; nothing is bound then."""
        self._loop = asyncio.get_running_loop()
        try:
            for wanted in self._listen:
                await self._open(wanted)
        except OSError:
            await self.stop()
            raise
        self.flush()

    async def _open(self, wanted: Listen) -> None:
        one = UdpSocket(
            wanted.host,
            wanted.port,
            counters=self._counters,
            on_datagram=self._take_datagram,
            on_unreachable=self._take_failure,
        )
        one.start()
        self._udp.append(one)

    async def stop(self) -> None:
        """Close everything; calls are not ended by it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for one in self._udp:
            one.close()
        self._udp.clear()
        self._loop = None

    @property
    def listening(self) -> tuple[Listen, ...]:
        """What is bound, with the ports that were taken."""
        return tuple(Listen(Transport.UDP, *one.address) for one in self._udp)

    @property
    def local_addresses(self) -> dict[Transport, Address]:
        """The first bound address of each transport."""
        found: dict[Transport, Address] = {}
        for one in self.listening:
            found.setdefault(one.transport, (one.host, one.port))
        return found

    @property
    def counters(self) -> dict[str, int]:
        """What was dropped, refused or went wrong here, by name; the agent counts its own."""
        return dict(self._counters)

    def now(self) -> float:
        """Monotonic seconds, the loop's time. Raises `RuntimeError` when not started."""
        if self._loop is None:
            raise RuntimeError("the endpoint is not started")
        return self._loop.time()

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
            case Resolve(query, uri):
                self.agent.resolved(query, self._resolve(uri), self.now())
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
            if deadline is not None and timer.when() <= deadline:
                return  # it wakes early, finds nothing due and is set anew: cheaper than setting it each time
            timer.cancel()
            self._timer = None
        if deadline is not None and self._loop is not None:
            self._timer = self._loop.call_at(deadline, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.agent.advance(self.now())
        self.flush()

    # In

    def _take_datagram(self, data: bytes, flow: Flow) -> None:
        if self._loop is None:
            return
        now = self._loop.time()
        if self.on_wire is not None:
            self.on_wire(WireMessage(now, Direction.IN, flow, data))
        self.agent.receive(data, flow, now)
        self.flush()

    def _take_failure(self, flow: Flow) -> None:
        if self._loop is not None:
            self.agent.flow_failed(flow, self._loop.time())
            self.flush()

    # Out

    def _send(self, flow: Flow, data: bytes) -> None:
        if self.on_wire is not None:
            self.on_wire(WireMessage(self.now(), Direction.OUT, flow, data))
        sender = self._udp_of(flow)
        if sender is None or not sender.send(flow, data):
            self.agent.flow_failed(flow, self.now())

    def _udp_of(self, flow: Flow) -> UdpSocket | None:
        family = socket.AF_INET6 if ":" in flow.remote[0] else socket.AF_INET
        fitting = [one for one in self._udp if one.family == family]
        exact = [one for one in fitting if one.address == flow.local]
        same = [one for one in fitting if one.address[1] == flow.local[1]]
        # A flow stored before a restart may name an address that is no longer ours.
        return next(iter(exact or same or fitting), None)

    def _resolve(self, uri: str) -> Flow | None:
        try:
            target = parse_uri(uri)
            if not isinstance(target, SipUri) or transport_of(target) is not Transport.UDP:
                return None
            host = str(ipaddress.ip_address(target.address))
            port = target.port or 5060
            sender = self._udp_of(Flow(Transport.UDP, ("", 0), (host, port)))
            if sender is None:
                return None
            flow = Flow(Transport.UDP, sender.local_towards(host), (host, port))
        except (ParseError, ValueError, OSError):
            return None
        return flow
