"""What happens to a customer and to their contacts at once."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from centrala.customers.schemas import CustomerOut, EraseCustomerIn, MergeIn
from centrala.interactions import service
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, tag, working
from centrala.kit.work import Work

router = Routes(prefix="/customers", tags=["customers"], responses=problems())

Writing = Annotated[Work, Depends(working(Permission.CUSTOMERS_WRITE), scope="function")]
Erasing = Annotated[Work, Depends(working(Permission.INTERACTIONS_WRITE), scope="function")]


@router.post("/{customer_id}/merge", operation_id="merge_customer", responses=problems(409))
async def merge_customer(work: Writing, customer_id: UUID, form: MergeIn, response: Response) -> CustomerOut:
    """Join two cards of one person: numbers, contacts and promises move to the other card, which is the answer."""
    shown = await service.merge_customers(work, customer_id, form)
    tag(response, shown.version)
    return shown


@router.post("/{customer_id}/erase", operation_id="erase_customer", responses=problems(409))
async def erase_customer(work: Erasing, customer_id: UUID, form: EraseCustomerIn, response: Response) -> CustomerOut:
    """Wipe a customer's personal data for ever, with the recordings of their calls; figures stay."""
    shown = await service.erase_customer(work, customer_id, form)
    tag(response, shown.version)
    return shown
