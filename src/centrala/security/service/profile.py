"""What people do with their own account: password, second factor, sessions, tokens, saved filters."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select

from centrala.kit.access import Permission
from centrala.kit.errors import Forbidden, InvalidField, NotFound
from centrala.kit.ids import new_id
from centrala.kit.vault import Vault
from centrala.kit.work import Work
from centrala.security import passwords
from centrala.security.errors import TooManyTokens, TooManyViews, TotpAlreadyOn, TotpNotBegun, WrongCode
from centrala.security.models import Account, ApiToken, RecoveryCode, SavedView, SignInSession
from centrala.security.service.accounts import end_sessions, set_password
from centrala.security.service.secrets import TOKEN_PREFIX, digest, new_secret
from centrala.security.service.sign_in import take_totp

ISSUER: Final = "Centrala"
RECOVERY_CODES: Final = 10
MAX_TOKENS: Final = 20  # tokens of one person
MAX_VIEWS: Final = 100  # saved filters of one person

_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without the characters that people mix up


async def me(work: Work, *, lock: bool = False) -> Account:
    """The account of whoever acts."""
    if work.access is None:
        raise NotFound
    account: Account = await work.session.get_one(Account, work.access.account_id, with_for_update=lock)
    return account


async def change_profile(work: Work, account: Account, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(account, name, value)
    account.version += 1
    work.trace("account.profile_changed", "account", account.id, fields=sorted(changes))


async def change_password(work: Work, *, current: str, new: str, keep: UUID | None) -> None:
    """Replace one's own password; all other sessions end."""
    account = await me(work, lock=True)
    await confirm_password(account, current, field="current")
    if new == current:
        raise InvalidField("new", "password.same", "Choose a password other than the present one.")
    await set_password(work, account, new, must_change=False, field="new")
    await end_sessions(work, account.id, keep=keep)


async def confirm_password(account: Account, password: str, *, field: str) -> None:
    if not await passwords.matches(account.password_hash, password):
        raise InvalidField(field, "password.wrong", "This is not your present password.")


async def begin_totp(work: Work, vault: Vault) -> tuple[str, str]:
    """A fresh secret (base32) and its otpauth URI; it counts from the first right code on."""
    account = await me(work, lock=True)
    if account.totp_enabled:
        raise TotpAlreadyOn
    secret = pyotp.random_base32()
    account.totp_secret = vault.seal(secret.encode(), owner=account.id.bytes)
    account.totp_last_step = None
    return secret, pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=ISSUER)


async def confirm_totp(work: Work, vault: Vault, code: str) -> list[str]:
    """Turn the second factor on by its first code; returns the recovery codes, which are not told again."""
    account = await me(work, lock=True)
    if account.totp_enabled:
        raise TotpAlreadyOn
    if account.totp_secret is None:
        raise TotpNotBegun
    if not take_totp(work, vault, account, code):
        raise InvalidField("code", WrongCode.code, WrongCode.title)
    account.totp_enabled = True
    account.version += 1
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    await work.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    work.session.add_all(RecoveryCode(account_id=account.id, code_hash=digest(code)) for code in codes)
    work.trace("account.totp_on", "account", account.id)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


async def turn_totp_off(work: Work, password: str) -> None:
    account = await me(work, lock=True)
    await confirm_password(account, password, field="password")
    account.totp_enabled, account.totp_secret, account.totp_last_step = False, None, None
    account.version += 1
    await work.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    work.trace("account.totp_off", "account", account.id)


async def my_sessions(work: Work) -> Sequence[SignInSession]:
    account = await me(work)
    query = select(SignInSession).where(SignInSession.account_id == account.id).order_by(SignInSession.seen_at.desc())
    return (await work.session.scalars(query)).all()


async def end_my_session(work: Work, session_id: UUID) -> None:
    account = await me(work)
    query = delete(SignInSession).where(SignInSession.id == session_id, SignInSession.account_id == account.id)
    if (await work.session.execute(query.returning(SignInSession.id))).first() is None:
        raise NotFound
    work.trace("session.ended", "session", session_id)


async def my_tokens(work: Work) -> Sequence[ApiToken]:
    account = await me(work)
    query = select(ApiToken).where(ApiToken.account_id == account.id).order_by(ApiToken.created_at.desc())
    return (await work.session.scalars(query)).all()


@dataclass(frozen=True, slots=True)
class NewToken:
    """`secret` is told once, stored as a hash."""

    secret: str
    token: ApiToken


async def make_token(work: Work, *, name: str, scopes: Collection[Permission], expires_at: datetime | None) -> NewToken:
    """A key for a program; it can do at most what its owner can."""
    account = await me(work, lock=True)
    if work.access is None or not set(scopes) <= work.access.permissions:
        raise InvalidField("scopes", "scope_not_held", "A token cannot do what you cannot do yourself.")
    if expires_at is not None and expires_at <= work.now:
        raise InvalidField("expires_at", "in_the_past", "Choose a moment in the future.")
    held = await work.session.scalar(select(func.count()).where(ApiToken.account_id == account.id))
    if (held or 0) >= MAX_TOKENS:
        raise TooManyTokens
    if work.access.actor != "session":
        raise Forbidden("A token cannot make tokens; sign in at the desk.")
    secret = new_secret(TOKEN_PREFIX)
    token = ApiToken(
        id=new_id(),
        account_id=account.id,
        name=name,
        token_hash=digest(secret),
        scopes=sorted(scopes),
        created_at=work.now,
        expires_at=expires_at,
    )
    work.session.add(token)
    work.trace("token.made", "token", token.id, scopes=sorted(scopes))
    return NewToken(secret, token)


async def delete_token(work: Work, token_id: UUID) -> None:
    account = await me(work)
    query = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.account_id == account.id)
    if (await work.session.execute(query.returning(ApiToken.id))).first() is None:
        raise NotFound
    work.trace("token.deleted", "token", token_id)


async def my_views(work: Work, page: str | None) -> Sequence[SavedView]:
    account = await me(work)
    query = select(SavedView).where(SavedView.account_id == account.id).order_by(SavedView.page, SavedView.name)
    if page is not None:
        query = query.where(SavedView.page == page)
    return (await work.session.scalars(query)).all()


async def save_view(work: Work, *, page: str, name: str, query: dict[str, Any]) -> SavedView:
    """Keep a list's filters under a name; the same name on the same page is replaced."""
    account = await me(work, lock=True)
    mine = SavedView.account_id == account.id
    view = await work.session.scalar(select(SavedView).where(mine, SavedView.page == page, SavedView.name == name))
    if view is None:
        if (await work.session.scalar(select(func.count()).where(mine)) or 0) >= MAX_VIEWS:
            raise TooManyViews
        view = SavedView(id=new_id(), account_id=account.id, page=page, name=name, query=query)
        work.session.add(view)
    view.query = query
    return view


async def delete_view(work: Work, view_id: UUID) -> None:
    account = await me(work)
    query = delete(SavedView).where(SavedView.id == view_id, SavedView.account_id == account.id)
    if (await work.session.execute(query.returning(SavedView.id))).first() is None:
        raise NotFound
