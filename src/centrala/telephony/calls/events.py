"""What the calls tell upward, in the order in which it happened; and the facts that leave by the outbox."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from centrala.kit.outbox import Fact
from centrala.telephony.calls.causes import Ending
from centrala.telephony.calls.hearing import Role


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class HeldBy(StrEnum):
    US = "us"
    PEER = "peer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The other end of a leg: E.164 or SIP user, and the name it shows. Personal data."""

    number: str
    display: str = ""
    hidden: bool = False  # asked that its number be kept from others (RFC 3323)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    call_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent(CallEvent):
    leg_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(CallEvent):
    direction: Direction
    project_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(LegEvent):
    """Somebody calls us: `ring`, `answer` or `refuse` the leg. `headers` are those that were asked for, lower case."""

    caller: Party
    callee: str
    trunk_id: UUID | None
    phone_id: UUID | None
    diverted_from: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegStarted(LegEvent):
    """We call somebody."""

    peer: Party
    trunk_id: UUID | None
    phone_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRinging(LegEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEarly(LegEvent):
    """Audio before the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(LegEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHeld(LegEvent):
    by: HeldBy


@dataclass(frozen=True, slots=True, kw_only=True)
class LegResumed(LegEvent):
    by: HeldBy


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSeated(LegEvent):
    """The leg's role in its room has changed."""

    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LegMoved(LegEvent):
    """The leg is in another call now: `call_id`."""

    came_from: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRedirected(LegEvent):
    """A 3xx: the phone asks to call these addresses instead. Nobody is called without our word."""

    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAsked(LegEvent):
    """A phone's REFER. Unless it names a call of ours, somebody above must `carry_out` or `refuse_transfer`."""

    transfer: str
    target: str


class TransferKind(StrEnum):
    BLIND = "blind"
    ATTENDED = "attended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(LegEvent):
    """`leg_id` has handed its place to `to_leg_id`."""

    kind: TransferKind
    to_leg_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFailed(LegEvent):
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitPressed(LegEvent):
    """`method` is `rfc4733`, `inband` or `info`."""

    digit: str
    duration_ms: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayEnded(CallEvent):
    """`reason` as in the media protocol: `ended`, `stopped`, `replaced`, `leg_closed`, `failed`."""

    play: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConnected(LegEvent):
    """The first packets have come, or a browser's connection stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLost(LegEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(CallEvent):
    recording_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPaused(CallEvent):
    recording_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingResumed(CallEvent):
    recording_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEnded(CallEvent):
    recording_id: UUID
    reason: str
    duration_ms: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnded(LegEvent):
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    ending: Ending
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTakenUp(CallEvent):
    """The call was found alive after a restart; its legs are `leg_ids`."""

    project_id: UUID | None
    leg_ids: tuple[UUID, ...]


CALL_ENDED = "call.ended"
RECORDING_ENDED = "recording.ended"


def call_ended(call_id: UUID, *, project_id: UUID | None, ending: Ending, **more: Any) -> Fact:
    """A call is over; its legs' rows are complete."""
    payload = {"cause": ending.cause.value, "sip": ending.sip, "q850": ending.q850, "by": ending.by.value, **more}
    return Fact(kind=CALL_ENDED, aggregate_id=call_id, project_id=project_id, payload=payload)


def recording_ended(recording_id: UUID, *, call_id: UUID, project_id: UUID | None, reason: str) -> Fact:
    """A recording's file is closed."""
    payload = {"call_id": str(call_id), "reason": reason}
    return Fact(kind=RECORDING_ENDED, aggregate_id=recording_id, project_id=project_id, payload=payload)
