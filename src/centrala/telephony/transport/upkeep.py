"""When a connection is pinged or closed: a pure decision over its times."""

from dataclasses import dataclass
from enum import StrEnum

from centrala.telephony.transport.types import Limits


class Step(StrEnum):
    """What is due; the closing ones are names of counters too."""

    NOTHING = "nothing"
    PING = "ping"
    SETTLE = "settle"  # a lone CRLF waits: it was a pong
    SILENT = "closed_silent"  # connected and never said anything
    PARTIAL = "closed_partial"  # a message has begun and does not end
    IDLE = "closed_idle"
    NO_PONG = "closed_no_pong"


CLOSING = frozenset({Step.SILENT, Step.PARTIAL, Step.IDLE, Step.NO_PONG})
SETTLE_SECONDS = 1.0  # after which a lone CRLF is no half of a ping any more


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a stream. Times in monotonic seconds."""

    born: float
    outbound: bool
    known: bool
    heard: float  # the last bytes
    whole: float | None = None  # the last whole message or keep-alive
    partial_since: float | None = None  # since when an unfinished message waits
    pinged: float | None = None  # our last keep-alive
    unanswered: bool = False  # no pong since that one
    ponged: bool = False  # this peer answers keep-alives


def due(now: float, it: Condition, limits: Limits) -> Step:
    """The most urgent of what is due."""
    if it.partial_since is not None:
        if now - it.partial_since > limits.partial_seconds:
            return Step.PARTIAL
        if now - it.heard > SETTLE_SECONDS:
            return Step.SETTLE
    # A peer that never answered a keep-alive may not know them (RFC 5626 is not for everybody): TCP will tell.
    if it.ponged and it.unanswered and it.pinged is not None and now - it.pinged > limits.pong_seconds:
        return Step.NO_PONG
    if it.outbound:
        quiet_since = max(it.born, it.pinged or 0.0)
        return Step.PING if now - quiet_since > limits.ping_seconds else Step.NOTHING
    if it.whole is None:
        return Step.SILENT if now - it.born > limits.first_seconds else Step.NOTHING
    patience = limits.idle_seconds if it.known else limits.stranger_idle_seconds
    return Step.IDLE if now - it.whole > patience else Step.NOTHING
