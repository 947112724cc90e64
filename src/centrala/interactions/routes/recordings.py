from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Header, Request, Response, status
from fastapi.responses import StreamingResponse

from centrala.interactions import service
from centrala.interactions.ranges import asked_part
from centrala.interactions.schemas_audio import MarkIn, MarkOut, RecordingOut, WaveformOut
from centrala.interactions.service import Audio
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.work import Work

router = Routes(prefix="/recordings", tags=["recordings"], responses=problems())

Playing = Annotated[Work, Depends(reading(Permission.RECORDINGS_PLAY), scope="function")]
Tracing = Annotated[Work, Depends(working(Permission.RECORDINGS_PLAY), scope="function")]
Downloading = Annotated[Work, Depends(working(Permission.RECORDINGS_DOWNLOAD), scope="function")]
Part = Annotated[str | None, Header(alias="Range", max_length=100, description="As `bytes=0-1023`; one range.")]

_WAV: Final = {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}
AUDIO: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "All of it.", "content": _WAV},
    206: {"description": "The part that was asked for.", "content": _WAV},
    **problems(409, 410, 416, 503),
}


@router.get("/{recording_id}", operation_id="read_recording")
async def read_recording(work: Playing, recording_id: UUID) -> RecordingOut:
    return await service.read_recording(work, recording_id)


@router.get("/{recording_id}/waveform", operation_id="read_waveform", responses=problems(409, 410))
async def read_waveform(work: Playing, recording_id: UUID) -> WaveformOut:
    """Peaks of each side; 409 until they are computed."""
    return await service.read_waveform(work, recording_id)


@router.get("/{recording_id}/audio", operation_id="play_recording", response_class=Response, responses=AUDIO)
async def play_recording(request: Request, work: Tracing, recording_id: UUID, part: Part = None) -> Response:
    """The audio as WAV, customers left and the centre right; leaves a trace of who listened."""
    audio = await service.play(work, recording_id, request.app.state.settings)
    return await _answer(audio, part)


@router.get("/{recording_id}/download", operation_id="download_recording", response_class=Response, responses=AUDIO)
async def download_recording(request: Request, work: Downloading, recording_id: UUID, part: Part = None) -> Response:
    """The audio as a file; leaves a trace."""
    audio = await service.download(work, recording_id, request.app.state.settings)
    answer = await _answer(audio, part)
    answer.headers["Content-Disposition"] = f'attachment; filename="{recording_id}.wav"'
    return answer


@router.get("/{recording_id}/marks", operation_id="list_marks")
async def list_marks(work: Playing, recording_id: UUID) -> list[MarkOut]:
    """Marks of people, and pauses, by their time."""
    return (await service.read_recording(work, recording_id)).marks


@router.post(
    "/{recording_id}/marks", operation_id="add_mark", status_code=status.HTTP_201_CREATED, responses=problems(409)
)
async def add_mark(work: Tracing, recording_id: UUID, form: MarkIn) -> MarkOut:
    return await service.add_mark(work, recording_id, form)


@router.delete("/{recording_id}/marks/{mark_id}", operation_id="remove_mark", status_code=status.HTTP_204_NO_CONTENT)
async def remove_mark(work: Tracing, recording_id: UUID, mark_id: UUID) -> None:
    """One's own mark, or with the permission `interactions.write`."""
    await service.remove_mark(work, recording_id, mark_id)


async def _answer(audio: Audio, part: str | None) -> Response:
    """The audio or a part of it. The first block is read before the answer begins, so that a fault has its status."""
    asked = asked_part(part, audio.size)
    start, stop = asked or (0, audio.size)
    blocks = audio.read(start, stop)
    first = await anext(blocks, b"")
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(stop - start),
        "Cache-Control": "private, no-store",
    }
    if asked is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{audio.size}"

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for block in blocks:
            yield block

    return StreamingResponse(body(), status_code=200 if asked is None else 206, headers=headers, media_type="audio/wav")
