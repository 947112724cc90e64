"""The media engine as a process of its own, and a place that answers SIP calls with it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from centrala.telephony.media import MediaClient
from support.audio_calls import Place

BINARY = Path(sys.executable).with_name("centrala-media")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[MediaClient]:
    """A client of a fresh engine."""
    address = f"unix:{tmp_path / 'control'}"
    arguments = ["--control", address, "--port-min", "25100", "--port-max", "25199", "--workers", "1"]
    process = await asyncio.create_subprocess_exec(BINARY, "serve", *arguments, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    await process.stderr.readline()
    async with MediaClient(address) as client:
        yield client
    process.terminate()
    await process.communicate()


@pytest.fixture
async def place(engine: MediaClient, tmp_path: Path) -> AsyncIterator[Place]:
    async with Place(engine, tmp_path) as one:
        yield one
