from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER, TimeZone
from centrala.kit.http import Routes, csv_download, problems, reading, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.reports import service
from centrala.reports.core import Unit
from centrala.reports.definitions import Limits, Measure
from centrala.reports.schemas import (
    By,
    DefinitionOut,
    Direction,
    MeasuresOut,
    OccupancyOut,
    OperatorTimes,
    SpanOut,
    StateOfReports,
    VisitOut,
    What,
    Without,
)
from centrala.reports.texts import DEFINITIONS

router = Routes(prefix="/reports", tags=["reports"], responses=problems())

FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)

Moment = Annotated[AwareDatetime, Query(ge=FIRST, le=LAST)]


async def _limits(
    target: Annotated[float, Query(ge=0, le=3600, description="Seconds of the service level.")] = 20.0,
    short: Annotated[float, Query(ge=0, le=3600, description="Seconds; who leaves before is a short call.")] = 5.0,
    repeat_days: Annotated[int, Query(ge=1, le=90, description="Days of FCR.")] = 7,
) -> Limits:
    return Limits(target=target, short=short, repeat_days=repeat_days)


async def _asked(  # noqa: PLR0917 - FastAPI calls it by name
    limits: Annotated[Limits, Depends(_limits)],
    since: Moment | None = None,
    until: Moment | None = None,
    time_zone: Annotated[TimeZone | None, Query(description="Without: that of the projects.")] = None,
    project_id: UUID | None = None,
    queue_id: UUID | None = None,
    operator_id: UUID | None = None,
    channel: Annotated[str | None, Query(max_length=20)] = None,
    direction: Direction | None = None,
    without: Annotated[Without | None, Query(description="Only contacts that have none.")] = None,
) -> service.Asked:
    return service.Asked(
        since=since,
        until=until,
        time_zone=time_zone,
        project_id=project_id,
        queue_id=queue_id,
        operator_id=operator_id,
        channel=channel,
        direction=direction,
        without=without,
        limits=limits,
    )


Reading = Annotated[Work, Depends(reading(Permission.REPORTS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.REPORTS_READ), scope="function")]
AskedFor = Annotated[service.Asked, Depends(_asked)]
Listing = Annotated[ListQuery, Depends(list_query)]


@router.get("/measures", operation_id="read_measures")
async def read_measures(work: Reading, asked: AskedFor, by: By = By.INTERVAL, interval: Unit = Unit.DAY) -> MeasuresOut:
    """The measures of a period: in all, and by interval, queue, operator or project.

    A contact counts where and when it entered the queue. Without a period: the last seven days.
    """
    return await service.read_measures(work, asked, by, interval)


@router.get("/measures/export", operation_id="export_measures", response_class=Response, responses=CSV_ANSWER)
async def export_measures(
    work: Exporting, asked: AskedFor, by: By = By.INTERVAL, interval: Unit = Unit.DAY
) -> Response:
    """The same report as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download(f"measures-by-{by.value}", await service.export_measures(work, asked, by, interval))


@router.get("/rows", operation_id="list_report_rows")
async def list_report_rows(
    work: Reading, asked: AskedFor, query: Listing, measure: Measure = Measure.OFFERED
) -> Page[VisitOut]:
    """The visits behind a number, the newest first: their parts (and wholes) add up to it."""
    found = await service.list_rows(work, asked, measure, query)
    return found.page(query, lambda visit: visit)


@router.get("/rows/export", operation_id="export_report_rows", response_class=Response, responses=CSV_ANSWER)
async def export_report_rows(
    work: Exporting, asked: AskedFor, query: Listing, measure: Measure = Measure.OFFERED
) -> Response:
    """The same rows as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download(measure.value, await service.export_rows(work, asked, measure, query))


@router.get("/operators", operation_id="read_operator_times")
async def read_operator_times(work: Reading, asked: AskedFor) -> OperatorTimes:
    """What the time of each operator went into, and their occupancy."""
    return await service.read_times(work, asked)


@router.get("/operators/export", operation_id="export_operator_times", response_class=Response, responses=CSV_ANSWER)
async def export_operator_times(work: Exporting, asked: AskedFor) -> Response:
    """The same as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("operators", await service.export_times(work, asked))


@router.get("/occupancy", operation_id="read_occupancy")
async def read_occupancy(work: Reading, asked: AskedFor, interval: Unit = Unit.HOUR) -> OccupancyOut:
    """Occupancy of each interval: contacts in hand and time ready are cut where the intervals begin."""
    return await service.read_occupancy(work, asked, interval)


@router.get("/occupancy/export", operation_id="export_occupancy", response_class=Response, responses=CSV_ANSWER)
async def export_occupancy(work: Exporting, asked: AskedFor, interval: Unit = Unit.HOUR) -> Response:
    """The same as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("occupancy", await service.export_occupancy(work, asked, interval))


async def _whole(whole_since: Moment | None = None, whole_until: Moment | None = None) -> service.Period | None:
    """The period of the report of which the period that is asked for is an interval."""
    return None if whole_since is None or whole_until is None else (whole_since, whole_until)


Whole = Annotated[service.Period | None, Depends(_whole)]


@router.get("/spans", operation_id="list_report_spans")
async def list_report_spans(
    work: Reading, asked: AskedFor, query: Listing, whole: Whole, what: What | None = None
) -> Page[SpanOut]:
    """The pieces of time behind occupancy: contacts in hand and states of operators, cut to the period."""
    found = await service.list_spans(work, asked, what, query, whole)
    return found.page(query, lambda span: span)


@router.get("/spans/export", operation_id="export_report_spans", response_class=Response, responses=CSV_ANSWER)
async def export_report_spans(
    work: Exporting, asked: AskedFor, query: Listing, whole: Whole, what: What | None = None
) -> Response:
    """The same pieces as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("spans", await service.export_spans(work, asked, what, query, whole))


@router.get("/definitions", operation_id="list_definitions")
async def list_definitions(work: Reading) -> list[DefinitionOut]:  # noqa: ARG001 - the permission is asked for
    """What each measure is, in words."""
    return list(DEFINITIONS)


@router.get("/state", operation_id="read_report_state")
async def read_report_state(work: Reading) -> StateOfReports:
    """How fresh the reports are, and whether they were found to agree with the timelines."""
    return await service.read_state(work)
