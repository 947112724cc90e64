"""Audio of taps and pushed plays: section 9 of docs/media-protocol.md.

Samples are PCM, 16 bit, little-endian, one channel; the rate is that of the tap or of the play.
"""

import asyncio
import contextlib
import json
import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Any, Final, Self

from centrala.telephony.media.errors import MediaGone, MediaRefused

MAX_FRAME: Final = 65_534  # bytes of whole samples in one frame
ATTACH_PATIENCE: Final = 10.0  # seconds; the engine answers in milliseconds
_HEADER: Final = struct.Struct(">BBH")


class Side(IntEnum):
    """Whose audio a frame of a tap carries."""

    SAYS = 0
    HEARS = 1


@dataclass(frozen=True, slots=True)
class Audio:
    side: Side
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Missed:
    """Audio of `ms` was left out here, because we read too slowly."""

    ms: int


class Kind(IntEnum):
    AUDIO = 1
    MISSED = 2
    END = 3


class AudioStream(ABC):
    """The audio connection of one tap (to be read) or one pushed play (to be written)."""

    @abstractmethod
    def frames(self) -> AsyncIterator[Audio | Missed]:
        """What the tapped leg says and hears, until the tap ends."""

    @abstractmethod
    async def push(self, pcm: bytes) -> None:
        """Adds audio to the play; waits when it is a second ahead. `MediaGone` when the play has ended."""

    @abstractmethod
    async def finish(self) -> None:
        """All was pushed: the play ends by itself when it has been heard."""

    @abstractmethod
    async def close(self) -> None:
        """A tap ends with the reason `detached`; a play goes on with what it has."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class SocketStream(AudioStream):
    """A stream over a connection of its own to the engine's control socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def attach(
        cls, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], what: Mapping[str, Any]
    ) -> Self:
        """Turns a fresh connection into the stream of `{"tap": name}` or `{"play": name}`."""
        reader, writer = connection
        try:
            writer.write(json.dumps({"id": 1, "cmd": "stream.attach"} | dict(what)).encode() + b"\n")
            reply = json.loads(await asyncio.wait_for(reader.readline(), ATTACH_PATIENCE))
        except (OSError, TimeoutError, ValueError) as error:
            writer.close()
            raise MediaGone(f"stream.attach: {error}") from error
        if "error" in reply:
            writer.close()
            raise MediaRefused("stream.attach", reply["error"]["code"], reply["error"]["message"])
        return cls(reader, writer)

    async def frames(self) -> AsyncIterator[Audio | Missed]:
        while True:
            try:
                kind, channel, length = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
                payload = await self._reader.readexactly(length)
            except (OSError, asyncio.IncompleteReadError):
                raise MediaGone("the stream of the media engine broke off") from None
            if kind == Kind.END:
                return
            if kind == Kind.AUDIO:
                yield Audio(Side(channel), payload)
            elif kind == Kind.MISSED:
                yield Missed(int.from_bytes(payload, "big"))

    async def push(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), MAX_FRAME):
            part = pcm[start : start + MAX_FRAME]
            await self._write(_HEADER.pack(Kind.AUDIO, 0, len(part)) + part)

    async def finish(self) -> None:
        await self._write(_HEADER.pack(Kind.END, 0, 0))

    async def _write(self, frame: bytes) -> None:
        try:
            self._writer.write(frame)
            await self._writer.drain()
        except OSError:
            raise MediaGone("the play of this stream has ended") from None
        if self._reader.at_eof():
            raise MediaGone("the play of this stream has ended")

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
