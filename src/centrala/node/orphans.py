"""A PostgreSQL that outlived its supervisor, or backends that outlived their postmaster."""

import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

from centrala.node.errors import StartRefused

ORDERLY_LIMIT: Final = 20.0  # seconds from SIGINT to SIGQUIT
IMMEDIATE_LIMIT: Final = 5.0  # seconds from SIGQUIT to SIGKILL, and after that
PIDFILE: Final = "postmaster.pid"


def stop_orphan(cluster: Path) -> None:
    """Stop whatever of PostgreSQL still works in `cluster`; remove a pid file that lies.

    The caller holds the lock of the data folder, so what still runs there has no supervisor.
    """
    pid_file = cluster / PIDFILE
    try:
        pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        pid = None
    if pid is not None and not _works_in(pid, cluster):
        # The number may by now belong to any other process, and PostgreSQL would refuse to start.
        # Its second guard, the shared memory of live backends, does not depend on this file.
        pid_file.unlink(missing_ok=True)
        pid = None
    if pid is not None:
        _end([psutil.Process(pid)], (signal.SIGINT, ORDERLY_LIMIT))
    left = [process for process in psutil.process_iter() if _works_in(process.pid, cluster)]
    if left:
        # Backends of a postmaster that was killed: they notice and leave, if they are not busy.
        _end(left, (signal.SIGQUIT, IMMEDIATE_LIMIT))
        _end(left, (signal.SIGKILL, IMMEDIATE_LIMIT))
    if any(process.is_running() for process in left):
        raise StartRefused(
            f"A PostgreSQL of an earlier run still works in {cluster}",
            "Stop it: " + "kill -9 " + " ".join(str(process.pid) for process in left),
        )


def _works_in(pid: int, cluster: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()) == cluster.resolve()
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _end(processes: Iterable[psutil.Process], step: tuple[signal.Signals, float]) -> None:
    how, limit = step
    alive = [process for process in processes if process.is_running()]
    for process in alive:
        try:
            process.send_signal(how)
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline and any(_lives(process) for process in alive):
        time.sleep(0.01)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
