"""The HTTP shapes of recordings."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field

from centrala.kit.forms import Form, Line

MAX_MARK: Final = 500  # characters
MAX_MARKS: Final = 200  # that people make in one recording
MAX_AT: Final = 86_400_000  # ms


class RecordingState(StrEnum):
    RUNNING = "running"
    STORED = "stored"
    MISSING = "missing"
    DELETED = "deleted"


class MarkKind(StrEnum):
    MARK = "mark"
    PAUSE = "pause"
    RESUME = "resume"
    OTHER = "other"


class MarkOut(BaseModel):
    """A mark of somebody, or a pause as the engine made it (those have no id)."""

    id: UUID | None
    at_ms: int
    kind: MarkKind
    text: str
    made_by: UUID | None
    made_at: datetime | None


class MarkIn(Form):
    at_ms: Annotated[int, Field(strict=True, ge=0, le=MAX_AT)]
    text: Annotated[Line, Field(min_length=1, max_length=MAX_MARK)]


class RecordingOut(BaseModel):
    """A recording without its audio."""

    id: UUID
    project_id: UUID
    interaction_id: UUID
    began_at: datetime
    ended_at: datetime | None
    state: RecordingState
    playable: bool = Field(description="There is audio now.")
    duration_ms: int | None
    size: int | None = Field(description="Of the audio, in bytes.")
    sides: list[str] = Field(description="Who is on the left and on the right: `customer`, `centre`.")
    levels: list[float] = Field(description="Loudness of each side in dBFS, once it is known.")
    has_waveform: bool
    deleted_at: datetime | None
    deleted_why: str | None = Field(description="`retention`, `quota` or `erasure`.")
    marks: list[MarkOut] = Field(description="By their time.")


class WaveformOut(BaseModel):
    """Peaks of each side, evenly spread over the recording: 0 is silence, 255 the loudest that there can be."""

    duration_ms: int
    sides: list[str]
    peaks: list[list[int]]
    levels: list[float]
