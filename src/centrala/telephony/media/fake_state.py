"""What the fake engine keeps of legs, rooms, records and streams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from centrala.telephony.media.errors import MediaGone
from centrala.telephony.media.streams import Audio, AudioStream, Missed

# What `leg.stats` says of a leg through which nothing went.
NO_FIGURES: Final[Mapping[str, Any]] = {"received": {"packets": 0}, "sent": {"packets": 0}, "rtt_ms": None}


@dataclass(slots=True)
class FakeLeg:
    room: str
    fields: dict[str, Any]
    local: dict[str, Any]
    restarts: int = 0


@dataclass(slots=True)
class FakeRoom:
    legs: list[str] = field(default_factory=list)
    matrix: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class FakeRecord:
    room: str
    path: str
    left: list[str]
    right: list[str]
    paused: bool = False
    marks: list[dict[str, Any]] = field(default_factory=list)

    def pause(self, *, paused: bool) -> None:
        """Leaves a mark when it changes something."""
        if self.paused != paused:
            self.marks.append({"at_ms": 0, "kind": "pause" if paused else "resume"})
        self.paused = paused


class FakeStream(AudioStream):
    """The stream of a tap or a play: a test puts in what a tap carries, and looks at what was pushed."""

    def __init__(self) -> None:
        self.attached = False
        self.pushed = bytearray()
        self.finished = False
        self.ended = False
        self._frames: asyncio.Queue[Audio | Missed | None] = asyncio.Queue()

    def carry(self, frame: Audio | Missed) -> None:
        self._frames.put_nowait(frame)

    def end(self) -> None:
        self.ended = True
        self._frames.put_nowait(None)

    async def frames(self) -> AsyncIterator[Audio | Missed]:
        while (frame := await self._frames.get()) is not None:
            yield frame

    async def push(self, pcm: bytes) -> None:
        if self.ended:
            raise MediaGone("the play of this stream has ended")
        self.pushed += pcm

    async def finish(self) -> None:
        self.finished = True

    async def close(self) -> None:
        self.finished = True


def listing(
    rooms: Mapping[str, FakeRoom],
    legs: Mapping[str, FakeLeg],
    plays: Mapping[str, Mapping[str, Any]],
    records: Mapping[str, FakeRecord],
) -> dict[str, Any]:
    """The reply to `list`, as the engine gives it."""
    return {
        "rooms": [
            {"room": name, "legs": list(room.legs), "matrix": {ear: room.matrix.get(ear, []) for ear in room.legs}}
            for name, room in rooms.items()
        ],
        "legs": [
            {"leg": name, "room": leg.room, "tag": leg.fields.get("tag"), "local": leg.local}
            for name, leg in legs.items()
        ],
        "plays": [{"play": name, "room": play["room"]} for name, play in plays.items()],
        "records": [
            {"record": name, "room": record.room, "path": record.path, "paused": record.paused}
            for name, record in records.items()
        ],
    }
