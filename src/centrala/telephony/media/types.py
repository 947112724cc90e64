"""Values of the media protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NewType

LegName = NewType("LegName", str)
RoomName = NewType("RoomName", str)
PlayName = NewType("PlayName", str)
RecordName = NewType("RecordName", str)
TapName = NewType("TapName", str)


class Codec(StrEnum):
    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"


class Direction(StrEnum):
    """As the engine sees it: `sendonly` sends to the peer and does not listen."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


class Nat(StrEnum):
    """Whose packets a leg takes: the signalled address, its IP with any port, or the first that sends."""

    STRICT = "strict"
    SAME_IP = "same_ip"
    ANY = "any"


class RecordFormat(StrEnum):
    PCM16 = "pcm16"
    MULAW = "mulaw"
    ALAW = "alaw"


class DtmfMethod(StrEnum):
    RFC4733 = "rfc4733"
    INBAND = "inband"
    AUTO = "auto"


class Family(StrEnum):
    IPV4 = "ipv4"
    IPV6 = "ipv6"


class TapSide(StrEnum):
    SAYS = "says"
    HEARS = "hears"
    BOTH = "both"


class Answerer(StrEnum):
    """Who took the call, as far as its first seconds tell."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecPt:
    """A codec with its RTP payload type, 0 to 127."""

    name: Codec
    pt: int

    def wire(self) -> dict[str, Any]:
        return {"name": self.name.value, "pt": self.pt}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The peer's address from its SDP; RTCP goes to the next port unless `rtcp_port` says otherwise."""

    ip: str
    port: int
    rtcp_port: int | None = None

    def wire(self) -> dict[str, Any]:
        return _without_none({"ip": self.ip, "port": self.port, "rtcp_port": self.rtcp_port})


@dataclass(frozen=True, slots=True, kw_only=True)
class Srtp:
    """SDES keys (RFC 4568): the suite, and the base64 keys of our and of the peer's a=crypto line."""

    suite: str
    local: str
    remote: str

    def wire(self) -> dict[str, Any]:
        return {"suite": self.suite, "local": self.local, "remote": self.remote}

    def __repr__(self) -> str:
        return f"Srtp(suite={self.suite!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpLeg:
    """An RTP leg as section 4 of the protocol describes it; times in ms."""

    codecs: Sequence[CodecPt]
    dtmf_pt: int | None = None
    remote: Remote | None = None
    ptime: int = 20
    direction: Direction = Direction.SENDRECV
    nat: Nat = Nat.STRICT
    rtcp_mux: bool = False
    media_timeout_ms: int = 0
    srtp: Srtp | None = None
    tag: str | None = None
    family: Family | None = None
    """Of the leg's own address; None: that of `remote`, or the engine's usual one. It does not change later."""

    def wire(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "codecs": [codec.wire() for codec in self.codecs],
            "dtmf_pt": self.dtmf_pt,
            "remote": self.remote.wire() if self.remote else None,
            "ptime": self.ptime,
            "direction": self.direction.value,
            "nat": self.nat.value,
            "rtcp_mux": self.rtcp_mux,
            "media_timeout_ms": self.media_timeout_ms,
        }
        if self.srtp:
            fields["srtp"] = self.srtp.wire()
        if self.tag is not None:
            fields["tag"] = self.tag
        if self.family is not None:
            fields["family"] = self.family.value
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRtp:
    """What goes into our SDP for an RTP leg."""

    ip: str
    port: int
    rtcp_port: int
    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRemote:
    """What a browser's SDP says: ICE, the certificate's hash (`sha-256 AB:..`), who opens DTLS."""

    ice_ufrag: str
    ice_pwd: str
    fingerprint: str
    setup: str
    mid: str = "0"

    def wire(self) -> dict[str, Any]:
        return {
            "ice_ufrag": self.ice_ufrag,
            "ice_pwd": self.ice_pwd,
            "fingerprint": self.fingerprint,
            "setup": self.setup,
            "mid": self.mid,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLeg:
    """A browser leg; `remote` is None while the engine's offer is not answered."""

    codecs: Sequence[CodecPt]
    dtmf_pt: int | None = None
    remote: WebRemote | None = None
    direction: Direction = Direction.SENDRECV
    media_timeout_ms: int = 0
    tag: str | None = None

    def wire(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "codecs": [codec.wire() for codec in self.codecs],
            "dtmf_pt": self.dtmf_pt,
            "remote": self.remote.wire() if self.remote else None,
            "direction": self.direction.value,
            "media_timeout_ms": self.media_timeout_ms,
        }
        if self.tag is not None:
            fields["tag"] = self.tag
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWeb:
    """What goes into our SDP for a browser leg; `candidates` are host addresses and ports of component 1 over UDP."""

    ice_ufrag: str
    ice_pwd: str
    fingerprint: str
    setup: str
    mid: str
    candidates: Sequence[tuple[str, int]]
    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mouth:
    """Somebody who is heard, with a gain in dB."""

    leg: LegName
    gain_db: float = 0.0

    def wire(self) -> dict[str, Any]:
        return {"mouth": self.leg, "gain_db": self.gain_db}


Matrix = Mapping[LegName, Sequence[LegName | Mouth]]
"""Whom each ear hears; ears that are not named hear nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Sound files one after the other, `repeat` times over (0: for ever)."""

    paths: Sequence[str]
    repeat: int = 1

    def wire(self) -> dict[str, Any]:
        return {"files": list(self.paths), "repeat": self.repeat}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLoop:
    """Music for those who wait: everybody hears the same bar."""

    path: str

    def wire(self) -> dict[str, Any]:
        return {"loop": self.path}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """`ringback`, `busy`, `congestion`, `dial` or `beep`, as in `country` (ISO 3166 code)."""

    name: str
    country: str | None = None

    def wire(self) -> dict[str, Any]:
        return _without_none({"tone": self.name, "country": self.country})


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    ms: int

    def wire(self) -> dict[str, Any]:
        return {"silence_ms": self.ms}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """Audio that we push through an `AudioStream`; `rate` is 8000, 16000, 24000 or 48000 Hz."""

    rate: int

    def wire(self) -> dict[str, Any]:
        return {"stream": self.rate}


What = Files | SharedLoop | Tone | Silence | Pushed


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """Who the engine is; another `engine` than before means that all calls in it are gone."""

    version: str
    protocol: int
    engine: str
    grace_ms: int
    features: frozenset[str]
    first_event: int
    last_event: int


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
