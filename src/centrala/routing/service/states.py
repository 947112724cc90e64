"""An operator's state: one's own, and somebody else's by a supervisor."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from centrala.kit.errors import NotFound
from centrala.kit.ids import ProjectId
from centrala.kit.work import Work
from centrala.routing.core.decisions import BreakRefused, Decision
from centrala.routing.core.explain import Reason
from centrala.routing.core.facts import OperatorState, StateAsked
from centrala.routing.core.settings import OperatorId
from centrala.routing.dispatch.dispatcher import Dispatcher
from centrala.routing.dispatch.views import OperatorView, WaitingView
from centrala.routing.errors import BreakFull, NotAnOperator, RoutedElsewhere
from centrala.routing.models import QueueRow
from centrala.routing.schemas_work import (
    ForcedStateIn,
    HandsOut,
    StateIn,
    StateOut,
    WaitingOut,
    WhyOut,
)
from centrala.routing.service.breaks import reach_break
from centrala.routing.service.members import reach_colleague
from centrala.routing.service.notices import tell_of_state

FORCED = "forced"
"""The reason of a pause that a supervisor has set."""


def me(work: Work) -> UUID:
    """The actor, who must be a person."""
    if work.access is None:
        raise NotFound
    return work.access.account_id


def projects_of(work: Work) -> frozenset[ProjectId]:
    """The projects that the actor sees."""
    return work.access.wall.projects if work.access is not None else frozenset()


async def read_state(dispatcher: Dispatcher, person_id: UUID, *, projects: AbstractSet[UUID] | None = None) -> StateOut:
    """The person's state; for somebody else only what belongs to the `projects` that they see."""
    view = dispatcher.operator(person_id)
    if view is None:
        return StateOut(
            person_id=person_id,
            state=OperatorState.OFF,
            reason="",
            break_id=None,
            since=None,
            until=None,
            present=False,
            contacts=[],
            queues=[],
        )
    return shown(dispatcher, person_id, view, projects)


async def ask_state(work: Work, dispatcher: Dispatcher, person_id: UUID, form: StateIn) -> StateOut:
    """The person wants to be ready, on a break or off; a break may be refused."""
    reason = str((await reach_break(work, form.break_id)).id) if form.state is OperatorState.BREAK else ""
    await _known(dispatcher, person_id)
    fact = StateAsked(operator=OperatorId(str(person_id)), state=form.state, reason=reason)
    _refuse_full(dispatcher.ask_state(fact))
    return await read_state(dispatcher, person_id)


async def force_state(work: Work, dispatcher: Dispatcher, person_id: UUID, form: ForcedStateIn) -> StateOut:
    """A supervisor sets it, with a trace; caps do not count."""
    await reach_colleague(work, person_id)
    reason = FORCED if form.state is OperatorState.PAUSED else ""
    if form.state is OperatorState.BREAK:
        reason = str((await reach_break(work, form.break_id)).id)
    await _known(dispatcher, person_id)
    work.trace("operator.state_forced", "employee", person_id, state=form.state.value, reason=form.reason)
    by = work.access.account_id if work.access else None
    fact = StateAsked(operator=OperatorId(str(person_id)), state=form.state, reason=reason, force=True)
    dispatcher.force_state(fact, by=by)
    if by != person_id:
        await tell_of_state(work, person_id, form.reason)
    return await read_state(dispatcher, person_id, projects=projects_of(work))


async def why_operator(
    work: Work, dispatcher: Dispatcher, person_id: UUID, *, interaction_id: UUID | None = None
) -> list[WhyOut]:
    """Why the person gets nothing, or not this contact."""
    await reach_colleague(work, person_id)
    if interaction_id is None:
        return _told(dispatcher.why_operator(person_id))
    await _reach_waiting(work, dispatcher, interaction_id)
    return _told(dispatcher.why_not(person_id, interaction_id))


async def why_waiting(work: Work, dispatcher: Dispatcher, interaction_id: UUID) -> list[WhyOut]:
    await _reach_waiting(work, dispatcher, interaction_id)
    return _told(dispatcher.why_contact(interaction_id))


async def list_waiting(work: Work, dispatcher: Dispatcher, *, queue_id: UUID | None = None) -> list[WaitingOut]:
    """Who waits in the queues that the actor sees, the longest first."""
    mine = {queue for queue, info in dispatcher.laid.queues.items() if _sees(work, info.project_id)}
    return [
        WaitingOut(
            interaction_id=UUID(view.contact),
            queue_id=UUID(view.queue),
            position=view.position,
            since=view.since,
            expected_wait=view.expected_wait,
            priority=view.priority,
            language=view.language,
            callback=view.callback,
            offered_to=UUID(view.offered_to) if view.offered_to is not None else None,
        )
        for view in dispatcher.all_waiting()
        if view.queue in mine and (queue_id is None or view.queue == str(queue_id))
    ]


def shown(dispatcher: Dispatcher, person_id: UUID, view: OperatorView, projects: AbstractSet[UUID] | None) -> StateOut:
    """An operator's state as the desk gets it."""
    info = dispatcher.laid.breaks.get(view.reason)
    sees = {queue for queue, laid in dispatcher.laid.queues.items() if projects is None or laid.project_id in projects}
    return StateOut(
        person_id=person_id,
        state=view.state,
        reason=info.name if info is not None else view.reason,
        break_id=info.id if info is not None else None,
        since=view.since,
        until=view.until,
        present=view.present,
        contacts=[
            HandsOut(
                interaction_id=one.contact,
                channel=one.channel,
                queue_id=UUID(one.queue) if one.queue in sees else None,
                state=one.state,
                since=one.since,
                until=one.until,
            )
            for one in view.contacts
            if one.queue is None or one.queue in sees or projects is None
        ],
        queues=[UUID(queue) for queue in view.queues if queue in sees],
    )


def _sees(work: Work, project_id: UUID) -> bool:
    return work.access is None or project_id in work.access.wall.projects


async def _known(dispatcher: Dispatcher, person_id: UUID) -> None:
    """Somebody who was hired a moment ago may not have reached the router yet."""
    if not dispatcher.routes:
        raise RoutedElsewhere(retry_after=2)
    if dispatcher.operator(person_id) is None:
        await dispatcher.reload()
        if dispatcher.operator(person_id) is None:
            raise NotAnOperator


async def _reach_waiting(work: Work, dispatcher: Dispatcher, interaction_id: UUID) -> WaitingView | None:
    """A contact of a queue that the actor sees."""
    queue = dispatcher.queue_of(interaction_id)
    row = await work.session.get(QueueRow, queue) if queue is not None else None
    if row is None:
        raise NotFound
    return dispatcher.waiting(interaction_id)


def _refuse_full(decisions: Sequence[Decision]) -> None:
    for decision in decisions:
        if isinstance(decision, BreakRefused):
            raise BreakFull(extra={"on_break": decision.on_break, "queue_id": decision.queue})


def _told(reasons: Sequence[Reason]) -> list[WhyOut]:
    return [WhyOut(code=one.code.value, params=dict(one.params)) for one in reasons]
