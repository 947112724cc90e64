"""Bytes to messages: cut the start line and the fields, look at nothing else yet.

What is refused here is what no reader could make sense of: the start line, lines that are no
fields,
control characters, sizes. Values are read when asked for; `validate` reads all that matter at once.
"""

from __future__ import annotations

import re
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.headers.names import KNOWN, header_key
from centrala.telephony.sip.limits import (
    MAX_BODY,
    MAX_DATAGRAM,
    MAX_HEAD,
    MAX_HEADER_LINES,
    MAX_HEADER_VALUE,
    MAX_METHOD,
    MAX_URI,
)
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.text import TOKEN, parse_uint

_FOLD: Final = re.compile(r"[ \t]*+\r\n[ \t]++")
_NAME: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]++[ \t]*+")
_KEEPALIVE: Final = b"\r\n"
_BAD_IN_URI: Final = re.compile(r"[\x00-\x20<>\"\x7f]")


def parse_datagram(data: bytes) -> Request | Response | None:
    """Read a UDP datagram; None for a keep-alive. Octets past Content-Length are dropped.

    Raises `ParseError`: 400, 413, 414, 505. Its `message`, if any, can still be answered.
    """
    if len(data) > MAX_DATAGRAM:
        raise ParseError("Datagram too large", status=413)
    data = data.lstrip(_KEEPALIVE)
    if not data or data.strip(b"\0") == b"":
        return None  # CRLF keep-alive, or the zero bytes that some phones send for it
    message = parse_head(data)
    declared = _declared_length(message)
    if declared is not None:
        if declared > len(message.body):
            raise ParseError("Content-Length larger than the message").about(message)
        message.body = message.body[:declared]
    if len(message.body) > MAX_BODY:
        raise ParseError("Body too large", status=413).about(message)
    return message


def _declared_length(message: Request | Response) -> int | None:
    values = message.headers.all("content-length")
    if not values or len(set(values)) > 1:
        return None  # several: `validate` answers 400 (RFC 4475 3.3.9); the body stays whole
    try:
        return parse_uint(values[0], cap=2**31, what="Content-Length")
    except ParseError as problem:
        raise problem.about(message) from None


def parse_head(data: bytes) -> Request | Response:
    """Read a message whose body is all that follows the empty line. Raises `ParseError`."""
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        # A datagram may end after its last field, as RFC 4475 3.1.2.15 prints it.
        head = head.removesuffix(b"\r\n")
    if len(head) > MAX_HEAD:
        raise ParseError("Message header too large")
    charset = "utf-8"
    try:
        text = head.decode()
    except UnicodeDecodeError:
        charset = "latin-1"
        text = head.decode(charset)
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = text.split("\r\n")
    # A CR or LF that does not end a line would become a field when the value is written again.
    stray = text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1
    if stray:
        lines = [line for line in lines if "\r" not in line and "\n" not in line] or [""]
    try:
        message = _start(lines[0], body, charset)
    except ParseError as problem:
        if problem.message is not None:
            problem.message.headers = _fields(lines, problem.message)
        raise
    message.headers = _fields(lines, message)
    if stray:
        raise ParseError("Stray line end").about(message)
    return message


def _fields(lines: list[str], message: Request | Response) -> Headers:
    if len(lines) > MAX_HEADER_LINES + 1:
        raise ParseError("Too many header fields").about(message)
    items: list[tuple[str, str, str]] = []
    append = items.append
    known = KNOWN.get
    problem = ""
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        key = known(name) if colon else None
        if key is None:
            if not colon or _NAME.fullmatch(name) is None:
                problem = problem or "Malformed header field"
                continue
            key = header_key(name)
            name = name.rstrip()
        if len(value) > MAX_HEADER_VALUE:
            problem = problem or "Header field too long"
            continue
        append((key, name, value.strip(" \t")))
    headers = Headers.parsed(items)
    if problem:
        message.headers = headers
        raise ParseError(problem).about(message)
    return headers


def _start(line: str, body: bytes, charset: str) -> Request | Response:
    first, _, rest = line.partition(" ")
    if first[:4].upper() == "SIP/":
        return _status_line(first, rest, body, charset)
    target, _, version = rest.rpartition(" ")
    if not target or not version or version[:4].upper() != "SIP/":
        raise ParseError("Malformed request line").about(_guess(line, body))
    request = Request(first, target, None, body, charset)
    if len(first) > MAX_METHOD or TOKEN.fullmatch(first) is None:
        raise ParseError("Malformed method")
    if version.upper() != "SIP/2.0":
        raise ParseError("Version Not Supported", status=505).about(request)
    if len(target) > MAX_URI:
        raise ParseError("Request-URI too long", status=414).about(request)
    if _BAD_IN_URI.search(target) is not None:
        raise ParseError("Malformed Request-URI").about(request)
    return request


def _guess(line: str, body: bytes) -> Request | None:
    """A request line with stray spaces still tells its method, so that 400 can be sent."""
    pieces = line.split()
    if len(pieces) >= 3 and pieces[-1] == "SIP/2.0" and TOKEN.fullmatch(pieces[0]):
        return Request(pieces[0], " ".join(pieces[1:-1]), None, body)
    return None


def _status_line(version: str, rest: str, body: bytes, charset: str) -> Response:
    if version.upper() != "SIP/2.0":
        raise ParseError("Version Not Supported", status=0)
    code, _, reason = rest.partition(" ")
    if len(code) != 3 or not (code.isascii() and code.isdigit()) or not 100 <= int(code) <= 699:
        raise ParseError("Malformed status code", status=0)
    return Response(int(code), reason, None, body, charset)
