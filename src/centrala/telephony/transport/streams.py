"""All TCP and TLS connections of an endpoint: listening, connecting, their upkeep."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.framing import Item
from centrala.telephony.transport.connections import Carrier, Connections, Way
from centrala.telephony.transport.stream import Stream
from centrala.telephony.transport.tls import Tls
from centrala.telephony.transport.types import Limits, Listen

BACKLOG: Final = 512  # connections that wait to be accepted
ACCEPT_PAUSE: Final = 0.1  # seconds after a failed accept
UPKEEP_SECONDS: Final = 2.0  # between looks at the times of connections
RELOAD_ROUNDS: Final = 15  # looks between looks at the certificate's files


class Streams:
    """Connections under one set of caps. `on_items` and `on_lost` get what comes of them."""

    def __init__(
        self,
        *,
        limits: Limits,
        counters: Counter[str],
        connections: Connections,
        tls: Tls | None,
        on_items: Callable[[Flow, Sequence[Item]], None],
        on_lost: Callable[[Flow], None],
    ) -> None:
        self.limits = limits
        self.counters = counters
        self.connections = connections
        self._tls = tls
        self._on_items = on_items
        self._on_lost = on_lost
        self._listeners: list[tuple[Transport, socket.socket]] = []
        self._handshakes = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._connecting: dict[Way, asyncio.Task[Stream | None]] = {}
        self._all: set[Stream] = set()
        self._round = 0
        self._upkeep: asyncio.TimerHandle | None = None

    # Life

    def start(self) -> None:
        """Begin to look after connections."""
        self._upkeep = asyncio.get_running_loop().call_later(UPKEEP_SECONDS, self._keep_up)

    async def listen(self, wanted: Listen) -> None:
        """Take connections at an address. Raises `OSError`; `ValueError` for TLS without a certificate."""
        if wanted.transport is Transport.TLS and (self._tls is None or self._tls.server is None):
            raise ValueError("no certificate to listen for TLS with")
        family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
        listener = socket.create_server((wanted.host, wanted.port), family=family, backlog=BACKLOG)
        listener.settimeout(0.0)
        self._listeners.append((wanted.transport, listener))
        self.spawn(self._accept(listener, wanted.transport))

    @property
    def listening(self) -> tuple[Listen, ...]:
        return tuple(Listen(transport, *one.getsockname()[:2]) for transport, one in self._listeners)

    async def stop(self) -> None:
        """Close everything; what is queued for healthy peers goes out first."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            self._upkeep = None
        work = [*self._tasks, *self._connecting.values()]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        for _, listener in self._listeners:
            listener.close()
        self._listeners.clear()
        for stream in list(self._all):
            stream.close()
        await asyncio.sleep(0)  # the loop reports the closed ones

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _keep_up(self) -> None:
        loop = asyncio.get_running_loop()
        self._upkeep = loop.call_later(UPKEEP_SECONDS, self._keep_up)
        self._round += 1
        if self._tls is not None and self._round % RELOAD_ROUNDS == 0:
            self._tls.refresh()
        self.keep_up(loop.time())

    def keep_up(self, now: float) -> None:
        """Ping and close what is due at `now`."""
        for stream in list(self._all):
            stream.keep_up(now)

    # Inbound

    async def _accept(self, listener: socket.socket, transport: Transport) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                peer, address = await loop.sock_accept(listener)
            except OSError:  # out of descriptors, most often
                self.counters["accept_failed"] += 1
                await asyncio.sleep(ACCEPT_PAUSE)
                continue
            if self._admit(address[0], transport):
                self.spawn(self._begin(peer, address[0], transport))
            else:
                peer.close()

    def _admit(self, ip: str, transport: Transport) -> bool:
        if transport is Transport.TLS and self._handshakes >= self.limits.handshakes:
            self.counters["connections_refused_handshakes"] += 1
            return False
        return self.connections.admit(ip)

    async def _begin(self, peer: socket.socket, ip: str, transport: Transport) -> None:
        """Hand an accepted socket to the loop; with TLS that takes as long as the handshake."""
        context = self._tls.server if transport is Transport.TLS and self._tls is not None else None
        patience = self.limits.handshake_seconds if context is not None else None
        stream = Stream(self, transport, place=ip)
        self._handshakes += context is not None
        try:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: stream, peer, ssl=context, ssl_handshake_timeout=patience
            )
        except (OSError, EOFError):  # ssl.SSLError and the loop's time limit are OSErrors
            self.counters["tls_handshake_failed"] += context is not None
            peer.close()
            self.lost(stream)
        finally:
            self._handshakes -= context is not None

    # From connections

    def opened(self, stream: Stream) -> None:
        self._all.add(stream)
        self.connections.add(stream)

    def received(self, stream: Stream, items: Sequence[Item]) -> None:
        self._on_items(stream.flow, items)

    def lost(self, stream: Stream) -> None:
        self._all.discard(stream)
        if stream.place is not None:
            self.connections.release(stream.place)
            stream.place = None
        if self.connections.remove(stream):
            self._on_lost(stream.flow)

    def local_port(self, transport: Transport, used: int) -> int:
        return next((one.port for one in self.listening if one.transport is transport), used)

    # Outbound

    async def connect(self, way: Way) -> Carrier | None:
        """The shared connection that leads there, a new one if need be; None when none can be had."""
        found = self.connections.towards(way)
        if found is not None:
            return found
        task = self._connecting.get(way)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._connect(way))
            self._connecting[way] = task
            task.add_done_callback(lambda _: self._connecting.pop(way, None))
        # Others may wait for the same connection: one that gives up must not end it for them.
        return await asyncio.shield(task)

    async def _connect(self, way: Way) -> Stream | None:
        if len(self.connections) >= self.limits.connections:
            self.counters["connections_refused_total"] += 1
            return None
        context = self._tls.client if self._tls is not None and way.transport is Transport.TLS else None
        if way.transport is Transport.TLS and context is None:
            return None
        try:
            async with asyncio.timeout(self.limits.connect_seconds):
                return await self._open(way, context)
        except ssl.SSLCertVerificationError:
            self.counters["tls_untrusted"] += 1
        except (OSError, EOFError):  # TimeoutError is one
            self.counters["connect_failed"] += 1
        return None

    async def _open(self, way: Way, context: ssl.SSLContext | None) -> Stream:
        loop = asyncio.get_running_loop()
        host, port = way.remote
        # RFC 5922 7.1: the certificate must be for the domain of the URI, not for the name that DNS led to.
        name = way.name if context is not None else None
        _, made = await loop.create_connection(
            lambda: Stream(self, way.transport, way=way), host, port, ssl=context, server_hostname=name
        )
        return made
