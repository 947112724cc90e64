"""The carriers' price table: replaced as a whole, looked up by the longest prefix."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select

from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import require_centre
from centrala.kit.work import Work
from centrala.telephony.trunks.errors import PricesUnreadable
from centrala.telephony.trunks.models import DialPrice
from centrala.telephony.trunks.prices import Unreadable, read_prices
from centrala.telephony.trunks.schemas_dialling import PricesIn

SORTS: Final[Sorts] = {
    "prefix": DialPrice.prefix,
    "name": folded(DialPrice.name),
    "per_minute": DialPrice.per_minute,
}
_BATCH: Final = 5_000  # rows of one statement; each has four parameters, of which PostgreSQL takes 65,535


async def list_prices(work: Work, query: ListQuery) -> Slice[DialPrice]:
    statement = select(DialPrice)
    if query.q:
        statement = statement.where(matches(query.q, DialPrice.name, DialPrice.prefix))
    return await fetch(work.session, statement, query, SORTS, DialPrice.prefix)


async def replace_prices(work: Work, form: PricesIn) -> int:
    """Put the table of `form` in the place of the old one; returns how many lines it has."""
    require_centre(work)
    try:
        prices = read_prices(form.csv)
    except Unreadable as error:
        raise PricesUnreadable(extra={"line": error.line, "why": error.why}) from error
    await work.session.execute(delete(DialPrice))
    rows = [
        {"prefix": one.prefix, "name": one.name, "per_minute": one.per_minute, "currency": form.currency}
        for one in prices
    ]
    for start in range(0, len(rows), _BATCH):
        await work.session.execute(insert(DialPrice), rows[start : start + _BATCH])
    work.trace("dial_prices.replaced", "dial_prices", "*", rows=len(rows), currency=form.currency)
    return len(rows)


def _prefixes(number: str) -> Sequence[str]:
    digits = number.removeprefix("+")
    return [digits[:length] for length in range(1, len(digits) + 1)]


async def price_of(work: Work, number: str) -> int:
    """What a minute to a number costs in minor units; 0 where no price is known."""
    if not number.startswith("+"):
        return 0
    query = (
        select(DialPrice.per_minute)
        .where(DialPrice.prefix.in_(_prefixes(number)))
        .order_by(func.length(DialPrice.prefix).desc())
        .limit(1)
    )
    return await work.session.scalar(query) or 0
