"""Errors that know how they are answered and whose fault they are.

A `Refusal` is the business saying no: a stable code that the desk translates, and an HTTP status. Everything else that
escapes a request is a bug: it ends the request with an incident number, never the process.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One field of a form that was refused.

    `field` is the dotted path in the request body; `params` fill the placeholders of the translation of `code`.
    """

    field: str
    code: str
    message: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Refusal(Exception):
    """The request was understood and is refused; nothing was changed.

    Subclasses set `code` (stable, translated by the desk), `status` (HTTP) and `title` (English, for people who read
    the API). `extra` members stand in the problem document beside the standard ones (RFC 9457 section 3.2).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The request is refused."

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after


class NotFound(Refusal):
    """Not there, or not yours: the two look the same on purpose."""

    code, status, title = "not_found", 404, "There is no such object, or it is not yours to see."


class Forbidden(Refusal):
    code, status, title = "auth.forbidden", 403, "Your role does not include this."


class InvalidField(Refusal):
    """A field that only the business can judge; answered like a field that the schema refused."""

    code, status, title = "validation", 422, "Some fields need correction."

    def __init__(self, field: str, code: str, message: str, **params: Any) -> None:
        super().__init__(errors=[FieldError(field=field, code=code, message=message, params=params)])


class VersionRequired(Refusal):
    code, status = "version.required", 428
    title = "Send the version that you have read in the header If-Match."


class VersionStale(Refusal):
    """Somebody saved the object meanwhile. `extra["current"]` holds it as it is now."""

    code, status = "version.stale", 412
    title = "Somebody else has saved this meanwhile; compare and save again."


class Unavailable(Refusal):
    code, status, title = "unavailable", 503, "A part of the system is away; try again shortly."
