"""Call detail records: calls as people look for them, with their parties masked."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, false, or_, select

from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.personal import Kind, Masked, mask
from centrala.kit.verbs import may, require
from centrala.kit.work import Work
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import Direction
from centrala.telephony.calls.models import CallRow, LegRow
from centrala.telephony.calls.schemas import CallDetails, CallNumbers, CallOut, LegNumbers, LegOut

MIN_DIGITS: Final = 7  # a shorter text of digits is a user of SIP, not the telephone number of somebody

_TALK: Final = CallRow.ended_at - CallRow.answered_at
SORTS: Final[Sorts] = {
    "-started_at": CallRow.started_at,
    "started_at": CallRow.started_at,
    "talk_seconds": _TALK,
    "cause": CallRow.cause,
    "direction": CallRow.direction,
}
_HEADER: Final = (
    "started_at", "answered_at", "ended_at", "talk_seconds", "direction", "caller", "callee", "project_id", "cause",
    "sip_status", "q850", "hung_up_by", "trunk_ids", "mos", "id",
)  # fmt: skip
_SPACING: Final = re.compile(r"[\s()./-]")


class CallFilters(BaseModel):
    """What a list of calls is narrowed to."""

    since: datetime | None = None
    until: datetime | None = None
    direction: Direction | None = None
    cause: Cause | None = None
    project_id: UUID | None = None
    trunk_id: UUID | None = None


async def list_calls(work: Work, query: ListQuery, filters: CallFilters) -> Slice[CallOut]:
    """A page of calls; `query.q` is a whole number and finds nothing for those who may not reveal it."""
    found = await fetch(work.session, _filtered(work, query, filters), query, SORTS, CallRow.id)
    return Slice(rows=await _shown(work, found.rows), total=found.total)


async def export_calls(work: Work, query: ListQuery, filters: CallFilters) -> str:
    """The same list as CSV, masked as on the page; leaves a trace."""
    require(work, Permission.EXPORT)
    rows = [row async for row in all_rows(work.session, _filtered(work, query, filters), query, SORTS, CallRow.id)]
    legs = await _legs_of(work, rows)
    work.trace("calls.exported", "calls", "list", rows=len(rows))
    return csv_text(_HEADER, (_cells(row, legs.get(row.id, ())) for row in rows))


async def read_call(work: Work, call_id: UUID) -> CallDetails:
    call = await find_call(work, call_id)
    legs = await legs_of(work, call_id)
    revealable = may(work, Permission.CALLS_REVEAL)
    return CallDetails(
        **_call(call, legs, revealable=revealable).model_dump(), legs=[_leg(leg, revealable=revealable) for leg in legs]
    )


async def reveal_call(work: Work, call_id: UUID) -> CallNumbers:
    """The parties in the clear; the trace leaves with them in one transaction."""
    call = await find_call(work, call_id)
    legs = await legs_of(work, call_id)
    work.trace("call.revealed", "call", call_id, project_id=call.project_id)
    return CallNumbers(
        caller=call.caller,
        callee=call.callee,
        legs=[LegNumbers(id=leg.id, peer=leg.peer, display=leg.display, local=leg.local) for leg in legs],
    )


async def find_call(work: Work, call_id: UUID) -> CallRow:
    call = await work.session.scalar(select(CallRow).where(CallRow.id == call_id))
    if call is None:
        raise NotFound
    return call


async def legs_of(work: Work, call_id: UUID) -> Sequence[LegRow]:
    query = select(LegRow).where(LegRow.call_id == call_id).order_by(LegRow.started_at, LegRow.id)
    return (await work.session.scalars(query)).all()


def _filtered(work: Work, query: ListQuery, filters: CallFilters) -> Select[CallRow]:
    rows = select(CallRow)
    equal: Iterable[tuple[Any, object]] = (
        (CallRow.direction, filters.direction),
        (CallRow.cause, filters.cause),
        (CallRow.project_id, filters.project_id),
    )
    rows = rows.where(*(column == value for column, value in equal if value is not None))
    if filters.since is not None:
        rows = rows.where(CallRow.started_at >= filters.since)
    if filters.until is not None:
        rows = rows.where(CallRow.started_at < filters.until)
    if filters.trunk_id is not None:
        rows = rows.where(_has_leg(LegRow.trunk_id == filters.trunk_id))
    if query.q is not None and query.q.strip():
        rows = rows.where(_of_number(query.q) if may(work, Permission.CALLS_REVEAL) else false())
    return rows


def _has_leg(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(LegRow.id).where(LegRow.call_id == CallRow.id, condition).exists()


def _of_number(typed: str) -> ColumnElement[bool]:
    """A whole number or user of SIP as it is, or as people write numbers; never a part of one."""
    text = typed.strip()
    spellings = {text}
    digits = _SPACING.sub("", text).removeprefix("+").removeprefix("00")
    if digits.isdecimal() and len(digits) >= MIN_DIGITS:
        spellings |= {digits, f"+{digits}"}
    columns = (CallRow.caller, CallRow.callee)
    return or_(
        *(column.in_(spellings) for column in columns),
        _has_leg(or_(LegRow.peer.in_(spellings), LegRow.local.in_(spellings))),
    )


async def _legs_of(work: Work, calls: Iterable[CallRow]) -> Mapping[UUID, Sequence[LegRow]]:
    found: defaultdict[UUID, list[LegRow]] = defaultdict(list)
    ids = [call.id for call in calls]
    for leg in await work.session.scalars(select(LegRow).where(LegRow.call_id.in_(ids)).order_by(LegRow.id)):
        found[leg.call_id].append(leg)
    return found


async def _shown(work: Work, calls: Sequence[CallRow]) -> list[CallOut]:
    legs = await _legs_of(work, calls)
    revealable = may(work, Permission.CALLS_REVEAL)
    return [_call(call, legs.get(call.id, ()), revealable=revealable) for call in calls]


def _call(call: CallRow, legs: Sequence[LegRow], *, revealable: bool) -> CallOut:
    return CallOut.model_validate(
        {
            **{name: getattr(call, name) for name in CallOut.model_fields if hasattr(CallRow, name)},
            "caller": Masked.of(Kind.PHONE, call.caller, revealable=revealable),
            "callee": Masked.of(Kind.PHONE, call.callee, revealable=revealable),
            **_figures(call, legs),
        }
    )


def _figures(call: CallRow, legs: Sequence[LegRow]) -> dict[str, Any]:
    talked = call.answered_at is not None and call.ended_at is not None
    return {
        "talk_seconds": (call.ended_at - call.answered_at).total_seconds() if talked else None,  # type: ignore[operator]  # both are there
        "trunk_ids": list(dict.fromkeys(leg.trunk_id for leg in legs if leg.trunk_id is not None)),
        "mos": min((leg.mos_received for leg in legs if leg.mos_received is not None), default=None),
    }


def _leg(leg: LegRow, *, revealable: bool) -> LegOut:
    masked = {
        "peer": Masked.of(Kind.PHONE, leg.peer, revealable=revealable),
        "display": Masked.of(Kind.NAME, leg.display, revealable=revealable),
        "local": Masked.of(Kind.PHONE, leg.local, revealable=revealable),
    }
    return LegOut.model_validate({**{name: getattr(leg, name) for name in LegOut.model_fields}, **masked})


def _cells(call: CallRow, legs: Sequence[LegRow]) -> Sequence[Any]:
    cells = {name: getattr(call, name, None) for name in _HEADER} | _figures(call, legs)
    cells["caller"], cells["callee"] = mask(Kind.PHONE, call.caller), mask(Kind.PHONE, call.callee)
    for name in ("started_at", "answered_at", "ended_at"):
        moment: datetime | None = cells[name]
        cells[name] = None if moment is None else moment.isoformat()
    return [cells[name] for name in _HEADER]
