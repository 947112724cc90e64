"""When to start, restart, stop and kill which process. Pure: events and `now` in, effects out.

One `Process` follows `MOVES`; the `Fleet` keeps the order between them: a process starts when all
of its `after` are up, and stops when all of a later `stop_phase` are gone. Times are monotonic
seconds that the caller brings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from centrala.kit.settings import ProcessState

FIRST_PAUSE: Final = 0.1  # seconds between the first death and the restart; doubles with each more
LONGEST_PAUSE: Final = 30.0  # seconds
MAX_DOUBLINGS: Final = 16
STABLE_AFTER: Final = 60.0  # seconds of running after which earlier deaths are forgotten
KILL_AGAIN: Final = 2.0  # seconds between one forceful signal and the next


class Event(StrEnum):
    """What happens to a process."""

    START = "start"
    READY = "ready"
    FINISHED = "finished"  # a process that runs once has ended well
    DIED = "died"
    OVERDUE = "overdue"  # the deadline of the present state has passed
    STOP = "stop"


class Effect(StrEnum):
    """What is to be done to it."""

    SPAWN = "spawn"
    TERMINATE = "terminate"
    KILL = "kill"


S, E = ProcessState, Event

MOVES: Final[Mapping[tuple[ProcessState, Event], tuple[ProcessState, Effect | None]]] = {
    (S.STOPPED, E.START): (S.STARTING, Effect.SPAWN),
    (S.STOPPED, E.STOP): (S.STOPPED, None),
    (S.STARTING, E.READY): (S.RUNNING, None),
    (S.STARTING, E.FINISHED): (S.STOPPED, None),
    (S.STARTING, E.DIED): (S.WAITING, None),
    (S.STARTING, E.OVERDUE): (S.STARTING, Effect.KILL),
    (S.STARTING, E.STOP): (S.STOPPING, Effect.TERMINATE),
    (S.RUNNING, E.DIED): (S.WAITING, None),
    (S.RUNNING, E.STOP): (S.STOPPING, Effect.TERMINATE),
    (S.WAITING, E.OVERDUE): (S.STARTING, Effect.SPAWN),
    (S.WAITING, E.STOP): (S.STOPPED, None),
    (S.STOPPING, E.READY): (S.STOPPING, None),
    (S.STOPPING, E.FINISHED): (S.STOPPED, None),
    (S.STOPPING, E.DIED): (S.STOPPED, None),
    (S.STOPPING, E.OVERDUE): (S.STOPPING, Effect.KILL),
    (S.STOPPING, E.STOP): (S.STOPPING, Effect.KILL),
}


class ImpossibleMove(RuntimeError):
    """The table has no such move; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What the order of things needs to know of a process."""

    name: str
    after: frozenset[str] = frozenset()
    once: bool = False
    """Runs to its end, and counts as up when that was well."""
    start_limit: float | None = 120.0  # seconds until it must be ready
    stop_limit: float = 20.0  # seconds from the polite signal to the first forceful one
    stop_phase: int = 0
    """Processes of a higher phase are stopped before those of a lower one."""


@dataclass(slots=True)
class Process:
    """One process through its lives."""

    spec: Spec
    state: ProcessState = S.STOPPED
    since: float = 0.0
    deadline: float | None = None
    deaths: int = 0
    """In a row, without a stable run between them."""
    restarts: int = 0
    done: bool = False

    @property
    def up(self) -> bool:
        """Whether others may count on it."""
        return self.done if self.spec.once else self.state is S.RUNNING

    def feed(self, event: Event, *, now: float) -> Effect | None:
        """Make one move; raises `ImpossibleMove` when the table lacks it."""
        try:
            state, effect = MOVES[self.state, event]
        except KeyError:
            raise ImpossibleMove(f"{self.spec.name}: {event} while {self.state}") from None
        self._count(event, effect, now=now)
        if state is not self.state:
            self.state, self.since = state, now
            self.deadline = self._limit(now)
        elif effect is Effect.KILL:
            self.deadline = now + KILL_AGAIN
        return effect

    def _count(self, event: Event, effect: Effect | None, *, now: float) -> None:
        if event is E.DIED:
            if self.state is S.RUNNING and now - self.since >= STABLE_AFTER:
                self.deaths = 0
            self.deaths += 1
        if event is E.FINISHED:
            self.done = True
        if event is E.OVERDUE and effect is Effect.SPAWN:
            self.restarts += 1

    def _limit(self, now: float) -> float | None:
        match self.state:
            case S.STARTING:
                return None if self.spec.start_limit is None else now + self.spec.start_limit
            case S.WAITING:
                doublings = min(self.deaths - 1, MAX_DOUBLINGS)
                return now + min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE)
            case S.STOPPING:
                return now + self.spec.stop_limit
            case _:
                return None


Order = tuple[str, Effect]


@dataclass(slots=True)
class Fleet:
    """All processes of the node."""

    processes: dict[str, Process]
    started: set[str] = field(default_factory=set)
    stopping: bool = False

    @classmethod
    def of(cls, specs: Iterable[Spec]) -> "Fleet":
        return cls({spec.name: Process(spec) for spec in specs})

    @property
    def ready(self) -> bool:
        """Whether everything is up."""
        return not self.stopping and all(process.up for process in self.processes.values())

    @property
    def stopped(self) -> bool:
        """Whether a stop has come to its end."""
        return self.stopping and all(process.state is S.STOPPED for process in self.processes.values())

    @property
    def deadline(self) -> float | None:
        """When `tick` has something to do."""
        return min(
            (process.deadline for process in self.processes.values() if process.deadline),
            default=None,
        )

    def start(self, *, now: float) -> list[Order]:
        """Start what waits for nobody."""
        return self._follow_up(now)

    def feed(self, name: str, event: Event, *, now: float) -> list[Order]:
        """One process has done something."""
        effect = self.processes[name].feed(event, now=now)
        orders = [(name, effect)] if effect else []
        return orders + self._follow_up(now)

    def tick(self, *, now: float) -> list[Order]:
        """Deadlines that have passed."""
        orders: list[Order] = []
        for name, process in self.processes.items():
            if process.deadline is not None and process.deadline <= now:
                effect = process.feed(E.OVERDUE, now=now)
                orders += [(name, effect)] if effect else []
        return orders

    def stop(self, *, now: float) -> list[Order]:
        """Stop everything in order; asked again, by force at once."""
        if self.stopping:
            alive = [name for name, process in self.processes.items() if process.state is S.STOPPING]
            return [order for name in alive for order in self.feed(name, E.STOP, now=now)]
        self.stopping = True
        return self._follow_up(now)

    def _follow_up(self, now: float) -> list[Order]:
        return self._stop_next(now) if self.stopping else self._start_next(now)

    def _start_next(self, now: float) -> list[Order]:
        orders: list[Order] = []
        for name, process in self.processes.items():
            waits = any(not self.processes[other].up for other in process.spec.after)
            if name not in self.started and not waits:
                self.started.add(name)
                effect = process.feed(E.START, now=now)
                orders += [(name, effect)] if effect else []
        return orders

    def _stop_next(self, now: float) -> list[Order]:
        left = [process for process in self.processes.values() if process.state is not S.STOPPED]
        phase = max((process.spec.stop_phase for process in left), default=0)
        orders: list[Order] = []
        for process in left:
            if process.spec.stop_phase == phase and process.state is not S.STOPPING:
                effect = process.feed(E.STOP, now=now)
                orders += [(process.spec.name, effect)] if effect else []
        # What only waited for its restart is stopped without a signal, and so may be its phase.
        return orders if orders or not left or self._pending(phase) else self._stop_next(now)

    def _pending(self, phase: int) -> bool:
        return any(
            process.state is not S.STOPPED and process.spec.stop_phase == phase for process in self.processes.values()
        )
