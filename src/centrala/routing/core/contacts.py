"""Facts about contacts and offers: who came, who answered, who left, who waits for a call-back."""

from centrala.routing.core.decisions import CloseReason, OfferVoid, PauseReason, Withdraw, WithdrawReason
from centrala.routing.core.facts import (
    CallbackChosen,
    CallbackUnanswered,
    ContactLeft,
    ContactMoved,
    ContactQueued,
    ContactTaken,
    OfferAccepted,
    OfferDeclined,
    OfferRefused,
    OfferUnanswered,
)
from centrala.routing.core.matching import hold, leave_line, let_go, settle, wait, withdraw
from centrala.routing.core.operators import begin_break, done, pause, withdraw_surplus
from centrala.routing.core.state import Contact, ContactState, Operator, State, Timer, Work, WorkState
from centrala.routing.core.waiting import enter, remove, review, take_out


def contact_queued(state: State, fact: ContactQueued) -> None:
    if fact.contact in state.contacts:
        state.stale["contact_queued_twice"] += 1
        return
    queue = state.queues.get(fact.queue)
    contact = state.contacts[fact.contact] = Contact(
        fact.contact,
        state.next_number(),
        queue or next(iter(state.queues.values())),
        fact.channel,
        fact.priority,
        state.now if fact.since is None else min(fact.since, state.now),
        tuple(sorted(fact.skills.items())) if fact.skills else (),
        fact.language,
        fact.last_operator,
        fact.number,
        fact.callback,
    )
    if queue is None:
        remove(state, contact, CloseReason.NO_SUCH_QUEUE)
    elif fact.number is None or _sole(state, contact, fact.number):
        enter(state, contact)


def _sole(state: State, contact: Contact, number: str) -> bool:
    """One call-back for a number: a second one is closed, a customer who calls meanwhile takes its place."""
    before = state.callbacks.get(number)
    if before is None:
        if contact.callback:
            state.callbacks[number] = contact.id
        return True
    if contact.callback:
        remove(state, contact, CloseReason.CALLBACK_EXISTS)
        return False
    waiting = state.contacts[before]
    if waiting.state is ContactState.CONNECTED:
        return True
    if waiting.queue is contact.queue and waiting.since <= contact.since:
        contact.since, contact.number = waiting.since, waiting.number
    _drop_offer(state, waiting, WithdrawReason.CONTACT_LEFT)
    take_out(waiting)
    remove(state, waiting, CloseReason.CALLED_AGAIN)
    return True


def _drop_offer(state: State, contact: Contact, reason: WithdrawReason) -> None:
    """End the contact's offer, if it has one, and free its operator after the contact is out of the way."""
    if contact.state is not ContactState.OFFERED:
        return
    operator = withdraw(state, contact, reason)
    take_out(contact)
    contact.state = ContactState.SLEEPING
    _freed(state, operator)


def _freed(state: State, operator: Operator) -> None:
    begin_break(state, operator)
    settle(state, operator)


def contact_left(state: State, fact: ContactLeft) -> None:
    contact = state.contacts.get(fact.contact)
    if contact is None:
        state.stale["contact_left"] += 1
        return
    if contact.state is ContactState.CONNECTED:
        remove(state, contact)
        wrap_up(state, contact)
        return
    _drop_offer(state, contact, WithdrawReason.CONTACT_LEFT)
    take_out(contact)
    remove(state, contact)


def wrap_up(state: State, contact: Contact) -> None:
    """The conversation is over; its operator writes down what was said, within the queue's limit."""
    work = state.works.get(contact.work)
    if work is None:
        return
    limit = work.queue.settings.wrap_up if work.queue is not None else 0.0
    if limit <= 0:
        done(state, work)
        return
    work.state, work.since, work.until = WorkState.WRAP_UP, state.now, state.now + limit
    state.set_timer(work.until, Timer.WORK, work.number)


def contact_moved(state: State, fact: ContactMoved) -> None:
    contact, queue = state.contacts.get(fact.contact), state.queues.get(fact.queue)
    if contact is None or queue is None:
        state.stale["contact_moved"] += 1
        return
    if fact.priority is not None:
        contact.priority = fact.priority
    sleeping = contact.state is ContactState.SLEEPING
    if contact.state is ContactState.CONNECTED:
        contact.since, contact.refused = state.now, None
        wrap_up(state, contact)
        contact.work = 0
    else:
        _drop_offer(state, contact, WithdrawReason.CONTACT_MOVED)
        take_out(contact)
    contact.queue, contact.callback_offered, contact.hops = queue, False, 0
    if not sleeping:
        enter(state, contact)
    else:
        _sleep(state, contact, queue.settings.callback_pause)


def contact_taken(state: State, fact: ContactTaken) -> None:
    operator = state.operators.get(fact.operator)
    contact = state.contacts.get(fact.contact)
    queue = state.queues.get(fact.queue) if fact.queue is not None else None
    if operator is None or (contact is not None and _holds(state, operator, contact)):
        state.stale["contact_taken"] += 1
        return
    freed: Operator | None = None
    if contact is None:
        home = queue or next(iter(state.queues.values()))
        number = state.next_number()
        contact = Contact(fact.contact, number, home, fact.channel, 0, state.now, (), None, None, None, callback=False)
        state.contacts[fact.contact] = contact
    elif contact.state is ContactState.CONNECTED:
        wrap_up(state, contact)
    else:
        if contact.state is ContactState.OFFERED:
            freed = withdraw(state, contact, WithdrawReason.CONTACT_MOVED)
        take_out(contact)
    # The new hands are full before the old ones are free: they may be the same.
    _connect(state, contact, operator, queue=fact.queue is not None)
    if freed is not None and freed is not operator:
        _freed(state, freed)


def _holds(state: State, operator: Operator, contact: Contact) -> bool:
    work = state.works.get(contact.work)
    return contact.state is ContactState.CONNECTED and work is not None and work.operator is operator


def _connect(state: State, contact: Contact, operator: Operator, *, queue: bool) -> None:
    number, now = state.next_number(), state.now
    home = contact.queue if queue else None
    hold(
        state,
        Work(number, operator, contact.id, contact.channel, home, WorkState.ACTIVE, now, until=None, answered=now),
    )
    contact.state, contact.work = ContactState.CONNECTED, number
    withdraw_surplus(state, operator)


def offer_accepted(state: State, fact: OfferAccepted) -> None:
    work = state.works.get(fact.offer)
    if work is None or work.state is not WorkState.RINGING:
        state.stale["offer_accepted"] += 1
        if work is None:
            state.out.append(OfferVoid(fact.offer))
        return
    contact = state.contacts[work.contact]
    leave_line(contact)
    contact.state, contact.lane = ContactState.CONNECTED, None
    work.state, work.since, work.until, work.answered = WorkState.ACTIVE, state.now, None, state.now
    work.operator.missed = 0


def offer_declined(state: State, fact: OfferDeclined) -> None:
    work = _ringing(state, fact.offer)
    if work is not None:
        _go_on(state, work)


def offer_unanswered(state: State, fact: OfferUnanswered) -> None:
    work = _ringing(state, fact.offer)
    if work is not None:
        not_answered(state, work)


def not_answered(state: State, work: Work) -> None:
    """The offer's end is reached: the operator is paused when it was one too many, the contact goes on."""
    operator = work.operator
    operator.missed += 1
    limit = work.queue.settings.missed_before_pause if work.queue is not None else 1
    state.out.append(Withdraw(operator.id, work.contact, work.number, WithdrawReason.EXPIRED))
    _go_on(state, work, PauseReason.NOT_ANSWERING if operator.missed >= limit else None)


def offer_refused(state: State, fact: OfferRefused) -> None:
    work = _ringing(state, fact.offer)
    if work is not None:
        _go_on(state, work, PauseReason(fact.reason.value))


def _ringing(state: State, offer: int) -> Work | None:
    work = state.works.get(offer)
    if work is None or work.state is not WorkState.RINGING:
        state.stale["offer_ended"] += 1
        return None
    return work


def _go_on(state: State, work: Work, reason: PauseReason | None = None) -> None:
    """The contact keeps its place and looks first; then the operator, for whom it does not count for a while."""
    contact = state.contacts[work.contact]
    operator = let_go(state, work)
    contact.work = 0
    contact.refused = {
        **(contact.refused or {}),
        operator.id: state.now + contact.queue.settings.decline_pause,
    }
    if reason is not None:
        pause(state, operator, reason)
    if not wait(state, contact):
        review(state, contact)
    _freed(state, operator)


def callback_chosen(state: State, fact: CallbackChosen) -> None:
    contact = state.contacts.get(fact.contact)
    if contact is None or contact.callback or contact.state is ContactState.CONNECTED:
        state.stale["callback_chosen"] += 1
        return
    if fact.number in state.callbacks:
        _drop_offer(state, contact, WithdrawReason.CONTACT_LEFT)
        take_out(contact)
        remove(state, contact, CloseReason.CALLBACK_EXISTS)
        return
    contact.callback, contact.phone = True, fact.number
    state.callbacks[fact.number] = contact.id
    review(state, contact)


def callback_unanswered(state: State, fact: CallbackUnanswered) -> None:
    contact = state.contacts.get(fact.contact)
    if contact is None or not contact.callback or contact.state is not ContactState.CONNECTED:
        state.stale["callback_unanswered"] += 1
        return
    work = state.works.get(contact.work)
    contact.work = 0
    contact.attempts += 1
    if contact.attempts >= contact.queue.settings.callback_attempts:
        remove(state, contact, CloseReason.CALLBACK_EXHAUSTED)
    else:
        _sleep(state, contact, contact.queue.settings.callback_pause)
    if work is not None:
        done(state, work)


def _sleep(state: State, contact: Contact, pause_length: float) -> None:
    contact.state = ContactState.SLEEPING
    contact.wake = state.now + pause_length
    state.set_timer(contact.wake, Timer.CONTACT, contact.number, contact.id)


def woken(state: State, contact: Contact) -> None:
    """A deadline of the contact: the next attempt of a call-back, or a rule of its queue."""
    contact.wake = None
    if contact.state is ContactState.SLEEPING:
        enter(state, contact)
    else:
        review(state, contact)
