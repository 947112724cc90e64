"""What the SIP trace does by itself: it forgets."""

from procrastinate import JobContext

from centrala.kit.access import CENTRE
from centrala.kit.clock import utc_now
from centrala.kit.jobs import RETRY, app, database_of, sip_settings_of
from centrala.kit.logging import get_logger
from centrala.telephony.trace.service import FORGET_CALLS, forget, forget_calls

log = get_logger(__name__)


@app.periodic(cron="*/15 * * * *")
@app.task(name="telephony.forget_sip_messages", pass_context=True, queueing_lock="telephony.forget_sip_messages")
async def forget_sip_messages(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Delete SIP messages that are older than `sip.trace_days`, and the oldest beyond `sip.trace_mb`."""
    sip = sip_settings_of(context)
    async with database_of(context).begin(CENTRE) as session:
        gone = await forget(session, now=utc_now(), days=sip.trace_days, megabytes=sip.trace_mb)
    if gone:
        log.info("Old SIP messages were deleted.", messages=gone)


@app.task(name=FORGET_CALLS, pass_context=True, retry=RETRY)
async def forget_sip_of_calls(context: JobContext, call_ids: list[str]) -> None:
    """Delete the SIP messages of calls whose party was erased."""
    async with database_of(context).begin(CENTRE) as session:
        await forget_calls(session, call_ids)
