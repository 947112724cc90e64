"""The answer that takes nothing: every m-line with port 0 (RFC 3264 6)."""

from __future__ import annotations

from centrala.telephony.sip.errors import SdpError
from centrala.telephony.sip.sdp.model import Media, Origin, SessionDescription
from centrala.telephony.sip.sdp.parse import parse_sdp


def refusal_of(offer: bytes) -> bytes | None:
    """Return the refusing answer to an offer, or None to one that cannot be read."""
    try:
        theirs = parse_sdp(offer)
    except SdpError:
        return None
    media = [Media(m.kind, 0, m.proto, m.formats[:1]) for m in theirs.media]
    origin = Origin("-", "0", 0, "IP4", "0.0.0.0")  # noqa: S104 - nothing is received there
    return SessionDescription(origin, media=media).to_bytes()
