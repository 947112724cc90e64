"""One UDP socket: datagrams in and out, and the ICMP errors that asyncio's own transport hides.

Theory of operation. The kernel keeps ICMP errors of unconnected sockets only when asked (IP_RECVERR); each comes with
the destination it is about, so a dead peer ends its transactions at once (RFC 3261 18.4) instead of after 32 seconds.
A socket on a wildcard address learns from the kernel which address a datagram was sent to (IP_PKTINFO) and answers
from that one.
"""

import asyncio
import contextlib
import errno
import ipaddress
import socket
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.limits import MAX_DATAGRAM
from centrala.telephony.transport.types import MAX_BATCH, MAX_ERRORS, MAX_SOURCES, RECEIVE_BUFFER, Address

# linux/in.h, linux/in6.h; the socket module has no names for the first two.
_IP_PKTINFO: Final = 8
_IP_RECVERR: Final = 11
_IPV6_RECVERR: Final = 25
_ICMP: Final = frozenset({2, 3})  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6
_ANCILLARY: Final = 512  # bytes
# What concerns one destination; the socket goes on.
_UNREACHABLE: Final = frozenset(
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENOPROTOOPT, errno.EPROTO}
)


class UdpSocket:
    """A bound socket. `on_datagram` gets bytes and flow, `on_unreachable` the flow that failed."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        counters: Counter[str],
        on_datagram: Callable[[bytes, Flow], None],
        on_unreachable: Callable[[Flow], None],
    ) -> None:
        ip = ipaddress.ip_address(host)
        self.family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
        self._wildcard = ip.is_unspecified
        self._counters = counters
        self._on_datagram = on_datagram
        self._on_unreachable = on_unreachable
        self._sources: OrderedDict[str, str] = OrderedDict()
        self._socket = socket.socket(self.family, socket.SOCK_DGRAM)
        try:
            self._prepare()
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        bound = self._socket.getsockname()
        self.address: Address = (str(bound[0]), int(bound[1]))

    def _prepare(self) -> None:
        sock = self._socket
        sock.settimeout(0.0)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if self.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
            if self._wildcard:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
            if self._wildcard:
                sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)

    def start(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def local_towards(self, host: str) -> Address:
        """The address that datagrams to `host` leave from. Raises `OSError` when there is no way."""
        if not self._wildcard:
            return self.address
        found = self._sources.get(host)
        if found is None:
            found = source_towards(host, self.family)
            self._sources[host] = found
            while len(self._sources) > MAX_SOURCES:
                self._sources.popitem(last=False)
        return found, self.address[1]

    def send(self, flow: Flow, data: bytes) -> bool:
        """Send a datagram; False when this destination cannot be reached."""
        for _ in range(2):
            try:
                self._send(flow, data)
            except BlockingIOError:
                self._counters["udp_send_buffer_full"] += 1  # lost as on any link; retransmission heals it
            except OSError as problem:
                # An error kept from an earlier datagram, to whomever, fails the next call: take it and try again.
                if problem.errno in _UNREACHABLE and self._take_errors():
                    continue
                self._counters["udp_send_failed"] += 1
                return False
            return True
        return False

    def _send(self, flow: Flow, data: bytes) -> None:
        if self._wildcard:
            self._socket.sendmsg([data], [_from_address(flow.local[0], self.family)], 0, flow.remote)
        else:
            self._socket.sendto(data, flow.remote)

    def _readable(self) -> None:
        errors = self._take_errors()
        for _ in range(MAX_BATCH):
            try:
                data, ancillary, _, source = self._socket.recvmsg(MAX_DATAGRAM, _ANCILLARY if self._wildcard else 0)
            except BlockingIOError:
                break
            except OSError:
                errors += self._take_errors()
                continue
            local = self.address if not self._wildcard else (_to_address(ancillary) or self.address[0], self.address[1])
            self._on_datagram(data, Flow(Transport.UDP, local, (source[0], source[1])))
            if self._socket.fileno() < 0:
                return  # closed by what the datagram led to
        if errors:
            # libuv stops watching a socket that had an error pending; watch it again.
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.add_reader(self._socket, self._readable)

    def _take_errors(self) -> int:
        """Report what ICMP has brought; return how many reports there were."""
        taken = 0
        while taken < MAX_ERRORS:
            try:
                _, ancillary, _, about = self._socket.recvmsg(0, _ANCILLARY, socket.MSG_ERRQUEUE)
            except OSError:
                break
            taken += 1
            if _is_icmp(ancillary) and about:
                self._counters["udp_unreachable"] += 1
                with contextlib.suppress(OSError):
                    local = self.local_towards(about[0])
                    flow = Flow(Transport.UDP, local, (about[0], about[1]))
                    asyncio.get_running_loop().call_soon(self._on_unreachable, flow)
        return taken


def source_towards(host: str, family: int) -> str:
    """The local IP that the system would use towards an IP; sends nothing. Raises `OSError`."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        return str(probe.getsockname()[0])


Ancillary = list[tuple[int, int, bytes]]


def _to_address(ancillary: Ancillary) -> str | None:
    for level, kind, data in ancillary:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
            return socket.inet_ntop(socket.AF_INET, data[4:8])
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            return socket.inet_ntop(socket.AF_INET6, data[:16])
    return None


def _from_address(host: str, family: int) -> tuple[int, int, bytes]:
    packed = socket.inet_pton(family, host)
    if family == socket.AF_INET6:
        return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packed + struct.pack("@I", 0)
    return socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("@I4s4s", 0, packed, b"\0" * 4)


def _is_icmp(ancillary: Ancillary) -> bool:
    """struct sock_extended_err: errno (4 bytes), origin (1), type, code, ... (linux/errqueue.h)."""
    wanted = {(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)}
    return any((level, kind) in wanted and data[4] in _ICMP for level, kind, data in ancillary)
