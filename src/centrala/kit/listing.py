"""Lists as every room answers them: paged, sorted by an allow-list, searched, exported.

A sort order never reaches SQL as text: the request names a key of the room's `Sorts` table.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from centrala.kit.errors import InvalidField

MAX_PAGE_SIZE: Final = 200  # rows
MAX_PAGE: Final = 100_000
MAX_SEARCH: Final = 100  # characters
EXPORT_LIMIT: Final = 100_000  # rows of one CSV file

T = TypeVar("T")
Row = TypeVar("Row", bound=BaseModel)
Sorts = Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]]


class ListQuery(BaseModel):
    """What every list takes from its address."""

    page: int = 1
    page_size: int = 50
    sort: str | None = None
    q: str | None = None


async def list_query(
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 50,
    sort: Annotated[str | None, Query(max_length=60, description="A column, with - in front: descending.")] = None,
    q: Annotated[str | None, Query(max_length=MAX_SEARCH, description="Text to look for.")] = None,
) -> ListQuery:
    return ListQuery(page=page, page_size=page_size, sort=sort, q=q)


class Page(BaseModel, Generic[Row]):
    """One page of a list; `total` counts all rows that match."""

    items: list[Row]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """The rows of one page as the store has them."""

    rows: Sequence[T]
    total: int

    def page(self, query: ListQuery, show: Callable[[T], Row]) -> Page[Row]:
        return Page(
            items=[show(row) for row in self.rows],
            total=self.total,
            page=query.page,
            page_size=query.page_size,
        )


def ordered(statement: Select[T], query: ListQuery, sorts: Sorts, tie: ColumnElement[Any] | Any) -> Select[T]:
    """The statement in the order that the request names; `tie` keeps pages from overlapping."""
    wanted = query.sort or next(iter(sorts))
    column = sorts.get(wanted.removeprefix("-"))
    if column is None:
        known = ", ".join(sorts)
        raise InvalidField("sort", "unknown_sort", f"Sort by one of: {known}.", known=list(sorts))
    direction = column.desc() if wanted.startswith("-") else column.asc()
    return statement.order_by(direction.nulls_last(), tie)


async def fetch(
    session: AsyncSession,
    statement: Select[T],
    query: ListQuery,
    sorts: Sorts,
    tie: ColumnElement[Any] | Any,
) -> Slice[T]:
    """One page of the statement's rows and the count of all of them."""
    offset = (query.page - 1) * query.page_size
    page = ordered(statement, query, sorts, tie).limit(query.page_size).offset(offset)
    rows = (await session.scalars(page)).unique().all()
    if 0 < len(rows) < query.page_size or (not rows and not offset):
        return Slice(rows=rows, total=offset + len(rows))  # the last page knows the total
    count = select(func.count()).select_from(statement.order_by(None).subquery())
    return Slice(rows=rows, total=await session.scalar(count) or 0)


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that spreadsheets run as a formula (OWASP, CSV injection)."""


def csv_cell(value: Any) -> str:
    """A value as a CSV cell: lists joined, nothing that a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple, set, frozenset)):
        value = ", ".join(str(item) for item in value)
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV (RFC 4180) with a byte-order mark, so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


async def all_rows(
    session: AsyncSession,
    statement: Select[T],
    query: ListQuery,
    sorts: Sorts,
    tie: ColumnElement[Any] | Any,
) -> AsyncIterator[T]:
    """Every row of the list in its order, for an export."""
    limited = ordered(statement, query, sorts, tie).limit(EXPORT_LIMIT)
    for row in (await session.scalars(limited)).unique():
        yield row
