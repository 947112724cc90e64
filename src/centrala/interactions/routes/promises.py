from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status
from pydantic import AwareDatetime

from centrala.interactions import service
from centrala.interactions.schemas import PromiseChange, PromiseIn, PromiseOut, PromiseState, PromiseWhose
from centrala.interactions.service import PromiseFilters
from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work

router = Routes(prefix="/promises", tags=["promises"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.INTERACTIONS_READ), scope="function")]
Serving = Annotated[Work, Depends(working(Permission.WORK_OWN), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


async def _filters(
    whose: PromiseWhose = "mine",
    state: PromiseState = "open",
    project_id: UUID | None = None,
    due_before: AwareDatetime | None = None,
) -> PromiseFilters:
    return PromiseFilters(whose=whose, state=state, project_id=project_id, due_before=due_before)


Narrowing = Annotated[PromiseFilters, Depends(_filters)]


def _tagged(response: Response, shown: PromiseOut) -> PromiseOut:
    tag(response, shown.version)
    return shown


@router.get("", operation_id="list_promises")
async def list_promises(work: Reading, query: Listing, filters: Narrowing) -> Page[PromiseOut]:
    """Call-backs that were promised, one's own unless all are asked for. Sort by `due_at` or `created_at`."""
    found = await service.list_promises(work, query, filters)
    return found.page(query, lambda shown: shown)


@router.post("", operation_id="create_promise", status_code=status.HTTP_201_CREATED)
async def create_promise(work: Serving, form: PromiseIn, response: Response) -> PromiseOut:
    return _tagged(response, await service.create_promise(work, form))


@router.get("/{promise_id}", operation_id="read_promise")
async def read_promise(work: Reading, promise_id: UUID, response: Response) -> PromiseOut:
    return _tagged(response, await service.read_promise(work, promise_id))


@router.patch("/{promise_id}", operation_id="change_promise", responses=problems(409, 412, 428))
async def change_promise(
    work: Serving, promise_id: UUID, form: PromiseChange, read: IfMatch, response: Response
) -> PromiseOut:
    """One's own, or with the permission `interactions.write`. Only the fields that are sent are changed."""
    return _tagged(response, await service.change_promise(work, promise_id, form, read=read))


@router.post("/{promise_id}/done", operation_id="keep_promise", responses=problems(409, 412, 428))
async def keep_promise(work: Serving, promise_id: UUID, read: IfMatch, response: Response) -> PromiseOut:
    """The customer was called back."""
    return _tagged(response, await service.keep_promise(work, promise_id, read=read))
