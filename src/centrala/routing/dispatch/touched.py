"""Whom and what a fact concerns: who it names, who is decided about, and whose hands the contact was and is in."""

from collections.abc import Sequence

from centrala.routing.core import facts
from centrala.routing.core.decisions import Decision
from centrala.routing.core.settings import ContactId, OperatorId, QueueId
from centrala.routing.core.state import State

_ALL = (facts.SettingsChanged,)


class Touched:
    """Made before the router works on a fact; `after` says what to look at again."""

    def __init__(self, state: State, fact: facts.Fact) -> None:
        self._operators: set[OperatorId] = set()
        self._queues: set[QueueId] = set()
        self._look(state, *_named(fact))
        offer = getattr(fact, "offer", None)
        work = state.works.get(offer) if offer is not None else None
        if work is not None:
            self._look(state, work.operator.id, work.contact, None)

    def after(
        self, state: State, fact: facts.Fact, decisions: Sequence[Decision]
    ) -> tuple[frozenset[OperatorId], frozenset[QueueId]]:
        if isinstance(fact, _ALL):
            return frozenset(state.operators), frozenset(state.queues)
        self._look(state, *_named(fact))
        for decision in decisions:
            self._look(state, getattr(decision, "operator", None), getattr(decision, "contact", None), None)
        for name in self._operators:
            operator = state.operators.get(name)
            if operator is not None:
                self._queues.update(operator.profile.queues)
        return frozenset(self._operators), frozenset(self._queues)

    def _look(
        self, state: State, operator: OperatorId | None, contact: ContactId | None, queue: QueueId | None
    ) -> None:
        if operator is not None:
            self._operators.add(operator)
        if queue is not None:
            self._queues.add(queue)
        held = state.contacts.get(contact) if contact is not None else None
        if held is not None:
            self._queues.add(held.queue.settings.id)
            work = state.works.get(held.work)
            if work is not None:
                self._operators.add(work.operator.id)


def _named(fact: facts.Fact) -> tuple[OperatorId | None, ContactId | None, QueueId | None]:
    """The operator, the contact and the queue that a fact names."""
    operator = fact.profile.id if isinstance(fact, facts.ProfileChanged) else getattr(fact, "operator", None)
    return operator, getattr(fact, "contact", None), getattr(fact, "queue", None)
