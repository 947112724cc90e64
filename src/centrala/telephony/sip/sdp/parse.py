"""Text to a session description. Liberal in order and line ends, strict in what is used."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from centrala.telephony.sip.errors import SdpError
from centrala.telephony.sip.limits import (
    MAX_SDP,
    MAX_SDP_ATTRIBUTES,
    MAX_SDP_FORMATS,
    MAX_SDP_LINE,
    MAX_SDP_MEDIA,
)
from centrala.telephony.sip.sdp.model import (
    Connection,
    HasAttributes,
    Media,
    Origin,
    SessionDescription,
)

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~/]++")
_HOST: Final = re.compile(r"[A-Za-z0-9_.:\-]{1,253}")
_DIGITS: Final = re.compile(r"\d{1,20}")
_CONTROL: Final = re.compile(r"[\x00\x0b\x0c]")


def parse_sdp(data: bytes) -> SessionDescription:
    """Read a description. Raises `SdpError` 400."""
    if len(data) > MAX_SDP:
        raise SdpError("Session description too large", status=413)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if _CONTROL.search(text):
        raise SdpError("Control character in the session description")
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line]
    if not lines or lines[0].strip() != "v=0":
        raise SdpError("Session description without v=0")
    return _Reader().read(lines[1:])


class _Reader:
    def __init__(self) -> None:
        self.origin: Origin | None = None
        self.session = SessionDescription(Origin("-", "0", 0, "IP4", "0.0.0.0"), times=[])  # noqa: S104 - a placeholder
        self.section: Media | SessionDescription = self.session

    def read(self, lines: list[str]) -> SessionDescription:
        for line in lines:
            if len(line) > MAX_SDP_LINE or line[1:2] != "=":
                raise SdpError("Malformed line in the session description")
            self._line(line[0], line[2:].strip(" \t"))
        if self.origin is None:
            raise SdpError("Session description without o=")
        self.session.origin = self.origin
        return self.session

    def _line(self, letter: str, value: str) -> None:
        match letter:
            case "m":
                self._media(value)
            case "a":
                _attribute(self.section, value)
            case "c":
                self._connection(value)
            case "b":
                self.section.bandwidth.append(value)
            case "o":
                self.origin = _origin(value)
            case "s":
                self.session.name = value
            case "t":
                self.session.times.append(value)
            case "i" if isinstance(self.section, Media):
                self.section.title = value
            case _:
                pass  # e, p, u, r, z, k and letters of the future carry nothing for us

    def _media(self, value: str) -> None:
        if len(self.session.media) >= MAX_SDP_MEDIA:
            raise SdpError("Too many media in the session description")
        pieces = value.split()
        if len(pieces) < 4 or len(pieces) > MAX_SDP_FORMATS + 3:
            raise SdpError("Malformed m= line")
        kind, ports, proto, *formats = pieces
        port, _, count = ports.partition("/")
        number, many = _number(port, 65_535), _number(count, 255) if count else 1
        if not (_TOKEN.fullmatch(kind) and _TOKEN.fullmatch(proto)):
            raise SdpError("Malformed m= line")
        media = Media(kind.lower(), number, proto.upper(), formats, many)
        self.session.media.append(media)
        self.section = media

    def _connection(self, value: str) -> None:
        if self.section.connection is None:  # further c= lines are multicast layers
            self.section.connection = _connection(value)


def _attribute(section: HasAttributes, value: str) -> None:
    if len(section.attributes) >= MAX_SDP_ATTRIBUTES:
        raise SdpError("Too many attributes in the session description")
    name, colon, rest = value.partition(":")
    section.attributes.append((name.strip().lower(), rest.strip() if colon else None))


def _number(text: str, cap: int) -> int:
    if _DIGITS.fullmatch(text) is None or int(text) > cap:
        raise SdpError("Number out of range in the session description")
    return int(text)


def _origin(value: str) -> Origin:
    pieces = value.split()
    if len(pieces) != 6 or pieces[3] != "IN":
        raise SdpError("Malformed o= line")
    user, session_id, version, _, family, address = pieces
    if not (_DIGITS.fullmatch(session_id) and _DIGITS.fullmatch(version)):
        raise SdpError("Malformed o= line")
    if family not in {"IP4", "IP6"} or _HOST.fullmatch(address) is None:
        raise SdpError("Malformed o= line")
    return Origin(user, session_id, int(version), family, address)


def _connection(value: str) -> Connection:
    pieces = value.split()
    if len(pieces) != 3 or pieces[0] != "IN" or pieces[1] not in {"IP4", "IP6"}:
        raise SdpError("Malformed c= line")
    address = pieces[2].partition("/")[0]
    if _HOST.fullmatch(address) is None:
        raise SdpError("Malformed c= line")
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return Connection(pieces[1], address)  # a name: whoever sends media there resolves it
    if (ip.version == 6) != (pieces[1] == "IP6"):
        raise SdpError("Malformed c= line")
    return Connection(pieces[1], address)
