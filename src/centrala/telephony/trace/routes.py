from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import Routes, csv_download, problems, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.telephony.trace import service
from centrala.telephony.trace.reading import MAX_SHORT
from centrala.telephony.trace.schemas import SipMessageOut

router = Routes(prefix="/sip", tags=["calls"], responses=problems())

Tracing = Annotated[Work, Depends(working(Permission.TRACE_READ), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Word = Annotated[str | None, Query(max_length=MAX_SHORT, pattern=r"^[^\x00]*$")]


Code = Annotated[
    int | None, Query(ge=1, le=699, description="A status of responses, such as 403; one digit: its whole class.")
]


async def _filters(  # noqa: PLR0917 - FastAPI calls it by name
    call_id: Word = None,
    number: Word = None,
    method: Word = None,
    remote: Annotated[Word, Query(description="The other side's address, with its port or without.")] = None,
    status: Code = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    failed: Annotated[bool | None, Query(description="Only refusals (4xx, 5xx, 6xx), or only what is none.")] = None,
    in_call: Annotated[bool | None, Query(description="Only messages of calls, or only those of none.")] = None,
) -> service.MessageFilters:
    return service.MessageFilters(
        call_id=call_id,
        number=number,
        method=method,
        remote=remote,
        status=status,
        since=since,
        until=until,
        failed=failed,
        in_call=in_call,
    )


Filters = Annotated[service.MessageFilters, Depends(_filters)]


@router.get("/messages", operation_id="list_sip_messages")
async def list_sip_messages(work: Tracing, query: Listing, filters: Filters) -> Page[SipMessageOut]:
    """SIP messages that are kept, the newest first; sort by `at`. Leaves a trace in the audit trail."""
    found = await service.find_messages(work, query, filters)
    return found.page(query, SipMessageOut.model_validate)


@router.get("/messages/export", operation_id="export_sip_messages", response_class=Response, responses=CSV_ANSWER)
async def export_sip_messages(work: Tracing, query: Listing, filters: Filters) -> Response:
    """The same list as CSV, without the texts; needs the permission `export` too and leaves a trace."""
    return csv_download("sip-messages", await service.export_messages(work, query, filters))
