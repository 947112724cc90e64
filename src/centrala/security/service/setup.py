"""The first start: a link that creates the first administrator, once."""

from typing import Final

from sqlalchemy import delete, select, text

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock, utc_now
from centrala.kit.database import Database
from centrala.kit.work import Work, work
from centrala.security.errors import AlreadySetUp, WrongSetupLink
from centrala.security.models import AccountRole, SetupLink
from centrala.security.permissions import Role
from centrala.security.service.secrets import digest, new_secret

_SETUP_LOCK: Final = 0x43454E54_53455455  # "CENTSETU": one first administrator


async def is_needed(work: Work) -> bool:
    """Whether the centre has no administrator yet."""
    query = select(AccountRole.account_id).where(AccountRole.role == Role.ADMINISTRATOR).limit(1)
    return await work.session.scalar(query) is None


async def make_link(database: Database, clock: Clock = utc_now) -> str | None:
    """A fresh secret for the page `/setup#token=...`, the ones before it end; None when the centre is set up."""
    secret = new_secret()
    async with work(database, CENTRE, clock=clock) as unit:
        if not await is_needed(unit):
            return None
        await unit.session.execute(delete(SetupLink))
        unit.session.add(SetupLink(token_hash=digest(secret), created_at=unit.now))
    return secret


async def take_link(work: Work, token: str) -> None:
    """Use the link up. Raises `AlreadySetUp` or `WrongSetupLink`."""
    await work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SETUP_LOCK})
    if not await is_needed(work):
        raise AlreadySetUp
    query = delete(SetupLink).where(SetupLink.token_hash == digest(token)).returning(SetupLink.token_hash)
    if (await work.session.execute(query)).first() is None:
        raise WrongSetupLink
