"""What the queues have seen today, counted from facts and decisions as `routing.measures` defines it.

A day is one of the time zone of the queue's project. Counts are kept for the days in hand only; the store has the rest.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from centrala.routing.core import facts
from centrala.routing.core.decisions import Close, CloseReason, Decision, Overflow
from centrala.routing.core.settings import ContactId, QueueId, TargetKind
from centrala.routing.core.state import ContactState, State, WorkState
from centrala.routing.measures import MIN_SHORT, ratio

_NO_LOSS: Final = {CloseReason.CALLBACK_EXISTS, CloseReason.CALLED_AGAIN, CloseReason.CALLBACK_EXHAUSTED}
"""The customer has another place, or was called as often as the rules say: nobody was turned away."""


@dataclass(slots=True)
class Day:
    """One queue's day."""

    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    short: int = 0
    overflowed: int = 0
    turned_away: int = 0
    waited: float = 0.0

    @property
    def offered(self) -> int:
        return self.answered + self.abandoned + self.short + self.overflowed + self.turned_away

    @property
    def service_level(self) -> float | None:
        return ratio(self.answered_in_time, self.offered - self.short)

    @property
    def asa(self) -> float | None:
        return ratio(self.waited, self.answered)


@dataclass(slots=True, eq=False)
class Tallies:
    """Counts by queue and day. `zone_of` gives the time zone of a queue's project; None for one that is not counted."""

    zone_of: Callable[[QueueId], ZoneInfo | None]
    days: dict[tuple[QueueId, date], Day] = field(default_factory=dict)
    changed: set[tuple[QueueId, date]] = field(default_factory=set)
    _where: dict[ContactId, tuple[QueueId, float]] = field(default_factory=dict)
    _leaving: tuple[ContactId, QueueId, float] | None = None
    _answering: tuple[ContactId, bool] | None = None

    def take_up(self, state: State) -> None:
        """Begin with the contacts that a restored router has."""
        self._where = {
            one.id: (one.queue.settings.id, one.entered)
            for one in state.contacts.values()
            if one.state is not ContactState.CONNECTED
        }

    def today(self, queue: QueueId, now: float) -> Day:
        """The queue's day so far; a new one for a queue that nothing has happened in."""
        day = self._day(queue, now)
        return self.days.get((queue, day), Day()) if day is not None else Day()

    def before(self, state: State, fact: facts.Fact, now: float) -> None:
        """Look at what the fact is about while it is still so; `now` is the moment at which the router hears it."""
        self._leaving = self._answering = None
        match fact:
            case facts.ContactQueued(contact=contact, queue=queue):
                if contact not in state.contacts:
                    self._where[contact] = (queue, now)
            case facts.ContactLeft(contact=contact):
                held = state.contacts.get(contact)
                if held is not None and held.state is not ContactState.CONNECTED and not held.callback:
                    self._leaving = (contact, *self._where.get(contact, (held.queue.settings.id, held.entered)))
            case facts.OfferAccepted(offer=offer):
                work = state.works.get(offer)
                if work is not None and work.state is WorkState.RINGING:
                    self._answering = (work.contact, state.contacts[work.contact].callback)
            case facts.ContactTaken(contact=contact):
                held = state.contacts.get(contact)
                if held is not None and held.state is not ContactState.CONNECTED:
                    self._answering = (contact, held.callback)
            case _:
                pass

    def after(self, state: State, fact: facts.Fact, decisions: Sequence[Decision]) -> None:
        """Count what has become of it."""
        now = state.now
        for decision in decisions:
            if isinstance(decision, Overflow):
                self._sent_on(decision, now)
            elif isinstance(decision, Close):
                self._closed(decision, now)
        if self._answering is not None:
            self._answered(state, *self._answering)
        if self._leaving is not None:
            contact, queue, entered = self._leaving
            self._where.pop(contact, None)
            self._abandoned(queue, now - entered, now)
        if isinstance(fact, facts.ContactMoved):
            self._moved(state, fact)

    def forget_before(self, day: date) -> None:
        """Drop days that nobody asks for any more."""
        for key in [key for key in self.days if key[1] < day and key not in self.changed]:
            del self.days[key]

    def restore(self, rows: Iterable[tuple[QueueId, date, Day]]) -> None:
        for queue, day, counts in rows:
            self.days[queue, day] = counts

    def _day(self, queue: QueueId, now: float) -> date | None:
        zone = self.zone_of(queue)
        return datetime.fromtimestamp(now, UTC).astimezone(zone).date() if zone is not None else None

    def _count(self, queue: QueueId, now: float) -> Day:
        day = self._day(queue, now)
        if day is None:
            return Day()
        self.changed.add((queue, day))
        return self.days.setdefault((queue, day), Day())

    def _answered(self, state: State, contact: ContactId, callback: bool) -> None:  # noqa: FBT001 - unpacked
        held = state.contacts.get(contact)
        where = self._where.pop(contact, None)
        if held is None or held.state is not ContactState.CONNECTED or where is None:
            return
        queue, entered = where
        counts, settings = self._count(queue, state.now), state.queues.get(queue)
        counts.answered += 1
        if not callback:
            wait = state.now - entered
            counts.waited += wait
            counts.answered_in_time += settings is not None and wait <= settings.settings.target

    def _abandoned(self, queue: QueueId, wait: float, now: float) -> None:
        counts = self._count(queue, now)
        if wait < MIN_SHORT:
            counts.short += 1
        else:
            counts.abandoned += 1

    def _sent_on(self, decision: Overflow, now: float) -> None:
        where = self._where.pop(decision.contact, None)
        if where is not None:
            self._count(where[0], now).overflowed += 1
        if decision.to.kind is TargetKind.QUEUE:
            self._where[decision.contact] = (QueueId(decision.to.value), now)

    def _closed(self, decision: Close, now: float) -> None:
        where = self._where.pop(decision.contact, None)
        if where is not None and decision.reason not in _NO_LOSS:
            self._count(where[0], now).turned_away += 1

    def _moved(self, state: State, fact: facts.ContactMoved) -> None:
        held = state.contacts.get(fact.contact)
        where = self._where.pop(fact.contact, None)
        if where is not None and where[0] != fact.queue:
            self._count(where[0], state.now).overflowed += 1
        if held is not None and held.state is not ContactState.CONNECTED:
            self._where[fact.contact] = (held.queue.settings.id, held.entered)
