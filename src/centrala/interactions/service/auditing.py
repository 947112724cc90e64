"""The nightly audit of recordings: calls without audio, audio without a call, files that nobody knows."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions.everywhere import everywhere
from centrala.interactions.models import AuditRun, Finding, Interaction, RecordingFile, Retention
from centrala.interactions.schemas import Channel, FindingKind
from centrala.interactions.schemas_audio import RecordingState
from centrala.interactions.service.storing import SUFFIX, Keeping
from centrala.interactions.storage import FOLDER, Missing, StoreAway, stores_of
from centrala.kit.access import Wall
from centrala.kit.ids import new_id
from centrala.kit.logging import get_logger
from centrala.kit.work import Work, work
from centrala.telephony.calls import recorded

log = get_logger(__name__)

LOOKS_BACK: Final = timedelta(days=30)
SETTLES: Final = timedelta(hours=1)  # younger things may still be under way
RUNS_KEPT: Final = timedelta(days=400)
MAX_FINDINGS: Final = 10_000  # of one kind
MAX_PROBED: Final = 20_000  # stored recordings whose object is looked for, the newest
CHUNK: Final = 5_000  # files whose rows are asked for at once
MAX_FILES: Final = 200_000  # files of the folder that are compared with the rows


async def audit_recordings(keeping: Keeping, run_id: UUID | None = None) -> int:
    """Look anew and replace what was found the night before; returns how much there is.

    `run_id`: the run that somebody asked for; without it, it is the night's.
    """
    wall = await everywhere(keeping.database)
    now = keeping.clock()
    run_id = await _begin(keeping, wall, run_id)
    since, until = now - LOOKS_BACK, now - SETTLES
    async with keeping.database.begin(wall) as session:
        stored = await _stored(session, since, until)
    lost, answered = await asyncio.to_thread(_without_object, keeping, stored)
    async with work(keeping.database, wall, way="job", clock=keeping.clock) as unit:
        findings = [
            *await _calls_without_audio(unit, since, until),
            *await _audio_missing(unit, since, until, lost),
            *await _audio_without_call(unit, since, until),
            *await _files_without_row(unit, keeping, until),
        ]
        await unit.session.execute(delete(Finding))
        unit.session.add_all(findings)
        ended = {"ended_at": keeping.clock(), "store_answered": answered}
        await unit.session.execute(update(AuditRun).where(AuditRun.id == run_id).values(ended))
    if findings:
        log.warning("The audit of recordings has findings.", findings=len(findings))
    return len(findings)


async def _begin(keeping: Keeping, wall: Wall, run_id: UUID | None) -> UUID:
    """Note in a transaction of its own that it runs: a run that dies is seen as one that never ended."""
    now = keeping.clock()
    async with keeping.database.begin(wall) as session:
        await session.execute(delete(AuditRun).where(AuditRun.asked_at < now - RUNS_KEPT))
        known = None if run_id is None else await session.get(AuditRun, run_id)
        run = known or AuditRun(id=run_id or new_id(), asked_at=now)
        run.began_at = now
        session.add(run)
        return run.id


async def _calls_without_audio(unit: Work, since: datetime, until: datetime) -> list[Finding]:
    """Answered calls of projects that record, without any recording."""
    silent = select(Retention.project_id).where(Retention.record_calls.is_(False))
    query = (
        select(Interaction.id, Interaction.project_id, Interaction.came_at)
        .where(
            Interaction.came_at >= since,
            Interaction.came_at < until,
            Interaction.ended_at.is_not(None),
            Interaction.answered_at.is_not(None),
            Interaction.channel == Channel.VOICE,
            Interaction.project_id.not_in(silent),
            ~exists().where(RecordingFile.interaction_id == Interaction.id),
        )
        .order_by(Interaction.came_at.desc())
        .limit(MAX_FINDINGS)
    )
    return [
        _finding(unit, FindingKind.CALL_WITHOUT_AUDIO, row.project_id, at=row.came_at, interaction_id=row.id)
        for row in await unit.session.execute(query)
    ]


async def _audio_missing(unit: Work, since: datetime, until: datetime, lost: Sequence[UUID]) -> list[Finding]:
    """Recordings whose file is gone without anybody having deleted it."""
    query = (
        select(RecordingFile)
        .where(
            RecordingFile.began_at >= since,
            RecordingFile.began_at < until,
            or_(RecordingFile.state == RecordingState.MISSING, RecordingFile.id.in_(lost)),
        )
        .order_by(RecordingFile.began_at.desc())
        .limit(MAX_FINDINGS)
    )
    return [
        _finding(
            unit,
            FindingKind.AUDIO_MISSING,
            file.project_id,
            at=file.began_at,
            interaction_id=file.interaction_id,
            recording_id=file.id,
        )
        for file in await unit.session.scalars(query)
    ]


async def _audio_without_call(unit: Work, since: datetime, until: datetime) -> list[Finding]:
    """Recordings of the engine that belong to no contact."""
    made = await recorded.ended_between(unit.session, since, until, most=MAX_PROBED)
    ids = [row.id for row in made]
    known = set((await unit.session.scalars(select(RecordingFile.id).where(RecordingFile.id.in_(ids)))).all())
    return [
        _finding(unit, FindingKind.AUDIO_WITHOUT_CALL, row.project_id, at=row.started_at, recording_id=row.id)
        for row in made
        if row.id not in known
    ][:MAX_FINDINGS]


async def _stored(
    session: AsyncSession, since: datetime, until: datetime
) -> Sequence[tuple[UUID, str | None, str | None]]:
    query = (
        select(RecordingFile.id, RecordingFile.backend, RecordingFile.place)
        .where(
            RecordingFile.state == RecordingState.STORED,
            RecordingFile.began_at >= since,
            RecordingFile.began_at < until,
        )
        .order_by(RecordingFile.began_at.desc())
        .limit(MAX_PROBED)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


def _without_object(keeping: Keeping, stored: Sequence[tuple[UUID, str | None, str | None]]) -> tuple[list[UUID], bool]:
    """Those of the stored whose object is not there, and whether the store answered for all of them."""
    stores, lost = stores_of(keeping.settings), []
    for recording_id, backend, place in stored:
        try:
            stores.of(backend).size(place or "")
        except Missing:
            lost.append(recording_id)
        except StoreAway:
            log.error("The store of recordings does not answer; the audit looks again tomorrow.")  # noqa: TRY400
            return lost, False
    return lost, True


async def _files_without_row(unit: Work, keeping: Keeping, until: datetime) -> list[Finding]:
    """Files of the folder that belong to no recording. They are told of, never deleted: they may be evidence."""
    folder = keeping.settings.folders.recordings
    found = await asyncio.to_thread(lambda: list(_files(folder, until)))
    strays: list[Path] = []
    for chunk in (found[at : at + CHUNK] for at in range(0, len(found), CHUNK)):
        ids = [_id_of(path) for path in chunk]
        asked = [one for one in ids if one is not None]
        known = set((await unit.session.scalars(select(RecordingFile.id).where(RecordingFile.id.in_(asked)))).all())
        known |= (await recorded.recordings(unit.session, asked)).keys()
        strays += [path for path, one in zip(chunk, ids, strict=True) if one not in known]
    return [
        _finding(unit, FindingKind.FILE_WITHOUT_ROW, None, at=None, file=str(path.relative_to(folder)))
        for path in strays[:MAX_FINDINGS]
    ]


def _files(folder: Path, until: datetime) -> Iterator[Path]:
    seen = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            seen += 1
            if seen > MAX_FILES:
                return
            if path.parent != folder / FOLDER / "outgoing" and path.stat().st_mtime < until.timestamp():
                yield path


def _id_of(path: Path) -> UUID | None:
    name = path.name.removesuffix(SUFFIX).removesuffix(".wav")
    try:
        return UUID(name)
    except ValueError:
        return None


def _finding(
    unit: Work,
    kind: FindingKind,
    project_id: UUID | None,
    *,
    at: datetime | None,
    interaction_id: UUID | None = None,
    recording_id: UUID | None = None,
    file: str | None = None,
) -> Finding:
    return Finding(
        id=new_id(),
        project_id=project_id,
        kind=kind,
        interaction_id=interaction_id,
        recording_id=recording_id,
        file=file,
        happened_at=at,
        found_at=unit.now,
    )
