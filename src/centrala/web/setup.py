"""The first start: the page behind the printed link makes the first administrator."""

from typing import Final

from fastapi import APIRouter, Request

from centrala.kit.access import CENTRE
from centrala.kit.http import problems
from centrala.kit.work import work
from centrala.security import schemas as s
from centrala.security.service import is_needed

router: Final = APIRouter(tags=["setup"], responses=problems(409))


@router.get("/setup")
async def read_setup(request: Request) -> s.SetupNeeded:
    """Whether the centre still lacks its first administrator."""
    state = request.app.state
    async with work(state.database, CENTRE, clock=state.clock) as unit:
        return s.SetupNeeded(needed=await is_needed(unit))
