"""A whole node as a real process, for tests: started, asked, killed in part, stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from support.ports import free_port

LIMIT: Final = 30.0  # seconds that anything here may take before the test fails


def wait_for(what: Callable[[], object], name: str) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < deadline, f"waited {LIMIT:.0f} s for {name}"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that an unprivileged server can enter; pytest's own are closed to it."""
    with tempfile.TemporaryDirectory(prefix="centrala-test-") as made:
        path = Path(made)
        path.chmod(0o711)
        yield path


def centrala(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "centrala.cli", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


class Node:
    """`centrala serve` on a data folder."""

    def __init__(self, data: Path, arguments: Sequence[str] = ("serve",), **variables: str) -> None:
        self.data = data
        self.port = free_port()
        self._errors = data.with_name(f"{data.name}.log").open("ab+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "centrala.cli", *arguments, "--data", str(data)],
            env={**os.environ, "CENTRALA_WEB_PORT": str(self.port), **variables},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.greeting: list[str] = []

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.greeting.append(line.rstrip())
            if line.startswith("Open the desk:"):
                return
        raise AssertionError(f"ended with {self.process.wait()}: {self.log()[-2000:]}")

    def log(self) -> str:
        return Path(self._errors.name).read_text()

    def processes(self) -> dict[str, dict[str, Any]]:
        """What the supervisor tells of each process, by name."""
        told = json.loads((self.data / "run" / "processes.json").read_text())
        return {process["name"]: process for process in told}

    def working(self, name: str) -> dict[str, Any]:
        """What is told of a process; waits until it runs, for the death of another one may have taken it along."""
        wait_for(lambda: self.processes()[name]["state"] == "running", f"{name} to run")
        return self.processes()[name]

    def status_of(self, path: str) -> int:
        """HTTP status of a GET; 0 when there is no answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=LIMIT) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def kill(self, name: str) -> None:
        """Kill a process without warning, and wait until another one does its work."""
        before = self.working(name)
        os.kill(before["pid"], signal.SIGKILL)

        def replaced() -> bool:
            now = self.processes()[name]
            return bool(now["state"] == "running" and now["pid"] != before["pid"])

        wait_for(replaced, f"{name} to be restarted")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(LIMIT)
        finally:
            self.close()

    def close(self) -> None:
        """Whatever happened, nothing stays behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._errors.close()


@contextmanager
def running(data: Path, arguments: Sequence[str] = ("serve",), **variables: str) -> Iterator[Node]:
    """A node that is ready, and stopped at the end. `variables` go into its environment."""
    node = Node(data, arguments, **variables)
    try:
        node.wait_until_ready()
        yield node
    finally:
        if not node._errors.closed:
            node.stop()


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which a command refused to work."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert re.fullmatch(r"centrala: .+\. .+\.", line), line
    return line
