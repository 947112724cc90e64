"""What a router is told. A fact about something that is no longer so is counted and changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from centrala.routing.core.settings import Channel, ContactId, OperatorId, Profile, QueueId, Settings


class OperatorState(StrEnum):
    OFF = "off"
    READY = "ready"
    BREAK = "break"
    PAUSED = "paused"


class Refusal(StrEnum):
    """Why an offer can not be carried out."""

    UNREACHABLE = "unreachable"  # neither desk nor phone answers
    BUSY = "busy"  # the phone is on a call that the router does not know


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Replaces all settings. Contacts of a queue that is gone are closed; all others keep their place."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class QueueOpened:
    queue: QueueId


@dataclass(frozen=True, slots=True)
class QueueClosed:
    queue: QueueId


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """A new operator, or new abilities of a known one. Offers and contacts in hand stay."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class OperatorRemoved:
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAsked:
    """The operator (or, with `force`, a supervisor) sets the state; `force` passes over the cap on breaks."""

    operator: OperatorId
    state: OperatorState
    reason: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Heartbeat and registration both live, or not; no offers without."""

    operator: OperatorId
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactQueued:
    """Somebody waits. `since` keeps an earlier moment; `number` is any key under which one call-back may live."""

    contact: ContactId
    queue: QueueId
    channel: Channel = Channel.VOICE
    priority: int = 0
    skills: Mapping[str, int] = field(default_factory=dict)
    language: str | None = None
    last_operator: OperatorId | None = None
    number: str | None = None
    since: float | None = None
    callback: bool = False  # ordered, so nobody listens meanwhile


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """Hung up, closed or solved: from waiting it is abandoned, from an operator it is finished."""

    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMoved:
    """By hand to another queue. A waiting contact keeps the moment it came; a transferred one begins anew."""

    contact: ContactId
    queue: QueueId
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTaken:
    """An operator has it without an offer: a pick-up, a direct or an outgoing call. Takes it out of its queue."""

    contact: ContactId
    operator: OperatorId
    channel: Channel = Channel.VOICE
    queue: QueueId | None = None  # whose wrap-up rules count


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    offer: int


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    offer: int


@dataclass(frozen=True, slots=True)
class OfferUnanswered:
    """The device gave up before the offer's end."""

    offer: int


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """Reality refuses the lease: the device can not be reached or is busy."""

    offer: int
    reason: Refusal


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    operator: OperatorId
    contact: ContactId


@dataclass(frozen=True, slots=True)
class CallbackChosen:
    """A waiting contact takes the call-back: it hangs up and keeps its place."""

    contact: ContactId
    number: str


@dataclass(frozen=True, slots=True)
class CallbackUnanswered:
    """The operator had the contact, the customer did not answer."""

    contact: ContactId


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but a deadline."""


Fact = (
    SettingsChanged
    | QueueOpened
    | QueueClosed
    | ProfileChanged
    | OperatorRemoved
    | StateAsked
    | PresenceChanged
    | ContactQueued
    | ContactLeft
    | ContactMoved
    | ContactTaken
    | OfferAccepted
    | OfferDeclined
    | OfferUnanswered
    | OfferRefused
    | WrapUpEnded
    | CallbackChosen
    | CallbackUnanswered
    | TimePassed
)
