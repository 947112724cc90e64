"""What happens at fixed moments: shifts, breaks and opening hours as a list of events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from enum import IntEnum
from typing import Final

from centrala.routing.simulate.scenario import Day, Hours, OperatorsIn, Scenario

DAY: Final = 86_400.0  # seconds
MINUTE: Final = 60.0  # seconds


class Step(IntEnum):
    """Of a roster; of two at one moment the lower comes first, so one shift can follow another at once."""

    SIGN_OUT = 0
    CLOSE = 1
    OPEN = 2
    SIGN_IN = 3
    BREAK = 4
    BACK = 5


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    at: float
    step: Step
    name: str  # operator or queue
    reason: str = ""


def planned(scenario: Scenario) -> list[Planned]:
    """All steps in order."""
    steps = [
        step for group in scenario.operators for place in range(group.count) for step in _shifts(scenario, group, place)
    ]
    for queue in scenario.queue:
        if queue.hours:
            steps.append(Planned(0.0, Step.CLOSE, queue.name))
            for begins, ends in spans(scenario, queue.hours):
                steps.append(Planned(begins, Step.OPEN, queue.name))
                steps.append(Planned(ends, Step.CLOSE, queue.name))
    return sorted(steps)


def people(group: OperatorsIn) -> list[str]:
    """The operators' names: the group's, with numbers when there are several."""
    return [group.name] if group.count == 1 else [f"{group.name} {number}" for number in range(1, group.count + 1)]


def spans(scenario: Scenario, hours: Sequence[Hours]) -> Iterator[tuple[float, float]]:
    """Beginnings and ends in seconds; a span that began the evening before the first day is there too."""
    days = list(Day)
    for day in range(-1, scenario.days):
        weekday = days[(scenario.start + timedelta(days=day)).weekday()]
        for span in hours:
            if weekday in span.days:
                begins, ends = _span(span, day)
                if ends > 0:
                    yield max(0.0, begins), ends


def _span(span: Hours, day: int) -> tuple[float, float]:
    begins = day * DAY + _seconds(span.opens)
    ends = day * DAY + _seconds(span.closes)
    return begins, ends if ends > begins else ends + DAY


def _shifts(scenario: Scenario, group: OperatorsIn, place: int) -> Iterator[Planned]:
    name = people(group)[place]
    days = list(Day)
    for day in range(-1, scenario.days):
        weekday = days[(scenario.start + timedelta(days=day)).weekday()]
        for shift in group.shifts:
            if weekday not in shift.days:
                continue
            begins, ends = _span(shift, day)
            if ends <= 0:
                continue
            yield Planned(max(0.0, begins), Step.SIGN_IN, name)
            yield Planned(ends, Step.SIGN_OUT, name)
            for pause in shift.breaks:
                at = day * DAY + _seconds(pause.at) + place * pause.stagger * MINUTE
                at += DAY if at < begins else 0.0
                if max(0.0, begins) < at < ends:
                    yield Planned(at, Step.BREAK, name, pause.reason)
                    yield Planned(min(ends, at + pause.minutes * MINUTE), Step.BACK, name)


def _seconds(at: time) -> float:
    return at.hour * 3600.0 + at.minute * MINUTE + at.second
