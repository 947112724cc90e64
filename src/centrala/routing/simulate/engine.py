"""The virtual clock: customers come and give up, operators answer and finish; the routing core decides.

Three sources of what happens next: the next customer, the heap of what people will do, the router's own deadline.
The earliest goes first; of one moment the router's deadline, then people, then the new customer.
"""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, Final

from centrala.routing.core import decisions as d
from centrala.routing.core import facts as f
from centrala.routing.core.router import Router
from centrala.routing.core.settings import ContactId, OperatorId, QueueId, TargetKind
from centrala.routing.core.state import WorkState
from centrala.routing.measures import Limits, Result, Tally
from centrala.routing.simulate.chance import chance_of, drawer
from centrala.routing.simulate.customers import NEVER, Customer, arrivals
from centrala.routing.simulate.lay_out import profiles, router_settings
from centrala.routing.simulate.roster import Planned, Step, people, planned
from centrala.routing.simulate.scenario import OperatorsIn, Scenario

MINUTE: Final = 60.0  # seconds
ASK_AGAIN: Final = 300.0  # seconds after a break was refused
AFTER_THE_END: Final = 86_400.0  # seconds that the last contacts have to come to an end


@dataclass(slots=True, eq=False)
class Worker:
    """What an operator's day adds up to, in seconds."""

    group: OperatorsIn
    answer: Callable[[], float]
    misses: Callable[[], bool]
    in_hand: int = 0
    in_hand_since: float = 0.0
    busy: float = 0.0
    on: bool = False  # ready or with a contact in hand
    on_since: float = 0.0
    available: float = 0.0
    ready: bool = False
    handled: int = 0
    wishes: str = ""  # a break that was refused


@dataclass(slots=True, eq=False)
class Outcome:
    """Everything that was counted."""

    tallies: dict[tuple[str, int], Tally] = field(default_factory=dict)  # by queue and interval
    workers: dict[str, Worker] = field(default_factory=dict)
    contacts: int = 0
    redials: int = 0
    decisions: int = 0
    missed: int = 0
    unfinished: int = 0  # still waiting or talking when the clock was stopped


class Engine:
    """One simulation."""

    def __init__(self, scenario: Scenario, seed: int, folder: Path) -> None:
        self.scenario = scenario
        self.router = Router(router_settings(scenario))
        self.now = 0.0
        self.outcome = Outcome()
        self.customers: dict[ContactId, Customer] = {}
        self.things: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self.number = 0
        self.arrivals = arrivals(scenario, seed, folder)
        self.interval = scenario.interval_minutes * MINUTE
        self.limits = {queue.name: Limits(target=queue.target, short=scenario.short) for queue in scenario.queue}
        for group in scenario.operators:
            for name in people(group):
                answer = drawer(group.answer, chance_of(seed, "answer", name))
                self.outcome.workers[name] = Worker(group, answer, _misses(group, seed, name))
        for profile in profiles(scenario):
            self.router.feed(f.ProfileChanged(profile), 0.0)
        for step in planned(scenario):
            self.later(step.at, self.follow_roster, step)

    def run(self) -> Outcome:
        """From the first midnight until the last contact is over."""
        collecting = gc.isenabled()
        gc.disable()  # nothing here leaves cycles behind; half of the time would go into looking for them
        try:
            self._run()
        finally:
            if collecting:
                gc.enable()
        self.outcome.unfinished = len(self.customers)
        for worker in self.outcome.workers.values():
            self._count_time(worker, self.now)
        return self.outcome

    def _run(self) -> None:
        things, router = self.things, self.router
        coming: Iterator[tuple[float, Customer]] = self.arrivals
        arrival = next(coming, None)
        ends = self.scenario.days * 86_400.0 + AFTER_THE_END
        while True:
            comes = arrival[0] if arrival is not None else NEVER
            happens = things[0][0] if things else NEVER
            deadline = router.deadline_by(min(happens, comes))
            if deadline is not None:
                if deadline > ends:
                    return
                self.now = max(self.now, deadline)
                self.feed(f.TimePassed())
            elif happens <= comes:
                if happens > ends:
                    return
                self.now, _, act, subject = heappop(things)
                act(subject)
            else:
                if arrival is None:
                    return
                self.now = comes
                self.come(arrival[1])
                arrival = next(coming, None)

    def later(self, at: float, act: Callable[[Any], None], subject: Any) -> None:
        """Let something happen at a moment; ties in the order of asking."""
        self.number += 1
        heappush(self.things, (at, self.number, act, subject))

    def feed(self, fact: f.Fact) -> None:
        """Tell the router, and do what it decides."""
        for decision in self.router.feed(fact, self.now):
            self.outcome.decisions += 1
            DOES[type(decision)](self, decision)

    # -- customers

    def come(self, customer: Customer) -> None:
        """Somebody calls."""
        self.number += 1
        customer.name = str(self.number)
        customer.entered = self.now
        customer.gives_up = self.now + customer.patience
        name = ContactId(customer.name)
        self.customers[name] = customer
        self.outcome.contacts += 1
        self.feed(
            f.ContactQueued(
                contact=name,
                queue=QueueId(customer.queue),
                channel=customer.channel,
                priority=customer.priority,
                skills=customer.stream.skills,
                language=customer.language,
            )
        )
        if customer.gives_up < NEVER and name in self.customers and not customer.answered:
            self.later(customer.gives_up, self.give_up, name)

    def give_up(self, name: ContactId) -> None:
        """The customer's patience is over, if nobody has answered meanwhile."""
        customer = self.customers.get(name)
        if customer is None or customer.answered or customer.callback:
            return
        del self.customers[name]
        self.feed(f.ContactLeft(name))
        self.record(customer, Result.LEFT)
        self.redial(customer)

    def redial(self, customer: Customer) -> None:
        """Some of those who were not served call again."""
        redial = customer.stream.given.redial
        if redial is None or customer.attempt > redial.times or customer.stream.chance.random() >= redial.share:
            return
        again = customer.stream.customer()
        again.attempt = customer.attempt + 1
        again.language, again.queue = customer.language, customer.stream.given.queue
        self.later(self.now + customer.stream.redial_after(), self.come_again, again)

    def come_again(self, customer: Customer) -> None:
        self.outcome.redials += 1
        self.come(customer)

    def record(self, customer: Customer, result: Result, *, wrap_up: float = 0.0) -> None:
        """Count a customer's time in a queue, in the interval in which it began."""
        key = (customer.queue, int(customer.entered // self.interval))
        tally = self.outcome.tallies.get(key)
        if tally is None:
            tally = self.outcome.tallies[key] = Tally(self.limits[customer.queue])
        if result is Result.ANSWERED:
            wait = customer.answered - customer.entered
            tally.count_answered(wait, customer.talk, customer.hold, wrap_up, callback=customer.callback)
        else:
            tally.count_lost(self.now - customer.entered, result)

    # -- operators

    def follow_roster(self, step: Planned) -> None:
        """Shifts, breaks, opening hours."""
        if step.step is Step.OPEN:
            self.feed(f.QueueOpened(QueueId(step.name)))
        elif step.step is Step.CLOSE:
            self.feed(f.QueueClosed(QueueId(step.name)))
        else:
            self.outcome.workers[step.name].wishes = ""
            if step.step is Step.SIGN_OUT:
                self.turn(step.name, f.OperatorState.OFF)
            elif step.step is Step.BREAK:
                self.turn(step.name, f.OperatorState.BREAK, step.reason)
            elif step.step is Step.SIGN_IN or self.state_of(step.name) is f.OperatorState.BREAK:
                self.turn(step.name, f.OperatorState.READY)

    def state_of(self, name: str) -> f.OperatorState:
        return self.router.state.operators[OperatorId(name)].state

    def turn(self, name: str, to: f.OperatorState, reason: str = "") -> None:
        """Ask for a state, and count the time by the state that came of it."""
        self.feed(f.StateAsked(operator=OperatorId(name), state=to, reason=reason))
        self.look_at(name)

    def look_at(self, name: str) -> None:
        worker = self.outcome.workers[name]
        worker.ready = self.state_of(name) is f.OperatorState.READY
        self._count_time(worker, self.now)

    def _count_time(self, worker: Worker, now: float) -> None:
        """Close the running stretch of time if it is over, or open one."""
        if worker.on:
            worker.available += now - worker.on_since
        worker.on_since = now
        worker.on = worker.ready or worker.in_hand > 0

    def take(self, worker: Worker) -> None:
        if worker.in_hand == 0:
            worker.in_hand_since = self.now
        worker.in_hand += 1

    def let_go(self, worker: Worker) -> None:
        worker.in_hand -= 1
        if worker.in_hand == 0:
            worker.busy += self.now - worker.in_hand_since
            if not worker.ready:
                self._count_time(worker, self.now)

    def ring(self, ring: d.Ring) -> None:
        worker = self.outcome.workers[ring.operator]
        self.take(worker)
        if worker.misses():
            self.outcome.missed += 1
            return  # the offer expires
        pause = worker.answer()
        if pause <= 0:
            self.answer(ring)
        else:
            self.later(self.now + pause, self.answer, ring)

    def answer(self, ring: d.Ring) -> None:
        """The operator answers, unless the offer is over."""
        work = self.router.state.works.get(ring.offer)
        if work is None or work.state is not WorkState.RINGING:
            return
        customer = self.customers[ring.contact]
        self.feed(f.OfferAccepted(ring.offer))
        if customer.callback and customer.stream.chance.random() >= customer.stream.given.answers_callback:
            self.let_go(self.outcome.workers[ring.operator])
            self.feed(f.CallbackUnanswered(ring.contact))
            return
        customer.answered = self.now
        customer.operator = ring.operator
        self.later(self.now + customer.talk + customer.hold, self.finish, ring.contact)

    def finish(self, name: ContactId) -> None:
        """The conversation is over, the after-contact work begins."""
        customer = self.customers.pop(name)
        worker = self.outcome.workers[customer.operator]
        worker.handled += 1
        limit = self.limit_of(customer)
        self.record(customer, Result.ANSWERED, wrap_up=min(customer.wrap_up, limit))
        if limit <= 0 or customer.wrap_up <= 0:
            self.let_go(worker)
            self.feed(f.ContactLeft(name))
            if limit > 0:
                self.feed(f.WrapUpEnded(OperatorId(customer.operator), name))
            return
        self.feed(f.ContactLeft(name))
        if customer.wrap_up < limit:
            self.later(self.now + customer.wrap_up, self.finish_wrap_up, customer)

    def limit_of(self, customer: Customer) -> float:
        return self.router.state.queues[QueueId(customer.queue)].settings.wrap_up

    def finish_wrap_up(self, customer: Customer) -> None:
        self.let_go(self.outcome.workers[customer.operator])
        self.feed(f.WrapUpEnded(OperatorId(customer.operator), ContactId(customer.name)))

    # -- what the router wants done

    def withdraw(self, decision: d.Withdraw) -> None:
        self.let_go(self.outcome.workers[decision.operator])

    def overflow(self, decision: d.Overflow) -> None:
        customer = self.customers[decision.contact]
        self.record(customer, Result.OVERFLOWED)
        if decision.to.kind is TargetKind.QUEUE:
            customer.queue, customer.entered = decision.to.value, self.now
        else:
            del self.customers[decision.contact]

    def close(self, decision: d.Close) -> None:
        customer = self.customers.pop(decision.contact)
        self.record(customer, Result.TURNED_AWAY)
        if not customer.callback:
            self.redial(customer)

    def offer_callback(self, decision: d.OfferCallback) -> None:
        customer = self.customers[decision.contact]
        if customer.stream.chance.random() < customer.stream.given.takes_callback:
            self.later(self.now, self.choose_callback, decision.contact)

    def choose_callback(self, name: ContactId) -> None:
        customer = self.customers.get(name)
        if customer is not None and not customer.answered:
            customer.callback = True
            self.feed(f.CallbackChosen(name, name))

    def pause(self, decision: d.Pause) -> None:
        self.look_at(decision.operator)
        worker = self.outcome.workers[decision.operator]
        self.later(self.now + worker.group.back_after, self.come_back, decision.operator)

    def come_back(self, name: OperatorId) -> None:
        if self.state_of(name) is f.OperatorState.PAUSED:
            self.turn(name, f.OperatorState.READY)

    def refuse_break(self, decision: d.BreakRefused) -> None:
        self.outcome.workers[decision.operator].wishes = decision.reason
        self.later(self.now + ASK_AGAIN, self.ask_again, decision.operator)

    def ask_again(self, name: OperatorId) -> None:
        wish = self.outcome.workers[name].wishes
        if wish and self.state_of(name) is f.OperatorState.READY:
            self.turn(name, f.OperatorState.BREAK, wish)

    def end_wrap_up(self, decision: d.EndWrapUp) -> None:
        self.let_go(self.outcome.workers[decision.operator])

    def nothing(self, decision: d.Decision) -> None:
        """Announcements and granted breaks need no doing here."""


DOES: Final[dict[type, Callable[[Engine, Any], None]]] = {
    d.Ring: Engine.ring,
    d.Withdraw: Engine.withdraw,
    d.OfferVoid: Engine.nothing,
    d.Overflow: Engine.overflow,
    d.OfferCallback: Engine.offer_callback,
    d.Announce: Engine.nothing,
    d.Close: Engine.close,
    d.Pause: Engine.pause,
    d.BreakGranted: Engine.nothing,
    d.BreakRefused: Engine.refuse_break,
    d.EndWrapUp: Engine.end_wrap_up,
}


def _misses(group: OperatorsIn, seed: int, name: str) -> Callable[[], bool]:
    if not group.missed:
        return lambda: False
    chance = chance_of(seed, "missed", name)
    return lambda: chance.random() < group.missed
