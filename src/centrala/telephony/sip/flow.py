"""Where bytes come from and go to. The core compares and stores flows and never opens one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from centrala.telephony.sip.uri import SipUri


class Transport(StrEnum):
    """Transport names as a Via writes them (RFC 3261 20.42, RFC 7118 5)."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"
    WS = "WS"
    WSS = "WSS"


SECURE: Final = frozenset({Transport.TLS, Transport.WSS})
WEB: Final = frozenset({Transport.WS, Transport.WSS})


@dataclass(frozen=True, slots=True)
class Flow:
    """A pair of addresses and, with connections, which one. Addresses are (IP text, port)."""

    transport: Transport
    local: tuple[str, int]
    remote: tuple[str, int]
    connection: int = 0  # 0 for UDP; otherwise unique in the life of the process

    @property
    def reliable(self) -> bool:
        """Whether the transport itself retransmits (RFC 3261 17)."""
        return self.transport is not Transport.UDP

    def to_dict(self) -> dict[str, Any]:
        """Return the flow as JSON values."""
        return {
            "transport": self.transport.value,
            "local": list(self.local),
            "remote": list(self.remote),
            "connection": self.connection,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Flow:
        """Read what `to_dict` wrote."""
        local, remote = kept["local"], kept["remote"]
        return cls(
            Transport(kept["transport"]),
            (str(local[0]), int(local[1])),
            (str(remote[0]), int(remote[1])),
            int(kept["connection"]),
        )


def transport_of(uri: SipUri) -> Transport:
    """Return the transport that a URI asks for, UDP (TLS with sips) when it names none we know."""
    named = (uri.transport or "").upper()
    if uri.secure:
        return Transport.WSS if named in {"WS", "WSS"} else Transport.TLS
    return Transport(named) if named in Transport.__members__ else Transport.UDP
