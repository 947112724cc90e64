"""Customers in the order of their coming: made up by rate, or read from a recorded day."""

import csv
import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

from centrala.routing.core.settings import Channel
from centrala.routing.simulate.chance import Draw, chance_of, drawer
from centrala.routing.simulate.scenario import Day, Scenario, ScenarioWrong, StreamIn

DAY: Final = 86_400.0  # seconds
COLUMNS: Final = ("time", "queue", "channel", "language", "priority", "talk", "hold", "wrap_up", "patience")
NEVER: Final = float("inf")


@dataclass(slots=True, eq=False)
class Customer:
    """One person's wish. The times are drawn when the person comes, so that routing does not change them."""

    stream: "Stream"
    queue: str
    channel: Channel
    priority: int
    language: str | None
    talk: float
    hold: float
    wrap_up: float
    patience: float
    attempt: int = 1
    name: str = ""
    entered: float = 0.0
    answered: float = 0.0
    gives_up: float = NEVER
    operator: str = ""
    callback: bool = False


@dataclass(slots=True, eq=False)
class Stream:
    """A stream of the scenario with its draws."""

    given: StreamIn
    talk: Draw
    hold: Draw
    wrap_up: Draw
    patience: Draw
    languages: Callable[[], str | None]
    redial_after: Draw
    chance: Random  # redials and call-backs
    skills: Mapping[str, int] = field(default_factory=dict)

    def customer(self) -> Customer:
        """Somebody new."""
        given = self.given
        return Customer(
            self,
            given.queue,
            given.channel,
            given.priority,
            self.languages(),
            self.talk(),
            self.hold(),
            self.wrap_up(),
            self.patience(),
        )


def make_stream(given: StreamIn, seed: int, number: int) -> Stream:
    def own(what: str) -> Random:
        return chance_of(seed, f"stream {number}", what)

    return Stream(
        given,
        drawer(given.talk, own("talk")),
        drawer(given.hold, own("hold")),
        drawer(given.wrap_up, own("wrap-up")),
        drawer(given.patience, own("patience")) if given.patience else lambda: NEVER,
        _languages(given.languages, own("language")),
        drawer(given.redial.after, own("redial")) if given.redial else lambda: NEVER,
        own("choice"),
        dict(given.skills),
    )


def _languages(weights: Mapping[str, float], chance: Random) -> Callable[[], str | None]:
    if len(weights) < 2:
        only = next(iter(weights), None)
        return lambda: only
    names, sums = list(weights), list(accumulate(weights.values()))
    return lambda: chance.choices(names, cum_weights=sums)[0]


def arrivals(scenario: Scenario, seed: int, folder: Path) -> Iterator[tuple[float, Customer]]:
    """Everybody who comes, in order; moments in seconds from the scenario's first midnight."""
    queues = {queue.name for queue in scenario.queue}
    sources = []
    for number, given in enumerate(scenario.stream, start=1):
        stream = make_stream(given, seed, number)
        if given.file is None:
            sources.append(_made_up(stream, scenario, chance_of(seed, f"stream {number}", "arrivals")))
        else:
            sources.append(iter(read_day(folder / given.file, stream, scenario, queues)))
    if len(sources) == 1:
        return sources[0]
    return heapq.merge(*sources, key=lambda pair: pair[0])


def _made_up(stream: Stream, scenario: Scenario, chance: Random) -> Iterator[tuple[float, Customer]]:
    """A Poisson process whose rate changes with the parts of the day.

    One unit-rate process is stretched by the rate (the time-change theorem), so no gap is cut at a boundary.
    """
    credit = chance.expovariate(1.0)
    for begins, length, rate in _rates(stream.given, scenario):
        if rate <= 0:
            continue
        at, ends = begins, begins + length
        while at + credit / rate < ends:
            at += credit / rate
            yield at, stream.customer()
            credit = chance.expovariate(1.0)
        credit -= (ends - at) * rate


def _rates(given: StreamIn, scenario: Scenario) -> Iterator[tuple[float, float, float]]:
    """Beginning and length in seconds, contacts a second."""
    length = DAY / len(given.profile)
    whole = sum(given.profile)
    days = list(Day)
    for day in range(scenario.days):
        weekday = days[(scenario.start + timedelta(days=day)).weekday()]
        total = (given.per_day or 0.0) * given.weekdays.get(weekday, 1.0)
        for part, weight in enumerate(given.profile):
            yield day * DAY + part * length, length, total * weight / whole / length


def read_day(path: Path, stream: Stream, scenario: Scenario, queues: set[str]) -> list[tuple[float, Customer]]:
    """A recorded day: a CSV file with a heading; `time` is needed, what is missing is drawn from the stream.

    Raises ScenarioWrong with file and line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            unknown = [name for name in rows.fieldnames or () if name not in COLUMNS]
            if unknown or "time" not in (rows.fieldnames or ()):
                raise ScenarioWrong(
                    f"{path}:1: the heading names `time` and any of {', '.join(COLUMNS[1:])}; it has {rows.fieldnames}"
                )
            found = [_row(f"{path}:{rows.line_num}", row, stream, scenario, queues) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioWrong(f"{path}: can not be read: {error}") from error
    return sorted(found, key=lambda pair: pair[0])


def _row(
    place: str, row: Mapping[str, str | None], stream: Stream, scenario: Scenario, queues: set[str]
) -> tuple[float, Customer]:
    customer = stream.customer()
    at = _moment(place, row.get("time") or "", scenario)
    customer.queue = row.get("queue") or customer.queue
    if customer.queue not in queues:
        raise ScenarioWrong(f"{place}: queue: no queue {customer.queue!r}; known are {', '.join(sorted(queues))}")
    if channel := row.get("channel"):
        try:
            customer.channel = Channel(channel)
        except ValueError:
            raise ScenarioWrong(f"{place}: channel: {channel!r} is none of {', '.join(Channel)}") from None
    customer.language = row.get("language") or customer.language
    customer.priority = int(_number(place, row, "priority", customer.priority, least=-10))
    for name in ("talk", "hold", "wrap_up", "patience"):
        setattr(customer, name, _number(place, row, name, getattr(customer, name)))
    return at, customer


def _number(place: str, row: Mapping[str, str | None], name: str, otherwise: float, least: float = 0) -> float:
    text = row.get(name)
    if not text:
        return otherwise
    try:
        value = float(text)
    except ValueError:
        value = NEVER
    if not least <= value <= DAY:
        raise ScenarioWrong(f"{place}: {name}: {text!r} is no number from {least:g} to {DAY:g}")
    return value


def _moment(place: str, text: str, scenario: Scenario) -> float:
    """`08:30`, `08:30:15` of the first day, or `2026-03-02T08:30:15`."""
    midnight = datetime.combine(scenario.start, datetime.min.time())
    try:
        moment = datetime.fromisoformat(text if "T" in text or " " in text else f"{scenario.start}T{text}")
        at = (moment.replace(tzinfo=None) - midnight).total_seconds()
    except ValueError:
        at = -1.0
    if not 0 <= at < scenario.days * DAY:
        raise ScenarioWrong(f"{place}: time: {text!r} is no moment (HH:MM[:SS] or ISO 8601) of the scenario's days")
    return at
