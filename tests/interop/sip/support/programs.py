"""Real programs on loopback: started on free ports, bounded in time, ended by their own process id."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

PATIENCE = 10.0  # seconds for anything a healthy program does
PACKAGES = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "linphone-daemon": "linphone-cli",
    "kamailio": "kamailio",
    "svmap": "sipvicious",
    "svwar": "sipvicious",
    "svcrack": "sipvicious",
}


def find_program(name: str) -> str:
    """Its path; without it the test fails and says what to install."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if path is None:
        pytest.fail(f"{name} is missing: apt-get install {PACKAGES[name]} (tools/bootstrap.sh test does it)")
    return path


def is_bound(port: int) -> bool:
    """Whether something listens on a port of loopback, UDP or TCP: /proc knows before the first message."""
    for name in ("udp", "tcp"):
        for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = row.split()
            if local.endswith(f":{port:04X}") and (name == "udp" or state == "0A"):
                return True
    return False


class Program:
    """One running program; its output goes to a file in its folder."""

    def __init__(self, name: str, arguments: Sequence[str | Path], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.folder = folder
        self._arguments = [find_program(name), *map(str, arguments)]
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "TERM": "dumb"},
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def type(self, text: str) -> None:
        """Write to its standard input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        await self._process.stdin.drain()

    async def wait(self, patience: float = PATIENCE) -> int:
        """Its exit code; past the time it is ended and the test fails."""
        assert self._process is not None
        try:
            return await asyncio.wait_for(self._process.wait(), patience)
        except TimeoutError:
            await self.end()
            pytest.fail(f"{self.name} has not ended within {patience} s\n{self.output[-4000:]}")

    async def says(self, text: str, patience: float = PATIENCE) -> None:
        """Wait until its output holds a text."""
        try:
            async with asyncio.timeout(patience):
                while text not in self.output:  # noqa: ASYNC110 - a file tells nobody of its growth
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"{self.name} has not said {text!r} within {patience} s\n{self.output[-4000:]}")

    async def listens(self, port: int, patience: float = PATIENCE) -> None:
        """Wait until it has bound a port."""
        try:
            async with asyncio.timeout(patience):
                while not is_bound(port):  # noqa: ASYNC110 - the kernel tells nobody of it
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pytest.fail(f"{self.name} does not listen on {port}\n{self.output[-4000:]}")

    async def end(self) -> None:
        """End it and what it started."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 3.0)
                return
