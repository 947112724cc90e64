"""How the system does, for its administrator."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import psutil
from fastapi import Depends, Request
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy import func, select, text

from centrala import __version__
from centrala.flows.telephony import Telephony, TelephonyState
from centrala.kit.access import CENTRE, Permission
from centrala.kit.clock import CLOCK_SKEW_LIMIT
from centrala.kit.database import Database
from centrala.kit.http import Routes, problems, reading
from centrala.kit.outbox import ConsumerRow, OutboxRow, ParkedRow, last_position
from centrala.kit.settings import ProcessState, ProcessStatus
from centrala.kit.work import Work

router: Final = Routes(tags=["system"], responses=problems())

ReadingSystem = Annotated[Work, Depends(reading(Permission.SYSTEM_READ), scope="function")]

_STATUSES: Final = TypeAdapter(list[ProcessStatus])


class ProcessOut(BaseModel):
    name: str
    state: ProcessState
    since: datetime
    restarts: int
    pid: int | None
    memory_bytes: int | None


class DatabaseOut(BaseModel):
    version: str
    size_bytes: int
    revision: str
    clock_skew_seconds: float = Field(description="How far the database's clock is ahead of the program's.")
    clock_ok: bool


class DiskOut(BaseModel):
    free_bytes: int
    total_bytes: int


class ConsumerOut(BaseModel):
    name: str
    behind: int = Field(description="Facts that it has yet to handle.")
    parked: int = Field(description="Facts that failed and wait for a person.")


class OutboxOut(BaseModel):
    pending: int
    oldest_seconds: float | None
    consumers: list[ConsumerOut]


class JobsOut(BaseModel):
    queued: int
    running: int
    failed: int


class LiveOut(BaseModel):
    connections: int


class TelephonyOut(BaseModel):
    state: TelephonyState
    calls: int
    phones: int = Field(description="Phones that can be called now, browsers among them.")
    banned: int = Field(description="Addresses that are shut out of SIP, because they guessed passwords.")


class SystemOut(BaseModel):
    version: str
    started_at: datetime
    processes: list[ProcessOut]
    database: DatabaseOut
    disk: DiskOut
    outbox: OutboxOut
    jobs: JobsOut
    live: LiveOut
    telephony: TelephonyOut


@router.get("/system")
async def read_system(request: Request, unit: ReadingSystem) -> SystemOut:
    """Processes, database, disk, and whatever waits."""
    state = request.app.state
    usage = shutil.disk_usage(state.settings.folders.data)
    return SystemOut(
        version=__version__,
        started_at=state.started_at,
        processes=_processes(state.settings.folders.process_status),
        database=await _database(unit),
        disk=DiskOut(free_bytes=usage.free, total_bytes=usage.total),
        outbox=await _outbox(state.database),
        jobs=await _jobs(unit),
        live=LiveOut(connections=len(state.feed.desks)),
        telephony=_telephony(state.telephony),
    )


def _telephony(telephony: Telephony | None) -> TelephonyOut:
    if telephony is None or telephony.exchange is None:
        state = TelephonyState.OFF if telephony is None else telephony.state
        return TelephonyOut(state=state, calls=0, phones=0, banned=0)
    figures = telephony.exchange.figures()
    return TelephonyOut(state=telephony.state, calls=figures.calls, phones=figures.registrations, banned=figures.banned)


def _processes(file: Path) -> list[ProcessOut]:
    """What the supervisor knows of the processes; empty where none is at work."""
    try:
        statuses = _STATUSES.validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return []
    return [
        ProcessOut(
            name=one.name,
            state=one.state,
            since=datetime.fromtimestamp(one.since, UTC),
            restarts=one.restarts,
            pid=one.pid,
            memory_bytes=_memory(one.pid),
        )
        for one in statuses
    ]


def _memory(pid: int | None) -> int | None:
    """Memory of a process with its children, in bytes."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)
    except psutil.Error:
        return None


async def _database(unit: Work) -> DatabaseOut:
    row = (
        await unit.session.execute(
            text(
                "SELECT current_setting('server_version') AS version,"
                " pg_database_size(current_database()) AS size, clock_timestamp() AS now,"
                " (SELECT version_num FROM alembic_version) AS revision"
            )
        )
    ).one()
    skew = row.now - datetime.now(UTC)
    return DatabaseOut(
        version=row.version,
        size_bytes=row.size,
        revision=row.revision,
        clock_skew_seconds=round(skew.total_seconds(), 3),
        clock_ok=abs(skew) < CLOCK_SKEW_LIMIT,
    )


async def _outbox(database: Database) -> OutboxOut:
    async with database.begin(CENTRE) as session:
        pending, oldest = (await session.execute(select(func.count(), func.min(OutboxRow.at)))).one()
        last = await last_position(session)
        query = select(ParkedRow.consumer, func.count()).group_by(ParkedRow.consumer)
        parked: dict[str, int] = dict((await session.execute(query)).all())
        consumers = (await session.scalars(select(ConsumerRow).order_by(ConsumerRow.name))).all()
    return OutboxOut(
        pending=pending,
        oldest_seconds=(datetime.now(UTC) - oldest).total_seconds() if pending else None,
        consumers=[
            ConsumerOut(name=one.name, behind=last - one.position, parked=parked.get(one.name, 0)) for one in consumers
        ],
    )


async def _jobs(unit: Work) -> JobsOut:
    query = text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
    counts: dict[Any, int] = dict((await unit.session.execute(query)).all())
    return JobsOut(queued=counts.get("todo", 0), running=counts.get("doing", 0), failed=counts.get("failed", 0))
