"""`centrala serve`: checks what must hold, puts the members together and supervises them."""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Final

from centrala.kit import logging
from centrala.kit.settings import Folders
from centrala.node import checks
from centrala.node.assembly import embedded, media_control
from centrala.node.child import Launch
from centrala.node.errors import StartRefused
from centrala.node.lock import FolderLock
from centrala.node.machine import Spec
from centrala.node.media_ping import answers
from centrala.node.output import for_terminal
from centrala.node.postgres import EmbeddedPostgres
from centrala.node.running import Member
from centrala.node.settings import Settings, load
from centrala.node.supervisor import Supervisor

RECOVERY_LIMIT: Final = 600.0  # seconds; replaying the log after a crash takes long on a slow disk
WORKER_NICENESS: Final = 10  # long computations must not be heard in calls
# Shares of node.stop_seconds: first app and worker, then media, then the store.
STOP_SHARES: Final = {"app": 0.6, "worker": 0.6, "crowd": 0.3, "media": 0.15, "prepare": 0.6, "postgres": 0.25}


def serve(data: Path, config: Path | None, *, demo: bool = False) -> None:
    """Run the node until it is told to stop. Raises `StartRefused` or `GaveUp` when it cannot start."""
    started = time.monotonic()
    settings = load(data, config)
    folders = checks.ready_folder(data)
    lock = FolderLock.take(folders.data)
    checks.enough_space(folders.data, settings.storage)
    write = line_writer(sys.stderr.buffer)
    logging.set_up(process="node", level=settings.log.level, stream=Sink(write))
    with checks.listening(settings.web.host, settings.web.port) as web:
        arguments = ("--data", str(folders.data), *(("--config", str(config.absolute())) if config else ()))
        supervisor = Supervisor(
            members(settings, folders, arguments, listen=web.fileno(), demo=demo),
            status_file=folders.process_status,
            write=write,
            on_ready=partial(announce, settings, folders, started),
        )
        try:
            supervisor.run()
        finally:
            lock.release()


def members(
    settings: Settings, folders: Folders, arguments: tuple[str, ...], *, listen: int, demo: bool
) -> list[Member]:
    """The processes of this node."""
    server = embedded(settings, folders)
    first = [] if server is None else [postgres(server, _limit(settings, "postgres"))]
    needs = frozenset(member.spec.name for member in first)
    shown = ("--demo",) if demo else ()
    crowd = [python_member("crowd", settings, folders, arguments)] if demo else []
    return [
        *first,
        Member(
            spec=Spec(
                name="prepare",
                after=needs,
                once=True,
                start_limit=None,  # a migration takes as long as it takes
                stop_limit=_limit(settings, "prepare"),
                stop_phase=2,
            ),
            launch=partial(_python, folders, "prepare", (*arguments, *shown)),
        ),
        Member(
            spec=Spec(name="media", stop_limit=_limit(settings, "media"), stop_phase=1),
            launch=partial(media, settings, folders),
            is_ready=lambda _: answers(media_control(folders)),
            tells_refusals=False,
        ),
        python_member("app", settings, folders, (*arguments, *shown, "--listen-fd", str(listen)), inherited=(listen,)),
        python_member("worker", settings, folders, arguments),
        *crowd,
    ]


def postgres(server: EmbeddedPostgres, stop_limit: float) -> Member:
    """The embedded database server."""

    def launch(_: int) -> Launch:
        server.prepare()
        return server.launch()

    return Member(
        spec=Spec(name="postgres", start_limit=RECOVERY_LIMIT, stop_limit=stop_limit, stop_phase=0),
        launch=launch,
        is_ready=server.is_ready,
        # Fast shutdown, then immediate (the next start recovers), then by force.
        signals=(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL),
        vital=True,
        tells_refusals=False,
    )


def python_member(
    name: str, settings: Settings, folders: Folders, arguments: tuple[str, ...], *, inherited: tuple[int, ...] = ()
) -> Member:
    """App, worker or crowd: loads its code at once and goes on when the store is prepared."""
    return Member(
        # No limit for the start: it includes waiting for a migration.
        spec=Spec(name=name, start_limit=None, stop_limit=_limit(settings, name), stop_phase=2),
        launch=partial(_python, folders, f"{name}_process", arguments, niceness=WORKER_NICENESS * (name != "app")),
        held_until="prepare",
        inherited=inherited,
    )


def media(settings: Settings, folders: Folders, _: int) -> Launch:
    """The media engine."""
    argv = [
        str(media_program()),
        "serve",
        *("--control", media_control(folders)),
        *("--media-ip", str(settings.media.host)),
        *("--port-min", str(settings.media.first_port), "--port-max", str(settings.media.last_port)),
        *("--webrtc-port", str(settings.media.webrtc_port)),
        *("--grace-seconds", str(settings.media.grace_seconds)),
    ]
    if settings.media.public_address is not None:
        argv += ["--advertised-ip", str(settings.media.public_address)]
    if settings.media.workers is not None:
        argv += ["--workers", str(settings.media.workers)]
    # Politely, so that recordings are finished.
    return Launch(argv=tuple(argv), folder=folders.data, environment=dict(os.environ), when_parent_dies=signal.SIGTERM)


def media_program() -> Path:
    """The binary that pip installs beside our Python."""
    beside = Path(sys.executable).parent / "centrala-media"
    found = beside if beside.exists() else shutil.which("centrala-media")
    if found is None:
        raise StartRefused("The media engine centrala-media is not installed", "Install Centrala anew")
    return Path(found)


def _python(folders: Folders, module: str, arguments: tuple[str, ...], ready: int, *, niceness: int = 0) -> Launch:
    # -P: the data folder must not become a place to load code from.
    argv = (sys.executable, "-P", "-m", "centrala.node.launch", module, *arguments, "--ready-fd", str(ready))
    # Fewer arenas of malloc: its default of eight for each core costs memory and brings an asyncio process nothing.
    environment = {"MALLOC_ARENA_MAX": "2", **os.environ}
    return Launch(argv=argv, folder=folders.data, environment=environment, niceness=niceness)


def _limit(settings: Settings, name: str) -> float:
    return settings.node.stop_seconds * STOP_SHARES[name]


def announce(settings: Settings, folders: Folders, started: float) -> None:
    """The last line of the start: where to open the desk."""
    lines = [f"Centrala is ready after {time.monotonic() - started:.1f} s."]
    # A reader of our output that has gone must not end the centre.
    with contextlib.suppress(OSError):
        files = [file for file in (folders.setup_link, folders.demo_sign_in) if file.exists()]
        lines += [file.read_text(encoding="utf-8").rstrip() for file in files]
        lines.append(f"Open the desk: {settings.web.url}")
        print("\n".join(lines), flush=True)  # noqa: T201 - for the person at the terminal


def line_writer(stream: IO[bytes]) -> Callable[[bytes], None]:
    """Writes lines to `stream`; on a terminal in a form for people."""
    on_terminal = stream.isatty()

    def write(line: bytes) -> None:
        with contextlib.suppress(OSError):
            stream.write((for_terminal(line) if on_terminal else line) + b"\n")
            stream.flush()

    return write


class Sink:
    """A text stream for the log of this process that goes the way of the other processes' lines."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, text: str) -> None:
        if text.strip():
            self._write(text.rstrip("\n").encode())

    def flush(self) -> None:
        """Nothing is kept."""
