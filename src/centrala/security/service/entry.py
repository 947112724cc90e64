"""Who sent a request: by the session's cookie or by an API token."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE, Access, Permission, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.http import COOKIE
from centrala.kit.ids import AccountId, ProjectId
from centrala.kit.readers import Question
from centrala.security.errors import CsrfRefused, PasswordChangeRequired, SignInRequired
from centrala.security.models import ApiToken, SignInSession
from centrala.security.permissions import CENTRE_ROLES, Role, permissions_of
from centrala.security.service.secrets import TOKEN_PREFIX, digest

CSRF_HEADER: Final = "X-CSRF-Token"
IDLE_LIMIT: Final = timedelta(hours=12)
"""A session that was not used for so long has ended."""

SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use of a session is known; saves a write a request."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BEFORE_PASSWORD_CHANGE: Final = frozenset({"/api/session", "/api/me", "/api/me/password"})
"""What somebody may reach who has yet to replace a temporary password."""

_ENTER: Final = Question(text("SELECT * FROM centrala_enter(:secret, :centre_roles, :lasting)"))


@dataclass(frozen=True, slots=True)
class Key:
    """A live session or token and whose it is. `csrf_token` is None for tokens, `scopes` for sessions."""

    key_id: UUID
    account_id: UUID
    csrf_token: str | None
    scopes: Sequence[str] | None
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime | None
    must_change_password: bool
    roles: Sequence[str]
    projects: Sequence[UUID]

    def access(self) -> Access:
        roles = frozenset(Role(role) for role in self.roles)
        permissions = permissions_of(roles)
        if self.scopes is not None:
            permissions &= {Permission(scope) for scope in self.scopes if scope in _KNOWN}
        account_id = AccountId(self.account_id)
        return Access(
            account_id=account_id,
            permissions=permissions,
            wall=Wall(
                projects=frozenset(ProjectId(project) for project in self.projects),
                centre=not roles.isdisjoint(CENTRE_ROLES),
                person=account_id,
            ),
            actor="session" if self.scopes is None else f"token:{self.key_id}",
        )

    def has_ended(self, now: datetime) -> bool:
        if self.expires_at is not None and self.expires_at <= now:
            return True
        return self.scopes is None and (self.seen_at or self.created_at) + IDLE_LIMIT <= now


_KNOWN: Final = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Turns a request into the access of whoever sent it, or refuses it."""

    database: Database
    clock: Clock

    async def __call__(self, request: Request, session: AsyncSession | None = None, *, lasting: bool = False) -> Access:
        """The access of a request's sender; with a session, in its transaction, whose wall is raised.

        `lasting` raises the wall for the connection instead.
        """
        key = await self.key_of(request, session, lasting=lasting)
        if key.must_change_password and request.url.path not in _BEFORE_PASSWORD_CHANGE:
            raise PasswordChangeRequired
        request.state.key = key
        return key.access()

    async def key_of(self, request: Request, session: AsyncSession | None, *, lasting: bool = False) -> Key:
        """The live session or token of a request; raises `SignInRequired` or `CsrfRefused`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
            return await self.find(token, session, lasting=lasting)
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise SignInRequired
        key = await self.find(cookie, session, lasting=lasting)
        if key.csrf_token is None:
            raise SignInRequired("A token belongs into the header Authorization, not into the cookie.")
        if request.method not in _SAFE_METHODS:
            check_csrf(request, key.csrf_token)
        return key

    async def find(self, secret: str, session: AsyncSession | None = None, *, lasting: bool = False) -> Key:
        """The live session or token that a secret opens."""
        now = self.clock()
        parameters = {"secret": digest(secret), "centre_roles": sorted(CENTRE_ROLES), "lasting": lasting}
        if session is None:
            row = await self.database.look(_ENTER, parameters)
        else:
            row = await _ENTER.ask(session, parameters)
        if row is None:
            raise SignInRequired
        key = Key(**row)
        if key.has_ended(now):
            raise SignInRequired("Your session has ended; sign in again.")
        if key.seen_at is None or key.seen_at + SEEN_EVERY <= now:
            await self._seen(key, now)
        return key

    async def _seen(self, key: Key, now: datetime) -> None:
        async with self.database.begin(CENTRE) as session:
            if key.scopes is None:
                await session.execute(update(SignInSession).where(SignInSession.id == key.key_id).values(seen_at=now))
            else:
                await session.execute(update(ApiToken).where(ApiToken.id == key.key_id).values(used_at=now))


def check_csrf(request: Request, token: str) -> None:
    """Refuse a changing request that another site could have made the browser send."""
    same_site(request)
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), token.encode()):
        raise CsrfRefused


def same_site(request: Request) -> None:
    """Refuse a request whose Origin is another site than the one it is sent to; browsers always tell it."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    public = urlsplit(str(request.app.state.settings.web.url))
    if urlsplit(origin).netloc not in {request.headers.get("Host", ""), public.netloc}:
        raise CsrfRefused
