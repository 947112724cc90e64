"""Who rings for whom. Two searches: a contact looks for a free operator, a free operator looks for a contact.

One of them runs whenever something becomes free, so that after every fact nobody waits whom somebody free could serve.
A contact takes the first operator of its lane's order. An operator takes the contact that is due first; a contact of a
queue of lower rank counts as due `rank_step` later for each rank, so the operator's own queue goes first but never
for ever. Ties go to the contact that came first.
"""

from bisect import bisect_left
from itertools import groupby
from operator import itemgetter
from typing import Final

from centrala.routing.core import index
from centrala.routing.core.decisions import Ring, Withdraw, WithdrawReason
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.index import count_in, enlist, idle_entry, lane_of, ranked, room, start_waiting, unlist
from centrala.routing.core.settings import OperatorId, Strategy
from centrala.routing.core.state import (
    Contact,
    ContactState,
    Idle,
    Lane,
    Operator,
    Queue,
    State,
    Timer,
    Work,
    WorkState,
)

HANDLING_MEMORY: Final = 20  # contacts over which the mean handling time runs
FEW: Final = 16  # entries that are looked through one by one before an index is asked


def seek_operator(state: State, contact: Contact) -> bool:
    """Offer the contact to the best free operator; False when there is none."""
    operator = find_operator(state, contact)
    if operator is None:
        return False
    unlist(operator)
    make_offer(state, contact, operator)
    enlist(state, operator)
    return True


def find_operator(state: State, contact: Contact) -> Operator | None:
    """The free operator who comes first for a contact that has its lane."""
    lane = contact.lane
    idle = contact.queue.idle.get(contact.channel)
    if lane is None or not idle:
        return None
    settings = contact.queue.settings
    if settings.last_operator_first and (last := _last_operator(state, contact, lane)):
        return last
    if settings.strategy is Strategy.BEST_FIT:
        return _best_fit(state, contact, lane, idle)
    if len(lane.eligible) ** 2 * 4 < len(idle):  # rarer than a look at each of them is dear
        return _first_of_few(state, contact, lane)
    for entry in idle:
        if entry[-1] in lane.eligible:
            operator = state.operators[entry[-1]]
            if not may_refuse(contact, operator, state.now):
                return operator
    return None


def _last_operator(state: State, contact: Contact, lane: Lane) -> Operator | None:
    name = contact.last_operator
    if name is None or name not in lane.eligible:
        return None
    return _available(state, contact, name)


def _available(state: State, contact: Contact, name: OperatorId) -> Operator | None:
    """The operator, when there is room for the contact."""
    operator = state.operators[name]
    if contact.channel not in operator.room or may_refuse(contact, operator, state.now):
        return None
    return operator


def _first_of_few(state: State, contact: Contact, lane: Lane) -> Operator | None:
    """The first of the free, when fewer meet the demand than are free."""
    able = [one for name in lane.eligible if (one := _available(state, contact, name)) is not None]
    return min(able, key=lambda one: idle_entry(contact.queue, contact.channel, one), default=None)


def _best_fit(state: State, contact: Contact, lane: Lane, idle: list[Idle]) -> Operator | None:
    """Of the lowest rank the highest score; among equals the order of the free."""
    if len(idle) <= FEW:
        able = [
            (entry[0], -lane.eligible[entry[-1]][1], entry)
            for entry in idle
            if entry[-1] in lane.eligible and not may_refuse(contact, state.operators[entry[-1]], state.now)
        ]
        return state.operators[min(able)[2][-1]] if able else None
    for _, equals in groupby(ranked(lane), key=itemgetter(0, 1)):
        free = [one for _, _, name in equals if (one := _available(state, contact, OperatorId(name))) is not None]
        if free:
            return min(free, key=lambda one: idle_entry(contact.queue, contact.channel, one))
    return None


def may_refuse(contact: Contact, operator: Operator, now: float) -> bool:
    """Whether the operator let this very contact go a moment ago."""
    return contact.refused is not None and contact.refused.get(operator.id, now) > now


def seek_contact(state: State, operator: Operator) -> bool:
    """Offer the operator the contact that is due first; False when nobody waits for them."""
    best: tuple[float, int] | None = None
    found: Contact | None = None
    for name, rank in operator.profile.queues.items():
        queue = state.queues.get(name)
        if queue is None or not queue.line:
            continue
        handicap = rank * state.settings.rank_step
        first = _first_in_line(state, operator, queue)
        if first is not None and (best is None or (first.entry[0] + handicap, first.number) < best):
            best, found = (first.entry[0] + handicap, first.number), first
    if found is None:
        return False
    stop_waiting(found)
    make_offer(state, found, operator)
    return True


def _first_in_line(state: State, operator: Operator, queue: Queue) -> Contact | None:
    """The first contact of a queue whom the operator can take now: the head of the first lane that fits."""
    found: Contact | None = None
    for head, lane in queue.heads:
        if found is not None and head > found.entry:
            break
        if operator.id in lane.eligible and lane.key.channel in operator.room:
            contact = _head(state, operator, lane)
            if contact is not None and (found is None or contact.entry < found.entry):
                found = contact
    return found


def _head(state: State, operator: Operator, lane: Lane) -> Contact | None:
    """The first of a lane whom the operator did not let go a moment ago."""
    for _, _, name in lane.waiting:
        contact = state.contacts[name]
        if contact.refused is None or not may_refuse(contact, operator, state.now):
            return contact
    return None


def settle(state: State, operator: Operator) -> None:
    """Bring everything in order after an operator changed: room, waiting contacts, lists of the free."""
    unlist(operator)
    operator.room = room(state, operator)
    while operator.room and seek_contact(state, operator):
        pass
    if operator.room:
        enlist(state, operator)


def make_offer(state: State, contact: Contact, operator: Operator) -> None:
    """Lease the operator to the contact. The operator stands in no list meanwhile."""
    number = state.next_number()
    until = state.now + contact.queue.settings.ring
    hold(state, Work(number, operator, contact.id, contact.channel, contact.queue, WorkState.RINGING, state.now, until))
    contact.state = ContactState.OFFERED
    contact.work = number
    contact.wake = None
    state.set_timer(until, Timer.WORK, number)
    state.out.append(Ring(operator.id, contact.id, until, number))


def hold(state: State, work: Work) -> None:
    """Put work into its operator's hands."""
    operator = work.operator
    state.works[work.number] = work
    operator.work[work.number] = work
    operator.load[work.channel] += 1
    operator.room = room(state, operator)


def let_go(state: State, work: Work) -> Operator:
    """Take work out of its operator's hands; the caller settles the operator."""
    operator = work.operator
    del state.works[work.number]
    del operator.work[work.number]
    operator.load[work.channel] -= 1
    return operator


def withdraw(state: State, contact: Contact, reason: WithdrawReason) -> Operator:
    """End the contact's offer; the caller settles the operator, and says what becomes of the contact."""
    work = state.works[contact.work]
    operator = let_go(state, work)
    contact.work = 0
    state.out.append(Withdraw(operator.id, contact.id, work.number, reason))
    return operator


def wait(state: State, contact: Contact) -> bool:
    """Let a contact that stands in its queue's line wait; True when it is offered at once."""
    contact.state = ContactState.WAITING
    lane = contact.lane = lane_of(state, contact)
    if seek_operator(state, contact):
        return True
    start_waiting(lane, contact.entry)
    return False


def stop_waiting(contact: Contact) -> None:
    """Out of the lane, but still in the line."""
    if contact.lane is not None:
        index.stop_waiting(contact.lane, contact.entry)


def leave_line(contact: Contact) -> None:
    """The contact is answered or gone."""
    line = contact.queue.line
    del line[bisect_left(line, contact.entry)]


def learn_handling(work: Work, now: float) -> None:
    """Running mean of the time from answer to the end of the wrap-up."""
    if work.queue is not None and work.state is not WorkState.RINGING:
        work.queue.handling += (now - work.answered - work.queue.handling) / HANDLING_MEMORY


def set_state(state: State, operator: Operator, to: OperatorState, reason: str, until: float | None = None) -> None:
    """Change an operator's state and what the queues count; the caller settles."""
    count_in(state, operator, -1)
    if operator.state is OperatorState.OFF and to is not OperatorState.OFF:
        operator.handled = operator.missed = 0
        operator.idle_since = state.now
    operator.state, operator.reason, operator.since, operator.until = to, reason, state.now, until
    count_in(state, operator, 1)


def finish(state: State, work: Work) -> Operator:
    """The operator has done with a contact for good; the caller settles the operator."""
    learn_handling(work, state.now)
    operator = let_go(state, work)
    operator.idle_since = state.now
    operator.handled += 1
    return operator
