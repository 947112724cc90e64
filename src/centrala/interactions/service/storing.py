"""Recordings go from the engine's folder into the store: sealed, with their waveform; and out of it, by rule.

The engine's file goes when the row says that the sealed one is there, never before: a fault at any step leaves audio
that can be played, and the next run begins anew. Nothing here is in the way of a call: a full disk stops the store.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from sqlalchemy import select, update

from centrala.interactions import waveform
from centrala.interactions.errors import AudioNotReady
from centrala.interactions.events import interaction_changed, recording_deleted, recording_stored
from centrala.interactions.everywhere import everywhere
from centrala.interactions.models import Interaction, RecordingFile
from centrala.interactions.schemas_audio import RecordingState
from centrala.interactions.sealing import Opened, Sealed, seal
from centrala.interactions.storage import DiskStore, Store, stores_of
from centrala.interactions.waveform import NotAudio, Waveform
from centrala.kit.access import Wall
from centrala.kit.clock import Clock, utc_now
from centrala.kit.database import Database
from centrala.kit.errors import NotFound
from centrala.kit.logging import get_logger
from centrala.kit.settings import AppSettings
from centrala.kit.vault import Unreadable
from centrala.kit.work import Work, work
from centrala.telephony.calls import recorded

log = get_logger(__name__)

MAX_LOOKED_AT: Final = 5_000  # recordings that run or wait, the oldest first
MAX_RUN: Final = 200  # recordings sealed in one run of the job; the next run goes on
SUFFIX: Final = ".sealed"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the store's jobs work with."""

    database: Database
    settings: AppSettings
    clock: Clock = utc_now


async def store_waiting(keeping: Keeping) -> int:
    """Seal what has ended; returns how many. Stops at the first sign that the store has no room or is away."""
    wall = await everywhere(keeping.database)
    async with keeping.database.begin(wall) as session:
        query = (
            select(RecordingFile.id)
            .where(RecordingFile.state == RecordingState.RUNNING)
            .order_by(RecordingFile.began_at)
            .limit(MAX_LOOKED_AT)
        )
        ids = (await session.scalars(query)).all()
        made = await recorded.recordings(session, ids)
    ended = [one for one in ids if one in made and made[one].ended_at is not None]
    stored = 0
    for recording_id in ended[:MAX_RUN]:
        try:
            await store_one(keeping, wall, recording_id)
        except OSError as error:
            log.error("A recording could not be stored; it is tried again.", error=type(error).__name__)  # noqa: TRY400
            break
        stored += 1
    return stored


async def store_one(keeping: Keeping, wall: Wall, recording_id: UUID) -> None:
    """Seal one recording that has ended. Raises `OSError` when the store has no room or is away."""
    async with keeping.database.begin(wall) as session:
        file = await session.get_one(RecordingFile, recording_id)
        row = (await recorded.recordings(session, [recording_id]))[recording_id]
    path, place = Path(row.path), f"{file.began_at:%Y/%m/%d}/{recording_id}{SUFFIX}"
    try:
        sealed, form = await asyncio.to_thread(_seal, path, place, recording_id, keeping.settings)
    except FileNotFoundError:
        await _missing(keeping, wall, recording_id)
        return
    if row.sha256 and row.sha256 != sealed.sha256:
        log.error("A recording is not what the engine has written.", recording_id=str(recording_id))
    async with work(keeping.database, wall, way="job", clock=keeping.clock) as unit:
        file = await unit.session.get_one(RecordingFile, recording_id, with_for_update=True)
        if file.state != RecordingState.RUNNING:
            return
        file.state, file.stored_at = RecordingState.STORED, unit.now
        file.backend, file.place = stores_of(keeping.settings).current.kind, place
        file.size, file.sealed_size, file.sha256 = sealed.size, sealed.sealed_size, sealed.sha256
        if form is not None:
            file.sides, file.peaks, file.levels = form.sides, form.peaks, list(form.levels)
            file.duration_ms = form.duration_ms
        unit.tell(recording_stored(recording_id, project_id=file.project_id, interaction_id=file.interaction_id))
        await _show_anew(unit, file)
    await asyncio.to_thread(path.unlink, missing_ok=True)


async def _show_anew(unit: Work, file: RecordingFile) -> None:
    """Whoever has the contact on the screen gets its waveform without asking."""
    contact = update(Interaction).where(Interaction.id == file.interaction_id)
    await unit.session.execute(contact.values(changes=Interaction.changes + 1))
    unit.tell(interaction_changed(file.interaction_id, project_id=file.project_id))


def _seal(path: Path, place: str, recording_id: UUID, settings: AppSettings) -> tuple[Sealed, Waveform | None]:
    """Measure and seal a file into the current store, and see that it can be read again."""
    secret, store = settings.secret_key.get_secret_value(), stores_of(settings).current
    done: list[Sealed] = []
    with path.open("rb") as audio:
        form = _measure(audio)
        size = path.stat().st_size

        def make(out: IO[bytes]) -> None:
            audio.seek(0)
            done.append(seal(audio, size, out, secret=secret, recording_id=recording_id))

        store.put(place, make)
    _prove(store, place, done[-1], secret, recording_id)
    return done[-1], form


def _measure(audio: IO[bytes]) -> Waveform | None:
    try:
        return waveform.measure(audio)
    except NotAudio:
        return None  # it is kept as it is, without a picture


def _prove(store: Store, place: str, sealed: Sealed, secret: str, recording_id: UUID) -> None:
    """Read back what was stored, before the original goes. A server checks the sums of what it gets by itself."""
    if store.size(place) != sealed.sealed_size:
        raise OSError("the store has another size than was written")
    if isinstance(store, DiskStore):
        try:
            opened = Opened(
                lambda start, length: store.read_at(place, start, length), secret=secret, recording_id=recording_id
            )
            digest = opened.digest()
        except Unreadable as error:
            raise OSError("what was stored cannot be read again") from error
        if digest != sealed.sha256:
            raise OSError("what was stored differs from what was written")


async def _missing(keeping: Keeping, wall: Wall, recording_id: UUID) -> None:
    async with work(keeping.database, wall, way="job", clock=keeping.clock) as unit:
        file = await unit.session.get_one(RecordingFile, recording_id, with_for_update=True)
        file.state = RecordingState.MISSING
    log.error("A recording has no file.", recording_id=str(recording_id))


async def delete_recording(keeping: Keeping, wall: Wall, recording_id: UUID, *, why: str) -> bool:
    """Remove the audio for ever; figures stay. Returns whether there was any. Raises `AudioNotReady` while it runs.

    The audio goes before the row says so: a row that promises audio which is gone is found by the nightly audit, audio
    that outlives its row would be found by nobody.
    """
    async with work(keeping.database, wall, way="job", clock=keeping.clock) as unit:
        file = await unit.session.get(RecordingFile, recording_id, with_for_update=True)
        if file is None:
            raise NotFound
        if file.state == RecordingState.DELETED:
            return False
        row = (await recorded.recordings(unit.session, [recording_id])).get(recording_id)
        if row is not None and row.ended_at is None:
            raise AudioNotReady
        if file.place is not None:
            store = stores_of(keeping.settings).of(file.backend)
            await asyncio.to_thread(store.delete, file.place)
        if row is not None:
            await asyncio.to_thread(Path(row.path).unlink, missing_ok=True)
        file.state, file.deleted_at, file.deleted_why = RecordingState.DELETED, unit.now, why
        file.place = file.backend = file.peaks = file.sides = file.levels = None
        unit.trace("recording.deleted", "recording", recording_id, project_id=file.project_id, why=why)
        unit.tell(
            recording_deleted(recording_id, project_id=file.project_id, interaction_id=file.interaction_id, why=why)
        )
    return True
