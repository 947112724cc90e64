"""Sign-in, one's own account, roles and the audit trail over HTTP."""

from collections.abc import Iterable
from typing import Annotated, Final
from uuid import UUID

import segno
from fastapi import Depends, Request, Response

from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, same_version, tag, working
from centrala.kit.vault import Vault
from centrala.kit.work import Work, work
from centrala.projects.service.sight import Project, in_sight
from centrala.security import schemas as s
from centrala.security.models import Account, ApiToken
from centrala.security.service import COOKIE, Attempt, Key, SignIn, end_sessions, profile
from centrala.security.service.entry import same_site
from centrala.security.service.sign_in import SESSION_LIFE

router: Final = Routes(responses=problems())

Own = Annotated[Work, Depends(working(), scope="function")]
OwnReading = Annotated[Work, Depends(reading(), scope="function")]
OwnTokens = Annotated[Work, Depends(working(Permission.TOKENS_OWN), scope="function")]


async def _vault(request: Request) -> Vault:
    return Vault(request.app.state.settings.secret_key.get_secret_value(), purpose="totp")


async def _key(request: Request, _unit: Own) -> Key:
    key: Key = request.state.key
    return key


async def _reading_key(request: Request, _unit: OwnReading) -> Key:
    key: Key = request.state.key
    return key


Secrets = Annotated[Vault, Depends(_vault)]
CurrentKey = Annotated[Key, Depends(_key)]
ReadingKey = Annotated[Key, Depends(_reading_key)]


async def session_out(unit: Work, csrf_token: str, roles: Iterable[str]) -> s.SessionOut:
    """All that the desk needs to know of who is signed in."""
    account = await profile.me(unit)
    return s.SessionOut(
        person=me_out(account),
        roles=sorted(roles),
        permissions=sorted(unit.access.permissions if unit.access else ()),
        projects=[_project(project) for project in await in_sight(unit)],
        csrf_token=csrf_token,
    )


def me_out(account: Account) -> s.Me:
    return s.Me.model_validate(account, from_attributes=True)


def _project(project: Project) -> s.SessionProject:
    return s.SessionProject(
        id=project.id,
        name=project.name,
        code=project.code,
        company_id=project.company_id,
        company_name=project.company.name,
    )


@router.get("/session", tags=["session"])
async def read_session(unit: OwnReading, key: ReadingKey) -> s.SessionOut:
    """Who is signed in here."""
    return await session_out(unit, key.csrf_token or "", key.roles)


@router.post("/session", tags=["session"])
async def sign_in(request: Request, response: Response, body: s.SignInIn) -> s.SessionOut:
    """Sign in by login and password, with a code where the second factor is on. Sets the session's cookie."""
    same_site(request)
    return await enter(request, response, login=body.login, password=body.password, code=body.code)


async def enter(request: Request, response: Response, *, login: str, password: str, code: str | None) -> s.SessionOut:
    """Open a session for the browser that asks."""
    state = request.app.state
    attempt = Attempt(
        login=login,
        password=password,
        code=code,
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("User-Agent", ""),
    )
    new = await SignIn(state.database, state.clock, await _vault(request))(attempt)
    set_cookie(request, response, new.secret)
    key = await state.entry.find(new.secret)
    access = key.access()
    async with work(state.database, access.wall, access=access, clock=state.clock) as unit:
        return await session_out(unit, key.csrf_token or "", key.roles)


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """The cookie of a session: out of reach of scripts and of other sites, over TLS only where there is TLS."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/api",
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.web.url.startswith("https"),
    )


@router.delete("/session", tags=["session"], status_code=204)
async def sign_out(unit: Own, key: CurrentKey, response: Response) -> None:
    """End this session."""
    await profile.end_my_session(unit, key.key_id)
    response.delete_cookie(COOKIE, path="/api")


@router.get("/me", tags=["me"])
async def read_me(unit: OwnReading, response: Response) -> s.Me:
    account = await profile.me(unit)
    tag(response, account.version)
    return me_out(account)


@router.patch("/me", tags=["me"], responses=problems(412, 428))
async def change_me(unit: Own, version: IfMatch, body: s.MeChange, response: Response) -> s.Me:
    """Change one's own language, theme or time zone."""
    account = await profile.me(unit, lock=True)

    async def current() -> s.Me:
        return me_out(account)

    await same_version(account, version, current)
    await profile.change_profile(unit, account, body.model_dump(exclude_unset=True, exclude_none=True))
    tag(response, account.version)
    return me_out(account)


@router.post("/me/password", tags=["me"], status_code=204)
async def change_my_password(unit: Own, key: CurrentKey, body: s.PasswordChange) -> None:
    """Replace one's own password. All other sessions end."""
    await profile.change_password(unit, current=body.current, new=body.new, keep=key.key_id)


@router.post("/me/totp", tags=["me"], responses=problems(409))
async def begin_totp(unit: Own, vault: Secrets) -> s.TotpBegun:
    """Begin to turn the second factor on: a fresh secret for the authenticator app."""
    secret, uri = await profile.begin_totp(unit, vault)
    code = segno.make(uri, error="m")
    return s.TotpBegun(secret=secret, uri=uri, qr_svg=code.svg_inline(scale=4, border=2, omitsize=True))


@router.post("/me/totp/confirm", tags=["me"], responses=problems(409))
async def confirm_totp(unit: Own, vault: Secrets, body: s.TotpConfirm) -> s.RecoveryCodes:
    """Turn the second factor on by its first code."""
    return s.RecoveryCodes(recovery_codes=await profile.confirm_totp(unit, vault, body.code))


@router.post("/me/totp/off", tags=["me"], status_code=204)
async def turn_totp_off(unit: Own, body: s.PasswordConfirm) -> None:
    await profile.turn_totp_off(unit, body.password)


@router.get("/me/sessions", tags=["me"])
async def list_my_sessions(unit: OwnReading, key: ReadingKey) -> list[s.SessionSeen]:
    """The browsers in which one is signed in, the last used first."""
    return [
        s.SessionSeen(
            id=row.id,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            address=row.address,
            user_agent=row.user_agent,
            current=row.id == key.key_id,
        )
        for row in await profile.my_sessions(unit)
    ]


@router.delete("/me/sessions/{session_id}", tags=["me"], status_code=204)
async def end_my_session(unit: Own, session_id: UUID) -> None:
    await profile.end_my_session(unit, session_id)


@router.delete("/me/sessions", tags=["me"])
async def end_my_other_sessions(unit: Own, key: CurrentKey) -> s.Ended:
    """End all sessions but this one."""
    account = await profile.me(unit)
    ended = await end_sessions(unit, account.id, keep=key.key_id)
    unit.trace("session.others_ended", "account", account.id, sessions=ended)
    return s.Ended(ended=ended)


@router.get("/me/tokens", tags=["me"])
async def list_my_tokens(unit: OwnTokens) -> list[s.TokenOut]:
    return [_token(token) for token in await profile.my_tokens(unit)]


@router.post("/me/tokens", tags=["me"], status_code=201, responses=problems(409))
async def make_my_token(unit: OwnTokens, body: s.TokenIn) -> s.TokenMade:
    """Make a key for a program that acts for you, within `scopes`."""
    new = await profile.make_token(unit, name=body.name, scopes=body.scopes, expires_at=body.expires_at)
    return s.TokenMade(**_token(new.token).model_dump(), token=new.secret)


def _token(token: ApiToken) -> s.TokenOut:
    return s.TokenOut.model_validate(token, from_attributes=True)


@router.delete("/me/tokens/{token_id}", tags=["me"], status_code=204)
async def delete_my_token(unit: OwnTokens, token_id: UUID) -> None:
    await profile.delete_token(unit, token_id)


@router.get("/me/views", tags=["me"])
async def list_my_views(unit: OwnReading, page: s.ViewPage | None = None) -> list[s.ViewOut]:
    """Saved filters of one list, or of all."""
    return [s.ViewOut.model_validate(view, from_attributes=True) for view in await profile.my_views(unit, page)]


@router.post("/me/views", tags=["me"], status_code=201, responses=problems(409))
async def save_my_view(unit: Own, body: s.ViewIn) -> s.ViewOut:
    """Keep a list's filters under a name; one of the same name is replaced."""
    view = await profile.save_view(unit, page=body.page, name=body.name, query=body.query)
    return s.ViewOut.model_validate(view, from_attributes=True)


@router.delete("/me/views/{view_id}", tags=["me"], status_code=204)
async def delete_my_view(unit: Own, view_id: UUID) -> None:
    await profile.delete_view(unit, view_id)
