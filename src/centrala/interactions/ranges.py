"""Parts of a file, as browsers ask for them (RFC 9110 section 14)."""

import re
from typing import Final

from centrala.interactions.errors import RangeNotSatisfiable

_RANGE: Final = re.compile(r"bytes=(?P<first>[0-9]{0,15})-(?P<last>[0-9]{0,15})")


def asked_part(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes that are asked for, from and up to; None for all of them. Raises `RangeNotSatisfiable`.

    Several ranges and other units are answered with the whole, as the RFC allows (section 14.2).
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or not (match["first"] or match["last"]):
        return None
    if not match["first"]:
        start, stop = max(0, size - int(match["last"])), size
    else:
        start = int(match["first"])
        stop = min(int(match["last"]) + 1, size) if match["last"] else size
        if match["last"] and int(match["last"]) < start:
            return None  # not a valid range: the header is ignored
    if start >= stop:
        raise RangeNotSatisfiable(extra={"size": size})
    return start, stop
