"""Recorded calls out of a queue, all at once, with audio both ways: what they cost, and what is lost.

    python bench/calls/recorded.py [--calls 800] [--seconds 20]

The centre of `queues.py` with as many operators as calls. First every call is set up through the queue (and so its
recording is on), then `loadgen` (Rust, `media/crates/loadgen`) sends 50 packets a second of G.711 into both sides of
each and counts what comes out on the other; then all hang up, and the recordings are looked at. App, engine,
PostgreSQL and the loads share the machine. Needs cargo (it builds the generator) and `ulimit -n` of three files a call.
Prints a line of a table in Markdown.
"""

import argparse
import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

import psutil
import uvloop

from centrala.kit.migrate import upgrade
from centrala.node.postgres import EmbeddedPostgres

sys.path.insert(0, str(Path(__file__).parents[2]))
from bench.calls import queues

MEDIA = Path(__file__).parents[2] / "media"
RATE = 15.0  # calls a second, while they are set up
LINE = re.compile(rb"m=audio (\d+) ")


def described(port: int) -> bytes:
    return queues.SDP.replace(b"m=audio 9 ", b"m=audio %d " % port)


class Speaking(queues.Load):
    """Callers and operators whose audio another program sends and hears, on `ports` of this machine."""

    def __init__(self, ports: list[int]) -> None:
        super().__init__(hold=3_600.0)
        self._free = list(ports)
        self._of_caller: dict[str, int] = {}
        self.engine: dict[int, int] = {}  # the engine's port by ours
        self.sessions: list[Any] = []

    def offer_of(self, caller: str) -> bytes:
        port = self._of_caller[caller] = self._free.pop()
        return described(port)

    def answer_to(self, offer: bytes | None) -> bytes:
        port = self._free.pop()
        self._learn(port, offer)
        return described(port)

    def on_answer(self, caller: str, answer: bytes | None) -> None:
        self._learn(self._of_caller[caller], answer)

    def _learn(self, port: int, description: bytes | None) -> None:
        found = LINE.search(description or b"")
        self.engine[port] = int(found[1]) if found else 0


async def measure(calls: int, seconds: int, generator: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-recorded-") as name:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder)
        postgres.start()
        try:
            upgrade(postgres.owner_url)
            await _with_store(calls, seconds, generator, folder, postgres)
        finally:
            postgres.stop()


async def _with_store(calls: int, seconds: int, generator: Path, folder: Path, postgres: EmbeddedPostgres) -> None:
    control = f"unix:{folder / 'control'}"
    ports = ["--port-min", "20000", "--port-max", "29999"]
    engine = await asyncio.create_subprocess_exec(queues.ENGINE, "serve", "--control", control, *ports, stderr=DEVNULL)
    serve = ["--serve", postgres.app_url(), control, str(folder), "--operators", str(calls)]
    centre = await asyncio.create_subprocess_exec(
        sys.executable, queues.__file__, *serve, stdin=PIPE, stdout=PIPE, limit=2**24
    )
    speaker = await asyncio.create_subprocess_exec(
        generator, "--peers", str(2 * calls), "--seconds", str(seconds), "--pid", str(engine.pid),
        stdin=PIPE, stdout=PIPE, limit=2**24,
    )  # fmt: skip
    try:
        await _run(calls, seconds, folder, (centre, engine, speaker))
    finally:
        for process in (speaker, centre, engine):
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _run(calls: int, seconds: int, folder: Path, processes: tuple[Process, Process, Process]) -> None:
    centre, _, speaker = processes
    assert centre.stdout and centre.stdin and speaker.stdout and speaker.stdin  # noqa: S101 - were asked for
    accounts: list[Any] = json.loads(await centre.stdout.readline())
    ports: list[int] = json.loads(await speaker.stdout.readline())
    load = Speaking(ports)
    await load.start()
    await load.register(accounts)
    centre.stdin.write(b"ready\n")
    await asyncio.sleep(queues.WARM_UP)
    begun = time.monotonic()
    await load.run(RATE, calls / RATE)
    while len(load.engine) < len(ports) and time.monotonic() - begun < 2 * calls / RATE + 30:  # noqa: ASYNC110 - a bench may look
        await asyncio.sleep(0.2)
    load_average = os.getloadavg()[0]
    before = _cpu(centre.pid)
    speaker.stdin.write(json.dumps([load.engine.get(port, 0) for port in ports]).encode() + b"\n")
    told = json.loads(await speaker.stdout.readline())
    app = 100 * (_cpu(centre.pid) - before) / (seconds + 1)
    whole, short = _recordings(folder, seconds)
    lost = f"{100 * (1 - told['relayed'] / told['sent']):.3f}"
    names = (
        "calls", "in talk", "sent %", "lost %", "delay p50 / p99 ms", "generator late p99 ms",
        "engine % of a core a call", "app % of a core", "recordings", "shorter than the talk", "load of the machine",
    )  # fmt: skip
    sent = 100 * told["sent"] / (len(ports) * 50 * (seconds + 1))
    cells = (
        calls, len(load.rung), f"{sent:.1f}", lost, f"{told['delay_p50_ms']} / {told['delay_p99_ms']}",
        told["generator_late_p99_ms"], told["cpu_pct_a_call"], f"{app:.0f}", whole, short, f"{load_average:.1f}",
    )  # fmt: skip
    print("| " + " | ".join(names) + " |\n|" + "---|" * len(names))
    print("| " + " | ".join(map(str, cells)) + " |")


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _recordings(folder: Path, seconds: int) -> tuple[int, int]:
    """How many there are, and how many of them do not hold the whole talk."""
    files = list((folder / "recordings").rglob("*.wav"))
    short = sum(1 for path in files if (path.stat().st_size - 44) / 32_000 < seconds)
    return len(files), short


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=800)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    manifest = str(MEDIA / "Cargo.toml")
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--locked", "-p", "loadgen", "--manifest-path", manifest], check=True
    )
    uvloop.run(measure(options.calls, options.seconds, MEDIA / "target" / "release" / "loadgen"))


if __name__ == "__main__":
    main()
