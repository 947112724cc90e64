"""The nightly rules: what is older than a project agreed goes; what takes more than agreed is told of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from centrala.interactions.errors import AudioNotReady
from centrala.interactions.events import quota_reached
from centrala.interactions.everywhere import everywhere
from centrala.interactions.models import Interaction, RecordingFile, Retention
from centrala.interactions.schemas_audio import RecordingState
from centrala.interactions.service.customers import wipe
from centrala.interactions.service.keeping import HAS_AUDIO, MEGABYTE, months_before, personal_before, used_bytes
from centrala.interactions.service.storing import Keeping, delete_recording
from centrala.kit.access import Wall
from centrala.kit.logging import get_logger
from centrala.kit.work import work

log = get_logger(__name__)

MAX_DELETED: Final = 20_000  # recordings of a project in one night
WIPED_AT_ONCE: Final = 500  # contacts wiped in one transaction
MAX_WIPED: Final = 100_000  # contacts of a project in one night


async def keep_rules(keeping: Keeping) -> None:
    """Apply every project's rules."""
    wall = await everywhere(keeping.database)
    async with keeping.database.begin(wall) as session:
        rules = (await session.scalars(select(Retention).order_by(Retention.project_id))).all()
    for rule in rules:
        if rule.recording_months is not None:
            await _delete_old(keeping, wall, rule, rule.recording_months)
        if rule.quota_mb is not None:
            await _keep_quota(keeping, wall, rule, rule.quota_mb * MEGABYTE)
        if rule.personal_months is not None:
            await _wipe_old(keeping, wall, rule, rule.personal_months)


async def _delete_old(keeping: Keeping, wall: Wall, rule: Retention, months: int) -> None:
    before = months_before(keeping.clock(), months)
    await _delete(keeping, wall, await _oldest(keeping, wall, rule.project_id, before=before), why="retention")


async def _keep_quota(keeping: Keeping, wall: Wall, rule: Retention, quota: int) -> None:
    async with keeping.database.begin(wall) as session:
        used = await used_bytes(session, rule.project_id)
    if used <= quota:
        return
    log.warning("A project's recordings take more than was agreed.", project_id=str(rule.project_id), used=used)
    async with work(keeping.database, wall, way="job", clock=keeping.clock) as unit:
        unit.tell(quota_reached(rule.project_id, used=used, quota=quota))
    if not rule.oldest_first:
        return
    surplus, too_many = used - quota, []
    for recording_id, size in await _sizes(keeping, wall, rule.project_id):
        if surplus <= 0:
            break
        too_many.append(recording_id)
        surplus -= size
    await _delete(keeping, wall, too_many, why="quota")


async def _oldest(keeping: Keeping, wall: Wall, project_id: UUID, *, before: datetime) -> Sequence[UUID]:
    query = (
        select(RecordingFile.id)
        .where(
            RecordingFile.project_id == project_id,
            RecordingFile.began_at < before,
            RecordingFile.state.in_(HAS_AUDIO),
        )
        .order_by(RecordingFile.began_at)
        .limit(MAX_DELETED)
    )
    async with keeping.database.begin(wall) as session:
        return (await session.scalars(query)).all()


async def _sizes(keeping: Keeping, wall: Wall, project_id: UUID) -> Sequence[tuple[UUID, int]]:
    """What is stored of a project, the oldest first."""
    query = (
        select(RecordingFile.id, func.coalesce(RecordingFile.sealed_size, 0))
        .where(RecordingFile.project_id == project_id, RecordingFile.state == RecordingState.STORED)
        .order_by(RecordingFile.began_at)
        .limit(MAX_DELETED)
    )
    async with keeping.database.begin(wall) as session:
        return [(row[0], row[1]) for row in await session.execute(query)]


async def _delete(keeping: Keeping, wall: Wall, recordings: Sequence[UUID], *, why: str) -> None:
    for recording_id in recordings:
        try:
            await delete_recording(keeping, wall, recording_id, why=why)
        except AudioNotReady:
            continue
        except OSError as error:
            log.error("Recordings cannot be deleted now.", error=type(error).__name__)  # noqa: TRY400
            return


async def _wipe_old(keeping: Keeping, wall: Wall, rule: Retention, months: int) -> None:
    """Take what is personal out of old contacts; customers' cards stay, they are of today."""
    before, wiped = months_before(keeping.clock(), months), 0
    query = select(Interaction.id).where(*personal_before(rule.project_id, before)).limit(WIPED_AT_ONCE)
    while wiped < MAX_WIPED:
        async with work(keeping.database, wall, way="job", clock=keeping.clock) as unit:
            contacts = (await unit.session.scalars(query)).all()
            if not contacts:
                return
            await wipe(unit, contacts)
            unit.trace(
                "interactions.wiped", "project", rule.project_id, project_id=rule.project_id, contacts=len(contacts)
            )
        wiped += len(contacts)
