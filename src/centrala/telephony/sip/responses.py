"""Responses made from the request they answer (RFC 3261 8.2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.message import Message, Request, Response

REASONS: Final = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    199: "Early Dialog Terminated",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    430: "Flow Failed",
    433: "Anonymity Disallowed",
    439: "First Hop Lacks Outbound Support",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
}
_TAG: Final = re.compile(r";\s*+tag\s*+=", re.IGNORECASE)
_COPIED: Final = ("From", "To", "Call-ID", "CSeq")


def reason_phrase(status: int) -> str:
    """Return the phrase of a status, or that of its class."""
    return REASONS.get(status) or REASONS.get(status // 100 * 100, "Unknown")


def has_tag(message: Message, name: str) -> bool:
    """Whether From or To has a tag, by its text, so that malformed ones can be answered too."""
    value = message.headers.get(name) or ""
    return _TAG.search(value, value.rfind(">") + 1) is not None


def make_response(
    request: Request,
    status: int,
    *,
    reason: str | None = None,
    to_tag: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """Build a response; `to_tag` is added to To unless it has one. Never raises on odd requests."""
    response = Response(status, reason or reason_phrase(status), charset=request.charset)
    out = response.headers
    for value in request.headers.all("via"):
        out.add("Via", value)
    for name in _COPIED:
        value_ = request.headers.get(name)
        if value_ is None:
            continue
        if name == "To" and to_tag and not has_tag(request, "to"):
            value_ = f"{value_};tag={to_tag}"
        out.add(name, value_)
    if status == 100 and (stamp := request.headers.get("timestamp")):
        out.add("Timestamp", stamp)  # RFC 3261 8.2.6.1
    for name, value in headers:
        out.add(name, value)
    return response


def copy_record_route(request: Request, response: Response) -> None:
    """Copy Record-Route into a response that makes a dialog (RFC 3261 12.1.1)."""
    for value in request.headers.all("record-route"):
        response.headers.add("Record-Route", value)


def answer_error(request: Request, problem: SipError, *, to_tag: str) -> Response | None:
    """Build the refusal of a request, or None when none may be sent (ACK, status 0, no way
    back)."""
    if problem.status == 0 or request.method == "ACK":
        return None
    if not _salvageable(request):
        return None
    # RFC 3261 8.2.6 lets the phrase tell what was wrong; it must not carry the peer's own text
    # back.
    phrase = problem.reason if problem.status == 400 else None
    return make_response(request, problem.status, reason=phrase, to_tag=to_tag, headers=problem.headers)


def _salvageable(request: Request) -> bool:
    """A Via is all that a response needs to find its way; the rest is echoed as far as it is
    there."""
    return "via" in request.headers


def answer_bad(problem: ParseError, *, to_tag: str) -> Response | None:
    """Build the response to bytes that would not parse, as far as they could be read."""
    message = problem.message
    return answer_error(message, problem, to_tag=to_tag) if isinstance(message, Request) else None
