"""Endpoints on loopback, and what they have seen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
import uvloop

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Endpoint, Listen

PATIENCE = 5.0  # seconds; only something broken needs them
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
E = TypeVar("E")
Handler = Callable[["Peer", Event], None]


@dataclass
class Peer:
    """An endpoint, its events, and what it does on them."""

    agent: UserAgent
    handlers: list[Handler] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    endpoint: Endpoint = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()
        for handler in self.handlers:
            handler(self, event)

    def now(self) -> float:
        return self.endpoint.now()

    def uri(self, transport: Transport = Transport.UDP) -> str:
        host, port = self.endpoint.local_addresses[transport]
        host = f"[{host}]" if ":" in host else host
        suffix = "" if transport is Transport.UDP else f";transport={transport.lower()}"
        return f"sip:peer@{host}:{port}{suffix}"

    def call(self, target: str, **more: Any) -> str:
        local = parse_name_addr("<sip:ana@example.com>")
        attempt = self.agent.invite(Call(parse_uri(target), local, sdp=SDP, **more), self.now())
        self.endpoint.flush()
        return attempt

    async def wait_for(self, kind: type[E], count: int = 1) -> E:
        """The count-th event of a kind."""

        async def wait() -> E:
            while True:
                found = [event for event in self.events if isinstance(event, kind)]
                if len(found) >= count:
                    return found[count - 1]
                self._changed.clear()
                await self._changed.wait()

        return await asyncio.wait_for(wait(), PATIENCE)


MakePeer = Callable[..., Awaitable[Peer]]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The program runs on uvloop; where its sockets behave differently, asyncio's own loop shows it."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture
async def make_peer() -> AsyncIterator[MakePeer]:
    async with AsyncExitStack() as stack:
        serial = iter(range(1000))

        async def make(
            *,
            listen: Sequence[Listen] = (Listen(Transport.UDP, "127.0.0.1", 0),),
            handler: Handler | None = None,
            config: AgentConfig | None = None,
            **more: Any,
        ) -> Peer:
            seed = f"peer {next(serial)}".encode()
            agent = UserAgent(config or AgentConfig(timer=TimerPolicy(interval=None)), SeededTokens(seed))
            peer = Peer(agent, [] if handler is None else [handler])
            peer.endpoint = Endpoint(agent, peer.take, listen=listen, **more)
            await peer.endpoint.start()
            stack.push_async_callback(peer.endpoint.stop)
            return peer

        yield make
