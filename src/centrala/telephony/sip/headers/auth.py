"""Credentials and challenges: Authorization, WWW-Authenticate and their Proxy twins (RFC 3261
20.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.limits import MAX_PARAMS
from centrala.telephony.sip.text import quote, unquote

_SCHEME: Final = re.compile(r"\s*+([A-Za-z0-9\-.!%*_+`'~]++)\s++")
_PAIR: Final = re.compile(
    r"\s*+([A-Za-z0-9\-.!%*_+`'~]++)\s*+=\s*+(\"(?:[^\"\\]|\\.)*+\"|[^\s,\"]++)\s*+(?:,|$)",
    re.DOTALL,
)
# RFC 7616 3.3, 3.4: these stand without quotes, all others in quotes.
_BARE: Final = frozenset({"algorithm", "qop", "nc", "stale", "userhash"})


@dataclass(frozen=True, slots=True)
class AuthValue:
    """A scheme with its parameters, unquoted; names in lower case."""

    scheme: str
    params: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return a parameter or an empty string."""
        return self.params.get(name, "")

    def write(self, *, challenge: bool) -> str:
        """Return the header value; in a challenge the list of qop is quoted (RFC 7616 3.3)."""
        pieces = []
        for name, value in self.params.items():
            bare = name in _BARE and not (challenge and name == "qop")
            pieces.append(f"{name}={value}" if bare else f"{name}={quote(value)}")
        return f"{self.scheme} {', '.join(pieces)}"


def parse_auth(value: str) -> AuthValue:
    """Read one header value. Raises `ParseError`."""
    found = _SCHEME.match(value + " ")
    if found is None:
        raise ParseError("Malformed authorisation")
    params: dict[str, str] = {}
    position, end = found.end(), len(value)
    while position < end:
        pair = _PAIR.match(value, position)
        if pair is None:
            raise ParseError("Malformed authorisation parameter")
        params.setdefault(pair.group(1).lower(), unquote(pair.group(2)))
        position = pair.end()
        if len(params) > MAX_PARAMS:
            raise ParseError("Too many authorisation parameters")
    return AuthValue(found.group(1), params)
