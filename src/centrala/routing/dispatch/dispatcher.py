"""The dispatcher: one router of one process, with its clock, its memory and those who listen.

Theory of operation. `feed` gives the router a fact and hands its decisions to the listeners before it returns; nothing
in it waits. What must outlive the process - facts, intervals of people's states, the day's counts - is put into `book`,
which writes it behind in batches. A listener may feed a fact while it hears a decision; that fact's turn comes when the
decisions before it are told, so everybody hears one order.

One process of all nodes routes at a time: the one that holds the lease. Another keeps an empty router and waits; what
it is fed meanwhile is counted and lost, because nobody would carry the decisions out.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.routing.core import facts
from centrala.routing.core.decisions import BreakRefused, Decision
from centrala.routing.core.explain import Reason, explain_contact, explain_operator, why_not
from centrala.routing.core.facts import Fact, OperatorState
from centrala.routing.core.reconcile import Observed, reconcile
from centrala.routing.core.router import Router
from centrala.routing.core.settings import ContactId, OperatorId, QueueId
from centrala.routing.core.state import ContactState
from centrala.routing.dispatch import figures
from centrala.routing.dispatch.absence import Absence
from centrala.routing.dispatch.intervals import Intervals
from centrala.routing.dispatch.life import Life
from centrala.routing.dispatch.load import NOTHING_LAID, Check, Laid, load
from centrala.routing.dispatch.moments import steady
from centrala.routing.dispatch.tally import Tallies
from centrala.routing.dispatch.touched import Touched
from centrala.routing.dispatch.views import (
    OperatorView,
    StateChanged,
    WaitingView,
    operator_view,
    waiting_view,
)

log = get_logger(__name__)

MAX_UNHEARD: Final = 10_000  # decisions kept for the first who listens

Listener = Callable[[Decision], None]
Hearer = Callable[[StateChanged], None]


class Dispatcher:
    """See the module's first lines; flows feed it and carry out what it decides."""

    def __init__(self, database: Database, clock: Clock, *, node: str = "main") -> None:
        self.node = node
        self.clock = clock
        self.now = steady(clock)
        self.laid = NOTHING_LAID
        self.router = Router(NOTHING_LAID.settings, self.now())
        self.tallies = Tallies(lambda queue: info.zone if (info := self.laid.queues.get(queue)) else None)
        self.intervals = Intervals()
        self.routes = True
        """Whether this process is the one that routes."""
        self.database = database
        self._listeners: list[Listener] = []
        self._hearers: list[Hearer] = []
        self._unheard: deque[Decision] = deque(maxlen=MAX_UNHEARD)
        self._waiting: deque[Fact] = deque()
        self._feeding = False
        self._forced: dict[OperatorId, UUID | None] = {}
        self._absence = Absence()
        self._timer: asyncio.TimerHandle | None = None
        self._life: Life | None = None

    async def start(self) -> None:
        """Find everything again that the process before has left, and begin to route."""
        self.routes = False
        self._life = Life(self, self.database, node=self.node)
        await self._life.start()

    async def stop(self) -> None:
        """Write everything down; no deadline is met any more."""
        if self._life is not None:
            await self._life.stop()
            self._life = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def flushed(self) -> None:
        """Until all that was fed so far is in the store."""
        if self._life is not None:
            await self._life.book.flushed()

    # What flows do

    def feed(self, fact: Fact) -> list[Decision]:
        """Tell the router; its decisions go to the listeners, and are returned too."""
        if not self.routes:
            figures.LOST.inc()
            return []
        self._waiting.append(fact)
        if self._feeding:
            return []  # told by the call that is under way, after the decisions before it
        self._feeding = True
        said: list[Decision] = []
        try:
            while self._waiting:
                said += self._one(self._waiting.popleft())
        finally:
            self._feeding = False
        self._arm()
        return said

    def arrival(
        self,
        interaction_id: UUID,
        queue_id: UUID,
        *,
        priority: int | None = None,
        skills: Mapping[str, int] | None = None,
        **rest: Any,
    ) -> facts.ContactQueued:
        """The fact that somebody comes to a queue; priority and skills that the flow does not name are the queue's.

        `rest` are the other fields of `ContactQueued`.
        """
        info = self.laid.queues.get(QueueId(str(queue_id)))
        if info is not None:
            priority = info.rules.priority if priority is None else priority
            skills = {str(skill): level for skill, level in info.rules.skills.items()} if skills is None else skills
        return facts.ContactQueued(
            contact=ContactId(str(interaction_id)),
            queue=QueueId(str(queue_id)),
            priority=priority or 0,
            skills=skills or {},
            **rest,
        )

    def ask_state(self, fact: facts.StateAsked) -> list[Decision]:
        """A state that somebody wants; a break is refused too when its reason's own cap is reached."""
        info = self.laid.breaks.get(fact.reason) if fact.state is OperatorState.BREAK else None
        if info is not None and info.cap is not None and not fact.force:
            away = [
                one.id
                for one in self.router.state.operators.values()
                if one.state is OperatorState.BREAK and one.reason == fact.reason
            ]
            if fact.operator not in away and len(away) >= info.cap:
                refused = BreakRefused(fact.operator, fact.reason, len(away), None)
                self._tell(refused)
                return [refused]
        return self.feed(fact)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every decision, in order; the first hears also what was decided before. Returns the way out."""
        self._listeners.append(listener)
        while self._unheard:
            self._tell(self._unheard.popleft())
        return lambda: self._listeners.remove(listener)

    def hear(self, hearer: Hearer) -> Callable[[], None]:
        """Hear whose state or which queue's figures are other than before. Returns the way out."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def reconcile(self, seen: Observed) -> Counter[str]:
        """Compare with reality, repair, count."""
        repairs = reconcile(self.router.state, seen, self.now())
        for kind, count in repairs.counts.items():
            figures.REPAIRS.labels(kind=kind.value).inc(count)
        for fact in repairs.facts:
            self.feed(fact)
        if repairs.counts:
            log.warning("The router was repaired.", repairs={kind.value: n for kind, n in repairs.counts.items()})
        return Counter({kind.value: count for kind, count in repairs.counts.items()})

    def force_state(self, fact: facts.StateAsked, *, by: UUID | None) -> list[Decision]:
        """A state that a supervisor sets; the interval in the log names them."""
        self._forced[fact.operator] = by
        try:
            return self.feed(fact)
        finally:
            self._forced.pop(fact.operator, None)

    def note_check(self, name: OperatorId, check: Check) -> None:
        """Somebody has checked their desk."""
        self.laid = replace(self.laid, checks={**self.laid.checks, name: check})
        self._say(StateChanged(frozenset({name}), frozenset()))

    # What others ask

    def queue_of(self, interaction_id: UUID) -> UUID | None:
        """The queue that a contact waits in or came by; None for one that the router does not know."""
        contact = self.router.state.contacts.get(ContactId(str(interaction_id)))
        info = self.laid.queues.get(contact.queue.settings.id) if contact is not None else None
        return info.id if info is not None else None

    def operator(self, person_id: UUID) -> OperatorView | None:
        """None for somebody who takes no contacts."""
        found = self.router.state.operators.get(OperatorId(str(person_id)))
        return operator_view(found) if found is not None else None

    def waiting(self, interaction_id: UUID) -> WaitingView | None:
        """None for a contact that does not wait."""
        contact = self.router.state.contacts.get(ContactId(str(interaction_id)))
        if contact is None or contact.state is ContactState.CONNECTED:
            return None
        return waiting_view(self.router.state, contact)

    def all_waiting(self) -> list[WaitingView]:
        """Everybody who waits, is being offered or sleeps as a call-back, the longest first."""
        state = self.router.state
        held = [one for one in state.contacts.values() if one.state is not ContactState.CONNECTED]
        return [waiting_view(state, one) for one in sorted(held, key=lambda one: (one.since, one.number))]

    def why_operator(self, person_id: UUID) -> list[Reason]:
        return explain_operator(self.router.state, OperatorId(str(person_id)))

    def why_contact(self, interaction_id: UUID) -> list[Reason]:
        return explain_contact(self.router.state, ContactId(str(interaction_id)))

    def why_not(self, person_id: UUID, interaction_id: UUID) -> list[Reason]:
        return why_not(self.router.state, OperatorId(str(person_id)), ContactId(str(interaction_id)))

    # Settings

    async def reload(self) -> None:
        """Read the tables, and tell the router what is other than it thinks; contacts keep their places."""
        self.take(await load(self.database, self.clock))

    def dump(self) -> dict[str, Any]:
        """The router's whole state as plain data."""
        return self.router.dump()

    def go_on(self, router: Router) -> None:
        """Take up a router that was restored."""
        self.router = router
        self.tallies.take_up(router.state)

    def take(self, laid: Laid) -> None:
        """Go on with these settings."""
        self.laid = laid
        state = self.router.state
        if laid.settings != state.settings:
            self.feed(facts.SettingsChanged(laid.settings))
        for name in [name for name in state.operators if name not in laid.profiles]:
            self.feed(facts.OperatorRemoved(name))
        for name, profile in laid.profiles.items():
            known = state.operators.get(name)
            if known is None or known.profile != profile:
                self.feed(facts.ProfileChanged(profile))
        self.look_at_the_hours()
        self._say(StateChanged(frozenset(state.operators), frozenset(state.queues)))

    def look_at_the_hours(self) -> None:
        """Open and close queues by their calendars."""
        at = self.clock()
        for name, info in self.laid.queues.items():
            queue = self.router.state.queues.get(name)
            opened = info.is_open(at)
            if queue is not None and queue.open is not opened:
                self.feed(facts.QueueOpened(name) if opened else facts.QueueClosed(name))

    def sign_out_the_absent(self) -> None:
        """A place that nobody sits at must not count as somebody at work."""
        for fact in self._absence.overdue(self.router.state.operators.values(), self.now()):
            log.info("Somebody who went without signing out is signed out.", operator=fact.operator)
            self.feed(fact)

    def tick(self) -> None:
        """Let the router work off what is due."""
        deadline = self.router.next_deadline()
        if deadline is not None and deadline <= self.now():
            self.feed(facts.TimePassed())
        else:
            self._arm()

    # Inside

    def _one(self, fact: Fact) -> list[Decision]:
        state = self.router.state
        now = max(state.now, self.now())
        touched = Touched(state, fact)
        self.tallies.before(state, fact, now)
        began = perf_counter()
        decisions = self.router.feed(fact, now)
        figures.DECIDING.observe(perf_counter() - began)
        self.tallies.after(state, fact, decisions)
        counted = frozenset(queue for queue, _ in self.tallies.changed)
        if self._life is not None:
            self._life.book.put_fact(now, fact)
            self._life.book.put_days((key, self.tallies.days[key]) for key in self.tallies.changed)
        self.tallies.changed.clear()
        for decision in decisions:
            self._tell(decision)
        operators, queues = touched.after(state, fact, decisions)
        self.follow(operators)
        self._say(StateChanged(operators, queues | counted))
        return decisions

    def follow(self, operators: frozenset[OperatorId]) -> None:
        """Write down the states of those who may have another one now."""
        state = self.router.state
        for name in operators:
            changed = self.intervals.follow(state.operators.get(name), name, state.now, self._forced.get(name))
            if self._life is not None:
                for interval in changed:
                    self._life.book.put_interval(interval)

    def say_queues(self) -> None:
        """The figures of all queues may be others: a day has begun."""
        self._say(StateChanged(frozenset(), frozenset(self.router.state.queues)))

    def _tell(self, decision: Decision) -> None:
        figures.count(decision)
        if not self._listeners:
            self._unheard.append(decision)
        for listener in list(self._listeners):
            try:
                listener(decision)
            except Exception:
                # The edge of the router: one listener's bug must not keep a decision from the others.
                log.exception("A listener to routing met a bug.", decision=type(decision).__name__)

    def _say(self, change: StateChanged) -> None:
        for hearer in list(self._hearers):
            hearer(change)

    def _arm(self) -> None:
        """Wake up for the next deadline."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.router.next_deadline()
        if self._life is not None and deadline is not None:
            delay = max(0.0, deadline - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self.tick)
