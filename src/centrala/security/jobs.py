"""What security does by itself: it forgets what has ended, and anchors the audit trail outside the database."""

from procrastinate import JobContext
from sqlalchemy import delete, or_

from centrala.kit.access import CENTRE
from centrala.kit.clock import utc_now
from centrala.kit.jobs import app, data_folder_of, database_of
from centrala.security.models import ApiToken, SignInFailure, SignInSession
from centrala.security.service import anchor
from centrala.security.service.entry import IDLE_LIMIT
from centrala.security.throttle import FORGET_AFTER


@app.periodic(cron="17 * * * *")
@app.task(name="security.forget_what_ended", pass_context=True, queueing_lock="security.forget_what_ended")
async def forget_what_ended(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Delete sessions, tokens and failed sign-ins that do not count any more."""
    now = utc_now()
    async with database_of(context).begin(CENTRE) as session:
        ended = or_(SignInSession.expires_at <= now, SignInSession.seen_at <= now - IDLE_LIMIT)
        await session.execute(delete(SignInSession).where(ended))
        await session.execute(delete(ApiToken).where(ApiToken.expires_at <= now))
        await session.execute(delete(SignInFailure).where(SignInFailure.last_at <= now - FORGET_AFTER))


@app.periodic(cron="*/10 * * * *")
@app.task(name="security.anchor_audit", pass_context=True, queueing_lock="security.anchor_audit")
async def anchor_audit(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Remember the end of the audit trail in a file, so that cutting it off shows."""
    await anchor(database_of(context), data_folder_of(context))
