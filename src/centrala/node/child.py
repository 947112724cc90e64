"""How a process of ours starts another one: that it ends with us, and as whom it runs."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class OsUser:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """All that starting a program takes."""

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    user: OsUser | None = None
    when_parent_dies: signal.Signals = signal.SIGKILL
    niceness: int = 0
    """How much it steps back for others, 0 to 19."""


def spawn(
    launch: Launch,
    *,
    output: IO[bytes] | int,
    standard_input: int = subprocess.DEVNULL,
    inherited: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl+C in the terminal reaches only us.

    `inherited` are descriptors it keeps besides the three usual ones.
    """
    user = launch.user
    return subprocess.Popen(  # noqa: S603 - argv is ours
        launch.argv,
        cwd=launch.folder,
        env=launch.environment,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        stdin=standard_input,
        stdout=output,
        stderr=output,
        pass_fds=inherited,
        start_new_session=True,
        preexec_fn=before_exec(launch.when_parent_dies, launch.niceness),  # noqa: PLW1509 - two system calls
    )


def unprivileged_user() -> OsUser | None:
    """As whom PostgreSQL runs, or None for "as ourselves".

    PostgreSQL refuses to run as root, so root hands it to `postgres`, or to `nobody` where no such
    account exists.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return OsUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    return None


def first_closed_folder(path: Path, user: OsUser) -> Path | None:
    """The first folder on the way to `path`, itself included, that `user` may not enter, or None.

    A program at the end of the way must be executable: the same bit of the mode.
    """
    groups = set(os.getgrouplist(user.name, user.gid))
    for folder in [*reversed(path.parents), path]:
        found = folder.stat()
        if found.st_uid == user.uid:
            needed = 0o100
        elif found.st_gid in groups:
            needed = 0o010
        else:
            needed = 0o001
        if not found.st_mode & needed:
            return folder
    return None


def before_exec(how: signal.Signals, niceness: int) -> Callable[[], None]:
    """What the child does between fork and exec: it will get the signal `how` when the thread that starts it ends.

    Only Linux knows such a signal; elsewhere an orphan is dealt with at the next start.
    """
    # Loaded here: between fork and exec nothing may be imported.
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    parent = os.getpid()

    def settle() -> None:
        os.nice(niceness)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return settle
