"""A started process and our ends of its pipes."""

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from centrala.node.child import Launch, spawn
from centrala.node.machine import Spec
from centrala.node.output import Lines

READ: Final = 65_536  # bytes at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One process of the node: its place in the order of things and how it is started."""

    spec: Spec
    launch: Callable[[int], Launch]
    """Called at each start with a descriptor; the process writes a byte there when it is ready."""
    is_ready: Callable[[int], bool] | None = None
    """Asked with the pid, for a program that cannot write to the descriptor."""
    signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGKILL)
    """The polite one first, then what is sent when time is up."""
    held_until: str | None = None
    """Starts at once, but waits until its standard input ends: when that other process is done."""
    inherited: tuple[int, ...] = ()
    """Descriptors of ours that it needs."""
    vital: bool = False
    """Its first death before the node was ready ends the node."""
    tells_refusals: bool = True
    """Ends with `REFUSED` and a last line for the administrator when it will not start."""


class Running:
    """One life of a member. The selector calls what it needs; nothing here blocks."""

    def __init__(
        self,
        member: Member,
        *,
        selector: selectors.BaseSelector,
        write: Callable[[bytes], None],
        held: bool,
    ) -> None:
        """Start the program; raises OSError when the system does not let us."""
        self._selector = selector
        self._signals = list(member.signals)
        self._ready, tells = os.pipe()
        self._output, takes = os.pipe()
        self.said_ready = False
        self.lines = Lines(member.spec.name, write)
        try:
            self.process = spawn(
                member.launch(tells),
                output=takes,
                standard_input=subprocess.PIPE if held else subprocess.DEVNULL,
                inherited=(tells, *member.inherited),
            )
        except OSError:
            os.close(self._ready)
            os.close(self._output)
            raise
        finally:
            os.close(tells)
            os.close(takes)
        os.set_blocking(self._output, False)
        selector.register(self._output, selectors.EVENT_READ, self._read_output)
        selector.register(self._ready, selectors.EVENT_READ, self._read_ready)

    @property
    def pid(self) -> int:
        return self.process.pid

    def release(self) -> None:
        """Let a held process go on."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()

    def signal(self) -> signal.Signals:
        """Send the next of the member's signals; the last one again when there is no next."""
        number = self._signals.pop(0) if len(self._signals) > 1 else self._signals[0]
        self.process.send_signal(number)
        return number

    def bury(self) -> None:
        """Take the last words of a dead process and close our ends."""
        # Not to the end of the pipe: a grandchild may live on and hold it open.
        with contextlib.suppress(BlockingIOError, ValueError):
            while data := os.read(self._output, READ):
                self.lines.feed(data)
        self.lines.feed(b"")
        self.release()
        for descriptor in (self._output, self._ready):
            self._forget(descriptor)

    def _read_output(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._output, READ)
            self.lines.feed(data)
            if not data:
                self._selector.unregister(self._output)

    def _read_ready(self) -> None:
        self.said_ready = self.said_ready or bool(os.read(self._ready, 1))
        self._selector.unregister(self._ready)

    def _forget(self, descriptor: int) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(descriptor)
        os.close(descriptor)
