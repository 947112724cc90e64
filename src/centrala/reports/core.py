"""Visits from a contact's timeline, and the bounds of a report's intervals: pure, told in facts and moments.

A visit begins when the contact enters a queue (or is answered by somebody whom it reached without one) and ends with
what became of the wait; talk, hold and wrap-up of who answered belong to it. One contact may have several visits: an
overflow or a transfer to another queue is the next one. So nothing is counted twice and no transfer is lost.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

MAX_VISITS: Final = 200  # of one contact; a contact that is sent around longer is a loop in the rules
MAX_INTERVALS: Final = 3_000  # rows of one report
MAX_DURATION: Final = 7 * 86_400_000  # ms; a longer talk is a clock that was wrong


class Via(StrEnum):
    """How a contact came to who answered."""

    QUEUE = "queue"
    CALLBACK = "callback"  # kept its place and was called
    DIRECT = "direct"  # to a person, past the queues
    OUTGOING = "outgoing"  # the centre called


class Result(StrEnum):
    """How the wait ended; as `routing.measures.Result`."""

    ANSWERED = "answered"
    LEFT = "left"
    OVERFLOWED = "overflowed"
    TURNED_AWAY = "turned_away"


class Told(StrEnum):
    """The kinds of facts on a timeline that visits are made from."""

    QUEUED = "queued"
    OFFERED = "offered"
    NOT_ANSWERED = "not_answered"
    CALLBACK_ORDERED = "callback_ordered"
    VOICEMAIL = "voicemail"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    LEFT = "left"
    WRAP_UP_STARTED = "wrap_up_started"
    WRAP_UP_ENDED = "wrap_up_ended"
    ENDED = "ended"


TURNED_AWAY: Final = frozenset({"closed", "blocked", "interrupted", "failed"})
"""Results of a contact that the centre sent away, by its rules or by a fault."""
SENT_ON: Final = frozenset({"overflowed", "voicemail", "callback", "self_service", "transferred_out"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact of a timeline. `result` is that of the contact, on `ended`."""

    kind: str
    at: datetime
    person_id: UUID | None = None
    queue_id: UUID | None = None
    result: str | None = None
    to_person_id: UUID | None = None
    """Who got it by an attended transfer: they talk already."""
    aside: bool = False
    """It is about somebody who was only consulted."""
    callback: bool = False
    """It is about the call back: the operator was there and the customer was not."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """Durations are milliseconds."""

    queue_id: UUID | None
    entered_at: datetime
    via: Via
    operator_id: UUID | None = None
    result: Result | None = None
    wait: int = 0
    ring: int = 0  # the part of the wait in which who answered was rung
    talk: int = 0
    hold: int = 0
    wrap_up: int = 0
    transferred: bool = False
    closing: bool = False


def visits(entries: Iterable[Entry], *, outgoing: bool = False) -> list[Visit]:
    """The visits whose wait is over, in their order, from a timeline in its order."""
    reader = _Reader(outgoing=outgoing)
    for entry in entries:
        reader.read(entry)
    known = [visit for visit in reader.visits if visit.result is not None]
    answered = [visit for visit in known if visit.result is Result.ANSWERED]
    if answered:
        answered[-1].closing = True
    return known


class _Reader:
    """Goes over one timeline and keeps what is open: a wait, a talk, a hold, wrap-ups by person."""

    def __init__(self, *, outgoing: bool) -> None:
        self.visits: list[Visit] = []
        self._outgoing = outgoing
        self._waiting: Visit | None = None
        self._talking: Visit | None = None
        self._talk_since: datetime | None = None
        self._hold_since: datetime | None = None
        self._wrap_up: dict[UUID | None, datetime] = {}
        self._offers: dict[UUID | None, datetime] = {}

    def read(self, entry: Entry) -> None:
        step = _STEPS_OF.get(entry.kind)
        if step is not None:
            step(self, entry)

    def queued(self, entry: Entry) -> None:
        self._end_wait(entry.at, Result.OVERFLOWED)
        self._end_talk(entry.at, transferred=True)
        self._waiting = self._begin(Visit(queue_id=entry.queue_id, entered_at=entry.at, via=Via.QUEUE))

    def answered(self, entry: Entry) -> None:
        if self._talking is not None and self._talking.operator_id == entry.person_id and self._waiting is None:
            return  # told twice
        self._end_talk(entry.at, transferred=True)
        visit = self._waiting
        if visit is None:
            via = Via.OUTGOING if self._outgoing and not self.visits else Via.DIRECT
            visit = self._begin(Visit(queue_id=None, entered_at=entry.at, via=via))
        if visit is None:
            return
        visit.operator_id, visit.result = entry.person_id, Result.ANSWERED
        visit.wait = milliseconds(visit.entered_at, entry.at)
        offered = self._offers.pop(entry.person_id, None)
        visit.ring = 0 if offered is None else min(visit.wait, milliseconds(offered, entry.at))
        self._waiting, self._talking, self._talk_since = None, visit, entry.at

    def _begin(self, visit: Visit) -> Visit | None:
        if len(self.visits) >= MAX_VISITS:
            return None
        self.visits.append(visit)
        return visit

    def offered(self, entry: Entry) -> None:
        self._offers[entry.person_id] = entry.at

    def not_answered(self, entry: Entry) -> None:
        """By the customer who was called back: the operator's answer was none, the wait goes on."""
        visit = self._talking
        if entry.callback and visit is not None and visit.via is Via.CALLBACK:
            self._talking = self._talk_since = self._hold_since = None
            visit.operator_id, visit.result, visit.wait, visit.ring, visit.hold = None, None, 0, 0, 0
            self._waiting = visit

    def callback(self, _entry: Entry) -> None:
        if self._waiting is not None:
            self._waiting.via = Via.CALLBACK

    def voicemail(self, entry: Entry) -> None:
        self._end_wait(entry.at, Result.OVERFLOWED)

    def held(self, entry: Entry) -> None:
        if self._talking is not None and self._hold_since is None:
            self._hold_since = entry.at

    def resumed(self, entry: Entry) -> None:
        self._end_hold(entry.at)

    def transferred(self, entry: Entry) -> None:
        self._end_talk(entry.at, transferred=True)
        if entry.to_person_id is not None:
            self.answered(Entry(kind=Told.ANSWERED, at=entry.at, person_id=entry.to_person_id))

    def wrapping_up(self, entry: Entry) -> None:
        self._wrap_up.setdefault(entry.person_id, entry.at)

    def ended(self, entry: Entry) -> None:
        self._end_talk(entry.at)
        self._end_wait(entry.at, result_of(entry.result))

    def left(self, entry: Entry) -> None:
        """An operator left the talk; the customer's own going is told by the end."""
        if self._talking is not None and not entry.aside and entry.person_id in {None, self._talking.operator_id}:
            self._end_talk(entry.at)

    def _end_wait(self, at: datetime, result: Result) -> None:
        if self._waiting is not None:
            self._waiting.result, self._waiting.wait = result, milliseconds(self._waiting.entered_at, at)
            self._waiting = None

    def _end_hold(self, at: datetime) -> None:
        if self._talking is not None and self._hold_since is not None:
            self._talking.hold += milliseconds(self._hold_since, at)
        self._hold_since = None

    def _end_talk(self, at: datetime, *, transferred: bool = False) -> None:
        if self._talking is None or self._talk_since is None:
            return
        self._end_hold(at)
        self._talking.talk = max(0, milliseconds(self._talk_since, at) - self._talking.hold)
        self._talking.transferred = self._talking.transferred or transferred
        self._talking = self._talk_since = None

    def end_wrap_up(self, entry: Entry) -> None:
        since = self._wrap_up.pop(entry.person_id, None)
        theirs = (visit for visit in reversed(self.visits) if visit.operator_id == entry.person_id)
        visit = next(theirs, None)
        if since is not None and visit is not None:
            visit.wrap_up += milliseconds(since, entry.at)


_STEPS_OF: Final[Mapping[str, Callable[[_Reader, Entry], None]]] = {
    Told.QUEUED: _Reader.queued,
    Told.OFFERED: _Reader.offered,
    Told.NOT_ANSWERED: _Reader.not_answered,
    Told.CALLBACK_ORDERED: _Reader.callback,
    Told.VOICEMAIL: _Reader.voicemail,
    Told.ANSWERED: _Reader.answered,
    Told.HELD: _Reader.held,
    Told.RESUMED: _Reader.resumed,
    Told.TRANSFERRED: _Reader.transferred,
    Told.LEFT: _Reader.left,
    Told.WRAP_UP_STARTED: _Reader.wrapping_up,
    Told.WRAP_UP_ENDED: _Reader.end_wrap_up,
    Told.ENDED: _Reader.ended,
}


def result_of(contact: str | None) -> Result:
    """How a wait ended that was still open when the contact ended with this result."""
    if contact in TURNED_AWAY:
        return Result.TURNED_AWAY
    return Result.OVERFLOWED if contact in SENT_ON else Result.LEFT


def milliseconds(since: datetime, until: datetime) -> int:
    """Of a duration, never below 0: clocks of two processes may differ by some milliseconds."""
    return min(MAX_DURATION, max(0, round((until - since).total_seconds() * 1000)))


class Unit(StrEnum):
    """The length of a report's intervals, by the clock and calendar of its time zone; weeks begin on Monday."""

    QUARTER = "15m"
    HALF = "30m"
    HOUR = "60m"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_STEPS: Final = {Unit.QUARTER: timedelta(minutes=15), Unit.HALF: timedelta(minutes=30), Unit.HOUR: timedelta(hours=1)}


class TooManyIntervals(ValueError):
    """The period has more intervals of that length than one report shows."""


def starts(since: datetime, until: datetime, unit: Unit, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of all intervals that touch [since, until), in order.

    The first is at or before `since`. Days are those of the wall calendar: one has 23 or 25 hours when clocks change.
    Raises TooManyIntervals above `MAX_INTERVALS`.
    """
    step = _STEPS.get(unit)
    if step is not None:
        return _short_starts(since, until, step, zone)
    found: list[datetime] = []
    day = _first_day(since.astimezone(zone).date(), unit)
    while (start := _midnight(day, zone)) < until:
        _append(found, start)
        day = _next_day(day, unit)
    return found


def _short_starts(since: datetime, until: datetime, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    # All offsets in use are whole quarters of an hour, and clocks change by whole or half hours: an interval counted
    # in real time from the local hour stays on the local clock.
    local = since.astimezone(zone)
    minutes = local.minute - local.minute % (int(step.total_seconds()) // 60) if step < timedelta(hours=1) else 0
    start = local.replace(minute=minutes, second=0, microsecond=0).astimezone(UTC)
    found: list[datetime] = []
    while start < until:
        _append(found, start)
        start += step
    return found


def _append(found: list[datetime], start: datetime) -> None:
    if len(found) >= MAX_INTERVALS:
        raise TooManyIntervals(MAX_INTERVALS)
    found.append(start)


def _first_day(day: date, unit: Unit) -> date:
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit is Unit.MONTH else day


def _next_day(day: date, unit: Unit) -> date:
    if unit is Unit.MONTH:
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if unit is Unit.WEEK else 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day; where midnight does not exist, the moment at which the clock jumped over it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_after(start: datetime, unit: Unit, zone: ZoneInfo) -> datetime:
    """The end of an interval, which is the beginning of the next."""
    step = _STEPS.get(unit)
    if step is not None:
        return start + step
    return _midnight(_next_day(start.astimezone(zone).date(), unit), zone)
