"""Latency of list and read routes at 200 requests a second, and from a commit to 200 connected desks and a browser.

Starts a sample centre of its own (`centrala demo` in a temporary folder), the app pinned to one core where the machine
has two, the load on the other; prints a table. Usage: `python bench/web/routes.py [--seconds 20]`.
"""

import argparse
import asyncio
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import websockets
from playwright.async_api import Page, async_playwright

RATE = 200  # requests a second
CONNECTIONS = 40
DESKS = 200
CHANGES = 100
START_LIMIT = 60.0  # seconds
READS = (
    "/api/employees?page_size=50",
    "/api/projects",
    "/api/companies",
    "/api/calendars",
    "/api/session",
    "/api/skills",
)
PORT = 18080


@dataclass(frozen=True, slots=True)
class Centre:
    url: str
    login: str
    password: str
    app_pid: int


@contextmanager
def centre() -> Iterator[Centre]:
    """A sample centre in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="centrala-bench-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "demo-mix.json").write_text('{"on": false, "streams": {}}')  # nobody calls meanwhile
    environment = {
        **os.environ,
        "CENTRALA_WEB_PORT": str(PORT),
        "CENTRALA_SIP_UDP_PORT": "15060",
        "CENTRALA_SIP_TCP_PORT": "15060",
        "CENTRALA_SIP_TLS_PORT": "15061",
    }
    command = [str(Path(sys.executable).parent / "centrala"), "demo", "--data", str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield _started(folder / "log")
    finally:
        process.terminate()
        process.wait(30)


def _started(log: Path) -> Centre:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        text = log.read_text()
        link = re.search(r"administrator .*#login=(\S+)&password=(\S+)", text)
        if link and "Open the desk" in text:
            app = re.search(r'"name": "app", "pid": (\d+)', text) or re.search(r"app.*pid[= ](\d+)", text)
            pid = int(app[1]) if app else 0
            return Centre(f"http://127.0.0.1:{PORT}", link[1], link[2], pid)
        time.sleep(0.1)
    raise TimeoutError(log.read_text()[-2000:])


async def sign_in(client: httpx.AsyncClient, where: Centre) -> str:
    answer = await client.post("/api/session", json={"login": where.login, "password": where.password})
    answer.raise_for_status()
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client.cookies["centrala_session"]


class Wire:
    """Keep-alive HTTP/1.1 over `CONNECTIONS` sockets: a client that costs far less than what it measures."""

    def __init__(self, where: Centre, cookie: str) -> None:
        host = where.url.removeprefix("http://")
        self.address = host.split(":")
        self.head = f" HTTP/1.1\r\nHost: {host}\r\nCookie: centrala_session={cookie}\r\n\r\n"
        self.idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def connect(self) -> None:
        for _ in range(CONNECTIONS):
            self.idle.put_nowait(await asyncio.open_connection(self.address[0], int(self.address[1])))

    async def get(self, path: str) -> None:
        reader, writer = await self.idle.get()
        writer.write(f"GET {path}{self.head}".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.split(b"\r\n")[0].decode())
        length = re.search(rb"content-length: (\d+)", answer)
        await reader.readexactly(int(length[1]) if length else 0)
        self.idle.put_nowait((reader, writer))


async def routes(where: Centre, seconds: int) -> list[tuple[str, list[float]]]:
    """Send `RATE` requests a second whether or not the answers keep up (open loop); milliseconds by route.

    A request's time runs from the moment at which it was due, so waiting for a free connection counts.
    """
    took: dict[str, list[float]] = {path: [] for path in READS}
    async with httpx.AsyncClient(base_url=where.url) as client:
        wire = Wire(where, await sign_in(client, where))
    await wire.connect()

    async def one(path: str, due: float) -> None:
        await wire.get(path)
        took[path].append((time.perf_counter() - due) * 1000)

    for path in READS * 20:
        await one(path, time.perf_counter())
    for path in READS:
        took[path].clear()
    begun = time.perf_counter()
    tasks = []
    for number, path in zip(range(RATE * seconds), itertools.cycle(READS), strict=False):
        due = begun + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(path, due)))
    await asyncio.gather(*tasks)
    return list(took.items())


WATCH = """() => {
    window.seen = [];
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/api/live');
    socket.onopen = () => socket.send('{"type":"subscribe","topic":"skills","after":null}');
    socket.onmessage = ({ data }) => {
        const at = performance.timeOrigin + performance.now();
        const message = JSON.parse(data);
        if (message.type === 'ping') socket.send('{"type":"pong"}');
        else if (message.type === 'event' && message.item) window.seen.push([String(message.item.version), at]);
    };
}"""
"""What a page of the desk's origin does: the moment of each change, in milliseconds since 1970."""


@asynccontextmanager
async def browser_page(where: Centre, cookie: str) -> AsyncIterator[Page]:
    """Chromium with the desk open and a socket of ours beside the desk's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = await browser.new_context()
        await context.add_cookies([{"name": "centrala_session", "value": cookie, "url": where.url}])
        page = await context.new_page()
        await page.goto(f"{where.url}/me")
        await page.evaluate(WATCH)
        yield page
        await browser.close()


async def live(where: Centre) -> tuple[list[float], list[float]]:
    """Milliseconds from the answer to a change, which is committed by then: to `DESKS` desks, and to Chromium."""
    arrived: dict[str, list[float]] = {}
    told: dict[str, float] = {}
    async with httpx.AsyncClient(base_url=where.url) as client:
        cookies = []
        for _ in range(DESKS // 20):
            people = await person(client, where)
            cookies += [people] * 20
        await sign_in(client, where)
        skill = (await client.post("/api/skills", json={"name": f"Bench {time.time()}"})).json()
        desks = [asyncio.create_task(desk(where, cookie, arrived)) for cookie in cookies]
        sent: dict[str, float] = {}
        async with browser_page(where, client.cookies["centrala_session"]) as page:
            await asyncio.sleep(3)
            for number in range(CHANGES):
                headers = {"If-Match": f'"{skill["version"]}"'}
                note = f"change {number}"
                answer = await client.patch(f"/api/skills/{skill['id']}", json={"note": note}, headers=headers)
                skill = answer.json()
                sent[str(skill["version"])], told[str(skill["version"])] = time.perf_counter(), time.time()
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            seen = await page.evaluate("window.seen")
        for task in desks:
            task.cancel()
        await asyncio.gather(*desks, return_exceptions=True)
    delays = [
        max(0.0, at - sent[version]) * 1000 for version, times in arrived.items() for at in times if version in sent
    ]
    expected = CHANGES * DESKS
    if len(delays) != expected:
        print(f"  {expected - len(delays)} of {expected} messages were not seen")
    return delays, [max(0.0, at - told[version] * 1000) for version, at in seen if version in told]


async def person(client: httpx.AsyncClient, where: Centre) -> str:
    """A session of a fresh administrator's own: a person may open twenty desks."""
    await sign_in(client, where)
    login, first, own = f"bench{time.time_ns()}", "a first secret", "a second secret"
    form = {"login": login, "password": first, "given_name": "Bench", "family_name": "Desk", "number": login[-15:]}
    (await client.post("/api/employees", json={**form, "roles": ["manager"]})).raise_for_status()
    async with httpx.AsyncClient(base_url=where.url) as theirs:
        answer = await theirs.post("/api/session", json={"login": login, "password": first})
        theirs.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        (await theirs.post("/api/me/password", json={"current": first, "new": own})).raise_for_status()
        return theirs.cookies["centrala_session"]


async def desk(where: Centre, cookie: str, arrived: dict[str, list[float]]) -> None:
    headers = {"Cookie": f"centrala_session={cookie}", "Origin": where.url}
    address = where.url.replace("http", "ws") + "/api/live"
    async with websockets.connect(address, additional_headers=headers) as socket:
        await socket.send(json.dumps({"type": "subscribe", "topic": "skills", "after": None}))
        async for text in socket:
            at = time.perf_counter()
            message: dict[str, Any] = json.loads(text)
            if message["type"] == "ping":
                await socket.send('{"type":"pong"}')
            elif message["type"] == "event" and message["item"]:
                arrived.setdefault(str(message["item"]["version"]), []).append(at)


def row(name: str, values: list[float]) -> str:
    ordered = sorted(values)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99)]
    return f"| {name} | {len(ordered)} | {at[0]:.1f} | {at[1]:.1f} | {at[2]:.1f} | {ordered[-1]:.1f} |"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=20)
    seconds = arguments.parse_args().seconds
    with centre() as where:
        if where.app_pid and (psutil.cpu_count() or 1) > 1:
            psutil.Process(where.app_pid).cpu_affinity([0])
            psutil.Process().cpu_affinity([1])
        process = psutil.Process(where.app_pid) if where.app_pid else None
        before = process.cpu_times() if process else None
        begun = time.perf_counter()
        found = asyncio.run(routes(where, seconds))
        spent = time.perf_counter() - begun
        print("| what | count | p50 ms | p95 ms | p99 ms | max ms |\n| --- | --- | --- | --- | --- | --- |")
        for path, values in found:
            print(row(f"GET {path}", values))
        print(row("all routes", [value for _, values in found for value in values]))
        if process and before:
            after = process.cpu_times()
            busy = after.user + after.system - before.user - before.system
            print(f"App's core: {busy / spent:.0%} busy at {RATE} requests a second.")
        desks, browser = asyncio.run(live(where))
        print(row(f"commit to {DESKS} desks", desks))
        print(row(f"commit to Chromium beside {DESKS} desks", browser))


if __name__ == "__main__":
    main()
