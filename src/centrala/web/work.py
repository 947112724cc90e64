"""An operator's work over HTTP: what is on the desk now, and what is done with it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request, status

from centrala.flows.desk import verbs
from centrala.flows.desk.schemas import (
    DialIn,
    DialledOut,
    DigitsIn,
    EscalateIn,
    HelpIn,
    PauseIn,
    ResumeIn,
    TargetIn,
    TargetsOut,
    WorkOut,
)
from centrala.kit.access import Permission
from centrala.kit.http import Routes, problems, reading, working
from centrala.kit.work import Work

router: Final = Routes(prefix="/work", tags=["work"], responses=problems(409))

Reading = Annotated[Work, Depends(reading(Permission.WORK_OWN), scope="function")]
Working = Annotated[Work, Depends(working(Permission.WORK_OWN), scope="function")]


async def _desks(request: Request) -> verbs.Desks | None:
    desks: verbs.Desks | None = request.app.state.desks
    return desks


Running = Annotated[verbs.Desks | None, Depends(_desks)]
DONE: Final = status.HTTP_204_NO_CONTENT


@router.get("", operation_id="read_work")
async def read_work(work: Reading, desks: Running) -> WorkOut:
    """My whole work as it is now; `/api/work/live` sends the same on every change."""
    return await verbs.read(work, desks)


@router.get("/targets", operation_id="list_work_targets")
async def list_work_targets(work: Reading, desks: Running) -> TargetsOut:
    """Colleagues and queues of my projects to which a contact can be handed."""
    return await verbs.targets(work, desks)


@router.post("/call", operation_id="place_call", status_code=status.HTTP_201_CREATED)
async def place_call(work: Working, desks: Running, form: DialIn) -> DialledOut:
    """Call a number in a project's name: my phone rings first."""
    return DialledOut(interaction_id=await verbs.call(work, desks, form))


@router.post("/contacts/{interaction_id}/decline", operation_id="decline_contact", status_code=DONE)
async def decline_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Do not take what rings; it goes on to somebody else."""
    await verbs.decline(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/hold", operation_id="hold_contact", status_code=DONE)
async def hold_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Music for the client."""
    await verbs.hold(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/resume", operation_id="resume_contact", status_code=DONE)
async def resume_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Talk with the client again; who is consulted waits meanwhile."""
    await verbs.resume(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/consult", operation_id="consult_about_contact", status_code=DONE)
async def consult_about_contact(work: Working, desks: Running, interaction_id: UUID, form: TargetIn) -> None:
    """Call a colleague, a queue or a number while the client hears music."""
    await verbs.consult(work, desks, interaction_id, form)


@router.post("/contacts/{interaction_id}/complete", operation_id="complete_transfer", status_code=DONE)
async def complete_transfer(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Attended transfer: I leave, the client talks with whom I consulted."""
    await verbs.complete(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/cancel-consult", operation_id="cancel_consult", status_code=DONE)
async def cancel_consult(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Let go of whom I consult, and talk with the client again."""
    await verbs.cancel_consult(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/conference", operation_id="join_consulted", status_code=DONE)
async def join_consulted(work: Working, desks: Running, interaction_id: UUID) -> None:
    """Three-way: the client, whom I consult, and I."""
    await verbs.conference(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/transfer", operation_id="transfer_contact", status_code=DONE)
async def transfer_contact(work: Working, desks: Running, interaction_id: UUID, form: TargetIn) -> None:
    """Blind transfer: I leave at once; the note goes along."""
    await verbs.transfer(work, desks, interaction_id, form)


@router.post("/contacts/{interaction_id}/help", operation_id="ask_for_help", status_code=DONE)
async def ask_for_help(work: Working, desks: Running, interaction_id: UUID, form: HelpIn) -> None:
    """Raise or lower the hand: seniors and supervisors of the project see it."""
    await verbs.ask_help(work, desks, interaction_id, form)


@router.post("/contacts/{interaction_id}/escalate", operation_id="escalate_contact", status_code=DONE)
async def escalate_contact(work: Working, desks: Running, interaction_id: UUID, form: EscalateIn) -> None:
    """Abuse: hand the contact to those who take such contacts, or note the reason, after which I may hang up."""
    await verbs.escalate(work, desks, interaction_id, form)


@router.post("/contacts/{interaction_id}/pause-recording", operation_id="pause_recording", status_code=DONE)
async def pause_recording(work: Working, desks: Running, interaction_id: UUID, form: PauseIn) -> None:
    """Silence in the recording, as for card data; each reason is lifted by its own resume."""
    await verbs.pause_recording(work, desks, interaction_id, form.reason, paused=True)


@router.post("/contacts/{interaction_id}/resume-recording", operation_id="resume_recording", status_code=DONE)
async def resume_recording(work: Working, desks: Running, interaction_id: UUID, form: ResumeIn) -> None:
    """Record again once no reason for a pause is left."""
    await verbs.pause_recording(work, desks, interaction_id, form.reason, paused=False)


@router.post("/contacts/{interaction_id}/digits", operation_id="send_digits", status_code=DONE)
async def send_digits(work: Working, desks: Running, interaction_id: UUID, form: DigitsIn) -> None:
    """Press keys towards the client's side, as in another centre's menu."""
    await verbs.digits(work, desks, interaction_id, form.digits)


@router.post("/contacts/{interaction_id}/hang-up", operation_id="end_contact", status_code=DONE)
async def end_contact(work: Working, desks: Running, interaction_id: UUID) -> None:
    """End the conversation, where the project lets operators do so."""
    await verbs.end(work, desks, interaction_id)


@router.post("/contacts/{interaction_id}/finish", operation_id="finish_wrap_up", status_code=DONE)
async def finish_wrap_up(work: Working, desks: Running, interaction_id: UUID) -> None:
    """The after-contact work is done."""
    await verbs.finish(work, desks, interaction_id)
