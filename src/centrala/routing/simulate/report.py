"""What a simulation found, as a table for the terminal, CSV or JSON."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from centrala.routing.measures import Limits, Measures, Tally, measures, occupancy
from centrala.routing.simulate.engine import Outcome
from centrala.routing.simulate.scenario import Scenario

TOTAL: Final = "total"
BARS: Final = " ▁▂▃▄▅▆▇█"
HOUR: Final = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of one queue (or all) in one interval (or the whole time)."""

    queue: str
    interval: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class Group:
    """How a group of operators spent its time, hours of all its people."""

    name: str
    people: int
    handled: int
    available_hours: float
    in_hand_hours: float
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class Report:
    scenario: str
    seed: int
    seconds: float  # of the machine
    contacts: int
    redials: int
    decisions: int
    missed_offers: int
    unfinished: int
    rows: list[Row]  # all queues, then each, over the whole time
    intervals: list[Row]
    groups: list[Group]


def report(scenario: Scenario, outcome: Outcome, *, seed: int, seconds: float) -> Report:
    """All measures; a queue's service level goes by its own target, the total's by the target of each."""
    whole = Tally(Limits(short=scenario.short))
    queues = {queue.name: Tally(Limits(target=queue.target, short=scenario.short)) for queue in scenario.queue}
    midnight = datetime.combine(scenario.start, datetime.min.time())
    intervals = []
    for (name, number), tally in sorted(outcome.tallies.items(), key=lambda pair: (pair[0][1], pair[0][0])):
        queues[name].merge(tally)
        whole.merge(tally)
        begins = midnight + timedelta(minutes=number * scenario.interval_minutes)
        intervals.append(Row(name, begins.isoformat(timespec="minutes"), measures(tally)))
    rows = [Row(TOTAL, TOTAL, measures(whole))]
    rows += [Row(name, TOTAL, measures(tally)) for name, tally in queues.items()]
    return Report(
        scenario.name,
        seed,
        seconds,
        outcome.contacts,
        outcome.redials,
        outcome.decisions,
        outcome.missed,
        outcome.unfinished,
        rows,
        intervals,
        list(_groups(scenario, outcome)),
    )


def _groups(scenario: Scenario, outcome: Outcome) -> Iterator[Group]:
    for group in scenario.operators:
        workers = [worker for worker in outcome.workers.values() if worker.group is group]
        busy, available = sum(one.busy for one in workers), sum(one.available for one in workers)
        handled = sum(one.handled for one in workers)
        yield Group(group.name, len(workers), handled, available / HOUR, busy / HOUR, occupancy(busy, available))


def as_json(found: Report) -> str:
    return json.dumps(asdict(found), indent=2, ensure_ascii=False)


def as_csv(found: Report) -> str:
    """One line for each queue and interval, the totals last."""
    text = io.StringIO()
    names = list(Measures.__dataclass_fields__)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["interval", "queue", *names])
    for row in [*found.intervals, *found.rows]:
        values = [getattr(row.measures, name) for name in names]
        writer.writerow([row.interval, row.queue, *(_plain(value) for value in values)])
    return text.getvalue()


def _plain(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4f}"


COLUMNS: Final = (
    ("offered", "offered", "n"),
    ("answered", "answered", "n"),
    ("abandon.", "abandoned", "n"),
    ("short", "short", "n"),
    ("overfl.", "overflowed", "n"),
    ("turned", "turned_away", "n"),
    ("SL", "service_level_without_short", "%"),
    ("ab. %", "abandonment", "%"),
    ("ASA", "asa", "s"),
    ("p95", "p95", "s"),
    ("longest", "longest_wait", "s"),
    ("AHT", "aht", "s"),
)


def as_table(found: Report) -> str:
    """For people at a terminal."""
    lines = [f"{found.scenario} (seed {found.seed})", ""]
    heading = ["queue", *(title for title, _, _ in COLUMNS)]
    table = [heading]
    table += [
        [row.queue, *(_shown(getattr(row.measures, name), unit) for _, name, unit in COLUMNS)] for row in found.rows
    ]
    lines += _aligned(table)
    lines += ["", "SL: answered within the queue's target / (offered - short). Times in seconds.", ""]
    crews = [["operators", "people", "handled", "hours", "occupancy"]]
    crews += [
        [one.name, str(one.people), str(one.handled), f"{one.available_hours:.1f}", _shown(one.occupancy, "%")]
        for one in found.groups
    ]
    lines += _aligned(crews)
    lines += ["", *_curves(found)]
    lines.append(
        f"{found.contacts} contacts ({found.redials} of them redials), {found.decisions} decisions, "
        f"{found.missed_offers} offers missed, {found.unfinished} unfinished; {found.seconds:.1f} s"
    )
    return "\n".join(lines) + "\n"


def _shown(value: Any, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "n":
        return str(value)
    return f"{value * 100:.1f} %" if unit == "%" else f"{value:.1f}"


def _aligned(table: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def _curves(found: Report) -> Iterator[str]:
    """A day at a glance: each queue's offered contacts and service level by interval, folded into one day."""
    names = [row.queue for row in found.rows[1:]]
    times = sorted({row.interval[11:] for row in found.intervals})
    if not times:
        return
    width = max(len(name) for name in names)
    for name in names:
        mine = [row for row in found.intervals if row.queue == name]
        offered = [sum(row.measures.offered for row in mine if row.interval[11:] == at) for at in times]
        top = max([*offered, 1])
        bars = "".join(_bar(value / top) for value in offered)
        yield f"{name.ljust(width)}  offered {bars}  {times[0]} to {times[-1]}"
        levels = [_mean_level([row for row in mine if row.interval[11:] == at]) for at in times]
        yield f"{' ' * width}  SL      {''.join(' ' if level is None else _bar(level) for level in levels)}"
    yield ""


def _mean_level(rows: list[Row]) -> float | None:
    """Service level of several intervals together."""
    counted = [
        (row.measures.service_level_without_short, row.measures.offered - row.measures.short)
        for row in rows
        if row.measures.service_level_without_short is not None
    ]
    whole = sum(weight for _, weight in counted)
    return sum((level or 0.0) * weight for level, weight in counted) / whole if whole else None


def _bar(share: float) -> str:
    return BARS[min(len(BARS) - 1, max(1 if share > 0 else 0, round(share * (len(BARS) - 1))))]
