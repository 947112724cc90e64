"""What app, worker and the preparation have in common: arguments, log, waiting, readiness."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from centrala.kit import logging
from centrala.kit.settings import Folders
from centrala.node.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Given:
    """What the supervisor handed over."""

    settings: Settings
    folders: Folders
    demo: bool
    _ready: int | None
    listen: int | None

    def tell_ready(self) -> None:
        """Tell the supervisor, if there is one, that this process does its work now."""
        if self._ready is not None:
            os.write(self._ready, b".")


def begin(process: str, arguments: Sequence[str] | None = None) -> Given:
    """Read the arguments and the settings, and start the log."""
    parser = argparse.ArgumentParser(prog=f"centrala {process}")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--listen-fd", type=int)
    parser.add_argument("--demo", action="store_true")
    given = parser.parse_args(arguments)
    settings = load(given.data, given.config)
    logging.set_up(process=process, level=settings.log.level, personal=settings.log.personal)
    return Given(settings, Folders(data=given.data), given.demo, given.ready_fd, given.listen_fd)


def wait_for_release() -> None:
    """Return when the supervisor closes our standard input: the store is prepared.

    Until then a process loads its code, so that loading and preparing take place side by side.
    """
    if not sys.stdin.isatty():
        sys.stdin.buffer.read()
