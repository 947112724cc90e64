"""One data folder and one running node for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.nodes import Node, reachable_folder, running


@pytest.fixture(scope="session")
def centre() -> Iterator[Path]:
    """The data folder of a centre that is filled by its first start."""
    with reachable_folder() as folder:
        yield folder / "centre"


@pytest.fixture(scope="module")
def node(centre: Path) -> Iterator[Node]:
    with running(centre) as started:
        yield started
