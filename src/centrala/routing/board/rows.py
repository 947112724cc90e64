"""The rows of the board, made from what the router knows now."""

from collections import Counter
from collections.abc import Set as AbstractSet
from uuid import UUID

from centrala.routing.core.estimate import expected_wait
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.settings import Channel, OperatorId, QueueId
from centrala.routing.core.state import ContactState, Operator, Queue, WorkState
from centrala.routing.dispatch.dispatcher import Dispatcher
from centrala.routing.dispatch.load import QueueInfo
from centrala.routing.dispatch.views import moment
from centrala.routing.schemas_work import AlertOut, BoardContact, BoardOperator, BoardQueue


def busy_with(operator: Operator) -> str:
    """The one word for what an operator does: a contact in hand counts before the state."""
    states = {work.state for work in operator.work.values()}
    for state, word in ((WorkState.ACTIVE, "talking"), (WorkState.RINGING, "ringing"), (WorkState.WRAP_UP, "wrap_up")):
        if state in states:
            return word
    if operator.state is OperatorState.READY:
        return "ready" if operator.present else "absent"
    return {OperatorState.BREAK: "on_break", OperatorState.PAUSED: "paused", OperatorState.OFF: "off"}[operator.state]


def queue_row(dispatcher: Dispatcher, info: QueueInfo, queue: Queue, alerts: list[AlertOut]) -> BoardQueue:
    state, day = dispatcher.router.state, dispatcher.tallies.today(queue.settings.id, dispatcher.now())
    words = Counter(busy_with(state.operators[name]) for name in queue.members)
    return BoardQueue(
        id=info.id,
        project_id=info.project_id,
        name=info.name,
        open=queue.open,
        waiting=len(queue.line),
        longest_since=moment(longest) if (longest := longest_since(dispatcher, queue)) is not None else None,
        expected_wait=_rounded(expected_wait(queue, Channel.VOICE, len(queue.line) + 1)),
        ready=words["ready"],
        ringing=words["ringing"],
        talking=words["talking"],
        wrap_up=words["wrap_up"],
        on_break=words["on_break"],
        paused=words["paused"],
        signed_in=queue.signed_in,
        offered=day.offered,
        answered=day.answered,
        abandoned=day.abandoned,
        short=day.short,
        overflowed=day.overflowed,
        turned_away=day.turned_away,
        service_level=round(day.service_level, 4) if day.service_level is not None else None,
        asa=_rounded(day.asa),
        target=queue.settings.target,
        alerts=alerts,
    )


def longest_since(dispatcher: Dispatcher, queue: Queue) -> float | None:
    """Since when the one waits who waits longest; a call-back that sleeps is not in the line."""
    contacts = dispatcher.router.state.contacts
    waiting = (contacts[entry[2]] for entry in queue.line)
    return min((one.since for one in waiting if one.state is not ContactState.SLEEPING), default=None)


def operator_row(dispatcher: Dispatcher, name: OperatorId, sees: AbstractSet[QueueId]) -> BoardOperator | None:
    """An operator for who sees these queues; None for somebody who serves none of them."""
    operator, info = dispatcher.router.state.operators.get(name), dispatcher.laid.people.get(name)
    queues = [queue for queue in operator.profile.queues if queue in sees] if operator is not None else []
    if operator is None or info is None or not queues:
        return None
    check, pause = dispatcher.laid.checks.get(name), dispatcher.laid.breaks.get(operator.reason)
    return BoardOperator(
        id=info.id,
        given_name=info.given_name,
        family_name=info.family_name,
        state=operator.state,
        reason=pause.name if pause is not None else operator.reason,
        since=moment(operator.since) if operator.state is not OperatorState.OFF else None,
        until=moment(operator.until) if operator.until is not None else None,
        present=operator.present,
        contacts=_contacts(operator, sees),
        queues=[UUID(queue) for queue in queues],
        channels=sorted(operator.profile.capacity),
        off=sorted(channel for channel in info.off if channel in info.capacity),
        check_passed=check.passed if check is not None else None,
        check_at=moment(check.at) if check is not None else None,
    )


def _contacts(operator: Operator, sees: AbstractSet[QueueId]) -> list[BoardContact]:
    found = []
    for work in operator.work.values():
        queue = work.queue.settings.id if work.queue is not None else None
        seen = queue is None or queue in sees
        found.append(
            BoardContact(
                interaction_id=_uuid(work.contact) if seen else None,
                queue_id=UUID(queue) if queue is not None and seen else None,
                channel=work.channel,
                state=work.state,
                since=moment(work.since),
                until=moment(work.until) if work.until is not None else None,
            )
        )
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 1) if seconds is not None else None
