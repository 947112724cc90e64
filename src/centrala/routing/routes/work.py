"""The operator's own state and check; the rest of `/work` belongs to the flows."""

from typing import Annotated

from fastapi import Depends

from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.work import Work
from centrala.routing import service
from centrala.routing.routes.common import Dispatching, OnBoard
from centrala.routing.schemas import ChoicesIn, ChoicesOut
from centrala.routing.schemas_work import CheckIn, CheckOut, StateIn, StateOut

router = Routes(prefix="/work", tags=["work"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.WORK_OWN), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.WORK_OWN), scope="function")]


@router.get("/state", operation_id="read_my_state")
async def read_my_state(work: Reading, dispatcher: Dispatching) -> StateOut:
    return await service.read_state(dispatcher, service.me(work))


@router.put("/state", operation_id="set_my_state", responses=problems(409))
async def set_my_state(work: Writing, form: StateIn, dispatcher: Dispatching) -> StateOut:
    """A break begins when the contacts in hand are finished; `until` is empty until then.

    `routing.break_full` tells in `on_break` how many are away.
    """
    return await service.ask_state(work, dispatcher, service.me(work), form)


@router.get("/choices", operation_id="read_my_choices")
async def read_my_choices(work: Reading) -> ChoicesOut:
    """The channels that you may take, those that you have switched off, and which of your phones rings."""
    return await service.read_choices(work, service.me(work))


@router.put("/choices", operation_id="set_my_choices")
async def set_my_choices(work: Writing, form: ChoicesIn) -> ChoicesOut:
    """In force a moment later, over shifts and restarts; what you have in hand stays."""
    return await service.choose(work, service.me(work), form)


@router.get("/selftest", operation_id="read_my_check")
async def read_my_check(work: Reading) -> CheckOut | None:
    """The last check of the desk; null when there was none."""
    return await service.read_check(work, service.me(work))


@router.put("/selftest", operation_id="save_my_check")
async def save_my_check(work: Writing, form: CheckIn, board: OnBoard) -> CheckOut:
    """What the check before the shift has found; supervisors see it on the board."""
    check = await service.save_check(work, service.me(work), form)
    board.note_check(service.me(work), check.at, passed=check.passed)
    return check
