"""Cost of calls in the media engine: starts the engine, loads it with `loadgen`, prints a table in Markdown.

    python bench/media/run.py [--calls 10,100,200] [--seconds 10]

Needs cargo (it builds the engine and the generator in release mode) and `ulimit -n` of at least five files a call.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

MEDIA = Path(__file__).parents[2] / "media"
ENGINE_PORTS = ("20000", "31999")
COLUMNS = {
    "calls": "calls",
    "recorded": "recorded",
    "mixed": "mixed",
    "cpu_pct_a_call": "core % a call",
    "memory_kb_a_call": "kB a call",
    "lost_pct": "lost %",
    "delay_p50_ms": "delay p50 ms",
    "delay_p99_ms": "delay p99 ms",
    "leg_setup_ms": "set-up ms a leg",
    "generator_late_p99_ms": "generator late p99 ms",
}


def build() -> Path:
    command = ["cargo", "build", "--release", "--locked", "--workspace", "--manifest-path", str(MEDIA / "Cargo.toml")]
    subprocess.run(command, check=True)
    return MEDIA / "target" / "release"


def measure(binaries: Path, *, calls: int, seconds: int, record: bool, mix: bool) -> dict[str, object]:
    directory = Path(tempfile.mkdtemp(prefix="centrala-bench-"))
    control = directory / "control"
    ports = ["--port-min", ENGINE_PORTS[0], "--port-max", ENGINE_PORTS[1]]
    engine = subprocess.Popen(
        [binaries / "centrala-media", "serve", "--control", f"unix:{control}", *ports], stderr=subprocess.DEVNULL
    )
    try:
        while not control.exists():
            time.sleep(0.01)
        load = [str(binaries / "loadgen"), "--control", str(control), "--calls", str(calls), "--seconds", str(seconds)]
        load += ["--record", str(directory) if record else "no", "--mix", "yes" if mix else "no"]
        output = subprocess.run([*load, "--pid", str(engine.pid)], check=True, capture_output=True, text=True)
        result: dict[str, object] = json.loads(output.stdout)
        return result
    finally:
        engine.terminate()
        engine.wait()
        shutil.rmtree(directory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", default="10,100,200,400,800")
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    binaries = build()
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| " + " | ".join(COLUMNS.values()) + " |")
    print("|" + "---|" * len(COLUMNS))
    for calls in (int(count) for count in arguments.calls.split(",")):
        for record, mix in ((True, False), (False, False), (False, True)):
            row = measure(binaries, calls=calls, seconds=arguments.seconds, record=record, mix=mix)
            cells = [
                ("yes" if row[name] else "no") if isinstance(row[name], bool) else str(row[name]) for name in COLUMNS
            ]
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
