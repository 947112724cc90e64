"""Calls that the centre makes: an operator's own, a call-back's, and what a flow transfers to."""

from typing import Any
from uuid import UUID

from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.menu import Menus
from centrala.flows.contacts.offers import Offers
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Seat, Stage
from centrala.ivr.machine import events
from centrala.routing.service import ContactTaken, OperatorId
from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.hearing import Role
from centrala.telephony.exchange.outgoing import Outcome
from centrala.telephony.media.types import Tone

RING_OPERATOR: float = 20.0  # seconds
RING_CLIENT: float = 45.0  # seconds


class Outward:
    def __init__(self, shared: Shared, offers: Offers, endings: Endings, menus: Menus) -> None:
        self._shared = shared
        self._offers = offers
        self._endings = endings
        menus.transfer = self.transfer_from_flow
        self._menus = menus

    # An operator's own call

    def call(self, contact: Contact, person_id: UUID) -> None:
        """The operator's phone rings first, the client's then."""
        shared = self._shared
        now = shared.clock()
        contact.seat = Seat(person_id, now)
        contact.enter(Stage.CALLING, now)
        taken = ContactTaken(contact=shared.routed(contact), operator=OperatorId(str(person_id)))
        shared.feed(taken)
        shared.changed(contact)
        shared.aside(contact, self._ring_operator(contact, contact.seat))

    async def _ring_operator(self, contact: Contact, seat: Seat) -> None:
        shared = self._shared
        targets = self._offers.phones(seat.person_id, contact, Direction="out")
        leg = None
        if targets and contact.call_id is not None:
            seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=RING_OPERATOR)
            shared.own_legs(contact, [one.id for one in seat.dialing.legs])
            leg = (await seat.dialing.result).leg
        if leg is None and not seat.gone:
            self._endings.over(contact, "failed", why="operator_did_not_answer")

    # The client's part

    def reach_client(self, contact: Contact) -> None:
        """The operator is there: call the client, for an outgoing call or a call-back."""
        self._shared.aside(contact, self._reach(contact))

    async def _reach(self, contact: Contact) -> None:
        shared, seat = self._shared, contact.seat
        if contact.call_id is None or seat is None or seat.leg_id is None:
            return
        await shared.calls.outlast(contact.call_id, on=True)
        ringback = await shared.calls.play(seat.leg_id, Tone(name="ringback"))
        outcome = await self.dial(contact, contact.number, seat.person_id)
        await shared.calls.stop_play(ringback)
        if outcome.leg is None and contact.live and contact.stage is Stage.CALLING:
            self._not_reached(contact, seat, outcome)

    async def dial(self, contact: Contact, number: str, person_id: UUID | None) -> Outcome:
        """Who answers is the client from then on."""
        shared = self._shared
        if contact.call_id is None:
            raise CallError

        def begun(dialing: Any) -> None:
            contact.dialled = {leg.id for leg in dialing.legs}

        return await shared.exchange.outgoing.dial(
            contact.call_id,
            number,
            person_id=person_id,
            project_id=contact.project_id,
            limit=RING_CLIENT,
            begun=begun,
        )

    def client_answered(self, contact: Contact, leg_id: UUID) -> None:
        shared = self._shared
        contact.client, contact.dialled = leg_id, set()
        seat = contact.seat
        if contact.stage is not Stage.CALLING or seat is None:
            return
        now = shared.clock()
        contact.answered_at = contact.answered_at or now
        contact.enter(Stage.TALKING, now)
        shared.tell(contact, "answered", person_id=seat.person_id, queue_id=contact.queue_id)
        shared.changed(contact)
        shared.step(contact, self._offers.connect(contact))

    def _not_reached(self, contact: Contact, seat: Seat, outcome: Outcome) -> None:
        cause = outcome.ending.cause if outcome.ending is not None else Cause.NO_ROUTE
        if contact.callback:
            self._endings.callback_unanswered(contact, outcome.ending or ours(cause))
            return
        shared = self._shared
        seat.gone = True
        why = str(outcome.why.value) if outcome.why is not None else cause.value
        result = "busy" if cause is Cause.BUSY else "no_answer" if cause is Cause.NO_ANSWER else "failed"
        shared.tell(contact, "not_answered", cause=why)
        self._endings.over(contact, result, why=why)

    # A flow's transfer

    def transfer_from_flow(self, contact: Contact, command: Any) -> None:
        """To a person of the centre, or to a number outside."""
        shared = self._shared
        if command.person_id is not None:
            seat = contact.offer = Seat(command.person_id, shared.clock())
            taken = ContactTaken(contact=shared.routed(contact), operator=OperatorId(str(command.person_id)))
            shared.feed(taken)
            shared.aside(contact, self._ring_person(contact, seat, command))
        else:
            shared.aside(contact, self._to_number(contact, command))
        shared.changed(contact)

    async def _ring_person(self, contact: Contact, seat: Seat, command: Any) -> None:
        shared = self._shared
        targets = self._offers.phones(seat.person_id, contact)
        leg = None
        if contact.client is not None:
            await shared.calls.play(contact.client, Tone(name="ringback"))
        if targets and contact.call_id is not None:
            seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=command.ring_seconds)
            shared.own_legs(contact, [one.id for one in seat.dialing.legs])
            leg = (await seat.dialing.result).leg
        if leg is None and not seat.gone:
            self._offers.drop(contact, seat)
            shared.end_question(contact.id, seat.person_id)
            self._menus.feed(contact, events.TransferFailedEvent(id=command.id, how="no_answer"))

    async def _to_number(self, contact: Contact, command: Any) -> None:
        shared = self._shared
        if contact.client is None or contact.call_id is None or not command.number:
            return
        await shared.calls.play(contact.client, Tone(name="ringback"))
        outcome = await shared.exchange.outgoing.dial(
            contact.call_id,
            command.number,
            person_id=None,
            project_id=contact.project_id,
            limit=command.ring_seconds,
        )
        if outcome.leg is None:
            busy = outcome.ending is not None and outcome.ending.cause is Cause.BUSY
            how = "busy" if busy else "no_answer" if outcome.ending is not None else "failed"
            self._menus.feed(contact, events.TransferFailedEvent(id=command.id, how=how))
            return
        contact.outside = outcome.leg
        shared.own_legs(contact, [outcome.leg])
        contact.result = "transferred_out"
        contact.enter(Stage.TALKING, shared.clock())
        shared.tell(contact, "transferred", to="number")
        self._menus.connected(contact)
        await shared.calls.seat(contact.client, Role.PARTY)
