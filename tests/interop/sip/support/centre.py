"""A small centre on top of `Endpoint`: registers phones by digest, answers calls, places calls."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, IncomingCall, Reoffer, RequestReceived
from centrala.telephony.sip.digest import Algorithm, DigestServer, Verdict, make_ha1
from centrala.telephony.sip.errors import SipError
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.registrar import Binding, Registrar
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import SipUri, parse_uri
from centrala.telephony.transport import Door, Endpoint, Listen

REALM: Final = "centre.example"
PATIENCE: Final = 8.0  # seconds
E = TypeVar("E")


def description(version: int = 1, direction: str = "sendrecv") -> bytes:
    """A session description of one PCMU stream. Nothing listens on its port."""
    return (
        f"v=0\r\no=- 7 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        f"a=ptime:20\r\na={direction}\r\n"
    ).encode()


@dataclass
class Centre:
    """`accounts` are users and passwords. What is called decides what happens: `ring` rings on, `busy` is busy."""

    accounts: dict[str, str] = field(default_factory=dict)
    # Phones of before RFC 8760 (baresip 1.0, SIPp) give up when they meet SHA-256, wherever it stands.
    algorithms: tuple[Algorithm, ...] = (Algorithm.MD5,)
    events: list[Event] = field(default_factory=list)
    refused: int = 0  # digests that were wrong

    def __post_init__(self) -> None:
        self.agent = UserAgent(AgentConfig(timer=TimerPolicy(interval=None)), SeededTokens(os.urandom(32)))
        self.digest = DigestServer(REALM, os.urandom(32), SeededTokens(os.urandom(32)), self.algorithms)
        self.registrar = Registrar()
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, listen: Sequence[Listen], **more: Any) -> None:
        self.endpoint = Endpoint(self.agent, self._take, listen=listen, **more)
        self.door = Door(self.digest, self.endpoint.guard, self._find, lambda found: found)
        await self.endpoint.start()

    async def stop(self) -> None:
        await asyncio.gather(*self._tasks)
        await self.endpoint.stop()

    def port(self, transport: Transport = Transport.UDP) -> int:
        return self.endpoint.local_addresses[transport][1]

    # Events

    def _take(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()
        match event:
            case IncomingCall():
                self._called(event)
            case Reoffer():
                self.agent.accept_offer(event.exchange, description(2), self.endpoint.now())
            case RequestReceived():
                self._asked(event)
            case _:
                pass

    def _called(self, call: IncomingCall) -> None:
        now = self.endpoint.now()
        target = call.request.uri
        user = target.user_text if isinstance(target, SipUri) else ""
        if user == "busy":
            self.agent.reject(call.session, 486, now)
            return
        self.agent.ring(call.session, now)
        if user != "ring":
            self.agent.answer(call.session, now, description())

    def _asked(self, event: RequestReceived) -> None:
        now = self.endpoint.now()
        if event.request.method != "REGISTER":
            self.agent.respond(event.server, 501, now)
            return
        task = asyncio.get_running_loop().create_task(self._register(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find(self, user: str, algorithm: Algorithm) -> str | None:
        password = self.accounts.get(user)
        return None if password is None else make_ha1(algorithm, user, REALM, password)

    async def _register(self, event: RequestReceived) -> None:
        judged = await self.door.judge(event.request, event.flow, self.endpoint.now)
        now = self.endpoint.now()
        if judged.user is None or judged.known is None:
            self.refused += judged.verdict is Verdict.WRONG
            self.agent.respond(event.server, 401, now, headers=self.door.challenge(judged, now))
        else:
            self._bind(event, judged.user, now)
        self.endpoint.flush()
        self._changed.set()

    def _bind(self, event: RequestReceived, user: str, now: float) -> None:
        try:
            done = self.registrar.process(event.request, user, event.flow, now)
        except SipError as problem:
            self.agent.respond(event.server, problem.status, now, headers=problem.headers)
            return
        self.endpoint.vouch(event.flow)
        self.agent.respond(event.server, 200, now, headers=done.headers)

    # Commands

    def bindings(self, user: str) -> list[Binding]:
        return self.registrar.lookup(user, self.endpoint.now())

    def call(self, target: str, **more: Any) -> str:
        local = parse_name_addr('"The centre" <sip:centre@centre.example>')
        more.setdefault("sdp", description())
        attempt = self.agent.invite(Call(parse_uri(target), local, **more), self.endpoint.now())
        self.endpoint.flush()
        return attempt

    def call_phone(self, user: str) -> str:
        """Call a registered phone by the flow it registered over."""
        binding = self.bindings(user)[0]
        return self.call(binding.contact, flow=binding.flow)

    def do(self, command: str, *arguments: Any, **more: Any) -> Any:
        """Give a command with the time and flush."""
        done = getattr(self.agent, command)(*arguments, self.endpoint.now(), **more)
        self.endpoint.flush()
        return done

    async def wait_for(self, kind: type[E], count: int = 1, patience: float = PATIENCE) -> E:
        """The count-th event of a kind."""
        async with asyncio.timeout(patience):
            while True:
                found = [event for event in self.events if isinstance(event, kind)]
                if len(found) >= count:
                    return found[count - 1]
                self._changed.clear()
                await self._changed.wait()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Until a condition holds that an event or a registration may have changed."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def wait_until_registered(self, user: str) -> None:
        await self.wait_until(lambda: bool(self.bindings(user)))

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    async def wait_until_idle(self) -> None:
        """Until no session lives and no INVITE is open. Transactions end by their own timers."""
        async with asyncio.timeout(PATIENCE):
            while self.agent.live["sessions"] or self.agent.live["requests"]:  # noqa: ASYNC110 - the agent tells nobody of this
                await asyncio.sleep(0.02)
