"""What is measured, and how: one definition for the simulator, the live board and the reports.

Times are seconds. A contact counts where and when it entered the queue. "Within" includes the limit itself.

| Measure | Definition |
|---|---|
| offered | contacts that entered the queue: answered + abandoned + short + overflowed + turned away |
| answered | an operator took it |
| abandoned | the customer left before an answer after at least `short` seconds |
| short | the customer left earlier than that: wrong numbers, second thoughts |
| overflowed | sent on to another queue, a mailbox, a number |
| turned away | the queue was full, closed, deserted, or the limit of waiting was reached |
| called back | answered, as a call-back (part of answered; its wait is not one on the line and is left out of waits) |
| service level, of offered | answered within T / offered |
| service level, without short | answered within T / (offered - short) |
| service level, of answered | answered within T / answered |
| service level, with early leavers | (answered within T + left within T) / offered |
| abandonment | abandoned / (offered - short) |
| ASA | mean wait of the answered |
| AHT | mean of talk + hold + wrap-up of the answered; each part alone too |
| longest wait | of all who waited, answered or not |
| percentiles | waits of the answered, nearest rank: the smallest wait that p % of them did not exceed |
| occupancy | time with a contact in hand (ringing to end of wrap-up) / time ready or with a contact in hand |

A quotient of nothing is None, not 0: no contacts is no service level.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

PERCENTILES: Final = (50, 80, 90, 95, 99)
MIN_SHORT: Final = 5.0  # seconds: the usual line between a slip and a customer who gave up


class Result(StrEnum):
    """How a contact's time in a queue ended."""

    ANSWERED = "answered"
    LEFT = "left"
    OVERFLOWED = "overflowed"
    TURNED_AWAY = "turned_away"


@dataclass(slots=True, frozen=True)
class ContactRecord:
    """One contact's time in one queue. `wait` ends with the answer or with its going; the rest is of the answered."""

    queue: str
    entered: float
    wait: float
    result: Result
    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    callback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the definitions leave to choose: T of the service level, and what is a short wait."""

    target: float = 20.0
    short: float = MIN_SHORT


@dataclass(slots=True, eq=False)
class Tally:
    """Sums over contacts; tallies with the same limits can be added up."""

    limits: Limits
    answered: int = 0
    abandoned: int = 0
    short: int = 0
    overflowed: int = 0
    turned_away: int = 0
    called_back: int = 0
    answered_in_time: int = 0
    left_in_time: int = 0
    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    longest: float = 0.0
    waits: "array[float]" = field(default_factory=lambda: array("d"))  # of the answered

    def add(self, record: ContactRecord) -> None:
        """Count one contact."""
        if record.result is Result.ANSWERED:
            self.count_answered(record.wait, record.talk, record.hold, record.wrap_up, callback=record.callback)
        else:
            self.count_lost(record.wait, record.result)

    def count_answered(self, wait: float, talk: float, hold: float, wrap_up: float, *, callback: bool) -> None:
        """As `add`, without a record."""
        self.answered += 1
        self.talk += talk
        self.hold += hold
        self.wrap_up += wrap_up
        if callback:
            self.called_back += 1
            return
        self.answered_in_time += wait <= self.limits.target
        self.waits.append(wait)
        self.longest = max(self.longest, wait)

    def count_lost(self, wait: float, result: Result) -> None:
        """As `add`, without a record, for those whom nobody answered."""
        if result is Result.LEFT:
            self.left_in_time += wait <= self.limits.target
            if wait < self.limits.short:
                self.short += 1
            else:
                self.abandoned += 1
        elif result is Result.OVERFLOWED:
            self.overflowed += 1
        else:
            self.turned_away += 1
        self.longest = max(self.longest, wait)

    def merge(self, other: "Tally") -> None:
        """Add another tally to this one. Service levels add up by each tally's own target."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest = max(self.longest, other.longest)
        self.waits.extend(other.waits)


_COUNTS: Final = (
    "answered",
    "abandoned",
    "short",
    "overflowed",
    "turned_away",
    "called_back",
    "answered_in_time",
    "left_in_time",
    "talk",
    "hold",
    "wrap_up",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The measures of the table above; quotients are between 0 and 1."""

    offered: int
    answered: int
    abandoned: int
    short: int
    overflowed: int
    turned_away: int
    called_back: int
    service_level_offered: float | None
    service_level_without_short: float | None
    service_level_answered: float | None
    service_level_with_leavers: float | None
    abandonment: float | None
    asa: float | None
    aht: float | None
    talk: float | None
    hold: float | None
    wrap_up: float | None
    longest_wait: float
    p50: float | None
    p80: float | None
    p90: float | None
    p95: float | None
    p99: float | None


def measures(tally: Tally) -> Measures:
    """The measures of what was counted."""
    answered = tally.answered
    offered = answered + tally.abandoned + tally.short + tally.overflowed + tally.turned_away
    in_time = tally.answered_in_time
    on_line = len(tally.waits)
    p50, p80, p90, p95, p99 = percentiles(tally.waits, PERCENTILES)
    return Measures(
        offered=offered,
        answered=answered,
        abandoned=tally.abandoned,
        short=tally.short,
        overflowed=tally.overflowed,
        turned_away=tally.turned_away,
        called_back=tally.called_back,
        service_level_offered=ratio(in_time, offered),
        service_level_without_short=ratio(in_time, offered - tally.short),
        service_level_answered=ratio(in_time, answered),
        service_level_with_leavers=ratio(in_time + tally.left_in_time, offered),
        abandonment=ratio(tally.abandoned, offered - tally.short),
        asa=ratio(math.fsum(tally.waits), on_line),
        aht=ratio(tally.talk + tally.hold + tally.wrap_up, answered),
        talk=ratio(tally.talk, answered),
        hold=ratio(tally.hold, answered),
        wrap_up=ratio(tally.wrap_up, answered),
        longest_wait=tally.longest,
        p50=p50,
        p80=p80,
        p90=p90,
        p95=p95,
        p99=p99,
    )


def measure(records: Iterable[ContactRecord], limits: Limits) -> Measures:
    """The measures of these contacts."""
    tally = Tally(limits)
    for record in records:
        tally.add(record)
    return measures(tally)


def ratio(part: float, whole: float) -> float | None:
    """A quotient; None when there is nothing to divide by."""
    return part / whole if whole > 0 else None


def occupancy(in_hand: float, available: float) -> float | None:
    """Seconds with a contact in hand by seconds ready or with a contact in hand."""
    return ratio(in_hand, available)


def percentiles(values: Iterable[float], wanted: Sequence[int]) -> list[float | None]:
    """Nearest rank: the smallest value that at least p % do not exceed; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return [None] * len(wanted)
    return [ordered[max(0, math.ceil(len(ordered) * p / 100) - 1)] for p in wanted]
