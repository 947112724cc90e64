"""Starts that must fail do so with one line and a remedy; stops are orderly; a killed node leaves nothing behind."""

import os
import signal
import socket
from pathlib import Path

import psycopg
import pytest

from centrala.node.postgres import EmbeddedPostgres
from centrala.node.roles import plain_url
from support.nodes import centrala, is_alive, reachable_folder, refusal, running, wait_for
from support.ports import free_port

DATABASE_ENDED = "database system is shut down"


def test_killed_supervisor_takes_all_along_and_the_next_run_stops_orderly(centre: Path) -> None:
    with running(centre) as node:
        pids = [told["pid"] for told in node.processes().values()]
        os.kill(node.process.pid, signal.SIGKILL)
        node.process.wait()
        wait_for(lambda: not any(is_alive(pid) for pid in pids), "the processes to end")
    with running(centre) as node:
        assert node.status_of("/readyz") == 200
        pids = [told["pid"] for told in node.processes().values()]
        assert node.stop() == 0
        assert [pid for pid in pids if is_alive(pid)] == []
    assert DATABASE_ENDED in centre.with_name("centre.log").read_text().splitlines()[-1]


def test_database_newer_than_the_program_is_refused(centre: Path) -> None:
    if not (centre / "postgres" / "cluster").exists():
        with running(centre):
            pass
    server = EmbeddedPostgres(centre)
    server.start()
    try:
        with psycopg.connect(plain_url(server.owner_url)) as connection:
            (before,) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    finally:
        server.stop()
    line = refusal(centrala("serve", "--data", str(centre), CENTRALA_WEB_PORT=str(free_port())))
    assert "newer than this program (revision 9999" in line
    server.start()
    try:
        with psycopg.connect(plain_url(server.owner_url)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", before)
    finally:
        server.stop()


@pytest.mark.parametrize("data", ["file/below", "dangling/below"])
def test_folder_that_cannot_be_made_is_refused(tmp_path: Path, data: str) -> None:
    # Root may write anywhere; not even root makes a folder inside a file.
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("/dev/null")
    line = refusal(centrala("serve", "--data", str(tmp_path / data)))
    assert "cannot be written" in line
    assert "--data" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert "cannot be written" in refusal(centrala("serve", "--data", str(closed / "centre")))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could write into somebody else's folder")
def test_folder_of_another_account_is_refused_even_for_root() -> None:
    with reachable_folder() as folder:
        os.chown(folder, 65534, -1)
        line = refusal(centrala("serve", "--data", str(folder)))
    assert "belongs to 'nobody'" in line
    assert "sudo -u nobody" in line


def test_nearly_full_disk_is_refused() -> None:
    with reachable_folder() as folder:
        line = refusal(centrala("serve", "--data", str(folder), CENTRALA_STORAGE_MIN_FREE_MB="999999999"))
    assert "nearly full" in line
    assert "storage.min_free_mb" in line


def test_unknown_setting_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "centrala.toml").write_text("[web]\nprot = 1\n")
    line = refusal(centrala("serve", "--data", str(tmp_path)))
    assert f"'web.prot' in {tmp_path}/centrala.toml. Did you mean 'web.port'?" in line


def test_database_elsewhere_that_does_not_answer_is_refused() -> None:
    with reachable_folder() as folder:
        line = refusal(
            centrala(
                "serve",
                *("--data", str(folder)),
                CENTRALA_WEB_PORT=str(free_port()),
                CENTRALA_DATABASE_URL="postgresql://owner:geheim@127.0.0.1:1/centrala",
            )
        )
    assert "The database cannot be reached" in line
    assert "geheim" not in line


def test_doctor_tells_a_wrong_setting_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "centrala.toml").write_text("[web]\nprot = 1\n")
    done = centrala("doctor", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "fail  settings" in done.stdout
    assert "-> Did you mean 'web.port'?" in done.stdout


def test_doctor_warns_of_another_sip_server(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = str(sock.getsockname()[1])
        done = centrala("doctor", "--data", str(tmp_path), CENTRALA_SIP_UDP_PORT=port, CENTRALA_WEB_PORT="65000")
    assert f"warn  sip        UDP port {port} of 127.0.0.1 cannot be had" in done.stdout


def test_help_and_version_need_no_centre() -> None:
    assert "doctor" in centrala("--help").stdout
    assert "postgres (PostgreSQL) 18" in centrala("version").stdout
