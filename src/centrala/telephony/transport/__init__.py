"""Bytes to and from SIP: sockets, clock and resolver round the pure core.

`Endpoint` drives one `UserAgent`. `docs/sip.md`, section Transport, tells how the parts work together.
"""

from centrala.telephony.transport.door import Door, Judged
from centrala.telephony.transport.endpoint import Endpoint
from centrala.telephony.transport.gate import GatePolicy
from centrala.telephony.transport.guard import Guard, GuardPolicy, Patience, Rate
from centrala.telephony.transport.tls import TlsFiles
from centrala.telephony.transport.types import Direction, Limits, Listen, WireMessage
from centrala.telephony.transport.websocket import WebSocketFlows

__all__ = [
    "Direction",
    "Door",
    "Endpoint",
    "GatePolicy",
    "Guard",
    "GuardPolicy",
    "Judged",
    "Limits",
    "Listen",
    "Patience",
    "Rate",
    "TlsFiles",
    "WebSocketFlows",
    "WireMessage",
]
