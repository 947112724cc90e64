"""Keeps the visits in step with the timelines: after facts, anew from the beginning, and proved every night.

Facts are taken in batches, because a contact tells many and is counted once. The position moves in the transaction
that wrote the visits; a contact that can not be counted is parked with its error, and the others go on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions.core import Event
from centrala.interactions.events import INTERACTION_CHANGED, INTERACTION_FINISHED
from centrala.interactions.service.for_reports import Reported, before_them, ended_between, reported
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database, raise_wall
from centrala.kit.ids import ProjectId
from centrala.kit.outbox import BATCH, ConsumerRow, EventRow, ParkedRow
from centrala.projects.service import all_project_ids
from centrala.reports.core import Entry, visits
from centrala.reports.models import CheckRow, VisitRow

NAME: Final = "reports"
KINDS: Final = (INTERACTION_CHANGED, INTERACTION_FINISHED)
CHECKED: Final = timedelta(days=2)  # what the nightly comparison looks at


async def catch_up(database: Database) -> int:
    """Count everything that facts have told since the last time; returns how many facts there were."""
    handled = 0
    while True:
        async with database.begin(CENTRE) as session:
            row = await _position(session)
            query = (
                select(EventRow)
                .where(EventRow.position > row.position, EventRow.kind.in_(KINDS))
                .order_by(EventRow.position)
                .limit(BATCH)
            )
            facts = (await session.scalars(query)).all()
            if not facts:
                return handled
            await _count(session, facts)
            row.position = facts[-1].position
        handled += len(facts)


async def _position(session: AsyncSession) -> ConsumerRow:
    row = await session.scalar(select(ConsumerRow).where(ConsumerRow.name == NAME).with_for_update())
    if row is None:
        row = ConsumerRow(name=NAME, position=0, attempts=0)
        session.add(row)
        await session.flush()
    return row


async def _count(session: AsyncSession, facts: Sequence[EventRow]) -> None:
    by_project = sorted((fact for fact in facts if fact.project_id is not None), key=lambda fact: str(fact.project_id))
    for project_id, group in groupby(by_project, key=lambda fact: fact.project_id):
        assert project_id is not None  # noqa: S101 - filtered above
        await raise_wall(session, Wall(centre=True, projects=frozenset({ProjectId(project_id)})))
        last = {fact.aggregate_id: fact.position for fact in group}
        try:
            async with session.begin_nested():
                await refresh(session, last)
        except Exception:  # noqa: BLE001 - the edge of a batch: found out below which contact it was
            await _one_by_one(session, last)


async def _one_by_one(session: AsyncSession, positions: dict[UUID, int]) -> None:
    for interaction_id, position in positions.items():
        try:
            async with session.begin_nested():
                await refresh(session, [interaction_id])
        except Exception as error:  # noqa: BLE001 - parked, seen on the system page
            # The class alone: messages of errors may carry personal data.
            parked = ParkedRow(
                consumer=NAME, position=position, aggregate_id=interaction_id, error=type(error).__name__
            )
            await session.merge(parked)


async def refresh(session: AsyncSession, ids: Iterable[UUID]) -> int:
    """Make the visits of these contacts anew, and of those of the same parties before them; returns how many differed.

    A contact that still goes on has no visits yet.
    """
    wanted = set(ids)
    wanted |= await before_them(session, wanted)
    fresh = [row for contact in await reported(session, sorted(wanted)) for row in rows_of(contact)]
    stored = {
        (row.interaction_id, row.seq): row
        for row in await session.scalars(select(VisitRow).where(VisitRow.interaction_id.in_(wanted)))
    }
    different: set[UUID] = set()
    for values in fresh:
        row = stored.pop((values["interaction_id"], values["seq"]), None)
        if row is None:
            session.add(VisitRow(**values))
        elif not _same(row, values):
            for name, value in values.items():
                setattr(row, name, value)
        else:
            continue
        different.add(values["interaction_id"])
    for row in stored.values():
        await session.delete(row)
        different.add(row.interaction_id)
    await session.flush()
    return len(different)


def _same(row: VisitRow, values: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def rows_of(contact: Reported) -> list[dict[str, Any]]:
    """The visits of one contact as the table has them. What stays inside the centre is no contact with a customer."""
    if contact.direction == "internal":
        return []
    found = visits((_entry(event, contact.result) for event in contact.events), outgoing=contact.direction == "out")
    return [
        {
            "interaction_id": contact.id,
            "seq": number,
            "project_id": contact.project_id,
            "queue_id": visit.queue_id,
            "operator_id": visit.operator_id,
            "entered_at": visit.entered_at,
            "next_at": contact.next_at if visit.closing else None,
            "channel": contact.channel,
            "direction": contact.direction,
            "via": visit.via.value,
            "result": None if visit.result is None else visit.result.value,
            "wait": visit.wait,
            "ring": visit.ring,
            "talk": visit.talk,
            "hold": visit.hold,
            "wrap_up": visit.wrap_up,
            "rating": contact.rating if visit.closing else None,
            "rating_scale": contact.rating_scale if visit.closing else None,
            "transferred": visit.transferred,
            "closing": visit.closing,
            "known": contact.known,
        }
        for number, visit in enumerate(found)
    ]


def _entry(event: Event, result: str | None) -> Entry:
    told = event.details
    to = told.get("to_person_id") if told.get("attended") is True else None
    return Entry(
        kind=event.kind,
        at=event.at,
        person_id=event.person_id,
        queue_id=event.queue_id,
        result=told.get("result") or result,
        to_person_id=None if to is None else UUID(to),
        aside=told.get("consulted") is True,
        callback=told.get("callback") is True,
    )


async def rebuild(database: Database, *, since: datetime, until: datetime) -> tuple[int, int]:
    """Make the visits of all contacts that came in [since, until) anew: how many contacts, how many differed."""
    async with database.begin(CENTRE) as session:
        projects = await all_project_ids(session)
    contacts = different = 0
    for project_id in projects:
        wall = Wall(centre=True, projects=frozenset({project_id}))
        async with database.begin(wall) as reader:
            async for ids in ended_between(reader, since, until):
                async with database.begin(wall) as session:
                    different += await refresh(session, ids)
                contacts += len(ids)
    return contacts, different


async def check(database: Database, now: datetime) -> tuple[int, int]:
    """Compare the last days with their timelines, repair what differs and say so: contacts, differences."""
    since = now - CHECKED
    contacts, different = await rebuild(database, since=since, until=now)
    async with database.begin(CENTRE) as session:
        session.add(CheckRow(at=now, since=since, until=now, contacts=contacts, differences=different))
    return contacts, different
