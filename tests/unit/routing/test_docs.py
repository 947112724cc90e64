"""docs/routing.md names everything that a reader may meet."""

from pathlib import Path
from typing import get_args

import pytest

from centrala.routing.core.decisions import Decision
from centrala.routing.core.dump import fact_from_plain
from centrala.routing.core.explain import Why
from centrala.routing.core.facts import Fact
from centrala.routing.core.reconcile import Repair
from centrala.routing.core.settings import Strategy
from centrala.routing.simulate.scenario import OperatorsIn, QueueIn, Scenario, ShiftIn, StreamIn

PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()
TABLES = (Scenario, QueueIn, OperatorsIn, ShiftIn, StreamIn)
KEYS = {field.alias or name for table in TABLES for name, field in table.model_fields.items()}


@pytest.mark.parametrize(
    "names",
    [
        [one.__name__ for one in get_args(Fact)],
        [one.__name__ for one in get_args(Decision)],
        list(Why),
        list(Repair),
        list(Strategy),
        sorted(KEYS - {"queue", "operators", "stream"}),
    ],
    ids=["facts", "decisions", "reasons", "repairs", "strategies", "keys"],
)
def test_the_page_names_them_all(names: list[str]) -> None:
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_a_fact_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no fact 'Guess'"):
        fact_from_plain({"fact": "Guess"})
