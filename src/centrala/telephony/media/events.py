"""Events of the media engine, typed. `read_event` never fails on an event it does not know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from centrala.telephony.media.types import Answerer, LegName, PlayName, RecordName, RoomName, TapName


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaEvent:
    """`seq` has no holes; `at` is Unix time in ms by the engine's clock (0 for events that the client makes)."""

    seq: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomClosed(MediaEvent):
    room: RoomName
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegClosed(MediaEvent):
    """`stats` as in section 8 of the protocol; empty when the engine lost the leg by a fault."""

    leg: LegName
    reason: str
    stats: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegConnected(MediaEvent):
    """A browser leg: ICE has an address and DTLS has keys."""

    leg: LegName


@dataclass(frozen=True, slots=True, kw_only=True)
class LegLatched(MediaEvent):
    leg: LegName
    ip: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFirst(MediaEvent):
    leg: LegName
    ip: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTimeout(MediaEvent):
    leg: LegName


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResumed(MediaEvent):
    leg: LegName


@dataclass(frozen=True, slots=True, kw_only=True)
class LegQuality(MediaEvent):
    leg: LegName
    stats: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayDone(MediaEvent):
    play: PlayName
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf(MediaEvent):
    leg: LegName
    digit: str
    duration_ms: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DtmfSent(MediaEvent):
    leg: LegName


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStart(MediaEvent):
    leg: LegName


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkStop(MediaEvent):
    leg: LegName


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceHeard(MediaEvent):
    leg: LegName
    for_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineHeard(MediaEvent):
    """Once for a detection; `confidence` is from 0 to 1."""

    leg: LegName
    verdict: Answerer
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BeepHeard(MediaEvent):
    """A steady tone of `frequency` Hz ended: after it an answering machine records."""

    leg: LegName
    frequency: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxHeard(MediaEvent):
    """`tone` is `cng` (a fax that calls, 1100 Hz) or `ced` (a fax that answers, 2100 Hz; ITU-T T.30)."""

    leg: LegName
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TapDone(MediaEvent):
    """`told_ms` of audio were handed to the tap's stream, `lost_ms` were left out because nobody read."""

    tap: TapName
    leg: LegName
    reason: str
    told_ms: int
    lost_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMark:
    at_ms: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDone(MediaEvent):
    """The file is closed; `size` in bytes, `sha256` in hexadecimal."""

    record: RecordName
    path: str
    reason: str
    duration_ms: int
    size: int
    sha256: str
    marks: Sequence[RecordMark]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsLost(MediaEvent):
    """Events up to `seq` are gone: ask `list`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRestarted(MediaEvent):
    """The engine is another process now: every room, leg, play and record in it is gone."""

    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(MediaEvent):
    """From a newer engine."""

    name: str
    fields: Mapping[str, Any]


Fields = Mapping[str, Any]


def _leg(fields: Fields) -> LegName:
    return LegName(str(fields["leg"]))


def _record_done(fields: Fields, seq: int, at: int) -> MediaEvent:
    return RecordDone(
        seq=seq,
        at=at,
        record=RecordName(fields["record"]),
        path=fields["path"],
        reason=fields["reason"],
        duration_ms=fields["duration_ms"],
        size=fields["bytes"],
        sha256=fields["sha256"],
        marks=tuple(RecordMark(at_ms=mark["at_ms"], kind=mark["kind"]) for mark in fields["marks"]),
    )


def _dtmf(fields: Fields, seq: int, at: int) -> MediaEvent:
    return Dtmf(
        seq=seq,
        at=at,
        leg=_leg(fields),
        digit=fields["digit"],
        duration_ms=fields["duration_ms"],
        method=fields["method"],
    )


_READERS: dict[str, Callable[[Fields, int, int], MediaEvent]] = {
    "room.closed": lambda f, seq, at: RoomClosed(seq=seq, at=at, room=RoomName(f["room"]), reason=f["reason"]),
    "leg.closed": lambda f, seq, at: LegClosed(
        seq=seq, at=at, leg=_leg(f), reason=f["reason"], stats=f.get("stats") or {}
    ),
    "leg.connected": lambda f, seq, at: LegConnected(seq=seq, at=at, leg=_leg(f)),
    "leg.latched": lambda f, seq, at: LegLatched(seq=seq, at=at, leg=_leg(f), ip=f["ip"], port=f["port"]),
    "leg.quality": lambda f, seq, at: LegQuality(seq=seq, at=at, leg=_leg(f), stats=f),
    "media.first": lambda f, seq, at: MediaFirst(seq=seq, at=at, leg=_leg(f), ip=f["ip"], port=f["port"]),
    "media.timeout": lambda f, seq, at: MediaTimeout(seq=seq, at=at, leg=_leg(f)),
    "media.resumed": lambda f, seq, at: MediaResumed(seq=seq, at=at, leg=_leg(f)),
    "play.done": lambda f, seq, at: PlayDone(
        seq=seq, at=at, play=PlayName(f["play"]), reason=f["reason"], at_ms=f["at_ms"]
    ),
    "dtmf": _dtmf,
    "dtmf.sent": lambda f, seq, at: DtmfSent(seq=seq, at=at, leg=_leg(f)),
    "talk.start": lambda f, seq, at: TalkStart(seq=seq, at=at, leg=_leg(f)),
    "talk.stop": lambda f, seq, at: TalkStop(seq=seq, at=at, leg=_leg(f)),
    "silence": lambda f, seq, at: SilenceHeard(seq=seq, at=at, leg=_leg(f), for_ms=f["for_ms"]),
    "machine": lambda f, seq, at: MachineHeard(
        seq=seq, at=at, leg=_leg(f), verdict=Answerer(f["verdict"]), confidence=f["confidence"]
    ),
    "beep": lambda f, seq, at: BeepHeard(
        seq=seq, at=at, leg=_leg(f), frequency=f["frequency"], duration_ms=f["duration_ms"]
    ),
    "fax": lambda f, seq, at: FaxHeard(seq=seq, at=at, leg=_leg(f), tone=f["tone"]),
    "tap.done": lambda f, seq, at: TapDone(
        seq=seq,
        at=at,
        tap=TapName(f["tap"]),
        leg=_leg(f),
        reason=f["reason"],
        told_ms=f["told_ms"],
        lost_ms=f["lost_ms"],
    ),
    "record.done": _record_done,
    "events.lost": lambda _f, seq, at: EventsLost(seq=seq, at=at),
}


def read_event(fields: Fields) -> MediaEvent:
    """From a line of the control channel that carries `event` and `seq`."""
    name, seq, at = str(fields["event"]), int(fields["seq"]), int(fields.get("at", 0))
    reader = _READERS.get(name)
    if reader is None:
        return UnknownEvent(seq=seq, at=at, name=name, fields=fields)
    return reader(fields, seq, at)
