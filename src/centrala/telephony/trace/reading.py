"""A message as the trace keeps it: its secrets masked, and what one looks for taken out.

Nothing here refuses: what a peer sent broken is what one wants to see. Expressions are used instead of the parser,
because the parser gives up where the trace must not, and takes longer.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from centrala.telephony.sip.flow import Flow
from centrala.telephony.transport.types import Direction

MAX_TEXT: Final = 16_384  # characters of one message; the rest is cut
MAX_SHORT: Final = 255  # characters of a Call-ID, a user or a first line; an index has a limit of its own
MASK: Final = "***"

_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_FIELD: Final = re.compile(r"^(call-id|i|from|f|to|t|cseq)[ \t]*:[ \t]*(.*?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_USER: Final = re.compile(r"\bsips?:([^@:;>\s]+)(?::[^@>\s]*)?@|\btel:([^;>\s]+)", re.IGNORECASE)
_STATUS: Final = re.compile(r"SIP/2\.0[ \t]+(\d{3})\b")
_METHOD: Final = re.compile(r"([A-Z]{2,20})[ \t]")
_CSEQ: Final = re.compile(r"(\d{1,10})[ \t]+([A-Z]{2,20})")

_SECRETS: Final = (
    # RFC 7616 3.4 and 3.5: what proves a password, and could be tried against a list of passwords.
    (re.compile(r"\b(response|rspauth)(\s*=\s*)(?:\"[^\"]*\"|[^\s,;]+)", re.IGNORECASE), rf'\1\2"{MASK}"'),
    # Any scheme but Digest carries the secret itself (RFC 7617, RFC 8898).
    (
        re.compile(
            r"^((?:proxy-)?authorization[ \t]*:\s*(?!digest\b)\S+).*(?:\r?\n[ \t].*)*", re.IGNORECASE | re.MULTILINE
        ),
        rf"\1 {MASK}",
    ),
    # RFC 3261 19.1.1: a password in an address.
    (re.compile(r"(\bsips?:[^@:;>\s]+):[^@>\s]+@", re.IGNORECASE), rf"\1:{MASK}@"),
    # RFC 4568 9.1: the key of the audio; RFC 8839 5.4; RFC 8866 5.12.
    (re.compile(r"(\binline:)[^\s|;]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"^(a=ice-pwd:|k=).*?(\r?)$", re.IGNORECASE | re.MULTILINE), rf"\1{MASK}\2"),
    # Digits by INFO: a caller's card number or secret word.
    (re.compile(r"^(Signal[ \t]*=[ \t]*).*?(\r?)$", re.IGNORECASE | re.MULTILINE), rf"\1{MASK}\2"),
)
_WORDS: Final = (("response", "rspauth"), ("authorization",), ("@",), ("inline:",), ("ice-pwd:", "k="), ("signal",))
"""One of these stands in every text that the expression at the same place finds something in."""

_DIGITS_BY_INFO: Final = re.compile(
    r"^content-type[ \t]*:[ \t]*application/dtmf[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that is kept. `method` is that of the request which a response answers."""

    at: datetime
    direction: Direction
    transport: str
    local: str
    remote: str
    call_id: str
    method: str
    status: int | None
    cseq: int | None
    first_line: str
    from_user: str
    to_user: str
    size: int
    text: str
    credentials: bool


def read(data: bytes, flow: Flow, direction: Direction, at: datetime) -> Taken:
    """What the trace keeps of a message; never fails."""
    text = masked(data[: 4 * MAX_TEXT].decode("utf-8", "replace").replace("\0", "\ufffd").lstrip("\r\n"))[:MAX_TEXT]
    head = _FOLD.sub(" ", text.partition("\r\n\r\n")[0])
    first = head.partition("\n")[0].strip()
    fields = _fields(head)
    status = _STATUS.match(first)
    cseq = _CSEQ.match(fields.get("cseq", ""))
    method = cseq[2] if cseq and status else (named[1] if (named := _METHOD.match(first)) and not status else "")
    return Taken(
        at=at,
        direction=direction,
        transport=flow.transport.value,
        local=_place(flow.local),
        remote=_place(flow.remote),
        call_id=fields.get("call-id", "")[:MAX_SHORT],
        method=method,
        status=int(status[1]) if status else None,
        cseq=int(cseq[1]) if cseq else None,
        first_line=first[:MAX_SHORT],
        from_user=_user(fields.get("from", "")),
        to_user=_user(fields.get("to", "")),
        size=len(data),
        text=text,
        credentials="authorization:" in head.lower(),
    )


def masked(text: str) -> str:
    """The message without what opens anything.

    >>> masked('Authorization: Digest username="201", response="0c5e"')
    'Authorization: Digest username="201", response="***"'
    """
    lower = text.lower()  # most messages hold none of these words, and a search for a word costs next to nothing
    for (secret, instead), words in zip(_SECRETS, _WORDS, strict=True):
        if any(word in lower for word in words):
            text = secret.sub(instead, text)
    if "application/dtmf" in lower and _DIGITS_BY_INFO.search(text):  # the body is the digit and nothing else
        head, gap, _ = text.partition("\r\n\r\n")
        text = head + gap + MASK
    return text


_LONG: Final = {"i": "call-id", "f": "from", "t": "to"}  # RFC 3261 7.3.3


def _fields(head: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(head):
        key = name.lower()
        found.setdefault(_LONG.get(key, key), value)
    return found


def _user(value: str) -> str:
    match = _USER.search(value)
    return (match[1] or match[2])[:MAX_SHORT] if match else ""


def _place(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
