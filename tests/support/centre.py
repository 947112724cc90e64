"""A small centre in the store for tests of routing: a project with queues, people who serve them, breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.work import work
from centrala.routing.schemas import BreakIn, MemberForm, MembersIn, QueueIn, QueueRules
from centrala.routing.service import OperatorId, QueueId, create_break, create_queue, set_members
from centrala.security.service import Role
from support.people import Person, make_person, make_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Ids as the router has them, in the order of their making."""

    project: UUID
    queues: tuple[QueueId, ...]
    people: tuple[Person, ...]
    breaks: Mapping[str, UUID]

    @property
    def operators(self) -> tuple[OperatorId, ...]:
        return tuple(OperatorId(str(one.id)) for one in self.people)

    @property
    def wall(self) -> Wall:
        return Wall(centre=True, projects=frozenset({ProjectId(self.project)}))


async def make_centre(
    database: Database,
    clock: Clock,
    *,
    queues: Sequence[Mapping[str, Any]] = ({},),
    people: int = 2,
    project: UUID | None = None,
    prefix: str = "Queue",
) -> Centre:
    """Queues with these rules, and people who serve all of them."""
    project = project or await make_project(database, clock)
    staff = [await make_person(database, clock, Role.OPERATOR, projects=(project,)) for _ in range(people)]
    ids = []
    async with work(database, Wall(centre=True, projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        for place, rules in enumerate(queues):
            form = QueueIn(project_id=project, name=f"{prefix} {place}", rules=QueueRules.model_validate(rules))
            queue = await create_queue(unit, form)
            members = [MemberForm(person_id=one.id) for one in staff]
            await set_members(unit, queue.id, MembersIn(members=members))
            ids.append(QueueId(str(queue.id)))
        breaks = {
            name: (await create_break(unit, BreakIn(name=f"{prefix} {name}", planned_minutes=minutes, cap=cap))).id
            for name, minutes, cap in (("lunch", 30, None), ("short", 10, 1))
        }
    return Centre(project=project, queues=tuple(ids), people=tuple(staff), breaks=breaks)
