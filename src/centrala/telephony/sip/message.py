"""Requests and responses. Headers stay text until somebody asks for a typed value, which is then
kept.

A parsed message costs what its lines cost to cut; Via, From and the like are read on first use. The
typed value of a header is dropped when that header changes, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.headers.address import NameAddr, parse_addresses, parse_name_addr
from centrala.telephony.sip.headers.auth import AuthValue, parse_auth
from centrala.telephony.sip.headers.names import NAMES, header_key
from centrala.telephony.sip.headers.small import (
    CSeq,
    MediaType,
    parse_call_id,
    parse_cseq,
    parse_media_type,
    parse_tokens,
)
from centrala.telephony.sip.headers.via import Via, parse_vias
from centrala.telephony.sip.limits import MAX_FORWARDS, MAX_SECONDS
from centrala.telephony.sip.multipart import part_of
from centrala.telephony.sip.text import parse_uint
from centrala.telephony.sip.uri import Uri, parse_uri

T = TypeVar("T")
_LENGTH: Final = "content-length"


class Headers:
    """Header fields in their order on the wire. Names may be given in any spelling or compact
    form."""

    __slots__ = ("_index", "_items", "_typed")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items: list[tuple[str, str, str]] = [
            (key, NAMES.get(key, name), value) for key, name, value in ((header_key(n), n, v) for n, v in items)
        ]
        self._index: dict[str, list[str]] | None = None
        self._typed: dict[str, object] = {}

    @classmethod
    def parsed(cls, items: list[tuple[str, str, str]]) -> Headers:
        """Take over (key, name, value) triples as the parser cut them."""
        headers = cls()
        headers._items = items
        return headers

    def _lookup(self) -> dict[str, list[str]]:
        index = self._index
        if index is None:
            index = {}
            for key, _, value in self._items:
                if key in index:
                    index[key].append(value)
                else:
                    index[key] = [value]
            self._index = index
        return index

    def get(self, name: str) -> str | None:
        """Return the first value, or None."""
        values = self._lookup().get(header_key(name))
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        """Return every field's value, not split at commas."""
        return list(self._lookup().get(header_key(name), ()))

    def count(self, name: str) -> int:
        """Return how many fields there are of this name."""
        return len(self._lookup().get(header_key(name), ()))

    def __contains__(self, name: str) -> bool:
        return header_key(name) in self._lookup()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for _, name, value in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def keys(self) -> set[str]:
        """Return the lower-case full names present."""
        return set(self._lookup())

    def _changed(self, key: str) -> None:
        self._index = None
        if self._typed:
            self._typed.pop(key, None)

    def add(self, name: str, value: str) -> None:
        """Append a field after all others."""
        key = header_key(name)
        self._items.append((key, NAMES.get(key, name), value))
        self._changed(key)

    def add_first(self, name: str, value: str) -> None:
        """Put a field before all others, as a new Via or Record-Route."""
        key = header_key(name)
        self._items.insert(0, (key, NAMES.get(key, name), value))
        self._changed(key)

    def set(self, name: str, value: str) -> None:
        """Replace all fields of this name by one, at the place of the first."""
        key = header_key(name)
        field = (key, NAMES.get(key, name), value)
        for at, (other, _, _) in enumerate(self._items):
            if other == key:
                rest = [i for i in self._items[at + 1 :] if i[0] != key]
                self._items[at:] = [field, *rest]
                break
        else:
            self._items.append(field)
        self._changed(key)

    def replace_first(self, name: str, value: str) -> None:
        """Replace the first field of this name and keep the others. It must be there."""
        key = header_key(name)
        at = next(i for i, item in enumerate(self._items) if item[0] == key)
        self._items[at] = (key, self._items[at][1], value)
        self._changed(key)

    def remove(self, name: str) -> None:
        """Remove all fields of this name."""
        key = header_key(name)
        self._items = [item for item in self._items if item[0] != key]
        self._changed(key)

    def copy(self) -> Headers:
        """Return headers that can be changed without changing these."""
        return Headers.parsed(list(self._items))

    def typed(self, key: str, read: Callable[[list[str]], T]) -> T:
        """Return `read(values)`, computed once until the header changes. `key` is lower case."""
        kept = self._typed.get(key)
        if kept is None:
            kept = self._typed[key] = read(self._lookup().get(key, []))
        return kept  # type: ignore[return-value]  # one reader for each key, all in this file

    def write(self, body_length: int) -> str:
        """Return the fields as text, Content-Length last. Raises `ValueError` on a line end
        inside."""
        lines = [f"{name}: {value}\r\n" for key, name, value in self._items if key != _LENGTH]
        text = "".join(lines)
        # A CR or LF smuggled into a value would start a header of the attacker's choice.
        if text.count("\n") != len(lines) or text.count("\r") != len(lines):
            raise ValueError("line end inside a header")
        return f"{text}Content-Length: {body_length}\r\n\r\n"


def _one(values: list[str], what: str) -> str:
    if not values:
        raise ParseError(f"Missing {what} header field")
    return values[0]


def _flat(values: list[str], read: Callable[[str], list[T]]) -> list[T]:
    if len(values) == 1:
        return read(values[0])
    return [item for value in values for item in read(value)]


class Message:
    """What requests and responses share. `charset` is how the peer wrote it: utf-8 or latin-1."""

    __slots__ = ("body", "charset", "headers")

    def __init__(self, headers: Headers | None, body: bytes, charset: str) -> None:
        self.headers = Headers() if headers is None else headers
        self.body = body
        self.charset = charset

    def start_line(self) -> str:
        """Return the first line without its end."""
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """Return the message for the wire, Content-Length computed."""
        head = f"{self.start_line()}\r\n{self.headers.write(len(self.body))}"
        try:
            return head.encode(self.charset) + self.body
        except UnicodeEncodeError:
            return head.encode() + self.body

    @property
    def vias(self) -> list[Via]:
        """All Via values, topmost first. Raises `ParseError`."""
        return self.headers.typed("via", lambda v: _flat(v, parse_vias))

    @property
    def via(self) -> Via:
        """The topmost Via. Raises `ParseError`, also without any."""
        values = self.vias
        if not values:
            raise ParseError("Missing Via header field")
        return values[0]

    @property
    def from_(self) -> NameAddr:
        """The From address. Raises `ParseError`."""
        return self.headers.typed("from", lambda v: parse_name_addr(_one(v, "From")))

    @property
    def to(self) -> NameAddr:
        """The To address. Raises `ParseError`."""
        return self.headers.typed("to", lambda v: parse_name_addr(_one(v, "To")))

    @property
    def call_id(self) -> str:
        """The Call-ID. Raises `ParseError`."""
        return self.headers.typed("call-id", lambda v: parse_call_id(_one(v, "Call-ID")))

    @property
    def cseq(self) -> CSeq:
        """The CSeq. Raises `ParseError`."""
        return self.headers.typed("cseq", lambda v: parse_cseq(_one(v, "CSeq")))

    @property
    def contacts(self) -> list[NameAddr]:
        """All Contact addresses; the `*` of REGISTER is not among them. Raises `ParseError`."""
        return self.headers.typed("contact", _contacts)

    def addresses(self, name: str) -> list[NameAddr]:
        """All addresses of Route, Record-Route, Path, P-Asserted-Identity and their like."""
        return self.headers.typed(header_key(name), lambda v: _flat(v, parse_addresses))

    def tokens(self, name: str) -> list[str]:
        """All tokens of Supported, Require, Allow and their like. Raises `ParseError`."""
        return self.headers.typed(header_key(name), lambda v: _flat(v, parse_tokens))

    def auths(self, name: str) -> list[AuthValue]:
        """All values of Authorization and its like, a field each. Raises `ParseError`."""
        return self.headers.typed(header_key(name), lambda v: [parse_auth(text) for text in v])

    def supports(self, option: str) -> bool:
        """Whether Supported or Require names the option tag."""
        return option in self.tokens("supported") or option in self.tokens("require")

    def number(self, name: str, *, cap: int = MAX_SECONDS) -> int | None:
        """A header that is one decimal number, or None without it. Raises `ParseError`."""
        value = self.headers.get(name)
        return None if value is None else parse_uint(value, cap=cap, what=name)

    @property
    def content_type(self) -> MediaType | None:
        """The type of the body, or None. Raises `ParseError`."""
        value = self.headers.get("content-type")
        return None if value is None else parse_media_type(value)

    def body_of(self, kind: str) -> bytes | None:
        """Return the body, or a part of it, of this type (`application/sdp`); else None."""
        found = self.content_type if self.body else None
        if found is None:
            return None
        if found.kind == kind:
            return self.body
        return part_of(found, self.body, kind) if found.kind.startswith("multipart/") else None

    def set_body(self, kind: str, body: bytes) -> None:
        """Give the message a body and its type."""
        self.body = body
        self.headers.set("Content-Type", kind)


def _contacts(values: list[str]) -> list[NameAddr]:
    if values == ["*"]:
        return []
    return _flat(values, parse_addresses)


class Request(Message):
    """A request. `target` is the Request-URI as text."""

    __slots__ = ("_uri", "method", "target")

    def __init__(
        self,
        method: str,
        target: str,
        headers: Headers | None = None,
        body: bytes = b"",
        charset: str = "utf-8",
    ) -> None:
        super().__init__(headers, body, charset)
        self.method = method
        self.target = target
        self._uri: Uri | None = None

    def start_line(self) -> str:
        """Return `METHOD uri SIP/2.0`."""
        return f"{self.method} {self.target} SIP/2.0"

    @property
    def uri(self) -> Uri:
        """The Request-URI. Raises `ParseError`."""
        if self._uri is None:
            self._uri = parse_uri(self.target)
        return self._uri

    @property
    def max_forwards(self) -> int | None:
        """Hops left, or None without the header (RFC 2543). Raises `ParseError`."""
        return self.number("max-forwards", cap=MAX_FORWARDS)

    def copy(self) -> Request:
        """Return a request that can be changed without changing this one."""
        return Request(self.method, self.target, self.headers.copy(), self.body, self.charset)

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target}>"


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(
        self,
        status: int,
        reason: str,
        headers: Headers | None = None,
        body: bytes = b"",
        charset: str = "utf-8",
    ) -> None:
        super().__init__(headers, body, charset)
        self.status = status
        self.reason = reason

    def start_line(self) -> str:
        """Return `SIP/2.0 status reason`."""
        return f"SIP/2.0 {self.status} {self.reason}"

    @property
    def final(self) -> bool:
        """Whether the response ends its transaction."""
        return self.status >= 200

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"
