"""`centrala doctor`: the questions of a start and a few more, asked without changing anything."""

import os
import resource
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import psycopg

from centrala.kit import migrate
from centrala.kit.clock import CLOCK_SKEW_LIMIT
from centrala.kit.settings import Folders
from centrala.node import checks, lock
from centrala.node.assembly import app_url, media_control, owner_url
from centrala.node.backup import files_of
from centrala.node.errors import StartRefused
from centrala.node.media_ping import answers
from centrala.node.roles import first_line, plain_url
from centrala.node.serve import media_program
from centrala.node.settings import Settings, load

MIN_DESCRIPTORS: Final = 4096  # open files; each desk, call leg and database connection takes one or more
GB: Final = 1_000_000_000
ANSWER_LIMIT: Final = 5.0  # seconds


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the table."""

    check: str
    verdict: Verdict
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Centre:
    """What is examined. `pid` is that of the running supervisor, None when there is none."""

    settings: Settings
    folders: Folders
    pid: int | None


def examine(data: Path, config: Path | None) -> int:
    """Print the table; exit code 1 when a check fails."""
    findings = list(findings_of(data, config))
    print(table(findings))  # noqa: T201 - the command's answer
    return 1 if any(finding.verdict is Verdict.FAIL for finding in findings) else 0


def findings_of(data: Path, config: Path | None) -> Iterator[Finding]:
    """All checks, the later ones only when the settings can be read."""
    try:
        settings = load(data, config)
    except StartRefused as refused:
        yield Finding("settings", Verdict.FAIL, refused.problem, refused.remedy)
        return
    yield Finding("settings", Verdict.OK, str(config or data / "centrala.toml") + " and environment")
    centre = Centre(settings, Folders(data=data), lock.holder(data))
    for name, check in CHECKS:
        try:
            for finding in check(centre):
                yield Finding(name, finding.verdict, finding.text, finding.remedy)
        except StartRefused as refused:
            yield Finding(name, Verdict.FAIL, refused.problem, refused.remedy)


def table(findings: Iterable[Finding]) -> str:
    """The findings in columns, each remedy under its line."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict:<5} {finding.check:<10} {finding.text}")
        if finding.remedy and finding.verdict is not Verdict.OK:
            lines.append(f"{'':16} -> {finding.remedy}")
    return "\n".join(lines)


def ok(text: str) -> Finding:
    return Finding("", Verdict.OK, text)


def warn(text: str, remedy: str) -> Finding:
    return Finding("", Verdict.WARN, text, remedy)


def fail(text: str, remedy: str) -> Finding:
    return Finding("", Verdict.FAIL, text, remedy)


def folder(centre: Centre) -> Iterator[Finding]:
    data = centre.folders.data
    if data.exists():
        checks.ready_folder(data)
        yield ok(f"{data} is writable")
        return
    parent = next(path for path in data.parents if path.exists())
    if not os.access(parent, os.W_OK | os.X_OK):
        yield fail(f"{data} does not exist and {parent} is not writable", "Choose another folder with --data")
    else:
        yield ok(f"{data} will be made at the first start")


def disk(centre: Centre) -> Iterator[Finding]:
    data = next(path for path in (centre.folders.data, *centre.folders.data.parents) if path.exists())
    storage = centre.settings.storage
    free = checks.enough_space(data, storage)
    if free < storage.warn_free_mb * checks.MB:
        yield warn(f"{free // checks.MB} MB free, less than storage.warn_free_mb", "Free some space soon")
    else:
        yield ok(f"{free / GB:.1f} GB free of {shutil.disk_usage(data).total / GB:.1f} GB")
    if storage.quota_gb is not None:
        used = sum(path.stat().st_size for path in files_of(data))
        over = used > storage.quota_gb * GB
        text = f"files take {used / GB:.1f} GB of {storage.quota_gb} GB"
        yield warn(text, "Remove old files, or raise storage.quota_gb") if over else ok(text)


def instance(centre: Centre) -> Iterator[Finding]:
    yield ok("not running" if centre.pid is None else f"running (process {centre.pid})")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < MIN_DESCRIPTORS:
        yield warn(
            f"a process may open only {soft} files", f"Raise the limit (ulimit -n, LimitNOFILE) to {MIN_DESCRIPTORS}"
        )


def secrets(centre: Centre) -> Iterator[Finding]:
    if not centre.folders.secrets.is_dir():
        yield ok("will be made at the first start")
        return
    open_ones = [path for path in centre.folders.secrets.iterdir() if path.stat().st_mode & 0o077]
    for path in open_ones:
        yield fail(f"{path} can be read by others", f"chmod 600 {path}")
    if not open_ones:
        yield ok("readable by the owner only")


def clock(centre: Centre) -> Iterator[Finding]:
    status = centre.folders.process_status
    if status.exists() and status.stat().st_mtime > time.time() + CLOCK_SKEW_LIMIT.total_seconds():
        yield warn("the clock is behind the last run", "Set the clock; switch on NTP (timedatectl set-ntp true)")
    else:
        yield ok(f"{datetime.now(UTC).isoformat(timespec='seconds')}")


def web(centre: Centre) -> Iterator[Finding]:
    host, port = centre.settings.web.host, centre.settings.web.port
    if centre.pid is None:
        checks.listening(host, port).close()
        yield ok(f"{host} port {port} is free")
    else:
        yield _asked(f"http://{_reachable(host)}:{port}/readyz")
    public = host not in {"127.0.0.1", "::1", "localhost"}
    if public and not centre.settings.web.url.startswith("https://"):
        yield warn(
            "the desk is open to the network without TLS",
            "Put a TLS server in front and set web.public_url (docs/administrator.md)",
        )


def sip(centre: Centre) -> Iterator[Finding]:
    if centre.pid is not None:
        return
    host = centre.settings.sip.host
    wanted = (
        ("UDP", socket.SOCK_DGRAM, centre.settings.sip.udp_port),
        ("TCP", socket.SOCK_STREAM, centre.settings.sip.tcp_port),
        ("TLS", socket.SOCK_STREAM, centre.settings.sip.tls_port),
    )
    taken = [f"{name} port {port}" for name, kind, port in wanted if not checks.is_free(host, port, kind)]
    if taken:
        yield warn(f"{' and '.join(taken)} of {host} cannot be had", "Stop the SIP server that has it, or change [sip]")
    else:
        yield ok(f"the ports of {host} are free")


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def _asked(url: str) -> Finding:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_LIMIT) as answer:  # noqa: S310 - http to ourselves
            return ok(f"{url} answers {answer.status}")
    except urllib.error.HTTPError as error:
        return fail(f"{url} answers {error.code}", "See the log of the app")
    except OSError as error:
        return fail(f"{url} does not answer ({error})", "See the log of the app")


def media(centre: Centre) -> Iterator[Finding]:
    yield ok(f"{media_program()} is installed")
    if centre.pid is not None:
        control = media_control(centre.folders)
        yield (
            ok("the engine answers")
            if answers(control)
            else fail(f"the engine does not answer on {control}", "See the log of media")
        )


def database(centre: Centre) -> Iterator[Finding]:
    own = centre.settings.database.url is None
    if own and centre.pid is None:
        made = (centre.folders.postgres / "cluster").exists()
        yield ok("embedded, not running" if made else "embedded, will be made at the first start")
        return
    try:
        with psycopg.connect(plain_url(app_url(centre.settings, centre.folders)), connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version'), clock_timestamp(),"
                " (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)"
            ).fetchone()
        found = migrate.current(owner_url(centre.settings, centre.folders))
    except psycopg.OperationalError as error:
        yield fail(f"the database does not answer: {first_line(error)}", "Check CENTRALA_DATABASE_URL and its server")
        return
    assert row is not None  # noqa: S101 - a SELECT without FROM has a row
    yield ok(f"PostgreSQL {row[0]} answers")
    if row[2]:
        yield fail("the app's role bypasses row-level security", "ALTER ROLE ... NOSUPERUSER NOBYPASSRLS")
    skew = abs((row[1] - datetime.now(UTC)).total_seconds())
    if skew > CLOCK_SKEW_LIMIT.total_seconds():
        yield warn(f"its clock differs from ours by {skew:.0f} s", "Switch on NTP on both machines")
    yield _schema(found)


def _schema(found: str | None) -> Finding:
    known = migrate.revisions()
    if found is None:
        return warn("the database is empty", "Start Centrala, which fills it")
    if found not in known:
        return fail(f"the schema {found} is newer than this program ({known[-1]})", "Install the newer Centrala")
    if found != known[-1]:
        return warn(f"the schema is {found}, the newest is {known[-1]}", "Restart Centrala, which brings it up")
    return ok(f"the schema is current ({found})")


CHECKS: Final[tuple[tuple[str, Callable[[Centre], Iterator[Finding]]], ...]] = (
    ("folder", folder),
    ("disk", disk),
    ("instance", instance),
    ("secrets", secrets),
    ("clock", clock),
    ("web", web),
    ("sip", sip),
    ("media", media),
    ("database", database),
)
