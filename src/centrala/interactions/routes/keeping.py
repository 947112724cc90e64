"""How long things are kept, and the audit of recordings. Before `interactions.py`: these paths look like its ids."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status

from centrala.interactions import service
from centrala.interactions.schemas import (
    MAX_MONTHS,
    MAX_QUOTA,
    AuditRunOut,
    FindingKind,
    FindingOut,
    RetentionEffect,
    RetentionIn,
    RetentionOut,
    RetentionRow,
)
from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work

router = Routes(prefix="/interactions", tags=["interactions"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.INTERACTIONS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.INTERACTIONS_READ), scope="function")]
Ruling = Annotated[Work, Depends(working(Permission.INTERACTIONS_WRITE), scope="function")]
MonthsAsked = Annotated[int | None, Query(ge=1, le=MAX_MONTHS)]
Listing = Annotated[ListQuery, Depends(list_query)]


@router.get("/audit", operation_id="list_recording_findings")
async def list_recording_findings(
    work: Reading, query: Listing, kind: FindingKind | None = None, project_id: UUID | None = None
) -> Page[FindingOut]:
    """What the last audit found: calls without audio, audio without a call. Sort by `happened_at` or `kind`."""
    found = await service.list_findings(work, query, kind=kind, project_id=project_id)
    return found.page(query, FindingOut.model_validate)


@router.get("/audit/export", operation_id="export_recording_findings", response_class=Response, responses=CSV_ANSWER)
async def export_recording_findings(
    work: Exporting, query: Listing, kind: FindingKind | None = None, project_id: UUID | None = None
) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    text = await service.export_findings(work, query, kind=kind, project_id=project_id)
    return csv_download("recording-findings", text)


@router.get("/audit/run", operation_id="read_recording_audit")
async def read_recording_audit(work: Reading) -> AuditRunOut | None:
    """When the audit ran last, and whether it is under way; null where it never ran."""
    return await service.last_audit(work)


@router.post(
    "/audit/run",
    operation_id="run_recording_audit",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(409),
)
async def run_recording_audit(work: Ruling) -> AuditRunOut:
    """Have the worker look now, beside every night. What it finds replaces what was found before."""
    return await service.ask_for_audit(work)


@router.get("/retention", operation_id="list_retention")
async def list_retention(work: Reading) -> list[RetentionRow]:
    """How long each project in sight keeps what, and how much it has."""
    return await service.list_retention(work)


@router.get("/retention/{project_id}", operation_id="read_retention")
async def read_retention(work: Reading, project_id: UUID, response: Response) -> RetentionOut:
    """How long a project keeps recordings and personal data, and how much it has."""
    shown = await service.read_retention(work, project_id)
    tag(response, shown.version)
    return shown


@router.get("/retention/{project_id}/effect", operation_id="foresee_retention")
async def foresee_retention(
    work: Reading,
    project_id: UUID,
    *,
    recording_months: MonthsAsked = None,
    personal_months: MonthsAsked = None,
    quota_mb: Annotated[int | None, Query(ge=1, le=MAX_QUOTA)] = None,
    oldest_first: bool = False,
) -> RetentionEffect:
    """What the next night would delete by these rules; nothing is changed. A rule that is left out is none."""
    rule = RetentionIn(
        record_calls=True,
        recording_months=recording_months,
        personal_months=personal_months,
        quota_mb=quota_mb,
        oldest_first=oldest_first,
    )
    return await service.effect_of(work, project_id, rule)


@router.put("/retention/{project_id}", operation_id="change_retention", responses=problems(412, 428))
async def change_retention(
    work: Ruling, project_id: UUID, form: RetentionIn, read: IfMatch, response: Response
) -> RetentionOut:
    shown = await service.change_retention(work, project_id, form, read=read)
    tag(response, shown.version)
    return shown
