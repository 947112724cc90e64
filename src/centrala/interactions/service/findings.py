"""What the nightly audit of recordings found."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.interactions.models import Finding
from centrala.interactions.schemas import FindingKind
from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.work import Work

SORTS: Final[Sorts] = {"-happened_at": Finding.happened_at, "happened_at": Finding.happened_at, "kind": Finding.kind}


async def list_findings(
    work: Work, query: ListQuery, *, kind: FindingKind | None, project_id: UUID | None
) -> Slice[Finding]:
    rows = select(Finding)
    if kind is not None:
        rows = rows.where(Finding.kind == kind)
    if project_id is not None:
        rows = rows.where(Finding.project_id == project_id)
    return await fetch(work.session, rows, query, SORTS, Finding.id)
