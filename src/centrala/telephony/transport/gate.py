"""Messages judged by the guard before anything reads them: what kind they are, seen from their bytes."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from centrala.telephony.sip.flow import Flow
from centrala.telephony.transport.guard import Admission, Guard, Kind

# Methods that mean something only within a dialog or a transaction.
_INSIDE: Final = frozenset({b"ACK", b"CANCEL", b"BYE", b"PRACK", b"UPDATE", b"INFO"})
_TO_TAG: Final = re.compile(rb"\r\n(?:to|t)[ \t]*+:[^\r\n]*;[ \t]*+tag[ \t]*+=", re.IGNORECASE)
_PROGRAM: Final = re.compile(rb"\r\nuser-agent[ \t]*+:[ \t]*+([^\r\n]*+)", re.IGNORECASE)
# Names that scanning programs give themselves when nobody has changed them.
SCANNERS: Final = (
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sipcli",
    "sipsak",
    "sip-scan",
    "pplsip",
    "vaxsip",
)


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What strangers get no answer to, whatever their rate."""

    silent_methods: frozenset[str] = frozenset({"OPTIONS"})  # the question of every scanner and of no stranger else
    scanners: tuple[str, ...] = SCANNERS  # beginnings of User-Agent, lower case


class Gate:
    """Decides for each message whether the agent sees it; what it does not see is dropped and counted."""

    def __init__(self, guard: Guard, policy: GatePolicy, counters: Counter[str]) -> None:
        self._guard = guard
        self._counters = counters
        self._silent = frozenset(method.encode() for method in policy.silent_methods)
        self._scanners = tuple(name.encode() for name in policy.scanners)

    def admits(self, data: bytes, flow: Flow, now: float) -> bool:
        """Judge a message by its bytes."""
        if self._guard.knows(flow.remote):
            return True
        kind = _kind(data)
        refused = self._guard.admit(flow.remote, kind, now)
        if refused is not Admission.ADMIT:
            self._counters[refused] += 1
            return False
        return kind is Kind.INSIDE or self._answered(data)

    def _answered(self, data: bytes) -> bool:
        if data.partition(b" ")[0] in self._silent:
            self._counters["dropped_silent"] += 1
            return False
        program = _PROGRAM.search(data)
        if program is not None and program[1].strip().lower().startswith(self._scanners):
            self._counters["dropped_scanner"] += 1
            return False
        return True


def _kind(data: bytes) -> Kind:
    method, space, _ = data.partition(b" ")
    if not space or method in _INSIDE or method == b"SIP/2.0":
        return Kind.INSIDE
    return Kind.INSIDE if _TO_TAG.search(data) is not None else Kind.OUTSIDE
