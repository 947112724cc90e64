"""The router: facts and `now` in, decisions and the next deadline out.

    decisions = router.feed(ContactQueued(contact=..., queue=...), now)
    wake_at = router.next_deadline()  # then router.feed(TimePassed(), now)

Nothing in here waits, reads a clock or draws a number: the same facts at the same moments give the same decisions.
`now` is in seconds of any clock that does not go back; one that does is taken as standing still.
"""

from collections.abc import Callable
from typing import Any, Final

from centrala.routing.core import contacts, facts, operators, queues
from centrala.routing.core.decisions import Decision
from centrala.routing.core.dump import dump, restore
from centrala.routing.core.facts import Fact
from centrala.routing.core.settings import ContactId, QueueId, Settings
from centrala.routing.core.state import State, Timer, WorkState
from centrala.routing.core.waiting import desert

MAX_TIMERS_AT_ONCE: Final = 100_000  # deadlines worked off with one fact; the rest follow with the next

HANDLERS: Final[dict[type, Callable[[State, Any], None]]] = {
    facts.SettingsChanged: queues.settings_changed,
    facts.QueueOpened: queues.queue_opened,
    facts.QueueClosed: queues.queue_closed,
    facts.ProfileChanged: operators.profile_changed,
    facts.OperatorRemoved: operators.operator_removed,
    facts.StateAsked: operators.state_asked,
    facts.PresenceChanged: operators.presence_changed,
    facts.WrapUpEnded: operators.wrap_up_ended,
    facts.ContactQueued: contacts.contact_queued,
    facts.ContactLeft: contacts.contact_left,
    facts.ContactMoved: contacts.contact_moved,
    facts.ContactTaken: contacts.contact_taken,
    facts.OfferAccepted: contacts.offer_accepted,
    facts.OfferDeclined: contacts.offer_declined,
    facts.OfferUnanswered: contacts.offer_unanswered,
    facts.OfferRefused: contacts.offer_refused,
    facts.CallbackChosen: contacts.callback_chosen,
    facts.CallbackUnanswered: contacts.callback_unanswered,
}


class Router:
    """Decides for the queues of one node."""

    def __init__(self, settings: Settings, now: float = 0.0) -> None:
        self.state = State(settings, now)
        queues.rebuild(self.state)

    @classmethod
    def restored(cls, plain: dict[str, Any]) -> "Router":
        """A router that goes on where `dump` was called; raises ValueError for another version's data."""
        router = cls.__new__(cls)
        router.state = restore(plain)
        return router

    def dump(self) -> dict[str, Any]:
        """Everything as plain data, for the store."""
        return dump(self.state)

    def feed(self, fact: Fact, now: float) -> list[Decision]:
        """Work off the deadlines up to `now`, then the fact; what is to be done, in order."""
        state = self.state
        state.now = max(state.now, now)
        out = state.out = []
        if state.timers and state.timers[0][0] <= state.now:
            self._work_off_deadlines()
        handler = HANDLERS.get(type(fact))
        if handler is not None:
            handler(state, fact)
        return out

    def next_deadline(self) -> float | None:
        """When to feed `TimePassed` at the latest."""
        timer = self.state.next_timer()
        return timer[0] if timer else None

    def deadline_by(self, moment: float) -> float | None:
        """The next deadline if it is not after `moment`; cheaper than `next_deadline` when there is much to skip."""
        timers = self.state.timers
        if not timers or timers[0][0] > moment:
            return None
        deadline = self.next_deadline()
        return deadline if deadline is not None and deadline <= moment else None

    def _work_off_deadlines(self) -> None:
        state = self.state
        for _ in range(MAX_TIMERS_AT_ONCE):
            timer = state.next_timer()
            if timer is None or timer[0] > state.now:
                return
            _, kind, number, key = timer
            if kind == Timer.WORK:
                work = state.works[number]
                if work.state is WorkState.RINGING:
                    contacts.not_answered(state, work)
                else:
                    operators.wrap_up_over(state, work)
            elif kind == Timer.CONTACT:
                contacts.woken(state, state.contacts[ContactId(key)])
            else:
                desert(state, state.queues[QueueId(key)])
