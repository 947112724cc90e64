"""What the tables lay down for the router, and what the board wants to know of queues and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE, Permission, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.work import Work, work
from centrala.people.service import Colleague, active_colleagues
from centrala.projects.core import Plan, is_open
from centrala.projects.service import plan_of, read_calendar
from centrala.projects.service.sight import Project, all_project_ids
from centrala.routing.core.settings import (
    Channel,
    OperatorId,
    OverflowRule,
    Profile,
    QueueId,
    QueueSettings,
    RelaxStep,
    Settings,
    Target,
)
from centrala.routing.models import (
    BreakReasonRow,
    CentreBreaksRow,
    DeskCheckRow,
    OperatorChoiceRow,
    OperatorRoutingRow,
    QueueOperatorRow,
    QueueRow,
)
from centrala.routing.schemas import USUAL_CAPACITY, QueueRules, RingsOn, TargetForm, Thresholds
from centrala.security.service import permissions_of

NO_QUEUE: Final = QueueId("-")
"""A queue that nobody serves and nothing enters: the home of contacts that came by no queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueInfo:
    """A queue beyond what the router needs. `plan` is None for one that is always open."""

    id: UUID
    project_id: UUID
    name: str
    zone: ZoneInfo
    rules: QueueRules
    thresholds: Thresholds
    plan: Plan | None
    music_prompt_id: UUID | None
    announcement_prompt_id: UUID | None
    operator_may_hang_up: bool

    def is_open(self, at: datetime) -> bool:
        """By the calendar, at an aware moment."""
        return self.plan is None or is_open(self.plan, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakInfo:
    id: UUID
    name: str
    planned_seconds: float
    cap: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInfo:
    """An operator beyond what the router needs: what the supervisor allows, and what they chose of it."""

    id: UUID
    given_name: str
    family_name: str
    capacity: Mapping[Channel, int] = field(default_factory=lambda: USUAL_CAPACITY)
    off: frozenset[Channel] = frozenset()
    rings_on: RingsOn = RingsOn.ALL

    @property
    def taken(self) -> Mapping[Channel, int]:
        """What the router may give: without what is switched off, unless that would leave nothing."""
        return {channel: most for channel, most in self.capacity.items() if channel not in self.off} or self.capacity


@dataclass(frozen=True, slots=True)
class Check:
    """A person's last check of their desk."""

    at: float
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Everything that the tables lay down, at one moment."""

    settings: Settings
    profiles: Mapping[OperatorId, Profile] = field(default_factory=dict)
    queues: Mapping[QueueId, QueueInfo] = field(default_factory=dict)
    people: Mapping[OperatorId, PersonInfo] = field(default_factory=dict)
    breaks: Mapping[str, BreakInfo] = field(default_factory=dict)
    checks: Mapping[OperatorId, Check] = field(default_factory=dict)
    projects: frozenset[UUID] = frozenset()
    client_ends: frozenset[UUID] = frozenset()
    """Projects whose operators may not hang up."""


NOTHING_LAID: Final = Laid(settings=Settings(queues=(QueueSettings(id=NO_QUEUE, wrap_up=0.0),)))


async def load(database: Database, clock: Clock) -> Laid:
    """Read the tables, with the eyes of the program."""
    async with database.begin(CENTRE) as session:
        projects = frozenset(await all_project_ids(session))
    async with work(database, Wall(centre=True, projects=projects), clock=clock) as unit:
        queues = await _queues(unit)
        breaks = await _breaks(unit.session)
        cap = await unit.session.get(CentreBreaksRow, 1)
        people = await active_colleagues(unit)
        infos = await _people(unit.session, people)
        profiles = await _profiles(unit.session, people, infos, queues)
        checks = (await unit.session.scalars(select(DeskCheckRow))).all()
        client_ends = await unit.session.scalars(select(Project.id).where(~Project.operators_may_hang_up))
    return Laid(
        settings=Settings(
            queues=(*NOTHING_LAID.settings.queues, *(queue_settings(one.id, one.rules) for one in queues)),
            breaks={name: one.planned_seconds for name, one in breaks.items()},
            max_on_break=None if cap is None else cap.most,
        ),
        profiles=profiles,
        queues={QueueId(str(one.id)): one for one in queues},
        people={name: info for one, info in infos.items() if (name := OperatorId(str(one))) in profiles},
        breaks=breaks,
        checks={OperatorId(str(row.person_id)): Check(row.at.timestamp(), row.passed) for row in checks},
        projects=frozenset(projects),
        client_ends=frozenset(client_ends),
    )


def queue_settings(queue_id: UUID, rules: QueueRules) -> QueueSettings:
    """The rules of a form as the core takes them."""
    same = rules.model_dump(
        exclude={"skills", "priority", "steps", "overflow", "full", "too_long", "no_operator", "closed"}
    )
    return QueueSettings(
        id=QueueId(str(queue_id)),
        **same,
        steps=tuple(RelaxStep(**step.model_dump()) for step in rules.steps),
        overflow=tuple(OverflowRule(to=_target(one.to), after=one.after, place=one.place) for one in rules.overflow),
        full=_target(rules.full),
        too_long=_target(rules.too_long),
        no_operator=_target(rules.no_operator) if rules.no_operator is not None else None,
        closed=_target(rules.closed),
    )


def _target(form: TargetForm) -> Target:
    return Target(form.kind, form.value)


async def _queues(unit: Work) -> list[QueueInfo]:
    query = (
        select(QueueRow, Project.time_zone)
        .join(Project, Project.id == QueueRow.project_id)
        .where(QueueRow.archived_at.is_(None), Project.archived_at.is_(None))
        .order_by(QueueRow.id)
    )
    rows = (await unit.session.execute(query)).all()
    plans = {
        calendar_id: plan_of(await read_calendar(unit, calendar_id))
        for calendar_id in {row.calendar_id for row, _ in rows if row.calendar_id is not None}
    }
    return [
        QueueInfo(
            id=row.id,
            project_id=row.project_id,
            name=row.name,
            zone=ZoneInfo(zone),
            rules=QueueRules.model_validate(row.rules),
            thresholds=Thresholds.model_validate(row.thresholds),
            plan=plans[row.calendar_id] if row.calendar_id is not None else None,
            music_prompt_id=row.music_prompt_id,
            announcement_prompt_id=row.announcement_prompt_id,
            operator_may_hang_up=row.operator_may_hang_up,
        )
        for row, zone in rows
    ]


async def _breaks(session: AsyncSession) -> dict[str, BreakInfo]:
    rows = await session.scalars(select(BreakReasonRow).order_by(BreakReasonRow.id))
    return {
        str(row.id): BreakInfo(id=row.id, name=row.name, planned_seconds=row.planned_minutes * 60.0, cap=row.cap)
        for row in rows
    }


async def _people(session: AsyncSession, people: Mapping[UUID, Colleague]) -> dict[UUID, PersonInfo]:
    allowed = {row.person_id: row for row in await session.scalars(select(OperatorRoutingRow))}
    chosen = {row.person_id: row for row in await session.scalars(select(OperatorChoiceRow))}
    return {
        one.id: PersonInfo(
            id=one.id,
            given_name=one.given_name,
            family_name=one.family_name,
            capacity=capacity_of(allowed.get(one.id)),
            off=off_of(chosen.get(one.id)),
            rings_on=rings_on_of(chosen.get(one.id)),
        )
        for one in people.values()
    }


def capacity_of(row: OperatorRoutingRow | None) -> Mapping[Channel, int]:
    """What a supervisor allows a person."""
    return USUAL_CAPACITY if row is None else {Channel(name): most for name, most in row.capacity.items()}


def off_of(row: OperatorChoiceRow | None) -> frozenset[Channel]:
    """What a person does not take now."""
    return frozenset() if row is None else frozenset(Channel(name) for name in row.channels_off)


def rings_on_of(row: OperatorChoiceRow | None) -> RingsOn:
    return RingsOn.ALL if row is None else RingsOn(row.rings_on)


async def _profiles(
    session: AsyncSession,
    people: Mapping[UUID, Colleague],
    infos: Mapping[UUID, PersonInfo],
    queues: Sequence[QueueInfo],
) -> dict[OperatorId, Profile]:
    """Everybody who serves a queue or may take contacts at all."""
    known = {one.id for one in queues}
    served: dict[UUID, dict[QueueId, int]] = {}
    for row in await session.scalars(select(QueueOperatorRow)):
        if row.queue_id in known:
            served.setdefault(row.person_id, {})[QueueId(str(row.queue_id))] = row.rank
    return {
        OperatorId(str(one.id)): Profile(
            id=OperatorId(str(one.id)),
            queues=dict(sorted(served.get(one.id, {}).items())),
            skills={str(skill): level for skill, level in one.skills.items()},
            languages=dict(one.languages),
            capacity=infos[one.id].taken,
        )
        for one in people.values()
        if one.id in served or Permission.WORK_OWN in permissions_of(one.roles)
    }
