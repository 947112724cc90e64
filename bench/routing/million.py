"""`centrala simulate` with a million contacts. Run: `python bench/routing/million.py`."""

from __future__ import annotations

import resource
import time
from pathlib import Path

from centrala.routing.simulate.engine import Engine
from centrala.routing.simulate.report import as_table, report
from centrala.routing.simulate.scenario import read


def main() -> None:
    file = Path(__file__).with_suffix(".toml")
    scenario = read(file)
    clock, cpu = time.perf_counter(), time.process_time()
    outcome = Engine(scenario, scenario.seed, file.parent).run()
    print(as_table(report(scenario, outcome, seed=scenario.seed, seconds=time.perf_counter() - clock)))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.process_time() - cpu:.1f} s of the CPU, {megabytes:.0f} MB at most")


if __name__ == "__main__":
    main()
