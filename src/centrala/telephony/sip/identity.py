"""Who calls, for whom, and what of it may be shown: P-Asserted-Identity, Privacy, Diversion,
History-Info (RFC 3325, RFC 3323, RFC 5806, RFC 7044). Malformed decorations are ignored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.headers.address import NameAddr, parse_addresses
from centrala.telephony.sip.headers.small import parse_reasons
from centrala.telephony.sip.message import Message, Request
from centrala.telephony.sip.uri import SipUri, TelUri, Uri, parse_uri

MAX_HISTORY: Final = 20  # entries of Diversion or History-Info that are read
ANONYMOUS: Final = NameAddr(parse_uri("sip:anonymous@anonymous.invalid"), "Anonymous")  # RFC 3323 4.1.1.3


@dataclass(frozen=True, slots=True)
class Diverted:
    """One hop that a call was redirected by. `number` is the user part; `reason` as written."""

    address: NameAddr
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request tells of its caller. `asserted` only when the sender is trusted."""

    address: NameAddr
    asserted: bool
    number: str
    display: str
    hidden: bool


def number_of(address: NameAddr) -> str:
    """Return the user part or telephone number of an address, without separators."""
    return number_in(address.uri)


def number_in(uri: Uri) -> str:
    """Return the user part or telephone number of a URI, without separators."""
    if isinstance(uri, TelUri):
        return uri.digits
    return uri.user_text if isinstance(uri, SipUri) else ""


def _read(message: Message, name: str) -> list[NameAddr]:
    found: list[NameAddr] = []
    for value in message.headers.all(name)[:MAX_HISTORY]:
        try:
            found += parse_addresses(value)
        except ParseError:
            continue
    return found[:MAX_HISTORY]


def privacy(message: Message) -> frozenset[str]:
    """Return the Privacy values in lower case."""
    values = ";".join(message.headers.all("privacy")).replace(",", ";")
    return frozenset(v.strip().lower() for v in values.split(";") if v.strip())


def caller_of(request: Request, *, trusted: bool) -> Caller:
    """Tell who calls. P-Asserted-Identity counts only from a trusted peer (RFC 3325 5)."""
    asserted = None
    if trusted:
        known = _read(request, "p-asserted-identity") or _read(request, "remote-party-id")
        # A tel URI is preferred: it is a number for certain.
        asserted = next((a for a in known if isinstance(a.uri, TelUri)), None) or (known[0] if known else None)
    shown = asserted or request.from_
    wanted = privacy(request)
    anonymous = isinstance(request.from_.uri, SipUri) and (request.from_.uri.address == "anonymous.invalid")
    hidden = bool(wanted & {"id", "user", "header"}) or (anonymous and "none" not in wanted)
    return Caller(shown, asserted is not None, number_of(shown), shown.display or request.from_.display, hidden)


def identity_headers(identity: NameAddr, *, hidden: bool, trusted: bool) -> tuple[NameAddr, list[tuple[str, str]]]:
    """Return From and further fields for a call of ours; a stranger learns no hidden number."""
    if not hidden:
        fields = [("P-Asserted-Identity", str(identity))] if trusted else []
        return identity, fields
    if not trusted:
        return ANONYMOUS, [("Privacy", "id")]
    return ANONYMOUS, [("P-Asserted-Identity", str(identity)), ("Privacy", "id")]


def diversions(request: Request) -> list[Diverted]:
    """Return who redirected the call, the latest first, from Diversion or else History-Info."""
    found = [
        Diverted(address, number_of(address), address.text_param("reason") or "unknown")
        for address in _read(request, "diversion")
    ]
    return found or _history(request)


def _history(request: Request) -> list[Diverted]:
    entries = _read(request, "history-info")
    hops = []
    # The last entry is the present target; those before it, if they name a reason, were left.
    for address in reversed(entries[:-1]):
        if isinstance(address.uri, SipUri) and "Reason=" in address.uri.headers:
            hops.append(Diverted(address, number_of(address), _history_reason(address.uri)))
        elif "mp" in address.params or "rc" in address.params:
            hops.append(Diverted(address, number_of(address), "unknown"))
    return hops


def _history_reason(uri: SipUri) -> str:
    for pair in uri.headers.split("&"):
        name, _, value = pair.partition("=")
        if name.lower() == "reason":
            try:
                reasons = parse_reasons(unquote(value))
            except ParseError:
                return "unknown"
            return {486: "user-busy", 480: "no-answer", 408: "no-answer", 302: "unconditional"}.get(
                reasons[0].cause or 0, "unknown"
            )
    return "unknown"
