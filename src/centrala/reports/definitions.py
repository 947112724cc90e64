"""The published definitions: what each measure is in SQL, and what it is in words.

A measure is a `part` and perhaps a `whole` of one visit. The number is the sum of the parts, or by a whole the quotient
of the sums, or the largest part. The rows behind a number are the visits whose part or whole is not nothing; card,
table, export and rows are all made from this one table. Texts: `texts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, case, literal, not_, or_
from sqlalchemy.orm import InstrumentedAttribute

from centrala.reports.core import Result, Via
from centrala.reports.models import VisitRow as V

Condition = ColumnElement[bool] | InstrumentedAttribute[bool]


class Kind(StrEnum):
    """How the number is made of its rows."""

    COUNT = "count"  # the sum of the parts, each 0 or 1
    RATIO = "ratio"  # sum of parts / sum of wholes, 0 to 1
    MEAN = "mean"  # the same of durations: seconds
    LONGEST = "longest"  # the largest part: seconds
    SCORE = "score"  # mean of marks


class Measure(StrEnum):
    """The measures that are made of visits."""

    OFFERED = "offered"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT = "short"
    OVERFLOWED = "overflowed"
    TURNED_AWAY = "turned_away"
    CALLED_BACK = "called_back"
    SERVICE_LEVEL_OFFERED = "service_level_offered"
    SERVICE_LEVEL_WITHOUT_SHORT = "service_level_without_short"
    SERVICE_LEVEL_ANSWERED = "service_level_answered"
    SERVICE_LEVEL_WITH_LEAVERS = "service_level_with_leavers"
    ABANDONMENT = "abandonment"
    ASA = "asa"
    LONGEST_WAIT = "longest_wait"
    AHT = "aht"
    TALK = "talk"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    TRANSFERS = "transfers"
    TRANSFER_RATE = "transfer_rate"
    FCR = "fcr"
    RATING = "rating"
    RATING_10 = "rating_10"
    DIRECT = "direct"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the definitions leave to choose. Seconds, and days of FCR."""

    target: float = 20.0
    short: float = 5.0
    repeat_days: int = 7


@dataclass(frozen=True, slots=True)
class Formula:
    """`part` and `whole` are whole numbers of one visit, never null."""

    kind: Kind
    part: ColumnElement[Any]
    whole: ColumnElement[Any] | None = None

    @property
    def scale(self) -> float:
        """What the stored number is divided by: milliseconds are shown as seconds."""
        return 1000.0 if self.kind in {Kind.MEAN, Kind.LONGEST} else 1.0

    @property
    def behind(self) -> ColumnElement[bool]:
        """Whether a visit stands behind the number."""
        return self.part != 0 if self.whole is None else or_(self.part != 0, self.whole != 0)


def one_if(*conditions: Condition) -> ColumnElement[Any]:
    return case((and_(*conditions), 1), else_=0)


def amount_if(amount: Any, *conditions: Condition) -> ColumnElement[Any]:
    return case((and_(*conditions), amount), else_=literal(0, Integer))


def rated(scale: int) -> tuple[Condition, Condition]:
    return V.rating.is_not(None), V.rating_scale == scale


def formulas(limits: Limits, now: datetime) -> Mapping[Measure, Formula]:
    """Every measure as SQL over `report_visits`. `now` decides for which contacts the days of FCR have passed."""
    target, short = round(limits.target * 1000), round(limits.short * 1000)
    queued = V.via.in_([Via.QUEUE, Via.CALLBACK])
    answered, left = and_(queued, V.result == Result.ANSWERED), and_(queued, V.result == Result.LEFT)
    on_line = and_(answered, V.via == Via.QUEUE)
    is_short, in_time = V.wait < short, V.wait <= target
    offered, all_answered = one_if(queued), one_if(answered)
    not_short = one_if(queued, not_(and_(V.result == Result.LEFT, is_short)))
    in_time_answered = one_if(on_line, in_time)
    abandoned = one_if(left, not_(is_short))
    waited = and_(queued, not_(and_(V.result == Result.ANSWERED, V.via == Via.CALLBACK)))
    days = timedelta(days=limits.repeat_days)
    decided = and_(V.closing, V.known, V.via != Via.OUTGOING, V.entered_at <= now - days)
    resolved = and_(decided, or_(V.next_at.is_(None), V.next_at > V.entered_at + days))
    handled = V.result == Result.ANSWERED
    return {
        Measure.OFFERED: Formula(Kind.COUNT, offered),
        Measure.ANSWERED: Formula(Kind.COUNT, all_answered),
        Measure.ABANDONED: Formula(Kind.COUNT, abandoned),
        Measure.SHORT: Formula(Kind.COUNT, one_if(left, is_short)),
        Measure.OVERFLOWED: Formula(Kind.COUNT, one_if(queued, V.result == Result.OVERFLOWED)),
        Measure.TURNED_AWAY: Formula(Kind.COUNT, one_if(queued, V.result == Result.TURNED_AWAY)),
        Measure.CALLED_BACK: Formula(Kind.COUNT, one_if(answered, V.via == Via.CALLBACK)),
        Measure.SERVICE_LEVEL_OFFERED: Formula(Kind.RATIO, in_time_answered, offered),
        Measure.SERVICE_LEVEL_WITHOUT_SHORT: Formula(Kind.RATIO, in_time_answered, not_short),
        Measure.SERVICE_LEVEL_ANSWERED: Formula(Kind.RATIO, in_time_answered, all_answered),
        Measure.SERVICE_LEVEL_WITH_LEAVERS: Formula(Kind.RATIO, one_if(or_(on_line, left), in_time), offered),
        Measure.ABANDONMENT: Formula(Kind.RATIO, abandoned, not_short),
        Measure.ASA: Formula(Kind.MEAN, amount_if(V.wait, on_line), one_if(on_line)),
        Measure.LONGEST_WAIT: Formula(Kind.LONGEST, amount_if(V.wait, waited)),
        Measure.AHT: Formula(Kind.MEAN, amount_if(V.talk + V.hold + V.wrap_up, answered), all_answered),
        Measure.TALK: Formula(Kind.MEAN, amount_if(V.talk, answered), all_answered),
        Measure.HOLD: Formula(Kind.MEAN, amount_if(V.hold, answered), all_answered),
        Measure.WRAP_UP: Formula(Kind.MEAN, amount_if(V.wrap_up, answered), all_answered),
        Measure.TRANSFERS: Formula(Kind.COUNT, one_if(handled, V.transferred)),
        Measure.TRANSFER_RATE: Formula(Kind.RATIO, one_if(handled, V.transferred), one_if(handled)),
        Measure.FCR: Formula(Kind.RATIO, one_if(resolved), one_if(decided)),
        Measure.RATING: Formula(Kind.SCORE, amount_if(V.rating, *rated(5)), one_if(*rated(5))),
        Measure.RATING_10: Formula(Kind.SCORE, amount_if(V.rating, *rated(10)), one_if(*rated(10))),
        Measure.DIRECT: Formula(Kind.COUNT, one_if(V.via == Via.DIRECT)),
        Measure.OUTGOING: Formula(Kind.COUNT, one_if(V.via == Via.OUTGOING)),
    }


ON_LINE: Final = and_(V.via == Via.QUEUE, V.result == Result.ANSWERED)
"""Whose waits the percentiles are taken from."""

KINDS: Final[Mapping[Measure, Kind]] = {
    measure: formula.kind for measure, formula in formulas(Limits(), datetime(2000, 1, 1, tzinfo=UTC)).items()
}
