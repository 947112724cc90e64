"""Digits in INFO bodies: application/dtmf-relay (`Signal=5`, `Duration=160`) and application/dtmf.

Neither is in an RFC; the forms are those that Cisco introduced and phones copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.limits import MAX_DTMF_BODY, MAX_DTMF_MS

RELAY: Final = "application/dtmf-relay"
PLAIN: Final = "application/dtmf"
DIGITS: Final = frozenset("0123456789*#ABCD")
DEFAULT_MS: Final = 160  # milliseconds of a digit whose sender names no duration
_BY_EVENT: Final = {str(n): d for n, d in enumerate("0123456789*#ABCD")}  # RFC 4733 3.2


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit and its duration in milliseconds."""

    digit: str
    duration: int = DEFAULT_MS


def read_digit(kind: str, body: bytes) -> Digit:
    """Read an INFO body of one of the two types. Raises `ParseError`."""
    if len(body) > MAX_DTMF_BODY:
        raise ParseError("DTMF body too large", status=413)
    text = body.decode("latin-1")
    if kind == PLAIN:
        return Digit(_digit(text.strip()))
    fields = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        fields[name.strip().lower()] = value.strip()
    duration = fields.get("duration", "")
    known = duration.isascii() and duration.isdigit() and len(duration) < 7
    milliseconds = min(int(duration), MAX_DTMF_MS) if known else DEFAULT_MS
    return Digit(_digit(fields.get("signal", "")), milliseconds or DEFAULT_MS)


def _digit(text: str) -> str:
    if text.upper() in DIGITS:
        return text.upper()
    if text in _BY_EVENT:  # some phones send the event number of RFC 4733: 10 for *, 11 for #
        return _BY_EVENT[text]
    raise ParseError("Unknown DTMF signal")


def write_digit(digit: Digit) -> bytes:
    """Return an application/dtmf-relay body."""
    return f"Signal={digit.digit}\r\nDuration={digit.duration}\r\n".encode()
