"""The app is killed with calls up, with the real engine, the real store and real sockets: nobody loses a call."""

import asyncio
import json
import os
import signal
import struct
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.node.postgres import EmbeddedPostgres
from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Answered, Event, IncomingCall, Reoffer, ReofferAnswered, SessionEnded
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.sdp.parse import parse_sdp
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport.endpoint import Endpoint

BINARY = Path(sys.executable).with_name("centrala-media")
TESTS = Path(__file__).parents[2]
CALLS = 4
PATIENCE = 20.0  # seconds; only a broken build needs them
TAKEN_UP_WITHIN = 3.0  # seconds after Python has loaded the program, which is the rest of the five after a kill


class Audio(asyncio.DatagramProtocol):
    """One phone's RTP: sends A-law every 20 ms, counts what it hears and checks that the stream has no seam."""

    def __init__(self) -> None:
        self.heard = 0
        self.sources: set[int] = set()
        self._number = 0
        self._to: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - asyncio's
        self.heard += 1
        self.sources.add(int.from_bytes(data[8:12], "big"))

    def send_to(self, sdp: bytes) -> None:
        session = parse_sdp(sdp)
        assert session.connection is not None
        self._to = (session.connection.address, session.media[0].port)
        self._tick()

    def _tick(self) -> None:
        if self._to is None or self.transport.is_closing():
            return
        header = struct.pack("!BBHII", 0x80, 8, self._number & 0xFFFF, self._number * 160, id(self) & 0xFFFFFFFF)
        self.transport.sendto(header + b"\xd5" * 160, self._to)  # type: ignore[attr-defined]  # a datagram transport
        self._number += 1
        asyncio.get_running_loop().call_later(0.02, self._tick)


@dataclass(eq=False)
class Phones:
    """Callers and called on one socket of SIP, each call with an audio of its own."""

    endpoint: Endpoint
    events: list[Event] = field(default_factory=list)
    audio: dict[DialogId, Audio] = field(default_factory=dict)
    called: list[DialogId] = field(default_factory=list)
    calling: list[DialogId] = field(default_factory=list)
    offered: dict[str, Audio] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def port(self) -> int:
        return self.endpoint.local_addresses[Transport.UDP][1]

    def sdp(self, audio: Audio, way: str = "sendrecv", version: int = 0) -> bytes:
        return (
            f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {audio.port} RTP/AVP 8\r\na={way}\r\n"
        ).encode()

    async def listen(self) -> Audio:
        _, audio = await asyncio.get_running_loop().create_datagram_endpoint(Audio, local_addr=("127.0.0.1", 0))
        return audio

    async def call(self, app_port: int) -> None:
        audio = await self.listen()
        target = parse_uri(f"sip:{self.port}@127.0.0.1:{app_port}")
        flow = Flow(Transport.UDP, ("127.0.0.1", self.port), ("127.0.0.1", app_port))
        local = parse_name_addr("<sip:caller@127.0.0.1>")
        agent = self.endpoint.agent
        attempt = agent.invite(Call(target, local, flow=flow, sdp=self.sdp(audio)), self.endpoint.now())
        self.offered[attempt] = audio
        self.endpoint.flush()

    def hear(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case IncomingCall():
                self._task = asyncio.get_running_loop().create_task(self._answer(event))
            case Answered():
                self.calling.append(event.session)
                self.audio[event.session] = audio = self.offered[event.attempt]
                audio.send_to(event.answer or b"")
            case Reoffer():
                sdp = self.sdp(self.audio[event.session], version=5)
                self.endpoint.agent.accept_offer(event.exchange, sdp, self.endpoint.now())
            case _:
                pass
        self.changed.set()

    async def _answer(self, event: IncomingCall) -> None:
        audio = await self.listen()
        self.audio[event.session] = audio
        self.called.append(event.session)
        now = self.endpoint.now()
        self.endpoint.agent.ring(event.session, now)
        self.endpoint.agent.answer(event.session, now, self.sdp(audio))
        self.endpoint.flush()
        audio.send_to(event.offer or b"")

    @property
    def ended(self) -> set[DialogId]:
        return {event.session for event in self.events if isinstance(event, SessionEnded)}

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.changed.clear()
                waiting = asyncio.ensure_future(self.changed.wait())
                await asyncio.wait({waiting}, timeout=0.02)
                waiting.cancel()
        assert condition(), what

    async def hears_more(self) -> None:
        """Every phone hears a fifth of a second more."""
        before = {session: audio.heard for session, audio in self.audio.items()}
        await self.until(
            lambda: all(audio.heard >= before[session] + 10 for session, audio in self.audio.items()), "audio goes on"
        )


@pytest.fixture
async def phones() -> AsyncIterator[Phones]:
    agent = UserAgent(AgentConfig(), SeededTokens(b"phones"))
    made: list[Phones] = []
    endpoint = Endpoint(agent, lambda event: made[0].hear(event))  # noqa: PLW0108 - made below
    made.append(Phones(endpoint))
    await endpoint.start()
    yield made[0]
    await endpoint.stop()
    for audio in {*made[0].audio.values(), *made[0].offered.values()}:
        audio.transport.close()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[str]:
    address = f"unix:{tmp_path / 'control'}"
    arguments = ["--control", address, "--port-min", "24000", "--port-max", "24199", "--workers", "1"]
    process = await asyncio.create_subprocess_exec(BINARY, "serve", *arguments, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    await asyncio.wait_for(process.stderr.readline(), PATIENCE)
    yield address
    process.kill()
    await process.communicate()


@dataclass
class AppProcess:
    arguments: list[str]
    process: asyncio.subprocess.Process | None = None
    took: float = 0.0  # seconds from loaded to ready

    async def start(self) -> int:
        """The number of legs that it has taken up."""
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "support.calls_app",
            *self.arguments,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        assert line.startswith(b"ready"), line
        _, taken, took = line.split()
        self.took = float(took)
        return int(taken)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.communicate()

    async def stop(self) -> dict[str, Any]:
        assert self.process is not None
        output, _ = await asyncio.wait_for(self.process.communicate(b""), PATIENCE)
        report: dict[str, Any] = json.loads(output)
        return report


@pytest.fixture
async def app(
    postgres: EmbeddedPostgres, committing_database: Database, engine: str, phones: Phones, tmp_path: Path
) -> AsyncIterator[AppProcess]:
    free = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = free[0].get_extra_info("sockname")[1]
    free[0].close()
    arguments = [postgres.app_url(), engine, str(port), str(tmp_path / "records"), "--record", "--report"]
    app = AppProcess(arguments)
    yield app
    if app.process is not None and app.process.returncode is None:
        await app.kill()


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.begin(CENTRE) as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def until_all(database: Database, query: str, number: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await rows(database, query) != [(number,)]:
            await asyncio.to_thread(threading.Event().wait, 0.05)


async def test_a_killed_app_takes_every_call_up_within_five_seconds(
    app: AppProcess, phones: Phones, committing_database: Database
) -> None:
    database = committing_database
    assert await app.start() == 0
    for _ in range(CALLS):
        await phones.call(int(app.arguments[2]))
    await phones.until(lambda: len(phones.calling) == len(phones.called) == CALLS, "every call is answered")
    await phones.hears_more()
    sources = {session: set(audio.sources) for session, audio in phones.audio.items()}
    loop = asyncio.get_running_loop()

    await app.kill()
    await phones.hears_more()
    assert await app.start() == 2 * CALLS
    loaded_at = loop.time() - app.took
    holding, *leaving = phones.called
    now = phones.endpoint.now()
    phones.endpoint.agent.reoffer(holding, phones.sdp(phones.audio[holding], "sendonly", 1), now)
    for session in leaving:
        phones.endpoint.agent.hang_up(session, now)
    phones.endpoint.flush()
    await phones.until(lambda: phones.count(ReofferAnswered) == 1, "a re-INVITE is answered")
    await phones.until(lambda: len(phones.ended) == 2 * (CALLS - 1), "hang-ups end both sides")
    assert loop.time() - loaded_at < TAKEN_UP_WITHIN

    assert sources == {session: audio.sources for session, audio in phones.audio.items()}, "one SSRC for life"
    phones.endpoint.agent.hang_up(holding, phones.endpoint.now())
    phones.endpoint.flush()
    await phones.until(lambda: len(phones.ended) == 2 * CALLS, "the last call ends")
    await until_all(database, "SELECT count(ended_at) FROM call_recordings", CALLS)
    report = await app.stop()
    assert (report["calls"], report["legs"]) == (0, 0)

    assert await rows(database, "SELECT DISTINCT cause, hung_up_by FROM calls") == [("answered", "peer")]
    legs = await rows(database, "SELECT count(*), count(ended_at), min(packets_received) > 0 FROM call_legs")
    assert legs == [(2 * CALLS, 2 * CALLS, True)]
    assert await rows(database, "SELECT count(*) FROM call_dialogs") == [(0,)]
    query = "SELECT kind, count(*), count(DISTINCT aggregate_id) FROM outbox GROUP BY 1 ORDER BY 1"
    facts = await rows(database, query)
    assert facts == [("call.ended", CALLS, CALLS), ("recording.ended", CALLS, CALLS)]
    query = "SELECT count(*), count(DISTINCT call_id), min(duration_ms) > 0 FROM call_recordings"
    assert await rows(database, query) == [(CALLS, CALLS, True)]
