"""What routes of all rooms share: entering, the unit of work, problem documents, versions.

A route names the permission that it needs in the type of its first parameter:

    @router.get("/companies/{company_id}")
    async def read_company(work: Reading, company_id: UUID, response: Response) -> CompanyOut: ...

with `Reading = Annotated[Work, Depends(reading(Permission.COMPANIES_READ), scope="function")]`. What writes, if only a
trace, depends on `working`: its transaction is committed when the function has returned and before the answer leaves
(`scope="function"`), so what was answered is stored.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Match
from starlette.types import Scope

from centrala.kit.access import Access, Permission
from centrala.kit.database import raise_wall
from centrala.kit.errors import InvalidField, Refusal, VersionRequired, VersionStale
from centrala.kit.ids import ProjectId
from centrala.kit.work import Work, work

PROBLEM_TYPE: Final = "application/problem+json"
SCHEMAS: Final = "#/components/schemas/{model}"


class ProblemField(BaseModel):
    """One field that was refused."""

    field: str = Field(description="Dotted path in the request, such as `hours.0.opens`.")
    code: str = Field(description="Stable; the desk translates it.")
    params: dict[str, Any] = Field(default_factory=dict, description="For the translation's placeholders.")
    message: str = Field(description="In English, for people who read the API.")


class Problem(BaseModel):
    """An error as RFC 9457 has it, with a stable code."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; the desk translates it.")
    instance: str | None = Field(default=None, description="The path that was asked for.")
    errors: list[ProblemField] = Field(default_factory=list)


def problem(refusal: Refusal, request: Request) -> Response:
    """A refusal as the answer to a request."""
    body = Problem(
        title=refusal.title,
        status=refusal.status,
        detail=refusal.detail,
        code=refusal.code,
        instance=request.url.path,
        errors=[
            ProblemField(field=e.field, code=e.code, params=dict(e.params), message=e.message) for e in refusal.errors
        ],
        **refusal.extra,
    )
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return JSONResponse(
        body.model_dump(mode="json"), status_code=refusal.status, headers=headers, media_type=PROBLEM_TYPE
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for OpenAPI: those that every route has, and `statuses`.

    Written out and not given as a model: FastAPI would build a validator for each answer of each route, which took a
    sixth of the app's loading. `describe_problem` puts what they refer to into the document.
    """
    described = {400, 401, 403, 404, 413, 422, 429, 500, 503, *statuses}
    answer = {PROBLEM_TYPE: {}, "application/json": {"schema": {"$ref": SCHEMAS.format(model="Problem")}}}
    return {status: {"content": answer, "description": "Problem"} for status in sorted(described)}


def describe_problem(document: dict[str, Any]) -> None:
    """Put the schema of problems into an OpenAPI document."""
    schema = Problem.model_json_schema(ref_template=SCHEMAS)
    components = document.setdefault("components", {})
    more = {**schema.pop("$defs"), "Problem": schema}
    components["schemas"] = dict(sorted({**components.get("schemas", {}), **more}.items()))


API: Final = "/api"
"""What all addresses of rooms begin with."""


class Routes(APIRouter):
    """The routes of a resource, passed over at once for an address that begins with another word.

    FastAPI tries every route of every router twice for each request, which took a fifth of a small request's time.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and first_word(scope["path"].removeprefix(API)) not in self.words:
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def words(self) -> frozenset[str]:
        """The first words of the addresses, known once all routes are there."""
        return frozenset(first_word(route.path) for route in self.routes if isinstance(route, APIRoute))


def first_word(path: str) -> str:
    return path.split("/", 2)[1] if "/" in path else ""


class Entry(Protocol):
    """Finds out who sent a request; the security room's, set on the app by `web`.

    With a `session` it asks in that transaction and raises the person's wall there; `lasting`: for the connection.
    """

    async def __call__(
        self, request: Request, session: AsyncSession | None = None, *, lasting: bool = False
    ) -> Access: ...


COOKIE: Final = "centrala_session"
"""The cookie of a session."""

_by_cookie: Final = APIKeyCookie(
    name=COOKIE, auto_error=False, description="Of a session; changes carry its token in the header `X-CSRF-Token` too."
)
_by_token: Final = HTTPBearer(auto_error=False, description="An API token, within its scopes.")


Cookie = Annotated[str | None, Security(_by_cookie)]
Token = Annotated[HTTPAuthorizationCredentials | None, Security(_by_token)]
Narrowed = Annotated[
    UUID | None,
    Header(
        alias="X-Centrala-Project",
        description="Narrows the request to one project; without it: all of the person's.",
    ),
]


class Working:
    """A dependency: the unit of work of a request by somebody who holds `permission` (None: anybody signed in).

    Who asks is found out in the transaction of the work itself: one connection and one exchange less a request.
    """

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    async def __call__(
        self, request: Request, project: Narrowed = None, _cookie: Cookie = None, _token: Token = None
    ) -> AsyncIterator[Work]:
        state = request.app.state
        async with work(state.database, None, clock=state.clock) as unit:
            unit.access = await self._enter(request, unit.session, project, lasting=False)
            yield unit

    async def _enter(self, request: Request, session: AsyncSession, project: UUID | None, *, lasting: bool) -> Access:
        entry: Entry = request.app.state.entry
        access = await entry(request, session, lasting=lasting)
        if self.permission is not None:
            access.require(self.permission)
        if project is None:
            return access
        narrowed = access.narrowed_to(ProjectId(project))
        await raise_wall(session, narrowed.wall, lasting=lasting)
        return narrowed


class Reading(Working):
    """A dependency: the same for a request that changes nothing and leaves no trace; PostgreSQL refuses a write."""

    async def __call__(
        self, request: Request, project: Narrowed = None, _cookie: Cookie = None, _token: Token = None
    ) -> AsyncIterator[Work]:
        async def enter(session: AsyncSession) -> Access:
            return await self._enter(request, session, project, lasting=True)

        state = request.app.state
        async with state.database.read(enter) as (session, access):
            unit = Work(session=session, access=access, now=state.clock())
            yield unit
            unit.must_be_idle()


def reading(permission: Permission | None = None) -> Callable[..., AsyncIterator[Work]]:
    return Reading(permission)


def working(permission: Permission | None = None) -> Callable[..., AsyncIterator[Work]]:
    return Working(permission)


_VERSION_TAG: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')


async def if_match(
    if_match: Annotated[str | None, Header(description='The version that was read, as `"3"`.', max_length=40)] = None,
) -> int:
    """The version that the sender has read (RFC 9110 section 13.1.1)."""
    if if_match is None:
        raise VersionRequired
    match = _VERSION_TAG.fullmatch(if_match)
    if match is None:
        raise InvalidField("If-Match", "version_tag", 'Send the version as in the ETag, such as "3".')
    return int(match[1])


IfMatch = Annotated[int, Depends(if_match)]


class HasVersion(Protocol):
    version: int


async def same_version(row: HasVersion, read: int, current: Callable[[], Awaitable[BaseModel]]) -> None:
    """Refuse with 412 and the object as it is now, when somebody saved it after the sender has read it."""
    if row.version != read:
        shown = await current()
        raise VersionStale(extra={"current": shown.model_dump(mode="json")})


def tag(response: Response, version: int) -> None:
    """Tell the version as an ETag (RFC 9110 section 8.8.3)."""
    response.headers["ETag"] = f'"{version}"'


def csv_download(name: str, text: str) -> Response:
    """A CSV file as a download."""
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=dict(headers))
