"""Typed media attributes: codecs, direction, SDES keys, ICE, DTLS fingerprints.

RFC 8866 6 (rtpmap, fmtp, ptime, direction), RFC 4568 (crypto), RFC 8839 (ICE), RFC 8122
(fingerprint),
RFC 5763 (setup).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from centrala.telephony.sip.limits import MAX_CRYPTO_LINES, MAX_ICE_CANDIDATES
from centrala.telephony.sip.sdp.model import Media, SessionDescription


class Direction(StrEnum):
    """Who sends, seen from the one who says it (RFC 3264 5.1)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """Whether the speaker sends."""
        return self in {Direction.SENDRECV, Direction.SENDONLY}

    @property
    def receives(self) -> bool:
        """Whether the speaker receives."""
        return self in {Direction.SENDRECV, Direction.RECVONLY}

    @property
    def mirrored(self) -> Direction:
        """The same from the other side."""
        return direction(sends=self.receives, receives=self.sends)

    def within(self, other: Direction) -> Direction:
        """What both allow."""
        return direction(sends=self.sends and other.sends, receives=self.receives and other.receives)


def direction(*, sends: bool, receives: bool) -> Direction:
    """Return the direction of these two facts."""
    if sends:
        return Direction.SENDRECV if receives else Direction.SENDONLY
    return Direction.RECVONLY if receives else Direction.INACTIVE


def direction_of(session: SessionDescription, media: Media) -> Direction:
    """Return what a section says, the session's word or sendrecv in default."""
    for section in (media, session):
        for name, _ in section.attributes:
            if name in Direction.__members__.values():
                return Direction(name)
    return Direction.SENDRECV


@dataclass(frozen=True, slots=True)
class Codec:
    """A payload format. `clock` in Hz; `payload_type` is the number in the section it came from."""

    name: str
    clock: int
    payload_type: int
    channels: int = 1
    fmtp: str = ""

    @property
    def key(self) -> tuple[str, int, int]:
        """What makes two formats the same, whatever their numbers."""
        return (self.name.lower(), self.clock, self.channels)

    @property
    def is_dtmf(self) -> bool:
        """Whether this is telephone-event (RFC 4733)."""
        return self.name.lower() == "telephone-event"


# RFC 3551 table 4; G722's clock of 8000 is the historic mistake that must be kept (4.5.2).
STATIC: Final = {
    0: Codec("PCMU", 8000, 0),
    3: Codec("GSM", 8000, 3),
    4: Codec("G723", 8000, 4),
    8: Codec("PCMA", 8000, 8),
    9: Codec("G722", 8000, 9),
    13: Codec("CN", 8000, 13),
    18: Codec("G729", 8000, 18),
}
_CACHED: Final = 256  # sets of formats, each of at most a description's length
_RTPMAP: Final = re.compile(r"(\d{1,3})\s++([^\s/]++)/(\d{1,7})(?:/(\d{1,2}))?+")


def codecs_of(media: Media) -> list[Codec]:
    """Return the formats of an RTP section in its order; what has no meaning is left out."""
    named = tuple((name, value) for name, value in media.attributes if name in {"rtpmap", "fmtp"})
    return list(_codecs(tuple(media.formats), named))


@lru_cache(maxsize=_CACHED)  # a make of phone offers the same formats in every call, and one call reads them often
def _codecs(formats: tuple[str, ...], named: tuple[tuple[str, str | None], ...]) -> tuple[Codec, ...]:
    maps: dict[int, Codec] = {}
    fmtp: dict[str, str] = {}
    for name, value in named:
        if name == "rtpmap" and value and (found := _RTPMAP.match(value)):
            number = int(found.group(1))
            channels = int(found.group(4) or "1")
            maps[number] = Codec(found.group(2), int(found.group(3)), number, channels)
        elif name == "fmtp" and value:
            number_text, _, rest = value.partition(" ")
            fmtp[number_text] = rest.strip()
    codecs = []
    for text in formats:
        if not (text.isascii() and text.isdigit()) or len(text) > 3 or int(text) > 127:
            continue
        codec = maps.get(int(text)) or STATIC.get(int(text))
        if codec is not None and codec.clock:
            parts = (codec.name, codec.clock, int(text), codec.channels, fmtp.get(text, ""))
            codecs.append(Codec(*parts))
    return tuple(codecs)


@dataclass(frozen=True, slots=True)
class Crypto:
    """An SDES key (RFC 4568). `key` is base64 of master key and salt together."""

    tag: int
    suite: str
    key: str
    mki: str | None = None  # `value:length` when the sender puts one into its packets

    def __str__(self) -> str:
        tail = "" if self.mki is None else f"|{self.mki}"
        return f"{self.tag} {self.suite} inline:{self.key}{tail}"


# Bytes of master key plus salt by suite (RFC 4568 6.2, RFC 6188, RFC 7714 14.2); best first.
SUITES: Final = {
    "AEAD_AES_256_GCM": 44,
    "AEAD_AES_128_GCM": 28,
    "AES_256_CM_HMAC_SHA1_80": 46,
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
}
_CRYPTO: Final = re.compile(r"(\d{1,9})\s++(\S++)\s++inline:([A-Za-z0-9+/=]++)(\S*+)\s*+(.*)")
_MKI: Final = re.compile(r"\d{1,39}:\d{1,3}")


def cryptos_of(media: Media) -> list[Crypto]:
    """Return the usable keys of a section: known suite, key of the right length, plain SRTP."""
    keys = []
    for value in media.attribute_all("crypto")[:MAX_CRYPTO_LINES]:
        found = _CRYPTO.fullmatch(value.partition(";")[0])
        if found is None:
            continue
        tag, suite, key, tail, session = found.groups()
        if suite not in SUITES or not _right_length(key, SUITES[suite]):
            continue
        if "UNENCRYPTED" in session or "UNAUTHENTICATED" in session:
            continue  # RFC 4568 6.3.3: an option we do not take refuses the line
        mki = next((part for part in tail.split("|") if _MKI.fullmatch(part)), None)
        keys.append(Crypto(int(tag), suite, key, mki))
    return keys


def _right_length(key: str, size: int) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == size
    except (binascii.Error, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Ice:
    """ICE credentials and candidates, the latter as they stand after `a=candidate:`."""

    ufrag: str
    pwd: str
    candidates: tuple[str, ...] = ()
    lite: bool = False


def ice_of(session: SessionDescription, media: Media) -> Ice | None:
    """Return the ICE part of a section, or None."""
    ufrag = media.attribute("ice-ufrag") or session.attribute("ice-ufrag")
    pwd = media.attribute("ice-pwd") or session.attribute("ice-pwd")
    # RFC 8839 5.4: 4 to 256 and 22 to 256 characters.
    if not ufrag or not pwd or not 4 <= len(ufrag) <= 256 or not 22 <= len(pwd) <= 256:
        return None
    candidates = tuple(media.attribute_all("candidate")[:MAX_ICE_CANDIDATES])
    return Ice(ufrag, pwd, candidates, session.has("ice-lite"))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hash of a DTLS certificate; `algorithm` lower case, `value` upper case with colons."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm} {self.value}"


_FINGERPRINT: Final = re.compile(r"([A-Za-z0-9\-]{3,16}) ((?:[0-9A-Fa-f]{2}:){15,63}[0-9A-Fa-f]{2})")
_RANK: Final = ("sha-256", "sha-384", "sha-512", "sha-1")


def fingerprint_of(session: SessionDescription, media: Media) -> Fingerprint | None:
    """Return the fingerprint of a section that we can check best, or None."""
    values = media.attribute_all("fingerprint") or session.attribute_all("fingerprint")
    found = [f for f in (_FINGERPRINT.fullmatch(value) for value in values) if f]
    prints = [Fingerprint(f.group(1).lower(), f.group(2).upper()) for f in found]
    known = [p for p in prints if p.algorithm in _RANK]
    return min(known, key=lambda p: _RANK.index(p.algorithm)) if known else None


class Setup(StrEnum):
    """Who starts DTLS (RFC 4145 4, RFC 5763 5)."""

    ACTPASS = "actpass"
    ACTIVE = "active"
    PASSIVE = "passive"


def setup_of(session: SessionDescription, media: Media) -> Setup | None:
    """Return the setup role of a section, or None."""
    value = (media.attribute("setup") or session.attribute("setup") or "").lower()
    return Setup(value) if value in Setup.__members__.values() else None


def ptime_of(media: Media) -> int | None:
    """Return the packet time in milliseconds that the section asks for, or None."""
    value = (media.attribute("ptime") or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else None
