"""Small commands on the store: the audit trail's proof, a new setup link."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.settings import Folders
from centrala.node import tools
from centrala.node.assembly import app_url
from centrala.node.errors import StartRefused
from centrala.node.settings import Settings, load
from centrala.reports.service import collect
from centrala.security import service as security


def verify_audit(data: Path, config: Path | None) -> int:
    """Print whether the audit trail is whole; exit code 0 or 1."""
    settings, folders = _centre(data, config)

    async def verify(database: Database) -> int:
        verdict = await security.verify_audit(database, folders.data)
        if verdict.ok:
            print(f"The audit trail is whole: {verdict.rows} rows.")  # noqa: T201 - the command's answer
            return 0
        print(f"The audit trail was changed: the chain breaks at row {verdict.broken_at}.")  # noqa: T201
        return 1

    return _with_database(settings, folders, verify)


def rebuild_reports(data: Path, config: Path | None, since: date | None) -> int:
    """Make what reports count anew from the timelines of contacts that came since a day; prints what differed."""
    settings, folders = _centre(data, config)
    first = datetime.combine(since, time(), UTC) if since else datetime(2000, 1, 1, tzinfo=UTC)

    async def rebuild(database: Database) -> int:
        contacts, different = await collect.rebuild(database, since=first, until=utc_now())
        print(f"{contacts} contacts were counted anew; {different} differed.")  # noqa: T201 - the command's answer
        return 0

    return _with_database(settings, folders, rebuild)


def print_setup_link(data: Path, config: Path | None) -> int:
    """Print a link that creates the first administrator; it ends the ones before it."""
    settings, folders = _centre(data, config)

    async def make(database: Database) -> int:
        token = await security.make_link(database)
        if token is None:
            raise StartRefused("This centre has an administrator", "Ask that person for an account")
        print(f"{settings.web.url}/setup#token={token}")  # noqa: T201
        return 0

    return _with_database(settings, folders, make)


def _centre(data: Path, config: Path | None) -> tuple[Settings, Folders]:
    folders = Folders(data=data)
    if not folders.secrets.is_dir():
        raise StartRefused(f"There is no centre in {data}", "Name its data folder with --data, or start it first")
    return load(data, config), folders


def _with_database(settings: Settings, folders: Folders, command: Callable[[Database], Awaitable[int]]) -> int:
    async def run() -> int:
        database = Database(app_url(settings, folders), connections=2)
        try:
            return await command(database)
        finally:
            await database.close()

    with tools.store(settings, folders):
        return asyncio.run(run())
