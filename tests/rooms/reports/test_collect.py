"""Visits follow the facts, are made anew on demand, and prove themselves."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from centrala.interactions.events import interaction_changed, interaction_finished
from centrala.interactions.models import Interaction, TimelineRow
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.outbox import ParkedRow, relay
from centrala.kit.work import work
from centrala.reports.models import VisitRow
from centrala.reports.service import collect
from conftest import TurnedClock

QUEUE, ANA = new_id(), new_id()
Line = tuple[str, float, dict[str, Any]]

ANSWERED: tuple[Line, ...] = (
    ("came", 0, {}),
    ("queued", 1, {"queue_id": QUEUE}),
    ("offered", 3, {"person_id": ANA}),
    ("answered", 6, {"person_id": ANA}),
    ("ended", 66, {"details": {"result": "answered"}}),
)
LEFT: tuple[Line, ...] = (
    ("came", 0, {}),
    ("queued", 1, {"queue_id": QUEUE}),
    ("ended", 31, {"details": {"result": "abandoned"}}),
)
WRAPPED_UP: tuple[Line, ...] = (("wrap_up_started", 66, {"person_id": ANA}), ("wrap_up_ended", 76, {"person_id": ANA}))


class Centre:
    """A project in which contacts happen."""

    def __init__(self, database: Database, clock: TurnedClock, project: UUID) -> None:
        self.database, self.clock, self.project = database, clock, project
        self.wall = Wall(centre=True, projects=frozenset({ProjectId(project)}))

    async def contact(self, *lines: Line, ago: timedelta = timedelta(hours=1), number: str = "", **more: Any) -> UUID:
        """A contact that came so long ago, with the fact that it is finished when its timeline has an end."""
        came, interaction = self.clock() - ago, new_id()
        ended = [second for kind, second, _ in lines if kind == "ended"]
        async with work(self.database, self.wall, clock=self.clock) as unit:
            unit.session.add(
                Interaction(
                    id=interaction,
                    project_id=self.project,
                    channel="voice",
                    party_number=number,
                    came_at=came,
                    ended_at=came + timedelta(seconds=ended[0]) if ended else None,
                    **{"direction": "in", **more},
                )
            )
            await unit.session.flush()
            unit.session.add_all(self._line(interaction, came, line) for line in lines)
            unit.tell(interaction_finished(interaction, project_id=self.project, result="answered"))
        return interaction

    async def tell(self, interaction: UUID, came: datetime, *lines: Line) -> None:
        async with work(self.database, self.wall, clock=self.clock) as unit:
            unit.session.add_all(self._line(interaction, came, line) for line in lines)
            unit.tell(interaction_changed(interaction, project_id=self.project))

    def _line(self, interaction: UUID, came: datetime, line: Line) -> TimelineRow:
        kind, second, more = line
        at = came + timedelta(seconds=second)
        return TimelineRow(project_id=self.project, interaction_id=interaction, at=at, kind=kind, **more)

    async def visits(self) -> list[VisitRow]:
        async with self.database.begin(self.wall) as session:
            query = select(VisitRow).order_by(VisitRow.entered_at, VisitRow.seq)
            return list(await session.scalars(query))

    async def count(self) -> None:
        await relay(self.database)
        await collect.catch_up(self.database)


@pytest.fixture
def centre(database: Database, clock: TurnedClock, project: UUID) -> Centre:
    return Centre(database, clock, project)


async def test_a_finished_contact_is_counted_with_the_next_facts_and_once(centre: Centre) -> None:
    interaction = await centre.contact(*ANSWERED)
    await centre.count()
    await centre.count()
    [visit] = await centre.visits()
    assert (visit.interaction_id, visit.queue_id, visit.operator_id) == (interaction, QUEUE, ANA)
    assert (visit.wait, visit.ring, visit.talk, visit.result) == (5000, 3000, 60000, "answered")


async def test_after_contact_work_is_added_when_it_ends(centre: Centre) -> None:
    interaction = await centre.contact(*ANSWERED)
    await centre.count()
    await centre.tell(interaction, centre.clock() - timedelta(hours=1), *WRAPPED_UP)
    await centre.count()
    [visit] = await centre.visits()
    assert visit.wrap_up == 10000


async def test_a_contact_that_goes_on_is_not_counted_yet(centre: Centre) -> None:
    await centre.contact(*ANSWERED[:4])
    await centre.count()
    assert await centre.visits() == []


async def test_what_stays_inside_the_centre_is_no_contact_with_a_customer(centre: Centre) -> None:
    await centre.contact(*ANSWERED, direction="internal")
    await centre.count()
    assert await centre.visits() == []


async def test_the_earlier_contact_learns_that_the_same_number_came_again(centre: Centre) -> None:
    await centre.contact(*ANSWERED, ago=timedelta(days=3), number="+37369000001")
    await centre.contact(*ANSWERED, ago=timedelta(days=2), number="+37369000002")
    await centre.count()
    await centre.contact(*LEFT, ago=timedelta(days=1), number="+37369000001")
    await centre.count()
    first, second, third = await centre.visits()
    assert first.next_at == centre.clock() - timedelta(days=1)
    assert (second.next_at, third.next_at) == (None, None)


async def test_a_call_of_the_centre_to_the_customer_is_no_repeated_contact(centre: Centre) -> None:
    await centre.contact(*ANSWERED, ago=timedelta(days=3), number="+37369000001")
    await centre.contact(*ANSWERED[3:], ago=timedelta(days=1), number="+37369000001", direction="out")
    await centre.count()
    first, second = await centre.visits()
    assert first.next_at is None
    assert second.via == "outgoing"


async def test_a_rating_belongs_to_the_last_answered_visit(centre: Centre) -> None:
    transfer: tuple[Line, ...] = (
        ("queued", 0, {"queue_id": QUEUE}),
        ("answered", 5, {"person_id": ANA}),
        ("transferred", 20, {"person_id": ANA, "details": {"attended": True, "to_person_id": str(new_id())}}),
        ("ended", 66, {"details": {"result": "answered"}}),
    )
    await centre.contact(*transfer, rating=5, rating_scale=5)
    await centre.count()
    first, second = await centre.visits()
    assert (first.rating, first.transferred, first.talk) == (None, True, 15000)
    assert (second.rating, second.rating_scale, second.via, second.talk) == (5, 5, "direct", 46000)


async def test_a_contact_that_can_not_be_read_is_parked_and_the_others_are_counted(centre: Centre) -> None:
    broken = await centre.contact(("transferred", 1, {"details": {"attended": True, "to_person_id": "?"}}), *ANSWERED)
    await centre.contact(*LEFT)
    await centre.count()
    assert [visit.result for visit in await centre.visits()] == ["left"]
    async with centre.database.begin(CENTRE) as session:
        parked = (await session.scalars(select(ParkedRow))).all()
    assert [(one.consumer, one.aggregate_id, one.error) for one in parked] == [("reports", broken, "ValueError")]


async def test_the_nightly_comparison_finds_a_changed_number_repairs_it_and_says_so(
    centre: Centre, client_as: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    await centre.contact(*ANSWERED)
    await centre.contact(*LEFT)
    await centre.count()
    client = await client_as("administrator")
    assert await collect.check(centre.database, centre.clock()) == (2, 0)
    assert (await client.get("/api/reports/state")).json()["check"]["differences"] == 0
    async with centre.database.begin(centre.wall) as session:
        await session.execute(update(VisitRow).where(VisitRow.result == "left").values(wait=1))
    centre.clock.advance(seconds=1)
    assert await collect.check(centre.database, centre.clock()) == (2, 1)
    assert (await client.get("/api/reports/state")).json()["check"]["differences"] == 1
    assert [visit.wait for visit in await centre.visits() if visit.result == "left"] == [30000]


async def test_visits_that_no_timeline_has_go_when_they_are_made_anew(centre: Centre) -> None:
    interaction = await centre.contact(*LEFT)
    await centre.count()
    async with centre.database.begin(centre.wall) as session:
        [visit] = await session.scalars(select(VisitRow))
        values = {column.key: getattr(visit, column.key) for column in VisitRow.__table__.columns}
        session.add(VisitRow(**{**values, "seq": 1}))
    await collect.rebuild(centre.database, since=centre.clock() - timedelta(days=1), until=centre.clock())
    assert [(visit.interaction_id, visit.seq) for visit in await centre.visits()] == [(interaction, 0)]
