"""Contacts as the people see them who have them, or who supervise them."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from centrala.flows.desk.schemas import (
    LiveContact,
    LivePhase,
    PartyRole,
    PartyState,
    Phase,
    Recording,
    WorkContact,
    WorkParty,
    WorkState,
)
from centrala.kit.personal import Kind, Masked
from centrala.routing.service import OperatorView

if TYPE_CHECKING:
    from centrala.flows.contacts.centre import Centre
    from centrala.flows.contacts.state import Contact, Seat

SIGNED_OUT: Final = WorkState(state="off")


def state_of(view: OperatorView | None) -> WorkState:
    """The router's view; who takes no contacts is signed out."""
    if view is None:
        return SIGNED_OUT
    return WorkState(
        state=view.state.value, reason=view.reason, since=view.since, until=view.until, present=view.present
    )


def work_contact(centre: "Centre", contact: "Contact", person_id: UUID, *, revealable: bool) -> WorkContact:
    """A contact on the desk of one of its people."""
    seat = _seat(contact, person_id)
    wrapping = person_id in contact.wrapping and seat is None
    phase = Phase.WRAP_UP if wrapping else _phase(contact, seat)
    until = contact.wrapping.get(person_id) if wrapping else (seat.until if seat and phase is Phase.OFFERED else None)
    consulted = contact.consult is not None and seat is contact.consult.seat
    return WorkContact(
        id=contact.id,
        phase=phase,
        direction="out" if contact.direction == "out" else "in",
        number=Masked.of(Kind.PHONE, contact.number, revealable=revealable),
        name=_name(contact, revealable=revealable),
        customer_id=contact.customer_id,
        project_id=contact.project_id,
        project=contact.project,
        queue_id=contact.queue_id,
        queue=contact.queue,
        language=contact.language,
        menu_path=contact.menu_path,
        came_at=contact.came_at,
        queued_at=contact.queued_at,
        answered_at=None if seat is None else seat.answered_at,
        since=contact.since if seat is None else seat.since,
        until=until,
        held=contact.held,
        recording=recording_of(contact),
        others=_others(centre, contact, person_id),
        note=contact.consult.note if consulted and contact.consult else contact.note,
        transferred_by=_asker(centre, contact) if consulted else contact.transferred_by,
        may_hang_up=centre.may_hang_up(contact),
        help_asked=contact.help_text is not None,
        callback=contact.callback,
    )


def _name(contact: "Contact", *, revealable: bool) -> Masked:
    """A customer is called by their name, as on their card beside; what a caller calls themselves is masked."""
    if contact.customer_id is not None:
        return Masked(masked=contact.name, revealable=False)
    return Masked.of(Kind.NAME, contact.name, revealable=revealable)


def _seat(contact: "Contact", person_id: UUID) -> "Seat | None":
    for seat in (contact.seat, contact.offer, contact.consult.seat if contact.consult else None):
        if seat is not None and seat.person_id == person_id and not seat.gone:
            return seat
    return None


def _phase(contact: "Contact", seat: "Seat | None") -> Phase:
    if seat is None or seat.leg_id is None:
        return Phase.CALLING if contact.direction == "out" and seat is contact.seat else Phase.OFFERED
    return Phase.CALLING if contact.stage.value == "calling" else Phase.TALKING


def _asker(centre: "Centre", contact: "Contact") -> str:
    return "" if contact.seat is None else centre.voice.person_name(contact.seat.person_id)


def recording_of(contact: "Contact") -> Recording:
    if contact.recording_id is None:
        return Recording.OFF
    return Recording.PAUSED if contact.pauses else Recording.ON


def _others(centre: "Centre", contact: "Contact", person_id: UUID) -> list[WorkParty]:
    found = []
    consult = contact.consult
    if consult is not None and (consult.seat is None or consult.seat.person_id != person_id):
        state = PartyState.TALKING if consult.talking else PartyState.RINGING
        if consult.seat is None and consult.queue_id is not None:
            state = PartyState.WAITING
        found.append(
            WorkParty(
                role=PartyRole.JOINED if consult.joined else PartyRole.CONSULTED,
                state=state,
                person_id=consult.seat.person_id if consult.seat else None,
                name=consult.name,
                since=consult.since,
            )
        )
    for watcher in contact.watchers.values():
        if watcher.role in {PartyRole.WHISPERING.value, PartyRole.BARGING.value}:
            found.append(
                WorkParty(
                    role=PartyRole(watcher.role),
                    state=PartyState.RINGING if watcher.leg_id is None else PartyState.TALKING,
                    person_id=watcher.person_id,
                    name=centre.voice.person_name(watcher.person_id),
                    since=watcher.since,
                )
            )
    return found


_LIVE: Final = {
    "menu": LivePhase.MENU,
    "waiting": LivePhase.WAITING,
    "absent": LivePhase.WAITING,
    "calling": LivePhase.CALLING,
    "talking": LivePhase.TALKING,
    "after": LivePhase.AFTER,
}


def live_contact(centre: "Centre | None", contact: "Contact", *, revealable: bool) -> LiveContact:
    """A contact as those see it who supervise its project."""
    seat = contact.seat or contact.offer
    phase = _LIVE.get(contact.stage.value, LivePhase.AFTER)
    if phase is LivePhase.WAITING and contact.offer is not None:
        phase = LivePhase.OFFERED
    return LiveContact(
        id=contact.id,
        project_id=contact.project_id,
        queue_id=contact.queue_id,
        phase=phase,
        direction="out" if contact.direction == "out" else "in",
        number=Masked.of(Kind.PHONE, contact.number, revealable=revealable),
        language=contact.language,
        operator_id=None if seat is None else seat.person_id,
        operator="" if seat is None or centre is None else centre.voice.person_name(seat.person_id),
        since=contact.since,
        held=contact.held,
        recording=recording_of(contact),
        help_asked=contact.help_text is not None,
        help_text=contact.help_text or "",
        supervised_by=list(contact.watchers),
    )
