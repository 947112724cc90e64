from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.projects import service
from centrala.projects.models import Service
from centrala.projects.schemas import NumberChange, NumberIn, NumberOut, ProjectChange, ProjectIn, ProjectOut, State

router = Routes(prefix="/projects", tags=["projects"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.PROJECTS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.PROJECTS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.PROJECTS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
ServiceFilter = Annotated[Service | None, Query(alias="service")]


@router.get("", operation_id="list_projects")
async def list_projects(
    work: Reading,
    query: Listing,
    state: State = State.ACTIVE,
    company_id: UUID | None = None,
    service_kind: ServiceFilter = None,
) -> Page[ProjectOut]:
    """Projects. Sort by `name`, `code`, `company_name`, `service`, `starts_on` or `ends_on`."""
    found = await service.list_projects(work, query, state=state, company_id=company_id, service=service_kind)
    return found.page(query, ProjectOut.model_validate)


@router.get("/export", operation_id="export_projects", response_class=Response, responses=CSV_ANSWER)
async def export_projects(
    work: Exporting,
    query: Listing,
    state: State = State.ACTIVE,
    company_id: UUID | None = None,
    service_kind: ServiceFilter = None,
) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    text = await service.export_projects(work, query, state=state, company_id=company_id, service=service_kind)
    return csv_download("projects", text)


@router.post("", operation_id="create_project", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_project(work: Writing, form: ProjectIn, response: Response) -> ProjectOut:
    project = await service.create_project(work, form)
    tag(response, project.version)
    return ProjectOut.model_validate(project)


@router.get("/{project_id}", operation_id="read_project")
async def read_project(work: Reading, project_id: UUID, response: Response) -> ProjectOut:
    project = await service.read_project(work, project_id)
    tag(response, project.version)
    return ProjectOut.model_validate(project)


@router.patch("/{project_id}", operation_id="change_project", responses=problems(409, 412, 428))
async def change_project(
    work: Writing, project_id: UUID, form: ProjectChange, read: IfMatch, response: Response
) -> ProjectOut:
    """Only the fields that are sent are changed."""
    project = await service.change_project(work, project_id, form, read=read)
    tag(response, project.version)
    return ProjectOut.model_validate(project)


@router.post("/{project_id}/archive", operation_id="archive_project", responses=problems(409, 412, 428))
async def archive_project(work: Writing, project_id: UUID, read: IfMatch, response: Response) -> ProjectOut:
    project = await service.archive_project(work, project_id, read=read)
    tag(response, project.version)
    return ProjectOut.model_validate(project)


@router.post("/{project_id}/restore", operation_id="restore_project", responses=problems(409, 412, 428))
async def restore_project(work: Writing, project_id: UUID, read: IfMatch, response: Response) -> ProjectOut:
    project = await service.restore_project(work, project_id, read=read)
    tag(response, project.version)
    return ProjectOut.model_validate(project)


@router.get("/{project_id}/numbers", operation_id="list_numbers")
async def list_numbers(work: Reading, project_id: UUID, response: Response) -> list[NumberOut]:
    """All numbers of the project; the ETag is the project's."""
    project = await service.read_project(work, project_id)
    tag(response, project.version)
    return [NumberOut.model_validate(number) for number in project.numbers]


@router.post(
    "/{project_id}/numbers",
    operation_id="add_number",
    status_code=status.HTTP_201_CREATED,
    responses=problems(409),
)
async def add_number(work: Writing, project_id: UUID, form: NumberIn, response: Response) -> NumberOut:
    """A number without a country code is of the company's country; the ETag is the project's new one."""
    project, number = await service.add_number(work, project_id, form)
    tag(response, project.version)
    return NumberOut.model_validate(number)


@router.patch("/{project_id}/numbers/{number_id}", operation_id="change_number", responses=problems(409, 412, 428))
async def change_number(
    work: Writing, project_id: UUID, number_id: UUID, *, form: NumberChange, read: IfMatch, response: Response
) -> NumberOut:
    """`If-Match` is the version of the project."""
    project, number = await service.change_number(work, project_id, number_id, form, read=read)
    tag(response, project.version)
    return NumberOut.model_validate(number)


@router.delete("/{project_id}/numbers/{number_id}", operation_id="remove_number", responses=problems(409, 412, 428))
async def remove_number(
    work: Writing, project_id: UUID, number_id: UUID, read: IfMatch, response: Response
) -> ProjectOut:
    """`If-Match` is the version of the project; the answer is the project without the number."""
    project = await service.remove_number(work, project_id, number_id, read=read)
    tag(response, project.version)
    return ProjectOut.model_validate(project)
