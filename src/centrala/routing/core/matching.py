"""Who rings for whom. Two searches: a contact looks for a free operator, a free operator looks for a contact.

One of them runs whenever something becomes free, so that after every fact nobody waits whom somebody free could serve.
A contact takes the first operator of its lane's order. An operator takes the contact that is due first; a contact of a
queue of lower rank counts as due `rank_step` later for each rank, so the operator's own queue goes first but never
for ever. Ties go to the contact that came first.
"""

from bisect import bisect_left, insort
from typing import Final

from centrala.routing.core.decisions import Ring, Withdraw, WithdrawReason
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.index import count_in, enlist, lane_of, room, unlist
from centrala.routing.core.state import Contact, ContactState, Lane, Operator, State, Timer, Work, WorkState

HANDLING_MEMORY: Final = 20  # contacts over which the mean handling time runs


def seek_operator(state: State, contact: Contact) -> bool:
    """Offer the contact to the best free operator of its lane; False when there is none."""
    lane = contact.lane
    if lane is None or not lane.idle:
        return False
    operator = _last_operator(state, contact, lane) or _first_free(state, contact, lane)
    if operator is None:
        return False
    unlist(operator)
    make_offer(state, contact, operator)
    enlist(operator)
    return True


def _first_free(state: State, contact: Contact, lane: Lane) -> Operator | None:
    operators = state.operators
    if contact.refused is None:
        return operators[lane.idle[0][-1]]  # type: ignore[index]  # the last of an Idle is the operator's id
    for entry in lane.idle:
        operator = operators[entry[-1]]  # type: ignore[index]  # as above
        if not may_refuse(contact, operator, state.now):
            return operator
    return None


def _last_operator(state: State, contact: Contact, lane: Lane) -> Operator | None:
    name = contact.last_operator
    if name is None or name not in lane.eligible or not contact.queue.settings.last_operator_first:
        return None
    operator = state.operators[name]
    if contact.channel not in operator.room or may_refuse(contact, operator, state.now):
        return None
    return operator


def may_refuse(contact: Contact, operator: Operator, now: float) -> bool:
    """Whether the operator let this very contact go a moment ago."""
    return contact.refused is not None and contact.refused.get(operator.id, now) > now


def seek_contact(state: State, operator: Operator) -> bool:
    """Offer the operator the contact that is due first; False when nobody waits for them."""
    best: tuple[float, int] | None = None
    found: Contact | None = None
    rank_step = state.settings.rank_step
    for channel in operator.room:
        for lane, rank, _ in operator.lanes.get(channel, ()):
            if not lane.waiting:
                continue
            handicap = rank * rank_step
            for due, number, name in lane.waiting:
                key = (due + handicap, number)
                if best is not None and key >= best:
                    break
                contact = state.contacts[name]
                if contact.refused is None or not may_refuse(contact, operator, state.now):
                    best, found = key, contact
                    break
    if found is None:
        return False
    stop_waiting(found)
    make_offer(state, found, operator)
    return True


def settle(state: State, operator: Operator) -> None:
    """Bring everything in order after an operator changed: room, waiting contacts, lists of the free."""
    unlist(operator)
    operator.room = room(state, operator)
    while operator.room and seek_contact(state, operator):
        pass
    if operator.room:
        enlist(operator)


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
    insort(lane.waiting, contact.entry)
    return False


def stop_waiting(contact: Contact) -> None:
    """Out of the lane, but still in the line."""
    if contact.lane is not None:
        waiting = contact.lane.waiting
        del waiting[bisect_left(waiting, contact.entry)]


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
