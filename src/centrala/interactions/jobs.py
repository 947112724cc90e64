"""What the room does by itself: stores recordings, reminds of promises, keeps the rules, audits."""

from typing import Final
from uuid import UUID

from procrastinate import JobContext

from centrala.interactions.everywhere import everywhere
from centrala.interactions.service.auditing import audit_recordings
from centrala.interactions.service.customers import DELETE_RECORDING
from centrala.interactions.service.findings import AUDIT_NOW
from centrala.interactions.service.promises import remind
from centrala.interactions.service.retaining import keep_rules
from centrala.interactions.service.storing import Keeping, store_waiting
from centrala.interactions.service.storing import delete_recording as delete_one
from centrala.kit.jobs import RETRY, app, database_of, settings_of
from centrala.kit.work import work

STORE_EVERY: Final = "* * * * * */15"
"""Cron with seconds in its last field (croniter): who looks at a contact just after it waits for its recording."""


def _keeping(context: JobContext) -> Keeping:
    return Keeping(database_of(context), settings_of(context))


@app.periodic(cron=STORE_EVERY)
@app.task(name="interactions.store_recordings", pass_context=True, queueing_lock="interactions.store_recordings")
async def store_recordings(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Seal recordings that have ended."""
    await store_waiting(_keeping(context))


@app.periodic(cron="* * * * *")
@app.task(name="interactions.remind", pass_context=True, queueing_lock="interactions.remind")
async def remind_of_promises(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Tell of promises whose time has come."""
    database = database_of(context)
    async with work(database, await everywhere(database), way="job") as unit:
        await remind(unit)


@app.periodic(cron="20 2 * * *")
@app.task(name="interactions.keep_rules", pass_context=True, queueing_lock="interactions.keep_rules")
async def keep_projects_rules(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Delete and wipe what is older than agreed."""
    await keep_rules(_keeping(context))


@app.periodic(cron="50 3 * * *")
@app.task(name="interactions.audit", pass_context=True, queueing_lock="interactions.audit")
async def audit(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Look for calls without audio and audio without a call."""
    await audit_recordings(_keeping(context))


@app.task(name=AUDIT_NOW, pass_context=True)
async def audit_now(context: JobContext, run_id: str) -> None:
    """The same because somebody asked for it."""
    await audit_recordings(_keeping(context), UUID(run_id))


@app.task(name=DELETE_RECORDING, pass_context=True, retry=RETRY)
async def delete_recording(context: JobContext, recording_id: str, why: str) -> None:
    """Remove the audio of one recording."""
    keeping = _keeping(context)
    await delete_one(keeping, await everywhere(keeping.database), UUID(recording_id), why=why)
