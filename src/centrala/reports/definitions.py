"""The published definitions: what each measure is in SQL, and what it is in words.

A measure is a `part` and perhaps a `whole` of one visit. The number is the sum of the parts, or by a whole the quotient
of the sums, or the largest part. The rows behind a number are the visits whose part or whole is not nothing; card,
table, export and rows are all made from this one table. Texts: `texts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, not_, or_, select, text
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


@dataclass(frozen=True, slots=True)
class Source:
    """What the formulas read: of one visit, or of many visits that are alike in all that the formulas ask.

    Reading a million visits, PostgreSQL first puts alike ones together and then asks the formulas of some hundred
    groups; of a single visit the same formulas give its share of the number.
    """

    via: Any
    result: Any
    is_short: Any
    in_time: Any
    transferred: Any
    decided: Any  # whether FCR can be told of it
    resolved: Any
    count: Any
    wait: Any
    longest: Any
    talk: Any
    hold: Any
    wrap_up: Any
    marks: Any  # on the scale from 1 to 5: sum, and how many
    marked: Any
    marks_10: Any
    marked_10: Any


ALIKE: Final = ("via", "result", "is_short", "in_time", "transferred", "decided", "resolved")
SUMS: Final = ("wait", "talk", "hold", "wrap_up", "marks", "marked", "marks_10", "marked_10")


def single(limits: Limits, now: datetime) -> Source:
    """One visit. `now` decides for which contacts the days of FCR have passed."""
    days = timedelta(days=limits.repeat_days)
    decided = and_(V.closing, V.known, V.via != Via.OUTGOING, V.entered_at <= now - days)
    return Source(
        via=V.via,
        result=V.result,
        is_short=V.wait < round(limits.short * 1000),
        in_time=V.wait <= round(limits.target * 1000),
        transferred=V.transferred,
        decided=decided,
        resolved=and_(decided, or_(V.next_at.is_(None), V.next_at > V.entered_at + days)),
        count=literal(1, Integer),
        wait=V.wait,
        longest=V.wait,
        talk=V.talk,
        hold=V.hold,
        wrap_up=V.wrap_up,
        marks=amount_if(V.rating, *_rated(5)),
        marked=amount_if(literal(1, Integer), *_rated(5)),
        marks_10=amount_if(V.rating, *_rated(10)),
        marked_10=amount_if(literal(1, Integer), *_rated(10)),
    )


def _rated(scale: int) -> tuple[Condition, Condition]:
    return V.rating.is_not(None), V.rating_scale == scale


def together(
    one: Source, key: ColumnElement[Any] | None, where: Sequence[ColumnElement[bool]]
) -> tuple[Source, ColumnElement[Any] | None]:
    """Visits that are alike, put together; with the column by which a report has its rows."""
    alike = [getattr(one, name).label(name) for name in ALIKE]
    sums = [func.sum(getattr(one, name)).label(name) for name in SUMS]
    keys = [] if key is None else [key.label("key")]
    inner = (
        select(*keys, *alike, func.count().label("count"), func.max(one.longest).label("longest"), *sums)
        .where(*where)
        .group_by(*(text(str(number)) for number in range(1, len(keys) + len(alike) + 1)))
        .subquery("alike")
    )
    columns = inner.columns
    source = Source(**{field.name: columns[field.name] for field in fields(Source)})
    return source, None if key is None else columns["key"]


def amount_if(amount: Any, *conditions: Condition) -> ColumnElement[Any]:
    return case((and_(*conditions), amount), else_=literal(0, Integer))


def formulas(of: Source) -> Mapping[Measure, Formula]:
    """Every measure as SQL."""
    queued = of.via.in_([Via.QUEUE, Via.CALLBACK])
    answered, left = and_(queued, of.result == Result.ANSWERED), and_(queued, of.result == Result.LEFT)
    on_line, handled = and_(answered, of.via == Via.QUEUE), of.result == Result.ANSWERED

    def count(*conditions: Condition) -> ColumnElement[Any]:
        return amount_if(of.count, *conditions)

    offered, all_answered = count(queued), count(answered)
    not_short = count(queued, not_(and_(of.result == Result.LEFT, of.is_short)))
    in_time = count(on_line, of.in_time)
    abandoned = count(left, not_(of.is_short))
    waited = and_(queued, not_(and_(of.result == Result.ANSWERED, of.via == Via.CALLBACK)))
    return {
        Measure.OFFERED: Formula(Kind.COUNT, offered),
        Measure.ANSWERED: Formula(Kind.COUNT, all_answered),
        Measure.ABANDONED: Formula(Kind.COUNT, abandoned),
        Measure.SHORT: Formula(Kind.COUNT, count(left, of.is_short)),
        Measure.OVERFLOWED: Formula(Kind.COUNT, count(queued, of.result == Result.OVERFLOWED)),
        Measure.TURNED_AWAY: Formula(Kind.COUNT, count(queued, of.result == Result.TURNED_AWAY)),
        Measure.CALLED_BACK: Formula(Kind.COUNT, count(answered, of.via == Via.CALLBACK)),
        Measure.SERVICE_LEVEL_OFFERED: Formula(Kind.RATIO, in_time, offered),
        Measure.SERVICE_LEVEL_WITHOUT_SHORT: Formula(Kind.RATIO, in_time, not_short),
        Measure.SERVICE_LEVEL_ANSWERED: Formula(Kind.RATIO, in_time, all_answered),
        Measure.SERVICE_LEVEL_WITH_LEAVERS: Formula(Kind.RATIO, count(or_(on_line, left), of.in_time), offered),
        Measure.ABANDONMENT: Formula(Kind.RATIO, abandoned, not_short),
        Measure.ASA: Formula(Kind.MEAN, amount_if(of.wait, on_line), count(on_line)),
        Measure.LONGEST_WAIT: Formula(Kind.LONGEST, amount_if(of.longest, waited)),
        Measure.AHT: Formula(Kind.MEAN, amount_if(of.talk + of.hold + of.wrap_up, answered), all_answered),
        Measure.TALK: Formula(Kind.MEAN, amount_if(of.talk, answered), all_answered),
        Measure.HOLD: Formula(Kind.MEAN, amount_if(of.hold, answered), all_answered),
        Measure.WRAP_UP: Formula(Kind.MEAN, amount_if(of.wrap_up, answered), all_answered),
        Measure.TRANSFERS: Formula(Kind.COUNT, count(handled, of.transferred)),
        Measure.TRANSFER_RATE: Formula(Kind.RATIO, count(handled, of.transferred), count(handled)),
        Measure.FCR: Formula(Kind.RATIO, count(of.resolved), count(of.decided)),
        Measure.RATING: Formula(Kind.SCORE, of.marks, of.marked),
        Measure.RATING_10: Formula(Kind.SCORE, of.marks_10, of.marked_10),
        Measure.DIRECT: Formula(Kind.COUNT, count(of.via == Via.DIRECT)),
        Measure.OUTGOING: Formula(Kind.COUNT, count(of.via == Via.OUTGOING)),
    }


ON_LINE: Final = and_(V.via == Via.QUEUE, V.result == Result.ANSWERED)
"""Whose waits the percentiles are taken from."""

KINDS: Final[Mapping[Measure, Kind]] = {
    measure: formula.kind for measure, formula in formulas(single(Limits(), datetime(2000, 1, 1, tzinfo=UTC))).items()
}
