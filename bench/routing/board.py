"""What the live board costs: 200 operators, 10 queues, 20 browsers, while nothing happens and at 20 calls a second.

Starts an app with a store of its own; calls are facts fed to its dispatcher, so what is measured is routing, its
journal, the board and nothing of SIP. Usage: `python bench/routing/board.py [--seconds 30] [--rate 20]`.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import uvicorn
import websockets
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.migrate import upgrade
from centrala.kit.settings import AppSettings, Folders
from centrala.node.postgres import EmbeddedPostgres
from centrala.routing.service import (
    Board,
    ContactId,
    ContactLeft,
    ContactQueued,
    Decision,
    Dispatcher,
    OfferAccepted,
    OperatorState,
    Ring,
    StateAsked,
    WrapUpEnded,
)
from centrala.security.service import COOKIE, Role
from centrala.web.app import create_app
from support.centre import Centre, make_centre
from support.people import make_person

OPERATORS, QUEUES, BROWSERS = 200, 10, 20
RING, TALK, WRAP_UP = 1.0, 6.0, 1.0  # mean seconds
PORT = 18081
DATA_LIMIT = 120.0  # seconds


@dataclass(slots=True)
class Load:
    """Simulated calls: each comes, is answered by whoever is rung, ends, and is wrapped up."""

    dispatcher: Dispatcher
    centres: list[Centre]
    rate: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def start(self) -> None:
        for centre in self.centres:
            for operator in centre.operators:
                self.dispatcher.feed(StateAsked(operator=operator, state=OperatorState.READY))
        self.dispatcher.subscribe(self._decided)
        asyncio.get_running_loop().call_soon(self._come)

    def _come(self) -> None:
        loop = asyncio.get_running_loop()
        if self.rate:
            centre = self.chance.choice(self.centres)
            queue = self.chance.choice(centre.queues)
            self.dispatcher.feed(ContactQueued(contact=ContactId(str(new_id())), queue=queue))
        loop.call_later(self.chance.expovariate(self.rate) if self.rate else 0.2, self._come)

    def _decided(self, decision: Decision) -> None:
        if isinstance(decision, Ring):
            self._later(RING, lambda: self._answered(decision))

    def _answered(self, ring: Ring) -> None:
        self.dispatcher.feed(OfferAccepted(ring.offer))
        self._later(TALK, lambda: self._over(ring))

    def _over(self, ring: Ring) -> None:
        self.dispatcher.feed(ContactLeft(ring.contact))
        self._later(WRAP_UP, lambda: self.dispatcher.feed(WrapUpEnded(ring.operator, ring.contact)))

    def _later(self, mean: float, what: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(self.chance.expovariate(1 / mean), what)


async def _fill(database: Database) -> tuple[list[Centre], list[str]]:
    """Two projects with half of everything each; the cookies of the browsers."""
    centres = [
        await make_centre(
            database, utc_now, queues=[{"wrap_up": 30}] * (QUEUES // 2), people=OPERATORS // 2, prefix=prefix
        )
        for prefix in ("First", "Second")
    ]
    cookies = []
    for centre in (None, None, *centres):
        roles, projects = (Role.MANAGER, ()) if centre is None else (Role.SUPERVISOR, (centre.project,))
        person = await make_person(database, utc_now, roles, projects=projects)
        cookies += [person.cookie] * (BROWSERS // 4)
    return centres, cookies


async def _serve(settings: AppSettings) -> None:
    """The child: the app, and a load that lines of standard input turn up and down."""
    database = Database(settings.database_url.get_secret_value())
    centres, cookies = await _fill(database)
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, port=PORT, loop="uvloop", ws="websockets-sansio", log_config=None, lifespan="on")
    )
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    load = Load(app.state.dispatcher, centres)
    load.start()
    board: Board = app.state.board
    print(json.dumps({"cookies": cookies}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        load.rate = float(line)
        print(json.dumps({"waiting": len(board.dispatcher.all_waiting())}), flush=True)
    server.should_exit = True
    await running
    await database.close()


async def _watch(cookie: str, counted: list[int]) -> None:
    headers = {"Cookie": f"{COOKIE}={cookie}", "Origin": f"http://127.0.0.1:{PORT}"}
    async with websockets.connect(
        f"ws://127.0.0.1:{PORT}/api/board/live", additional_headers=headers, max_size=None
    ) as socket:
        async for text in socket:
            counted[0] += len(text)
            if '"type":"ping"' in str(text):
                await socket.send('{"type":"pong"}')


@dataclass(frozen=True, slots=True)
class Measured:
    share: float
    """Of one core."""
    per_minute: float
    """Bytes for each browser."""


async def _measure(app: psutil.Process, counts: list[list[int]], seconds: float) -> Measured:
    for count in counts:
        count[0] = 0
    before, begun = sum(app.cpu_times()[:2]), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - begun
    sent = sum(count[0] for count in counts) / max(1, len(counts))
    return Measured((sum(app.cpu_times()[:2]) - before) / took, sent * 60 / took)


async def _heard(child: asyncio.subprocess.Process) -> dict[str, Any]:
    if child.stdout is None:
        raise RuntimeError("The child has no output.")
    found: dict[str, Any] = json.loads(await asyncio.wait_for(child.stdout.readline(), DATA_LIMIT))
    return found


async def _say(child: asyncio.subprocess.Process, rate: float) -> dict[str, Any]:
    if child.stdin is None:
        raise RuntimeError("The child has no input.")
    child.stdin.write(f"{rate}\n".encode())
    return await _heard(child)


async def _bench(child: asyncio.subprocess.Process, seconds: float, rate: float) -> None:
    cookies = (await _heard(child))["cookies"]
    app = psutil.Process(child.pid)
    quiet = await _measure(app, [], seconds / 2)
    await _say(child, rate)
    await asyncio.sleep(15)  # until as many talk as will
    routing = await _measure(app, [], seconds)
    await _say(child, 0)
    await asyncio.sleep(30)
    counts = [[0] for _ in cookies]
    watching = [asyncio.create_task(_watch(cookie, count)) for cookie, count in zip(cookies, counts, strict=True)]
    await asyncio.sleep(3)
    idle = await _measure(app, counts, seconds)
    await _say(child, rate)
    await asyncio.sleep(15)
    busy = await _measure(app, counts, seconds)
    waiting = (await _say(child, 0))["waiting"]
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    print(f"load average {os.getloadavg()[0]:.1f}; {waiting} waited at the end")
    print("| 200 operators, 10 queues | share of a core | kB a minute and browser |")
    print("|---|---|---|")
    print(f"| nothing happens, nobody watches | {quiet.share:.1%} | |")
    print(f"| {rate:g} calls a second, nobody watches | {routing.share:.1%} | |")
    print(f"| nothing happens, {BROWSERS} browsers | {idle.share:.1%} | {idle.per_minute / 1000:.1f} |")
    print(f"| {rate:g} calls a second, {BROWSERS} browsers | {busy.share:.1%} | {busy.per_minute / 1000:.1f} |")


async def _run(url: str, seconds: float, rate: float) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", url, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=2**20
    )
    try:
        await _bench(child, seconds, rate)
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="centrala-bench-"))
    folder.chmod(0o711)
    try:
        if given.serve:
            secret = {"database_url": SecretStr(given.serve), "secret_key": SecretStr("a key of the bench")}
            settings = AppSettings(folders=Folders(data=folder), media_control="unix:/nowhere", **secret)
            asyncio.run(_serve(settings))
            return
        postgres = EmbeddedPostgres(folder, durable=False)
        postgres.start()
        try:
            upgrade(postgres.owner_url)
            asyncio.run(_run(postgres.app_url(), given.seconds, given.rate))
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
