"""Why does nothing happen? Stable codes with parameters that the desk turns into sentences; each names what hinders.

What would have to change follows from the code: `skill_missing` with `skill`, `needed` and `has` says it all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from centrala.routing.core.estimate import expected_wait, position
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.index import demand
from centrala.routing.core.matching import may_refuse
from centrala.routing.core.settings import ContactId, OperatorId
from centrala.routing.core.state import Contact, ContactState, LaneKey, Operator, State, WorkState

Value = str | int | float | bool | None


class Why(StrEnum):
    """Of an operator, of a contact, of the two together."""

    UNKNOWN_OPERATOR = "unknown_operator"
    SIGNED_OUT = "signed_out"
    ON_BREAK = "on_break"  # reason, until
    PAUSED = "paused"  # reason, since
    NOT_PRESENT = "not_present"  # desk or phone gives no sign of life
    NO_QUEUE = "no_queue"
    NO_CHANNEL = "no_channel"
    RINGING = "ringing"  # contact, until
    WRAP_UP = "wrap_up"  # contact, until
    IN_CONTACT = "in_contact"  # contact, since
    NOBODY_WAITS = "nobody_waits"  # the operator is free and no queue of theirs has anybody
    NOBODY_FITS = "nobody_fits"  # waiting: there are some, but none for this operator; see why_not

    UNKNOWN_CONTACT = "unknown_contact"
    OFFERED = "offered"  # operator, until
    CONNECTED = "connected"
    CALLBACK_SLEEPS = "callback_sleeps"  # until
    QUEUE_CLOSED = "queue_closed"
    NOBODY_SIGNED_IN = "nobody_signed_in"
    NOBODY_MEETS_DEMANDS = "nobody_meets_demands"  # signed_in
    NOBODY_FREE = "nobody_free"  # busy, wrap_up, on_break, paused, absent: of those who could
    IN_LINE = "in_line"  # position, expected_wait
    RELAXES = "relaxes"  # at: from then on more operators will do
    KEPT_FOR_LAST = "kept_for_last"  # operator, until

    NOT_MEMBER = "not_member"  # queue
    CHANNEL_MISSING = "channel_missing"  # channel
    RANK_TOO_LOW = "rank_too_low"  # rank, allowed
    SKILL_MISSING = "skill_missing"  # skill, needed, has
    LANGUAGE_MISSING = "language_missing"  # language, needed, has
    LET_GO = "let_go"  # until: the operator did not take this contact a moment ago
    FULL = "full"  # channel, most
    OTHER_CHANNEL = "other_channel"  # channel: that is not held beside the contact's


@dataclass(frozen=True, slots=True)
class Reason:
    code: Why
    params: Mapping[str, Value] = field(default_factory=dict)


def reason(code: Why, **params: Value) -> Reason:
    """A reason with its parameters by name."""
    return Reason(code, params)


def explain_operator(state: State, name: OperatorId) -> list[Reason]:
    """Why the operator is offered nothing right now, the strongest reason first; never empty."""
    operator = state.operators.get(name)
    if operator is None:
        return [reason(Why.UNKNOWN_OPERATOR)]
    found = _unavailable(operator) + _hands(operator)
    if not any(queue in state.queues for queue in operator.profile.queues):
        found.append(reason(Why.NO_QUEUE))
    if not operator.profile.capacity:
        found.append(reason(Why.NO_CHANNEL))
    if found:
        return found
    waiting = sum(
        len(lane.waiting)
        for key in operator.profile.queues
        if (queue := state.queues.get(key))
        for lane in queue.lanes.values()
    )
    return [reason(Why.NOBODY_FITS, waiting=waiting)] if waiting else [reason(Why.NOBODY_WAITS)]


def explain_contact(state: State, name: ContactId) -> list[Reason]:
    """Why the contact is not with an operator right now, the strongest reason first; never empty."""
    contact = state.contacts.get(name)
    if contact is None:
        return [reason(Why.UNKNOWN_CONTACT)]
    if contact.state is ContactState.CONNECTED:
        return [reason(Why.CONNECTED)]
    if contact.state is ContactState.SLEEPING:
        return [reason(Why.CALLBACK_SLEEPS, until=contact.wake)]
    if contact.state is ContactState.OFFERED:
        work = state.works[contact.work]
        return [reason(Why.OFFERED, operator=work.operator.id, until=work.until)]
    return [*_nobody(state, contact), *_prospects(contact)]


def why_not(state: State, operator: OperatorId, contact: ContactId) -> list[Reason]:
    """Everything that keeps these two apart; empty when they are together or will be with the next fact."""
    one, other = state.operators.get(operator), state.contacts.get(contact)
    if one is None:
        return [reason(Why.UNKNOWN_OPERATOR)]
    if other is None:
        return [reason(Why.UNKNOWN_CONTACT)]
    if other.state is not ContactState.WAITING:
        if any(work.contact == contact for work in one.work.values()):
            return []
        return explain_contact(state, contact)
    return (
        _unavailable(one)
        + _no_room(state, one, other)
        + _unfit(one, other, demand(other, other.step))
        + ([reason(Why.LET_GO, until=(other.refused or {}).get(operator))] if may_refuse(other, one, state.now) else [])
    )


def _unavailable(operator: Operator) -> list[Reason]:
    found = []
    if operator.state is OperatorState.OFF:
        found.append(reason(Why.SIGNED_OUT))
    elif operator.state is OperatorState.BREAK:
        found.append(reason(Why.ON_BREAK, reason=operator.reason, until=operator.until))
    elif operator.state is OperatorState.PAUSED:
        found.append(reason(Why.PAUSED, reason=operator.reason, since=operator.since))
    if not operator.present:
        found.append(reason(Why.NOT_PRESENT))
    return found


def _hands(operator: Operator) -> list[Reason]:
    """What the operator holds; nothing when there is room for more."""
    if operator.room:
        return []
    codes = {WorkState.RINGING: Why.RINGING, WorkState.ACTIVE: Why.IN_CONTACT, WorkState.WRAP_UP: Why.WRAP_UP}
    return [
        reason(codes[work.state], contact=work.contact, since=work.since, until=work.until)
        for work in operator.work.values()
    ]


def _no_room(state: State, operator: Operator, contact: Contact) -> list[Reason]:
    channel = contact.channel
    most = operator.profile.capacity.get(channel, 0)
    found = []
    if most and operator.load[channel] >= most:
        found.append(reason(Why.FULL, channel=channel.value, most=most))
        found.extend(_hands(operator))
    found.extend(
        reason(Why.OTHER_CHANNEL, channel=other.value)
        for other, load in sorted(operator.load.items())
        if load and other != channel and channel not in state.settings.beside.get(other, ())
    )
    return found


def _unfit(operator: Operator, contact: Contact, key: LaneKey) -> list[Reason]:
    profile = operator.profile
    rank = profile.queues.get(key.queue)
    found = []
    if rank is None:
        found.append(reason(Why.NOT_MEMBER, queue=key.queue))
    elif key.max_rank is not None and rank > key.max_rank:
        found.append(reason(Why.RANK_TOO_LOW, rank=rank, allowed=key.max_rank))
    if not profile.capacity.get(key.channel):
        found.append(reason(Why.CHANNEL_MISSING, channel=key.channel.value))
    for skill, needed in key.skills:
        has = profile.skills.get(skill, 0)
        if has < needed:
            found.append(reason(Why.SKILL_MISSING, skill=skill, needed=needed, has=has))
    if key.language is not None:
        needed, has = max(1, contact.queue.settings.language_level), profile.languages.get(key.language, 0)
        if has < needed:
            found.append(reason(Why.LANGUAGE_MISSING, language=key.language, needed=needed, has=has))
    if key.only is not None and key.only != operator.id:
        until = contact.entered + contact.queue.settings.last_operator_wait
        found.append(reason(Why.KEPT_FOR_LAST, operator=key.only, until=until))
    return found


def _nobody(state: State, contact: Contact) -> list[Reason]:
    queue = contact.queue
    if not queue.signed_in:
        return [reason(Why.NOBODY_SIGNED_IN, queue=queue.settings.id)]
    lane = contact.lane
    able = [state.operators[name] for name in lane.eligible] if lane is not None else []
    signed_in = [operator for operator in able if operator.state is not OperatorState.OFF]
    if not signed_in:
        return [reason(Why.NOBODY_MEETS_DEMANDS, signed_in=queue.signed_in)]
    counts = dict.fromkeys(("busy", "wrap_up", "on_break", "paused", "absent", "let_go"), 0)
    for operator in signed_in:
        counts[_kind(state, operator, contact)] += 1
    return [reason(Why.NOBODY_FREE, **counts)]


def _kind(state: State, operator: Operator, contact: Contact) -> str:
    if operator.state is OperatorState.BREAK:
        return "on_break"
    if operator.state is OperatorState.PAUSED:
        return "paused"
    if not operator.present:
        return "absent"
    if contact.channel in operator.room and may_refuse(contact, operator, state.now):
        return "let_go"
    if any(work.state is WorkState.WRAP_UP for work in operator.work.values()):
        return "wrap_up"
    return "busy"


def _prospects(contact: Contact) -> list[Reason]:
    queue, settings = contact.queue, contact.queue.settings
    place = position(contact)
    found = [reason(Why.IN_LINE, position=place, expected_wait=expected_wait(queue, contact.channel, place))]
    if contact.step < 0:
        until = contact.entered + settings.last_operator_wait
        found.append(reason(Why.KEPT_FOR_LAST, operator=contact.last_operator, until=until))
    elif contact.step < len(settings.steps):
        found.append(reason(Why.RELAXES, at=contact.entered + settings.steps[contact.step].after))
    if not queue.open:
        found.append(reason(Why.QUEUE_CLOSED, queue=settings.id))
    return found
