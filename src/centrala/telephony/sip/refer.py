"""REFER and the NOTIFY that reports on it (RFC 3515, RFC 3891, RFC 4488): reading and writing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote as percent_encode
from urllib.parse import unquote as percent_decode

from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.headers.address import NameAddr, parse_name_addr
from centrala.telephony.sip.headers.small import Replaces, parse_replaces, parse_value
from centrala.telephony.sip.limits import MAX_SIPFRAG
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.responses import reason_phrase
from centrala.telephony.sip.uri import SipUri, Uri


@dataclass(frozen=True, slots=True)
class Referral:
    """What a REFER asks for: call `target`, taking the place of `replaces` if given."""

    target: NameAddr
    replaces: Replaces | None
    referred_by: str | None
    quiet: bool  # Refer-Sub: false (RFC 4488): no NOTIFY is wanted


def read_refer(request: Request) -> Referral:
    """Read a REFER. Raises `SipError` 400."""
    value = request.headers.get("refer-to")
    if value is None:
        raise SipError("REFER without Refer-To")
    target = parse_name_addr(value)
    replaces = None
    if isinstance(target.uri, SipUri):
        replaces = _replaces_in(target.uri)
        target = replace(target, uri=target.uri.without_headers())
    quiet = (request.headers.get("refer-sub") or "").strip().lower().startswith("false")
    return Referral(target, replaces, request.headers.get("referred-by"), quiet)


def _replaces_in(uri: SipUri) -> Replaces | None:
    for pair in uri.headers.split("&"):
        name, _, value = pair.partition("=")
        if name.lower() == "replaces":
            return parse_replaces(percent_decode(value))
    return None


def refer_to(target: Uri, replaces: Replaces | None = None) -> str:
    """Return a Refer-To value; Replaces goes escaped into the URI's headers (RFC 3891 4)."""
    if replaces is None:
        return f"<{target}>"
    if not isinstance(target, SipUri):
        raise ParseError("Replaces needs a SIP URI", status=416)
    escaped = percent_encode(str(replaces), safe="")
    return f"<{replace(target, headers=f'Replaces={escaped}')}>"


def write_sipfrag(status: int) -> bytes:
    """Return the body of a NOTIFY: the status line reached (RFC 3515 2.4.5)."""
    return f"SIP/2.0 {status} {reason_phrase(status)}\r\n".encode()


def read_sipfrag(body: bytes) -> int:
    """Return the status of a message/sipfrag body. Raises `ParseError`."""
    if len(body) > MAX_SIPFRAG:
        raise ParseError("sipfrag too large", status=413)
    pieces = body.split(b"\n", 1)[0].decode("latin-1").split(None, 2)
    if len(pieces) < 2 or pieces[0].upper() != "SIP/2.0" or not pieces[1].isdigit():
        raise ParseError("Malformed sipfrag")
    if len(pieces[1]) != 3:
        raise ParseError("Malformed sipfrag")
    return int(pieces[1])


def is_terminated(request: Request) -> bool:
    """Whether a NOTIFY ends its subscription. Raises `ParseError`."""
    value = request.headers.get("subscription-state")
    return value is not None and parse_value(value)[0].lower() == "terminated"


def event_id(request: Request) -> tuple[str, str]:
    """Return package and id of an Event header, both possibly empty. Raises `ParseError`."""
    value = request.headers.get("event")
    if value is None:
        return "", ""
    package, params = parse_value(value)
    return package.lower(), params.get("id") or ""
