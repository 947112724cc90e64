"""The worker: runs the jobs of all rooms; started by `centrala.node.launch`."""

import asyncio
import sys

from centrala.kit import jobs
from centrala.kit.database import Database
from centrala.kit.migrate import conninfo
from centrala.node.assembly import app_settings, app_url
from centrala.node.errors import REFUSED, StartRefused
from centrala.node.process import Given, begin, wait_for_release

CONNECTIONS = 4


async def work(given: Given) -> None:
    """Run jobs until SIGTERM; one under way may finish."""
    url = app_url(given.settings, given.folders)
    database = Database(url, connections=CONNECTIONS)
    try:
        given.tell_ready()
        settings = app_settings(given.settings, given.folders)
        await jobs.run_worker(conninfo(url), database, given.folders.data, sip=given.settings.sip, settings=settings)
    finally:
        await database.close()


def main() -> int:
    try:
        given = begin("worker")
        jobs.load_tasks()
        wait_for_release()
        asyncio.run(work(given))
    except StartRefused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - the supervisor reads it
        return REFUSED
    return 0
