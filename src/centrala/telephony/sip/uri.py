"""SIP, SIPS and tel URIs (RFC 3261 section 19.1, RFC 3966), and any other scheme kept as text.

Equivalence (19.1.4) is `same_uri`; `==` compares the parts as they were written.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from urllib.parse import unquote as percent_decode

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.limits import MAX_PARAMS, MAX_URI
from centrala.telephony.sip.text import Params, write_params

# The same hosts and the same few parameters come again and again; the bound keeps strangers' in
# check.
_CACHED: Final = 1_024  # entries of at most MAX_URI characters
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+\-.]*+:")
_USER: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})++")
_PASSWORD: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*+")
_HOSTNAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9\-_.]*+)")
_URI_PARAM: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$]|%[0-9A-Fa-f]{2})++")
_URI_HEADERS: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()\[\]/?:+$=&,;@]|%[0-9A-Fa-f]{2})*+")
_OPAQUE: Final = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]++")
_TEL: Final = re.compile(r"\+?[0-9A-Fa-f*#\-.()]++")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")
_USER_SAFE: Final = _UNRESERVED | frozenset(b"&=+$,;?/")


@dataclass(frozen=True, slots=True)
class SipUri:
    """A sip: or sips: URI. `user` is as written (escapes kept); `host` keeps the brackets of
    IPv6."""

    host: str
    user: str | None = None
    port: int | None = None
    secure: bool = False
    password: str | None = None
    params: Params = field(default_factory=dict)
    headers: str = ""

    def __str__(self) -> str:
        who = ""
        if self.user is not None:
            who = f"{self.user}@" if self.password is None else f"{self.user}:{self.password}@"
        port = "" if self.port is None else f":{self.port}"
        tail = write_params(self.params)
        query = f"?{self.headers}" if self.headers else ""
        return f"{'sips' if self.secure else 'sip'}:{who}{self.host}{port}{tail}{query}"

    def __hash__(self) -> int:
        return hash((self.user, self.host.lower(), self.port, self.secure))

    @property
    def scheme(self) -> str:
        """`sip` or `sips`."""
        return "sips" if self.secure else "sip"

    @property
    def user_text(self) -> str:
        """The user part with its escapes undone, without RFC 3966 parameters inside it."""
        return percent_decode(self.user.partition(";")[0]) if self.user else ""

    @property
    def address(self) -> str:
        """The host without brackets, lower case."""
        return self.host.strip("[]").lower()

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case, if given."""
        value = self.params.get("transport")
        return value.lower() if value else None

    @property
    def loose(self) -> bool:
        """Whether the URI has `lr` (RFC 3261 19.1.1)."""
        return "lr" in self.params

    def without_headers(self) -> SipUri:
        """Return the URI as it may stand as a Request-URI: without headers and method."""
        kept = {n: v for n, v in self.params.items() if n != "method"}
        return replace(self, headers="", params=kept)


@dataclass(frozen=True, slots=True)
class TelUri:
    """A tel: URI (RFC 3966). `number` is as written, visual separators included."""

    number: str
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        return f"tel:{self.number}{write_params(self.params)}"

    def __hash__(self) -> int:
        return hash(self.digits)

    @property
    def scheme(self) -> str:
        """Always `tel`."""
        return "tel"

    @property
    def digits(self) -> str:
        """The number without visual separators, lower case."""
        return self.number.translate(_SEPARATORS).lower()


@dataclass(frozen=True, slots=True)
class OpaqueUri:
    """Any other absolute URI, kept as text."""

    scheme: str
    rest: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


Uri = SipUri | TelUri | OpaqueUri
_SEPARATORS: Final = {ord(c): None for c in "-.()"}


@lru_cache(maxsize=_CACHED)  # one address stands in From, To, Contact and the request line of a whole call
def parse_uri(text: str) -> Uri:
    """Read an absolute URI. Raises `ParseError`, 414 when too long."""
    if len(text) > MAX_URI:
        raise ParseError("URI too long", status=414)
    found = _SCHEME.match(text)
    if found is None:
        raise ParseError("URI without a scheme")
    rest = text[found.end() :]
    scheme = found.group()[:-1].lower()
    if scheme in {"sip", "sips"}:
        return _parse_sip(rest, secure=scheme == "sips")
    if scheme == "tel":
        return _parse_tel(rest)
    if _OPAQUE.fullmatch(rest) is None:
        raise ParseError("Malformed URI")
    return OpaqueUri(scheme=found.group()[:-1], rest=rest)


def parse_sip_uri(text: str) -> SipUri:
    """Read a sip: or sips: URI. Raises `ParseError`, 416 for another scheme."""
    uri = parse_uri(text)
    if not isinstance(uri, SipUri):
        raise ParseError("Unsupported URI scheme", status=416)
    return uri


def _parse_sip(rest: str, *, secure: bool) -> SipUri:
    user: str | None = None
    password: str | None = None
    # An unescaped "@" may stand only between the user part and the host (RFC 3261 25.1).
    before, at, after = rest.partition("@")
    if at:
        user, colon, word = before.partition(":")
        if _USER.fullmatch(user) is None:
            raise ParseError("Malformed user part of a URI")
        if colon:
            if _PASSWORD.fullmatch(word) is None:
                raise ParseError("Malformed password of a URI")
            password = word
    else:
        after = rest
    after, query, headers = after.partition("?")
    if query and (not headers or _URI_HEADERS.fullmatch(headers) is None):
        raise ParseError("Malformed headers of a URI")
    hostport, semi, tail = after.partition(";")
    host, port = parse_hostport(hostport)
    params = _uri_params(tail) if semi else {}
    return SipUri(host, user, port, secure, password, params, headers)


@lru_cache(maxsize=_CACHED)
def parse_hostport(text: str) -> tuple[str, int | None]:
    """Split `host:port`; the host of IPv6 keeps its brackets. Raises `ParseError`."""
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise ParseError("Malformed IPv6 reference")
        host = _ipv6_reference(inner)
        if rest and not rest.startswith(":"):
            raise ParseError("Malformed host")
        return host, _port(rest[1:]) if rest else None
    host, colon, number = text.partition(":")
    if _HOSTNAME.fullmatch(host) is None:
        raise ParseError("Malformed host")
    return host, _port(number) if colon else None


def _ipv6_reference(inner: str) -> str:
    # RFC 5118 4.10: the grammar of RFC 3261 allowed three colons; be liberal, write two.
    inner = inner.replace(":::", "::")
    try:
        if "%" in inner:
            raise ParseError("Zone in an IPv6 reference")
        ipaddress.IPv6Address(inner)
    except ValueError as problem:
        raise ParseError("Malformed IPv6 reference") from problem
    return f"[{inner}]"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or int(text) > 65_535:
        raise ParseError("Malformed port")
    return int(text)


def _uri_params(text: str) -> Params:
    return dict(_uri_param_items(text))


@lru_cache(maxsize=_CACHED)
def _uri_param_items(text: str) -> tuple[tuple[str, str | None], ...]:
    params: Params = {}
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        if _URI_PARAM.fullmatch(name) is None:
            raise ParseError("Malformed URI parameter")
        if equals and _URI_PARAM.fullmatch(value) is None:
            raise ParseError("Malformed URI parameter")
        # %6C%72 is lr (RFC 4475 3.1.1.3): names compare after their escapes are undone.
        key = (percent_decode(name) if "%" in name else name).lower()
        if _URI_PARAM.fullmatch(key) is None:
            key = name.lower()
        params.setdefault(key, value if equals else None)
        if len(params) > MAX_PARAMS:
            raise ParseError("Too many URI parameters")
    return tuple(params.items())


def _parse_tel(rest: str) -> TelUri:
    number, semi, tail = rest.partition(";")
    if _TEL.fullmatch(number) is None:
        raise ParseError("Malformed telephone number")
    return TelUri(number, _uri_params(tail) if semi else {})


def escape_user(text: str) -> str:
    """Return any text as the user part of a SIP URI."""
    return "".join(chr(b) if b in _USER_SAFE else f"%{b:02X}" for b in text.encode())


def _fold(text: str | None) -> str | None:
    """Undo escapes of characters that need none, so that 19.1.4 can compare (%61 is a)."""
    if not text or "%" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        byte = int(found.group(1), 16)
        return chr(byte) if byte in _UNRESERVED else found.group().upper()

    return _ESCAPE.sub(plain, text)


_ALWAYS_COMPARED: Final = ("user", "ttl", "method", "maddr", "transport")


def same_uri(one: Uri, other: Uri) -> bool:
    """Tell whether two URIs are equivalent (RFC 3261 19.1.4; RFC 3966 section 4 for tel)."""
    if isinstance(one, TelUri) and isinstance(other, TelUri):
        return one.digits == other.digits and _folded(one.params) == _folded(other.params)
    if not (isinstance(one, SipUri) and isinstance(other, SipUri)):
        return one == other
    return (
        one.secure == other.secure
        and _fold(one.user) == _fold(other.user)
        and _fold(one.password) == _fold(other.password)
        and _same_host(one.host, other.host)
        and one.port == other.port
        and _same_params(one.params, other.params)
        and _headers(one.headers) == _headers(other.headers)
    )


def _same_host(one: str, other: str) -> bool:
    if one.lower() == other.lower():
        return True
    if one.startswith("[") and other.startswith("["):
        return ipaddress.IPv6Address(one[1:-1]) == ipaddress.IPv6Address(other[1:-1])
    return False


def _same_params(one: Params, other: Params) -> bool:
    for name in _ALWAYS_COMPARED:
        if (name in one) != (name in other):
            return False
    return all((_fold(v) or "").lower() == (_fold(other[n]) or "").lower() for n, v in one.items() if n in other)


def _folded(params: Params) -> dict[str, str]:
    return {n: (_fold(v) or "").lower() for n, v in params.items()}


def _headers(text: str) -> list[tuple[str, str | None]]:
    pairs = (piece.partition("=") for piece in text.split("&") if piece)
    return sorted((name.lower(), _fold(value)) for name, _, value in pairs)
