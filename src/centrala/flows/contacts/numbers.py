"""Numbers that operators type, as they are written in the project's country; refused before anything rings."""

from typing import Final
from uuid import UUID

from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.errors import InvalidField
from centrala.kit.ids import ProjectId
from centrala.kit.phones import phone_number
from centrala.kit.work import work
from centrala.projects.service.sight import country_of
from centrala.telephony.trunks.rights import Kind
from centrala.telephony.trunks.service import assess

_REFUSED: Final = "This number may not be called."


async def outside_number(
    database: Database, clock: Clock, typed: str, *, person_id: UUID | None, project_id: UUID
) -> str:
    """The number in E.164; of emergency and other short numbers, which belong to where the centre is, the digits.

    Raises `InvalidField` for `number`: what it is not, or which rule of dialling forbids it.
    """
    wall = Wall(centre=True, projects=frozenset({ProjectId(project_id)}))
    async with work(database, wall, clock=clock) as unit:
        found = await assess(unit, typed, person_id=person_id, project_id=project_id)
        short = found.dialled.number.isdecimal() and found.dialled.kind is not Kind.UNKNOWN
        if not short:
            number = phone_number(typed, region=await country_of(unit, project_id), field="number")
            found = await assess(unit, number, person_id=person_id, project_id=project_id)
    if found.verdict.why is not None:
        raise InvalidField("number", found.verdict.why.value, _REFUSED, cap=found.verdict.allowed)
    return found.dialled.number
