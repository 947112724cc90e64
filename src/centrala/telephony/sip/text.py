"""Scanners for the pieces of RFC 3261 section 25: tokens, quoted strings, lists, parameters.

All of them run in linear time: no pattern here can backtrack over its own matches (possessive
quantifiers), since a peer chooses the text.
"""

from __future__ import annotations

import re
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.limits import MAX_LIST, MAX_PARAMS

Params = dict[str, str | None]
"""Parameter names in lower case to raw values (quotes kept, so that writing is exact) or None."""

TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_TOKENS_AND_SPACE: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~ \t\x80-\U0010ffff]*")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LIST_PIECE: Final = re.compile(r'[^",<]++|"(?:[^"\\]|\\.)*+"|<[^>]*+>|,', re.DOTALL)
_PARAM: Final = re.compile(r"\s*+;\s*+([^\s;=,<>\"]++)(?:\s*+=\s*+(\"(?:[^\"\\]|\\.)*+\"|[^\s;,\"<>]*+))?+", re.DOTALL)
_UNESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def is_token(text: str) -> bool:
    """Tell whether `text` is one token."""
    return TOKEN.fullmatch(text) is not None


def unquote(text: str) -> str:
    """Return the content of a quoted string with its escapes undone; other text as it is."""
    if len(text) >= 2 and text[0] == '"' and text[-1] == '"':
        inner = text[1:-1]
        return _UNESCAPE.sub(r"\1", inner) if "\\" in inner else inner
    return text


def quote(text: str) -> str:
    """Return `text` as a quoted string; line ends and NUL, which no display needs, become
    spaces."""
    flat = text.replace("\\", "\\\\").replace('"', '\\"')
    if "\r" in flat or "\n" in flat or "\0" in flat:
        flat = flat.translate({0: " ", 10: " ", 13: " "})
    return f'"{flat}"'


def quoted_prefix(text: str) -> int:
    """Return the length of the quoted string that `text` starts with. Raises `ParseError`."""
    found = _QUOTED.match(text)
    if found is None:
        raise ParseError("Unterminated quoted string")
    return found.end()


def check_display(text: str) -> None:
    """Raise `ParseError` unless `text` is tokens and spaces (or letters beyond ASCII,
    tolerated)."""
    if _TOKENS_AND_SPACE.fullmatch(text) is None:
        raise ParseError("Display name needs quotes")


def split_list(value: str) -> list[str]:
    """Split at the commas outside of quotes and angle brackets; empty elements raise
    `ParseError`."""
    if "," not in value:
        parts = [value]
    elif '"' not in value and "<" not in value:
        parts = value.split(",")
    else:
        parts = _split_quoted(value)
    if len(parts) > MAX_LIST:
        raise ParseError("Too many values in a header")
    stripped = [part.strip() for part in parts]
    if "" in stripped:
        raise ParseError("Empty value in a header")
    return stripped


def _split_quoted(value: str) -> list[str]:
    parts: list[str] = []
    start = position = 0
    while position < len(value):
        found = _LIST_PIECE.match(value, position)
        if found is None:
            raise ParseError("Unbalanced quotes or brackets")
        if found.group() == ",":
            parts.append(value[start:position])
            start = found.end()
        position = found.end()
    parts.append(value[start:])
    return parts


def parse_params(text: str) -> Params:
    """Read `;name=value;name` into a mapping. The first of equal names wins. Raises
    `ParseError`."""
    params: Params = {}
    position, end = 0, len(text)
    while position < end:
        found = _PARAM.match(text, position)
        if found is None:
            if not text[position:].strip():
                break
            raise ParseError("Malformed parameter")
        name = found.group(1).lower()
        if name not in params:
            params[name] = found.group(2)
        position = found.end()
        if len(params) > MAX_PARAMS:
            raise ParseError("Too many parameters")
    return params


def write_params(params: Params) -> str:
    """Return the parameters as they stand in a header, each with its semicolon."""
    if not params:
        return ""
    return "".join(f";{n}" if v is None else f";{n}={v}" for n, v in params.items())


def parse_uint(text: str, *, cap: int, what: str) -> int:
    """Return a decimal number of at most `cap`. Raises `ParseError`."""
    # len first: int() of a very long digit string is slow.
    digits = text.strip().lstrip("0") or "0"
    if not (text.strip().isascii() and text.strip().isdigit()) or len(digits) > 10:
        raise ParseError(f"{what} is not a number in range")
    number = int(digits)
    if number > cap:
        raise ParseError(f"{what} is too large")
    return number
