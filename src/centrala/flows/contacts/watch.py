"""Supervisors in a conversation: listening, whispering, barging; and taking who waits."""

from uuid import UUID

from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.offers import Offers
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Seat, Stage, Watcher
from centrala.flows.desk.errors import ContactNotNow, NoPhone
from centrala.routing.service import ContactTaken, OperatorId, QueueId
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.hearing import Role

RING: float = 25.0  # seconds that a supervisor's phone rings
WATCHABLE = frozenset({Stage.TALKING, Stage.CALLING})


class Watch:
    def __init__(self, shared: Shared, offers: Offers, endings: Endings) -> None:
        self._shared = shared
        self._offers = offers
        self._endings = endings

    async def supervise(self, contact: Contact, person_id: UUID, role: str) -> None:
        """Ring the supervisor's phone into the conversation, or change what they do in it."""
        if contact.stage not in WATCHABLE or contact.seat is None or contact.call_id is None:
            raise ContactNotNow
        known = contact.watchers.get(person_id)
        if known is not None:
            known.role = role
            if known.leg_id is not None:
                await self._sit(contact, known)
            return
        targets = self._offers.phones(person_id, contact, Supervise=role)
        if not targets:
            raise NoPhone
        watcher = contact.watchers[person_id] = Watcher(person_id, role, self._shared.clock())
        self._shared.aside(contact, self._ring(contact, watcher))

    async def _ring(self, contact: Contact, watcher: Watcher) -> None:
        shared = self._shared
        targets = self._offers.phones(watcher.person_id, contact, Supervise=watcher.role)
        try:
            if not targets or contact.call_id is None:
                return
            # Heard by nobody from its first packet on, whatever it is to become.
            watcher.dialing = await shared.calls.dial(contact.call_id, targets, limit=RING, role=Role.LISTENING)
            shared.own_legs(contact, [leg.id for leg in watcher.dialing.legs])
            await watcher.dialing.result
        finally:
            result = watcher.dialing.result if watcher.dialing is not None else None
            if result is None or (result.done() and result.result().leg is None):
                self.gone(contact, watcher)

    def answered(self, contact: Contact, watcher: Watcher, leg_id: UUID) -> None:
        watcher.leg_id = leg_id
        self._shared.tell(contact, "supervised", person_id=watcher.person_id, role=watcher.role)
        self._shared.step(contact, self._sit(contact, watcher))

    async def _sit(self, contact: Contact, watcher: Watcher) -> None:
        """A whisper is for the operator who has the contact now."""
        if watcher.leg_id is None:
            return
        operator = contact.seat.leg_id if contact.seat else None
        role = Role(watcher.role)
        if role is Role.WHISPERING and operator is None:
            role = Role.LISTENING
        try:
            await self._shared.calls.seat(watcher.leg_id, role, to=operator if role is Role.WHISPERING else None)
        except CallError as error:
            raise ContactNotNow from error
        self._shared.changed(contact)

    async def follow(self, contact: Contact) -> None:
        """Another operator has the contact: whispers are for them."""
        for watcher in list(contact.watchers.values()):
            if watcher.role == Role.WHISPERING.value:
                await self._sit(contact, watcher)

    async def leave(self, contact: Contact, person_id: UUID) -> None:
        watcher = contact.watchers.get(person_id)
        if watcher is None:
            return
        self.gone(contact, watcher)
        for leg in watcher.dialing.alive if watcher.dialing is not None else ():
            await self._shared.calls.hang_up(leg.id)
        if watcher.leg_id is not None:
            await self._shared.calls.hang_up(watcher.leg_id)

    def gone(self, contact: Contact, watcher: Watcher) -> None:
        contact.watchers.pop(watcher.person_id, None)
        self._shared.changed(contact)

    async def take(self, contact: Contact, person_id: UUID) -> None:
        """Out of the queue to the one who asks: their phone rings."""
        shared = self._shared
        if contact.stage is not Stage.WAITING or contact.client is None:
            raise ContactNotNow
        if not self._offers.phones(person_id, contact):
            raise NoPhone
        if contact.offer is not None:
            seat = contact.offer
            self._offers.drop(contact, seat)
            await self._offers.stop(seat)
        seat = contact.offer = Seat(person_id, shared.clock())
        queue = QueueId(str(contact.queue_id)) if contact.queue_id else None
        taken = ContactTaken(contact=shared.routed(contact), operator=OperatorId(str(person_id)), queue=queue)
        shared.feed(taken)
        shared.changed(contact)
        shared.aside(contact, self._ring_taker(contact, seat))

    async def _ring_taker(self, contact: Contact, seat: Seat) -> None:
        shared = self._shared
        targets = self._offers.phones(seat.person_id, contact)
        leg = None
        if targets and contact.call_id is not None:
            seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=RING)
            shared.own_legs(contact, [one.id for one in seat.dialing.legs])
            leg = (await seat.dialing.result).leg
        if leg is None and not seat.gone and contact.live and contact.queue_id is not None:
            self._offers.drop(contact, seat)
            self._endings.back_in_line(contact, contact.queue_id, seat.person_id)
