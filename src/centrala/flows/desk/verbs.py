"""What operators do with their contacts. Who asks is found in the unit of work; a contact of others does not exist.

`desks` is None where this process serves no desks (a test of routes): nobody has a contact then.
"""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from centrala.flows.desk.desks import Desks
from centrala.flows.desk.errors import NoTelephony, ContactNotNow, MayNotHangUp
from centrala.flows.desk.schemas import DialIn, EscalateIn, HelpIn, TargetIn, TargetsOut, WorkOut, WorkState
from centrala.interactions.service import number_of_promise
from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.verbs import may
from centrala.kit.work import Work
from centrala.people.service import active_colleagues
from centrala.routing.schemas_work import NoticeIn
from centrala.routing.service import send_notice
from centrala.security.service import permissions_of

if TYPE_CHECKING:
    from centrala.flows.contacts.centre import Centre
    from centrala.flows.contacts.state import Contact

__all__ = ["Desks"]

MAX_HELPERS: Final = 50  # people who are told of a raised hand
NOBODY: Final = WorkState(state="off")


async def read(work: Work, desks: Desks | None) -> WorkOut:
    """The document of the person who asks."""
    if desks is None:
        return WorkOut(
            version=0, now=work.now, telephony=False, phone=False, state=NOBODY, contacts=[]
        )
    return await desks.document(_me(work), revealable=may(work, Permission.INTERACTIONS_REVEAL))


async def targets(work: Work, desks: Desks | None) -> TargetsOut:
    """Colleagues and queues of the asker's projects."""
    if desks is None:
        return TargetsOut(people=[], queues=[])
    return await desks.targets(work)


async def call(work: Work, desks: Desks | None, form: DialIn) -> UUID:
    """Call a number in the name of a project of one's own; the id of the interaction."""
    projects = work.access.wall.projects if work.access else frozenset()
    if form.project_id not in projects:
        raise NotFound
    centre = None if desks is None else desks.centre
    if centre is None:
        raise NoTelephony
    if form.promise_id is not None:
        form = form.model_copy(update={"number": await number_of_promise(work, form.promise_id)})
    return await centre.place_call(_me(work), form)


async def decline(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _offered(work, desks, contact_id)
    await centre.decline(contact, _me(work))


async def hold(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.hold(contact)


async def resume(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.resume(contact)


async def consult(work: Work, desks: Desks | None, contact_id: UUID, form: TargetIn) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.consult(contact, form)


async def complete(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.complete(contact)


async def cancel_consult(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.cancel_consult(contact)


async def conference(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.conference(contact)


async def transfer(work: Work, desks: Desks | None, contact_id: UUID, form: TargetIn) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.transfer(contact, form)


async def ask_help(work: Work, desks: Desks | None, contact_id: UUID, form: HelpIn) -> None:
    """A raised hand is a notice to the seniors and supervisors of the project, who may then listen, whisper or join."""
    centre, contact = _mine(work, desks, contact_id)
    await centre.ask_help(contact, form)
    if not form.on:
        return
    me = _me(work)
    people = await active_colleagues(work)
    helpers = [
        one.id
        for one in people.values()
        if one.id != me and contact.project_id in one.project_ids and Permission.SUPERVISE in permissions_of(one.roles)
    ]
    if helpers:  # with nobody named it would go to the whole centre
        text = f"✋ {centre.voice.person_name(me)} · {contact.project}: {form.text}".rstrip(": ")
        await send_notice(work, NoticeIn(text=text, urgent=True, people=helpers[:MAX_HELPERS]))


async def escalate(work: Work, desks: Desks | None, contact_id: UUID, form: EscalateIn) -> None:
    """The trail says who escalated and why; the words of the note stay with the contact."""
    centre, contact = _mine(work, desks, contact_id)
    work.trace("contact.escalated", "interaction", contact.id, project_id=contact.project_id, reason=form.reason)
    await centre.escalate(contact, form)


async def pause_recording(work: Work, desks: Desks | None, contact_id: UUID, reason: str, *, paused: bool) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.pause_recording(contact, reason, paused=paused)


async def digits(work: Work, desks: Desks | None, contact_id: UUID, pressed: str) -> None:
    centre, contact = _mine(work, desks, contact_id)
    await centre.send_digits(contact, pressed)


async def end(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _mine(work, desks, contact_id)
    if not centre.may_hang_up(contact):
        raise MayNotHangUp
    await centre.hang_up(contact)


async def finish(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre = None if desks is None else desks.centre
    if centre is None or not centre.finish_wrap_up(contact_id, _me(work)):
        raise NotFound


def _me(work: Work) -> UUID:
    if work.access is None:
        raise NotFound
    return work.access.account_id


def _mine(work: Work, desks: Desks | None, contact_id: UUID) -> "tuple[Centre, Contact]":
    """The contact, which the asker talks with now."""
    centre = None if desks is None else desks.centre
    contact = None if centre is None else centre.find(contact_id)
    if centre is None or contact is None:
        raise NotFound
    me = _me(work)
    if contact.seat is not None and contact.seat.person_id == me:
        return centre, contact
    if me in contact.people():
        raise ContactNotNow
    raise NotFound


def _offered(work: Work, desks: Desks | None, contact_id: UUID) -> "tuple[Centre, Contact]":
    centre = None if desks is None else desks.centre
    contact = None if centre is None else centre.find(contact_id)
    if centre is None or contact is None or _me(work) not in contact.people():
        raise NotFound
    return centre, contact
