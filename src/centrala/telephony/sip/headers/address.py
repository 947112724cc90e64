"""name-addr and addr-spec with parameters: From, To, Contact, Route, Record-Route, Path, Refer-To,
P-Asserted-Identity, Diversion, History-Info (RFC 3261 20, RFC 3325, RFC 5806, RFC 7044)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.text import (
    Params,
    check_display,
    parse_params,
    parse_uint,
    quote,
    quoted_prefix,
    split_list,
    unquote,
    write_params,
)
from centrala.telephony.sip.uri import SipUri, Uri, parse_uri

_FULL_Q = 1000
_CACHED: Final = 1_024  # values of at most a header's length


@dataclass(frozen=True, slots=True)
class NameAddr:
    """One address. `display` is plain text, unquoted; `params` are header parameters, not the
    URI's."""

    uri: Uri
    display: str = ""
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        shown = f"{quote(self.display)} " if self.display else ""
        return f"{shown}<{self.uri}>{write_params(self.params)}"

    def __hash__(self) -> int:
        return hash((self.uri, self.display))

    @property
    def tag(self) -> str | None:
        """The tag parameter, if it has a value."""
        return self.params.get("tag") or None

    def with_tag(self, tag: str) -> NameAddr:
        """Return the same address with another tag."""
        return replace(self, params={**self.params, "tag": tag})

    @property
    def q_thousandths(self) -> int:
        """The q parameter times 1000; 1000 when absent (RFC 3261 20.10). Raises `ParseError`."""
        raw = self.params.get("q")
        if raw is None:
            return _FULL_Q
        whole, _, part = raw.partition(".")
        digits = whole + part
        if not digits or not (digits.isascii() and digits.isdigit()) or len(part) > 3:
            raise ParseError("Malformed q value")
        value = int(whole or "0") * _FULL_Q + int((part + "000")[:3])
        if value > _FULL_Q or len(whole) > 1:
            raise ParseError("Malformed q value")
        return value

    def number_param(self, name: str, *, cap: int) -> int | None:
        """Return a decimal parameter, or None without it. Raises `ParseError`."""
        raw = self.params.get(name)
        return None if raw is None else parse_uint(raw, cap=cap, what=name)

    def text_param(self, name: str) -> str | None:
        """Return a parameter without its quotes, or None without it."""
        raw = self.params.get(name)
        return None if raw is None else unquote(raw)


@lru_cache(maxsize=_CACHED)  # From and To are the same in all messages of a transaction, and mostly of a dialog
def parse_name_addr(value: str) -> NameAddr:
    """Read one name-addr or addr-spec with its parameters. Raises `ParseError`."""
    text = value.strip()
    display = ""
    if text.startswith('"'):
        end = quoted_prefix(text)
        display = unquote(text[:end])
        text = text[end:].lstrip()
        if not text.startswith("<"):
            raise ParseError("Display name without an address in brackets")
        before = ""
    else:
        before, bracket, _ = text.partition("<")
        if not bracket:
            return _parse_addr_spec(text)
        if before:
            text = text[len(before) :]
            display = before.strip()
            check_display(display)
    inner, close, tail = text[1:].partition(">")
    if not close:
        raise ParseError("Address without its closing bracket")
    return NameAddr(parse_uri(inner), display, parse_params(tail) if tail else {})


def _parse_addr_spec(text: str) -> NameAddr:
    # RFC 3261 20: without brackets, what follows a semicolon belongs to the header, and a URI that
    # holds a comma or question mark must have brackets. A semicolon before "@" is in the user part.
    at = text.find("@")
    semi = text.find(";", at + 1 if at >= 0 else 0)
    spec, tail = (text, "") if semi < 0 else (text[:semi].rstrip(), text[semi:])
    uri = parse_uri(spec)
    if "?" in spec and isinstance(uri, SipUri):
        raise ParseError("URI with a question mark outside of brackets")
    return NameAddr(uri, "", parse_params(tail) if tail else {})


def parse_addresses(value: str) -> list[NameAddr]:
    """Read a comma-separated list of addresses. Raises `ParseError`."""
    return [parse_name_addr(part) for part in split_list(value)]
