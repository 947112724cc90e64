from typing import Annotated

from fastapi import Depends, Query

from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.telephony.trace import service
from centrala.telephony.trace.reading import MAX_SHORT
from centrala.telephony.trace.schemas import SipMessageOut

router = Routes(prefix="/sip", tags=["calls"], responses=problems())

Tracing = Annotated[Work, Depends(working(Permission.TRACE_READ), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Word = Annotated[str | None, Query(max_length=MAX_SHORT, pattern=r"^[^\x00]*$")]


@router.get("/messages", operation_id="list_sip_messages")
async def list_sip_messages(
    work: Tracing,
    query: Listing,
    *,
    call_id: Word = None,
    number: Word = None,
    method: Word = None,
    failed: Annotated[bool | None, Query(description="Only refusals (4xx, 5xx, 6xx), or only what is none.")] = None,
) -> Page[SipMessageOut]:
    """SIP messages that are kept, the newest first; sort by `at`. Leaves a trace in the audit trail."""
    found = await service.find_messages(work, query, call_id=call_id, number=number, method=method, failed=failed)
    return found.page(query, SipMessageOut.model_validate)
