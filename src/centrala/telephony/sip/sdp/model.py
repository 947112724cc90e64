"""A session description as data, and how it is written (RFC 8866 section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field

Attributes = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Origin:
    """The o= line."""

    user: str
    session_id: str
    version: int
    family: str  # IP4 or IP6
    address: str

    def __str__(self) -> str:
        return f"{self.user} {self.session_id} {self.version} IN {self.family} {self.address}"


@dataclass(frozen=True, slots=True)
class Connection:
    """A c= line; multicast suffixes are not kept."""

    family: str
    address: str

    def __str__(self) -> str:
        return f"IN {self.family} {self.address}"


def connection_to(address: str) -> Connection:
    """Return the c= of an IP address."""
    return Connection("IP6" if ":" in address else "IP4", address)


class HasAttributes:
    """Reading of a= lines, shared by the session and its media."""

    __slots__ = ()
    attributes: Attributes

    def attribute(self, name: str) -> str | None:
        """Return the first value of an attribute; empty for a flag, None when it is not there."""
        for key, value in self.attributes:
            if key == name:
                return value or ""
        return None

    def attribute_all(self, name: str) -> list[str]:
        """Return all values of an attribute."""
        return [value or "" for key, value in self.attributes if key == name]

    def has(self, name: str) -> bool:
        """Whether the attribute is there."""
        return any(key == name for key, _ in self.attributes)


@dataclass(slots=True)
class Media(HasAttributes):
    """An m= section. Port 0 means that it is refused or switched off (RFC 3264 5.1, 6)."""

    kind: str
    port: int
    proto: str
    formats: list[str]
    ports: int = 1
    title: str | None = None
    connection: Connection | None = None
    bandwidth: list[str] = field(default_factory=list)
    attributes: Attributes = field(default_factory=list)


@dataclass(slots=True)
class SessionDescription(HasAttributes):
    """A whole description."""

    origin: Origin
    name: str = "-"
    connection: Connection | None = None
    bandwidth: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=lambda: ["0 0"])
    attributes: Attributes = field(default_factory=list)
    media: list[Media] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """Return the text in the order that RFC 8866 section 5 fixes."""
        lines = ["v=0", f"o={self.origin}", f"s={self.name or '-'}"]
        if self.connection is not None:
            lines.append(f"c={self.connection}")
        lines += [f"b={value}" for value in self.bandwidth]
        lines += [f"t={value}" for value in self.times or ["0 0"]]
        lines += _attribute_lines(self.attributes)
        for media in self.media:
            lines += _media_lines(media)
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            raise ValueError("line end inside a description")
        return f"{text}\r\n".encode()


def _attribute_lines(attributes: Attributes) -> list[str]:
    return [f"a={n}" if v is None else f"a={n}:{v}" for n, v in attributes]


def _media_lines(media: Media) -> list[str]:
    ports = str(media.port) if media.ports == 1 else f"{media.port}/{media.ports}"
    lines = [f"m={media.kind} {ports} {media.proto} {' '.join(media.formats)}"]
    if media.title is not None:
        lines.append(f"i={media.title}")
    if media.connection is not None:
        lines.append(f"c={media.connection}")
    lines += [f"b={value}" for value in media.bandwidth]
    return lines + _attribute_lines(media.attributes)
