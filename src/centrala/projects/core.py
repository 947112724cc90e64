"""When a calendar is open: pure arithmetic over weekly hours, exceptions, holidays and a time zone.

Theory of operation. A span belongs to the date on which it begins and may run past midnight; what begins on Friday
evening ends on Saturday morning even when Saturday is a holiday. What decides a date, in this order: its exception,
a holiday that the calendar observes, the hours of its weekday.

Times of the plan are times on the wall clock. On the two odd nights of a year they become instants by one monotone
rule: a time that the clock skips means the moment of the skip, a time that the clock shows twice means the first.
So no span ends before it begins, none overlaps the next, and a span that lies in the skipped hour is gone.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MINUTES_OF_DAY: Final = 24 * 60
MINUTES_OF_WEEK: Final = 7 * MINUTES_OF_DAY
_ONE_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """A span of a weekday (Monday is 0); one that closes at or before it opens ends on the next day."""

    weekday: int
    opens: time
    closes: time

    @property
    def start(self) -> int:
        """Minutes from Monday 00:00."""
        return self.weekday * MINUTES_OF_DAY + self.opens.hour * 60 + self.opens.minute

    @property
    def length(self) -> int:
        """Minutes, 1 to 1440."""
        opens = self.opens.hour * 60 + self.opens.minute
        closes = self.closes.hour * 60 + self.closes.minute
        return (closes - opens) % MINUTES_OF_DAY or MINUTES_OF_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptional:
    """A date that differs from its weekday; without times it is closed."""

    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides whether a calendar is open. `holidays` are those that it observes."""

    zone: ZoneInfo
    hours: Sequence[WeeklyHours]
    exceptions: Mapping[date, Exceptional] = field(default_factory=dict)
    holidays: Container[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `opens` until just before `closes`; aware, in the calendar's zone."""

    opens: datetime
    closes: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.opens.astimezone(UTC) <= at.astimezone(UTC) < self.closes.astimezone(UTC)


def open_spans(plan: Plan, day: date) -> list[Span]:
    """The spans that begin on `day`, in their order; the last may end on the day after."""
    spans = (_span(plan.zone, day, opens, closes) for opens, closes in sorted(_times(plan, day)))
    return [span for span in spans if span.opens.astimezone(UTC) < span.closes.astimezone(UTC)]


def is_open(plan: Plan, at: datetime) -> bool:
    """Whether the calendar is open at an (aware) moment."""
    today = at.astimezone(plan.zone).date()
    return any(at in span for day in (today - _ONE_DAY, today) for span in open_spans(plan, day))


def overlap(hours: Sequence[WeeklyHours]) -> tuple[int, int] | None:
    """Positions of two spans that overlap, the smaller first; None when none do.

    The week is a circle: a span of Sunday may run into one of Monday.
    """
    order = sorted(range(len(hours)), key=lambda index: hours[index].start)
    for place, index in enumerate(order):
        following = order[(place + 1) % len(order)]
        distance = (hours[following].start - hours[index].start) % MINUTES_OF_WEEK
        if following != index and distance < hours[index].length:
            return min(index, following), max(index, following)
    return None


def _times(plan: Plan, day: date) -> list[tuple[time, time]]:
    exception = plan.exceptions.get(day)
    if exception is not None:
        return [(exception.opens, exception.closes)] if exception.opens and exception.closes else []
    if day in plan.holidays:
        return []
    return [(span.opens, span.closes) for span in plan.hours if span.weekday == day.weekday()]


def _span(zone: ZoneInfo, day: date, opens: time, closes: time) -> Span:
    end = day if closes > opens else day + _ONE_DAY
    return Span(
        moment(zone, datetime.combine(day, opens)),
        moment(zone, datetime.combine(end, closes)),
    )


def moment(zone: ZoneInfo, wall: datetime) -> datetime:
    """The moment at which a clock on the wall in `zone` shows (naive) `wall`; see the module's first lines."""
    early = wall.replace(tzinfo=zone, fold=0)
    instant = early.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    # PEP 495: in a gap fold=0 takes the offset before the skip and lands after it, fold=1 the other way round.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    # Transitions stand at whole seconds in the time zone database; the search ends within one of it.
    return after.replace(microsecond=0).astimezone(zone)
