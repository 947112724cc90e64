"""A phone of our own stack with sound: it registers or calls from a carrier's address, speaks, presses keys, hears.

RTP is PCMU with telephone events of RFC 4733; a packet leaves every 20 ms, silence when there is nothing to say.
"""

import asyncio
import os
import re
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

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
from support.audio import FRAME, Samples, in_sequence, ulaw_decode, ulaw_encode

TICK: Final = 0.02  # seconds between packets
EVENT_PT: Final = 101
KEYS: Final = "0123456789*#ABCD"
SILENCE: Final = b"\xff" * FRAME
PATIENCE: Final = 10.0


class Sound:
    """The RTP of one call, in a thread with a clock of its own.

    A phone is another machine: the centre that runs in the same process may be busy or be started anew without any
    packet leaving late.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[float, int, bytes]] = []  # moment, sequence number, payload
        self.peer: tuple[str, int] | None = None
        self._queue: deque[tuple[bytes, asyncio.Future[None] | None]] = deque()  # payload of PCMU, whom its end is told
        self._keys: deque[tuple[int, int, bool]] = deque()  # key, packets so far, mark
        self._ending = False

    async def start(self, ip: str) -> int:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ip, 0))
        self._socket.settimeout(0.0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return int(self._socket.getsockname()[1])

    def send_to(self, ip: str, port: int) -> None:
        self.peer = (ip, port)

    def end(self) -> None:
        """With the call: whoever gets the port of the other side next must not hear this."""
        self._ending = True

    async def stop(self) -> None:
        self.end()
        await asyncio.to_thread(self._thread.join)
        self._socket.close()

    async def say(self, samples: Sequence[int]) -> None:
        """In real time; returns when all is said, or the call is over."""
        if self._ending:
            return
        codes = ulaw_encode(samples)
        said: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        *first, last = [codes[at : at + FRAME] for at in range(0, len(codes) - FRAME + 1, FRAME)]
        self._queue.extend((payload, None) for payload in first)
        self._queue.append((last, said))
        await said

    def press(self, key: str) -> None:
        """RFC 4733: 100 ms of a key, its end three times."""
        code = KEYS.index(key)
        self._keys.extend((code, min(number, 5), number >= 5) for number in range(1, 8))

    def _run(self) -> None:
        while self.peer is None and not self._ending:
            self._listen(TICK)
        start, number, stamp, began = time.monotonic(), 0, 0, 0
        while self.peer is not None and not self._ending:
            if (left := start + number * TICK - time.monotonic()) > 0:
                self._listen(left)
                continue
            if self._keys:
                code, length, ended = self._keys.popleft()
                began = stamp if length == 1 else began
                event = struct.pack("!BBH", code, (0x80 if ended else 0) | 10, length * FRAME)
                packet = struct.pack("!BBHII", 0x80, EVENT_PT, number & 0xFFFF, began, 77) + event
            else:
                payload, said = self._queue.popleft() if self._queue else (SILENCE, None)
                packet = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, stamp, 77) + payload
                if said is not None:
                    said.get_loop().call_soon_threadsafe(_finish, said)
            self._socket.sendto(packet, self.peer)
            number, stamp = number + 1, stamp + FRAME
        for _, said in list(self._queue):
            if said is not None:
                said.get_loop().call_soon_threadsafe(_finish, said)

    def _listen(self, seconds: float) -> None:
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            return
        data = self._socket.recv(2048)
        if not 192 <= data[1] <= 223 and data[1] & 0x7F == 0:  # neither RTCP (RFC 5761 4) nor an event
            self.heard.append((time.monotonic(), int.from_bytes(data[2:4], "big"), data[12:]))

    def audio(self, since: float = 0.0) -> Samples:
        """What was heard from a moment of the loop's clock on, which is the system's."""
        kept = in_sequence((number, payload) for at, number, payload in list(self.heard) if at >= since)
        return [sample for _, payload in kept for sample in ulaw_decode(payload)]


def _finish(said: "asyncio.Future[None]") -> None:
    if not said.done():
        said.set_result(None)


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
        line.sound.end()
        if line.session is not None:
            self._endpoint.agent.hang_up(line.session, self._endpoint.now())
        else:
            attempt = next(name for name, one in self._attempts.items() if one is line)
            self._endpoint.agent.cancel(attempt, self._endpoint.now())
        self._endpoint.flush()

    def hang_up_all(self) -> None:
        for session, line in self._lines.items():
            line.sound.end()
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
                    line_or_none.sound.end()
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
