"""Supervisors and the contacts of their projects: who is in the centre, listening, whispering, barging, moving.

What a supervisor does with somebody else's conversation leaves a row in the trail, in the transaction of the request.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from centrala.flows.desk.desks import Desks
from centrala.flows.desk.errors import NoTelephony
from centrala.flows.desk.schemas import LiveContacts, MoveIn, TestCallOut
from centrala.ivr.service import reach_flow
from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.verbs import may
from centrala.kit.work import Work

if TYPE_CHECKING:
    from centrala.flows.contacts.centre import Centre
    from centrala.flows.contacts.state import Contact


def live_contacts(work: Work, desks: Desks | None) -> LiveContacts:
    """The contacts behind the asker's wall."""
    centre = None if desks is None else desks.centre
    if centre is None or desks is None:
        return LiveContacts(running=False, items=[])
    projects = work.access.wall.projects if work.access else frozenset()
    found = [one for one in centre.contacts.values() if one.project_id in projects and one.live]
    found.sort(key=lambda one: one.came_at)
    revealable = may(work, Permission.INTERACTIONS_REVEAL)
    return LiveContacts(running=True, items=[desks.live_contact(one, revealable=revealable) for one in found])


async def listen(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _seen(work, desks, contact_id)
    _trace(work, contact, "listening")
    await centre.supervise(contact, _me(work), "listening")


async def whisper(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _seen(work, desks, contact_id)
    _trace(work, contact, "whispering")
    await centre.supervise(contact, _me(work), "whispering")


async def barge(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _seen(work, desks, contact_id)
    _trace(work, contact, "barging")
    await centre.supervise(contact, _me(work), "barging")


async def leave(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    """Leave a conversation that one supervises; no error when one is not in it any more."""
    centre, contact = _seen(work, desks, contact_id)
    await centre.stop_supervising(contact, _me(work))


async def take(work: Work, desks: Desks | None, contact_id: UUID) -> None:
    centre, contact = _seen(work, desks, contact_id)
    work.trace("contact.taken", "interaction", contact.id, project_id=contact.project_id)
    await centre.take(contact, _me(work))


async def move(work: Work, desks: Desks | None, contact_id: UUID, form: MoveIn) -> None:
    centre, contact = _seen(work, desks, contact_id)
    work.trace("contact.moved", "interaction", contact.id, project_id=contact.project_id, queue_id=str(form.queue_id))
    await centre.move(work, contact, form)


async def test_call(work: Work, desks: Desks | None, flow_id: UUID) -> TestCallOut:
    """A target for one call within a minute. Raises `NotFound` for a flow behind the wall, `NoTelephony`."""
    await reach_flow(work, flow_id)
    centre = None if desks is None else desks.centre
    if centre is None:
        raise NoTelephony
    return await centre.test_call(work, flow_id)


def _trace(work: Work, contact: "Contact", role: str) -> None:
    work.trace("contact.supervised", "interaction", contact.id, project_id=contact.project_id, role=role)


def _me(work: Work) -> UUID:
    if work.access is None:
        raise NotFound
    return work.access.account_id


def _seen(work: Work, desks: Desks | None, contact_id: UUID) -> "tuple[Centre, Contact]":
    centre = None if desks is None else desks.centre
    contact = None if centre is None else centre.find(contact_id)
    projects = work.access.wall.projects if work.access else frozenset()
    if centre is None or contact is None or contact.project_id not in projects:
        raise NotFound
    return centre, contact
