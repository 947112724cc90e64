"""Thousands of calls with random ends under virtual time: memory, ports, dialogs and rows must stay flat.

    python bench/calls/soak.py [--calls 20000] [--seed 1]

Everything is real but the network, the clock, the media engine and the store, which are those of the tests. Prints what
is left, how often each thing happened, and the memory after each tenth.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from centrala.telephony.calls.service import CallSettings
from centrala.telephony.sip.netem import Weather
from telephony.calls.soak import Soak
from telephony.calls.stage import Stage

TENTHS = 10


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    settings = CallSettings(music="/music.wav", recordings=Path(tempfile.mkdtemp(prefix="centrala-soak-")))
    stage = Stage(weather=Weather(jitter=0.03, loss=3, duplicate=3), seed=b"soak", settings=settings)
    soak = Soak(stage, options.seed)
    happened: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    begun = time.monotonic()
    for part in range(TENTHS):
        await soak.run(options.calls // TENTHS)
        happened.update(type(event).__name__ for event in stage.events)
        causes.update(str(row["cause"]) for row in stage.rows.calls)
        soak.forget()
        left = stage.leftovers
        for rows in stage.rows.rows.values():
            rows.clear()
        stage.rows.facts.clear()
        gc.collect()
        # Not traced allocation by allocation: that would take three times as long.
        memory, objects = psutil.Process().memory_info().rss / 1e6, len(gc.get_objects())
        done = (part + 1) * options.calls // TENTHS
        print(f"{done} calls, left {left}, {objects} objects, {memory:.1f} MB", flush=True)
    print(f"took {time.monotonic() - begun:.0f} s for {stage.net.now / 3600:.1f} h")
    print("happened:", dict(happened.most_common()))
    print("causes:", dict(causes.most_common()))
    print("counters:", stage.calls.counters)


if __name__ == "__main__":
    asyncio.run(main())
