"""Jobs: work that takes long or must wait, enqueued in the transaction of what caused it.

A room's `jobs.py` registers its tasks on `app` under a stable name, because jobs outlive the program that enqueued
them; the worker process runs them with the store in `context.additional_context["database"]`.
"""

import importlib
from pathlib import Path
from typing import Any, Final

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from sqlalchemy.ext.asyncio import AsyncSession

import centrala
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings, SipSettings

app: Final = App(connector=PsycopgConnector())
"""The registry of all tasks; its own connector stays closed, jobs are enqueued on the caller's connection."""

RETRY: Final = RetryStrategy(max_attempts=8, exponential_wait=5)
"""For a task that may fail for a while: seven more attempts after 5 s, 25 s, ..."""


class UnknownTask(LookupError):
    """A job was enqueued under a name that no room registered: a bug, found here and not by the worker."""


def load_tasks() -> list[str]:
    """Load the `jobs` module of every room and part of a room, which registers its tasks; returns their names."""
    root = Path(centrala.__path__[0])
    files = (path.relative_to(root.parent).with_suffix("") for path in sorted(root.rglob("jobs.py")))
    found = [name for name in (".".join(file.parts) for file in files) if name != __name__]
    for name in found:
        importlib.import_module(name)
    return found


async def enqueue(session: AsyncSession, task: str, arguments: dict[str, Any]) -> int:
    """Enqueue a job in the session's transaction; returns its number."""
    if task not in app.tasks:
        load_tasks()
    known = app.tasks.get(task)
    if known is None:
        raise UnknownTask(task)
    raw = await (await session.connection()).get_raw_connection()
    return await known.configure(connection=raw.driver_connection).defer_async(**arguments)


def database_of(context: JobContext) -> Database:
    """The store of the worker that runs this job."""
    database = context.additional_context["database"]
    assert isinstance(database, Database)  # noqa: S101 - the worker process sets it, nobody else
    return database


def data_folder_of(context: JobContext) -> Path:
    """The data folder of the worker that runs this job."""
    folder = context.additional_context["data_folder"]
    assert isinstance(folder, Path)  # noqa: S101 - the worker process sets it, nobody else
    return folder


def sip_settings_of(context: JobContext) -> SipSettings:
    """What was set for telephones, as the worker that runs this job knows it."""
    settings = context.additional_context["sip"]
    assert isinstance(settings, SipSettings)  # noqa: S101 - the worker process sets it, nobody else
    return settings


def settings_of(context: JobContext) -> AppSettings:
    """All settings, as the worker that runs this job knows them."""
    settings = context.additional_context["settings"]
    assert isinstance(settings, AppSettings)  # noqa: S101 - the worker process sets it, nobody else
    return settings


async def run_worker(
    conninfo: str,
    database: Database,
    data_folder: Path,
    *,
    sip: SipSettings = SipSettings(),  # noqa: B008 - frozen
    settings: AppSettings | None = None,
    concurrency: int = 4,
) -> None:
    """Run jobs until the process is told to stop; a job under way may finish first."""
    connector = PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4)
    # Not `with_connector`: it makes a copy, and periodic tasks are deferred by the app that they were registered on.
    with app.replace_connector(connector):
        async with app.open_async():
            await app.run_worker_async(
                concurrency=concurrency,
                additional_context={
                    "database": database,
                    "data_folder": data_folder,
                    "sip": sip,
                    "settings": settings,
                },
                delete_jobs="successful",
                shutdown_graceful_timeout=10,
            )
