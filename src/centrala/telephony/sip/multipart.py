"""The parts of a multipart body (RFC 2046 5.1, RFC 5621): an INVITE may carry its SDP in one of
them."""

from __future__ import annotations

from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.headers.small import MediaType
from centrala.telephony.sip.text import unquote

MAX_PARTS: Final = 16  # parts that are looked at
MAX_BOUNDARY: Final = 70  # characters (RFC 2046 5.1.1)


def part_of(kind: MediaType, body: bytes, wanted: str) -> bytes | None:
    """Return the first part of type `wanted`, or None. Parts within parts are not looked at."""
    boundary = unquote(kind.params.get("boundary") or "")
    if not boundary or len(boundary) > MAX_BOUNDARY or not boundary.isascii():
        raise ParseError("Multipart body without a boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), MAX_PARTS + 1)
    for piece in pieces[1:]:
        head, gap, content = piece.partition(b"\r\n\r\n")
        if gap and _type_of(head) == wanted:
            return content
    return None


def _type_of(head: bytes) -> str:
    for line in head.decode("latin-1").replace("\r\n ", " ").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() in {"content-type", "c"}:
            return value.partition(";")[0].strip().lower()
    return "text/plain"
