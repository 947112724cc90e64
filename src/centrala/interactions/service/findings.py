"""What the audit of recordings found, when it ran, and a way to have it run now."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select

from centrala.interactions.errors import AuditUnderWay
from centrala.interactions.models import AuditRun, Finding
from centrala.interactions.schemas import AuditRunOut, FindingKind, FindingOut
from centrala.kit.access import Permission
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.verbs import require
from centrala.kit.work import Work

AUDIT_NOW: Final = "interactions.audit_now"
"""The name of the job; it stands here because jobs import services."""
GIVEN_UP: Final = timedelta(hours=1)  # after which a run that did not end is taken for dead
SORTS: Final[Sorts] = {"-happened_at": Finding.happened_at, "happened_at": Finding.happened_at, "kind": Finding.kind}
_HEADER: Final = ("kind", "project_id", "happened_at", "interaction_id", "recording_id", "file", "found_at")


def _findings(kind: FindingKind | None, project_id: UUID | None) -> Select[Finding]:
    rows = select(Finding)
    if kind is not None:
        rows = rows.where(Finding.kind == kind)
    if project_id is not None:
        rows = rows.where(Finding.project_id == project_id)
    return rows


async def list_findings(
    work: Work, query: ListQuery, *, kind: FindingKind | None, project_id: UUID | None
) -> Slice[Finding]:
    return await fetch(work.session, _findings(kind, project_id), query, SORTS, Finding.id)


async def export_findings(work: Work, query: ListQuery, *, kind: FindingKind | None, project_id: UUID | None) -> str:
    """The list as CSV, with a trace."""
    require(work, Permission.EXPORT)
    rows = [row async for row in all_rows(work.session, _findings(kind, project_id), query, SORTS, Finding.id)]
    work.trace("findings.exported", "recording_findings", "*", rows=len(rows))
    found = (FindingOut.model_validate(row).model_dump(mode="json") for row in rows)
    return csv_text(_HEADER, ([one[name] for name in _HEADER] for one in found))


async def last_audit(work: Work) -> AuditRunOut | None:
    """The newest run; None where none has ever been."""
    row = await _last(work)
    return None if row is None else AuditRunOut.model_validate(row)


async def ask_for_audit(work: Work) -> AuditRunOut:
    """Have the worker look now. One at a time: a run reads thousands of rows and asks the store for each recording."""
    # Two who ask at one moment see each other's row.
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("recording_audits"))))
    last = await _last(work)
    if last is not None and last.ended_at is None and work.now - last.asked_at < GIVEN_UP:
        raise AuditUnderWay
    run = AuditRun(id=new_id(), asked_at=work.now, asked_by=work.access.account_id if work.access else None)
    work.session.add(run)
    work.later(AUDIT_NOW, run_id=str(run.id))
    work.trace("recordings.audited", "recording_audit", run.id)
    await work.session.flush()
    return AuditRunOut.model_validate(run)


async def _last(work: Work) -> AuditRun | None:
    return await work.session.scalar(select(AuditRun).order_by(AuditRun.asked_at.desc(), AuditRun.id.desc()).limit(1))
