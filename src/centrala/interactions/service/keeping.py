"""How long a project keeps recordings and personal data."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions.models import RecordingFile, Retention
from centrala.interactions.schemas import RetentionIn, RetentionOut
from centrala.kit.errors import NotFound
from centrala.kit.http import same_version
from centrala.kit.verbs import assign
from centrala.kit.work import Work
from centrala.projects.service import unknown_projects


async def read_retention(work: Work, project_id: UUID) -> RetentionOut:
    """What was agreed; as long as nothing was: recorded, and kept for ever."""
    if await unknown_projects(work, [project_id]):
        raise NotFound
    row = await work.session.scalar(select(Retention).where(Retention.project_id == project_id))
    return await _shown(work, row or _default(project_id))


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
    own = {name: getattr(row, name) for name in RetentionOut.model_fields if hasattr(Retention, name)}
    return RetentionOut(**own, used_bytes=await used_bytes(work.session, row.project_id))
