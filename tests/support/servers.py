"""A centre that browsers and programs can reach: the real app under uvicorn on loopback, with sample people."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings, Folders, WebSettings
from centrala.kit.work import work
from centrala.node.demo_data import fill
from centrala.node.demo_people import PEOPLE, SHOWN
from centrala.security.service import Role
from centrala.web.app import create_app

START_LIMIT = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Credentials:
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class LiveServer:
    """`base_url` is where a browser goes; `credentials` tells how to sign in as a role."""

    base_url: str
    passwords: dict[str, str]
    database_url: str

    def credentials(self, role: Role | str) -> Credentials:
        name = SHOWN[Role(role)]
        login = next(sample.login for sample in PEOPLE if sample.name == name)
        return Credentials(login, self.passwords[name])


@contextmanager
def live_server(url: str, folder: Path) -> Iterator[LiveServer]:
    """Serve a fresh sample centre from the empty database at `url` until the block ends."""
    passwords = asyncio.run(_fill(url))
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = AppSettings(
        web=WebSettings(port=port),
        folders=Folders(data=folder),
        database_url=SecretStr(url),
        secret_key=SecretStr("a key of the tests"),
        media_control="unix:/nowhere",
    )
    config = uvicorn.Config(create_app(settings), log_config=None, ws="websockets-sansio", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait_until_started(server)
        yield LiveServer(f"http://127.0.0.1:{port}", passwords, url)
    finally:
        server.should_exit = True
        thread.join(START_LIMIT)
        listening.close()


async def _fill(url: str) -> dict[str, str]:
    store = Database(url, connections=1)
    try:
        async with work(store, CENTRE, way="demo") as unit:
            return await fill(unit)
    finally:
        await store.close()


def _wait_until_started(server: uvicorn.Server) -> None:
    end = time.monotonic() + START_LIMIT
    while not server.started:
        if time.monotonic() > end:
            raise TimeoutError("The server of the tests did not start.")
        threading.Event().wait(0.02)
