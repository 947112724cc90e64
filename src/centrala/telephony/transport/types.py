"""What the parts of the transport share: what is listened on, what a trace sees, the caps."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from centrala.telephony.sip.flow import Flow, Transport

Address = tuple[str, int]  # IP text without brackets, port

MAX_BATCH: Final = 16  # datagrams read at once before others get their turn
RECEIVE_BUFFER: Final = 4 * 1024 * 1024  # bytes asked of the kernel for each UDP socket; it may give less
MAX_ERRORS: Final = 16  # ICMP errors looked at in one turn; the rest waits for the next
MAX_SOURCES: Final = 4_096  # destinations whose local address is remembered


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on; port 0 takes any free one."""

    transport: Transport
    host: str
    port: int


class Direction(StrEnum):
    """Seen from us."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class WireMessage:
    """One message as it was on the wire; `at` in monotonic seconds. Holds personal data."""

    at: float
    direction: Direction
    flow: Flow
    data: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one endpoint on connections. Past each one the connection is closed and counted."""

    connections: int = 10_000  # at once, in and out, WebSockets included
    per_address: int = 256  # inbound at once from one IP; an office of phones is behind one
    handshakes: int = 256  # TLS handshakes under way at once
    handshake_seconds: float = 10.0  # for one TLS handshake
    connect_seconds: float = 5.0  # for one outbound connection, its handshake included
    unsent_bytes: int = 512 * 1024  # written and not taken by a slow reader
    first_seconds: float = 32.0  # until the first whole message of an inbound connection
    partial_seconds: float = 32.0  # for a message to become whole once it has begun
    stranger_idle_seconds: float = 300.0  # without a message or ping, from a peer nobody has vouched for
    idle_seconds: float = 4_000.0  # the same for a known peer: longer than a registration lasts
    ping_seconds: float = 90.0  # between our keep-alives on outbound connections (RFC 5626 4.4.1: below 120)
    pong_seconds: float = 10.0  # for the answer to one (RFC 5626 4.4.1)
