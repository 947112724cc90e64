"""The media engine twice: the fake, and the process itself."""

import asyncio
import itertools
import os
import sys
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from centrala.telephony.media import FakeMedia, MediaClient, MediaCommands

# Who works on the engine names a build of it; else it is the installed one.
BINARY = Path(os.environ.get("CENTRALA_MEDIA_BINARY") or Path(sys.executable).with_name("centrala-media"))
PATIENCE = 10.0  # seconds; only a broken engine needs them
_PORTS = itertools.cycle(range(23000, 32000, 200))  # below the ports that the system gives to sockets


@dataclass
class EngineProcess:
    """`centrala-media serve` on a socket of its own."""

    directory: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"unix:{self.directory / 'control'}"

    async def start(self) -> None:
        first = next(_PORTS)
        arguments = ["--control", self.address, "--port-min", str(first), "--port-max", str(first + 199)]
        self.process = await asyncio.create_subprocess_exec(
            BINARY, "serve", *arguments, "--workers", "2", stderr=asyncio.subprocess.PIPE
        )
        assert self.process.stderr is not None
        line = await asyncio.wait_for(self.process.stderr.readline(), PATIENCE)
        assert b"Engine listens." in line

    async def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            await self.process.communicate()
            self.process = None


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EngineProcess]:
    engine = EngineProcess(tmp_path)
    await engine.start()
    yield engine
    await engine.kill()


@pytest.fixture(params=["fake", "engine"])
async def media(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MediaCommands]:
    if request.param == "fake":
        yield FakeMedia()
        return
    engine = EngineProcess(tmp_path)
    await engine.start()
    async with MediaClient(engine.address) as client:
        yield client
    await engine.kill()


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """One second of sound."""
    path = tmp_path / "music.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(range(250)) * 128)
    return path
