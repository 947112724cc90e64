"""Lanes: which contacts demand the same and who could serve them; and for each queue who is free, in order.

Every list follows from `State` alone, so a restored router has the same ones. Lists are sorted and short enough that
`bisect` with a move of memory beats a tree or a heap. What was tried instead is told in bench/routing/README.md.
"""

from bisect import bisect_left, insort
from typing import Final

from centrala.routing.core.facts import OperatorState
from centrala.routing.core.settings import Channel, RelaxStep, Strategy
from centrala.routing.core.state import SHARE, Contact, Entry, Idle, Lane, LaneKey, Operator, Queue, State

MAX_LANES: Final = 1000  # of one queue; past it those in which nobody waits are dropped


def lane_of(state: State, contact: Contact) -> Lane:
    """The lane of what the contact demands at its present step; different steps may come to demand the same."""
    step = contact.step
    queue = contact.queue
    shortcut = (step, contact.channel, contact.skills, contact.language, contact.last_operator if step < 0 else None)
    lane = queue.shortcuts.get(shortcut)
    if lane is None:
        key = demand(contact, step)
        lane = queue.lanes.get(key)
        if lane is None:
            _drop_unused(state, queue)
            lane = queue.lanes[key] = Lane(key, queue)
            for operator in queue.members:
                attach(lane, state.operators[operator])
        queue.shortcuts[shortcut] = lane
    return lane


def demand(contact: Contact, step: int) -> LaneKey:
    """What a contact demands at a step of its queue; -1 is the wait for the last operator."""
    settings = contact.queue.settings
    relaxed = settings.steps[step - 1] if step > 0 else RelaxStep(after=0, max_rank=settings.max_rank)
    skills = contact.skills
    if relaxed.drop_skills:
        skills = ()
    elif relaxed.levels_down:
        skills = tuple((skill, max(1, level - relaxed.levels_down)) for skill, level in skills)
    return LaneKey(
        settings.id,
        contact.channel,
        skills,
        None if relaxed.drop_language else contact.language,
        relaxed.max_rank,
        contact.last_operator if step < 0 else None,
    )


def fit(key: LaneKey, operator: Operator, language_level: int) -> tuple[int, int] | None:
    """Rank and score of an operator for a demand; None when it is not met."""
    profile = operator.profile
    rank = profile.queues.get(key.queue)
    if rank is None or not profile.capacity.get(key.channel):
        return None
    if (key.max_rank is not None and rank > key.max_rank) or (key.only is not None and key.only != operator.id):
        return None
    score = 0
    for skill, level in key.skills:
        has = profile.skills.get(skill, 0)
        if has < level:
            return None
        score += has
    if key.language is not None:
        has = profile.languages.get(key.language, 0)
        if has < max(1, language_level):
            return None
        score += has
    return rank, score


def attach(lane: Lane, operator: Operator) -> None:
    """Put an operator who meets the lane's demand into it."""
    fitting = fit(lane.key, operator, lane.queue.settings.language_level)
    if fitting is not None:
        lane.eligible[operator.id] = fitting
        lane.ranked = None
        operator.lanes.setdefault(lane.key.queue, {})[lane] = fitting[0]


def idle_entry(queue: Queue, channel: Channel, operator: Operator) -> Idle:
    """The place among the free: rank, load, what the strategy asks, idle since, number."""
    load = operator.load[channel] if operator.work else 0
    rank = queue.members[operator.id]
    handled = operator.handled if queue.settings.strategy is Strategy.FEWEST_CONTACTS else 0
    return (rank, load, handled, operator.idle_since, operator.number, operator.id)


def unlist(operator: Operator) -> None:
    """Take the operator out of all lists of free operators."""
    for idle, entry in operator.listed:
        del idle[bisect_left(idle, entry)]
    operator.listed.clear()


def enlist(state: State, operator: Operator) -> None:
    """Put the operator into the lists of all queues for whose channels there is room."""
    listed = operator.listed
    for channel in operator.room:
        for name in operator.profile.queues:
            queue = state.queues.get(name)
            if queue is not None:
                idle = queue.idle.get(channel)
                if idle is None:
                    idle = queue.idle[channel] = []
                entry = idle_entry(queue, channel, operator)
                insort(idle, entry)
                listed.append((idle, entry))


def start_waiting(lane: Lane, entry: Entry) -> None:
    """Into the lane; a new head changes the queue's list of heads."""
    waiting, heads = lane.waiting, lane.queue.heads
    if not waiting:
        insort(heads, (entry, lane))
    elif entry < waiting[0]:
        del heads[bisect_left(heads, (waiting[0],))]  # entries differ, so lanes are never compared
        insort(heads, (entry, lane))
    insort(waiting, entry)


def stop_waiting(lane: Lane, entry: Entry) -> None:
    """Out of the lane."""
    waiting, heads = lane.waiting, lane.queue.heads
    place = bisect_left(waiting, entry)
    del waiting[place]
    if place == 0:
        del heads[bisect_left(heads, (entry,))]
        if waiting:
            insort(heads, (waiting[0], lane))


def ranked(lane: Lane) -> list[tuple[int, int, str]]:
    """Who meets the lane's demand: rank, score (best first, so negative), operator. Worked out when asked for."""
    if lane.ranked is None:
        lane.ranked = sorted((rank, -score, name) for name, (rank, score) in lane.eligible.items())
    return lane.ranked


def room(state: State, operator: Operator) -> tuple[Channel, ...]:
    """The channels of which the operator may be offered one more contact now."""
    if operator.state is not OperatorState.READY or not operator.present:
        return ()
    capacity = operator.profile.capacity
    if not operator.work:
        return tuple(capacity)
    load = operator.load
    if load.keys() == capacity.keys() and len(load) == 1:  # one channel and nothing else in hand: the common case
        ((channel, most),) = capacity.items()
        return (channel,) if load[channel] < most else ()
    beside = state.settings.beside
    return tuple(
        channel
        for channel, most in capacity.items()
        if load[channel] < most
        and all(channel in beside.get(other, ()) for other in load if other != channel and load[other])
    )


def detach(state: State, operator: Operator) -> None:
    """Take the operator out of all lanes and queues."""
    unlist(operator)
    for lanes in operator.lanes.values():
        for lane in lanes:
            del lane.eligible[operator.id]
            lane.ranked = None
    operator.lanes.clear()
    for name in operator.profile.queues:
        if queue := state.queues.get(name):
            queue.members.pop(operator.id, None)


def join_queues(state: State, operator: Operator) -> None:
    """Put the operator into the queues of the profile and all their lanes."""
    for name, rank in operator.profile.queues.items():
        if queue := state.queues.get(name):
            queue.members[operator.id] = rank
            for lane in queue.lanes.values():
                attach(lane, operator)


def count_in(state: State, operator: Operator, sign: int) -> None:
    """Add (1) or take away (-1) an operator from what the queues count: signed in, on a break, at work."""
    if operator.state is OperatorState.OFF:
        return
    on_break = operator.state is OperatorState.BREAK
    at_work = operator.state is OperatorState.READY and operator.present
    state.on_break += sign * on_break
    part = sign * (SHARE // max(1, len(operator.profile.queues)))
    for name in operator.profile.queues:
        queue = state.queues.get(name)
        if queue is None:
            continue
        queue.signed_in += sign
        queue.on_break += sign * on_break
        if at_work:
            for channel, most in operator.profile.capacity.items():
                queue.slots[channel] += part * most


def _drop_unused(state: State, queue: Queue) -> None:
    if len(queue.lanes) < MAX_LANES and len(queue.shortcuts) < 2 * MAX_LANES:
        return
    queue.shortcuts.clear()
    for key, lane in list(queue.lanes.items()):
        if not lane.waiting:
            del queue.lanes[key]
            for name in lane.eligible:
                del state.operators[name].lanes[lane.key.queue][lane]
