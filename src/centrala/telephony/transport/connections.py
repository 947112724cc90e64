"""All connections of an endpoint, whatever carries them, under their caps."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.transport.types import Address, Limits

# Unique over restarts too, since stored dialogs name the flows of an earlier life: counted from the microsecond of the
# start, below 2**53 so that JSON keeps it.
_numbers: Final = itertools.count(time.time_ns() // 1000)


def next_number() -> int:
    """A number that no connection of this or an earlier process has."""
    return next(_numbers)


class Way(NamedTuple):
    """Where an outbound connection leads; one is shared by all that goes the same way."""

    transport: Transport
    remote: Address
    name: str  # what its certificate was checked against; empty without TLS


class Carrier(Protocol):
    """One open connection."""

    flow: Flow
    way: Way | None  # of an outbound one
    owner: object | None  # whom a browser's session belongs to
    known: bool  # somebody vouched for it: a registered phone, a trunk
    last_heard: float

    def send(self, data: bytes) -> bool:
        """Queue a message; False when the connection is gone."""
        ...

    def close(self) -> None:
        """Close it once what is queued has gone out."""
        ...


class Connections:
    """Open connections by number, with their caps and the shared outbound ones by way."""

    def __init__(self, limits: Limits, counters: Counter[str], banned: Callable[[str], bool]) -> None:
        self._limits = limits
        self._counters = counters
        self._banned = banned
        self._by_number: dict[int, Carrier] = {}
        self._by_way: dict[Way, Carrier] = {}
        self._inbound: Counter[str] = Counter()  # by IP, those still in their handshake included
        self._places = 0

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[Carrier]:
        return iter(list(self._by_number.values()))

    def admit(self, ip: str) -> bool:
        """Take a place for an inbound connection, or refuse it by a counter. Each place is given back by `release`."""
        if self._banned(ip):
            refused = "banned"
        elif self._places >= self._limits.connections:
            refused = "total"
        elif self._inbound[ip] >= self._limits.per_address:
            refused = "per_address"
        else:
            self._inbound[ip] += 1
            self._places += 1
            return True
        self._counters[f"connections_refused_{refused}"] += 1
        return False

    def release(self, ip: str) -> None:
        """Give a place back."""
        self._places -= 1
        self._inbound[ip] -= 1
        if self._inbound[ip] <= 0:
            del self._inbound[ip]

    def add(self, carrier: Carrier) -> None:
        self._by_number[carrier.flow.connection] = carrier
        if carrier.way is not None:
            self._by_way[carrier.way] = carrier

    def remove(self, carrier: Carrier) -> bool:
        """Forget a connection; False when it was not there."""
        if self._by_number.pop(carrier.flow.connection, None) is None:
            return False
        if carrier.way is not None and self._by_way.get(carrier.way) is carrier:
            del self._by_way[carrier.way]
        return True

    def get(self, flow: Flow) -> Carrier | None:
        return self._by_number.get(flow.connection)

    def towards(self, way: Way) -> Carrier | None:
        """The open outbound connection that leads there."""
        return self._by_way.get(way)
