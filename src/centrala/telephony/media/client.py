"""The asyncio client of the media engine.

Theory of operation. One task holds the connection: it connects, says hello, subscribes after the last event that was
handed out, and reads lines until the connection breaks; then it waits a little and begins again. Replies wake the
callers that wait for them; a lost connection fails these callers with `MediaGone`. Events go into one bounded queue:
when its reader is slow, reading stops, and the engine keeps the events in its journal.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

from centrala.telephony.media.commands import MediaCommands, Reply
from centrala.telephony.media.errors import MediaGone, MediaRefused
from centrala.telephony.media.events import EngineRestarted, MediaEvent, read_event
from centrala.telephony.media.streams import AudioStream, SocketStream
from centrala.telephony.media.types import PlayName, TapName

MAX_LINE: Final = 8 * 1024 * 1024  # bytes; the list of a full engine
MAX_WAITING_EVENTS: Final = 10_000
RECONNECT_DELAYS: Final = (0.05, 0.1, 0.2, 0.5, 1.0)  # seconds; the last repeats
ANSWER_PATIENCE: Final = 10.0  # seconds; the engine answers in milliseconds


class MediaClient(MediaCommands):
    """One connection to the engine at `address`: `unix:PATH` or `tcp:HOST:PORT`.

    `after` is the number of the last event that was handled in an earlier life of the app, with the `engine` it came
    from: if that engine still runs, events go on after it.
    """

    def __init__(self, address: str, *, engine: str | None = None, after: int | None = None) -> None:
        self._address = address
        self._engine = engine
        self._last = after
        self._writer: asyncio.StreamWriter | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[str, asyncio.Future[Reply]]] = {}
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue(MAX_WAITING_EVENTS)
        self._connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def engine(self) -> str | None:
        """Name of the engine's process, known after the first connection."""
        return self._engine

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    async def start(self, *, patience: float = ANSWER_PATIENCE) -> None:
        """Begins to connect; waits up to `patience` seconds for the first connection, else raises `MediaGone`."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="media-client")
        try:
            await asyncio.wait_for(self._connected.wait(), patience)
        except TimeoutError:
            await self.close()
            raise MediaGone(f"no media engine answers at {self._address}") from None

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def call(self, command: str, fields: Mapping[str, Any] | None = None) -> Reply:
        if not self._connected.is_set():
            raise MediaGone(f"{command}: the media engine is not connected")
        return await self._ask(command, fields or {})

    async def events(self) -> AsyncIterator[MediaEvent]:
        while True:
            yield await self._events.get()

    async def attach_tap(self, tap: TapName) -> AudioStream:
        return await self._attach({"tap": tap})

    async def attach_play(self, play: PlayName) -> AudioStream:
        return await self._attach({"play": play})

    async def _attach(self, what: Mapping[str, Any]) -> AudioStream:
        try:
            connection = await self._open()
        except OSError as error:
            raise MediaGone(f"stream.attach: {error}") from error
        return await SocketStream.attach(connection, what)

    async def _ask(self, command: str, fields: Mapping[str, Any]) -> Reply:
        writer = self._writer
        if writer is None:
            raise MediaGone(f"{command}: the media engine is not connected")
        number = next(self._ids)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (command, future)
        try:
            writer.write(json.dumps({"id": number, "cmd": command} | dict(fields)).encode() + b"\n")
            # Not `wait_for`: until Python 3.12 it loses a cancellation that comes together with the answer.
            async with asyncio.timeout(ANSWER_PATIENCE):
                return await future
        except TimeoutError:
            raise MediaGone(f"{command}: the media engine does not answer") from None
        finally:
            self._waiting.pop(number, None)

    async def _run(self) -> None:
        delays = iter(RECONNECT_DELAYS)
        while True:
            with contextlib.suppress(OSError, MediaGone, MediaRefused, ValueError):
                await self._session()
                delays = iter(RECONNECT_DELAYS)
            await asyncio.sleep(next(delays, RECONNECT_DELAYS[-1]))

    async def _session(self) -> None:
        reader, self._writer = await self._open()
        reading = asyncio.create_task(self._read(reader), name="media-client-reader")
        try:
            await self._greet()
            self._connected.set()
            await reading
        finally:
            self._connected.clear()
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError, ValueError):
                await reading
            await self._hang_up()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, where = self._address.partition(":")
        if kind == "unix":
            return await asyncio.open_unix_connection(where, limit=MAX_LINE)
        host, _, port = where.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=MAX_LINE)

    async def _greet(self) -> None:
        hello = await self._ask("hello", {})
        engine = str(hello["engine"])
        if self._engine not in {None, engine}:
            self._last = None
            await self._events.put(EngineRestarted(seq=0, at=0, engine=engine))
        after = self._last if self._engine == engine else None
        if after is None:
            # A new engine's events are all news.
            after = 0 if self._engine not in {None, engine} else int(hello["events"]["last"])
        self._engine = engine
        self._last = after
        await self._ask("events.subscribe", {"after": after})

    async def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        for command, future in self._waiting.values():
            if not future.done():
                future.set_exception(MediaGone(f"{command}: the connection to the media engine was lost"))
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            fields = json.loads(line)
            if "event" in fields:
                event = read_event(fields)
                await self._events.put(event)
                self._last = event.seq
            else:
                self._answer(fields)

    def _answer(self, fields: Mapping[str, Any]) -> None:
        command, future = self._waiting.get(fields["id"], ("", None))
        if future is None or future.done():
            return
        if "ok" in fields:
            future.set_result(fields["ok"] or {})
        else:
            error = fields["error"]
            future.set_exception(MediaRefused(command, error["code"], error["message"]))
