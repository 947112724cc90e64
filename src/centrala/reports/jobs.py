"""What reports do by themselves: they follow the facts, and prove themselves every night."""

from procrastinate import JobContext

from centrala.kit.clock import utc_now
from centrala.kit.jobs import app, database_of
from centrala.kit.logging import get_logger
from centrala.reports.service import collect

log = get_logger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="reports.catch_up", pass_context=True, queueing_lock="reports.catch_up", lock="reports.collect")
async def catch_up(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Count what has happened since the last minute."""
    await collect.catch_up(database_of(context))


@app.periodic(cron="40 2 * * *")
@app.task(name="reports.check", pass_context=True, queueing_lock="reports.check", lock="reports.collect")
async def check(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Compare the last days with the timelines that they were made from."""
    contacts, different = await collect.check(database_of(context), utc_now())
    if different:
        log.warning("Reports differed from the timelines and were made anew.", contacts=contacts, different=different)
