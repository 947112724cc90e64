"""Signing in: throttle, password, second factor, session."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import pyotp
from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.vault import Vault
from centrala.kit.work import Work, work
from centrala.security import passwords
from centrala.security.errors import SecondFactorRequired, Throttled, WrongCode, WrongCredentials
from centrala.security.models import Account, RecoveryCode, SignInFailure, SignInSession
from centrala.security.service.secrets import digest, new_secret
from centrala.security.throttle import BY_ADDRESS, BY_LOGIN, FORGET_AFTER, Limit, may_try_at

SESSION_LIFE: Final = timedelta(days=7)
MAX_AGENT: Final = 200  # characters kept of a browser's name
TOTP_DRIFT: Final = 1  # steps of 30 s that a phone's clock may be off, each way (RFC 6238 section 5.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What somebody sent to sign in, and from where."""

    login: str
    password: str
    code: str | None
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """`secret` is the cookie's value: told once, stored as a hash."""

    secret: str
    account_id: UUID


@dataclass(frozen=True, slots=True)
class SignIn:
    """The desk's front door."""

    database: Database
    clock: Clock
    vault: Vault

    async def __call__(self, attempt: Attempt) -> NewSession:
        """Open a session. Raises `WrongCredentials`, `SecondFactorRequired`, `WrongCode` or `Throttled`.

        The password is compared outside of any transaction: it takes its time, and a connection is dear.
        """
        limits = {_key("login", attempt.login.lower()): BY_LOGIN, _key("address", attempt.address): BY_ADDRESS}
        account = await self._look_up(attempt.login, limits)
        right = await passwords.matches(account.password_hash if account else None, attempt.password)
        if account is None or not right or account.closed_at is not None:
            await self._failed(limits, account)
            raise WrongCredentials
        if account.totp_enabled and not attempt.code:
            raise SecondFactorRequired
        if account.totp_enabled and not await self._take_code(account, attempt.code or ""):
            await self._failed(limits, account)
            raise WrongCode
        return await self._open(account, attempt)

    async def _look_up(self, login: str, limits: dict[bytes, Limit]) -> Account | None:
        now = self.clock()
        async with self.database.begin(CENTRE) as session:
            query = select(SignInFailure).where(SignInFailure.key.in_(limits))
            for row in await session.scalars(query):
                wait = may_try_at(limits[row.key], row.failures, row.last_at) - now
                if wait > timedelta(0):
                    raise Throttled(retry_after=int(wait.total_seconds()) + 1)
            found: Account | None = await session.scalar(
                select(Account).where(func.lower(Account.login) == login.lower())
            )
            return found

    async def _failed(self, limits: dict[bytes, Limit], account: Account | None) -> None:
        async with work(self.database, CENTRE, clock=self.clock, way="sign_in") as unit:
            for key in sorted(limits):
                await _count_failure(unit, key)
            unit.trace("sign_in.failed", "account", account.id if account else "unknown")

    async def _take_code(self, account: Account, code: str) -> bool:
        async with work(self.database, CENTRE, clock=self.clock, way="sign_in") as unit:
            locked = await unit.session.get_one(Account, account.id, with_for_update=True)
            return take_totp(unit, self.vault, locked, code) or await take_recovery_code(unit, locked, code)

    async def _open(self, account: Account, attempt: Attempt) -> NewSession:
        secret = new_secret()
        async with work(self.database, CENTRE, clock=self.clock, way="sign_in") as unit:
            await unit.session.execute(
                delete(SignInFailure).where(SignInFailure.key == _key("login", attempt.login.lower()))
            )
            if passwords.outdated(account.password_hash or ""):
                stored = await unit.session.get_one(Account, account.id)
                stored.password_hash = await passwords.hashed(attempt.password)
            unit.session.add(
                SignInSession(
                    id=new_id(),
                    account_id=account.id,
                    token_hash=digest(secret),
                    csrf_token=new_secret(),
                    created_at=unit.now,
                    seen_at=unit.now,
                    expires_at=unit.now + SESSION_LIFE,
                    address=attempt.address,
                    user_agent=attempt.user_agent[:MAX_AGENT],
                )
            )
            unit.trace("sign_in.succeeded", "account", account.id, actor_id=account.id)
        return NewSession(secret, account.id)


def _key(kind: str, value: str) -> bytes:
    return digest(f"{kind}:{value}")


async def _count_failure(unit: Work, key: bytes) -> None:
    fresh = insert(SignInFailure).values(key=key, failures=1, last_at=unit.now)
    counted = case((SignInFailure.last_at < unit.now - FORGET_AFTER, 1), else_=SignInFailure.failures + 1)
    await unit.session.execute(
        fresh.on_conflict_do_update(index_elements=[SignInFailure.key], set_={"failures": counted, "last_at": unit.now})
    )


def take_totp(unit: Work, vault: Vault, account: Account, code: str) -> bool:
    """Whether `code` is right now and was not used before (RFC 6238 section 5.2); uses it up."""
    if account.totp_secret is None:
        return False
    totp = pyotp.TOTP(vault.open(account.totp_secret, owner=account.id.bytes).decode())
    step = int(unit.now.timestamp()) // totp.interval
    for candidate in range(step - TOTP_DRIFT, step + TOTP_DRIFT + 1):
        fresh = account.totp_last_step is None or candidate > account.totp_last_step
        if fresh and pyotp.utils.strings_equal(totp.generate_otp(candidate), code.strip().replace(" ", "")):
            account.totp_last_step = candidate
            return True
    return False


async def take_recovery_code(unit: Work, account: Account, code: str) -> bool:
    """Whether `code` is one of the account's recovery codes; uses it up."""
    spent = await unit.session.execute(
        delete(RecoveryCode)
        .where(RecoveryCode.account_id == account.id, RecoveryCode.code_hash == digest(normal_code(code)))
        .returning(RecoveryCode.code_hash)
    )
    if spent.first() is None:
        return False
    unit.trace("account.recovery_code_used", "account", account.id, actor_id=account.id)
    return True


def normal_code(code: str) -> str:
    """A recovery code as it is stored, however it was typed."""
    return "".join(code.split()).replace("-", "").upper()
