"""Cost of bridged calls through app and media engine, with their rows written, at several call rates.

    python bench/calls/run.py [--rates 20,50,100] [--seconds 15] [--hold 1.0] [--profile]

App and engine share core 0; the phones, which are stacks of our own, and PostgreSQL have the rest. A call is INVITE,
180, 200, ACK on both legs, `--hold` seconds without audio, BYE on both. Prints a table in Markdown.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import uvloop

from centrala.kit.migrate import conninfo, upgrade
from centrala.node.postgres import EmbeddedPostgres
from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Answered, AttemptFailed, Event, IncomingCall, Progress, SessionEnded
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport.endpoint import Endpoint

ROOT = Path(__file__).parents[2]
ENGINE = Path(sys.executable).with_name("centrala-media")
SIP_PORT = 25_060
WARM_UP = 2.0  # seconds that are not measured
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)

# By CPU time: others on this machine must not be seen in it.
PROFILED = """
import asyncio, cProfile, time, uvloop
from support.calls_app import main
profile = cProfile.Profile(time.process_time)
try:
    profile.runcall(uvloop.run, main())
finally:
    profile.dump_stats("{file}")
"""


@dataclass(eq=False, repr=False)
class Load:
    """Callers and called phones."""

    hold: float
    begun: dict[str, float] = field(default_factory=dict)
    ringing: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    failed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    started: int = 0
    over: int = 0
    rang: set[str] = field(default_factory=set)
    mine: set[DialogId] = field(default_factory=set)

    async def start(self) -> None:
        agent = UserAgent(AgentConfig(most_sessions=50_000), SeededTokens(os.urandom(32)))
        self.endpoint = Endpoint(agent, self.hear)
        self.endpoint.guard.trust(["127.0.0.0/8"])  # else it is the phones that turn the rate away
        await self.endpoint.start()
        self.port = self.endpoint.local_addresses[Transport.UDP][1]

    def call(self) -> None:
        target = parse_uri(f"sip:{self.port}@127.0.0.1:{SIP_PORT}")
        flow = Flow(Transport.UDP, ("127.0.0.1", self.port), ("127.0.0.1", SIP_PORT))
        local = parse_name_addr("<sip:+37369123456@127.0.0.1>")
        at = self.endpoint.now()
        attempt = self.endpoint.agent.invite(Call(target, local, flow=flow, sdp=SDP), at)
        self.begun[attempt] = at
        self.started += 1
        self.endpoint.flush()

    def hear(self, event: Event) -> None:
        now, agent = self.endpoint.now(), self.endpoint.agent
        match event:
            case IncomingCall():
                agent.ring(event.session, now)
                agent.answer(event.session, now, SDP)
            case Progress() if event.status == 180 and event.attempt not in self.rang:
                self.rang.add(event.attempt)
                self.ringing.append(now - self.begun[event.attempt])
            case Answered():
                self.answered.append(now - self.begun.pop(event.attempt))
                self.mine.add(event.session)
                asyncio.get_running_loop().call_later(self.hold, self.hang_up, event.session)
            case AttemptFailed():
                self.failed += 1
                self.statuses[event.cause.status] += 1
            case SessionEnded() if event.session in self.mine:
                self.mine.discard(event.session)
                self.over += 1
            case _:
                pass

    def hang_up(self, session: DialogId) -> None:
        if not self.endpoint.listening:
            return
        self.endpoint.agent.hang_up(session, self.endpoint.now())
        self.endpoint.flush()

    async def run(self, rate: float, seconds: float) -> None:
        begun = time.monotonic()
        for number in range(int(rate * seconds)):
            late = begun + number / rate - time.monotonic()
            if late > 0:
                await asyncio.sleep(late)
            self.call()


def cpu_of(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        times = process.cpu_times()
        total += times.user + times.system
    return total


def start_engine(control: Path, ports: list[str]) -> subprocess.Popen[bytes]:
    engine = subprocess.Popen([ENGINE, "serve", "--control", f"unix:{control}", *ports], stderr=subprocess.DEVNULL)
    while not control.exists():
        time.sleep(0.01)
    return engine


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values) or [0.0]
    return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@dataclass
class Bench:
    folder: Path
    profile: bool
    postgres: EmbeddedPostgres
    engine: subprocess.Popen[bytes]
    app: asyncio.subprocess.Process

    @classmethod
    async def start(cls, folder: Path, *, profile: bool) -> "Bench":
        postgres = EmbeddedPostgres(folder)
        postgres.start()
        upgrade(postgres.owner_url)
        control = folder / "control"
        ports = ["--port-min", "26000", "--port-max", "31999", "--workers", "1"]
        engine = start_engine(control, ports)
        command = [
            "-m",
            "support.calls_app",
            postgres.app_url(),
            f"unix:{control}",
            str(SIP_PORT),
            str(folder / "records"),
        ]
        if profile:
            command = ["-c", PROFILED.format(file=folder / "profile"), *command[2:]]
        app = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert app.stdout is not None  # noqa: S101 - a pipe was asked for
        await app.stdout.readline()
        for pid in (engine.pid, app.pid):
            for thread in psutil.Process(pid).threads():
                os.sched_setaffinity(thread.id, {0})
            os.sched_setaffinity(pid, {0})
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)))
        return cls(folder, profile, postgres, engine, app)

    async def report(self) -> dict[str, Any]:
        assert self.app.stdin is not None  # noqa: S101 - a pipe was asked for
        assert self.app.stdout is not None  # noqa: S101 - a pipe was asked for
        self.app.stdin.write(b"report\n")
        result: dict[str, Any] = json.loads(await self.app.stdout.readline())
        return result

    async def stop(self) -> None:
        if self.app.returncode is None:
            await self.app.communicate(b"")
        self.engine.terminate()
        self.engine.wait()
        self.postgres.stop()

    async def measure(self, rate: float, seconds: float, hold: float) -> dict[str, object]:
        load = Load(hold)
        await load.start()
        app, engine = psutil.Process(self.app.pid), psutil.Process(self.engine.pid)
        before, written = (cpu_of([app]), cpu_of([engine])), (await self.report())["store"]
        await load.run(rate, WARM_UP)
        load.ringing.clear()
        load.answered.clear()
        begun = time.monotonic()
        await load.run(rate, seconds)
        took = time.monotonic() - begun
        end = time.monotonic() + hold + 40.0
        while load.over + load.failed < load.started and time.monotonic() < end:  # noqa: ASYNC110 - a bench may poll
            await asyncio.sleep(0.05)
        after, report = (cpu_of([app]), cpu_of([engine])), await self.report()
        if load.failed:
            print("refused with:", dict(load.statuses), file=sys.stderr)
        await load.endpoint.stop()
        transactions = report["store"].get("transactions", 0) - written.get("transactions", 0)
        app_ms, engine_ms = (1000 * (after[n] - before[n]) / load.started for n in (0, 1))
        return {
            "calls/s": f"{rate * seconds / took:.0f}",
            "failed": load.started - load.over,
            "app ms of CPU a call": f"{app_ms:.1f}",
            "engine ms of CPU a call": f"{engine_ms:.2f}",
            "calls/s that fill a core": f"{1000 / (app_ms + engine_ms):.0f}",
            "ringing p50 / p99 ms": f"{quantile(load.ringing, 0.5):.1f} / {quantile(load.ringing, 0.99):.1f}",
            "answer p50 / p99 ms": f"{quantile(load.answered, 0.5):.1f} / {quantile(load.answered, 0.99):.1f}",
            "calls a transaction": f"{load.started / max(1, transactions):.1f}",
        }


def check_rows(postgres: EmbeddedPostgres) -> str:
    """What must be flat at the end: rows that are open, dialogs that are kept."""
    with psycopg.connect(conninfo(postgres.owner_url)) as connection:
        query = (
            "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM calls WHERE ended_at IS NULL), "
            "(SELECT count(*) FROM call_legs WHERE ended_at IS NULL), (SELECT count(*) FROM call_dialogs)"
        )
        row = connection.execute(query).fetchone()
    return "calls {}, open calls {}, open legs {}, dialogs {}".format(*(row or ()))


def make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="centrala-bench-"))
    folder.chmod(0o711)  # the server may run as another user
    return folder


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rates", default="20,50,100")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--hold", type=float, default=1.0)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    folder = make_folder()
    bench = await Bench.start(folder, profile=options.profile)
    try:
        for number, rate in enumerate(options.rates.split(",")):
            row = await bench.measure(float(rate), options.seconds, options.hold)
            if not number:
                print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
            print("| " + " | ".join(str(value) for value in row.values()) + " |", flush=True)
        report = await bench.report()
        print("\nleft in the app:", {"calls": report["calls"], "legs": report["legs"], "agent": report["live"]})
        print("counters:", report["counters"], report["store"], report["endpoint"], report["agent"])
        await bench.app.communicate(b"")
        print("rows:", check_rows(bench.postgres))
    finally:
        await bench.stop()
        if options.profile:
            shutil.copy(folder / "profile", "/tmp/calls.profile")  # noqa: S108 - asked for by the one at the console
        shutil.rmtree(folder)


if __name__ == "__main__":
    uvloop.run(main())
