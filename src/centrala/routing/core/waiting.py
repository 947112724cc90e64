"""The rules of a queue for those who come and those who wait: door, overflow, relaxing, announcements, call-backs."""

from bisect import insort
from typing import Final

from centrala.routing.core.decisions import Announce, Close, CloseReason, OfferCallback, Overflow, OverflowReason
from centrala.routing.core.estimate import expected_wait, position
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.index import demand, fit, lane_of, start_waiting
from centrala.routing.core.matching import find_operator, leave_line, seek_operator, stop_waiting, wait
from centrala.routing.core.settings import HANG_UP, MAX_HOPS, QueueId, QueueSettings, Target, TargetKind
from centrala.routing.core.state import Contact, ContactState, Entry, Queue, State, Timer

# Whom the queue must not keep, even when there is nowhere to go.
_FINAL: Final = frozenset({OverflowReason.CLOSED, OverflowReason.FULL, OverflowReason.TOO_LONG})


def enter(state: State, contact: Contact) -> None:
    """Through the door of the contact's queue: to a place in the line, or to where the queue sends it."""
    contact.step = -1 if _kept_for_last(state, contact) else 0
    refusal = _door(state, contact)
    if refusal is not None and send(state, contact, *refusal, in_line=False):
        return
    queue, settings = contact.queue, contact.queue.settings
    contact.entered = state.now
    contact.entry = entry_of(state, contact)
    contact.announce_at = None if settings.announce_first is None else state.now + settings.announce_first
    insort(queue.line, contact.entry)
    if not wait(state, contact):
        review(state, contact)


def entry_of(state: State, contact: Contact) -> Entry:
    """The contact's constant place; see `state`."""
    due = contact.since + contact.queue.settings.target - contact.priority * state.settings.priority_step
    return (due, contact.number, contact.id)


def _door(state: State, contact: Contact) -> tuple[Target, OverflowReason] | None:
    queue, settings = contact.queue, contact.queue.settings
    if contact.callback:
        return None  # nobody is on the line; a call-back waits for the morning
    if not queue.open:
        return settings.closed, OverflowReason.CLOSED
    if settings.no_operator is not None and _deserted(queue, state.now):
        return settings.no_operator, OverflowReason.NO_OPERATOR
    refusal = _no_place(contact)
    if refusal is not None:
        contact.lane = lane_of(state, contact)
        if find_operator(state, contact) is not None:
            return None
    return refusal


def _no_place(contact: Contact) -> tuple[Target, OverflowReason] | None:
    """What the length of the line forbids to somebody who would have to wait."""
    queue, settings = contact.queue, contact.queue.settings
    if settings.max_length is not None and len(queue.line) >= settings.max_length:
        return settings.full, OverflowReason.FULL
    if contact.hops < MAX_HOPS:
        for rule in settings.overflow:
            if rule.place is not None and len(queue.line) >= rule.place:
                return rule.to, OverflowReason.PLACE
    return None


def _deserted(queue: Queue, now: float) -> bool:
    return queue.deserted_at is not None and now >= queue.deserted_at + queue.settings.no_operator_after


def send(state: State, contact: Contact, to: Target, reason: OverflowReason, *, in_line: bool = True) -> bool:
    """Send the contact on. False when it has been sent around too often and may stay where it is."""
    queue = state.queues.get(QueueId(to.value)) if to.kind is TargetKind.QUEUE else None
    if to.kind is TargetKind.QUEUE and (queue is None or queue is contact.queue or contact.hops >= MAX_HOPS):
        if reason not in _FINAL:
            return False
        to, queue = HANG_UP, None
    if queue is not None:
        if in_line:
            take_out(contact)
        contact.hops += 1
        contact.queue = queue
        state.out.append(Overflow(contact.id, to, reason))
        enter(state, contact)
        return True
    if in_line:
        take_out(contact)
    if to.kind is TargetKind.HANG_UP:
        remove(state, contact, CloseReason(reason.value))
    else:
        state.out.append(Overflow(contact.id, to, reason))
        remove(state, contact)
    return True


def take_out(contact: Contact) -> None:
    """Out of lane and line, from wherever it is in them."""
    if contact.state is ContactState.WAITING:
        stop_waiting(contact)
    if contact.state in (ContactState.WAITING, ContactState.OFFERED):
        leave_line(contact)
    contact.wake = None
    contact.lane = None


def remove(state: State, contact: Contact, reason: CloseReason | None = None) -> None:
    """Forget the contact; the caller has taken it out."""
    del state.contacts[contact.id]
    if contact.phone is not None and state.callbacks.get(contact.phone) == contact.id:
        del state.callbacks[contact.phone]
    if reason is not None:
        state.out.append(Close(contact.id, reason))


def _kept_for_last(state: State, contact: Contact) -> bool:
    settings = contact.queue.settings
    if not settings.last_operator_first or settings.last_operator_wait <= 0 or contact.last_operator is None:
        return False
    operator = state.operators.get(contact.last_operator)
    if operator is None or operator.state is not OperatorState.READY or not operator.present:
        return False
    return fit(demand(contact, 0), operator, settings.language_level) is not None


def is_plain(settings: QueueSettings) -> bool:
    """Whether no rule of the queue says anything to those who wait."""
    return not (
        settings.steps
        or any(rule.after is not None for rule in settings.overflow)
        or settings.max_wait is not None
        or settings.announce_first is not None
        or settings.callback_after is not None
        or settings.callback_expected is not None
    )


def review(state: State, contact: Contact) -> None:
    """Apply every rule whose time has come to a contact that waits, and set its next deadline."""
    if contact.state is not ContactState.WAITING:
        return
    if contact.queue.plain and contact.step == 0 and contact.refused is None:
        contact.wake = None
        return
    if not contact.callback and _sent_away(state, contact):
        return
    if _relax(state, contact) and seek_operator(state, contact):
        stop_waiting(contact)
        return
    if not contact.callback:
        _speak(state, contact)
    contact.wake = next_wake(contact, state.now)
    if contact.wake is not None:
        state.set_timer(contact.wake, Timer.CONTACT, contact.number, contact.id)


def _sent_away(state: State, contact: Contact) -> bool:
    settings, now = contact.queue.settings, state.now
    if settings.max_wait is not None and now >= contact.entered + settings.max_wait:
        return send(state, contact, settings.too_long, OverflowReason.TOO_LONG)
    return any(
        rule.after is not None
        and now >= contact.entered + rule.after
        and contact.hops < MAX_HOPS
        and send(state, contact, rule.to, OverflowReason.WAIT)
        for rule in settings.overflow
    )


def _relax(state: State, contact: Contact) -> bool:
    """Move to a wider lane when it is time, or let refusals lapse; True when it is worth to search again."""
    settings, now = contact.queue.settings, state.now
    step = contact.step
    if step < 0 and now >= contact.entered + settings.last_operator_wait:
        step = 0
    if step >= 0:
        while step < len(settings.steps) and now >= contact.entered + settings.steps[step].after:
            step += 1
    lapsed = False
    if contact.refused is not None:
        still = {name: until for name, until in contact.refused.items() if until > now}
        lapsed = len(still) < len(contact.refused)
        contact.refused = still or None
    if step == contact.step:
        return lapsed
    stop_waiting(contact)
    contact.step = step
    contact.lane = lane_of(state, contact)
    start_waiting(contact.lane, contact.entry)
    return True


def _speak(state: State, contact: Contact) -> None:
    queue, settings, now = contact.queue, contact.queue.settings, state.now
    if not contact.callback_offered and (settings.callback_after is not None or settings.callback_expected is not None):
        expected = expected_wait(queue, contact.channel, position(contact))
        waited = settings.callback_after is not None and now >= contact.entered + settings.callback_after
        long = settings.callback_expected is not None and (expected is None or expected > settings.callback_expected)
        if waited or long:
            contact.callback_offered = True
            state.out.append(OfferCallback(contact.id, expected))
    if contact.announce_at is not None and now >= contact.announce_at:
        place = position(contact)
        state.out.append(Announce(contact.id, place, expected_wait(queue, contact.channel, place)))
        contact.announce_at = now + settings.announce_every


def next_wake(contact: Contact, now: float) -> float | None:
    """The first moment after `now` at which a rule may have something to say to a waiting contact."""
    settings, entered = contact.queue.settings, contact.entered
    times: list[float] = []
    if contact.step < 0:
        times.append(entered + settings.last_operator_wait)
    elif contact.step < len(settings.steps):
        times.append(entered + settings.steps[contact.step].after)
    if contact.refused is not None:
        times.extend(contact.refused.values())
    if not contact.callback:
        _customer_times(times, contact, settings)
    return min((at for at in times if at > now), default=None)


def _customer_times(times: list[float], contact: Contact, settings: QueueSettings) -> None:
    entered = contact.entered
    if settings.max_wait is not None:
        times.append(entered + settings.max_wait)
    if contact.hops < MAX_HOPS:
        times.extend(entered + rule.after for rule in settings.overflow if rule.after is not None)
    if contact.announce_at is not None:
        times.append(contact.announce_at)
    if settings.callback_after is not None and not contact.callback_offered:
        times.append(entered + settings.callback_after)


def watch_desertion(state: State, queue: Queue) -> None:
    """Start or stop the clock of `no_operator` after somebody of the queue signed in or out."""
    if queue.signed_in:
        queue.deserted_at = queue.wake = None
    elif queue.deserted_at is None:
        queue.deserted_at = state.now
        if queue.settings.no_operator is not None:
            queue.wake = state.now + queue.settings.no_operator_after
            state.set_timer(queue.wake, Timer.QUEUE, queue.number, queue.settings.id)


def desert(state: State, queue: Queue) -> None:
    """Send on everybody who waits in a queue without operators."""
    queue.wake = None
    to = queue.settings.no_operator
    if to is not None:
        for contact in waiting_in(state, queue):
            send(state, contact, to, OverflowReason.NO_OPERATOR)


def waiting_in(state: State, queue: Queue) -> list[Contact]:
    """The customers who wait in a queue right now, in order; no call-backs."""
    contacts = (state.contacts[name] for _, _, name in queue.line)
    return [contact for contact in contacts if contact.state is ContactState.WAITING and not contact.callback]
