"""The UDP sockets of an endpoint: which one serves which flow."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import Final

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.transport.types import Address, Listen
from centrala.telephony.transport.udp import UdpSocket

# Seconds between two reports of one destination. A trunk that dies answers every retransmission of every call by ICMP,
# and each report costs a look at all of them; below T1, so that the next copy of a request is not missed.
UNREACHABLE_PAUSE: Final = 0.4
MAX_UNREACHABLE: Final = 1_024  # destinations in such a pause; past it nothing is reported, and timers do the work


class Datagrams:
    """All UDP sockets. `on_datagram` gets bytes and flow, `on_unreachable` the flow that failed."""

    def __init__(
        self,
        counters: Counter[str],
        on_datagram: Callable[[bytes, Flow], None],
        on_unreachable: Callable[[Flow], None],
    ) -> None:
        self._counters = counters
        self._on_datagram = on_datagram
        self._on_unreachable = on_unreachable
        self._sockets: list[UdpSocket] = []
        self._pausing: dict[Flow, bool] = {}  # whether it was unreachable again meanwhile

    def open(self, host: str, port: int) -> None:
        """Bind one more. Raises `OSError`."""
        one = UdpSocket(
            host,
            port,
            counters=self._counters,
            on_datagram=self._on_datagram,
            on_unreachable=self._unreachable,
        )
        one.start()
        self._sockets.append(one)

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        self._sockets.clear()

    def _unreachable(self, flow: Flow) -> None:
        if flow in self._pausing:
            self._pausing[flow] = True
        elif self._sockets and len(self._pausing) < MAX_UNREACHABLE:
            self._pausing[flow] = False
            asyncio.get_running_loop().call_later(UNREACHABLE_PAUSE, self._paused, flow)
            self._on_unreachable(flow)

    def _paused(self, flow: Flow) -> None:
        if self._pausing.pop(flow, False):
            self._unreachable(flow)

    @property
    def listening(self) -> tuple[Listen, ...]:
        return tuple(Listen(Transport.UDP, *one.address) for one in self._sockets)

    def send(self, flow: Flow, data: bytes) -> bool:
        """Send a datagram; False when this destination cannot be reached."""
        one = self._fitting(flow.remote, flow.local)
        return one is not None and one.send(flow, data)

    def flow_to(self, remote: Address) -> Flow | None:
        """The flow to an address; None when no socket of ours can reach it."""
        one = self._fitting(remote, None)
        if one is None:
            return None
        try:
            return Flow(Transport.UDP, one.local_towards(remote[0]), remote)
        except OSError:
            return None

    def _fitting(self, remote: Address, local: Address | None) -> UdpSocket | None:
        family = socket.AF_INET6 if ":" in remote[0] else socket.AF_INET
        fitting = [one for one in self._sockets if one.family == family]
        if local is None:
            return next(iter(fitting), None)
        exact = [one for one in fitting if one.address == local]
        same = [one for one in fitting if one.address[1] == local[1]]
        # A flow stored before a restart may name an address that is no longer ours.
        return next(iter(exact or same or fitting), None)
