from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER, CountryCode
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.projects import service
from centrala.projects.schemas import CompanyChange, CompanyIn, CompanyOut, State

router = Routes(prefix="/companies", tags=["companies"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.COMPANIES_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.COMPANIES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.COMPANIES_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


@router.get("", operation_id="list_companies")
async def list_companies(
    work: Reading,
    query: Listing,
    state: State = State.ACTIVE,
    country: Annotated[CountryCode | None, Query()] = None,
) -> Page[CompanyOut]:
    """Client companies. Sort by `name`, `country` or `archived_at`."""
    found = await service.list_companies(work, query, state=state, country=country)
    return found.page(query, CompanyOut.model_validate)


@router.get("/export", operation_id="export_companies", response_class=Response, responses=CSV_ANSWER)
async def export_companies(
    work: Exporting,
    query: Listing,
    state: State = State.ACTIVE,
    country: Annotated[CountryCode | None, Query()] = None,
) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("companies", await service.export_companies(work, query, state=state, country=country))


@router.post("", operation_id="create_company", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_company(work: Writing, form: CompanyIn, response: Response) -> CompanyOut:
    company = await service.create_company(work, form)
    tag(response, company.version)
    return CompanyOut.model_validate(company)


@router.get("/{company_id}", operation_id="read_company")
async def read_company(work: Reading, company_id: UUID, response: Response) -> CompanyOut:
    company = await service.read_company(work, company_id)
    tag(response, company.version)
    return CompanyOut.model_validate(company)


@router.patch("/{company_id}", operation_id="change_company", responses=problems(409, 412, 428))
async def change_company(
    work: Writing, company_id: UUID, form: CompanyChange, read: IfMatch, response: Response
) -> CompanyOut:
    """Only the fields that are sent are changed."""
    company = await service.change_company(work, company_id, form, read=read)
    tag(response, company.version)
    return CompanyOut.model_validate(company)


@router.post("/{company_id}/archive", operation_id="archive_company", responses=problems(409, 412, 428))
async def archive_company(work: Writing, company_id: UUID, read: IfMatch, response: Response) -> CompanyOut:
    """Put away a company without active projects."""
    company = await service.archive_company(work, company_id, read=read)
    tag(response, company.version)
    return CompanyOut.model_validate(company)


@router.post("/{company_id}/restore", operation_id="restore_company", responses=problems(409, 412, 428))
async def restore_company(work: Writing, company_id: UUID, read: IfMatch, response: Response) -> CompanyOut:
    company = await service.restore_company(work, company_id, read=read)
    tag(response, company.version)
    return CompanyOut.model_validate(company)
