"""Whatever is killed while people work: what was answered is there, and its facts reach the event log, once."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from centrala.node.postgres import EmbeddedPostgres
from centrala.node.roles import plain_url
from support.nodes import LIMIT, Node, reachable_folder, running, wait_for

PASSWORD = "a long first secret"
KILLED = ("app", "worker", "postgres", "media", "app")


@pytest.fixture(scope="module")
def busy_node() -> Iterator[Node]:
    """A node of its own, because the test makes its administrator."""
    with reachable_folder() as folder, running(folder / "centre") as started:
        yield started


@dataclass
class Writer:
    """Makes skills one after another, as fast as the centre answers, until it is told to stop."""

    node: Node
    answered: list[str] = field(default_factory=list)
    tried: int = 0
    refused: set[int] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        link = Path(self.node.data, "run", "setup-link").read_text()
        with httpx.Client(base_url=f"http://127.0.0.1:{self.node.port}", timeout=LIMIT) as client:
            form = {
                "token": link.rpartition("token=")[2].strip(),
                "login": "ana.rusu",
                "password": PASSWORD,
                "given_name": "Ana",
                "family_name": "Rusu",
            }
            answer = client.post("/api/setup", json=form)
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            while not self.stop.is_set():
                self._write(client)

    def _write(self, client: httpx.Client) -> None:
        self.tried += 1
        try:
            answer = client.post("/api/skills", json={"name": f"Skill {self.tried}"})
        except httpx.TransportError:
            return
        if answer.status_code == 201:
            self.answered.append(answer.json()["id"])
        else:
            self.refused.add(answer.status_code)


def rows(node: Node, query: str) -> list[str]:
    with psycopg.connect(plain_url(EmbeddedPostgres(node.data).owner_url)) as connection:
        return [str(row[0]) for row in connection.execute(query).fetchall()]


def test_nothing_that_was_answered_is_lost_and_every_fact_is_delivered_once(busy_node: Node) -> None:
    writer = Writer(busy_node)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        for name in KILLED:
            before = len(writer.answered)
            wait_for(lambda before=before: len(writer.answered) > before + 5, "writes to go on")  # type: ignore[misc]
            busy_node.kill(name)
    finally:
        writer.stop.set()
        thread.join(LIMIT)
    wait_for(lambda: rows(busy_node, "SELECT count(*) FROM outbox") == ["0"], "the relay to catch up")
    stored = rows(busy_node, "SELECT id FROM skills")
    told = rows(busy_node, "SELECT aggregate_id FROM events WHERE kind = 'skill.changed'")
    assert set(writer.answered) <= set(stored), "what was answered is stored"
    assert sorted(told) == sorted(stored), "each stored change has its fact, exactly once"
    assert writer.refused <= {503}, "what was not stored was refused as it should be"
