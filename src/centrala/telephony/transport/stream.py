"""One TCP or TLS connection: framing, keep-alives, the cap on what a slow reader leaves unsent."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, cast

from centrala.telephony.sip.errors import FramingError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.framing import PING, PONG, Item, KeepAlive, StreamFramer
from centrala.telephony.transport.connections import Way, next_number
from centrala.telephony.transport.types import Limits
from centrala.telephony.transport.upkeep import CLOSING, Condition, Step, due


class Host(Protocol):
    """What a connection reports to."""

    limits: Limits
    counters: Counter[str]

    def opened(self, stream: "Stream") -> None:
        """Messages can go. `flow` is set from here on."""
        ...

    def received(self, stream: "Stream", items: Sequence[Item]) -> None:
        """Messages and keep-alives have come."""
        ...

    def lost(self, stream: "Stream") -> None:
        """It is closed, or never became open."""
        ...

    def local_port(self, transport: Transport, used: int) -> int:
        """The port that peers reach us by; `used` when we do not listen."""
        ...


class Stream(asyncio.Protocol):
    """A connection in either direction: `way` of an outbound one, `place` the IP that an inbound one is counted for."""

    def __init__(self, host: Host, transport: Transport, *, way: Way | None = None, place: str | None = None) -> None:
        self.way = way
        self.owner: object | None = None
        self.known = way is not None
        self.last_heard = 0.0
        self.flow = Flow(transport, ("", 0), ("", 0))
        self.place = place
        self._host = host
        self._framer = StreamFramer()
        self._wire: asyncio.Transport | None = None
        self._born = 0.0
        self._whole: float | None = None
        self._partial_since: float | None = None
        self._pinged: float | None = None
        self._unanswered = False
        self._ponged = False

    # From the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = wire = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._born = self.last_heard = asyncio.get_running_loop().time()
        local, remote = wire.get_extra_info("sockname"), wire.get_extra_info("peername")
        if not local or not remote:
            wire.abort()  # gone already
            return
        kind = self.flow.transport
        # Requests of ours name this port in Via and Contact: an outbound connection's own would not be listened on.
        port = self._host.local_port(kind, local[1]) if self.way is not None else local[1]
        self.flow = Flow(kind, (local[0], port), (remote[0], remote[1]), next_number())
        self._host.opened(self)

    def data_received(self, data: bytes) -> None:
        now = self.last_heard = asyncio.get_running_loop().time()
        items = self._framer.feed(data)
        if items:
            self._whole = now
            self._partial_since = None
            self._take(items)
        if not self._framer.waiting:
            self._partial_since = None
        elif self._partial_since is None:
            self._partial_since = now

    def _take(self, items: Sequence[Item]) -> None:
        for item in items:
            if item is KeepAlive.PING:
                self.send(PONG)  # RFC 5626 3.5.1
            elif item is KeepAlive.PONG:
                self._unanswered = False
                self._ponged = self._ponged or self._pinged is not None
        self._host.received(self, items)
        if any(isinstance(item, FramingError) for item in items):
            self._host.counters["streams_broken"] += 1
            self.close()  # after the refusal, which is written already

    def eof_received(self) -> bool:
        return False  # a half-closed connection is closed

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - what ended it changes nothing
        self._wire = None
        self._host.lost(self)

    # From us

    def send(self, data: bytes) -> bool:
        wire = self._wire
        if wire is None or wire.is_closing():
            return False
        wire.write(data)
        if wire.get_write_buffer_size() > self._host.limits.unsent_bytes:
            self._host.counters["slow_readers"] += 1
            wire.abort()
        return True

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()

    def abort(self) -> None:
        """Close it without sending what is queued."""
        if self._wire is not None:
            self._wire.abort()

    def keep_up(self, now: float) -> None:
        """Ping or close when that is due."""
        step = due(now, self._condition(), self._host.limits)
        if step is Step.PING:
            self._pinged, self._unanswered = now, True
            self.send(PING)
        elif step is Step.SETTLE:
            self._take(self._framer.settle())
        elif step in CLOSING:
            self._host.counters[f"streams_{step}"] += 1
            self.close()

    def _condition(self) -> Condition:
        return Condition(
            born=self._born,
            outbound=self.way is not None,
            known=self.known,
            heard=self.last_heard,
            whole=self._whole,
            partial_since=self._partial_since,
            pinged=self._pinged,
            unanswered=self._unanswered,
            ponged=self._ponged,
        )
