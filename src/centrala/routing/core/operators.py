"""Facts about operators: abilities, states, breaks, presence, wrap-up."""

from collections.abc import Iterable

from centrala.routing.core.decisions import (
    BreakGranted,
    BreakRefused,
    EndWrapUp,
    Pause,
    PauseReason,
    WithdrawReason,
)
from centrala.routing.core.facts import (
    OperatorRemoved,
    OperatorState,
    PresenceChanged,
    ProfileChanged,
    StateAsked,
    WrapUpEnded,
)
from centrala.routing.core.index import count_in, detach, join_queues
from centrala.routing.core.matching import finish, set_state, settle, wait, withdraw
from centrala.routing.core.settings import QueueId
from centrala.routing.core.state import Operator, Queue, State, Work, WorkState
from centrala.routing.core.waiting import review, watch_desertion


def profile_changed(state: State, fact: ProfileChanged) -> None:
    profile = fact.profile
    operator = state.operators.get(profile.id)
    if operator is None:
        operator = state.operators[profile.id] = Operator(profile.id, state.next_number(), profile, since=state.now)
        join_queues(state, operator)
        return
    touched = _queues(state, operator)
    count_in(state, operator, -1)
    detach(state, operator)
    operator.profile = profile
    operator.room = ()
    join_queues(state, operator)
    count_in(state, operator, 1)
    for queue in dict.fromkeys([*touched, *_queues(state, operator)]):
        watch_desertion(state, queue)
    settle(state, operator)


def operator_removed(state: State, fact: OperatorRemoved) -> None:
    operator = state.operators.get(fact.operator)
    if operator is None:
        state.stale["unknown_operator"] += 1
        return
    leave(state, operator, OperatorState.OFF, "removed")
    for work in list(operator.work.values()):  # the contacts go on, the router only forgets who has them
        del state.works[work.number]
        if (contact := state.contacts.get(work.contact)) is not None and contact.work == work.number:
            contact.work = 0
    detach(state, operator)
    del state.operators[operator.id]


def state_asked(state: State, fact: StateAsked) -> None:
    operator = state.operators.get(fact.operator)
    if operator is None:
        state.stale["unknown_operator"] += 1
    elif fact.state is OperatorState.READY:
        operator.missed = 0
        if operator.state is not OperatorState.READY:
            set_state(state, operator, OperatorState.READY, fact.reason)
            _watch(state, operator)
            settle(state, operator)
    elif fact.state is OperatorState.BREAK:
        _ask_for_break(state, operator, fact)
    elif operator.state is not fact.state or operator.reason != fact.reason:
        leave(state, operator, fact.state, fact.reason)


def _ask_for_break(state: State, operator: Operator, fact: StateAsked) -> None:
    if operator.state is OperatorState.BREAK and operator.reason == fact.reason:
        return
    if operator.state is not OperatorState.BREAK and not fact.force:
        over = _break_cap(state, operator)
        if over is not None:
            state.out.append(BreakRefused(operator.id, fact.reason, *over))
            return
    leave(state, operator, OperatorState.BREAK, fact.reason)
    begin_break(state, operator)
    if operator.work:
        state.out.append(BreakGranted(operator.id, fact.reason, None))


def _break_cap(state: State, operator: Operator) -> tuple[int, QueueId | None] | None:
    most = state.settings.max_on_break
    if most is not None and state.on_break >= most:
        return state.on_break, None
    for queue in _queues(state, operator):
        most = queue.settings.max_on_break
        if most is not None and queue.on_break >= most:
            return queue.on_break, queue.settings.id
    return None


def begin_break(state: State, operator: Operator) -> None:
    """A break begins when the hands are empty; its planned end is counted from then."""
    if operator.state is OperatorState.BREAK and operator.until is None and not operator.work:
        operator.since = state.now
        operator.until = state.now + state.settings.breaks.get(operator.reason, 0.0)
        state.out.append(BreakGranted(operator.id, operator.reason, operator.until))


def presence_changed(state: State, fact: PresenceChanged) -> None:
    operator = state.operators.get(fact.operator)
    if operator is None:
        state.stale["unknown_operator"] += 1
        return
    if operator.present is fact.present:
        return
    count_in(state, operator, -1)
    operator.present = fact.present
    count_in(state, operator, 1)
    if fact.present:
        settle(state, operator)
    else:
        _withdraw_all(state, operator)


def wrap_up_ended(state: State, fact: WrapUpEnded) -> None:
    operator = state.operators.get(fact.operator)
    for work in operator.work.values() if operator else ():
        if work.contact == fact.contact and work.state is WorkState.WRAP_UP:
            done(state, work)
            return
    state.stale["wrap_up_ended"] += 1


def wrap_up_over(state: State, work: Work) -> None:
    """The limit is reached."""
    state.out.append(EndWrapUp(work.operator.id, work.contact))
    done(state, work)


def done(state: State, work: Work) -> None:
    """One contact less in the operator's hands."""
    operator = finish(state, work)
    begin_break(state, operator)
    settle(state, operator)


def pause(state: State, operator: Operator, reason: PauseReason) -> None:
    """No more offers until the operator comes back."""
    if operator.state is OperatorState.READY:
        state.out.append(Pause(operator.id, reason))
        leave(state, operator, OperatorState.PAUSED, reason.value)


def leave(state: State, operator: Operator, to: OperatorState, reason: str) -> None:
    """To a state without offers; what rings is withdrawn and goes on to somebody else, what is in hand stays."""
    set_state(state, operator, to, reason)
    _withdraw_all(state, operator)
    _watch(state, operator)


def _withdraw_all(state: State, operator: Operator) -> None:
    settle(state, operator)
    for work in list(operator.work.values()):
        if work.state is WorkState.RINGING:
            _send_on(state, work, WithdrawReason.OPERATOR_LEFT)


def withdraw_surplus(state: State, operator: Operator) -> None:
    """Withdraw what rings for an operator who meanwhile has a contact that leaves no room for it."""
    settle(state, operator)
    for work in list(operator.work.values()):
        if work.state is WorkState.RINGING and not _room_beside_others(state, work):
            _send_on(state, work, WithdrawReason.OPERATOR_BUSY)
    settle(state, operator)


def _room_beside_others(state: State, work: Work) -> bool:
    load, channel = work.operator.load, work.channel
    if load[channel] > work.operator.profile.capacity.get(channel, 0):
        return False
    beside = state.settings.beside
    return all(channel in beside.get(other, ()) for other in load if other != channel and load[other])


def _send_on(state: State, work: Work, reason: WithdrawReason) -> None:
    contact = state.contacts[work.contact]
    withdraw(state, contact, reason)
    if not wait(state, contact):
        review(state, contact)


def _watch(state: State, operator: Operator) -> None:
    for queue in _queues(state, operator):
        watch_desertion(state, queue)


def _queues(state: State, operator: Operator) -> Iterable[Queue]:
    return [state.queues[name] for name in operator.profile.queues if name in state.queues]
