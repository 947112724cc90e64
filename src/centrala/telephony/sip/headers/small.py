"""The small typed values: CSeq, RAck, Session-Expires, Replaces, Reason, media types, dates,
warnings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.limits import MAX_CSEQ, MAX_SECONDS
from centrala.telephony.sip.text import (
    TOKEN,
    Params,
    is_token,
    parse_params,
    parse_uint,
    quote,
    split_list,
    unquote,
    write_params,
)

_DATE: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT"
)
_WARNING: Final = re.compile(r"(\d{3}) (\S++) (\"(?:[^\"\\]|\\.)*+\")", re.DOTALL)
_CALL_ID: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}@]++")


@dataclass(frozen=True, slots=True)
class CSeq:
    """Sequence number and method (RFC 3261 20.16)."""

    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse_cseq(value: str) -> CSeq:
    """Read a CSeq. Raises `ParseError`."""
    number, method = _number_and_method(value.split(), 2, "CSeq")
    return CSeq(number[0], method)


def _number_and_method(pieces: list[str], count: int, what: str) -> tuple[list[int], str]:
    if len(pieces) != count or not is_token(pieces[-1]):
        raise ParseError(f"Malformed {what}")
    return [parse_uint(p, cap=MAX_CSEQ, what=what) for p in pieces[:-1]], pieces[-1]


@dataclass(frozen=True, slots=True)
class RAck:
    """The acknowledged reliable provisional response (RFC 3262 7.2)."""

    rseq: int
    cseq: int
    method: str

    def __str__(self) -> str:
        return f"{self.rseq} {self.cseq} {self.method}"


def parse_rack(value: str) -> RAck:
    """Read a RAck. Raises `ParseError`."""
    (rseq, cseq), method = _number_and_method(value.split(), 3, "RAck")
    return RAck(rseq, cseq, method)


@dataclass(frozen=True, slots=True)
class SessionExpires:
    """Session interval in seconds and who refreshes, `uac`, `uas` or None (RFC 4028 4)."""

    seconds: int
    refresher: str | None = None

    def __str__(self) -> str:
        return f"{self.seconds};refresher={self.refresher}" if self.refresher else f"{self.seconds}"


def parse_session_expires(value: str) -> SessionExpires:
    """Read a Session-Expires. Raises `ParseError`."""
    number, _, tail = value.partition(";")
    params = parse_params(";" + tail) if tail else {}
    who = (params.get("refresher") or "").lower()
    seconds = parse_uint(number, cap=MAX_SECONDS, what="Session-Expires")
    return SessionExpires(seconds, who if who in {"uac", "uas"} else None)


@dataclass(frozen=True, slots=True)
class Replaces:
    """The dialog that an INVITE takes the place of (RFC 3891). Tags are as its receiver sees
    them."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    def __str__(self) -> str:
        early = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"


def parse_replaces(value: str) -> Replaces:
    """Read a Replaces value, unescaped. Raises `ParseError`."""
    call_id, _, tail = value.strip().partition(";")
    params = parse_params(";" + tail) if tail else {}
    to_tag, from_tag = params.get("to-tag"), params.get("from-tag")
    if not (call_id and to_tag and from_tag):
        raise ParseError("Malformed Replaces")
    return Replaces(call_id.strip(), to_tag, from_tag, "early-only" in params)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request was sent: protocol (`SIP`, `Q.850`), cause number, text (RFC 3326)."""

    protocol: str
    cause: int | None = None
    text: str = ""

    def __str__(self) -> str:
        cause = "" if self.cause is None else f";cause={self.cause}"
        return f"{self.protocol}{cause}{f';text={quote(self.text)}' if self.text else ''}"


def parse_reasons(value: str) -> list[Reason]:
    """Read a comma-separated list of reasons. Raises `ParseError`."""
    reasons = []
    for part in split_list(value):
        protocol, params = parse_value(part)
        cause = params.get("cause")
        number = None if cause is None else parse_uint(cause, cap=999, what="cause")
        reasons.append(Reason(protocol, number, unquote(params.get("text") or "")))
    return reasons


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type; type and subtype in lower case."""

    kind: str
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}{write_params(self.params)}"


def parse_media_type(value: str) -> MediaType:
    """Read a Content-Type. Raises `ParseError`."""
    kind, _, tail = value.partition(";")
    main, _, sub = kind.partition("/")
    main, sub = main.strip().lower(), sub.strip().lower()
    if not (is_token(main) and is_token(sub)):
        raise ParseError("Malformed Content-Type")
    return MediaType(f"{main}/{sub}", parse_params(";" + tail) if tail else {})


def parse_value(value: str) -> tuple[str, Params]:
    """Read `token;params` as in Event, Subscription-State, Content-Disposition. Raises
    `ParseError`."""
    head, semi, tail = value.partition(";")
    head = head.strip()
    if not is_token(head):
        raise ParseError("Malformed header value")
    return head, parse_params(semi + tail) if semi else {}


def parse_tokens(value: str) -> list[str]:
    """Read a comma-separated list of tokens; an empty value is an empty list. Raises
    `ParseError`."""
    return list(_tokens(value))


@lru_cache(maxsize=256)  # a make of phone sends one Allow and one Supported all its life
def _tokens(value: str) -> tuple[str, ...]:
    if not value.strip():
        return ()
    tokens = split_list(value)
    for token in tokens:
        if TOKEN.fullmatch(token) is None:
            raise ParseError("Malformed token")
    return tuple(tokens)


def parse_call_id(value: str) -> str:
    """Return a Call-ID. Raises `ParseError`."""
    if _CALL_ID.fullmatch(value) is None:
        raise ParseError("Malformed Call-ID")
    return value


def parse_retry_after(value: str) -> int:
    """Return the seconds of a Retry-After, comment and parameters aside. Raises `ParseError`."""
    number = value.partition(";")[0].partition("(")[0]
    return parse_uint(number, cap=MAX_SECONDS, what="Retry-After")


def check_date(value: str) -> None:
    """Raise `ParseError` unless the Date is in GMT and in its one form (RFC 3261 20.17)."""
    if _DATE.fullmatch(value.strip()) is None:
        raise ParseError("Malformed Date")


def check_warning(value: str) -> None:
    """Raise `ParseError` unless every warning is `code agent "text"` (RFC 3261 20.43)."""
    for part in split_list(value):
        if _WARNING.fullmatch(part) is None:
            raise ParseError("Malformed Warning")
