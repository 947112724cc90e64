"""The journal: what happens to a contact is in the store soon, whole, and once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from centrala.interactions import journal as journals
from centrala.interactions.core import Result, TimelineKind
from centrala.interactions.journal import Journal, NewInteraction
from centrala.interactions.models import Interaction, RecordingFile, TimelineRow
from centrala.interactions.strokes import timelines
from centrala.kit import outbox
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.migrate import conninfo
from centrala.node.postgres import EmbeddedPostgres
from conftest import TurnedClock
from support.contacts import seen
from support.people import make_project

Facts = Callable[[], Awaitable[list[tuple[str, str]]]]
K = TimelineKind
ANA, QUEUE = new_id(), new_id()


async def row_of(database: Database, project: UUID, contact: UUID) -> Interaction:
    async with database.begin(seen(project)) as session:
        return await session.get_one(Interaction, contact)


async def lines_of(database: Database, project: UUID, contact: UUID) -> list[str]:
    async with database.begin(seen(project)) as session:
        query = select(TimelineRow.kind).where(TimelineRow.interaction_id == contact)
        return list((await session.scalars(query.order_by(TimelineRow.at, TimelineRow.id))).all())


def a_call(project: UUID, **more: Any) -> NewInteraction:
    return NewInteraction(project_id=project, party_number="+37369123456", call_id=new_id(), **more)


def whole_story(journal: Journal, contact: UUID, clock: TurnedClock) -> None:
    """From the menu to the end of the wrap-up."""
    steps: list[tuple[K, dict[str, Any]]] = [
        (K.LANGUAGE, {"language": "ro"}),
        (K.MENU, {"choice": "2", "label": "Support"}),
        (K.QUEUED, {"queue_id": QUEUE, "position": 1}),
        (K.OFFERED, {"person_id": ANA, "queue_id": QUEUE}),
        (K.ANSWERED, {"person_id": ANA, "queue_id": QUEUE}),
        (K.HELD, {"person_id": ANA}),
        (K.RESUMED, {"person_id": ANA}),
        (K.RATED, {"score": 5, "scale": 5}),
    ]
    for kind, details in steps:
        clock.advance(seconds=2)
        journal.tell(contact, kind, clock(), **details)
    clock.advance(seconds=2)
    journal.finish(contact, clock(), Result.ANSWERED)
    journal.tell(contact, K.WRAP_UP_STARTED, clock(), person_id=ANA)
    clock.advance(seconds=5)
    journal.tell(contact, K.WRAP_UP_ENDED, clock(), person_id=ANA)


async def test_a_whole_call_is_a_row_and_its_timeline(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    contact = journal.begin(a_call(project))
    whole_story(journal, contact, clock)
    await journal.flush()
    row = await row_of(database, project, contact)
    assert (row.language, row.menu_path, row.queue_id, row.operator_id) == ("ro", ["Support"], QUEUE, ANA)
    assert (row.wait_seconds, row.talk_seconds, row.hold_seconds, row.wrap_up_seconds) == (4, 6, 2, 5)
    assert (row.result, row.rating, row.party_number) == ("answered", 5, "+37369123456")
    lines = await lines_of(database, project, contact)
    assert lines[0] == "came"
    assert lines[-3:] == ["ended", "wrap_up_started", "wrap_up_ended"]
    assert len(lines) == 12


async def test_the_row_is_what_its_timeline_comes_to(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    contact = journal.begin(a_call(project))
    whole_story(journal, contact, clock)
    tally = journal.tally(contact)
    await journal.flush()
    assert tally is not None
    row = await row_of(database, project, contact)
    assert {name: getattr(row, name) for name in tally} == tally


async def test_facts_carry_no_personal_data_and_one_of_a_kind_leaves_with_a_batch(
    journal: Journal, clock: TurnedClock, project: UUID, facts: Facts
) -> None:
    contact = journal.begin(a_call(project))
    whole_story(journal, contact, clock)
    await journal.flush()
    assert sorted(kind for kind, about in await facts() if about == str(contact)) == [
        "interaction.began",
        "interaction.changed",
        "interaction.finished",
    ]


async def test_the_audio_is_linked_to_the_contact_before_the_first_packet(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    contact, recording = journal.begin(a_call(project)), new_id()
    journal.tell(contact, K.RECORDING_STARTED, clock(), recording_id=recording)
    await journal.flush()
    async with database.begin(seen(project)) as session:
        file = await session.get_one(RecordingFile, recording)
    assert (file.interaction_id, file.state) == (contact, "running")


async def test_another_process_goes_on_with_the_same_sums(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    contact = journal.begin(a_call(project))
    journal.tell(contact, K.ANSWERED, clock(), person_id=ANA)
    await journal.flush()
    clock.advance(seconds=30)
    next_process = Journal(database, clock)
    next_process.finish(contact, clock(), Result.ANSWERED)
    next_process.change(contact, call_id=ANA)
    await next_process.flush()
    row = await row_of(database, project, contact)
    assert (row.talk_seconds, row.result, row.operator_id, row.call_id) == (30, "answered", ANA, ANA)


async def test_a_contact_that_nobody_began_is_dropped_and_counted(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    stranger = new_id()
    journal.tell(stranger, K.QUEUED, clock())
    known = journal.begin(a_call(project))
    await journal.flush()
    assert journal.counters["contacts_unknown"] == 1
    assert await timelines(database, [stranger]) == {}
    assert await lines_of(database, project, known) == ["came"]


async def test_contacts_of_calls_that_nobody_has_are_ended_as_interrupted_where_their_timeline_ends(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    dead, alive, mail = a_call(project), a_call(project), NewInteraction(project_id=project, channel="mail")
    lost, kept, letter = journal.begin(dead), journal.begin(alive), journal.begin(mail)
    journal.tell(lost, K.ANSWERED, clock(), person_id=ANA)
    clock.advance(seconds=20)
    journal.tell(lost, K.HELD, clock(), person_id=ANA)
    last = clock()
    await journal.flush()
    clock.advance(minutes=5)
    next_process = Journal(database, clock)
    assert alive.call_id is not None
    assert await next_process.close_strays({alive.call_id}) == [lost]
    row = await row_of(database, project, lost)
    assert (row.result, row.ended_at, row.talk_seconds) == ("interrupted", last, 20)
    for contact in (kept, letter):
        assert (await row_of(database, project, contact)).ended_at is None


async def test_what_is_written_twice_is_there_once(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    contact = journal.begin(a_call(project))
    batch = journal._batch
    await journal._write(batch)
    await journal._write(batch)
    assert await lines_of(database, project, contact) == ["came"]


class Absent(Database):
    """A store that is away until it is told to come back."""

    def __init__(self, real: Database) -> None:
        self.real, self.away, self.asked = real, True, 0

    @asynccontextmanager
    async def begin(self, *args: Any, **more: Any) -> AsyncIterator[Any]:
        self.asked += 1
        if self.away:
            if self.asked == 3:
                self.away = False
            raise OperationalError("BEGIN", {}, ConnectionError())
        async with self.real.begin(*args, **more) as session:
            yield session


async def test_an_absent_database_loses_nothing(
    database: Database, clock: TurnedClock, project: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "RETRY_DELAYS", (0.0,))
    absent = Absent(database)
    journal = Journal(absent, clock)
    contact = journal.begin(a_call(project))
    whole_story(journal, contact, clock)
    await journal.flush()
    assert (journal.counters["store_away"], absent.away) == (3, False)
    assert len(await lines_of(database, project, contact)) == 12


async def test_lines_beyond_what_memory_holds_are_dropped_and_counted_but_never_the_end(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "MAX_WAITING", 3)
    contact = journal.begin(a_call(project))
    for _ in range(10):
        journal.tell(contact, K.ANNOUNCED, clock())
    journal.finish(contact, clock(), Result.ABANDONED)
    await journal.flush()
    assert journal.counters["lines_dropped"] == 8
    assert (await row_of(database, project, contact)).result == "abandoned"
    assert "ended" in await lines_of(database, project, contact)


async def test_one_refused_contact_does_not_take_the_others_along(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    bad = journal.begin(NewInteraction(project_id=project, direction="sideways"))
    good = journal.begin(a_call(project))
    await journal.flush()
    assert journal.counters["contacts_refused"] == 1
    assert await lines_of(database, project, good) == ["came"]
    assert await timelines(database, [bad]) == {}


async def test_details_that_nobody_foresaw_do_not_stop_the_journal(
    database: Database, journal: Journal, clock: TurnedClock, project: UUID
) -> None:
    contact = journal.begin(a_call(project, party_name="A\x00na"))
    journal.tell(contact, K.MENU, clock(), more={"deep": [new_id(), clock(), {1, 2}]})
    await journal.flush()
    assert await lines_of(database, project, contact) == ["came", "menu"]


async def test_the_task_writes_by_itself_within_moments_so_that_a_kill_loses_nothing_older(
    postgres: EmbeddedPostgres, committing_database: Database, clock: TurnedClock
) -> None:
    project = await make_project(committing_database, clock)
    async with outbox.listen(conninfo(postgres.app_url()), outbox.WRITTEN) as ear:
        journal = Journal(committing_database, clock)
        journal.start()
        contact = journal.begin(a_call(project))
        async for _ in ear.notifies(timeout=20, stop_after=1):
            pass
        assert journal._task is not None
        journal._task.cancel()  # as a kill: nobody asks it to write
    assert await lines_of(committing_database, project, contact) == ["came"]


async def test_only_columns_that_the_timeline_leaves_open_can_be_changed(journal: Journal, project: UUID) -> None:
    contact = journal.begin(a_call(project))
    with pytest.raises(ValueError, match="talk_seconds"):
        journal.change(contact, talk_seconds=3)


async def test_the_task_writes_soon_and_an_orderly_stop_writes_what_is_left(
    committing_database: Database, clock: TurnedClock
) -> None:
    project = await make_project(committing_database, clock)
    journal = Journal(committing_database, clock)
    journal.start()
    contact = journal.begin(a_call(project))
    await journal.stop()
    assert await lines_of(committing_database, project, contact) == ["came"]
    assert clock() - (await row_of(committing_database, project, contact)).came_at == timedelta(0)


async def test_an_orderly_stop_ends_at_once_while_lines_wait_for_others(
    committing_database: Database, clock: TurnedClock
) -> None:
    project = await make_project(committing_database, clock)
    journal = Journal(committing_database, clock)
    journal.start()
    contact = journal.begin(a_call(project))
    for _ in range(3):
        await asyncio.sleep(0)  # the task waits for further lines now
    async with asyncio.timeout(5) as limit:
        await journal.stop()
    assert not limit.expired()
    assert await lines_of(committing_database, project, contact) == ["came"]


async def test_what_the_journal_counts_is_among_the_figures_for_prometheus(
    app: FastAPI, client_as: Callable[..., Awaitable[httpx.AsyncClient]], clock: TurnedClock
) -> None:
    own = app.state.journal
    app.state.journal = Journal(app.state.database, clock)
    app.state.journal.counters["lines_dropped"] = 3
    figures = (await (await client_as("administrator")).get("/metrics")).text
    app.state.journal = own
    assert 'centrala_contacts_journal_total{event="lines_dropped"} 3.0' in figures
