"""Projects: created, changed, archived, restored."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing, require, require_centre
from centrala.kit.work import Work
from centrala.projects.errors import (
    AlreadyArchived,
    CodeTaken,
    NotArchived,
    ProjectArchived,
    ProjectNameTaken,
)
from centrala.projects.events import project_changed
from centrala.projects.models import Company, Project, Service
from centrala.projects.schemas import ProjectChange, ProjectIn, ProjectOut, State
from centrala.projects.service.companies import hold_active_company

SORTS: Final[Sorts] = {
    "name": folded(Project.name),
    "code": Project.code,
    "company_name": folded(Company.name),
    "service": Project.service,
    "starts_on": Project.starts_on,
    "ends_on": Project.ends_on,
}
_TAKEN: Final = {"uq_projects_company_id_name": ProjectNameTaken, "uq_projects_code": CodeTaken}
_HEADER: Final = (
    "company_name", "name", "code", "service", "time_zone", "languages", "numbers",
    "starts_on", "ends_on", "note", "operators_may_hang_up", "archived_at",
)  # fmt: skip


def _matching(query: ListQuery, *, state: State, company_id: UUID | None, service: Service | None) -> Select[Project]:
    statement = (
        select(Project).join(Project.company).options(contains_eager(Project.company), selectinload(Project.numbers))
    )
    if state is not State.ALL:
        archived = Project.archived_at.is_not(None)
        statement = statement.where(archived if state is State.ARCHIVED else ~archived)
    if company_id is not None:
        statement = statement.where(Project.company_id == company_id)
    if service is not None:
        statement = statement.where(Project.service == service)
    if query.q:
        statement = statement.where(matches(query.q, Project.name, Project.code, Company.name))
    return statement


async def list_projects(
    work: Work,
    query: ListQuery,
    *,
    state: State = State.ACTIVE,
    company_id: UUID | None = None,
    service: Service | None = None,
) -> Slice[Project]:
    statement = _matching(query, state=state, company_id=company_id, service=service)
    return await fetch(work.session, statement, query, SORTS, Project.id)


async def export_projects(
    work: Work,
    query: ListQuery,
    *,
    state: State = State.ACTIVE,
    company_id: UUID | None = None,
    service: Service | None = None,
) -> str:
    """The list as CSV, with a trace."""
    require(work, Permission.EXPORT)
    statement = _matching(query, state=state, company_id=company_id, service=service)
    rows = [
        (
            p.company_name, p.name, p.code, p.service, p.time_zone, p.languages, [n.e164 for n in p.numbers],
            p.starts_on, p.ends_on, p.note, p.operators_may_hang_up, p.archived_at,
        )
        async for p in all_rows(work.session, statement, query, SORTS, Project.id)
    ]  # fmt: skip
    work.trace("projects.exported", "projects", "*", rows=len(rows))
    return csv_text(_HEADER, rows)


async def read_project(work: Work, project_id: UUID) -> Project:
    """The project with its company and numbers."""
    query = (
        select(Project)
        .where(Project.id == project_id)
        .options(joinedload(Project.company, innerjoin=True), selectinload(Project.numbers))
    )
    project = await work.session.scalar(query)
    if project is None:
        raise NotFound
    return project


async def create_project(work: Work, form: ProjectIn) -> Project:
    require_centre(work)
    company = await hold_active_company(work, form.company_id, field="company_id")
    project = Project(id=new_id(), **form.model_dump())
    project.company, project.numbers = company, []
    _check_dates(project)
    async with refusing(work, _TAKEN):
        work.session.add(project)
    work.trace("project.created", "project", project.id, project_id=project.id)
    work.tell(project_changed(project.id))
    return project


async def change_project(work: Work, project_id: UUID, form: ProjectChange, *, read: int) -> Project:
    """Change what was sent; `read` is the version that the sender has seen."""
    project = await hold_project(work, project_id, read=read)
    async with refusing(work, _TAKEN):
        changed = assign(project, form.sent())
        _check_dates(project)
        if changed:
            touch_project(work, project, "changed", fields=changed)
    return project


async def archive_project(work: Work, project_id: UUID, *, read: int) -> Project:
    """Put a project away; nothing of it is lost."""
    project = await _locked(work, project_id, read=read)
    if project.archived_at is not None:
        raise AlreadyArchived
    project.archived_at = work.now
    touch_project(work, project, "archived")
    return project


async def restore_project(work: Work, project_id: UUID, *, read: int) -> Project:
    project = await _locked(work, project_id, read=read)
    if project.archived_at is None:
        raise NotArchived
    await hold_active_company(work, project.company_id, field="company_id")
    project.archived_at = None
    touch_project(work, project, "restored")
    return project


async def hold_project(work: Work, project_id: UUID, *, read: int | None = None) -> Project:
    """The project, locked for a change of it or of what belongs to it; refuses when it is archived."""
    project = await _locked(work, project_id, read=read)
    if project.archived_at is not None:
        raise ProjectArchived
    return project


async def reach_active_project(work: Work, project_id: UUID, *, field: str) -> Project:
    """A project into which the wall lets this transaction write; one that it only shows does not count."""
    inside = func.centrala_projects()
    project = await work.session.scalar(select(Project).where(Project.id == project_id, Project.id == func.any(inside)))
    if project is None:
        raise InvalidField(field, "unknown_reference", "There is no such project.")
    if project.archived_at is not None:
        raise ProjectArchived
    return project


async def unknown_projects(work: Work, project_ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are no projects behind the actor's wall."""
    inside = func.centrala_projects()
    query = select(Project.id).where(Project.id.in_(project_ids), Project.id == func.any(inside))
    return set(project_ids) - set((await work.session.scalars(query)).all())


def _check_dates(project: Project) -> None:
    if project.starts_on and project.ends_on and project.ends_on < project.starts_on:
        raise InvalidField("ends_on", "ends_before_start", "The end lies before the start.")


async def _locked(work: Work, project_id: UUID, *, read: int | None) -> Project:
    require_centre(work)
    held = await work.session.scalar(select(Project.id).where(Project.id == project_id).with_for_update())
    if held is None:
        raise NotFound
    # Read after the lock: what somebody committed while we waited is seen.
    project = await read_project(work, project_id)

    async def current() -> ProjectOut:
        return ProjectOut.model_validate(project)

    if read is not None:
        await same_version(project, read, current)
    return project


def touch_project(work: Work, project: Project, happened: str, **details: Any) -> None:
    """Count the version up, and let the trace and the fact out."""
    project.version += 1
    work.trace(f"project.{happened}", "project", project.id, project_id=project.id, **details)
    work.tell(project_changed(project.id))
