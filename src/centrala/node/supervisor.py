"""Performs what `machine` decides: one loop over signals, the output of the processes and deadlines.

Single-threaded and without asyncio on purpose: the supervisor must stay small, must not be held up by anything, and
starts children that are told to die with the thread that made them.
"""

import json
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from centrala.kit.logging import get_logger
from centrala.kit.settings import ProcessState
from centrala.node.errors import REFUSED, ChildRefused, StartRefused
from centrala.node.machine import Effect, Event, Fleet, Order
from centrala.node.running import READ, Member, Running

POLL: Final = 0.02  # seconds between questions to a process that cannot tell that it is ready
HOPELESS_AFTER: Final = 3  # deaths in a row of one process before the node was ever ready
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

log = get_logger(__name__)


class GaveUp(RuntimeError):
    """A process died again and again before the node was ever ready."""


class Supervisor:
    """Runs the members until it is told to stop."""

    def __init__(
        self,
        members: Iterable[Member],
        *,
        status_file: Path,
        write: Callable[[bytes], None],
        on_ready: Callable[[], None],
    ) -> None:
        """`write` gets the lines of all processes; `on_ready` is called once, when everything is up."""
        self._members = {member.spec.name: member for member in members}
        self._fleet = Fleet.of(member.spec for member in self._members.values())
        self._running: dict[str, Running] = {}
        self._status_file = status_file
        self._write = write
        self._on_ready = on_ready
        self._was_ready = False
        self._failure: Exception | None = None
        self._selector = selectors.DefaultSelector()
        self._told: list[tuple[object, ...]] = []

    def run(self) -> None:
        """Returns after an orderly stop; raises `StartRefused` or `GaveUp` after a start that failed."""
        with _woken_by_signals() as wake:
            self._selector.register(wake, selectors.EVENT_READ, lambda: self._on_signals(os.read(wake, READ)))
            self._perform(self._fleet.start(now=time.monotonic()))
            while not self._fleet.stopped:
                self._turn()
        self._tell_status()
        if self._failure is not None:
            raise self._failure

    def _turn(self) -> None:
        self._tell_status()
        for key, _ in self._selector.select(self._timeout()):
            key.data()
        self._reap()
        self._see_who_is_ready()
        self._perform(self._fleet.tick(now=time.monotonic()))
        if self._fleet.ready and not self._was_ready:
            self._was_ready = True
            self._tell_status()
            self._on_ready()

    def _timeout(self) -> float | None:
        deadline = self._fleet.deadline
        waits = [] if deadline is None else [max(0.0, deadline - time.monotonic())]
        if any(self._starts(name) and self._members[name].is_ready for name in self._running):
            waits.append(POLL)
        return min(waits, default=None)

    def _starts(self, name: str) -> bool:
        return self._fleet.processes[name].state is ProcessState.STARTING

    def _on_signals(self, numbers: bytes) -> None:
        if any(number in STOP_SIGNALS for number in numbers):
            log.info("Stopping.", by_force=self._fleet.stopping)
            self._perform(self._fleet.stop(now=time.monotonic()))

    def _see_who_is_ready(self) -> None:
        for name, running in list(self._running.items()):
            asks = self._members[name].is_ready
            if self._starts(name) and (running.said_ready or (asks is not None and asks(running.pid))):
                self._feed(name, Event.READY)

    def _reap(self) -> None:
        for name, running in list(self._running.items()):
            code = running.process.poll()
            if code is not None:
                del self._running[name]
                running.bury()
                self._on_end(name, code, running)

    def _on_end(self, name: str, code: int, running: Running) -> None:
        process = self._fleet.processes[name]
        if process.spec.once and code == 0:
            self._feed(name, Event.FINISHED)
            self._release(name)
            return
        if process.state is not ProcessState.STOPPING:
            log.warning("A process died.", name=name, pid=running.pid, code=code)
        self._feed(name, Event.DIED)
        if not self._was_ready and not self._fleet.stopping:
            self._consider_giving_up(name, code, running)

    def _consider_giving_up(self, name: str, code: int, running: Running) -> None:
        member = self._members[name]
        words = running.lines.last[-1] if running.lines.last else "it said nothing"
        if code == REFUSED and member.tells_refusals:
            self._failure = ChildRefused(words)
        elif member.vital or self._fleet.processes[name].deaths >= HOPELESS_AFTER:
            self._failure = GaveUp(f"The process {name} ended with {code}: {words}")
        else:
            return
        self._perform(self._fleet.stop(now=time.monotonic()))

    def _feed(self, name: str, event: Event) -> None:
        self._perform(self._fleet.feed(name, event, now=time.monotonic()))

    def _perform(self, orders: list[Order]) -> None:
        for name, effect in orders:
            if effect is Effect.SPAWN:
                self._spawn(name)
            elif name in self._running:
                number = self._running[name].signal()
                if effect is Effect.KILL:
                    log.warning("A process is stopped by force.", name=name, signal=number.name)

    def _spawn(self, name: str) -> None:
        member = self._members[name]
        held = member.held_until is not None and not self._fleet.processes[member.held_until].done
        try:
            running = Running(member, selector=self._selector, write=self._write, held=held)
        except (OSError, StartRefused) as error:
            # As good as a death: the disk may be full or memory short, and it is tried again.
            log.exception("A process cannot be started.", name=name)
            self._feed(name, Event.DIED)
            if not self._was_ready and not self._fleet.stopping:
                self._failure = error
                self._perform(self._fleet.stop(now=time.monotonic()))
            return
        self._running[name] = running
        log.info("A process started.", name=name, pid=running.pid)

    def _release(self, done: str) -> None:
        for name, running in self._running.items():
            if self._members[name].held_until == done:
                running.release()

    def _tell_status(self) -> None:
        shift = time.time() - time.monotonic()
        processes = [
            {
                "name": name,
                "state": process.state,
                "since": round(process.since + shift, 1),
                "restarts": process.restarts,
                "pid": self._running[name].pid if name in self._running else None,
            }
            for name, process in self._fleet.processes.items()
            if not process.done
        ]
        told: list[tuple[object, ...]] = [(one["name"], one["state"], one["pid"]) for one in processes]
        if told == self._told:
            return
        self._told = told
        text = json.dumps(processes)
        draft = self._status_file.with_suffix(".draft")
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(self._status_file)
        except OSError as error:  # a full disk must not end the supervisor
            log.exception("The status cannot be written.", reason=error.strerror)


@contextmanager
def _woken_by_signals() -> Iterator[int]:
    """A descriptor on which the number of each signal arrives as a byte."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    before = {number: signal.getsignal(number) for number in (*STOP_SIGNALS, signal.SIGCHLD)}
    for number in before:
        signal.signal(number, lambda *_: None)
    previous = signal.set_wakeup_fd(writes, warn_on_full_buffer=False)
    try:
        yield reads
    finally:
        signal.set_wakeup_fd(previous)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reads)
        os.close(writes)
