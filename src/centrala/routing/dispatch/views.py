"""What the router knows of one operator or one contact, for people and for other rooms. Moments are aware, in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from centrala.routing.core.decisions import Decision
from centrala.routing.core.estimate import expected_wait, position
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.settings import Channel, ContactId, OperatorId, QueueId
from centrala.routing.core.state import Contact, ContactState, Operator, State, Work, WorkState


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """A contact in an operator's hands. `contact` is the interaction's id; `until` the end of offer or wrap-up."""

    contact: ContactId
    channel: Channel
    queue: QueueId | None
    state: WorkState
    since: datetime
    until: datetime | None
    offer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorView:
    """An operator now. `until` is the planned end of a break; None while contacts in hand are finished."""

    id: OperatorId
    state: OperatorState
    reason: str
    since: datetime
    until: datetime | None
    present: bool
    contacts: tuple[Hands, ...]
    queues: Mapping[QueueId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    """A contact that waits or is being offered. `expected_wait` in seconds; None when nobody is at work."""

    contact: ContactId
    queue: QueueId
    state: ContactState
    position: int
    since: datetime
    entered: datetime
    expected_wait: float | None
    priority: int
    language: str | None
    callback: bool
    offered_to: OperatorId | None


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Something about these operators, or about what these queues show, is other than before."""

    operators: frozenset[OperatorId]
    queues: frozenset[QueueId]


@dataclass(frozen=True, slots=True)
class Told:
    """A decision with the moment it was made at (seconds since 1970)."""

    at: float
    decision: Decision


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as people and tables have it, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def operator_view(operator: Operator) -> OperatorView:
    return OperatorView(
        id=operator.id,
        state=operator.state,
        reason=operator.reason,
        since=moment(operator.since),
        until=moment(operator.until) if operator.until is not None else None,
        present=operator.present,
        contacts=tuple(hands(work) for work in operator.work.values()),
        queues=operator.profile.queues,
    )


def hands(work: Work) -> Hands:
    return Hands(
        contact=work.contact,
        channel=work.channel,
        queue=work.queue.settings.id if work.queue is not None else None,
        state=work.state,
        since=moment(work.since),
        until=moment(work.until) if work.until is not None else None,
        offer=work.number,
    )


def waiting_view(state: State, contact: Contact) -> WaitingView:
    place = position(contact)
    work = state.works.get(contact.work) if contact.state is ContactState.OFFERED else None
    return WaitingView(
        contact=contact.id,
        queue=contact.queue.settings.id,
        state=contact.state,
        position=place,
        since=moment(contact.since),
        entered=moment(contact.entered),
        expected_wait=expected_wait(contact.queue, contact.channel, place),
        priority=contact.priority,
        language=contact.language,
        callback=contact.callback,
        offered_to=work.operator.id if work is not None else None,
    )


def person(name: OperatorId) -> UUID:
    """The employee behind an operator."""
    return UUID(name)
