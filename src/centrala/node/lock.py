"""One instance on one data folder."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from centrala.node.errors import StartRefused

FILE: Final = "lock"
TRIES: Final = 5
PAUSE: Final = 0.05  # seconds between them


class Locked(StartRefused):
    """Another process holds the data folder."""

    def __init__(self, data: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"Centrala already runs on {data} ({who})",
            f"Stop it (kill {pid or '<pid>'}), or use another folder with --data",
        )
        self.pid = pid


class FolderLock:
    """Held until `release` or the end of the process, however it ends; the file stays."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, data: Path) -> "FolderLock":
        """Raises `Locked` naming the holder."""
        descriptor = os.open(data / "run" / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Tried for a moment: `holder` takes the lock too, and lets it go at once.
        for _ in range(TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(PAUSE)
        else:
            holder = os.pread(descriptor, 20, 0).strip()
            os.close(descriptor)
            raise Locked(data, int(holder) if holder.isdigit() else None)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        os.close(self._descriptor)


def holder(data: Path) -> int | None:
    """The process that runs on this folder (0 when it does not say), or None."""
    try:
        descriptor = os.open(data / "run" / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(descriptor, 20, 0).strip()
        return int(pid) if pid.isdigit() else 0
    finally:
        os.close(descriptor)
    return None
