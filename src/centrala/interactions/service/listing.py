"""Contacts as people look for them: by number, person, time, queue, outcome, words of the note.

A million rows are searched, so the order and the filters are those that an index answers, the count stops at
`MOST_COUNTED`, and pages end there too: who has more narrows the search.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true

from centrala.customers import service as customers
from centrala.interactions.core import Result
from centrala.interactions.models import Interaction, RecordingFile
from centrala.interactions.schemas import Channel, Direction, InteractionOut, InteractionPage
from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField
from centrala.kit.listing import ListQuery, Sorts, csv_text, ordered
from centrala.kit.personal import Kind, Masked, mask
from centrala.kit.verbs import may, require
from centrala.kit.work import Work

MOST_COUNTED: Final = 10_000  # contacts; further pages are not answered
MOST_NOTED: Final = 100  # contacts whose notes have the words, the newest
MOST_CUSTOMERS: Final = 200  # customers whose name fits
MOST_EXPORTED: Final = 100_000  # rows of one CSV file
SORTED_SPAN: Final = timedelta(days=31)  # searched when the order is not that of time and no span is given
MIN_PHONE_DIGITS: Final = 7  # a shorter search text is not taken for a telephone number

SORTS: Final[Sorts] = {
    "-came_at": Interaction.came_at,
    "came_at": Interaction.came_at,
    "wait_seconds": Interaction.wait_seconds,
    "talk_seconds": Interaction.talk_seconds,
    "rating": Interaction.rating,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionFilters:
    """What a list of contacts is narrowed to."""

    since: datetime | None = None
    until: datetime | None = None
    project_id: UUID | None = None
    queue_id: UUID | None = None
    operator_id: UUID | None = None
    customer_id: UUID | None = None
    channel: Channel | None = None
    direction: Direction | None = None
    result: Result | None = None
    cause_id: UUID | None = None
    outcome_id: UUID | None = None
    number: str | None = None
    rated_at_most: int | None = None
    open_only: bool = False


async def list_interactions(work: Work, query: ListQuery, filters: InteractionFilters) -> InteractionPage:
    """A page of contacts and how many there are, counted up to `MOST_COUNTED`."""
    offset = (query.page - 1) * query.page_size
    if offset >= MOST_COUNTED:
        raise InvalidField("page", "too_far", f"Only the first {MOST_COUNTED} are shown; narrow the search.")
    matching, more = await _matching(work, query, filters)
    page = _ordered(matching, query).limit(query.page_size).offset(offset)
    rows = (await work.session.scalars(page)).all()
    total = offset + len(rows)
    if len(rows) == query.page_size or (not rows and offset):
        some = matching.with_only_columns(Interaction.id).order_by(None).limit(MOST_COUNTED + 1).subquery()
        total = await work.session.scalar(select(func.count()).select_from(some)) or 0
    return InteractionPage(
        items=await shown(work, rows),
        total=min(total, MOST_COUNTED),
        total_capped=more or total > MOST_COUNTED,
        page=query.page,
        page_size=query.page_size,
    )


def _ordered(matching: Select[Interaction], query: ListQuery) -> Select[Interaction]:
    """In the order that the request names. Every contact has its moment: `NULLS LAST` would keep the indexes out."""
    wanted = query.sort or "-came_at"
    if wanted.removeprefix("-") != "came_at":
        return ordered(matching, query, SORTS, Interaction.id)
    column = Interaction.came_at
    return matching.order_by(column.desc() if wanted.startswith("-") else column.asc(), Interaction.id)


_HEADER: Final = (
    "came_at", "channel", "direction", "party", "party_name", "customer_name", "called_number", "language", "queue_id",
    "operator_id", "answered_at", "ended_at", "result", "wait_seconds", "talk_seconds", "hold_seconds",
    "wrap_up_seconds", "transfers", "rating", "cause_id", "outcome_id", "note", "project_id", "id",
)  # fmt: skip


async def export_interactions(work: Work, query: ListQuery, filters: InteractionFilters) -> str:
    """The list as CSV, masked like the list, with a trace."""
    require(work, Permission.EXPORT)
    matching, _ = await _matching(work, query, filters)
    rows = (await work.session.scalars(_ordered(matching, query).limit(MOST_EXPORTED))).all()
    work.trace("interactions.exported", "interactions", "*", rows=len(rows))
    return csv_text(_HEADER, (_cells(one) for one in await shown(work, rows)))


def _cells(one: InteractionOut) -> Sequence[object]:
    cells: dict[str, Any] = {**one.model_dump(mode="json"), "party": one.party.masked}
    return [cells[name] for name in _HEADER]


async def shown(work: Work, rows: Sequence[Interaction]) -> list[InteractionOut]:
    """Contacts as the reader may see them."""
    names = await customers.names_of(work, {row.customer_id for row in rows if row.customer_id is not None})
    counts = await _recordings(work, [row.id for row in rows])
    return [InteractionOut.model_validate(fields_of(work, row, names, counts[row.id])) for row in rows]


def fields_of(work: Work, row: Interaction, names: Any, recordings: int) -> dict[str, Any]:
    known = may(work, Permission.CUSTOMERS_READ)

    def seen(name: str | None) -> str | None:
        return name if known or not name else mask(Kind.NAME, name)

    own = {name: getattr(row, name) for name in InteractionOut.model_fields if hasattr(Interaction, name)}
    return {
        **own,
        "party": Masked.of(Kind.PHONE, row.party_number, revealable=may(work, Permission.INTERACTIONS_REVEAL)),
        "party_name": seen(row.party_name),
        "customer_name": seen(names.get(row.customer_id)) if row.customer_id else None,
        "recordings": recordings,
    }


async def _recordings(work: Work, ids: Sequence[UUID]) -> Counter[UUID]:
    query = (
        select(RecordingFile.interaction_id, func.count())
        .where(RecordingFile.interaction_id.in_(ids))
        .group_by(RecordingFile.interaction_id)
    )
    rows = await work.session.execute(query)
    return Counter({row[0]: row[1] for row in rows})


async def _matching(work: Work, query: ListQuery, filters: InteractionFilters) -> tuple[Select[Interaction], bool]:
    """What fits, and whether there is more than is looked through."""
    since = filters.since
    if since is None and filters.until is None and (query.sort or "").removeprefix("-") not in {"", "came_at"}:
        since = work.now - SORTED_SPAN
    rows = select(Interaction).where(*_conditions(work, filters, since))
    if query.q is None or not query.q.strip():
        return rows, False
    condition, more = await _search(work, query.q, since, filters.until)
    return rows.where(condition), more


def _conditions(work: Work, filters: InteractionFilters, since: datetime | None) -> Iterable[ColumnElement[bool]]:
    equal = (
        (Interaction.project_id, filters.project_id or only_project(work)),
        (Interaction.queue_id, filters.queue_id),
        (Interaction.operator_id, filters.operator_id),
        (Interaction.customer_id, filters.customer_id),
        (Interaction.channel, filters.channel),
        (Interaction.direction, filters.direction),
        (Interaction.result, filters.result),
        (Interaction.cause_id, filters.cause_id),
        (Interaction.outcome_id, filters.outcome_id),
    )
    yield true()
    yield from (column == value for column, value in equal if value is not None)
    if since is not None:
        yield Interaction.came_at >= since
    if filters.until is not None:
        yield Interaction.came_at < filters.until
    if filters.number is not None and filters.number.strip():
        yield _of_number(filters.number)
    if filters.rated_at_most is not None:
        yield Interaction.rating <= filters.rated_at_most
    if filters.open_only:
        yield Interaction.ended_at.is_(None)


def only_project(work: Work) -> UUID | None:
    """The one project that the reader sees: named in the query, it lets an index give the order."""
    projects = work.access.wall.projects if work.access else frozenset()
    return next(iter(projects)) if len(projects) == 1 else None


def _of_number(typed: str) -> ColumnElement[bool]:
    """A whole number as people write numbers, or a user of SIP as it is; never a part of one."""
    text = typed.strip().replace("\x00", "")
    spellings = {text}
    digits = "".join(character for character in text if character.isdecimal()).removeprefix("00")
    if len(digits) >= MIN_PHONE_DIGITS:
        spellings |= {digits, f"+{digits}"}
    return Interaction.party_number.in_(sorted(spellings))


async def _search(
    work: Work, q: str, since: datetime | None, until: datetime | None
) -> tuple[ColumnElement[bool], bool]:
    """Words of the note; a whole number; and names, for those who see customers. And whether there is more."""
    text = q.strip().replace("\x00", " ")
    if sum(character.isdecimal() for character in text) >= MIN_PHONE_DIGITS and not any(map(str.isalpha, text)):
        return _of_number(text), False
    noted = func.centrala_noted(text, since, until, MOST_NOTED)
    ids = (await work.session.scalars(select(noted))).all()
    found: list[ColumnElement[bool]] = [Interaction.id.in_(ids)] if ids else []
    people: Sequence[UUID] = ()
    if may(work, Permission.CUSTOMERS_READ):
        people = await customers.ids_by_name(work, text, most=MOST_CUSTOMERS)
    if people:
        found.append(Interaction.customer_id.in_(people))
    more = len(ids) == MOST_NOTED or len(people) == MOST_CUSTOMERS
    return (or_(*found) if found else false()), more
