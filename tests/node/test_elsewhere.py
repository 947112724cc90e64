"""A centre whose database is a server of its own."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from centrala.node.errors import StartRefused
from centrala.node.postgres import APP_ROLE, EmbeddedPostgres
from centrala.node.roles import ensure_roles, plain_url
from support.nodes import centrala, reachable_folder, refusal, running


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """The server elsewhere; that its files lie on this machine is no business of the centre."""
    with reachable_folder() as folder:
        started = EmbeddedPostgres(folder, durable=False)
        started.start()
        yield started
        started.stop()


@pytest.fixture
def data() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "centre"


def test_centre_works_is_saved_and_restored_there(server: EmbeddedPostgres, data: Path) -> None:
    url = plain_url(server.owner_url)
    file = data.with_name("centre.tar")
    with running(data, CENTRALA_DATABASE_URL=url) as node:
        assert "postgres" not in node.processes()
        assert node.status_of("/readyz") == 200
        assert not (data / "postgres").exists()
        assert centrala("backup", str(file), "--data", str(data), CENTRALA_DATABASE_URL=url).returncode == 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM setup_link")
    again = ("restore", str(file), "--data", str(data))
    assert "is not empty" in refusal(centrala(*again, CENTRALA_DATABASE_URL=url))
    elsewhere = ("restore", str(file), "--data", str(data.with_name("other")))
    assert "already holds a centre" in refusal(centrala(*elsewhere, CENTRALA_DATABASE_URL=url))
    done = centrala(*again, "--replace", CENTRALA_DATABASE_URL=url)
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM setup_link").fetchone() == (1,)


def test_role_that_bypasses_the_wall_is_refused(server: EmbeddedPostgres) -> None:
    with psycopg.connect(plain_url(server.owner_url), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {APP_ROLE} BYPASSRLS")
        try:
            with pytest.raises(StartRefused, match="bypasses row-level security"):
                ensure_roles(server.owner_url, app_role=APP_ROLE, password="x")
        finally:
            connection.execute(f"ALTER ROLE {APP_ROLE} NOBYPASSRLS")
