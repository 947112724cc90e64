"""What the calls tell, sorted to the contact it is about, and to the part that it concerns."""

from uuid import UUID

from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.line import Line
from centrala.flows.contacts.menu import Menus
from centrala.flows.contacts.offers import Offers
from centrala.flows.contacts.outward import Outward
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Seat, Stage
from centrala.flows.contacts.watch import Watch
from centrala.telephony.calls.causes import Cause, Ending
from centrala.telephony.calls.events import (
    CallEnded,
    CallEvent,
    HeldBy,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegMoved,
    LegResumed,
    PlayEnded,
    RecordingEnded,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from centrala.telephony.media.types import PlayName


class Ears:
    def __init__(
        self,
        shared: Shared,
        *,
        line: Line,
        offers: Offers,
        endings: Endings,
        menus: Menus,
        outward: Outward,
        watch: Watch,
    ) -> None:
        self._shared = shared
        self._line = line
        self._offers = offers
        self._endings = endings
        self._menus = menus
        self._outward = outward
        self._watch = watch

    def hear(self, event: CallEvent) -> None:
        contact = self._shared.by_call.get(event.call_id)
        if contact is None:
            return
        match event:
            case LegAnswered():
                self._answered(contact, event.leg_id)
            case LegEnded():
                self._ended(contact, event.leg_id, event.ending)
            case PlayEnded():
                self._played(contact, event)
            case LegHeld(by=HeldBy.PEER):
                self._held_by_phone(contact, event.leg_id, held=True)
            case LegResumed(by=HeldBy.PEER):
                self._held_by_phone(contact, event.leg_id, held=False)
            case LegMoved():
                self._shared.by_leg[event.leg_id] = contact
            case RecordingStarted() | RecordingPaused() | RecordingResumed() | RecordingEnded():
                self._recording(contact, event)
            case CallEnded():
                self._call_over(contact, event)

    # Answers

    def _answered(self, contact: Contact, leg_id: UUID) -> None:
        if leg_id == contact.client:
            return
        if leg_id in contact.dialled:
            self._outward.client_answered(contact, leg_id)
            return
        seat = _seat_of(contact, leg_id)
        if seat is not None:
            self._seated(contact, seat, leg_id)
            return
        for watcher in contact.watchers.values():
            if watcher.dialing is not None and any(leg.id == leg_id for leg in watcher.dialing.legs):
                self._watch.answered(contact, watcher, leg_id)
                return
        consult = contact.consult
        if consult is not None and consult.dialing is not None and consult.seat is None:
            if any(leg.id == leg_id for leg in consult.dialing.legs):
                consult.leg_id = leg_id
                self._shared.changed(contact)
            return
        self._taken_up(contact, leg_id)

    def _seated(self, contact: Contact, seat: Seat, leg_id: UUID) -> None:
        """A phone of the centre's people was answered: what for?"""
        shared = self._shared
        consult = contact.consult
        if consult is not None and seat is consult.seat:
            if seat.offer is None or self._offers.accept(contact, seat, leg_id):
                seat.leg_id, seat.answered_at, consult.leg_id = leg_id, shared.clock(), leg_id
                shared.changed(contact)
            return
        if seat is contact.seat:
            self._successor(contact, seat, leg_id)
            return
        if seat.offer is not None and not self._offers.accept(contact, seat, leg_id):
            return
        seat.leg_id, seat.answered_at = leg_id, shared.clock()
        self._offers.sit_down(contact, seat, calling=contact.client is None)
        if contact.client is None:
            self._outward.reach_client(contact)
        else:
            self._menus.connected(contact)
            shared.step(contact, self._watch.follow(contact))

    def _successor(self, contact: Contact, seat: Seat, leg_id: UUID) -> None:
        """Who was rung directly, by transfer or for their own call, has answered."""
        seat.leg_id, seat.answered_at = leg_id, self._shared.clock()
        if contact.client is None:
            contact.enter(Stage.CALLING, self._shared.clock())
            self._shared.changed(contact)
            self._outward.reach_client(contact)
        else:
            self._offers.sit_down(contact, seat)
            self._shared.step(contact, self._watch.follow(contact))

    def _taken_up(self, contact: Contact, leg_id: UUID) -> None:
        """A leg that nobody dialled: the operator's phone is back after a reload (RFC 3891), or has transferred."""
        shared = self._shared
        call = None if contact.call_id is None else shared.calls.find(contact.call_id)
        leg = None if call is None else call.legs.get(leg_id)
        owner = None if leg is None else shared.exchange.registrations.owner(leg.peer.number)
        if owner is None or contact.seat is None:
            return
        seat = contact.seat
        shared.by_leg[leg_id] = contact
        if seat.person_id == owner.person_id:
            seat.leg_id, seat.gone = leg_id, False
        else:
            self._endings.taken_over(contact, owner.person_id, leg_id)
        shared.changed(contact)

    # Ends

    def _ended(self, contact: Contact, leg_id: UUID, ending: Ending) -> None:
        self._shared.by_leg.pop(leg_id, None)
        if leg_id == contact.client:
            self._endings.client_left(contact, ending)
            return
        if leg_id == contact.outside:
            contact.outside = None
            self._endings.outside_left(contact)
            return
        consult = contact.consult
        if consult is not None and consult.leg_id == leg_id:
            self._endings.consulted_left(contact, ending)
            return
        for watcher in list(contact.watchers.values()):
            if watcher.leg_id == leg_id:
                self._watch.gone(contact, watcher)
                return
        seat = contact.seat
        if seat is not None and seat.leg_id == leg_id and ending.cause is not Cause.TRANSFERRED:
            self._endings.operator_left(contact, seat, ending)

    def _call_over(self, contact: Contact, event: CallEnded) -> None:
        """The last leg is gone. What has not been judged by its own end is judged here."""
        shared = self._shared
        if contact.recording_id is None and contact.recording_stops is None:  # else its end is still to be told
            shared.by_call.pop(event.call_id, None)
        if contact.call_id != event.call_id:
            return
        contact.call_id = None
        if contact.callback and contact.live and shared.knows(contact):
            self._endings.wait_absent(contact)
        else:
            self._endings.client_left(contact, event.ending)

    # The rest

    def _played(self, contact: Contact, event: PlayEnded) -> None:
        self._shared.play_ended(PlayName(event.play))
        if event.play == contact.saying:
            self._line.said(contact)
        elif event.play == contact.music:
            contact.music = None

    def _held_by_phone(self, contact: Contact, leg_id: UUID, *, held: bool) -> None:
        """The hold key of a desk phone."""
        seat = contact.seat
        if seat is None or seat.leg_id != leg_id or contact.stage is not Stage.TALKING or contact.held is held:
            return
        contact.held = held
        self._shared.tell(contact, "held" if held else "resumed", person_id=seat.person_id)
        self._shared.changed(contact)

    def _recording(
        self, contact: Contact, event: RecordingStarted | RecordingPaused | RecordingResumed | RecordingEnded
    ) -> None:
        kind = {
            RecordingStarted: "recording_started",
            RecordingPaused: "recording_paused",
            RecordingResumed: "recording_resumed",
            RecordingEnded: "recording_ended",
        }[type(event)]
        person = contact.seat.person_id if contact.seat else None
        self._shared.tell(contact, kind, person_id=person, recording_id=str(event.recording_id))
        if isinstance(event, RecordingEnded):
            if contact.recording_id == event.recording_id:
                contact.recording_id = None
            if contact.recording_stops == event.recording_id:
                contact.recording_stops = None
            if contact.call_id != event.call_id:
                self._shared.by_call.pop(event.call_id, None)
        self._shared.changed(contact)


def _seat_of(contact: Contact, leg_id: UUID) -> Seat | None:
    for seat in (contact.offer, contact.seat, contact.consult.seat if contact.consult else None):
        if seat is not None and seat.dialing is not None and any(leg.id == leg_id for leg in seat.dialing.legs):
            return seat
    return None
