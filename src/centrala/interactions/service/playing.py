"""The audio of recordings: played and downloaded, each with a trace."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID

from centrala.interactions.errors import AudioNotReady
from centrala.interactions.service.recordings import load_recording
from centrala.kit.settings import AppSettings
from centrala.kit.work import Work


@dataclass(frozen=True, slots=True)
class Audio:
    """A sound of `size` bytes; `read` gives the bytes from a place up to another."""

    size: int
    read: Callable[[int, int], AsyncIterator[bytes]]


async def play(work: Work, recording_id: UUID, settings: AppSettings) -> Audio:
    await load_recording(work, recording_id)
    raise AudioNotReady


async def download(work: Work, recording_id: UUID, settings: AppSettings) -> Audio:
    await load_recording(work, recording_id)
    raise AudioNotReady
