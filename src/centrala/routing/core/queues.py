"""Facts about queues: settings, opening and closing; and everything that follows from the state, made anew."""

from bisect import insort

from centrala.routing.core.decisions import CloseReason, OverflowReason, WithdrawReason
from centrala.routing.core.facts import QueueClosed, QueueOpened, SettingsChanged
from centrala.routing.core.index import count_in, enlist, join_queues, lane_of, room, start_waiting
from centrala.routing.core.matching import settle, withdraw
from centrala.routing.core.operators import begin_break
from centrala.routing.core.state import Contact, ContactState, Queue, State, Timer
from centrala.routing.core.waiting import entry_of, is_plain, remove, review, send, waiting_in, watch_desertion


def settings_changed(state: State, fact: SettingsChanged) -> None:
    state.settings = fact.settings
    make_queues(state)
    _close_the_gone(state)
    for contact in state.contacts.values():
        contact.step = min(contact.step, 0)  # the new steps may come later
    rebuild(state)
    for queue in state.queues.values():
        _watch_anew(state, queue)
    for contact in sorted(state.contacts.values(), key=lambda one: one.entry):
        if contact.state is ContactState.WAITING and contact.id in state.contacts:
            review(state, contact)
    for operator in sorted(state.operators.values(), key=lambda one: (one.idle_since, one.number)):
        begin_break(state, operator)
        settle(state, operator)


def _watch_anew(state: State, queue: Queue) -> None:
    """The clock of `no_operator` may have another length now."""
    queue.wake = None
    if queue.deserted_at is not None and queue.settings.no_operator is not None:
        queue.wake = max(state.now, queue.deserted_at + queue.settings.no_operator_after)
        state.set_timer(queue.wake, Timer.QUEUE, queue.number, queue.settings.id)


def queue_opened(state: State, fact: QueueOpened) -> None:
    if queue := state.queues.get(fact.queue):
        queue.open = True


def queue_closed(state: State, fact: QueueClosed) -> None:
    queue = state.queues.get(fact.queue)
    if queue is None or not queue.open:
        return
    queue.open = False
    if not queue.settings.serve_out:
        for contact in waiting_in(state, queue):
            send(state, contact, queue.settings.closed, OverflowReason.CLOSED)


def rebuild(state: State) -> None:
    """Make queues, lanes, lists, counts and timers anew from settings, operators and contacts; decides nothing."""
    make_queues(state)
    state.on_break = 0
    state.timers.clear()
    for operator in state.operators.values():
        operator.lanes.clear()
        operator.listed.clear()
        operator.room = ()
        join_queues(state, operator)
        count_in(state, operator, 1)
    for contact in sorted(state.contacts.values(), key=lambda one: one.number):
        _replace(state, contact)
    for operator in state.operators.values():
        operator.room = room(state, operator)
        enlist(state, operator)
    for work in state.works.values():
        if work.until is not None:
            state.set_timer(work.until, Timer.WORK, work.number)
    for queue in state.queues.values():
        watch_desertion(state, queue)
        if queue.wake is not None:
            state.set_timer(queue.wake, Timer.QUEUE, queue.number, queue.settings.id)


def make_queues(state: State) -> None:
    """The settings' queues, empty; a queue that was there before keeps what it has learnt."""
    before = state.queues
    state.queues = {}
    for settings in state.settings.queues:
        queue = before.get(settings.id)
        if queue is None:
            queue = Queue(settings, state.next_number(), handling=settings.handling_guess)
        queue.settings, queue.plain = settings, is_plain(settings)
        queue.signed_in = queue.on_break = 0
        for derived in (
            queue.line,
            queue.heads,
            queue.lanes,
            queue.shortcuts,
            queue.idle,
            queue.members,
            queue.slots,
        ):
            derived.clear()
        state.queues[settings.id] = queue


def _replace(state: State, contact: Contact) -> None:
    """Give a contact its place and its deadline in the new lists."""
    contact.lane = None
    contact.entry = entry_of(state, contact)
    if contact.wake is not None:
        state.set_timer(contact.wake, Timer.CONTACT, contact.number, contact.id)
    if contact.state in (ContactState.WAITING, ContactState.OFFERED):
        insort(contact.queue.line, contact.entry)
    if contact.state is ContactState.WAITING:
        contact.lane = lane_of(state, contact)
        start_waiting(contact.lane, contact.entry)


def _close_the_gone(state: State) -> None:
    """Contacts of queues that the new settings lack: who waits is closed, who talks goes on talking."""
    kept = {settings.id for settings in state.settings.queues}
    home = next(iter(state.queues.values()))
    for contact in list(state.contacts.values()):
        if contact.queue.settings.id in kept:
            continue
        if contact.state is ContactState.CONNECTED:
            contact.queue = home
            continue
        if contact.state is ContactState.OFFERED:
            withdraw(state, contact, WithdrawReason.CONTACT_MOVED)
        remove(state, contact, CloseReason.NO_SUCH_QUEUE)
    for work in state.works.values():
        if work.queue is not None and work.queue.settings.id not in kept:
            work.queue = None
