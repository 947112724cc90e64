"""The sample centre as `make run` starts it, in a folder of its own, with nobody calling."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs

from support.nodes import Node, reachable_folder, running
from support.ports import free_port

NOBODY = '{"on": false, "streams": {}}'


@dataclass(frozen=True, slots=True)
class Sample:
    """A running node; `people` are those whose sign-in links it prints, by role: name, login, password."""

    node: Node
    sip_port: int
    people: dict[str, tuple[str, str, str]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.node.port}"


@contextmanager
def sample_centre(**variables: str) -> Iterator[Sample]:
    """`variables` go into the environment of the node."""
    port = free_port()
    ports = {f"CENTRALA_SIP_{kind}_PORT": str(port) for kind in ("UDP", "TCP")}
    with reachable_folder() as folder:
        data = folder / "centre"
        data.mkdir(mode=0o755)
        (data / "demo-mix.json").write_text(NOBODY)
        with running(data, ("demo",), **ports, CENTRALA_SIP_TLS_PORT=str(free_port()), **variables) as node:
            yield Sample(node, port, dict(map(_person, _links(node))))


def _links(node: Node) -> list[str]:
    return [line for line in node.greeting if "/sign-in#" in line]


def _person(line: str) -> tuple[str, tuple[str, str, str]]:
    role, name = re.split(r"\s{2,}", line.strip().rpartition("http")[0].strip(), maxsplit=1)
    fields = parse_qs(line.rpartition("#")[2])
    return role, (name.strip(), fields["login"][0], fields["password"][0])
