"""Every error leaves as a problem document (RFC 9457) with a stable code; a bug leaves with an incident number."""

import re
from typing import Any, Final

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from centrala.kit.errors import FieldError, NotFound, Refusal, Unavailable
from centrala.kit.http import problem
from centrala.kit.ids import new_id
from centrala.kit.logging import get_logger

log: Final = get_logger(__name__)

RETRY_AFTER: Final = 2  # seconds; the database is usually back by then
MAX_FIELD_ERRORS: Final = 50

_PARAMS: Final = frozenset(
    {"min_length", "max_length", "ge", "le", "gt", "lt", "expected", "pattern", "multiple_of", "max_digits"}
)


class Malformed(Refusal):
    code, status, title = "malformed", 400, "The body is not JSON that can be read."


class Invalid(Refusal):
    code, status, title = "validation", 422, "Some fields need correction."


class MethodNotAllowed(Refusal):
    code, status, title = "method_not_allowed", 405, "This address does not take this method."


class DiskFull(Refusal):
    code, status = "disk_full", 507
    title = "The disk of the database is full; nothing was saved. Make room and try again."


class Conflict(Refusal):
    code, status = "conflict", 409
    title = "This contradicts something that is stored already; reload and try again."


class Internal(Refusal):
    code, status = "internal", 500
    title = "This is a fault of the program; it is in the log under the incident number."


def install(app: FastAPI) -> None:
    """Make the app answer all its errors in one form."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return problem(error, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem(_invalid(error), request)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return problem(_of_framework(error), request)

    @app.exception_handler(exc.DBAPIError)
    async def database(request: Request, error: exc.DBAPIError) -> Response:
        return problem(of_database(error), request)

    @app.exception_handler(exc.TimeoutError)
    @app.exception_handler(psycopg.OperationalError)
    async def database_away(request: Request, _error: Exception) -> Response:
        return problem(Unavailable(retry_after=RETRY_AFTER), request)


def _invalid(error: RequestValidationError) -> Refusal:
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return Malformed()
    return Invalid(errors=[_field(item) for item in found[:MAX_FIELD_ERRORS]])


def _field(item: dict[str, Any]) -> FieldError:
    """A pydantic error without the input it speaks of: that may be a password."""
    place = [str(part) for part in item["loc"]]
    context = item.get("ctx") or {}
    return FieldError(
        field=".".join(place[1:]) or place[0],
        code=item["type"],
        message=item["msg"],
        params={name: value for name, value in context.items() if name in _PARAMS and isinstance(value, int | str)},
    )


def _of_framework(error: HTTPException) -> Refusal:
    known: dict[int, type[Refusal]] = {400: Malformed, 404: NotFound, 405: MethodNotAllowed}
    return known.get(error.status_code, Malformed)()


_AWAY: Final = (exc.OperationalError, exc.InterfaceError)


def of_database(error: exc.DBAPIError) -> Refusal:
    """What a failure of the database is to the sender of a request."""
    if isinstance(error.orig, psycopg.errors.DiskFull):
        log.error("The disk of the database is full.")
        return DiskFull()
    if isinstance(error, exc.IntegrityError):
        # A service that knows the constraint says it in the business's words; this is the rest, such as races.
        log.warning("A statement was refused by a constraint.", constraint=_constraint(error))
        return Conflict()
    if isinstance(error, exc.DataError):
        return Invalid("A value cannot be stored: " + _plain(str(error.orig)))
    if isinstance(error, _AWAY) or error.connection_invalidated:
        log.warning("The database is away.", error=type(error.orig).__name__)
        return Unavailable(retry_after=RETRY_AFTER)
    return internal(error)


def is_away(error: Exception) -> bool:
    """Whether the database is away, so that trying again shortly helps."""
    return isinstance(error, (*_AWAY, exc.TimeoutError, psycopg.OperationalError))


def _constraint(error: exc.IntegrityError) -> str | None:
    name: str | None = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return name


def _plain(message: str) -> str:
    """The first line of a database message, without the values in it."""
    return re.sub(r'"[^"]*"', "…", message.splitlines()[0])[:200]


def internal(error: Exception) -> Internal:
    """Log a bug and give it a number to be found by."""
    incident = str(new_id())
    log.exception("A request met a bug.", incident=incident, error=type(error).__name__)  # noqa: LOG004 - in one
    return Internal(extra={"incident": incident})
