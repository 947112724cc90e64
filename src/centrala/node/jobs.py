"""What the centre forgets every night beside what its projects' own rules delete: `retention` in the settings."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from procrastinate import JobContext

from centrala.kit import outbox
from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.jobs import app, database_of, settings_of
from centrala.kit.logging import get_logger
from centrala.kit.settings import RetentionSettings
from centrala.projects.service import all_project_ids
from centrala.routing.service import forget_notices, forget_states

log = get_logger(__name__)

MAX_BATCHES: Final = 1_000  # of one kind in one night; the next night goes on


@app.periodic(cron="10 3 * * *")
@app.task(name="node.forget", pass_context=True, queueing_lock="node.forget")
async def forget_old(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Delete facts, intervals of states and notices that are older than `retention` says."""
    await forget(database_of(context), settings_of(context).retention, now=utc_now())


async def forget(database: Database, retention: RetentionSettings, *, now: datetime) -> dict[str, int]:
    """Delete what is too old, in small transactions; how many rows of each kind."""
    async with database.begin(CENTRE) as session:
        everywhere = Wall(centre=True, projects=frozenset(await all_project_ids(session)))

    async def each(days: int, some: Callable[..., Awaitable[int]]) -> int:
        before, gone = now - timedelta(days=days), 0
        for _ in range(MAX_BATCHES):
            async with database.begin(everywhere) as session:
                deleted = await some(session, before=before)
            gone += deleted
            if not deleted:
                break
        return gone

    gone = {
        "facts": await each(retention.facts_days, outbox.forget),
        "states": await each(retention.states_days, forget_states),
        "notices": await each(retention.notices_days, forget_notices),
    }
    log.info("What is too old was deleted.", facts=gone["facts"], states=gone["states"], notices=gone["notices"])
    return gone
