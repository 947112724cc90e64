"""The audio of recordings: played and downloaded, each with a trace."""

import asyncio
import functools
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from centrala.interactions.errors import AudioGone, AudioNotReady, StorageAway
from centrala.interactions.models import RecordingFile
from centrala.interactions.schemas_audio import RecordingState
from centrala.interactions.sealing import Opened
from centrala.interactions.service.recordings import load_recording
from centrala.interactions.storage import Missing, StoreAway, stores_of
from centrala.kit.ids import AccountId
from centrala.kit.settings import AppSettings
from centrala.kit.vault import Unreadable
from centrala.kit.work import Work
from centrala.telephony.calls import recorded

BLOCK: Final = 65_536  # bytes that are read and sent at a time
ONE_LISTENING: Final = timedelta(minutes=10)  # requests by one person for one recording within it are one trace
MAX_LISTENINGS: Final = 10_000  # remembered; who is forgotten leaves one trace more


class Source(Protocol):
    """Sound that is read from any place; it blocks."""

    size: int

    def read(self, start: int, stop: int) -> Iterator[bytes]: ...


class PlainFile:
    """A recording as the engine has left it, not sealed yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            file.seek(start)
            while start < stop and (part := file.read(min(BLOCK, stop - start))):
                yield part
                start += len(part)


@dataclass(frozen=True, slots=True)
class Audio:
    """The sound of a recording, found and ready to be read."""

    recording_id: UUID
    source: Source

    @property
    def size(self) -> int:
        return self.source.size

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `stop`, read in a thread. Raises `StorageAway`, `AudioGone`."""
        parts = self.source.read(start, stop)
        while True:
            try:
                part = await asyncio.to_thread(next, parts, b"")
            except (Missing, Unreadable, FileNotFoundError) as error:
                raise AudioGone(RecordingState.MISSING) from error
            except OSError as error:
                raise StorageAway from error
            if not part:
                return
            yield part


async def play(work: Work, recording_id: UUID, settings: AppSettings) -> Audio:
    """The audio for a player, with a trace."""
    file = await load_recording(work, recording_id)
    audio = await _audio(work, file, settings)
    if _is_first(work, "play", recording_id):
        work.trace("recording.played", "recording", file.id, project_id=file.project_id)
    return audio


async def download(work: Work, recording_id: UUID, settings: AppSettings) -> Audio:
    file = await load_recording(work, recording_id)
    audio = await _audio(work, file, settings)
    if _is_first(work, "download", recording_id):
        work.trace("recording.downloaded", "recording", file.id, project_id=file.project_id)
    return audio


_traced: OrderedDict[tuple[AccountId | None, str, UUID], datetime] = OrderedDict()


def _is_first(work: Work, what: str, recording_id: UUID) -> bool:
    """Whether to leave a trace: a player asks for many parts of one recording, and listens once."""
    key = (work.access.account_id if work.access else None, what, recording_id)
    last = _traced.pop(key, None)
    first = last is None or work.now - last > ONE_LISTENING
    _traced[key] = work.now if last is None or first else last
    while len(_traced) > MAX_LISTENINGS:
        _traced.popitem(last=False)
    return first


async def _audio(work: Work, file: RecordingFile, settings: AppSettings) -> Audio:
    if file.state == RecordingState.DELETED:
        raise AudioGone(file.deleted_why or "retention")
    try:
        source = await _source(work, file, settings)
    except (Missing, Unreadable, FileNotFoundError) as error:
        raise AudioGone(RecordingState.MISSING) from error
    except (StoreAway, OSError) as error:
        raise StorageAway from error
    return Audio(file.id, source)


async def _source(work: Work, file: RecordingFile, settings: AppSettings) -> Source:
    if file.state == RecordingState.STORED and file.place is not None:
        return await asyncio.to_thread(_opened, file.id, file.backend, file.place, settings)
    row = (await recorded.recordings(work.session, [file.id])).get(file.id)
    if row is None or row.ended_at is None:
        raise AudioNotReady
    return await asyncio.to_thread(PlainFile, Path(row.path))


def _opened(recording_id: UUID, backend: str | None, place: str, settings: AppSettings) -> Source:
    store = stores_of(settings).of(backend)
    return Opened(
        functools.partial(store.read_at, place),
        secret=settings.secret_key.get_secret_value(),
        recording_id=recording_id,
    )
