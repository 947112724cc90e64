"""Recordings without their audio: what they are, their marks, their waveform."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from centrala.interactions import waveform
from centrala.interactions.errors import AudioGone, AudioNotReady, NotYours
from centrala.interactions.models import RecordingFile, RecordingMark
from centrala.interactions.schemas_audio import (
    MAX_MARKS,
    MarkIn,
    MarkKind,
    MarkOut,
    RecordingOut,
    RecordingState,
    WaveformOut,
)
from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.ids import new_id
from centrala.kit.verbs import may
from centrala.kit.work import Work
from centrala.telephony.calls import recorded

SIDES = ("customer", "centre")
"""Who is on the left and who on the right of what the engine records."""


async def load_recording(work: Work, recording_id: UUID) -> RecordingFile:
    file = await work.session.scalar(select(RecordingFile).where(RecordingFile.id == recording_id))
    if file is None:
        raise NotFound
    return file


async def read_recording(work: Work, recording_id: UUID) -> RecordingOut:
    (shown,) = await _shown(work, [await load_recording(work, recording_id)])
    return shown


async def recordings_of(work: Work, interaction_id: UUID) -> list[RecordingOut]:
    """The recordings of a contact, the oldest first."""
    query = (
        select(RecordingFile)
        .where(RecordingFile.interaction_id == interaction_id)
        .order_by(RecordingFile.began_at, RecordingFile.id)
    )
    return await _shown(work, (await work.session.scalars(query)).all())


async def read_waveform(work: Work, recording_id: UUID) -> WaveformOut:
    query = select(RecordingFile).where(RecordingFile.id == recording_id).options(undefer(RecordingFile.peaks))
    file = await work.session.scalar(query)
    if file is None:
        raise NotFound
    if file.state == RecordingState.DELETED:
        raise AudioGone(file.deleted_why or "retention")
    if file.peaks is None or not file.sides:
        raise AudioNotReady
    return WaveformOut(
        duration_ms=file.duration_ms or 0,
        sides=list(SIDES[: file.sides]),
        peaks=waveform.apart(file.peaks, file.sides),
        levels=list(file.levels or ()),
    )


async def add_mark(work: Work, recording_id: UUID, form: MarkIn) -> MarkOut:
    file = await load_recording(work, recording_id)
    count = select(func.count()).where(RecordingMark.recording_id == recording_id)
    if (await work.session.scalar(count) or 0) >= MAX_MARKS:
        raise InvalidField("at_ms", "too_many", f"At most {MAX_MARKS} marks of one recording.", most=MAX_MARKS)
    mark = RecordingMark(
        id=new_id(),
        project_id=file.project_id,
        recording_id=file.id,
        at_ms=form.at_ms,
        text=form.text,
        made_by=work.access.account_id if work.access else None,
        made_at=work.now,
    )
    work.session.add(mark)
    work.trace("recording.marked", "recording", file.id, project_id=file.project_id, at_ms=form.at_ms)
    return _mark(mark)


async def remove_mark(work: Work, recording_id: UUID, mark_id: UUID) -> None:
    query = select(RecordingMark).where(RecordingMark.id == mark_id, RecordingMark.recording_id == recording_id)
    mark = await work.session.scalar(query)
    if mark is None:
        raise NotFound
    own = work.access is None or mark.made_by == work.access.account_id
    if not own and not may(work, Permission.INTERACTIONS_WRITE):
        raise NotYours
    await work.session.delete(mark)
    work.trace("recording.unmarked", "recording", recording_id, project_id=mark.project_id, at_ms=mark.at_ms)


async def _shown(work: Work, files: Sequence[RecordingFile]) -> list[RecordingOut]:
    ids = [file.id for file in files]
    made = await recorded.recordings(work.session, ids)
    marks: dict[UUID, list[MarkOut]] = {one: [] for one in ids}
    query = select(RecordingMark).where(RecordingMark.recording_id.in_(ids)).order_by(RecordingMark.at_ms)
    for mark in await work.session.scalars(query):
        marks[mark.recording_id].append(_mark(mark))
    return [_recording(file, made.get(file.id), marks[file.id]) for file in files]


def _recording(file: RecordingFile, made: recorded.RecordingRow | None, marks: list[MarkOut]) -> RecordingOut:
    pauses = [_pause(one) for one in (made.marks if made else ())]
    ended = made.ended_at if made else None
    stored = file.state == RecordingState.STORED
    return RecordingOut(
        id=file.id,
        project_id=file.project_id,
        interaction_id=file.interaction_id,
        began_at=file.began_at,
        ended_at=ended,
        state=RecordingState(file.state),
        playable=stored or (file.state == RecordingState.RUNNING and ended is not None),
        duration_ms=file.duration_ms or (made.duration_ms if made else None),
        size=file.size or (made.size if made else None),
        sides=list(SIDES[: file.sides]) if file.sides else list(SIDES),
        levels=list(file.levels or ()),
        has_waveform=file.sides is not None and file.state != RecordingState.DELETED,
        deleted_at=file.deleted_at,
        deleted_why=file.deleted_why,
        marks=sorted([*marks, *pauses], key=lambda mark: mark.at_ms),
    )


def _mark(row: RecordingMark) -> MarkOut:
    return MarkOut(
        id=row.id, at_ms=row.at_ms, kind=MarkKind.MARK, text=row.text, made_by=row.made_by, made_at=row.made_at
    )


def _pause(mark: "dict[str, object]") -> MarkOut:
    kind = str(mark.get("kind", ""))
    known = MarkKind(kind) if kind in {MarkKind.PAUSE, MarkKind.RESUME} else MarkKind.OTHER
    at_ms = mark.get("at_ms")
    return MarkOut(
        id=None, at_ms=at_ms if isinstance(at_ms, int) else 0, kind=known, text="", made_by=None, made_at=None
    )
