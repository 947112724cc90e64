"""How busy the sample centre is: what the page changes and the crowd follows."""

import json
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_RATE: Final = 600  # calls an hour to one project; the crowd is one Python process


class Stream(BaseModel):
    """The calls to one project."""

    model_config = ConfigDict(extra="forbid")

    calls_per_hour: int = Field(default=40, ge=0, le=MAX_RATE)
    patience_seconds: int = Field(
        default=90, ge=5, le=1_800, description="Mean time until somebody who waits gives up."
    )
    talk_seconds: int = Field(default=45, ge=5, le=1_800, description="Mean length of a conversation.")


class Mix(BaseModel):
    """The whole crowd. Streams are named by the project's code."""

    model_config = ConfigDict(extra="forbid")

    on: bool = Field(default=True, description="Off: no new calls, and the simulated operators sign out.")
    streams: dict[str, Stream] = Field(max_length=20)


DEFAULT: Final = Mix(
    streams={
        "ORB": Stream(calls_per_hour=60, talk_seconds=60),
        "TAXI": Stream(calls_per_hour=90, patience_seconds=45, talk_seconds=25),
        "CARD": Stream(calls_per_hour=40, talk_seconds=50),
    }
)


class Crowd(BaseModel):
    """What the crowd is doing, as it says every second."""

    calls: int = 0
    placed: int = 0
    served: int = 0
    gave_up: int = 0
    failed: int = 0
    operators: int = 0
    at: float = Field(default=0.0, description="Seconds since 1970.")


class Board:
    """Two files in the demo's data folder by which page and crowd tell each other."""

    def __init__(self, folder: Path) -> None:
        self._mix, self._crowd = folder / "demo-mix.json", folder / "demo-crowd.json"

    def mix(self) -> Mix:
        """What was set last; the default when nothing was, or when the file cannot be read."""
        try:
            return Mix.model_validate_json(self._mix.read_bytes())
        except (OSError, ValidationError):
            return DEFAULT

    def set_mix(self, mix: Mix) -> None:
        _write(self._mix, mix)

    def crowd(self) -> Crowd:
        try:
            return Crowd.model_validate_json(self._crowd.read_bytes())
        except (OSError, ValidationError):
            return Crowd()

    def tell(self, crowd: Crowd) -> None:
        _write(self._crowd, crowd)


def _write(file: Path, what: BaseModel) -> None:
    """Whole or not at all: somebody may read it meanwhile."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(what.model_dump()))
    fresh.replace(file)
