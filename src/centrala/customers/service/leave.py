"""A customer's card goes: joined with another, or wiped of what is personal.

The verbs here know the card alone; `interactions` calls them and takes the contacts along.
"""

from uuid import UUID

from sqlalchemy import update

from centrala.customers.errors import CannotMerge
from centrala.customers.events import customer_changed
from centrala.customers.models import Customer, CustomerPhone
from centrala.customers.service.read import hold_customer, load_customer
from centrala.kit.errors import InvalidField
from centrala.kit.work import Work


async def merge_customers(work: Work, customer_id: UUID, *, into: UUID) -> Customer:
    """Move the numbers to the card `into`, which goes on; returns it. What it lacks it gets from the other."""
    if customer_id == into:
        raise CannotMerge
    # Locked in the order of their ids, so that two who join the same cards do not wait for each other.
    for one in sorted((customer_id, into)):
        await hold_customer(work, one)
    gone, stays = await load_customer(work, customer_id), await load_customer(work, into)
    if gone.project_id != stays.project_id:
        raise CannotMerge
    await work.session.execute(
        update(CustomerPhone).where(CustomerPhone.customer_id == gone.id).values(customer_id=stays.id)
    )
    stays.language = stays.language or gone.language
    stays.note = "\n".join(note for note in (stays.note, gone.note) if note)
    if stays.mark == "none":
        stays.mark = gone.mark
    gone.merged_into = stays.id
    for customer in (gone, stays):
        customer.version += 1
        work.tell(customer_changed(customer.id, project_id=customer.project_id))
    work.trace("customer.merged", "customer", gone.id, project_id=gone.project_id, into=str(stays.id))
    await work.session.flush()
    for customer in (gone, stays):
        await work.session.refresh(customer, ["phones"])
    return stays


async def erase_customer(work: Work, customer_id: UUID, *, confirm: str) -> Customer:
    """Wipe name, note and numbers for ever; `confirm` is the name, typed by hand."""
    customer = await hold_customer(work, customer_id)
    if confirm.strip() != customer.name:
        raise InvalidField("confirm", "does_not_match", "Type the name of the customer.")
    customer.name = customer.note = ""
    customer.phones.clear()
    customer.erased_at = work.now
    customer.version += 1
    work.trace("customer.erased", "customer", customer.id, project_id=customer.project_id)
    work.tell(customer_changed(customer.id, project_id=customer.project_id))
    return customer
