"""From a URI to a flow: the candidates of RFC 3263 in turn, those that just failed last."""

from collections import OrderedDict
from typing import Final

from centrala.telephony.sip.agent.events import Resolve
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.transport.connections import Way
from centrala.telephony.transport.datagrams import Datagrams
from centrala.telephony.transport.resolve import Below, Candidate, Lookup, LookupFailed, direct, find
from centrala.telephony.transport.streams import Streams
from centrala.telephony.transport.types import Address

SHUN_SECONDS: Final = 30.0  # a place that failed comes last for so long
MAX_SHUNNED: Final = 1_024  # places; those shunned first are forgotten first


class Router:
    """Finds the flow for a `Resolve`."""

    def __init__(self, lookup: Lookup, *, datagrams: Datagrams, streams: Streams, below: Below, secure: bool) -> None:
        self._lookup = lookup
        self._datagrams = datagrams
        self._streams = streams
        self._below = below
        self._secure = secure
        self._shunned: OrderedDict[tuple[Transport, Address], float] = OrderedDict()

    @property
    def supported(self) -> tuple[Transport, ...]:
        """What we can open, the preferred first."""
        udp = (Transport.UDP,) if self._datagrams.listening else ()
        return (*udp, Transport.TCP, *((Transport.TLS,) if self._secure else ()))

    def shun(self, flow: Flow, now: float) -> None:
        """Learn that a place failed."""
        place = (flow.transport, flow.remote)
        self._shunned[place] = now + SHUN_SECONDS
        self._shunned.move_to_end(place)
        while len(self._shunned) > MAX_SHUNNED:
            self._shunned.popitem(last=False)

    def at_once(self, asked: Resolve) -> Flow | None:
        """The flow, when it takes no look-up and no connecting."""
        try:
            place = direct(asked.uri)
        except ParseError:
            return None
        if place is None or place.transport not in self.supported or asked.tried:
            return None
        if place.transport is Transport.UDP:
            return self._datagrams.flow_to(place.remote)
        carrier = self._streams.connections.towards(Way(place.transport, place.remote, _name(place)))
        return None if carrier is None else carrier.flow

    async def find(self, asked: Resolve, now: float) -> Flow | None:
        """The flow to the best candidate that can be reached; None when there is none."""
        try:
            places = await find(asked.uri, self._lookup, supported=self.supported, below=self._below)
        except (LookupFailed, ParseError):
            self._streams.counters["resolve_failed"] += 1
            return None
        tried = {(flow.transport, flow.remote) for flow in asked.tried}
        left = [place for place in places if (place.transport, place.remote) not in tried]
        for place in sorted(left, key=lambda one: self._is_shunned(one, now)):
            flow = await self._open(place)
            if flow is not None:
                return flow
            self._shunned[place.transport, place.remote] = now + SHUN_SECONDS
        return None

    def _is_shunned(self, place: Candidate, now: float) -> bool:
        return self._shunned.get((place.transport, place.remote), 0.0) > now

    async def _open(self, place: Candidate) -> Flow | None:
        if place.transport not in self.supported:
            return None
        if place.transport is Transport.UDP:
            return self._datagrams.flow_to(place.remote)
        carrier = await self._streams.connect(Way(place.transport, place.remote, _name(place)))
        return None if carrier is None else carrier.flow


def _name(place: Candidate) -> str:
    return place.name if place.transport is Transport.TLS else ""
