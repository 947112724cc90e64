"""Two checks over a parsed message, both raising a `ParseError` or `SipError` with its answer.

`check_syntax` reads every value whose form matters to us, on requests and responses alike (RFC 4475
3.1.2). `check_request` asks what RFC 3261 8.2 asks of a request before anybody looks at its
meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.headers.small import (
    check_date,
    check_warning,
    parse_rack,
    parse_retry_after,
    parse_session_expires,
)
from centrala.telephony.sip.limits import (
    MAX_CSEQ,
    MAX_FORWARDS,
    MAX_OPTION_TAGS,
    MAX_ROUTES,
    MAX_SECONDS,
    MAX_VIA,
)
from centrala.telephony.sip.message import Message, Request, Response
from centrala.telephony.sip.multipart import part_of
from centrala.telephony.sip.text import parse_uint
from centrala.telephony.sip.uri import SipUri, TelUri

_REQUIRED: Final = ("via", "from", "to", "call-id", "cseq")
# RFC 3261 20: fields that may stand only once. Content-Length is judged with them (RFC 4475 3.3.9).
_SINGLE: Final = (
    "from",
    "to",
    "call-id",
    "cseq",
    "max-forwards",
    "content-length",
    "content-type",
    "expires",
    "rseq",
    "rack",
    "session-expires",
    "min-se",
    "replaces",
    "refer-to",
)


def _vias(message: Message) -> None:
    if len(message.vias) > MAX_VIA:
        raise ParseError("Too many Via values", status=483)


def _contact(message: Message) -> None:
    for contact in message.contacts:
        _ = contact.q_thousandths
        contact.number_param("expires", cap=MAX_SECONDS)


def _content_type(message: Message) -> None:
    kind = message.content_type
    if kind is not None and message.body and kind.kind.startswith("multipart/"):
        part_of(kind, message.body, "application/sdp")


def _routes(name: str) -> Callable[[Message], None]:
    def check(message: Message) -> None:
        if len(message.addresses(name)) > MAX_ROUTES:
            raise ParseError(f"Too many {name} values")

    return check


def _number(name: str, cap: int) -> Callable[[Message], None]:
    def check(message: Message) -> None:
        message.number(name, cap=cap)

    return check


def _tokens(name: str) -> Callable[[Message], None]:
    def check(message: Message) -> None:
        if len(message.tokens(name)) > MAX_OPTION_TAGS:
            raise ParseError(f"Too many {name} values")

    return check


def _each(name: str, check_value: Callable[[str], object]) -> Callable[[Message], None]:
    def check(message: Message) -> None:
        for value in message.headers.all(name):
            check_value(value)

    return check


def _read(attribute: Callable[[Message], object]) -> Callable[[Message], None]:
    def check(message: Message) -> None:
        attribute(message)

    return check


# What is not here (Diversion, History-Info, Reason, P-Asserted-Identity) is read when needed and a
# malformed value of it is ignored: a call should not fail for the sake of a decoration.
_CHECKS: Final[dict[str, Callable[[Message], None]]] = {
    "via": _vias,
    "from": _read(lambda m: m.from_),
    "to": _read(lambda m: m.to),
    "call-id": _read(lambda m: m.call_id),
    "cseq": _read(lambda m: m.cseq),
    "contact": _contact,
    "route": _routes("route"),
    "record-route": _routes("record-route"),
    "path": _routes("path"),
    "max-forwards": _number("max-forwards", MAX_FORWARDS),
    "expires": _number("expires", MAX_SECONDS),
    "min-expires": _number("min-expires", MAX_SECONDS),
    "min-se": _each("min-se", parse_session_expires),
    "rseq": _number("rseq", MAX_CSEQ),
    "rack": _each("rack", parse_rack),
    "session-expires": _each("session-expires", parse_session_expires),
    "content-type": _content_type,
    "content-length": _each("content-length", lambda v: parse_uint(v, cap=2**31, what="Content-Length")),
    "retry-after": _each("retry-after", parse_retry_after),
    "warning": _each("warning", check_warning),
    "date": _each("date", check_date),
    "authorization": _read(lambda m: m.auths("authorization")),
    "proxy-authorization": _read(lambda m: m.auths("proxy-authorization")),
    "require": _tokens("require"),
    "proxy-require": _tokens("proxy-require"),
    "supported": _tokens("supported"),
    "allow": _tokens("allow"),
}
# A response that is dropped leaves its caller waiting for 32 s: only what we read there may cost
# it.
_RESPONSE_CHECKS: Final = {
    key: check
    for key, check in _CHECKS.items()
    if key not in {"date", "warning", "retry-after", "expires", "min-expires", "path", "route"}
}


def check_syntax(message: Request | Response) -> None:
    """Raise `ParseError` when a value that matters breaks its grammar; 0 as status for a
    response."""
    checks = _RESPONSE_CHECKS if isinstance(message, Response) else _CHECKS
    try:
        for key in message.headers.keys() & checks.keys():
            checks[key](message)
        if isinstance(message, Request):
            _request_line(message)
    except ParseError as problem:
        if isinstance(message, Response):
            problem.status = 0  # RFC 3261 8.1.3: a malformed response is dropped
        raise problem.about(message) from None


def _request_line(request: Request) -> None:
    uri = request.uri
    if isinstance(uri, SipUri) and uri.headers:
        raise ParseError("Headers in the Request-URI")  # RFC 3261 19.1.1, RFC 4475 3.1.2.11
    if "cseq" in request.headers and request.cseq.method != request.method:
        raise ParseError("CSeq method does not match the request")


def check_request(
    request: Request,
    *,
    methods: Collection[str],
    extensions: Collection[str],
) -> None:
    """Raise `SipError` for what RFC 3261 8.2 refuses: 400, 405, 416, 420, with their headers."""
    for key in _REQUIRED:
        if key not in request.headers:
            raise SipError(f"Missing {key} header field")
    for key in _SINGLE:
        if request.headers.count(key) > 1:
            raise SipError(f"More than one {key} header field")
    if request.method not in methods:
        # RFC 3261 21.5.2 keeps 501 for methods nobody here knows; 405 lists those we take.
        raise SipError("Method", status=405, headers=(("Allow", ", ".join(sorted(methods))),))
    if not isinstance(request.uri, SipUri | TelUri):
        raise SipError("Scheme", status=416)
    if request.method not in {"ACK", "CANCEL"}:  # RFC 3261 8.2.2.3: they cannot be challenged so
        missing = [tag for tag in request.tokens("require") if tag not in extensions]
        if missing:
            raise SipError("Extension", status=420, headers=(("Unsupported", ", ".join(missing)),))


def check_response(response: Response) -> None:
    """Raise `ParseError` (status 0) when a response cannot be for us (RFC 3261 8.1.3.3)."""
    for key in _REQUIRED:
        if key not in response.headers:
            raise ParseError(f"Missing {key} header field", status=0).about(response)
    if len(response.vias) != 1:
        raise ParseError("Response with a foreign Via", status=0).about(response)


def check_body(request: Request, accepted: Collection[str]) -> None:
    """Raise `SipError` 415 when the body is of a type that must be understood and is not."""
    if not request.body:
        return
    if "content-type" not in request.headers:
        raise SipError("Body without Content-Type")
    kind = request.content_type
    handling = (request.headers.get("content-disposition") or "").replace(" ", "").lower()
    encoding = request.headers.get("content-encoding")
    if encoding and encoding.lower() != "identity":
        raise SipError("Encoding", status=415, headers=(("Accept-Encoding", "identity"),))
    if kind is not None and kind.kind not in accepted and "handling=optional" not in handling:
        raise SipError("Type", status=415, headers=(("Accept", ", ".join(sorted(accepted))),))


def check_accept(request: Request, produced: str) -> None:
    """Raise `SipError` 406 when the peer's Accept rules out the body that we would answer with."""
    values = [v.strip() for field in request.headers.all("accept") for v in field.split(",")]
    kinds = {v.partition(";")[0].strip().lower() for v in values}
    main = produced.partition("/")[0]
    if values and not kinds & {produced, f"{main}/*", "*/*"}:
        raise SipError("Nothing acceptable", status=406)
