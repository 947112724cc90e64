from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status

from centrala.customers import service
from centrala.customers.schemas import (
    MAX_PHONE_INPUT,
    CustomerChange,
    CustomerIn,
    CustomerOut,
    CustomerPhoneIn,
    CustomerRevealed,
    Mark,
)
from centrala.customers.service import CustomerFilters
from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work

router = Routes(prefix="/customers", tags=["customers"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.CUSTOMERS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.CUSTOMERS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.CUSTOMERS_WRITE), scope="function")]
Revealing = Annotated[Work, Depends(working(Permission.INTERACTIONS_REVEAL), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


async def _filters(project_id: UUID | None = None, mark: Mark | None = None) -> CustomerFilters:
    return CustomerFilters(project_id=project_id, mark=mark)


Narrowing = Annotated[CustomerFilters, Depends(_filters)]


def _tagged(response: Response, shown: CustomerOut) -> CustomerOut:
    tag(response, shown.version)
    return shown


@router.get("", operation_id="list_customers")
async def list_customers(work: Reading, query: Listing, filters: Narrowing) -> Page[CustomerOut]:
    """Customers. Sort by `name` or `created_at`. `q` finds names, and whole telephone numbers."""
    found = await service.list_customers(work, query, filters)
    return found.page(query, lambda shown: shown)


@router.get("/export", operation_id="export_customers", response_class=Response, responses=CSV_ANSWER)
async def export_customers(work: Exporting, query: Listing, filters: Narrowing) -> Response:
    """The same list as CSV, masked alike; needs the permission `export` too and leaves a trace."""
    return csv_download("customers", await service.export_customers(work, query, filters))


@router.get("/by-number", operation_id="find_customer_by_number")
async def find_customer_by_number(
    work: Reading,
    project_id: UUID,
    number: Annotated[str, Query(min_length=1, max_length=MAX_PHONE_INPUT, description="With + and country code.")],
    response: Response,
) -> CustomerOut:
    """The customer of a project who has a telephone number."""
    return _tagged(response, await service.read_by_number(work, project_id, number))


@router.post("", operation_id="create_customer", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_customer(work: Writing, form: CustomerIn, response: Response) -> CustomerOut:
    return _tagged(response, await service.create_customer(work, form))


@router.get("/{customer_id}", operation_id="read_customer")
async def read_customer(work: Reading, customer_id: UUID, response: Response) -> CustomerOut:
    return _tagged(response, await service.read_customer(work, customer_id))


@router.patch("/{customer_id}", operation_id="change_customer", responses=problems(409, 412, 428))
async def change_customer(
    work: Writing, customer_id: UUID, form: CustomerChange, read: IfMatch, response: Response
) -> CustomerOut:
    """Only the fields that are sent are changed."""
    return _tagged(response, await service.change_customer(work, customer_id, form, read=read))


@router.post("/{customer_id}/reveal", operation_id="reveal_customer")
async def reveal_customer(work: Revealing, customer_id: UUID, response: Response) -> CustomerRevealed:
    """The telephone numbers in the clear; leaves a trace."""
    response.headers["Cache-Control"] = "no-store"
    return await service.reveal_customer(work, customer_id)


@router.post(
    "/{customer_id}/phones",
    operation_id="add_customer_phone",
    status_code=status.HTTP_201_CREATED,
    responses=problems(409),
)
async def add_customer_phone(
    work: Writing, customer_id: UUID, form: CustomerPhoneIn, response: Response
) -> CustomerOut:
    return _tagged(response, await service.add_phone(work, customer_id, form))


@router.delete(
    "/{customer_id}/phones/{customer_phone_id}", operation_id="remove_customer_phone", responses=problems(409)
)
async def remove_customer_phone(
    work: Writing, customer_id: UUID, customer_phone_id: UUID, response: Response
) -> CustomerOut:
    return _tagged(response, await service.remove_phone(work, customer_id, customer_phone_id))
