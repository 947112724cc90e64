from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from centrala.customers.errors import Erased, Merged
from centrala.customers.models import Customer, CustomerPhone
from centrala.customers.schemas import CustomerOut, CustomerPhoneClear, CustomerPhoneOut, CustomerRevealed, Mark
from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.http import same_version
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.personal import Kind, Masked, mask
from centrala.kit.phones import phone_number
from centrala.kit.search import folded
from centrala.kit.verbs import may, require
from centrala.kit.work import Work

SORTS: Final[Sorts] = {
    "name": folded(Customer.name),
    "created_at": Customer.created_at,
}
MIN_PHONE_DIGITS: Final = 7  # a shorter search text is not taken for a telephone number
MOST_NAMED: Final = 1_000  # customers that a name finds, the newest
_HEADER: Final = ("name", "language", "mark", "phones", "note", "created_at", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilters:
    """What a list of customers is narrowed to."""

    project_id: UUID | None = None
    mark: Mark | None = None


def normal_number(number: str, *, field: str = "number") -> str:
    """E.164 of a number as it was typed or came with a call; raises `InvalidField`."""
    return phone_number(number, region=None, field=field)


async def list_customers(work: Work, query: ListQuery, filters: CustomerFilters) -> Slice[CustomerOut]:
    found = await fetch(work.session, _matching(query, filters), query, SORTS, Customer.id)
    return Slice(rows=[shown(work, row) for row in found.rows], total=found.total)


async def export_customers(work: Work, query: ListQuery, filters: CustomerFilters) -> str:
    """The list as CSV, masked like the list, with a trace."""
    require(work, Permission.EXPORT)
    rows = [row async for row in all_rows(work.session, _matching(query, filters), query, SORTS, Customer.id)]
    work.trace("customers.exported", "customers", "*", rows=len(rows))
    return csv_text(_HEADER, (_cells(row) for row in rows))


def _cells(row: Customer) -> tuple[object, ...]:
    phones = [mask(Kind.PHONE, phone.e164) for phone in row.phones]
    return (row.name, row.language, row.mark, phones, row.note, row.created_at.isoformat(), row.id)


async def read_customer(work: Work, customer_id: UUID) -> CustomerOut:
    return shown(work, await load_customer(work, customer_id))


async def customer_by_number(work: Work, project_id: UUID, e164: str) -> Customer | None:
    """Who of a project's customers has the number; None when nobody has."""
    query = (
        select(Customer)
        .join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
        .where(CustomerPhone.project_id == project_id, CustomerPhone.e164 == e164)
        .options(selectinload(Customer.phones))
    )
    found: Customer | None = await work.session.scalar(query)
    return found


async def read_by_number(work: Work, project_id: UUID, number: str) -> CustomerOut:
    found = await customer_by_number(work, project_id, normal_number(number))
    if found is None:
        raise NotFound
    return shown(work, found)


async def names_of(work: Work, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of customers by their ids, for lists of what they did."""
    if not ids:
        return {}
    query = select(Customer.id, Customer.name).where(Customer.id.in_(ids))
    return {row.id: row.name for row in await work.session.execute(query)}


async def ids_by_name(work: Work, q: str, *, most: int) -> Sequence[UUID]:
    """Customers in whose names each word of `q` begins a word, at most so many, the newest."""
    return (await work.session.scalars(select(func.centrala_named(q.replace("\x00", " "), most)))).all()


async def reveal_customer(work: Work, customer_id: UUID) -> CustomerRevealed:
    """The numbers; the trace leaves with them in one transaction."""
    customer = await load_customer(work, customer_id)
    work.trace("customer.revealed", "customer", customer_id, project_id=customer.project_id)
    return CustomerRevealed(phones=[CustomerPhoneClear(id=one.id, number=one.e164) for one in customer.phones])


async def load_customer(work: Work, customer_id: UUID, *, lock: bool = False) -> Customer:
    query = select(Customer).where(Customer.id == customer_id).options(selectinload(Customer.phones))
    customer: Customer | None = await work.session.scalar(query.with_for_update() if lock else query)
    if customer is None:
        raise NotFound
    return customer


async def hold_customer(work: Work, customer_id: UUID, *, read: int | None = None) -> Customer:
    """The card, locked for a change; `read` is the version that the sender has seen."""
    customer = await load_customer(work, customer_id, lock=True)
    if customer.erased_at is not None:
        raise Erased
    if customer.merged_into is not None:
        raise Merged(customer.merged_into)

    async def current() -> CustomerOut:
        return shown(work, customer)

    if read is not None:
        await same_version(customer, read, current)
    return customer


def shown(work: Work, customer: Customer) -> CustomerOut:
    revealable = may(work, Permission.INTERACTIONS_REVEAL)
    phones = [
        CustomerPhoneOut(id=one.id, number=Masked.of(Kind.PHONE, one.e164, revealable=revealable), label=one.label)
        for one in customer.phones
    ]
    return CustomerOut(
        id=customer.id,
        project_id=customer.project_id,
        name=customer.name,
        language=customer.language,
        note=customer.note,
        mark=Mark(customer.mark),
        phones=phones,
        created_at=customer.created_at,
        merged_into=customer.merged_into,
        erased_at=customer.erased_at,
        version=customer.version,
    )


def _matching(query: ListQuery, filters: CustomerFilters) -> Select[Customer]:
    rows = select(Customer).options(selectinload(Customer.phones)).where(Customer.merged_into.is_(None))
    if filters.project_id is not None:
        rows = rows.where(Customer.project_id == filters.project_id)
    if filters.mark is not None:
        rows = rows.where(Customer.mark == filters.mark)
    if query.q is None or not query.q.strip():
        return rows
    digits = "".join(character for character in query.q if character.isdecimal()).removeprefix("00")
    if len(digits) >= MIN_PHONE_DIGITS:
        owner = select(CustomerPhone.customer_id).where(CustomerPhone.e164 == f"+{digits}")
        return rows.where(Customer.id.in_(owner))
    named = select(func.centrala_named(query.q.replace("\x00", " "), MOST_NAMED))
    return rows.where(Customer.id.in_(named))
