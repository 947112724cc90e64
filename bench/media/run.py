"""Cost of calls in the media engine: starts the engine, loads it with `loadgen`, prints a table in Markdown.

    python bench/media/run.py [--calls 10,100,200] [--seconds 10] [--kinds relayed,browser] [--binaries FOLDER]

Needs cargo (it builds the engine and the generator in release mode) and `ulimit -n` of at least six files a call. The
figures that count are the engine's CPU time and what was lost, where nearly everything was sent that should be; delays
are believable only where the generator itself was not late.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

MEDIA = Path(__file__).parents[2] / "media"
ENGINE_PORTS = ("20000", "31999")
# Whether it is recorded, and the kind of call as `loadgen` names it.
KINDS = {
    "recorded": (True, "relayed"),
    "relayed": (False, "relayed"),
    "translated": (False, "translated"),
    "browser": (True, "browser"),
    "three-way": (True, "three-way"),
}
COLUMNS = {
    "calls": "calls",
    "kind": "kind",
    "cpu_pct_a_call": "core % a call",
    "grown_kb_a_call": "kB a call",
    "sent_pct": "sent %",
    "lost_pct": "lost %",
    "delay_p50_ms": "delay p50 ms",
    "delay_p99_ms": "p99 ms",
    "generator_late_p99_ms": "generator late p99 ms",
    "leg_setup_p50_ms": "leg set-up p50 ms",
    "leg_setup_p99_ms": "p99 ms",
    "load": "load before",
}


def build() -> Path:
    command = ["cargo", "build", "--release", "--locked", "--workspace", "--manifest-path", str(MEDIA / "Cargo.toml")]
    subprocess.run(command, check=True)
    return MEDIA / "target" / "release"


def measure(binaries: Path, kind: str, *, calls: int, seconds: int) -> dict[str, object]:
    record, name = KINDS[kind]
    directory = Path(tempfile.mkdtemp(prefix="centrala-bench-"))
    control = directory / "control"
    ports = ["--port-min", ENGINE_PORTS[0], "--port-max", ENGINE_PORTS[1]]
    load_average = os.getloadavg()[0]
    engine = subprocess.Popen(
        [binaries / "centrala-media", "serve", "--control", f"unix:{control}", *ports], stderr=subprocess.DEVNULL
    )
    try:
        while not control.exists():
            time.sleep(0.01)
        load = [str(binaries / "loadgen"), "--control", str(control), "--calls", str(calls), "--seconds", str(seconds)]
        load += ["--record", str(directory) if record else "no", "--kind", name]
        output = subprocess.run([*load, "--pid", str(engine.pid)], check=True, capture_output=True, text=True)
        result: dict[str, object] = json.loads(output.stdout)
        # The generator sends for a second more than is measured. What it could not send costs the engine nothing.
        expected = calls * (3 if name == "three-way" else 2) * 50 * (seconds + 1)
        sent = round(100 * float(str(result["sent"])) / expected, 1)
        return result | {"kind": kind, "load": round(load_average, 1), "sent_pct": sent}
    finally:
        engine.terminate()
        engine.wait()
        shutil.rmtree(directory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", default="10,100,200,400,800")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--binaries", type=Path)
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    binaries = arguments.binaries or build()
    print("| " + " | ".join(COLUMNS.values()) + " |")
    print("|" + "---|" * len(COLUMNS))
    for calls in (int(count) for count in arguments.calls.split(",")):
        for kind in arguments.kinds.split(","):
            row = measure(binaries, kind, calls=calls, seconds=arguments.seconds)
            print("| " + " | ".join(str(row[name]) for name in COLUMNS) + " |", flush=True)


if __name__ == "__main__":
    main()
