"""What SIP costs with real sockets: registrations that are refreshed, and calls without audio.

`python bench/sip/sockets.py [seconds]`. The centre runs in a process of its own, whose CPU time is what is measured;
phones are sockets of this process, calls come from SIPp. Everything stays on loopback.
"""

import asyncio
import contextlib
import itertools
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import IO, Final, Self, cast

import uvloop

from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, IncomingCall, RequestReceived
from centrala.telephony.sip.digest import Algorithm, Credentials, DigestClient, DigestServer, make_ha1
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.registrar import Registrar
from centrala.telephony.sip.session_timer import TimerPolicy
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.transport import Door, Endpoint, Guard, GuardPolicy, Listen, Rate

PHONES: Final = 5_000
REFRESH: Final = 60.0  # seconds
LINGER: Final = 33.0  # seconds that a transaction over UDP is kept (64*T1): what went before must not be measured
RATES: Final = (50, 100, 200, 300)  # calls a second
LAVISH: Final = Rate(1e6, 1e6)  # one address stands for all phones
SDP: Final = (
    b"v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


# ---- the centre ------------------------------------------------------------------------------------------------------


class Centre:
    """Answers calls at once and registers phones, with no store behind."""

    def __init__(self) -> None:
        self.agent = UserAgent(AgentConfig(timer=TimerPolicy(interval=None)), SeededTokens(os.urandom(32)))
        self.registrar = Registrar()
        guard = Guard(GuardPolicy(outside=LAVISH, inside=LAVISH, crowd=LAVISH))
        listen = [Listen(transport, "127.0.0.1", 0) for transport in (Transport.UDP, Transport.TCP)]
        self.endpoint = Endpoint(self.agent, self._take, listen=listen, guard=guard)
        digest = DigestServer("bench", os.urandom(32), SeededTokens(os.urandom(32)), (Algorithm.MD5,))
        self.door = Door(digest, guard, self._find, lambda found: found)
        self.tasks: set[asyncio.Task[None]] = set()

    async def _find(self, user: str, algorithm: Algorithm) -> str | None:
        return make_ha1(algorithm, user, "bench", "secret")

    def _take(self, event: Event) -> None:
        match event:
            case IncomingCall():
                self.agent.ring(event.session, self.endpoint.now())
                self.agent.answer(event.session, self.endpoint.now(), SDP)
            case RequestReceived():
                task = asyncio.get_running_loop().create_task(self._register(event))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            case _:
                pass

    async def _register(self, event: RequestReceived) -> None:
        judged = await self.door.judge(event.request, event.flow, self.endpoint.now)
        now = self.endpoint.now()
        if judged.user is None or judged.known is None:
            self.agent.respond(event.server, 401, now, headers=self.door.challenge(judged, now))
        else:
            done = self.registrar.process(event.request, judged.user, event.flow, now)
            self.endpoint.vouch(event.flow)
            self.agent.respond(event.server, 200, now, headers=done.headers)
        self.endpoint.flush()


async def serve() -> None:
    """Run the centre; each line on the standard input is answered by its figures."""
    centre = Centre()
    await centre.endpoint.start()
    print(json.dumps({t.value: a[1] for t, a in centre.endpoint.local_addresses.items()}), flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures = {
            "cpu": used.ru_utime + used.ru_stime,
            "mb": used.ru_maxrss / 1024,
            "bindings": len(centre.registrar),
            "live": centre.agent.live["sessions"],
            **centre.endpoint.counters,
        }
        print(json.dumps(figures), flush=True)
    await centre.endpoint.stop()


class Server:
    """The centre in its process."""

    def __enter__(self) -> Self:
        command = [sys.executable, __file__, "serve"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._in, self._out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        self.ports: dict[str, int] = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()

    def _read(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self._out.readline())
        return found

    def figures(self) -> dict[str, int]:
        self._in.write("?\n")
        self._in.flush()
        return self._read()


# ---- phones ----------------------------------------------------------------------------------------------------------


class Phones:
    """Many registrations from one socket. Each keeps its nonce until told that it is stale."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(0.0)
        self._local = self._socket.getsockname()[1]
        self._clients = [
            DigestClient(Credentials(f"user{n}", "secret"), SeededTokens(b"%d" % n)) for n in range(PHONES)
        ]
        self._serial = itertools.count(1)
        self.answers: Counter[int] = Counter()
        self._waiting: dict[str, int] = {}

    def send(self, phone: int) -> None:
        serial = next(self._serial)
        uri = f"sip:user{phone}@127.0.0.1"
        fields = [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{self._local};rport;branch=z9hG4bK{serial}"),
            ("From", f"<{uri}>;tag={phone}"),
            ("To", f"<{uri}>"),
            ("Call-ID", f"call-{phone}"),
            ("CSeq", f"{serial} REGISTER"),
            ("Contact", f"<{uri}:{self._local};line={phone}>"),
            ("Expires", "120"),
            ("Max-Forwards", "70"),
            ("User-Agent", "Phone 1.0"),
            ("Content-Length", "0"),
        ]
        request = Request("REGISTER", "sip:127.0.0.1", Headers(fields))
        self._clients[phone].sign(request)
        self._waiting[f"z9hG4bK{serial}"] = phone
        self._socket.send(request.to_bytes())

    def receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                response = cast("Response", parse_datagram(self._socket.recv(65536)))
                phone = self._waiting.pop(response.via.branch, None)
                if phone is None:
                    continue
                self.answers[response.status] += 1
                if response.status == 401 and self._clients[phone].challenged(response):
                    self.send(phone)

    def refresh(self, rate: float, seconds: float) -> None:
        """Let phones refresh one after the other, evenly."""
        began = time.monotonic()
        sent = 0
        order = itertools.cycle(range(PHONES))
        while (passed := time.monotonic() - began) < seconds:
            while sent < passed * rate:
                self.send(next(order))
                sent += 1
            self.receive()
            time.sleep(0.002)
        time.sleep(0.3)
        self.receive()


def registrations(seconds: float) -> None:
    print(f"| registrations | refresh | seconds | answered 200 / 401 | CPU of a core | us each | MB |\n|{'---|' * 7}")
    with Server() as server:
        phones = Phones(server.ports["UDP"])
        while (known := server.figures()["bindings"]) < PHONES:
            phones.refresh(250.0, PHONES / 250.0)  # everybody registers
        time.sleep(LINGER)
        phones.answers.clear()
        before, began = server.figures(), time.monotonic()
        phones.refresh(PHONES / REFRESH, seconds)
        after, took = server.figures(), time.monotonic() - began
        cpu = after["cpu"] - before["cpu"]
        good, challenged = phones.answers[200], phones.answers[401]
        print(
            f"| {known} | {REFRESH:.0f} s | {took:.0f} | {good} / {challenged} | {100 * cpu / took:.1f} % "
            f"| {1e6 * cpu / (good + challenged):.0f} | {after['mb']:.0f} |"
        )


# ---- calls -----------------------------------------------------------------------------------------------------------


def calls(seconds: float) -> None:
    sipp = shutil.which("sipp")
    if sipp is None:
        print("sipp is missing: apt-get install sip-tester")
        return
    print(f"\n| transport | calls/s | calls | failed | CPU of a core | us a call | MB |\n|{'---|' * 7}")
    for mode, transport in (("u1", "UDP"), ("t1", "TCP")):
        for rate in RATES:
            with Server() as server, tempfile.TemporaryDirectory() as folder:
                count = int(rate * seconds)
                before = server.figures()
                arguments = ["-sn", "uac", f"127.0.0.1:{server.ports[transport]}", "-i", "127.0.0.1", "-t", mode]
                limits = ["-r", str(rate), "-m", str(count), "-nostdin", "-timeout", f"{int(seconds * 4 + 30)}s"]
                statistics = ["-trace_stat", "-stf", "figures.csv", "-fd", "1"]
                subprocess.run(
                    [sipp, *arguments, *limits, *statistics], cwd=folder, check=False, stdout=subprocess.DEVNULL
                )
                cpu = server.figures()["cpu"] - before["cpu"]
                failed = _failed(Path(folder) / "figures.csv")
                print(
                    f"| {transport} | {rate} | {count} | {failed} | {100 * cpu / seconds:.0f} % "
                    f"| {1e6 * cpu / count:.0f} | {server.figures()['mb']:.0f} |",
                    flush=True,
                )


def _failed(path: Path) -> int:
    lines = path.read_text().splitlines()
    row = dict(zip(lines[0].split(";"), lines[-1].split(";"), strict=False))
    return int(row["FailedCall(C)"])


def main() -> None:
    if sys.argv[1:] == ["serve"]:
        uvloop.run(serve())
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    registrations(max(seconds, 20.0))
    calls(seconds)


if __name__ == "__main__":
    main()
