from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from centrala.customers.errors import PhoneTaken, TooManyPhones
from centrala.customers.events import customer_changed
from centrala.customers.models import Customer, CustomerPhone
from centrala.customers.schemas import MAX_PHONES, CustomerChange, CustomerIn, CustomerOut, CustomerPhoneIn
from centrala.customers.service.read import customer_by_number, hold_customer, normal_number, shown
from centrala.kit.errors import InvalidField, NotFound, Refusal
from centrala.kit.ids import new_id
from centrala.kit.verbs import assign, refusing
from centrala.kit.work import Work
from centrala.projects.service import unknown_projects

_TAKEN: Final[Mapping[str, Callable[[], Refusal]]] = {"uq_customer_phones_project_id_e164": PhoneTaken}


async def create_customer(work: Work, form: CustomerIn) -> CustomerOut:
    if await unknown_projects(work, [form.project_id]):
        raise InvalidField("project_id", "unknown_reference", "There is no such project, or it is not yours to see.")
    customer = Customer(
        id=new_id(),
        project_id=form.project_id,
        name=form.name,
        language=form.language,
        note=form.note,
        mark=form.mark,
        created_at=work.now,
        phones=[],
    )
    async with refusing(work, _TAKEN):
        work.session.add(customer)
        await work.session.flush()
        for place, phone in enumerate(form.phones):
            await _add(work, customer, phone, field=f"phones.{place}.number")
    work.trace("customer.created", "customer", customer.id, project_id=customer.project_id)
    work.tell(customer_changed(customer.id, project_id=customer.project_id))
    return shown(work, customer)


async def change_customer(work: Work, customer_id: UUID, form: CustomerChange, *, read: int) -> CustomerOut:
    """Change what was sent; `read` is the version that the sender has seen."""
    customer = await hold_customer(work, customer_id, read=read)
    changed = assign(customer, form.sent())
    if changed:
        customer.version += 1
        _changed(work, customer, changed)
    return shown(work, customer)


async def add_phone(work: Work, customer_id: UUID, form: CustomerPhoneIn) -> CustomerOut:
    customer = await hold_customer(work, customer_id)
    if len(customer.phones) >= MAX_PHONES:
        raise TooManyPhones
    async with refusing(work, _TAKEN):
        await _add(work, customer, form, field="number")
        customer.version += 1
    _changed(work, customer, ["phones"])
    return shown(work, customer)


async def remove_phone(work: Work, customer_id: UUID, phone_id: UUID) -> CustomerOut:
    customer = await hold_customer(work, customer_id)
    phone = next((one for one in customer.phones if one.id == phone_id), None)
    if phone is None:
        raise NotFound
    customer.phones.remove(phone)
    customer.version += 1
    _changed(work, customer, ["phones"])
    return shown(work, customer)


async def _add(work: Work, customer: Customer, form: CustomerPhoneIn, *, field: str) -> None:
    e164 = normal_number(form.number, field=field)
    owner = await customer_by_number(work, customer.project_id, e164)
    if owner is not None:
        raise PhoneTaken(field, customer_id=owner.id)
    phone = CustomerPhone(
        id=new_id(), project_id=customer.project_id, customer_id=customer.id, e164=e164, label=form.label
    )
    customer.phones.append(phone)
    await work.session.flush()


def _changed(work: Work, customer: Customer, fields: list[str]) -> None:
    work.trace("customer.changed", "customer", customer.id, project_id=customer.project_id, fields=fields)
    work.tell(customer_changed(customer.id, project_id=customer.project_id))
