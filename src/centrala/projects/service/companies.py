"""Client companies: created, changed, archived, restored."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

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
    CompanyArchived,
    CompanyHasProjects,
    CompanyNameTaken,
    NotArchived,
)
from centrala.projects.events import company_changed
from centrala.projects.models import Company, Project
from centrala.projects.public_holidays import country_codes
from centrala.projects.schemas import CompanyChange, CompanyIn, CompanyOut, State

SORTS: Final[Sorts] = {"name": folded(Company.name), "country": Company.country, "archived_at": Company.archived_at}
_TAKEN: Final = {"uq_companies_name": CompanyNameTaken}


def _matching(query: ListQuery, *, state: State, country: str | None) -> Select[Company]:
    statement = select(Company)
    if state is not State.ALL:
        archived = Company.archived_at.is_not(None)
        statement = statement.where(archived if state is State.ARCHIVED else ~archived)
    if country is not None:
        statement = statement.where(Company.country == country)
    if query.q:
        statement = statement.where(matches(query.q, Company.name, Company.legal_name))
    return statement


async def list_companies(
    work: Work, query: ListQuery, *, state: State = State.ACTIVE, country: str | None = None
) -> Slice[Company]:
    return await fetch(work.session, _matching(query, state=state, country=country), query, SORTS, Company.id)


async def export_companies(
    work: Work, query: ListQuery, *, state: State = State.ACTIVE, country: str | None = None
) -> str:
    """The list as CSV, with a trace."""
    require(work, Permission.EXPORT)
    found = all_rows(work.session, _matching(query, state=state, country=country), query, SORTS, Company.id)
    rows = [(c.name, c.legal_name, c.country, c.note, c.archived_at) async for c in found]
    work.trace("companies.exported", "companies", "*", rows=len(rows))
    return csv_text(("name", "legal_name", "country", "note", "archived_at"), rows)


async def read_company(work: Work, company_id: UUID) -> Company:
    company = await work.session.get(Company, company_id)
    if company is None:
        raise NotFound
    return company


async def create_company(work: Work, form: CompanyIn) -> Company:
    require_centre(work)
    _check_country(form.country)
    company = Company(id=new_id(), **form.model_dump())
    async with refusing(work, _TAKEN):
        work.session.add(company)
    work.trace("company.created", "company", company.id)
    work.tell(company_changed(company.id))
    return company


async def change_company(work: Work, company_id: UUID, form: CompanyChange, *, read: int) -> Company:
    """Change what was sent; `read` is the version that the sender has seen."""
    company = await _locked(work, company_id, read=read)
    if company.archived_at is not None:
        raise CompanyArchived
    sent = form.sent()
    if "country" in sent:
        _check_country(form.country)
    async with refusing(work, _TAKEN):
        changed = assign(company, sent)
        if changed:
            _touch(work, company, "changed", fields=changed)
    return company


async def archive_company(work: Work, company_id: UUID, *, read: int) -> Company:
    """Put away a company that has no active project; nothing of it is lost."""
    company = await _locked(work, company_id, read=read)
    if company.archived_at is not None:
        raise AlreadyArchived
    active = select(func.count()).where(Project.company_id == company.id, Project.archived_at.is_(None))
    count = await work.session.scalar(active) or 0
    if count:
        raise CompanyHasProjects(extra={"projects": count})
    company.archived_at = work.now
    _touch(work, company, "archived")
    return company


async def restore_company(work: Work, company_id: UUID, *, read: int) -> Company:
    company = await _locked(work, company_id, read=read)
    if company.archived_at is None:
        raise NotArchived
    company.archived_at = None
    _touch(work, company, "restored")
    return company


async def hold_active_company(work: Work, company_id: UUID, *, field: str) -> Company:
    """The company, locked so that nobody archives it while something is added to it."""
    query = select(Company).where(Company.id == company_id).with_for_update(key_share=True)
    company = await work.session.scalar(query)
    if company is None:
        raise InvalidField(field, "unknown_reference", "There is no such company.")
    if company.archived_at is not None:
        raise CompanyArchived
    return company


def _check_country(code: str) -> None:
    if code not in country_codes():
        raise InvalidField("country", "unknown_country", "There is no such country.")


async def _locked(work: Work, company_id: UUID, *, read: int) -> Company:
    require_centre(work)
    query = select(Company).where(Company.id == company_id).with_for_update()
    company = await work.session.scalar(query)
    if company is None:
        raise NotFound

    async def current() -> CompanyOut:
        return CompanyOut.model_validate(company)

    await same_version(company, read, current)
    return company


def _touch(work: Work, company: Company, happened: str, **details: Any) -> None:
    company.version += 1
    work.trace(f"company.{happened}", "company", company.id, **details)
    work.tell(company_changed(company.id))
