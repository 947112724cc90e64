"""Requests too large for a datagram go by TCP (RFC 3261 18.1.1), and by UDP after all when TCP cannot be had.

Theory of operation. The agent picks UDP and repeats its request until something answers; here the first copy opens a
connection to the same address, the Via is rewritten, and the copies of that branch that follow are swallowed. The ACK
to a refusal and the CANCEL carry the branch of their INVITE and take the same way. If the connection cannot be had, or
breaks, the agent's next copy goes out as a datagram: the fall-back is its own retransmission.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.transport.connections import Carrier, Way
from centrala.telephony.transport.datagrams import Datagrams
from centrala.telephony.transport.streams import Streams
from centrala.telephony.transport.types import Address

MAX_UDP_REQUEST: Final = 1_300  # bytes (RFC 3261 18.1.1)
MAX_WIDENED: Final = 10_000  # requests under way; the oldest are forgotten first
NO_TCP_SECONDS: Final = 600.0  # for which a peer that refused TCP is not asked again
MAX_NO_TCP: Final = 1_024  # peers
# Our own writing: the first Via line of a message that we made.
_VIA: Final = re.compile(rb"\r\nVia: SIP/2\.0/UDP ([^;\r\n]+?)(:\d+)?;branch=([^;\r\n]+)(;rport)?")


@dataclass(slots=True)
class _Widened:
    """One branch. `carrier` None while connecting."""

    carrier: Carrier | None = None
    sent: set[bytes] = field(default_factory=set)  # methods that have gone out on it


class Widener:
    """Decides for each datagram whether it goes another way. `on_sent` sees what goes by TCP."""

    def __init__(
        self,
        datagrams: Datagrams,
        streams: Streams,
        counters: Counter[str],
        on_sent: Callable[[Flow, bytes], None],
    ) -> None:
        self._datagrams = datagrams
        self._streams = streams
        self._counters = counters
        self._on_sent = on_sent
        self._branches: OrderedDict[bytes, _Widened] = OrderedDict()
        self._no_tcp: OrderedDict[Address, float] = OrderedDict()

    def take(self, flow: Flow, data: bytes, now: float) -> bool:
        """True when the message is taken: sent by TCP, or waiting for the connection."""
        if len(data) <= MAX_UDP_REQUEST and not self._branches:
            return False
        found = None if data.startswith(b"SIP/2.0 ") else _VIA.search(data)
        if found is None:
            return False  # responses go back the way the request came (18.2.2)
        branch = found[3]
        known = self._branches.get(branch)
        if known is not None:
            return self._follow(branch, known, flow, data)
        if len(data) <= MAX_UDP_REQUEST or self._no_tcp.get(flow.remote, 0.0) > now:
            return False
        self._branches[branch] = _Widened()
        while len(self._branches) > MAX_WIDENED:
            self._branches.popitem(last=False)
        self._streams.spawn(self._connect(branch, flow, data, now))
        return True

    async def _connect(self, branch: bytes, flow: Flow, data: bytes, now: float) -> None:
        carrier = await self._streams.connect(Way(Transport.TCP, flow.remote, ""))
        known = self._branches.get(branch)
        if carrier is not None and known is not None:
            known.carrier = carrier
            if self._follow(branch, known, flow, data):
                self._counters["requests_widened"] += 1
                return
        self._counters["requests_not_widened"] += 1
        self._branches.pop(branch, None)
        self._no_tcp[flow.remote] = now + NO_TCP_SECONDS
        while len(self._no_tcp) > MAX_NO_TCP:
            self._no_tcp.popitem(last=False)
        self._on_sent(flow, data)
        self._datagrams.send(flow, data)

    def _follow(self, branch: bytes, known: _Widened, flow: Flow, data: bytes) -> bool:
        method = data.partition(b" ")[0]
        if known.carrier is None or method in known.sent:
            return True  # a copy: TCP repeats by itself
        rewritten = _rewrite(data, flow.local[1], known.carrier.flow.local[1])
        if known.carrier.send(rewritten):
            known.sent.add(method)
            self._on_sent(known.carrier.flow, rewritten)
            return True
        del self._branches[branch]
        return False


def _rewrite(data: bytes, udp_port: int, tcp_port: int) -> bytes:
    """The same message with TCP and our TCP port in its Via; an advertised port stays."""

    def via(found: re.Match[bytes]) -> bytes:
        port = found[2] or b""
        if port == b":%d" % udp_port:
            port = b":%d" % tcp_port
        return b"\r\nVia: SIP/2.0/TCP %b%b;branch=%b" % (found[1], port, found[3])

    return _VIA.sub(via, data, count=1)
