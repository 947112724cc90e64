"""The live board of a signed-in supervisor: `/api/board/live?project=`.

The server sends `hello`, a `snapshot` with all rows, then `changes` with rows that are others now and the ids of those
that are `gone`, once a second at most; and `ping` every `heartbeat_seconds`, which the browser answers with `pong`.
"""

import asyncio
import contextlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from centrala.kit.access import Access, Permission
from centrala.kit.errors import Refusal
from centrala.kit.ids import ProjectId
from centrala.routing.service import Board
from centrala.security.service import COOKIE, Doorkeeper
from centrala.web import errors
from centrala.web.live import BUSY, ENDED, HEARTBEAT, MISSED_BEATS, RESTART, TOO_BIG, TOO_SLOW
from centrala.web.sockets import same_site

QUEUE: Final = 200  # messages that may wait for a browser: over three minutes of changes
MAX_WATCHERS: Final = 1_000  # of one process
MAX_WATCHERS_OF_ACCOUNT: Final = 10
MAX_MESSAGE: Final = 256  # characters a browser may send at once
FORBIDDEN: Final = 4403

_watchers: Final[Counter[UUID]] = Counter()


@dataclass(slots=True, eq=False)
class Watcher:
    """One browser."""

    socket: WebSocket
    secret: str
    project: ProjectId | None
    access: Access
    queue: asyncio.Queue[str | int] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    missed: int = 0

    @property
    def projects(self) -> frozenset[UUID]:
        access = self.access.narrowed_to(self.project) if self.project else self.access
        return frozenset(access.wall.projects)

    def put(self, text: str) -> None:
        """Queue a message; a browser that does not read is cut off."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.close(TOO_SLOW)

    def close(self, code: int) -> None:
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(code)


async def board_live(socket: WebSocket, project: Annotated[UUID | None, Query()] = None) -> None:
    """Differences of the board, for who may read it; by the session's cookie, from the desk's own page."""
    secret = socket.cookies.get(COOKIE)
    await socket.accept()
    if not secret or not same_site(socket):
        await socket.close(ENDED)
        return
    narrowed = ProjectId(project) if project else None
    try:
        access = await _enter(socket.app.state.entry, secret, narrowed)
    except Refusal:
        await socket.close(ENDED)
        return
    except Exception as error:
        await socket.close(BUSY)
        if errors.is_away(error):
            return
        raise
    if not access.may(Permission.BOARD_READ):
        await socket.close(FORBIDDEN)
        return
    await _serve(Watcher(socket, secret, narrowed, access))


async def _enter(doorkeeper: Doorkeeper, secret: str, project: ProjectId | None) -> Access:
    access = (await doorkeeper.find(secret)).access()
    if project is not None:
        access.narrowed_to(project)
    return access


async def _serve(watcher: Watcher) -> None:
    account = watcher.access.account_id
    if _watchers.total() >= MAX_WATCHERS or _watchers[account] >= MAX_WATCHERS_OF_ACCOUNT:
        await watcher.socket.close(BUSY)
        return
    _watchers[account] += 1
    board: Board = watcher.socket.app.state.board
    watcher.put(json.dumps({"type": "hello", "heartbeat_seconds": HEARTBEAT}))
    leave = board.watch(watcher.projects, watcher.put)
    tasks = [asyncio.create_task(step(watcher)) for step in (_write, _read, _beat)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leave()
        _watchers[account] -= 1
        if not _watchers[account]:
            del _watchers[account]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if watcher.socket.application_state is not WebSocketState.DISCONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await watcher.socket.close(RESTART)


async def _write(watcher: Watcher) -> None:
    while True:
        message = await watcher.queue.get()
        if isinstance(message, int):
            await watcher.socket.close(message)
            return
        await watcher.socket.send_text(message)


async def _read(watcher: Watcher) -> None:
    """A browser says nothing but `pong`; whatever it says is a sign of life."""
    heard = 0
    while True:
        text = await watcher.socket.receive_text()
        heard = 0 if watcher.missed else heard + 1
        watcher.missed = 0
        if len(text) > MAX_MESSAGE or heard > MISSED_BEATS:
            watcher.close(TOO_BIG)
            await asyncio.sleep(HEARTBEAT)
            return


async def _beat(watcher: Watcher) -> None:
    """Who has lost the right, the session or the project meanwhile is sent away."""
    before = watcher.projects
    while watcher.missed < MISSED_BEATS:
        watcher.missed += 1
        watcher.put('{"type":"ping"}')
        await asyncio.sleep(HEARTBEAT)
        try:
            watcher.access = await _enter(watcher.socket.app.state.entry, watcher.secret, watcher.project)
        except Refusal:
            watcher.close(ENDED)
            await asyncio.sleep(HEARTBEAT)
            return
        except Exception as error:
            if not errors.is_away(error):
                raise
        if not watcher.access.may(Permission.BOARD_READ):
            watcher.close(FORBIDDEN)
            await asyncio.sleep(HEARTBEAT)
            return
        if watcher.projects != before:
            watcher.close(RESTART)  # it comes back and gets the other board
            await asyncio.sleep(HEARTBEAT)
            return
