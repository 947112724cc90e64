"""Supervision over HTTP: contacts that are in the centre now, listening, whispering, barging, moving."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request, status

from centrala.flows import supervision
from centrala.flows.desk.schemas import LiveContacts, MoveIn, TestCallOut
from centrala.flows.desk.verbs import Desks
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.work import Work

router: Final = Routes(prefix="/supervision", tags=["supervision"], responses=problems(409))
test_calls: Final = Routes(prefix="/flows", tags=["flows"], responses=problems(409))

Reading = Annotated[Work, Depends(reading(Permission.SUPERVISE), scope="function")]
Working = Annotated[Work, Depends(working(Permission.SUPERVISE), scope="function")]
Trying = Annotated[Work, Depends(working(Permission.FLOWS_WRITE), scope="function")]


async def _desks(request: Request) -> Desks | None:
    desks: Desks | None = request.app.state.desks
    return desks


Running = Annotated[Desks | None, Depends(_desks)]
DONE: Final = status.HTTP_204_NO_CONTENT


@router.get("", operation_id="list_live_contacts")
async def list_live_contacts(work: Reading, desks: Running) -> LiveContacts:
    """The contacts of my projects that are in the centre now, the oldest first."""
    return supervision.live_contacts(work, desks)


@router.post("/{interaction_id}/listen", operation_id="listen_to_contact", status_code=DONE)
async def listen_to_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """My phone rings; I hear both, nobody hears me. Leaves a trace."""
    await supervision.listen(work, desks, interaction_id)


@router.post("/{interaction_id}/whisper", operation_id="whisper_to_operator", status_code=DONE)
async def whisper_to_operator(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Only the operator hears me. Leaves a trace."""
    await supervision.whisper(work, desks, interaction_id)


@router.post("/{interaction_id}/barge", operation_id="barge_into_contact", status_code=DONE)
async def barge_into_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Everybody hears me. Leaves a trace."""
    await supervision.barge(work, desks, interaction_id)


@router.post("/{interaction_id}/leave", operation_id="leave_supervised", status_code=DONE)
async def leave_supervised(work: Working, desks: Running, interaction_id: UUID) -> None:
    """I leave the conversation; it goes on."""
    await supervision.leave(work, desks, interaction_id)


@router.post("/{interaction_id}/take", operation_id="take_waiting_contact", status_code=DONE)
async def take_waiting_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Take a contact that waits out of its queue: my phone rings. Leaves a trace."""
    await supervision.take(work, desks, interaction_id)


@router.post("/{interaction_id}/move", operation_id="move_waiting_contact", status_code=DONE)
async def move_waiting_contact(work: Working, desks: Running, interaction_id: UUID, form: MoveIn) -> None:
    """Move a contact that waits to another queue. Leaves a trace."""
    await supervision.move(work, desks, interaction_id, form)


@test_calls.post("/{flow_id}/test-call", operation_id="test_flow_by_call", status_code=status.HTTP_201_CREATED)
async def test_flow_by_call(work: Trying, desks: Running, flow_id: UUID) -> TestCallOut:
    """A target that my browser's phone dials, once within a minute, to hear the flow's draft as a client would."""
    return await supervision.test_call(work, desks, flow_id)
