"""What a router wants done. Carrying one out never needs a look into the router."""

from dataclasses import dataclass
from enum import StrEnum

from centrala.routing.core.settings import ContactId, OperatorId, QueueId, Target


class WithdrawReason(StrEnum):
    EXPIRED = "expired"
    CONTACT_LEFT = "contact_left"
    CONTACT_MOVED = "contact_moved"
    OPERATOR_LEFT = "operator_left"
    OPERATOR_BUSY = "operator_busy"  # took another contact meanwhile


class OverflowReason(StrEnum):
    WAIT = "wait"
    PLACE = "place"
    FULL = "full"
    TOO_LONG = "too_long"
    NO_OPERATOR = "no_operator"
    CLOSED = "closed"


class CloseReason(StrEnum):
    FULL = "full"
    TOO_LONG = "too_long"
    NO_OPERATOR = "no_operator"
    CLOSED = "closed"
    WAIT = "wait"
    PLACE = "place"
    NO_SUCH_QUEUE = "no_such_queue"
    CALLBACK_EXISTS = "callback_exists"  # the number already has a call-back in its place
    CALLED_AGAIN = "called_again"  # the customer called meanwhile and took the call-back's place
    CALLBACK_EXHAUSTED = "callback_exhausted"


class PauseReason(StrEnum):
    NOT_ANSWERING = "not_answering"
    UNREACHABLE = "unreachable"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Ring:
    """Offer the contact to the operator until `until`; the offer is a lease that only its own number can end."""

    operator: OperatorId
    contact: ContactId
    until: float
    offer: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    operator: OperatorId
    contact: ContactId
    offer: int
    reason: WithdrawReason


@dataclass(frozen=True, slots=True)
class OfferVoid:
    """Somebody accepted an offer after its end: let them go, the contact is not theirs."""

    offer: int


@dataclass(frozen=True, slots=True)
class Overflow:
    """To another queue of this router the contact has already been moved; anywhere else it has left the router."""

    contact: ContactId
    to: Target
    reason: OverflowReason


@dataclass(frozen=True, slots=True)
class OfferCallback:
    """`expected_wait` in seconds; None when nobody works in the queue."""

    contact: ContactId
    expected_wait: float | None


@dataclass(frozen=True, slots=True)
class Announce:
    """`position` counts from 1."""

    contact: ContactId
    position: int
    expected_wait: float | None


@dataclass(frozen=True, slots=True)
class Close:
    """The contact has left the router."""

    contact: ContactId
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class Pause:
    """The operator gets nothing more until they say that they are ready."""

    operator: OperatorId
    reason: PauseReason


@dataclass(frozen=True, slots=True)
class BreakGranted:
    """`until` is the planned end; None while contacts in hand are finished, then the decision comes again."""

    operator: OperatorId
    reason: str
    until: float | None


@dataclass(frozen=True, slots=True)
class BreakRefused:
    """`queue` is the one whose cap is reached; None for the cap of the centre."""

    operator: OperatorId
    reason: str
    on_break: int
    queue: QueueId | None


@dataclass(frozen=True, slots=True)
class EndWrapUp:
    """The limit of after-contact work is reached; the operator is free again."""

    operator: OperatorId
    contact: ContactId


Decision = (
    Ring
    | Withdraw
    | OfferVoid
    | Overflow
    | OfferCallback
    | Announce
    | Close
    | Pause
    | BreakGranted
    | BreakRefused
    | EndWrapUp
)
