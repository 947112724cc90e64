"""Via (RFC 3261 20.42) with received and rport (RFC 3581)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.text import Params, parse_params, split_list, write_params
from centrala.telephony.sip.uri import parse_hostport

_CACHED: Final = 1_024  # values of at most a header's length
MAGIC_COOKIE: Final = "z9hG4bK"
_VIA: Final = re.compile(
    r"([A-Za-z0-9\-.!%*_+`'~]++)\s*+/\s*+([A-Za-z0-9\-.!%*_+`'~]++)\s*+/\s*+([A-Za-z0-9\-.!%*_+`'~]++)"
    r"\s++([^;\s]++)(?:\s*+:\s*+(\d++))?+\s*+(?=;|$)"
)


@dataclass(frozen=True, slots=True)
class Via:
    """One hop. `host` keeps the brackets of IPv6; `transport` is upper case."""

    transport: str
    host: str
    port: int | None = None
    params: Params = field(default_factory=dict)
    version: str = "2.0"

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/{self.version}/{self.transport} {self.host}{port}{write_params(self.params)}"

    @property
    def branch(self) -> str:
        """The branch, or an empty string."""
        return self.params.get("branch") or ""

    @property
    def unique_branch(self) -> bool:
        """Whether the branch identifies a transaction by RFC 3261 (the cookie and something after
        it)."""
        branch = self.branch
        # RFC 4475 3.2.1: the bare cookie identifies nothing.
        return len(branch) > len(MAGIC_COOKIE) and branch.startswith(MAGIC_COOKIE)

    @property
    def sent_by(self) -> str:
        """Host and port in lower case, the port as written, for 17.2.3."""
        return self.host.lower() if self.port is None else f"{self.host.lower()}:{self.port}"

    def stamped(self, address: str, port: int) -> Via:
        """Return the Via with received and rport filled as the server must (18.2.1, RFC 3581 4)."""
        wants_port = "rport" in self.params
        differs = not _same_address(self.host, address)
        if not (wants_port or differs):
            return self
        params = dict(self.params)
        if wants_port:
            params["rport"] = str(port)
        params["received"] = address
        return replace(self, params=params)

    def reply_to(self) -> tuple[str, int]:
        """Return where the response goes without a connection (18.2.2, RFC 3581 4), maddr aside."""
        host = self.params.get("received") or self.host
        rport = self.params.get("rport")
        default = 5061 if self.transport == "TLS" else 5060
        port = int(rport) if rport and rport.isdigit() and len(rport) < 6 else self.port
        return host.strip("[]"), default if port is None else port


def _same_address(host: str, address: str) -> bool:
    if host == address:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")) == ipaddress.ip_address(address)
    except ValueError:
        return False  # a name: RFC 3261 18.2.1 adds received


@lru_cache(maxsize=_CACHED)  # all responses to a request and its retransmissions carry the same
def parse_via(value: str) -> Via:
    """Read one Via value. Raises `ParseError`, 505 for another version of SIP."""
    found = _VIA.match(value.strip())
    if found is None:
        raise ParseError("Malformed Via")
    name, version, transport, host, port = found.groups()
    if name.upper() != "SIP":
        raise ParseError("Via of another protocol")
    if version != "2.0":
        raise ParseError("Version Not Supported", status=505)
    host, number = parse_hostport(host if port is None else f"{host}:{port}")
    tail = value.strip()[found.end() :]
    params = parse_params(tail) if tail else {}
    return Via(transport.upper(), host, number, params, version)


def parse_vias(value: str) -> list[Via]:
    """Read a comma-separated list of Via values. Raises `ParseError`."""
    return [parse_via(part) for part in split_list(value)]
