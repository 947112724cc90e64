"""Facts leave with their transaction, reach every consumer in order, and survive whoever handles them."""

from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.outbox import ATTEMPTS, Consumer, EventRow, Fact, OutboxRow, ParkedRow, relay, retry_parked
from centrala.kit.work import work


async def tell(database: Database, clock: Clock, aggregate: UUID, *numbers: int) -> None:
    async with work(database, CENTRE, clock=clock) as unit:
        for number in numbers:
            unit.tell(Fact(kind="thing.counted", aggregate_id=aggregate, payload={"n": number}))


async def told(database: Database) -> list[int]:
    async with database.begin(CENTRE) as session:
        events = await session.scalars(select(EventRow).order_by(EventRow.position))
        return [event.payload["n"] for event in events]


class Counting:
    """A consumer that remembers what it was given, and fails on demand."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.failing: set[int] = set()

    async def handle(self, _session: AsyncSession, event: EventRow) -> None:
        if event.payload["n"] in self.failing:
            raise ValueError(event.payload["n"])
        self.seen.append(event.payload["n"])

    def consumer(self) -> Consumer:
        return Consumer(name="counting", kinds=frozenset({"thing.counted"}), handle=self.handle)


async def test_a_refused_transaction_tells_nothing(database: Database, clock: Clock) -> None:
    async def refused() -> None:
        async with work(database, CENTRE, clock=clock) as unit:
            unit.tell(Fact(kind="thing.counted", aggregate_id=new_id(), payload={"n": 1}))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await refused()
    assert await relay(database) == 0


async def test_the_relay_moves_all_that_is_committed_in_the_order_of_writing(database: Database, clock: Clock) -> None:
    thing = new_id()
    await tell(database, clock, thing, 1, 2)
    await tell(database, clock, thing, 3)
    assert await relay(database) == 3
    assert await told(database) == [1, 2, 3]
    async with database.begin(CENTRE) as session:
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 0


async def test_a_fact_that_commits_late_gets_a_later_position_than_what_was_read_before_it(
    committing_database: Database, clock: Clock
) -> None:
    database = committing_database
    slow = work(database, CENTRE, clock=clock)
    unit = await slow.__aenter__()
    unit.tell(Fact(kind="thing.counted", aggregate_id=new_id(), payload={"n": 1}))
    await unit.finish()  # its outbox row has the lower id, but is not committed yet
    await tell(database, clock, new_id(), 2)
    await relay(database)
    assert await told(database) == [2]
    await slow.__aexit__(None, None, None)
    await relay(database)
    assert await told(database) == [2, 1]


async def test_a_consumer_gets_each_fact_once_and_goes_on_where_it_stopped(database: Database, clock: Clock) -> None:
    counting = Counting()
    await tell(database, clock, new_id(), 1, 2)
    await relay(database)
    assert await counting.consumer().catch_up(database) == 2
    await tell(database, clock, new_id(), 3)
    await relay(database)
    assert await counting.consumer().catch_up(database) == 1
    assert counting.seen == [1, 2, 3]


async def fail_until_parked(consumer: Consumer, database: Database) -> None:
    for _ in range(ATTEMPTS):
        with pytest.raises(ValueError, match="2"):
            await consumer.catch_up(database)


async def test_a_fact_that_keeps_failing_is_parked_with_those_behind_it_and_the_rest_goes_on(
    database: Database, clock: Clock
) -> None:
    counting, broken, healthy = Counting(), new_id(), new_id()
    counting.failing = {2}
    consumer = counting.consumer()
    await tell(database, clock, healthy, 1)
    await tell(database, clock, broken, 2)
    await tell(database, clock, healthy, 3)
    await tell(database, clock, broken, 4)
    await relay(database)
    await fail_until_parked(consumer, database)
    await consumer.catch_up(database)
    assert counting.seen == [1, 3]
    async with database.begin(CENTRE) as session:
        errors = (await session.scalars(select(ParkedRow.error).order_by(ParkedRow.position))).all()
    assert errors == ["ValueError", "waits for an earlier fact of the same aggregate"]


async def test_parked_facts_go_through_in_order_when_retried(database: Database, clock: Clock) -> None:
    counting, broken = Counting(), new_id()
    counting.failing = {2}
    consumer = counting.consumer()
    await tell(database, clock, broken, 2, 4)
    await relay(database)
    await fail_until_parked(consumer, database)
    await consumer.catch_up(database)
    counting.failing = set()
    assert await retry_parked(database, consumer) == 2
    assert counting.seen == [2, 4]


async def test_a_handler_that_dies_after_writing_leaves_nothing_and_is_called_again(
    database: Database, clock: Clock
) -> None:
    """At-least-once for the handler, exactly-once for what it stores."""
    calls = 0

    async def handle(session: AsyncSession, event: EventRow) -> None:
        nonlocal calls
        calls += 1
        session.add(ParkedRow(consumer="witness", position=event.position, aggregate_id=new_id(), error="written"))
        await session.flush()
        if calls == 1:
            raise ConnectionError

    consumer = Consumer(name="dying", kinds=frozenset({"thing.counted"}), handle=handle)
    await tell(database, clock, new_id(), 1)
    await relay(database)
    with pytest.raises(ConnectionError):
        await consumer.catch_up(database)
    await consumer.catch_up(database)
    async with database.begin(CENTRE) as session:
        written = select(func.count()).where(ParkedRow.consumer == "witness")
        assert await session.scalar(written) == 1
    assert calls == 2
