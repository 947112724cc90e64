from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime

from centrala.interactions import service
from centrala.interactions.core import Result
from centrala.interactions.schemas import (
    Channel,
    CustomerGiven,
    Direction,
    DispositionGiven,
    InteractionDetails,
    InteractionPage,
    InteractionRevealed,
    NoteIn,
)
from centrala.interactions.service import InteractionFilters
from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, list_query
from centrala.kit.work import Work

router = Routes(prefix="/interactions", tags=["interactions"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.INTERACTIONS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.INTERACTIONS_READ), scope="function")]
Serving = Annotated[Work, Depends(working(Permission.WORK_OWN), scope="function")]
Revealing = Annotated[Work, Depends(working(Permission.INTERACTIONS_REVEAL), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Rating = Annotated[int | None, Query(ge=0, le=10)]


async def _filters(  # noqa: PLR0917 - FastAPI calls it by name
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    project_id: UUID | None = None,
    queue_id: UUID | None = None,
    operator_id: UUID | None = None,
    customer_id: UUID | None = None,
    channel: Channel | None = None,
    direction: Direction | None = None,
    result: Result | None = None,
    cause_id: UUID | None = None,
    outcome_id: UUID | None = None,
    number: Annotated[str | None, Query(max_length=40, description="A whole telephone number.")] = None,
    rated_at_most: Rating = None,
    open_only: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> InteractionFilters:
    return InteractionFilters(
        since=since,
        until=until,
        project_id=project_id,
        queue_id=queue_id,
        operator_id=operator_id,
        customer_id=customer_id,
        channel=channel,
        direction=direction,
        result=result,
        cause_id=cause_id,
        outcome_id=outcome_id,
        number=number,
        rated_at_most=rated_at_most,
        open_only=open_only,
    )


Narrowing = Annotated[InteractionFilters, Depends(_filters)]


def _tagged(response: Response, shown: InteractionDetails) -> InteractionDetails:
    tag(response, shown.version)
    return shown


@router.get("", operation_id="list_interactions")
async def list_interactions(work: Reading, query: Listing, filters: Narrowing) -> InteractionPage:
    """Contacts, the newest first. `q` finds words of notes, whole telephone numbers and names of customers.

    Sort by `came_at`, `wait_seconds`, `talk_seconds` or `rating`; by other than `came_at` a span of time is needed
    (else the last 31 days are searched).
    """
    return await service.list_interactions(work, query, filters)


@router.get("/export", operation_id="export_interactions", response_class=Response, responses=CSV_ANSWER)
async def export_interactions(work: Exporting, query: Listing, filters: Narrowing) -> Response:
    """The same list as CSV, masked alike; needs the permission `export` too and leaves a trace."""
    return csv_download("contacts", await service.export_interactions(work, query, filters))


@router.get("/{interaction_id}", operation_id="read_interaction")
async def read_interaction(work: Reading, interaction_id: UUID, response: Response) -> InteractionDetails:
    """A contact with its timeline and its recordings."""
    return _tagged(response, await service.read_interaction(work, interaction_id))


@router.post("/{interaction_id}/reveal", operation_id="reveal_interaction")
async def reveal_interaction(work: Revealing, interaction_id: UUID, response: Response) -> InteractionRevealed:
    """The customer's number and name in the clear; leaves a trace."""
    response.headers["Cache-Control"] = "no-store"
    return await service.reveal_interaction(work, interaction_id)


@router.put("/{interaction_id}/note", operation_id="write_note", responses=problems(412, 428))
async def write_note(
    work: Serving, interaction_id: UUID, form: NoteIn, read: IfMatch, response: Response
) -> InteractionDetails:
    """Save the note, as a draft or for good: one's own contact, or with the permission `interactions.write`."""
    return _tagged(response, await service.write_note(work, interaction_id, form, read=read))


@router.put("/{interaction_id}/disposition", operation_id="give_disposition", responses=problems(412, 428))
async def give_disposition(
    work: Serving, interaction_id: UUID, form: DispositionGiven, read: IfMatch, response: Response
) -> InteractionDetails:
    """Say why they called and what came of it: one's own contact, or with the permission `interactions.write`."""
    return _tagged(response, await service.give_disposition(work, interaction_id, form, read=read))


@router.put("/{interaction_id}/customer", operation_id="link_customer", responses=problems(412, 428))
async def link_customer(
    work: Serving, interaction_id: UUID, form: CustomerGiven, read: IfMatch, response: Response
) -> InteractionDetails:
    """Say who it was."""
    return _tagged(response, await service.link_customer(work, interaction_id, form, read=read))
