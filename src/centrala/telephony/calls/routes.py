from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response, status
from pydantic import AwareDatetime

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import Routes, csv_download, problems, reading, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.telephony.calls import live, records
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import Direction
from centrala.telephony.calls.schemas import CallDetails, CallNumbers, CallOut, LiveCalls
from centrala.telephony.calls.service import Calls
from centrala.telephony.trace.schemas import SipMessageOut, TraceOut
from centrala.telephony.trace.service import messages_of

router = Routes(prefix="/calls", tags=["calls"], responses=problems())


async def _calls(request: Request) -> Calls | None:
    return live.calls_of(request.app.state.telephony)


async def _filters(  # noqa: PLR0917 - FastAPI calls it by name
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    direction: Direction | None = None,
    cause: Cause | None = None,
    project_id: UUID | None = None,
    trunk_id: UUID | None = None,
) -> records.CallFilters:
    return records.CallFilters(
        since=since, until=until, direction=direction, cause=cause, project_id=project_id, trunk_id=trunk_id
    )


Reading = Annotated[Work, Depends(reading(Permission.CALLS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.CALLS_READ), scope="function")]
Revealing = Annotated[Work, Depends(working(Permission.CALLS_REVEAL), scope="function")]
Controlling = Annotated[Work, Depends(working(Permission.CALLS_CONTROL), scope="function")]
Tracing = Annotated[Work, Depends(working(Permission.TRACE_READ), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Filters = Annotated[records.CallFilters, Depends(_filters)]
Running = Annotated[Calls | None, Depends(_calls)]


@router.get("", operation_id="list_calls")
async def list_calls(work: Reading, query: Listing, filters: Filters) -> Page[CallOut]:
    """Calls, the newest first. `q` is a whole number, for those who may reveal it.

    Sort by `started_at`, `talk_seconds`, `cause` or `direction`.
    """
    found = await records.list_calls(work, query, filters)
    return found.page(query, lambda call: call)


@router.get("/export", operation_id="export_calls", response_class=Response, responses=CSV_ANSWER)
async def export_calls(work: Exporting, query: Listing, filters: Filters) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("calls", await records.export_calls(work, query, filters))


@router.get("/live", operation_id="list_live_calls")
async def list_live_calls(work: Reading, calls: Running) -> LiveCalls:
    """The calls that are up now, the oldest first."""
    return live.live_calls(work, calls)


@router.get("/{call_id}", operation_id="read_call")
async def read_call(work: Reading, call_id: UUID) -> CallDetails:
    """A call with its legs."""
    return await records.read_call(work, call_id)


@router.post("/{call_id}/reveal", operation_id="reveal_call")
async def reveal_call(work: Revealing, call_id: UUID, response: Response) -> CallNumbers:
    """The numbers and names of a call in the clear; leaves a trace."""
    response.headers["Cache-Control"] = "no-store"
    return await records.reveal_call(work, call_id)


@router.post("/{call_id}/hang-up", operation_id="hang_up_call", status_code=status.HTTP_204_NO_CONTENT)
async def hang_up_call(work: Controlling, calls: Running, call_id: UUID) -> None:
    """End a call that is up, for all its parties; leaves a trace."""
    await live.hang_up(work, calls, call_id)


@router.get("/{call_id}/trace", operation_id="read_call_trace")
async def read_call_trace(request: Request, work: Tracing, call_id: UUID, response: Response) -> TraceOut:
    """The SIP messages of all legs in the order of the wire; leaves a trace, for it shows numbers in the clear."""
    call = await records.find_call(work, call_id)
    legs = await records.legs_of(work, call_id)
    messages, truncated = await messages_of(work, sorted({leg.sip_call_id for leg in legs if leg.sip_call_id}))
    work.trace("call.traced", "call", call_id, project_id=call.project_id)
    response.headers["Cache-Control"] = "no-store"
    return TraceOut(
        messages=[SipMessageOut.model_validate(one) for one in messages],
        truncated=truncated,
        kept_days=request.app.state.settings.sip.trace_days,
    )
