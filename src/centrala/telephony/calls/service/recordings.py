"""Recordings: a row before the first packet, sides that follow the legs, an end that is never lost."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final
from uuid import UUID

from centrala.telephony.calls.errors import Gone, NotNow
from centrala.telephony.calls.events import (
    RecordingEnded,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    recording_ended,
)
from centrala.telephony.calls.hearing import sides
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.state import Call, Recording
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.media.events import RecordDone
from centrala.telephony.media.types import LegName

MAX_RECORDINGS: Final = 4  # of one call at once, as the engine has it


class Recordings:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._folders: set[Path] = set()

    async def start(self, call: Call) -> UUID:
        """Record the call from now on, clients left and the centre right. Raises `NotNow`, and nothing is recorded."""
        if not call.has_room:
            raise NotNow("nobody is in the call")
        if len(call.recordings) >= MAX_RECORDINGS:
            raise NotNow(f"{MAX_RECORDINGS} recordings of this call run already")
        context = self._context
        recording = await self._new()
        context.keep_recording(recording, call)
        await context.store.flushed()
        left, right = self._sides(call)
        try:
            await context.media.start_record(recording.name, call.room, recording.path, left=left, right=right)
        except (MediaRefused, MediaGone) as error:
            recording.ended_at, recording.reason = context.clock(), "failed"
            context.keep_recording(recording, call)
            raise NotNow("the engine does not record") from error
        call.recordings[recording.id] = recording
        context.recordings[recording.name] = (call, recording)
        recording.sides = (tuple(left), tuple(right))
        context.emit(RecordingStarted(call_id=call.id, at=recording.started_at, recording_id=recording.id))
        return recording.id

    async def _new(self) -> Recording:
        context = self._context
        at = context.clock()
        recording_id = context.fresh_id()
        folder = context.settings.recordings / f"{at:%Y/%m/%d}"
        if folder not in self._folders:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            self._folders.add(folder)
        return Recording(recording_id, str(folder / f"{recording_id}.wav"), at)

    def _sides(self, call: Call) -> tuple[list[LegName], list[LegName]]:
        legs = [leg for leg in call.legs.values() if leg.in_media]
        outside = frozenset(leg.name for leg in legs if leg.outside)
        left, right = sides([leg.seat() for leg in legs], outside)
        return [LegName(name) for name in left], [LegName(name) for name in right]

    async def follow(self, call: Call) -> None:
        """The legs of the call have changed."""
        for recording in call.recordings.values():
            left, right = self._sides(call)
            wanted = (tuple(left), tuple(right))
            if wanted == recording.sides:
                continue
            recording.sides = wanted
            try:
                await self._context.media.update_record(recording.name, left=left, right=right)
            except (MediaRefused, MediaGone):
                recording.sides = None
                self._context.counters["recordings_not_updated"] += 1

    async def move(self, origin: Call, to: Call) -> None:
        """The legs have gone to another call: a transfer cuts no recording (both rooms are near each other)."""
        for recording in list(origin.recordings.values()):
            left, right = self._sides(to)
            try:
                await self._context.media.update_record(recording.name, room=to.room, left=left, right=right)
            except (MediaRefused, MediaGone):
                # Another worker: what comes now is another file; the first one ends with its room.
                self._context.counters["recordings_split"] += 1
                await self._start_again(to)
                continue
            del origin.recordings[recording.id]
            to.recordings[recording.id] = recording
            recording.sides = (tuple(left), tuple(right))
            self._context.recordings[recording.name] = (to, recording)
            self._context.keep_recording(recording, to)

    async def _start_again(self, call: Call) -> None:
        try:
            await self.start(call)
        except NotNow:
            self._context.counters["recordings_lost"] += 1

    async def pause(self, recording_id: UUID, *, paused: bool) -> None:
        """As for card data; the pause is silence in the file, and marked."""
        call, recording = self._find(recording_id)
        media, context = self._context.media, self._context
        try:
            at_ms = await (media.pause_record(recording.name) if paused else media.resume_record(recording.name))
        except (MediaRefused, MediaGone) as error:
            raise NotNow("the recording cannot be changed") from error
        if recording.paused == paused:
            return
        recording.paused = paused
        recording.marks.append({"at_ms": at_ms, "kind": "pause" if paused else "resume"})
        context.keep_recording(recording, call)
        kind = RecordingPaused if paused else RecordingResumed
        context.emit(kind(call_id=call.id, at=context.clock(), recording_id=recording.id))

    async def stop(self, recording_id: UUID) -> None:
        """`RecordingEnded` follows."""
        _, recording = self._find(recording_id)
        try:
            await self._context.media.stop_record(recording.name)
        except (MediaRefused, MediaGone) as error:
            raise NotNow("the recording cannot be stopped") from error

    def _find(self, recording_id: UUID) -> tuple[Call, Recording]:
        for call, recording in self._context.recordings.values():
            if recording.id == recording_id and recording.ended_at is None:
                return call, recording
        raise Gone("the recording is over")

    def call_of(self, recording_id: UUID) -> Call:
        return self._find(recording_id)[0]

    def done(self, event: RecordDone) -> None:
        """The engine has closed the file. The same again, after a restart, changes nothing."""
        known = self._context.recordings.pop(event.record, None)
        if known is None:
            return
        call, recording = known
        recording.marks = [{"at_ms": mark.at_ms, "kind": mark.kind} for mark in event.marks]
        recording.duration_ms, recording.size, recording.sha256 = event.duration_ms, event.size, event.sha256
        self._end(call, recording, event.reason)

    def _end(self, call: Call, recording: Recording, reason: str) -> None:
        context = self._context
        recording.ended_at, recording.reason = context.clock(), reason
        call.recordings.pop(recording.id, None)
        context.keep_recording(recording, call)
        fact = recording_ended(recording.id, call_id=call.id, project_id=call.project_id, reason=reason)
        context.store.tell(fact, call.id)
        context.emit(
            RecordingEnded(
                call_id=call.id,
                at=recording.ended_at,
                recording_id=recording.id,
                reason=reason,
                duration_ms=recording.duration_ms or 0,
                size=recording.size or 0,
            )
        )

    async def salvage(self, names: list[str]) -> None:
        """Recordings that the engine knows no more: the files are what they are up to the last second."""
        for name, (call, recording) in list(self._context.recordings.items()):
            if name in names:
                continue
            self._context.recordings.pop(name, None)
            found = await asyncio.to_thread(_measure, Path(recording.path))
            if found is not None:
                recording.size, recording.sha256 = found
            self._end(call, recording, "failed")


def _measure(path: Path) -> tuple[int, str] | None:
    """Size in bytes and SHA-256 of a file, or None when there is none."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        return path.stat().st_size, digest.hexdigest()
    except OSError:
        return None
