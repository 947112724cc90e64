"""Whether a figure is beyond its threshold; it has to come well back before the alarm ends, so that none chatters."""

from collections.abc import Iterator
from typing import Final

from centrala.routing.schemas import Thresholds
from centrala.routing.schemas_work import BoardQueue, Measure

BACK: Final = 0.8  # share of a threshold that a figure must fall to
LEVEL_BACK: Final = 0.02  # service level that must be won back
PATIENCE: Final = {Measure.FREE: 15.0}  # seconds that it must last: nobody free for a moment is how busy people work
MIN_CONTACTS: Final = 10  # of today, before a service level says anything


def figures(row: BoardQueue, now: float) -> Iterator[tuple[Measure, float]]:
    """What can be watched, as far as it can be told now."""
    yield Measure.WAITING, float(row.waiting)
    yield Measure.LONGEST_WAIT, now - row.longest_since.timestamp() if row.longest_since is not None else 0.0
    yield Measure.ABANDONED, float(row.abandoned)
    if row.service_level is not None and row.offered >= MIN_CONTACTS:
        yield Measure.SERVICE_LEVEL, row.service_level
    if row.open:
        yield Measure.FREE, float(row.ready)


def beyond(measure: Measure, value: float, threshold: float, *, alarmed: bool) -> bool:
    """Whether there is to be an alarm; `alarmed`: whether there is one now."""
    if measure is Measure.SERVICE_LEVEL:
        return value < threshold + (LEVEL_BACK if alarmed else 0.0)
    if measure is Measure.FREE:
        return value < threshold
    return value > threshold * BACK if alarmed else value >= threshold


def watched(thresholds: Thresholds) -> dict[Measure, float]:
    """The thresholds that are set."""
    return {
        measure: float(limit) for measure in Measure if (limit := getattr(thresholds, measure.value, None)) is not None
    }
