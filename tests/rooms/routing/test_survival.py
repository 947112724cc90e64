"""A process that is killed: the next one has every contact in its place and every operator at their work."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from centrala.kit import outbox
from centrala.kit.access import CENTRE
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.work import work
from centrala.node.postgres import EmbeddedPostgres
from centrala.routing.core import facts as f
from centrala.routing.core.settings import Channel, ContactId
from centrala.routing.core.state import WorkState
from centrala.routing.dispatch.book import Book
from centrala.routing.dispatch.lease import Lease, LeaseLost
from centrala.routing.schemas import QueueChange, QueueRules
from centrala.routing.service import Dispatcher, OperatorState, Ring, StateChanged, change_queue, read_queue
from conftest import TurnedClock
from support.centre import Centre, make_centre

Starting = Callable[..., Awaitable[Dispatcher]]
RULES = (
    {"wrap_up": 15, "ring": 10, "announce_first": 5, "missed_before_pause": 2},
    {"wrap_up": 0, "max_length": 6, "callback_after": 20, "steps": [{"after": 10, "drop_language": True}]},
    {"max_wait": 40, "last_operator_first": True, "last_operator_wait": 8},
)


@pytest.fixture
async def started(committing_database: Database, clock: TurnedClock) -> AsyncIterator[Starting]:
    """Starts a dispatcher; those that are left at the end are killed."""
    running: list[Dispatcher] = []

    async def start(node: str = "main") -> Dispatcher:
        dispatcher = Dispatcher(committing_database, clock, node=node)
        await dispatcher.start()
        running.append(dispatcher)
        assert dispatcher._life is not None
        await asyncio.wait_for(dispatcher._life._ready.wait(), 30)  # the machine may be busy
        return dispatcher

    yield start
    for one in running:
        await kill(one)


def book_of(dispatcher: Dispatcher) -> Book:
    assert dispatcher._life is not None
    return dispatcher._life.book


async def kill(dispatcher: Dispatcher) -> None:
    """As `kill -9`: nothing is written, nothing is given up."""
    life = dispatcher._life
    if life is None:
        return
    tasks = [task for task in (life._task, life.book._task) if task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    life._task = life.book._task = dispatcher._life = None
    if dispatcher._timer is not None:
        dispatcher._timer.cancel()


def something(chance: Random, centre: Centre, dispatcher: Dispatcher, contacts: list[ContactId]) -> f.Fact:
    """A fact such as flows tell, about what there is or was."""
    state = dispatcher.router.state
    operator, queue = chance.choice(centre.operators), chance.choice(centre.queues)
    contact = chance.choice(contacts)
    offer = chance.choice([*state.works, 0])
    kind = chance.randrange(14)
    if kind < 4:
        number = chance.choice([None, None, "+37360000001", "+37360000002"])
        language = chance.choice([None, "ro"])
        fresh = ContactId(str(new_id()))
        contacts.append(fresh)
        last = chance.choice([None, operator])
        return f.ContactQueued(
            contact=fresh,
            queue=queue,
            channel=chance.choice([Channel.VOICE, Channel.VOICE, Channel.CHAT]),
            priority=chance.randrange(3),
            language=language,
            last_operator=last,
            number=number,
        )
    others: list[f.Fact] = [
        f.ContactLeft(contact),
        f.StateAsked(operator=operator, state=OperatorState.READY),
        f.StateAsked(operator=operator, state=OperatorState.BREAK, reason=str(centre.breaks["lunch"])),
        f.PresenceChanged(operator, present=chance.random() < 0.8),
        f.OfferAccepted(offer),
        f.OfferDeclined(offer),
        f.ContactTaken(contact=contact, operator=operator, queue=queue),
        f.ContactMoved(contact=contact, queue=queue),
        f.WrapUpEnded(operator, contact),
        f.CallbackChosen(contact, number="+37360000003"),
    ]
    return others[kind - 4]


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_facts_a_killed_router_comes_back_as_it_was(
    committing_database: Database, clock: TurnedClock, started: Starting, seed: int
) -> None:
    chance = Random(seed)
    centre = await make_centre(committing_database, clock, queues=RULES, people=4)
    dispatcher = await started()
    contacts = [ContactId("nobody")]
    for step in range(250):
        clock.advance(seconds=chance.choice([0, 0.01, 1, 7]))
        dispatcher.tick()
        dispatcher.feed(something(chance, centre, dispatcher, contacts))
        if step == 100:
            book_of(dispatcher).put_snapshot()
        if step % 60 == 0:
            await dispatcher.flushed()
    await dispatcher.flushed()
    before = dispatcher.dump()
    assert len(before["contacts"]) > 0, "the facts have left something to lose"
    counts = {key: (day.offered, day.waited) for key, day in dispatcher.tallies.days.items()}
    await kill(dispatcher)

    after = await started()
    assert after.dump() == before
    await after.flushed()
    async with committing_database.begin(CENTRE) as session:
        told = await session.scalar(text("SELECT count(*) FROM router_journal"))
    assert told == 0, "what the tables say was known, so nothing had to be told again"
    assert {key: (day.offered, day.waited) for key, day in after.tallies.days.items()} == counts


async def test_who_waited_still_waits_in_the_same_order_and_who_talked_still_talks(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock, people=1)
    (queue,), (operator,) = centre.queues, centre.operators
    first = await started()
    names = [new_id() for _ in range(4)]
    for name in names:
        first.feed(f.ContactQueued(contact=ContactId(str(name)), queue=queue))
        clock.advance(seconds=1)
    (ring,) = first.feed(f.StateAsked(operator=operator, state=OperatorState.READY))
    assert isinstance(ring, Ring)
    first.feed(f.OfferAccepted(ring.offer))
    await first.flushed()
    await kill(first)
    clock.advance(seconds=30)

    second = await started()
    assert [one.contact for one in second.all_waiting()] == [str(name) for name in names[1:]]
    view = second.operator(centre.people[0].id)
    assert view is not None
    (talk,) = view.contacts
    assert (talk.contact, talk.state) == (str(names[0]), WorkState.ACTIVE)
    second.feed(f.ContactLeft(ContactId(str(names[0]))))
    (rung,) = [one for one in second.feed(f.WrapUpEnded(operator, ContactId(str(names[0])))) if isinstance(one, Ring)]
    assert rung.contact == str(names[1])


async def test_what_fell_due_while_nobody_ran_is_decided_at_the_start_and_told_to_the_first_who_listens(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock, queues=({"max_wait": 60},), people=1)
    first = await started()
    name = new_id()
    first.feed(f.ContactQueued(contact=ContactId(str(name)), queue=centre.queues[0]))
    await first.flushed()
    await kill(first)
    clock.advance(minutes=5)

    second = await started()
    heard: list[object] = []
    second.subscribe(heard.append)
    assert [type(one).__name__ for one in heard] == ["Close"]
    assert second.waiting(name) is None


async def test_a_stopped_router_leaves_its_lease_and_a_snapshot_without_a_journal(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock)
    dispatcher = await started()
    dispatcher.feed(f.ContactQueued(contact=ContactId(str(new_id())), queue=centre.queues[0]))
    await dispatcher.stop()
    async with committing_database.begin(CENTRE) as session:
        assert await session.scalar(text("SELECT count(*) FROM router_leases")) == 0
        assert await session.scalar(text("SELECT count(*) FROM router_journal")) == 0
        kept = await session.scalar(text("SELECT jsonb_array_length(state->'contacts') FROM router_snapshots"))
    assert kept == 1


async def test_another_node_takes_the_lease_only_when_its_owner_is_silent(committing_database: Database) -> None:
    here, there = (Lease(committing_database, node=node) for node in ("here", "there"))
    assert await here.take()
    assert not await there.take()
    async with committing_database.begin(CENTRE) as session:
        await session.execute(text("UPDATE router_leases SET beat_at = now() - interval '11 seconds'"))
    assert await there.take()
    with pytest.raises(LeaseLost):
        await here.beat()


async def test_who_lost_the_lease_to_a_newer_process_of_the_node_does_not_take_it_back(
    committing_database: Database,
) -> None:
    old, new = (Lease(committing_database, node="main") for _ in range(2))
    assert await old.take()
    assert await new.take()
    with pytest.raises(LeaseLost):
        await old.beat()
    assert not await old.take()
    await new.beat()


async def test_the_same_node_takes_the_lease_at_once_and_the_process_before_writes_no_more(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock)
    before = await started()
    after = await started()
    before.feed(f.ContactQueued(contact=ContactId(str(new_id())), queue=centre.queues[0]))
    await book_of(before).stop()
    async with committing_database.begin(CENTRE) as session:
        assert await session.scalar(text("SELECT count(*) FROM router_journal")) == 0
    assert after.routes


async def test_a_snapshot_of_another_version_is_not_read_and_the_router_begins_anew(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock)
    first = await started()
    first.feed(f.ContactQueued(contact=ContactId(str(new_id())), queue=centre.queues[0]))
    await first.stop()
    async with committing_database.begin(CENTRE) as session:
        await session.execute(text("UPDATE router_snapshots SET state = jsonb_set(state, '{version}', '99')"))
    second = await started()
    assert second.routes
    assert second.all_waiting() == []
    assert set(second.router.state.operators) >= set(centre.operators)


async def test_states_are_logged_as_intervals_that_go_on_over_a_restart(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock, people=1)
    (operator,) = centre.operators
    lunch = str(centre.breaks["lunch"])

    async def logged() -> list[tuple[str, str, int | None]]:
        async with committing_database.begin(CENTRE) as session:
            rows = await session.execute(
                text("SELECT state, reason, extract(epoch FROM until - since) FROM operator_states ORDER BY since, id")
            )
            return [(state, reason, None if lasted is None else int(lasted)) for state, reason, lasted in rows]

    first = await started()
    first.feed(f.StateAsked(operator=operator, state=OperatorState.READY))
    clock.advance(seconds=60)
    first.feed(f.PresenceChanged(operator, present=False))
    clock.advance(seconds=5)
    first.feed(f.PresenceChanged(operator, present=True))
    clock.advance(seconds=100)
    first.feed(f.StateAsked(operator=operator, state=OperatorState.BREAK, reason=lunch))
    await first.flushed()
    await kill(first)
    clock.advance(seconds=600)
    second = await started()
    second.feed(f.StateAsked(operator=operator, state=OperatorState.OFF))
    await second.flushed()
    assert await logged() == [("ready", "", 60), ("absent", "", 5), ("ready", "", 100), ("break", lunch, 600)]


async def test_a_change_of_the_tables_reaches_the_router_and_contacts_keep_their_places(
    committing_database: Database, clock: TurnedClock, started: Starting
) -> None:
    centre = await make_centre(committing_database, clock, people=1)
    dispatcher = await started()
    names = [new_id() for _ in range(3)]
    for name in names:
        dispatcher.feed(f.ContactQueued(contact=ContactId(str(name)), queue=centre.queues[0]))
    changed = asyncio.Event()
    await outbox.relay(committing_database)  # what making the centre has told

    def heard(_: StateChanged) -> None:
        if dispatcher.router.state.queues[centre.queues[0]].settings.target == 7:
            changed.set()

    dispatcher.hear(heard)
    async with work(committing_database, centre.wall, clock=clock) as unit:
        queue = await read_queue(unit, UUID(centre.queues[0]))
        await change_queue(unit, queue.id, QueueChange(rules=QueueRules(target=7)), read=queue.version)
    async with asyncio.timeout(20):
        while not changed.is_set():
            # In the app the live feed moves facts; again and again, because the listener may not hear yet.
            await outbox.relay(committing_database)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), 0.05)
    assert [one.contact for one in dispatcher.all_waiting()] == [str(name) for name in names]


async def test_a_process_ended_by_sigkill_is_followed_by_one_that_knows_who_waits_and_who_talks(
    postgres: EmbeddedPostgres, committing_database: Database, clock: TurnedClock
) -> None:
    centre = await make_centre(committing_database, clock, people=1)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "support.doomed_router",
        postgres.app_url(),
        centre.queues[0],
        centre.operators[0],
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        names = json.loads(await asyncio.wait_for(child.stdout.readline(), 30))
    finally:
        child.kill()
        await child.wait()
    after = Dispatcher(committing_database, utc_now)
    await after.start()
    try:
        assert after._life is not None
        await asyncio.wait_for(after._life._ready.wait(), 30)
        view = after.operator(centre.people[0].id)
        assert view is not None
        assert [(one.contact, one.state) for one in view.contacts] == [(names[0], WorkState.ACTIVE)]
        assert [one.contact for one in after.all_waiting()] == names[1:]
    finally:
        await after.stop()
