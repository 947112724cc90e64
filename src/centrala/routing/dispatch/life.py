"""How a dispatcher comes to route, goes on and hands over: lease, memory, news of the tables, the minute's work."""

import asyncio
import contextlib
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.projects.service.sight import all_project_ids
from centrala.routing.core.router import Router
from centrala.routing.core.settings import OperatorId, QueueId
from centrala.routing.dispatch import figures, news
from centrala.routing.dispatch.book import Book
from centrala.routing.dispatch.intervals import Interval, Intervals
from centrala.routing.dispatch.lease import BEAT, Lease, LeaseLost
from centrala.routing.dispatch.load import NOTHING_LAID, load
from centrala.routing.dispatch.tally import Day
from centrala.routing.dispatch.whole import whole
from centrala.routing.models import OperatorStateRow, QueueDayRow

if TYPE_CHECKING:
    from centrala.routing.dispatch.dispatcher import Dispatcher

log = get_logger(__name__)

TRY_AGAIN: Final = 2.0  # seconds between two tries to take the lease
PATIENCE: Final = 3.0  # seconds that the app's start waits for the router
DAYS_IN_HAND: Final = timedelta(days=2)  # no time zone is further from UTC than a day
MINUTE: Final = 60.0

_AWAY: Final = (SQLAlchemyError, psycopg.Error, OSError)


class Life:
    """The tasks of one dispatcher."""

    def __init__(self, dispatcher: "Dispatcher", database: Database, *, node: str) -> None:
        self._dispatcher, self._database = dispatcher, database
        self._lease = Lease(database, node=node)
        self.book = Book(database, self._lease, dispatcher.dump)
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take the lease and the memory; goes on trying behind the app's start when the store or another node is in
        the way."""
        self._task = asyncio.create_task(self._run(), name="dispatcher")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), PATIENCE)

    async def stop(self) -> None:
        """Write everything, and let the next one begin."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if self._dispatcher.routes:
            self.book.put_snapshot()
            await self.book.stop()
            with contextlib.suppress(*_AWAY):
                await self._lease.give_up()
        self._dispatcher.routes = False

    async def _run(self) -> None:
        waits = False
        while True:
            try:
                if await whole(self._lease.take()):
                    await whole(self._take_up())
                    await self._route()
                elif not waits:
                    log.info("Another node routes; this one waits for its lease.")
                    waits = True
            except LeaseLost:
                log.error("Another process has taken the router's lease.")  # noqa: TRY400 - it says all
                self._dispatcher.routes = waits = False
                await self.book.stop()
            except _AWAY as error:
                log.warning("Routing waits for the database.", error=type(error).__name__)
            except Exception:
                # The edge of routing: the desk goes on without it, and it is tried again.
                log.exception("Routing met a bug.")
                self._dispatcher.routes = False
                await self.book.stop()
            await asyncio.sleep(TRY_AGAIN)

    async def _take_up(self) -> None:
        """Find everything again as the process before has left it."""
        dispatcher = self._dispatcher
        restored = await self.book.restore()
        laid = await load(self._database, dispatcher.clock)
        dispatcher.go_on(restored or Router(NOTHING_LAID.settings, dispatcher.now()))
        dispatcher.tallies.restore(await self._days())
        dispatcher.intervals = Intervals(await self._lasting())
        self.book.projects = laid.projects
        self.book.put_snapshot()  # what is fed from here on stands on it
        dispatcher.routes = True
        dispatcher.take(laid)
        dispatcher.follow(frozenset({*dispatcher.router.state.operators, *dispatcher.intervals.lasting}))
        log.info(
            "Routing is running.",
            contacts=len(dispatcher.router.state.contacts),
            operators=len(dispatcher.router.state.operators),
        )
        dispatcher.tick()  # what fell due while nobody ran
        self._ready.set()

    async def _route(self) -> None:
        """Until the lease is lost or the app stops."""
        self.book.start()
        tasks = [
            asyncio.create_task(self._beat()),
            asyncio.create_task(news.follow(self._database, self._reload)),
            asyncio.create_task(self._each_minute()),
        ]
        try:
            # `wait`, not `gather`: each is cancelled once, so that the step under way is finished.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _reload(self) -> None:
        try:
            laid = await load(self._database, self._dispatcher.clock)
        except ValueError:
            # Rules that this program does not understand, of another version perhaps: those in force stay.
            log.exception("The tables of routing can not be read.")
            return
        self.book.projects = laid.projects
        self._dispatcher.take(laid)

    async def _beat(self) -> None:
        """Hold the lease. While the store is away nobody can take it, so calls go on being routed."""
        while True:
            await asyncio.sleep(BEAT)
            self._count()
            with contextlib.suppress(*_AWAY):
                await whole(self._lease.beat())

    async def _each_minute(self) -> None:
        """Opening hours and the change of days, just after each whole minute."""
        dispatcher = self._dispatcher
        while True:
            await asyncio.sleep(MINUTE - dispatcher.now() % MINUTE + 0.01)
            dispatcher.look_at_the_hours()
            dispatcher.sign_out_the_absent()
            dispatcher.tallies.forget_before(self._earliest())
            dispatcher.say_queues()

    def _count(self) -> None:
        state = self._dispatcher.router.state
        figures.WAITING.set(sum(len(queue.line) for queue in state.queues.values()))
        for name, count in Counter(one.state.value for one in state.operators.values()).items():
            figures.OPERATORS.labels(state=name).set(count)

    def _earliest(self) -> date:
        return (self._dispatcher.clock() - DAYS_IN_HAND).date()

    async def _days(self) -> list[tuple[QueueId, date, Day]]:
        async with self._database.begin(CENTRE) as session:
            projects = frozenset(await all_project_ids(session))
        query = select(QueueDayRow).where(QueueDayRow.day >= self._earliest())
        async with self._database.begin(Wall(centre=True, projects=projects)) as session:
            return [(QueueId(str(row.queue_id)), row.day, _day(row)) for row in await session.scalars(query)]

    async def _lasting(self) -> list[Interval]:
        query = select(OperatorStateRow).where(OperatorStateRow.until.is_(None)).order_by(OperatorStateRow.since)
        async with self._database.begin(CENTRE) as session:
            rows = (await session.scalars(query)).all()
        return [_interval(row) for row in rows]


def _day(row: QueueDayRow) -> Day:
    return Day(
        answered=row.answered,
        answered_in_time=row.answered_in_time,
        abandoned=row.abandoned,
        short=row.short,
        overflowed=row.overflowed,
        turned_away=row.turned_away,
        waited=row.waited,
    )


def _interval(row: OperatorStateRow) -> Interval:
    fields: dict[str, Any] = {"since": row.since, "until": None, "forced_by": row.forced_by}
    return Interval(id=row.id, person=OperatorId(str(row.person_id)), state=row.state, reason=row.reason, **fields)
