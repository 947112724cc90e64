"""The embedded PostgreSQL as a real process."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from centrala.node.child import spawn
from centrala.node.errors import StartRefused
from centrala.node.postgres import EmbeddedPostgres, PidFile
from centrala.node.roles import plain_url

STILL_ALIVE_AFTER = 20.0  # seconds


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that an unprivileged server can reach; pytest's own is closed to it."""
    with tempfile.TemporaryDirectory(prefix="centrala-") as made:
        path = Path(made)
        path.chmod(0o711)
        yield path


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def ask(url: str, query: str) -> tuple[object, ...]:
    with psycopg.connect(plain_url(url)) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + STILL_ALIVE_AFTER
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_app_role_is_subject_to_row_level_security(folder: Path) -> None:
    query = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
    with running(folder) as server:
        found = ask(server.app_url(), f"{query} WHERE rolname = current_user")
    assert found == (False, False, False, False)


def test_case_rules_and_search_know_russian_and_romanian(folder: Path) -> None:
    with running(folder) as server:
        found = ask(server.owner_url, "SELECT lower('ЁЖ ȘȚĂ'), to_tsvector('russian', '«Дело» — 1')")
    assert found == ("ёж șță", "'1':2 'дел':1")


def test_server_listens_on_no_network_and_wants_a_password(folder: Path) -> None:
    with running(folder) as server:
        assert ask(server.owner_url, "SHOW listen_addresses") == ("",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(server.socket_folder), user="centrala_app", dbname="centrala")


def test_secrets_are_for_the_owner_only(folder: Path) -> None:
    with running(folder) as server:
        assert server.owner_url
    assert {path.stat().st_mode & 0o777 for path in (folder / "secrets").iterdir()} == {0o600}


def test_server_ends_orderly_when_its_starter_is_killed(folder: Path) -> None:
    code = (
        "import sys, signal; from pathlib import Path\n"
        "from centrala.node.postgres import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1]), durable=False).start()\n"
        "print(flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        found = PidFile.read(folder / "postgres" / "cluster")
        starter.kill()
    assert found is not None
    wait_for_end(found.pid)
    log = (folder / "postgres" / "server.log").read_text()
    assert "database system is shut down" in log


def test_orphan_is_stopped_and_replaced(folder: Path) -> None:
    server = EmbeddedPostgres(folder, durable=False)
    server.prepare()
    with spawn(server.launch(), output=subprocess.DEVNULL) as orphan:
        deadline = time.monotonic() + STILL_ALIVE_AFTER
        while not server.is_ready(orphan.pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with running(folder) as successor:
            assert orphan.wait(STILL_ALIVE_AFTER) == 0
            assert ask(successor.owner_url, "SELECT 1") == (1,)


def test_killed_server_recovers(folder: Path) -> None:
    with running(folder) as server:
        with psycopg.connect(plain_url(server.owner_url), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        found = PidFile.read(server.cluster)
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
    with running(folder) as server:
        assert ask(server.owner_url, "SELECT count(*) > 0 FROM kept") == (True,)


def test_pid_file_that_names_another_process_does_not_hinder_the_start(folder: Path) -> None:
    with running(folder):
        pass
    stale = folder / "postgres" / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n/elsewhere\n1\n5432\n\n\n\nready\n")
    with running(folder) as server:
        assert ask(server.owner_url, "SELECT 1") == (1,)


def test_socket_of_a_long_data_folder_lies_in_a_private_folder_elsewhere(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("long" * 25))
    assert server.socket_folder.parent == Path(tempfile.gettempdir())
    assert EmbeddedPostgres(folder).socket_folder == folder / "postgres" / "socket"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_data_folder_behind_a_closed_one_is_refused_with_a_remedy(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(StartRefused, match=r"cannot enter .*allow it: chmod o\+x"):
        EmbeddedPostgres(closed / "data").prepare()
