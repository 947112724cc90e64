"""Start time and idle memory of a whole node: `python bench/node/start.py [RUNS]`.

Method. A fresh data folder, a first start, then RUNS further starts, each from `exec` of `centrala serve` to the line
"Open the desk" on its output. After the last start the node is left alone for SETTLE seconds; then the proportional set
size (PSS: private pages plus each shared page divided by its users) of the supervisor and all its descendants is read
from /proc/<pid>/smaps_rollup and added up. The disk cache is warm, as it is when a service is restarted; fsync is on.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil

RUNS: Final = 5
SETTLE: Final = 10.0  # seconds
TARGET_START: Final = 3.0  # seconds
TARGET_MEMORY: Final = 450.0  # MB


def main() -> None:
    """Measure and print a table in Markdown."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory(prefix="centrala-bench-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        first, process = start(folder)
        stop(process)
        times = []
        for _ in range(runs):
            taken, process = start(folder)
            times.append(taken)
            if len(times) < runs:
                stop(process)
        time.sleep(SETTLE)
        memory = memory_of(process)
        stop(process)
    print("| What | Measured | Target |\n|---|---|---|")
    print(f"| first start, with initdb and migrations | {first:.2f} s | |")
    print(f"| second start, median of {runs} | {statistics.median(times):.2f} s | <= {TARGET_START:.0f} s |")
    print(f"| second start, slowest of {runs} | {max(times):.2f} s | |")
    for name, size in memory.items():
        print(f"| idle memory (PSS): {name} | {size:.0f} MB | |")
    print(f"| idle memory (PSS): together | {sum(memory.values()):.0f} MB | <= {TARGET_MEMORY:.0f} MB |")


def start(folder: Path) -> tuple[float, subprocess.Popen[str]]:
    """Start a node; returns the seconds until it was ready."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    begun = time.monotonic()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "centrala"), "serve", "--data", str(folder / "centre")],
        env={**os.environ, "CENTRALA_WEB_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout or ():
        if line.startswith("Open the desk:"):
            return time.monotonic() - begun, process
    raise SystemExit(f"the node ended with {process.wait()}")


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def memory_of(process: subprocess.Popen[str]) -> dict[str, float]:
    """PSS in MB of each kind of process."""
    sizes: dict[str, float] = {}
    supervisor = psutil.Process(process.pid)
    for one in (supervisor, *supervisor.children(recursive=True)):
        command = " ".join(one.cmdline())
        names = ("app_process", "worker_process", "centrala-media", "postgres")
        name = next((name.removesuffix("_process") for name in names if name in command), "supervisor")
        rollup = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
        pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        sizes[name] = sizes.get(name, 0.0) + int(pss.split()[1]) / 1000
    return sizes


if __name__ == "__main__":
    main()
