"""People of a running node from outside, by HTTP: who they are, their desk's signs of life, their phone."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx
import websockets
from websockets.exceptions import WebSocketException

from support.sample_centre import Sample
from support.softphone import Softphone

PING: Final = 2.0  # seconds
AGAIN: Final = 0.3  # seconds until a connection that was lost is tried again
PATIENCE: Final = 30.0


@dataclass
class RemoteDesk:
    """A signed-in person of the sample centre; with `phone()` somebody who can be rung for."""

    sample: Sample
    role: str
    http: httpx.AsyncClient = field(init=False)
    document: dict[str, Any] = field(default_factory=dict)
    tasks: "list[asyncio.Task[None]]" = field(default_factory=list)
    softphone: Softphone | None = None

    async def __aenter__(self) -> Self:
        _, login, password = self.sample.people[self.role]
        url = self.sample.url
        self.http = httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=PATIENCE)
        session = await self.http.post("/api/session", json={"login": login, "password": password})
        self.http.headers["X-CSRF-Token"] = session.raise_for_status().json()["csrf_token"]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.softphone is not None:
            await self.softphone.stop()
        await self.http.aclose()

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).raise_for_status().json()

    async def sit_down(self) -> Softphone:
        """At the desk with a phone that is registered; not ready yet."""
        told = await self.get("/api/phone")
        user = told["aor"].removeprefix("sip:").partition("@")[0]
        phone = Softphone(self.sample.sip_port, user=user, login=told["user"], password=told["password"])
        self.softphone = phone
        await phone.start()
        await phone.register()
        self.tasks.append(asyncio.create_task(self._live()))
        return phone

    async def ready(self) -> None:
        (await self.http.put("/api/work/state", json={"state": "ready"})).raise_for_status()

    async def _live(self) -> None:
        """As the desk's page does: the newest document, a ping, a new connection when one is lost."""
        url = self.sample.url
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        while True:
            with contextlib.suppress(OSError, WebSocketException):
                async with websockets.connect(
                    f"{url.replace('http', 'ws', 1)}/api/work/live",
                    additional_headers={"Cookie": cookie, "Origin": url},
                ) as socket:
                    pings = asyncio.create_task(_ping(socket))
                    try:
                        async for text in socket:
                            self.document = json.loads(text)
                    finally:
                        pings.cancel()
            await asyncio.sleep(AGAIN)


async def _ping(socket: websockets.ClientConnection) -> None:
    with contextlib.suppress(WebSocketException):
        while True:
            await socket.send('{"type":"ping"}')
            await asyncio.sleep(PING)
