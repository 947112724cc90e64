"""Queues of the sample centre by topic, who serves them, and breaks."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from centrala.kit.listing import ListQuery
from centrala.kit.work import Work
from centrala.node.demo_people import CARD, ORBITA, PEOPLE, TAXI, Sample
from centrala.projects import service as projects
from centrala.routing import schemas as forms
from centrala.routing import service as routing
from centrala.security.service import Role

OWN_LEVEL: Final = 6  # whose skill is this good serves the queue first, others help

BREAKS: Final = (
    ("Lunch", 30, None, False),
    ("Short break", 10, 4, True),
    ("Training", 60, 6, True),
    ("Technical", 15, None, True),
)
"""Name, planned minutes, how many at once, paid."""


@dataclass(frozen=True, slots=True)
class SampleQueue:
    """A queue; `skill` is what its people need, at `level`."""

    project: str
    name: str
    skill: str
    level: int
    note: str = ""
    rules: dict[str, Any] = field(default_factory=dict)
    thresholds: dict[str, Any] = field(default_factory=dict)
    round_the_clock: bool = False


_PATIENT: Final = {"announce_first": 20, "announce_every": 45, "callback_after": 90}
QUEUES: Final = (
    SampleQueue(
        ORBITA,
        "Faults",
        "Internet faults",
        4,
        "Lines, routers, television",
        {**_PATIENT, "wrap_up": 40, "last_operator_first": True, "steps": [{"after": 45, "levels_down": 2}]},
        {"waiting": 5, "longest_wait": 90, "service_level": 0.7},
        round_the_clock=True,
    ),
    SampleQueue(ORBITA, "Bills", "Tariffs and bills", 5, "Invoices and tariffs", {**_PATIENT, "wrap_up": 30}),
    SampleQueue(ORBITA, "New connections", "Sales", 4, "", {"target": 15, "strategy": "best_fit"}, {"free": 1}),
    SampleQueue(
        TAXI,
        "Orders",
        "Taxi orders",
        4,
        "A car, as soon as possible",
        {"target": 10, "ring": 12, "wrap_up": 8, "announce_first": 15},
        {"waiting": 4, "longest_wait": 40, "service_level": 0.8, "free": 1},
    ),
    SampleQueue(TAXI, "Complaints", "Taxi orders", 7, "Lost things, rides gone wrong", {"wrap_up": 60}),
    SampleQueue(
        CARD,
        "Lost cards",
        "Cards",
        4,
        "Blocks a card at once",
        {"target": 10, "priority": 3, "wrap_up": 20, "announce_first": 15},
        {"waiting": 2, "longest_wait": 20, "free": 1},
    ),
    SampleQueue(CARD, "Payments", "Cards", 5, "Limits, disputed payments", {**_PATIENT, "wrap_up": 45}),
    SampleQueue(CARD, "Loans", "Sales", 5, "", {"strategy": "fewest_contacts"}),
)


async def make_routing(
    unit: Work, *, projects_made: dict[str, UUID], skills: dict[str, UUID], people: dict[str, UUID]
) -> dict[tuple[str, str], UUID]:
    """Everything of routing; returns the queues by project's code and name."""
    made = {}
    calendars = {code: await _calendar(unit, project) for code, project in projects_made.items()}
    for sample in QUEUES:
        form = forms.QueueIn.model_validate(
            {
                "project_id": projects_made[sample.project],
                "name": sample.name,
                "note": sample.note,
                "rules": {"language_level": 3, "skills": {skills[sample.skill]: sample.level}, **sample.rules},
                "thresholds": sample.thresholds,
                "calendar_id": None if sample.round_the_clock else calendars[sample.project],
            }
        )
        queue = await routing.create_queue(unit, form)
        members = [
            forms.MemberForm(person_id=people[person.name], rank=0 if level >= OWN_LEVEL else 1)
            for person in PEOPLE
            if (level := _level(person, sample)) >= sample.level - 2
        ]
        await routing.set_members(unit, queue.id, forms.MembersIn(members=members))
        made[sample.project, sample.name] = queue.id
    for name, minutes, cap, paid in BREAKS:
        await routing.create_break(unit, forms.BreakIn(name=name, planned_minutes=minutes, cap=cap, paid=paid))
    return made


def _level(person: Sample, queue: SampleQueue) -> int:
    """How well somebody who takes calls of the project knows the queue's subject; 0: not at all."""
    if queue.project not in person.projects or not {Role.OPERATOR, Role.SENIOR} & set(person.roles):
        return 0
    return dict(person.skills).get(queue.skill, 0)


async def _calendar(unit: Work, project: UUID) -> UUID:
    found = await projects.list_calendars(unit, ListQuery(), project_id=project)
    return found.rows[0].id
