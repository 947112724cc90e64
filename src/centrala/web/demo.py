"""The sample centre's crowd over HTTP: how busy it is, and the numbers by which to call the centre oneself."""

import time
from typing import Annotated, Final

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from centrala.flows.demo_lines import LINES
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.settings import AppSettings
from centrala.kit.work import Work
from centrala.web.demo_mix import Board, Crowd, Mix

router: Final = Routes(prefix="/demo", tags=["demo"], responses=problems())

SILENT_AFTER: Final = 10.0  # seconds without a word of the crowd, after which it is not there


class LineOut(BaseModel):
    """A number of the sample centre."""

    dialled: str
    project: str = Field(description="The project's code.")


class DemoOut(BaseModel):
    demo: bool = Field(description="Whether this is the sample centre; everything else is empty in a real one.")
    mix: Mix
    crowd: Crowd | None = Field(description="Null while nobody simulates anything.")
    lines: list[LineOut]


async def _board(request: Request) -> Board | None:
    settings: AppSettings = request.app.state.settings
    return Board(settings.folders.data) if settings.demo else None


Sample = Annotated[Board | None, Depends(_board)]


def _shown(board: Board | None) -> DemoOut:
    if board is None:
        return DemoOut(demo=False, mix=Mix(on=False, streams={}), crowd=None, lines=[])
    crowd = board.crowd()
    alive = time.time() - crowd.at < SILENT_AFTER
    lines = [LineOut(dialled=dialled, project=code) for dialled, code in LINES.items()]
    return DemoOut(demo=True, mix=board.mix(), crowd=crowd if alive else None, lines=lines)


@router.get("", operation_id="read_demo")
async def read_demo(
    _work: Annotated[Work, Depends(reading(Permission.PHONE_OWN), scope="function")], board: Sample
) -> DemoOut:
    """What the sample centre's crowd does."""
    return _shown(board)


@router.put("", operation_id="change_demo")
async def change_demo(
    work: Annotated[Work, Depends(working(Permission.DEMO_CONTROL), scope="function")], board: Sample, form: Mix
) -> DemoOut:
    """Make the sample centre busier or calmer; the crowd follows within a second. Nothing happens in a real centre."""
    if board is not None:
        board.set_mix(form)
        work.trace("demo.changed", "demo", "*")
    return _shown(board)
