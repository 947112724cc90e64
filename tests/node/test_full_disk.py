"""A disk that fills up while people work: requests are refused clearly, nothing that was answered is lost."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from centrala.kit.database import Database
from centrala.kit.migrate import conninfo, upgrade
from centrala.node.postgres import EmbeddedPostgres
from centrala.security.service import Role
from centrala.web.app import create_app
from conftest import BASE_URL, TurnedClock, settings_for
from support.nodes import wait_for
from support.people import make_person

SIZE_MB = 160
NOTE = "x" * 1_900  # characters: the longest note of a skill is 2,000

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own of `SIZE_MB`."""
    with tempfile.TemporaryDirectory(prefix="centrala-test-") as made:
        Path(made).chmod(0o711)
        folder = Path(made, "disk")
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=711", "tmpfs", str(folder)], check=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def server(small_disk: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(small_disk, durable=False)
    postgres.start()
    upgrade(postgres.owner_url)
    yield postgres
    postgres.stop()


def fill(disk: Path) -> Path:
    """Take all space that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for block in (1_000_000, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * block)
            except OSError:
                continue
    return filler


async def test_what_was_answered_outlives_a_full_disk_and_work_goes_on_when_there_is_room(
    small_disk: Path, server: EmbeddedPostgres, clock: TurnedClock, tmp_path: Path
) -> None:
    database = Database(server.app_url())
    person = await make_person(database, clock, Role.ADMINISTRATOR)
    app = create_app(settings_for(server, tmp_path), clock=clock, database=database)
    answered, refused = set(), []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as client:
        person.sign(client)

        async def write(name: str) -> httpx.Response:
            answer = await client.post("/api/skills", json={"name": name, "note": NOTE})
            if answer.status_code == 201:
                answered.add(name)
            return answer

        for number in range(5):
            assert (await write(f"Before {number}")).status_code == 201
        filler = fill(small_disk)
        for number in range(3_000):
            answer = await write(f"During {number}")
            if answer.status_code != 201:
                refused.append((answer.status_code, answer.json()["code"], "Retry-After" in answer.headers))
                if len(refused) == 5:
                    break
        filler.unlink()
        wait_for(lambda: runs(server), "the database to take writes again")
        after = [await write(f"After {number}") for number in range(5)]
    await database.close()
    assert refused, "the disk was full"
    assert {code for _, code, _ in refused} <= {"disk_full", "unavailable"}
    assert after[-1].status_code == 201
    with psycopg.connect(conninfo(server.owner_url)) as connection:
        stored = {row[0] for row in connection.execute("SELECT name FROM skills").fetchall()}
    assert answered <= stored


def runs(server: EmbeddedPostgres) -> bool:
    try:
        with psycopg.connect(conninfo(server.owner_url), autocommit=True, connect_timeout=2) as connection:
            connection.execute("CREATE TEMP TABLE probe (value int)")
    except psycopg.OperationalError:
        return False
    return True
