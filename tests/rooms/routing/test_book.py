"""The writer of the router's memory: nothing is lost while the store is away, and what it refuses does not stop it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.routing.core import facts as f
from centrala.routing.core.router import Router
from centrala.routing.core.settings import ContactId, OperatorId
from centrala.routing.dispatch.book import Book
from centrala.routing.dispatch.lease import Lease
from centrala.routing.dispatch.load import NO_QUEUE, NOTHING_LAID


class Unwilling(Database):
    """A store that raises these errors before it works again; everything else is another store's."""

    def __init__(self, store: Database, *errors: Exception) -> None:
        self.engine = store.engine
        self._store, self._errors = store, list(errors)

    @asynccontextmanager
    async def begin(self, wall: Wall | None, *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
        if self._errors:
            raise self._errors.pop(0)
        async with self._store.begin(wall, snapshot=snapshot) as session:
            yield session


class Refused(Exception):
    sqlstate = "22P05"  # untranslatable character


def away() -> OperationalError:
    return OperationalError("INSERT", {}, Exception("server closed the connection"))


@pytest.fixture
async def router() -> Router:
    return Router(NOTHING_LAID.settings, 0.0)


@asynccontextmanager
async def writing(store: Database, router: Router, *errors: Exception) -> AsyncIterator[Book]:
    lease = Lease(store, node="main")
    assert await lease.take()
    book = Book(Unwilling(store, *errors), lease, router.dump)
    book.put_snapshot()
    book.start()
    yield book
    await book.stop()


def come(book: Book, router: Router, number: int) -> None:
    fact = f.ContactTaken(contact=ContactId(str(number)), operator=OperatorId("nobody"))
    router.feed(fact, float(number))
    book.put_fact(float(number), fact)


async def journal(store: Database) -> list[tuple[int, float]]:
    async with store.begin(CENTRE) as session:
        rows = await session.execute(text("SELECT seq, moment FROM router_journal ORDER BY seq"))
        return [(row.seq, row.moment) for row in rows]


async def test_facts_of_the_time_when_the_store_was_away_are_written_once_and_in_order(
    committing_database: Database, router: Router
) -> None:
    async with writing(committing_database, router, away(), OSError("no route to host")) as book:
        for number in range(5):
            come(book, router, number)
        await book.flushed()
        for number in range(5, 8):
            come(book, router, number)
        await book.flushed()
        assert await journal(committing_database) == [(number + 1, float(number)) for number in range(8)]


async def test_facts_that_the_store_refuses_are_replaced_by_a_snapshot(
    committing_database: Database, router: Router
) -> None:
    async with writing(committing_database, router, DataError("INSERT", {}, Refused())) as book:
        router.feed(f.ContactQueued(contact=ContactId("waits"), queue=NO_QUEUE), 1.0)
        book.put_fact(1.0, f.ContactQueued(contact=ContactId("waits"), queue=NO_QUEUE))
        await book.flushed()
        assert await journal(committing_database) == []
    kept = await Book(committing_database, Lease(committing_database, node="main"), router.dump).restore()
    assert kept is not None
    assert list(kept.state.contacts) == ["waits"]


async def test_the_journal_before_a_snapshot_goes(committing_database: Database, router: Router) -> None:
    async with writing(committing_database, router) as book:
        for number in range(3):
            come(book, router, number)
        await book.flushed()
        assert len(await journal(committing_database)) == 3
        book.put_snapshot()
        come(book, router, 3)
        await book.flushed()
        assert await journal(committing_database) == [(4, 3.0)]
