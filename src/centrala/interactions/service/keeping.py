"""How long a project keeps recordings and personal data."""

import calendar
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions.models import Interaction, RecordingFile, Retention
from centrala.interactions.schemas import RetentionEffect, RetentionIn, RetentionOut, RetentionRow
from centrala.interactions.schemas_audio import RecordingState
from centrala.kit.errors import NotFound
from centrala.kit.http import same_version
from centrala.kit.verbs import assign
from centrala.kit.work import Work
from centrala.projects.service import unknown_projects

MEGABYTE: Final = 1_000_000  # bytes
HAS_AUDIO: Final = (RecordingState.STORED, RecordingState.RUNNING, RecordingState.MISSING)
"""Recordings that age takes away, whether there is a file or not."""


def months_before(now: datetime, months: int) -> datetime:
    """The same day so many months ago; the last of the month where there is no such day."""
    index = now.year * 12 + now.month - 1 - months
    year, month = divmod(index, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def personal_before(project_id: UUID, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Ended contacts of a project that came before a moment and still have something personal."""
    return (
        Interaction.project_id == project_id,
        Interaction.came_at < before,
        Interaction.ended_at.is_not(None),
        or_(Interaction.party_number != "", Interaction.party_name != "", Interaction.note != ""),
    )


async def read_retention(work: Work, project_id: UUID) -> RetentionOut:
    """What was agreed; as long as nothing was: recorded, and kept for ever."""
    if await unknown_projects(work, [project_id]):
        raise NotFound
    row = await work.session.scalar(select(Retention).where(Retention.project_id == project_id))
    return await _shown(work, row or _default(project_id))


async def list_retention(work: Work) -> list[RetentionRow]:
    """The rules of every project in sight, archived ones too: their recordings are still there."""
    projects = sorted(work.access.wall.projects) if work.access else []
    agreed = {row.project_id: row for row in await work.session.scalars(select(Retention))}
    query = (
        select(
            RecordingFile.project_id,
            func.count().label("recordings"),
            func.coalesce(func.sum(RecordingFile.sealed_size), 0).label("used"),
            func.min(RecordingFile.began_at).label("oldest"),
        )
        .where(RecordingFile.state == RecordingState.STORED)
        .group_by(RecordingFile.project_id)
    )
    stored = {row.project_id: row for row in await work.session.execute(query)}
    return [_row(agreed.get(one) or _default(one), stored.get(one)) for one in projects]


def _row(rule: Retention, stored: Any) -> RetentionRow:
    recordings, used, oldest = (0, 0, None) if stored is None else (stored.recordings, int(stored.used), stored.oldest)
    return RetentionRow(**_own(rule), used_bytes=used, recordings=recordings, oldest_at=oldest)


async def effect_of(work: Work, project_id: UUID, rule: RetentionIn) -> RetentionEffect:
    """What the next night would delete and wipe by a rule that is not agreed on yet."""
    if await unknown_projects(work, [project_id]):
        raise NotFound
    mine = (RecordingFile.project_id == project_id, RecordingFile.state.in_(HAS_AUDIO))
    size = func.coalesce(func.sum(RecordingFile.sealed_size), 0)
    count, gone = 0, 0  # rows, bytes
    if rule.recording_months is not None:
        old = RecordingFile.began_at < months_before(work.now, rule.recording_months)
        aged = (await work.session.execute(select(func.count(), size).where(*mine, old))).one()
        count, gone = aged[0], int(aged[1] or 0)
    beyond = 0
    if rule.quota_mb is not None:
        beyond = max(0, await used_bytes(work.session, project_id) - gone - rule.quota_mb * MEGABYTE)
    if beyond and rule.oldest_first:
        more, bytes_ = await _beyond(work, rule, project_id, beyond)
        count, gone = count + more, gone + bytes_
    contacts = 0
    if rule.personal_months is not None:
        before = months_before(work.now, rule.personal_months)
        contacts = await work.session.scalar(select(func.count()).where(*personal_before(project_id, before))) or 0
    return RetentionEffect(recordings=count, bytes=gone, contacts=contacts, over_quota_bytes=beyond)


async def _beyond(work: Work, rule: RetentionIn, project_id: UUID, surplus: int) -> tuple[int, int]:
    """How many of the oldest that remain go, and what they take, until `surplus` bytes are gone."""
    size = func.coalesce(RecordingFile.sealed_size, 0)
    order = (RecordingFile.began_at, RecordingFile.id)
    stored = select(size.label("size"), (func.sum(size).over(order_by=order) - size).label("before")).where(
        RecordingFile.project_id == project_id, RecordingFile.state == RecordingState.STORED
    )
    if rule.recording_months is not None:
        stored = stored.where(RecordingFile.began_at >= months_before(work.now, rule.recording_months))
    rows = stored.subquery()
    sums = select(func.count(), func.coalesce(func.sum(rows.c.size), 0)).where(rows.c.before < surplus)
    count, taken = (await work.session.execute(sums)).one()
    return count, int(taken)


async def change_retention(work: Work, project_id: UUID, form: RetentionIn, *, read: int) -> RetentionOut:
    if await unknown_projects(work, [project_id]):
        raise NotFound
    query = select(Retention).where(Retention.project_id == project_id).with_for_update()
    row = await work.session.scalar(query) or _default(project_id)

    async def current() -> RetentionOut:
        return await _shown(work, row)

    await same_version(row, read, current)
    changed = assign(row, form.model_dump())
    if changed:
        row.version += 1
        work.session.add(row)
        await work.session.flush()
        work.trace("retention.changed", "project", project_id, project_id=project_id, fields=changed)
    return await _shown(work, row)


async def records_calls(session: AsyncSession, project_id: UUID) -> bool:
    """Whether calls of the project are recorded."""
    row = await session.scalar(select(Retention.record_calls).where(Retention.project_id == project_id))
    return True if row is None else row


def _default(project_id: UUID) -> Retention:
    return Retention(
        project_id=project_id,
        record_calls=True,
        recording_months=None,
        personal_months=None,
        quota_mb=None,
        oldest_first=False,
        version=1,
    )


async def used_bytes(session: AsyncSession, project_id: UUID) -> int:
    """What the recordings of a project take in the store."""
    query = select(func.coalesce(func.sum(RecordingFile.sealed_size), 0)).where(
        RecordingFile.project_id == project_id, RecordingFile.state == "stored"
    )
    return int(await session.scalar(query) or 0)


async def _shown(work: Work, row: Retention) -> RetentionOut:
    return RetentionOut(**_own(row), used_bytes=await used_bytes(work.session, row.project_id))


def _own(row: Retention) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RetentionOut.model_fields if hasattr(Retention, name)}
