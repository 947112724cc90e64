"""The command line's `simulate`."""

import sys
import time
from pathlib import Path
from typing import Final

from centrala.routing.simulate.engine import Engine
from centrala.routing.simulate.report import as_csv, as_json, as_table, report
from centrala.routing.simulate.scenario import ScenarioWrong, read

WRONG: Final = 2  # exit code: the scenario has mistakes


def simulate(path: Path, *, seed: int | None, form: str) -> int:
    """Run a scenario and print what was measured as `table`, `csv` or `json`; returns the exit code."""
    begins = time.perf_counter()
    try:
        scenario = read(path)
        chosen = scenario.seed if seed is None else seed
        outcome = Engine(scenario, chosen, path.parent).run()
    except ScenarioWrong as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return WRONG
    found = report(scenario, outcome, seed=chosen, seconds=time.perf_counter() - begins)
    text = {"csv": as_csv, "json": as_json, "table": as_table}[form](found)
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    return 0
