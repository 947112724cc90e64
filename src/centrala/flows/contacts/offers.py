"""Ring decisions: an operator's phone is called into the contact's call, and the router is told what became of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from centrala.flows.contacts.line import Line
from centrala.flows.contacts.shared import CONTACT_HEADER, Shared
from centrala.flows.contacts.state import Contact, Seat, Stage
from centrala.routing.service import (
    ContactLeft,
    OfferAccepted,
    OfferDeclined,
    OfferRefused,
    OfferUnanswered,
    Refusal,
    Ring,
    Withdraw,
)
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.events import Party
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.ports import Target
from centrala.telephony.calls.state import DialResult

GRACE: Final = 2.0  # seconds a phone rings beyond its offer, whose end the router tells
DECLINED: Final = frozenset({Cause.REFUSED, Cause.CANCELLED, Cause.ANSWERED_ELSEWHERE})


class Offers:
    def __init__(self, shared: Shared, line: Line) -> None:
        self._shared = shared
        self._line = line

    # Ringing

    def ring(self, decision: Ring) -> None:
        """Carry a lease out. A contact that is gone, or a phone that cannot be called, is told at once."""
        shared = self._shared
        contact = shared.contacts.get(UUID(decision.contact))
        if contact is None or not contact.live:
            shared.counters["rings_for_nobody"] += 1
            shared.feed(ContactLeft(decision.contact))
            return
        seat = contact.offer = self.seat_of(decision)
        shared.tell(contact, "offered", person_id=seat.person_id, queue_id=contact.queue_id)
        shared.changed(contact)
        shared.aside(contact, self._ring(contact, seat))

    def seat_of(self, decision: Ring) -> Seat:
        until = datetime.fromtimestamp(decision.until, UTC)
        return Seat(UUID(decision.operator), self._shared.clock(), offer=decision.offer, until=until)

    async def _ring(self, contact: Contact, seat: Seat) -> None:
        shared = self._shared
        if contact.call_id is None:
            self._begin_callback(contact)
        targets = self.phones(seat.person_id, contact)
        if not targets or contact.call_id is None or seat.until is None:
            self.refuse(contact, seat, Refusal.UNREACHABLE)
            return
        limit = max(1.0, (seat.until - shared.clock()).total_seconds() + GRACE)
        try:
            seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=limit)
        except CallError:
            self.refuse(contact, seat, Refusal.UNREACHABLE)
            return
        shared.own_legs(contact, [leg.id for leg in seat.dialing.legs])
        if seat.gone:
            await self.stop(seat)
        self.failed(contact, seat, await seat.dialing.result)

    def _begin_callback(self, contact: Contact) -> None:
        """A call-back has no call until its operator is rung for; it goes on while nobody is in it."""
        shared = self._shared
        contact.call_id = shared.calls.create(
            caller=contact.called, callee=contact.number, project_id=contact.project_id, open_=True
        )
        shared.by_call[contact.call_id] = contact
        shared.note(contact, call_id=contact.call_id)

    def phones(self, person_id: UUID, contact: Contact, **headers: str) -> list[Target]:
        """Everything that rings for a person, with the contact's id in the INVITE."""
        shown = Party(number=contact.number, display=contact.project)
        more = ((CONTACT_HEADER, str(contact.id)), *((f"X-Centrala-{name}", text) for name, text in headers.items()))
        found = self._shared.exchange.ways.to_person(person_id, shown)
        return [replace(target, headers=(*target.headers, *more)) for target in found]

    def refuse(self, contact: Contact, seat: Seat, why: Refusal = Refusal.UNREACHABLE) -> None:
        if seat.offer is not None and not seat.gone:
            self.drop(contact, seat)
            self._shared.feed(OfferRefused(seat.offer, why))

    def failed(self, contact: Contact, seat: Seat, result: DialResult) -> None:
        """Nobody answered. What the router has ended itself is not told to it again."""
        if result.leg is not None or seat.gone or seat.offer is None:
            return
        shared = self._shared
        cause = result.ending.cause if result.ending is not None else Cause.UNREACHABLE
        self.drop(contact, seat)
        if cause in DECLINED:
            shared.tell(contact, "declined", person_id=seat.person_id)
            shared.feed(OfferDeclined(seat.offer))
        elif cause is Cause.NO_ANSWER:
            shared.tell(contact, "not_answered", person_id=seat.person_id)
            shared.feed(OfferUnanswered(seat.offer))
        else:
            busy = cause is Cause.BUSY
            shared.tell(contact, "not_answered", person_id=seat.person_id, cause=cause.value)
            shared.feed(OfferRefused(seat.offer, Refusal.BUSY if busy else Refusal.UNREACHABLE))

    def drop(self, contact: Contact, seat: Seat) -> None:
        """The offer is over."""
        seat.gone = True
        if contact.offer is seat:
            contact.offer = None
        self._shared.changed(contact)

    # The router's and the operator's word

    def withdraw(self, decision: Withdraw) -> None:
        """Stop ringing."""
        shared = self._shared
        contact = shared.contacts.get(UUID(decision.contact)) or shared.questions.get(UUID(decision.contact))
        if contact is None:
            return
        for seat in (contact.offer, contact.consult.seat if contact.consult else None):
            if seat is None or seat.offer != decision.offer or seat.gone:
                continue
            if decision.reason.value == "expired":
                shared.tell(contact, "not_answered", person_id=seat.person_id)
            self.drop(contact, seat)
            shared.aside(contact, self.stop(seat))

    async def stop(self, seat: Seat) -> None:
        """Cancel every phone that rings for the seat."""
        for leg in seat.dialing.alive if seat.dialing is not None else ():
            await self._shared.calls.hang_up(leg.id, Cause.CANCELLED)

    async def decline(self, contact: Contact, seat: Seat) -> None:
        if seat.gone or seat.offer is None:
            return
        self.drop(contact, seat)
        self._shared.tell(contact, "declined", person_id=seat.person_id)
        self._shared.feed(OfferDeclined(seat.offer))
        await self.stop(seat)

    # The answer

    def accept(self, contact: Contact, seat: Seat, leg_id: UUID) -> bool:
        """The phone was answered: the contact is theirs if the router says that the offer still stood."""
        shared = self._shared
        if seat.offer is None:
            return False
        shared.feed(OfferAccepted(seat.offer))
        if seat.offer in shared.voids:
            shared.voids.discard(seat.offer)
            shared.counters["answers_too_late"] += 1
            shared.aside(contact, shared.calls.hang_up(leg_id, Cause.ANSWERED_ELSEWHERE))
            return False
        seat.leg_id, seat.answered_at, seat.gone = leg_id, shared.clock(), False
        seat.since = seat.answered_at
        return True

    def sit_down(self, contact: Contact, seat: Seat, *, calling: bool = False) -> None:
        """The operator has the contact: they hear each other, and it is recorded. `calling`: the client comes later."""
        shared = self._shared
        now = shared.clock()
        contact.offer, contact.seat = None, seat
        contact.help_text, contact.held = None, False
        if calling:
            contact.enter(Stage.CALLING, now)
            shared.changed(contact)
            return
        contact.answered_at = contact.answered_at or now
        contact.enter(Stage.TALKING, now)
        shared.tell(contact, "answered", person_id=seat.person_id, queue_id=contact.queue_id)
        shared.changed(contact)
        shared.step(contact, self.connect(contact))

    async def connect(self, contact: Contact) -> None:
        """Client and operator hear each other; the recording has its row before its first packet."""
        shared = self._shared
        if contact.stage is not Stage.TALKING or contact.client is None:
            return
        plays, contact.music, contact.saying = (contact.music, contact.saying), None, None
        await shared.calls.seat(contact.client, Role.PARTY)
        for play in plays:
            if play is not None:
                await shared.calls.stop_play(play)
        await self.record(contact)

    async def record(self, contact: Contact) -> None:
        shared = self._shared
        if not contact.recorded or contact.recording_id is not None or contact.call_id is None or contact.test:
            return
        try:
            contact.recording_id = await shared.calls.record(contact.call_id)
        except CallError:
            # A full disk degrades recording, never calls; the nightly audit finds calls without audio.
            shared.counters["recordings_not_started"] += 1
            return
        shared.changed(contact)
