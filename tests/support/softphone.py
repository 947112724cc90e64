"""A phone of our own stack with sound: it registers or calls from a carrier's address, speaks, presses keys, hears.

RTP is PCMU with telephone events of RFC 4733; a packet leaves every 20 ms, silence when there is nothing to say.
"""

import asyncio
import contextlib
import os
import re
import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Answered,
    AttemptFailed,
    Event,
    IncomingCall,
    Progress,
    Reoffer,
    Replied,
    SessionEnded,
)
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.digest import Credentials, DigestClient
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.registration import Registration, State
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Listen
from centrala.telephony.transport.endpoint import Endpoint
from support.audio import FRAME, Samples, ulaw_decode, ulaw_encode

TICK: Final = 0.02  # seconds between packets
EVENT_PT: Final = 101
KEYS: Final = "0123456789*#ABCD"
SILENCE: Final = b"\xff" * FRAME
PATIENCE: Final = 10.0


class Sound(asyncio.DatagramProtocol):
    """The RTP of one call."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, int, bytes]] = []  # moment, sequence number, payload
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: tuple[str, int] | None = None
        self._queue: deque[bytes] = deque()  # payloads of PCMU
        self._keys: deque[tuple[int, int, bool]] = deque()  # key, packets so far, mark
        self._task: asyncio.Task[None] | None = None
        self._spoken = asyncio.Event()
        self._spoken.set()

    async def start(self, ip: str) -> int:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(ip, 0))
        self._transport = transport
        return int(transport.get_extra_info("sockname")[1])

    def send_to(self, ip: str, port: int) -> None:
        self._peer = (ip, port)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        if not 192 <= data[1] <= 223 and data[1] & 0x7F == 0:  # neither RTCP (RFC 5761 4) nor an event
            now = asyncio.get_running_loop().time()
            self.heard.append((now, int.from_bytes(data[2:4], "big"), data[12:]))

    async def say(self, samples: Sequence[int]) -> None:
        """In real time; returns when all is said."""
        codes = ulaw_encode(samples)
        self._queue.extend(codes[at : at + FRAME] for at in range(0, len(codes) - FRAME + 1, FRAME))
        self._spoken.clear()
        await self._spoken.wait()

    def press(self, key: str) -> None:
        """RFC 4733: 100 ms of a key, its end three times."""
        code = KEYS.index(key)
        self._keys.extend((code, min(number, 5), number >= 5) for number in range(1, 8))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        start, number, stamp, began = loop.time(), 0, 0, 0
        while self._transport is not None and self._peer is not None:
            await asyncio.sleep(max(0.0, start + number * TICK - loop.time()))
            if self._keys:
                code, length, ended = self._keys.popleft()
                began = stamp if length == 1 else began
                event = struct.pack("!BBH", code, (0x80 if ended else 0) | 10, length * FRAME)
                packet = struct.pack("!BBHII", 0x80, EVENT_PT, number & 0xFFFF, began, 77) + event
            else:
                payload = self._queue.popleft() if self._queue else SILENCE
                packet = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, stamp, 77) + payload
            self._transport.sendto(packet, self._peer)
            if not self._queue:
                self._spoken.set()
            number, stamp = number + 1, stamp + FRAME

    def audio(self, since: float = 0.0) -> Samples:
        """What was heard from a moment of the loop's clock on."""
        kept = sorted(((number, payload) for at, number, payload in self.heard if at >= since))
        return [sample for _, payload in kept for sample in ulaw_decode(payload)]


@dataclass(eq=False)
class Line:
    """One call of the phone."""

    sound: Sound
    port: int
    session: DialogId | None = None
    headers: dict[str, str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    offer: bytes | None = None


class Softphone:
    """`ip` is where it lives; a carrier's phone is not registered. `login`: what the registrar knows it as, if else."""

    def __init__(
        self, centre_port: int, *, ip: str = "127.0.0.1", user: str = "caller", login: str = "", password: str = ""
    ) -> None:
        self._centre = ("127.0.0.1", centre_port)
        self._ip = ip
        self.user = user
        self._tokens = SeededTokens(os.urandom(32))
        self._digest = DigestClient(Credentials(login or user, password), self._tokens) if password else None
        self._attempts: dict[str, Line] = {}
        self._lines: dict[DialogId, Line] = {}
        self._sounds: list[Sound] = []
        self._registration: Registration | None = None
        self.registered = asyncio.Event()
        self.calls: asyncio.Queue[Line] = asyncio.Queue()
        self.answers = False  # at once

    async def start(self) -> None:
        agent = UserAgent(AgentConfig(), SeededTokens(os.urandom(32)))
        self._endpoint = Endpoint(agent, self._hear, listen=(Listen(Transport.UDP, self._ip, 0),))
        await self._endpoint.start()
        port = self._endpoint.local_addresses[Transport.UDP][1]
        self._flow = Flow(Transport.UDP, (self._ip, port), self._centre)

    async def stop(self) -> None:
        for sound in self._sounds:
            await sound.stop()
        await self._endpoint.stop()

    @property
    def port(self) -> int:
        """Where it takes calls."""
        return self._flow.local[1]

    def _uri(self, user: str) -> str:
        return f"sip:{user}@{self._centre[0]}:{self._centre[1]}"

    async def register(self) -> None:
        registrar = parse_uri(f"sip:{self._centre[0]}:{self._centre[1]}")
        account = parse_name_addr(f"<{self._uri(self.user)}>")
        self._registration = Registration(registrar, account, self._tokens, digest=self._digest, flow=self._flow)
        self._registration.start(self._endpoint.now())
        self._send_register()
        async with asyncio.timeout(PATIENCE):
            await self.registered.wait()

    def _send_register(self) -> None:
        assert self._registration is not None
        message = self._registration.due(self._endpoint.now())
        if message is not None:
            self._endpoint.agent.send(message, self._endpoint.now())
            self._endpoint.flush()

    async def _line(self) -> Line:
        sound = Sound()
        self._sounds.append(sound)
        return Line(sound, await sound.start(self._ip))

    def _sdp(self, line: Line) -> bytes:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {self._ip}\r\ns=-\r\nc=IN IP4 {self._ip}\r\nt=0 0\r\n"
            f"m=audio {line.port} RTP/AVP 0 {EVENT_PT}\r\na=rtpmap:{EVENT_PT} telephone-event/8000\r\n"
        ).encode()

    async def dial(self, user: str) -> Line:
        """Call; the answer comes by `answered`."""
        line = await self._line()
        local = parse_name_addr(f"<sip:{self.user}@{self._ip}>")
        call = Call(parse_uri(self._uri(user)), local, flow=self._flow, sdp=self._sdp(line), digest=self._digest)
        self._attempts[self._endpoint.agent.invite(call, self._endpoint.now())] = line
        self._endpoint.flush()
        return line

    async def next_call(self) -> Line:
        async with asyncio.timeout(PATIENCE):
            return await self.calls.get()

    def answer(self, line: Line) -> None:
        assert line.session is not None
        self._endpoint.agent.answer(line.session, self._endpoint.now(), self._sdp(line))
        self._endpoint.flush()
        self._talk(line, line.offer)
        line.answered.set()

    def refuse(self, line: Line, status: int = 603) -> None:
        assert line.session is not None
        self._endpoint.agent.reject(line.session, status, self._endpoint.now(), ())
        self._endpoint.flush()

    def hang_up(self, line: Line) -> None:
        if line.session is not None:
            self._endpoint.agent.hang_up(line.session, self._endpoint.now())
        else:
            attempt = next(name for name, one in self._attempts.items() if one is line)
            self._endpoint.agent.cancel(attempt, self._endpoint.now())
        self._endpoint.flush()

    def hang_up_all(self) -> None:
        for session in list(self._lines):
            self._endpoint.agent.hang_up(session, self._endpoint.now())
        self._endpoint.flush()

    def vanish(self) -> None:
        """As a phone whose cable is pulled: it answers nothing any more."""
        self._hear = lambda _event: None  # type: ignore[method-assign,assignment]

    def _talk(self, line: Line, sdp: bytes | None) -> None:
        text = (sdp or b"").decode()
        ip, port = re.search(r"c=IN IP4 (\S+)", text), re.search(r"m=audio (\d+)", text)
        if ip and port:
            line.sound.send_to(ip[1], int(port[1]))

    def _hear(self, event: Event) -> None:
        now, agent = self._endpoint.now(), self._endpoint.agent
        match event:
            case IncomingCall():
                asyncio.get_running_loop().create_task(self._ring(event))
            case Progress():
                self._attempts[event.attempt].statuses.append(event.status)
            case Answered():
                line = self._attempts.pop(event.attempt)
                line.session = event.session
                self._lines[event.session] = line
                self._talk(line, event.answer)
                line.answered.set()
            case AttemptFailed():
                line = self._attempts.pop(event.attempt)
                line.statuses.append(event.cause.status)
                line.ended.set()
            case SessionEnded():
                line_or_none = self._lines.pop(event.session, None)
                if line_or_none is not None:
                    line_or_none.ended.set()
            case Reoffer():
                line = self._lines[event.session]
                agent.accept_offer(event.exchange, self._sdp(line), now)
            case Replied() if self._registration is not None:
                self._registration.on_reply(event.response, event.status, now)
                if self._registration.state is State.REGISTERED:
                    self.registered.set()
            case _:
                pass

    async def _ring(self, event: IncomingCall) -> None:
        line = await self._line()
        line.session, line.offer = event.session, event.offer
        names = ("x-centrala-contact", "x-centrala-supervise", "x-centrala-direction", "x-centrala-consult")
        line.headers = {name: value for name in names if (value := event.request.headers.get(name)) is not None}
        self._lines[event.session] = line
        self._endpoint.agent.ring(event.session, self._endpoint.now())
        self._endpoint.flush()
        if self.answers:
            self.answer(line)
        self.calls.put_nowait(line)
