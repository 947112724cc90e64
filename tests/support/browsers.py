"""A WebSocket client that speaks ASGI with the app, without a network."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Self

from fastapi import FastAPI
from starlette.types import Message, Scope

from centrala.security.service import COOKIE
from support.people import Person

HOST = "127.0.0.1:8080"
PATIENCE = 30.0  # seconds until a test gives up waiting for a message


@dataclass
class Browser:
    """One WebSocket. Answers pings with `pong`; `closed` is the code that the server has closed it with."""

    app: FastAPI
    person: Person | None
    path: str
    query: str = ""
    origin: str = f"http://{HOST}"
    closed: int | None = None
    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    outbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)

    async def __aenter__(self) -> Self:
        headers = [(b"host", HOST.encode()), (b"origin", self.origin.encode())]
        if self.person:
            headers.append((b"cookie", f"{COOKIE}={self.person.cookie}".encode()))
        scope: Scope = {
            "type": "websocket",
            "path": self.path,
            "query_string": self.query.encode(),
            "headers": headers,
            "subprotocols": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
            "scheme": "ws",
            "root_path": "",
            "app": self.app,
        }
        await self.inbox.put({"type": "websocket.connect"})
        self.task = asyncio.create_task(self.app(scope, self.inbox.get, self.outbox.put))
        assert (await self.outbox.get())["type"] == "websocket.accept"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.inbox.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, PATIENCE)

    async def say(self, text: str) -> None:
        await self.inbox.put({"type": "websocket.receive", "text": text})

    async def next(self) -> dict[str, Any]:
        """The next message that is not a ping; `{"closed": code}` when the server has closed."""
        while True:
            message = await asyncio.wait_for(self.outbox.get(), PATIENCE)
            if message["type"] == "websocket.close":
                self.closed = message["code"]
                return {"closed": self.closed}
            body: dict[str, Any] = json.loads(message["text"])
            if body["type"] != "ping":
                return body
            await self.say('{"type":"pong"}')
