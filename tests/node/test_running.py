"""A node at work: what dies comes back, nothing is lost, one folder has one instance."""

import json
import os
import signal
import socket
from pathlib import Path

import psycopg
import pytest

from centrala.kit.logging import personal_data_in
from centrala.node.postgres import EmbeddedPostgres
from centrala.node.roles import plain_url
from support.nodes import Node, centrala, reachable_folder, refusal, wait_for


def owner(node: Node) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(plain_url(EmbeddedPostgres(node.data).owner_url), autocommit=True)


def test_start_ends_with_where_to_open_the_desk(node: Node) -> None:
    assert node.greeting[-1] == f"Open the desk: http://127.0.0.1:{node.port}"
    assert node.status_of("/readyz") == 200


def test_first_start_prints_the_link_that_creates_the_administrator(node: Node) -> None:
    (link,) = [line for line in node.greeting if "/setup#token=" in line]
    assert link.startswith(f"http://127.0.0.1:{node.port}/setup#token=")
    assert node.data.joinpath("run", "setup-link").stat().st_mode & 0o777 == 0o600


def test_all_processes_run_from_the_first_try(node: Node) -> None:
    assert {name: (told["state"], told["restarts"]) for name, told in node.processes().items()} == {
        "postgres": ("running", 0),
        "media": ("running", 0),
        "worker": ("running", 0),
        "app": ("running", 0),
    }


@pytest.mark.parametrize("name", ["postgres", "media", "worker", "app"])
def test_killed_process_is_restarted_and_the_centre_answers(node: Node, name: str) -> None:
    restarts = node.working(name)["restarts"]
    node.kill(name)
    assert node.processes()[name]["restarts"] == restarts + 1
    wait_for(lambda: node.status_of("/readyz") == 200, "an answer")


def test_nobody_is_refused_while_the_app_restarts(node: Node) -> None:
    before = node.working("app")["pid"]
    os.kill(before, signal.SIGKILL)
    # The supervisor holds the socket, so a request that comes meanwhile waits and is answered.
    assert node.status_of("/healthz") == 200
    assert node.processes()["app"]["pid"] != before


def test_committed_writes_outlive_the_death_of_the_database(node: Node) -> None:
    with owner(node) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int PRIMARY KEY)")
        connection.execute("TRUNCATE kept")
    committed: list[int] = []

    def write(value: int) -> bool:
        try:
            with owner(node) as connection:
                connection.execute("INSERT INTO kept VALUES (%s) ON CONFLICT DO NOTHING", (value,))
        except psycopg.OperationalError:
            return False
        committed.append(value)
        return True

    for value in range(40):
        if value in {10, 25}:
            node.kill("postgres")
        wait_for(lambda value=value: write(value), "a write")  # type: ignore[misc]  # binds the loop's value
    with owner(node) as connection:
        found = [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY value").fetchall()]
        connection.execute("DROP TABLE kept")
    assert found == sorted(set(committed)) == list(range(40))


def test_second_instance_on_the_folder_is_refused_and_names_the_first(node: Node) -> None:
    line = refusal(centrala("serve", "--data", str(node.data)))
    assert f"already runs on {node.data} (process {node.process.pid})" in line


def test_taken_port_names_the_program_that_has_it(node: Node) -> None:
    with reachable_folder() as folder:
        line = refusal(centrala("serve", "--data", str(folder / "other"), CENTRALA_WEB_PORT=str(node.port)))
    assert f"Port {node.port} of 127.0.0.1 is taken by " in line
    assert f"(process {node.process.pid})" in line


def test_taken_port_of_another_program_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock, reachable_folder() as folder:
        port = sock.getsockname()[1]
        line = refusal(centrala("serve", "--data", str(folder), CENTRALA_WEB_PORT=str(port)))
    assert f"Port {port}" in line
    assert "web.port" in line


def test_doctor_finds_a_running_centre_well(node: Node) -> None:
    done = centrala("doctor", "--data", str(node.data), CENTRALA_WEB_PORT=str(node.port))
    assert done.returncode == 0, done.stdout
    assert f"running (process {node.process.pid})" in done.stdout
    assert "the schema is current" in done.stdout
    assert "fail" not in done.stdout


def test_audit_trail_is_proven_while_the_centre_runs(node: Node) -> None:
    done = centrala("audit", "verify", "--data", str(node.data))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The audit trail is whole")


def test_log_is_json_without_personal_data(node: Node) -> None:
    lines = node.log().splitlines()
    assert all({"at", "level", "process", "message"} <= json.loads(line).keys() for line in lines)
    assert personal_data_in(node.log()) == []
