"""Roles and the audit trail over HTTP."""

from collections.abc import Iterable
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import AwareDatetime
from sqlalchemy import Select, func, select

from centrala.kit.access import Permission
from centrala.kit.audit import AuditRow
from centrala.kit.http import Routes, csv_download, problems, reading, working
from centrala.kit.listing import ListQuery, Page, all_rows, csv_text, fetch, list_query
from centrala.kit.work import Work
from centrala.security import schemas as s
from centrala.security.models import Account, AccountRole
from centrala.security.permissions import CENTRE_ROLES, Role, roles_with
from centrala.security.service import trail

router: Final = Routes(responses=problems())

ReadingRoles = Annotated[Work, Depends(reading(Permission.ROLES_READ), scope="function")]
ReadingAudit = Annotated[Work, Depends(reading(Permission.AUDIT_READ), scope="function")]
TracingAudit = Annotated[Work, Depends(working(Permission.AUDIT_READ), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Word = Annotated[str | None, Query(max_length=60)]


@router.get("/roles", tags=["roles"])
async def read_roles(unit: ReadingRoles) -> s.RolesOut:
    """The table of roles and permissions."""
    query = (
        select(AccountRole.role, func.count())
        .join(Account, Account.id == AccountRole.account_id)
        .where(Account.closed_at.is_(None))
        .group_by(AccountRole.role)
    )
    people: dict[str, int] = dict((await unit.session.execute(query)).all())
    return s.RolesOut(
        roles=[s.RoleOut(role=role, people=people.get(role, 0), centre=role in CENTRE_ROLES) for role in Role],
        permissions=[
            s.PermissionOut(
                permission=permission, room=permission.value.partition(".")[0], roles=roles_with(permission)
            )
            for permission in Permission
        ],
    )


async def _trail(  # noqa: PLR0917 - FastAPI calls it by name
    actor_id: UUID | None = None,
    action: Annotated[str | None, Query(max_length=60, description="An action, or how it begins.")] = None,
    object_type: Word = None,
    object_id: Word = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Select[AuditRow]:
    return trail.trail(
        actor_id=actor_id, action=action, object_type=object_type, object_id=object_id, since=since, until=until
    )


Trail = Annotated[Select[AuditRow], Depends(_trail)]


@router.get("/audit", tags=["audit"])
async def list_audit(unit: ReadingAudit, query: Listing, rows: Trail) -> Page[s.AuditOut]:
    """The audit trail, the newest first."""
    found = await fetch(unit.session, rows, query, trail.SORTS, AuditRow.seq)
    names = await _names(unit, found.rows)
    return found.page(query, lambda row: _row(row, names))


@router.get("/audit/export", tags=["audit"], response_class=Response)
async def export_audit(unit: TracingAudit, query: Listing, rows: Trail) -> Response:
    """The same rows as CSV."""
    assert unit.access is not None  # noqa: S101 - a route's unit of work has an access
    unit.access.require(Permission.EXPORT)
    shown = [row async for row in all_rows(unit.session, rows, query, trail.SORTS, AuditRow.seq)]
    names = await _names(unit, shown)
    unit.trace("audit.exported", "audit", "list", rows=len(shown))
    fields = list(s.AuditOut.model_fields)
    table = (tuple(_row(row, names).model_dump(mode="json").values()) for row in shown)
    return csv_download("audit", csv_text(fields, table))


@router.post("/audit/verify", tags=["audit"])
async def verify_audit(request: Request, unit: TracingAudit) -> s.AuditVerdict:
    """Prove that no row was changed, taken out or put in behind the program's back."""
    state = request.app.state
    verdict = await trail.verify_audit(state.database, state.settings.folders.data)
    unit.trace("audit.verified", "audit", "chain", rows=verdict.rows, ok=verdict.ok)
    return s.AuditVerdict(ok=verdict.ok, rows=verdict.rows, broken_at=verdict.broken_at)


async def _names(unit: Work, rows: Iterable[AuditRow]) -> dict[UUID, str]:
    ids = {row.actor_id for row in rows if row.actor_id is not None}
    accounts = await unit.session.scalars(select(Account).where(Account.id.in_(ids)))
    return {account.id: f"{account.given_name} {account.family_name}".strip() for account in accounts}


def _row(row: AuditRow, names: dict[UUID, str]) -> s.AuditOut:
    return s.AuditOut(
        seq=row.seq,
        at=row.at,
        actor_id=row.actor_id,
        actor_name=names.get(row.actor_id, "") if row.actor_id else "",
        actor=row.actor,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        project_id=row.project_id,
        details=row.details,
    )
