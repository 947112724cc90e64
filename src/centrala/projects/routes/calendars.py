from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER, Day, accepted_languages
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.projects import service
from centrala.projects.schemas import CalendarChange, CalendarIn, CalendarOut, DayOut

router = Routes(prefix="/calendars", tags=["calendars"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.CALENDARS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.CALENDARS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.CALENDARS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


@router.get("", operation_id="list_calendars")
async def list_calendars(work: Reading, query: Listing, project_id: UUID | None = None) -> Page[CalendarOut]:
    """Calendars. Sort by `name`, `project_name`, `time_zone` or `country`."""
    found = await service.list_calendars(work, query, project_id=project_id)
    return found.page(query, CalendarOut.model_validate)


@router.get("/export", operation_id="export_calendars", response_class=Response, responses=CSV_ANSWER)
async def export_calendars(work: Exporting, query: Listing, project_id: UUID | None = None) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("calendars", await service.export_calendars(work, query, project_id=project_id))


@router.post("", operation_id="create_calendar", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_calendar(work: Writing, form: CalendarIn, response: Response) -> CalendarOut:
    calendar = await service.create_calendar(work, form)
    tag(response, calendar.version)
    return CalendarOut.model_validate(calendar)


@router.get("/{calendar_id}", operation_id="read_calendar")
async def read_calendar(work: Reading, calendar_id: UUID, response: Response) -> CalendarOut:
    calendar = await service.read_calendar(work, calendar_id)
    tag(response, calendar.version)
    return CalendarOut.model_validate(calendar)


@router.patch("/{calendar_id}", operation_id="change_calendar", responses=problems(409, 412, 428))
async def change_calendar(
    work: Writing, calendar_id: UUID, form: CalendarChange, read: IfMatch, response: Response
) -> CalendarOut:
    """Only the fields that are sent are changed; `hours` and `exceptions` are replaced as a whole."""
    calendar = await service.change_calendar(work, calendar_id, form, read=read)
    tag(response, calendar.version)
    return CalendarOut.model_validate(calendar)


@router.delete(
    "/{calendar_id}",
    operation_id="remove_calendar",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def remove_calendar(work: Writing, calendar_id: UUID, read: IfMatch) -> None:
    await service.remove_calendar(work, calendar_id, read=read)


@router.get("/{calendar_id}/days", operation_id="list_calendar_days")
async def list_calendar_days(
    work: Reading,
    calendar_id: UUID,
    start: Annotated[Day, Query(description="The first day.")],
    end: Annotated[Day, Query(description="The last day, included; at most 400 days.")],
    accept_language: Annotated[
        str | None, Header(max_length=200, description="Languages of the holidays' names.")
    ] = None,
) -> list[DayOut]:
    """When the calendar is open on each day."""
    languages = accepted_languages(accept_language)
    return await service.days_of_calendar(work, calendar_id, start=start, end=end, languages=languages)
