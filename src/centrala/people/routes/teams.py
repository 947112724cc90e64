from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.people import service
from centrala.people.schemas import TeamChange, TeamIn, TeamOut

router = Routes(prefix="/teams", tags=["teams"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.EMPLOYEES_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.EMPLOYEES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.TEAMS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


def _tagged(response: Response, team: TeamOut) -> TeamOut:
    tag(response, team.version)
    return team


@router.get("", operation_id="list_teams")
async def list_teams(work: Reading, query: Listing) -> Page[TeamOut]:
    """Teams. Sort by `name`."""
    found = await service.list_teams(work, query)
    return found.page(query, lambda team: team)


@router.get("/export", operation_id="export_teams", response_class=Response, responses=CSV_ANSWER)
async def export_teams(work: Exporting, query: Listing) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("teams", await service.export_teams(work, query))


@router.post("", operation_id="create_team", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_team(work: Writing, form: TeamIn, response: Response) -> TeamOut:
    return _tagged(response, await service.create_team(work, form))


@router.get("/{team_id}", operation_id="read_team")
async def read_team(work: Reading, team_id: UUID, response: Response) -> TeamOut:
    return _tagged(response, await service.read_team(work, team_id))


@router.patch("/{team_id}", operation_id="change_team", responses=problems(409, 412, 428))
async def change_team(work: Writing, team_id: UUID, form: TeamChange, read: IfMatch, response: Response) -> TeamOut:
    """Only the fields that are sent are changed."""
    return _tagged(response, await service.change_team(work, team_id, form, read=read))


@router.delete(
    "/{team_id}",
    operation_id="remove_team",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def remove_team(work: Writing, team_id: UUID, read: IfMatch) -> None:
    """Refused while people have it; those who were dismissed do not count."""
    await service.remove_team(work, team_id, read=read)
