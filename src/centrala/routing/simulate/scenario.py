"""The scenario file: TOML tables to checked objects; every mistake is named with file, key and what is allowed."""

import tomllib
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from centrala.routing.core.settings import Channel, Strategy, TargetKind

MAX_DAYS: Final = 400  # of one simulation
MAX_OPERATORS: Final = 10_000  # of one group
MAX_PER_DAY: Final = 5_000_000  # contacts of one stream
MINUTES_OF_DAY: Final = 24 * 60


class ScenarioWrong(Exception):
    """The file can not be used; the message has a line for each mistake."""


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Seconds = Annotated[float, Field(ge=0, le=86_400)]
Length = Annotated[float, Field(gt=0, le=86_400)]
Share = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[int, Field(ge=1, le=10)]
Rank = Annotated[int, Field(ge=0, le=99)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Day(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


EVERY_DAY: Final = tuple(Day)


class Constant(Table):
    kind: Literal["constant"]
    value: Seconds


class Uniform(Table):
    kind: Literal["uniform"]
    least: Seconds
    most: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.least > self.most:
            raise ValueError("`least` must not be above `most`")
        return self


class Exponential(Table):
    kind: Literal["exponential"]
    mean: Length


class Lognormal(Table):
    """`mean` and `deviation` are those of the times themselves, not of their logarithms."""

    kind: Literal["lognormal"]
    mean: Length
    deviation: Length


class Gamma(Table):
    kind: Literal["gamma"]
    mean: Length
    deviation: Length


Distribution = Annotated[Constant | Uniform | Exponential | Lognormal | Gamma, Field(discriminator="kind")]


class TargetIn(Table):
    kind: TargetKind
    value: str = ""


class RelaxIn(Table):
    after: Seconds
    levels_down: Annotated[int, Field(ge=0, le=9)] = 0
    drop_skills: bool = False
    drop_language: bool = False
    max_rank: Rank | None = None


class OverflowIn(Table):
    to: TargetIn
    after: Seconds | None = None
    place: Annotated[int, Field(ge=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.after is None) == (self.place is None):
            raise ValueError("give `after` (seconds) or `place` (contacts before it), one of the two")
        return self


class Hours(Table):
    """A span of the days named; one that ends at or before its beginning ends on the next day."""

    opens: Annotated[time, Field(alias="from")]
    closes: Annotated[time, Field(alias="to")]
    days: tuple[Day, ...] = EVERY_DAY


class QueueIn(Table):
    name: Name
    strategy: Strategy = Strategy.LONGEST_IDLE
    target: Length = 20.0
    ring: Length = 20.0
    wrap_up_limit: Seconds = 3600.0
    language_level: Annotated[int, Field(ge=1, le=6)] = 1
    max_rank: Rank | None = None
    steps: Annotated[tuple[RelaxIn, ...], Field(max_length=10)] = ()
    last_operator_first: bool = False
    last_operator_wait: Seconds = 0.0
    overflow: Annotated[tuple[OverflowIn, ...], Field(max_length=10)] = ()
    max_length: Annotated[int, Field(ge=0, le=100_000)] | None = None
    full: TargetIn = TargetIn(kind=TargetKind.HANG_UP)
    max_wait: Length | None = None
    too_long: TargetIn = TargetIn(kind=TargetKind.HANG_UP)
    no_operator: TargetIn | None = None
    no_operator_after: Seconds = 0.0
    closed: TargetIn = TargetIn(kind=TargetKind.HANG_UP)
    serve_out: bool = True
    hours: tuple[Hours, ...] = ()  # none: always open
    callback_after: Seconds | None = None
    callback_expected: Length | None = None
    callback_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    callback_pause: Length = 600.0
    max_on_break: Annotated[int, Field(ge=0)] | None = None


class BreakIn(Table):
    at: time
    minutes: Annotated[float, Field(gt=0, le=480)]
    stagger: Annotated[float, Field(ge=0, le=480)] = 0.0  # minutes by which each next person of the group goes later
    reason: str = "break"


class ShiftIn(Hours):
    breaks: tuple[BreakIn, ...] = ()


class OperatorsIn(Table):
    """A group of people with the same abilities and shifts."""

    name: Name
    count: Annotated[int, Field(ge=1, le=MAX_OPERATORS)] = 1
    queues: Annotated[dict[str, Rank], Field(min_length=1)]
    skills: dict[str, Level] = {}
    languages: dict[str, Annotated[int, Field(ge=1, le=6)]] = {}
    capacity: dict[Channel, Annotated[int, Field(ge=1, le=20)]] = {Channel.VOICE: 1}
    shifts: Annotated[tuple[ShiftIn, ...], Field(min_length=1)]
    answer: Distribution = Constant(kind="constant", value=0)  # from the ring to the answer
    missed: Share = 0.0  # offers that nobody answers
    back_after: Length = 60.0  # from a pause for not answering until ready again


class RedialIn(Table):
    share: Share
    after: Distribution
    times: Annotated[int, Field(ge=1, le=100)] = 3


class StreamIn(Table):
    """Customers: made up from `per_day` and a profile, or read from `file`."""

    queue: str
    name: Name = "stream"
    channel: Channel = Channel.VOICE
    priority: Annotated[int, Field(ge=-10, le=10)] = 0
    languages: dict[str, Annotated[float, Field(gt=0)]] = {}  # weights
    skills: dict[str, Level] = {}
    per_day: Annotated[float, Field(ge=0, le=MAX_PER_DAY)] | None = None
    profile: tuple[Annotated[float, Field(ge=0)], ...] = (1.0,)  # weights of equal parts of the day
    weekdays: dict[Day, Annotated[float, Field(ge=0, le=100)]] = {}  # factor; 1 for those not named
    file: Path | None = None
    talk: Distribution
    hold: Distribution = Constant(kind="constant", value=0)
    wrap_up: Distribution = Constant(kind="constant", value=0)
    patience: Distribution | None = None  # none: waits for ever
    redial: RedialIn | None = None
    takes_callback: Share = 0.0
    answers_callback: Share = 1.0

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.per_day is None) == (self.file is None):
            raise ValueError("give `per_day` or `file`, one of the two")
        if MINUTES_OF_DAY % len(self.profile):
            raise ValueError("`profile` has as many weights as parts of a day: a divisor of 1440, such as 24, 48 or 96")
        if self.per_day and not sum(self.profile):
            raise ValueError("`profile` needs a weight above 0")
        return self


class Scenario(Table):
    """The whole file."""

    name: Name
    start: date = date(2026, 3, 2)  # a Monday
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1
    seed: int = 1
    interval_minutes: Annotated[int, Field(ge=1, le=MINUTES_OF_DAY)] = 30
    short: Seconds = 5.0
    priority_step: Seconds = 60.0
    rank_step: Seconds = 60.0
    max_on_break: Annotated[int, Field(ge=0)] | None = None
    queue: Annotated[tuple[QueueIn, ...], Field(min_length=1)]
    operators: tuple[OperatorsIn, ...] = ()
    stream: Annotated[tuple[StreamIn, ...], Field(min_length=1)]


def read(path: Path) -> Scenario:
    """Read and check a scenario; raises ScenarioWrong with a line for each mistake."""
    try:
        text = path.read_text(encoding="utf-8")
        plain = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioWrong(f"{path}: can not be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioWrong(f"{path}: this is not TOML: {error}") from error
    try:
        scenario = Scenario.model_validate(plain)
    except ValidationError as error:
        raise ScenarioWrong("\n".join(_line(path, one) for one in error.errors())) from error
    wrong = list(_references(scenario))
    if wrong:
        raise ScenarioWrong("\n".join(f"{path}: {one}" for one in wrong))
    return scenario


def _line(path: Path, error: Any) -> str:
    key = ""
    for part in error["loc"]:
        if isinstance(part, int):
            key += f"[{part + 1}]"
        elif part not in _KINDS:  # the chosen kind of a distribution is no key of the file
            key += f".{part}" if key else str(part)
    if error["type"] == "extra_forbidden":
        return f"{path}: {key}: there is no such key here; allowed are {', '.join(_allowed(error['loc']))}"
    text = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if error["type"] == "missing":
        return f"{path}: {key}: is missing"
    shown = error["input"]
    given = f"; it is {shown!r}" if isinstance(shown, str | int | float | bool) else ""
    return f"{path}: {key or 'file'}: {text}{given}"


_KINDS: Final = ("constant", "uniform", "exponential", "lognormal", "gamma")
_TABLES: Final[dict[str, type[Table]]] = {
    "queue": QueueIn,
    "operators": OperatorsIn,
    "stream": StreamIn,
    "shifts": ShiftIn,
    "breaks": BreakIn,
    "hours": Hours,
    "overflow": OverflowIn,
    "steps": RelaxIn,
    "redial": RedialIn,
    "constant": Constant,
    "uniform": Uniform,
    "exponential": Exponential,
    "lognormal": Lognormal,
    "gamma": Gamma,
    "full": TargetIn,
    "too_long": TargetIn,
    "closed": TargetIn,
    "no_operator": TargetIn,
    "to": TargetIn,
}


def _allowed(place: tuple[str | int, ...]) -> list[str]:
    """The keys of the table in which a key stands."""
    table: type[Table] = Scenario
    for part in place[:-1]:
        table = _TABLES.get(str(part), table)
    return [field.alias or name for name, field in table.model_fields.items()]


def _references(scenario: Scenario) -> list[str]:
    """Names that lead nowhere."""
    queues = [queue.name for queue in scenario.queue]
    known = "known are " + ", ".join(queues)
    wrong = [f"queue[{at + 1}].name: {name!r} twice" for at, name in enumerate(queues) if name in queues[:at]]
    for at, group in enumerate(scenario.operators):
        if group.name in [other.name for other in scenario.operators[:at]]:
            wrong.append(f"operators[{at + 1}].name: {group.name!r} twice")
        wrong += [
            f"operators[{at + 1}].queues.{name}: no such queue; {known}" for name in group.queues if name not in queues
        ]
    for at, stream in enumerate(scenario.stream):
        if stream.queue not in queues:
            wrong.append(f"stream[{at + 1}].queue: no queue {stream.queue!r}; {known}")
    for at, queue in enumerate(scenario.queue):
        targets = [rule.to for rule in queue.overflow] + [queue.full, queue.too_long, queue.closed, queue.no_operator]
        for target in targets:
            if target is not None and target.kind is TargetKind.QUEUE and target.value not in queues:
                wrong.append(f"queue[{at + 1}]: a target names the queue {target.value!r}; {known}")
    return wrong
