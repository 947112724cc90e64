"""Which of its numbers a project shows to those it calls."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.ids import new_id
from centrala.kit.verbs import refusing
from centrala.kit.work import Work
from centrala.telephony.trunks.errors import CallerIdTaken
from centrala.telephony.trunks.models import CallerId, Trunk
from centrala.telephony.trunks.schemas_dialling import CallerIdIn, CallerIdOut
from centrala.telephony.trunks.service.neighbours import number_of, numbers

_TAKEN: Final = {"uq_caller_ids_project_id_trunk_id": CallerIdTaken}


async def list_caller_ids(work: Work, *, project_id: UUID | None = None) -> Sequence[CallerIdOut]:
    query = select(CallerId, numbers.c.e164).join(numbers, numbers.c.id == CallerId.number_id).order_by(CallerId.id)
    if project_id is not None:
        query = query.where(CallerId.project_id == project_id)
    return [_out(row, e164) for row, e164 in await work.session.execute(query)]


async def create_caller_id(work: Work, form: CallerIdIn) -> CallerIdOut:
    """A number that is not the project's is never shown: carriers and the law forbid it."""
    e164 = await number_of(work, form.project_id, form.number_id)
    if e164 is None:
        raise InvalidField("number_id", "unknown_reference", "The project has no such number.")
    if form.trunk_id is not None and await work.session.get(Trunk, form.trunk_id) is None:
        raise InvalidField("trunk_id", "unknown_reference", "There is no such trunk.")
    row = CallerId(id=new_id(), **form.model_dump())
    async with refusing(work, _TAKEN):
        work.session.add(row)
    work.trace("caller_id.created", "caller_id", row.id, project_id=row.project_id, number=e164)
    return _out(row, e164)


async def remove_caller_id(work: Work, caller_id: UUID) -> None:
    row = await work.session.get(CallerId, caller_id)
    if row is None:
        raise NotFound
    await work.session.delete(row)
    work.trace("caller_id.removed", "caller_id", row.id, project_id=row.project_id)


async def shown_numbers(work: Work, project_id: UUID | None) -> dict[UUID | None, str]:
    """The number that a project shows by each trunk; under None: by all others."""
    if project_id is None:
        return {}
    return {one.trunk_id: one.e164 for one in await list_caller_ids(work, project_id=project_id)}


def shown_by(trunk: Trunk, chosen: dict[UUID | None, str]) -> str:
    """What the called person sees of a call by a trunk: the project's number, or else the trunk's own."""
    return chosen.get(trunk.id) or chosen.get(None) or trunk.default_number


def _out(row: CallerId, e164: str) -> CallerIdOut:
    return CallerIdOut(id=row.id, project_id=row.project_id, number_id=row.number_id, e164=e164, trunk_id=row.trunk_id)
