"""What an operator does with the client on the line: hold, consult, hand over, pause the recording, end."""

from typing import Any
from uuid import UUID

from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.line import Line
from centrala.flows.contacts.offers import Offers
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Consult, Contact, Seat, Stage
from centrala.flows.contacts.voice import Voice
from centrala.flows.desk.errors import ContactNotNow, NobodyThere
from centrala.flows.desk.schemas import EscalateIn, HelpIn, TargetIn, TargetKind
from centrala.kit.ids import new_id
from centrala.routing.service import ContactId, ContactQueued, ContactTaken, OperatorId, QueueId
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.state import DialResult
from centrala.telephony.exchange.outgoing import Outcome

RING: float = 25.0  # seconds that a colleague's phone rings for a consultation or a transfer


class Talk:
    """All raise `ContactNotNow` when the contact is not in a state for it; nothing has changed then."""

    def __init__(self, shared: Shared, line: Line, offers: Offers, endings: Endings, voice: Voice) -> None:
        self._shared = shared
        self._line = line
        self._offers = offers
        self._endings = endings
        self._voice = voice

    # Hold

    async def hold(self, contact: Contact) -> None:
        client = _talking(contact)
        if contact.held:
            return
        await self._seat(client, Role.HELD)
        contact.held = True
        self._shared.tell(contact, "held", person_id=_person(contact))
        self._shared.changed(contact)

    async def resume(self, contact: Contact) -> None:
        """Talk with the client; who is consulted waits with music meanwhile."""
        client = _talking(contact)
        if not contact.held:
            return
        consult = contact.consult
        if consult is not None and consult.leg_id is not None and not consult.joined:
            await self._seat(consult.leg_id, Role.HELD)
        await self._seat(client, Role.PARTY)
        contact.held = False
        self._shared.tell(contact, "resumed", person_id=_person(contact))
        self._shared.changed(contact)

    async def _seat(self, leg_id: UUID, role: Role, *, to: UUID | None = None) -> None:
        try:
            await self._shared.calls.seat(leg_id, role, to=to)
        except CallError as error:
            raise ContactNotNow from error

    # Consulting

    async def consult(self, contact: Contact, form: TargetIn) -> None:
        """Ask a colleague, somebody of a queue, or a number, while the client hears music."""
        shared = self._shared
        client = _talking(contact)
        if contact.consult is not None:
            raise ContactNotNow
        consult = Consult(new_id(), shared.clock(), self._name_of(form), note=form.note)
        if form.kind is TargetKind.PERSON and form.person_id is not None:
            self._reachable(form.person_id, contact)
        contact.consult = consult
        if not contact.held:
            await self._seat(client, Role.HELD)
            contact.held = True
        shared.tell(contact, "consulted", person_id=_person(contact), **_target(form))
        match form.kind:
            case TargetKind.PERSON if form.person_id is not None:
                self._ask_person(contact, consult, form.person_id)
            case TargetKind.QUEUE if form.queue_id is not None:
                self._ask_queue(contact, consult, form.queue_id)
            case TargetKind.NUMBER if form.number:
                shared.aside(contact, self._ask_number(contact, consult, form.number))
            case _:
                contact.consult = None
                raise ContactNotNow
        shared.changed(contact)

    def _name_of(self, form: TargetIn) -> str:
        if form.kind is TargetKind.QUEUE and form.queue_id is not None:
            return self._voice.queue_name(form.queue_id)
        if form.kind is TargetKind.PERSON and form.person_id is not None:
            return self._voice.person_name(form.person_id)
        return form.number

    def _reachable(self, person_id: UUID, contact: Contact) -> None:
        if not self._offers.phones(person_id, contact):
            raise NobodyThere

    def _ask_person(self, contact: Contact, consult: Consult, person_id: UUID) -> None:
        """The router knows that they are taken, so that nothing else rings for them."""
        shared = self._shared
        shared.questions[consult.contact] = contact
        taken = ContactTaken(contact=ContactId(str(consult.contact)), operator=OperatorId(str(person_id)))
        shared.feed(taken)
        consult.seat = Seat(person_id, shared.clock())
        shared.aside(contact, self._ring_colleague(contact, consult, consult.seat))

    async def _ring_colleague(self, contact: Contact, consult: Consult, seat: Seat) -> None:
        shared = self._shared
        targets = self._offers.phones(seat.person_id, contact, Consult=str(consult.contact))
        if not targets or contact.call_id is None:
            self._endings.drop_consult(contact)
            return
        seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=RING)
        shared.own_legs(contact, [leg.id for leg in seat.dialing.legs])
        result: DialResult = await seat.dialing.result
        if result.leg is None and contact.consult is consult and not seat.gone:
            shared.tell(contact, "not_answered", person_id=seat.person_id, consulted=True)
            self._endings.drop_consult(contact)

    def _ask_queue(self, contact: Contact, consult: Consult, queue_id: UUID) -> None:
        shared = self._shared
        consult.queue_id = queue_id
        shared.questions[consult.contact] = contact
        queued = ContactQueued(
            contact=ContactId(str(consult.contact)),
            queue=QueueId(str(queue_id)),
            language=contact.demanded,
            priority=1,  # an operator and a client wait
        )
        shared.feed(queued)

    def ring_for_question(self, contact: Contact, seat: Seat) -> None:
        """The router offers the question to somebody of the queue."""
        if contact.consult is not None:
            contact.consult.seat = seat
            self._shared.aside(contact, self._ring_offered(contact, contact.consult, seat))
        self._shared.changed(contact)

    async def _ring_offered(self, contact: Contact, consult: Consult, seat: Seat) -> None:
        shared = self._shared
        targets = self._offers.phones(seat.person_id, contact, Consult=str(consult.contact))
        if not targets or contact.call_id is None:
            self._offers.refuse(contact, seat)
            return
        seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=RING)
        shared.own_legs(contact, [leg.id for leg in seat.dialing.legs])
        if seat.gone:
            await self._offers.stop(seat)
        self._offers.failed(contact, seat, await seat.dialing.result)

    async def _ask_number(self, contact: Contact, consult: Consult, number: str) -> None:
        outcome = await self._dial_out(contact, number, consult)
        if outcome.leg is None and contact.consult is consult:
            self._endings.drop_consult(contact)

    async def _dial_out(self, contact: Contact, number: str, consult: Consult | None) -> Outcome:
        shared = self._shared
        if contact.call_id is None:
            raise ContactNotNow

        def begun(dialing: object) -> None:
            if consult is not None:
                consult.dialing = dialing  # type: ignore[assignment]  # as `Outgoing.dial` gives it
                shared.own_legs(contact, [leg.id for leg in consult.dialing.legs] if consult.dialing else ())

        return await shared.exchange.outgoing.dial(
            contact.call_id,
            number,
            person_id=_person(contact),
            project_id=contact.project_id,
            begun=begun,
        )

    async def cancel_consult(self, contact: Contact) -> None:
        client = _talking(contact)
        if contact.consult is None:
            raise ContactNotNow
        self._endings.drop_consult(contact)
        await self._seat(client, Role.PARTY)
        contact.held = False
        self._shared.tell(contact, "resumed", person_id=_person(contact))
        self._shared.changed(contact)

    async def conference(self, contact: Contact) -> None:
        """Three-way."""
        client, consult = _talking(contact), contact.consult
        if consult is None or consult.leg_id is None:
            raise ContactNotNow
        await self._seat(consult.leg_id, Role.PARTY)
        await self._seat(client, Role.PARTY)
        consult.joined, contact.held = True, False
        person = consult.seat.person_id if consult.seat else None
        self._shared.tell(contact, "joined", person_id=person)
        self._shared.changed(contact)

    async def complete(self, contact: Contact) -> None:
        """Attended transfer: the operator leaves, the two others talk."""
        _talking(contact)
        consult, seat = contact.consult, contact.seat
        if consult is None or consult.leg_id is None or seat is None or seat.leg_id is None:
            raise ContactNotNow
        contact.transferred_by = self._voice.person_name(seat.person_id)
        leg = seat.leg_id
        self._endings.hand_over(contact)
        await self._shared.calls.hang_up(leg, Cause.TRANSFERRED)

    # Blind

    async def transfer(self, contact: Contact, form: TargetIn) -> None:
        """The operator leaves at once; the client waits with music for the queue, the colleague or the number."""
        _talking(contact)
        seat = contact.seat
        if seat is None:
            raise ContactNotNow
        if contact.consult is not None:
            self._endings.drop_consult(contact)
        contact.note = form.note or contact.note
        contact.transferred_by = self._voice.person_name(seat.person_id)
        shared = self._shared
        match form.kind:
            case TargetKind.QUEUE if form.queue_id is not None:
                shared.tell(contact, "transferred", person_id=seat.person_id, **_target(form))
                self._leave(contact, seat)
                self._line.again(contact, form.queue_id, why="transferred", ahead=False)
                self._endings.wrap_up(contact, seat.person_id)
            case TargetKind.PERSON if form.person_id is not None:
                self._reachable(form.person_id, contact)
                shared.tell(contact, "transferred", person_id=seat.person_id, **_target(form))
                self._leave(contact, seat)
                self._to_person(contact, seat, form.person_id)
            case TargetKind.NUMBER if form.number:
                shared.tell(contact, "transferred", person_id=seat.person_id, **_target(form))
                shared.aside(contact, self._to_number(contact, seat, form.number))
            case _:
                raise ContactNotNow
        shared.changed(contact)

    def _leave(self, contact: Contact, seat: Seat) -> None:
        seat.gone = True
        if seat.leg_id is not None:
            self._shared.aside(contact, self._shared.calls.hang_up(seat.leg_id, Cause.TRANSFERRED))

    def _to_person(self, contact: Contact, before: Seat, person_id: UUID) -> None:
        shared = self._shared
        now = shared.clock()
        seat = contact.seat = Seat(person_id, now)
        contact.held = False
        contact.enter(Stage.CALLING, now)
        queue = QueueId(str(contact.queue_id)) if contact.queue_id else None
        taken = ContactTaken(contact=shared.routed(contact), operator=OperatorId(str(person_id)), queue=queue)
        shared.feed(taken)
        self._endings.wrap_up(contact, before.person_id)
        shared.aside(contact, self._ring_successor(contact, seat, before))

    async def _ring_successor(self, contact: Contact, seat: Seat, before: Seat) -> None:
        shared = self._shared
        if contact.client is not None:
            await shared.calls.seat(contact.client, Role.HELD)
        targets = self._offers.phones(seat.person_id, contact)
        result = None
        if targets and contact.call_id is not None:
            seat.dialing = await shared.calls.dial(contact.call_id, targets, limit=RING)
            shared.own_legs(contact, [leg.id for leg in seat.dialing.legs])
            result = await seat.dialing.result
        if (result is not None and result.leg is not None) or seat.gone or not contact.live:
            return
        shared.tell(contact, "not_answered", person_id=seat.person_id)
        seat.gone = True
        if contact.queue_id is not None:
            self._line.again(contact, contact.queue_id, why="transfer_failed", ahead=True)
        else:
            self.back_to(contact, before.person_id)

    def ring_again(self, contact: Contact, seat: Seat) -> None:
        """After a restart: whoever was to have the contact is rung anew; failing that it goes where it came from."""
        before = next((Seat(person, seat.since) for person in contact.wrapping), seat)
        self._shared.aside(contact, self._ring_successor(contact, seat, before))

    def back_to(self, contact: Contact, person_id: UUID) -> None:
        """No queue to fall back to: who transferred is rung once more, and then the contact is over."""
        shared = self._shared
        if contact.seat is not None and contact.seat.person_id == person_id:
            self._endings.over(contact, "answered", cause="nobody_took_over")
            return
        seat = contact.seat = Seat(person_id, shared.clock())
        taken = ContactTaken(contact=shared.routed(contact), operator=OperatorId(str(person_id)))
        shared.feed(taken)
        shared.aside(contact, self._ring_successor(contact, seat, seat))

    async def _to_number(self, contact: Contact, seat: Seat, number: str) -> None:
        """The operator stays until the number has answered: a wrong one is found out with somebody on the line."""
        shared = self._shared
        consult = contact.consult = Consult(new_id(), shared.clock(), number)
        if contact.client is not None and not contact.held:
            await shared.calls.seat(contact.client, Role.HELD)
            contact.held = True
        shared.changed(contact)
        outcome = await self._dial_out(contact, number, consult)
        if contact.consult is not consult:
            return
        if outcome.leg is None:
            self._endings.drop_consult(contact)
            shared.tell(contact, "not_answered", to="number", why=str(outcome.why or ""))
            if contact.client is not None and contact.stage is Stage.TALKING:
                await shared.calls.seat(contact.client, Role.PARTY)
                contact.held = False
            shared.changed(contact)
            return
        consult.leg_id = outcome.leg
        leg = seat.leg_id
        self._endings.hand_over(contact)
        if leg is not None:
            await shared.calls.hang_up(leg, Cause.TRANSFERRED)

    # The rest

    async def ask_help(self, contact: Contact, form: HelpIn) -> None:
        contact.help_text = form.text if form.on else None
        if form.on:
            self._shared.tell(contact, "help_asked", person_id=_person(contact))
        self._shared.changed(contact)

    async def escalate(self, contact: Contact, form: EscalateIn) -> None:
        """With a queue the contact goes there; without, the reason is kept and the operator may hang up."""
        contact.escalated = True
        self._shared.tell(contact, "escalated", person_id=_person(contact), reason=form.reason)
        if form.queue_id is not None:
            await self.transfer(contact, TargetIn(kind=TargetKind.QUEUE, queue_id=form.queue_id, note=form.note))
        self._shared.changed(contact)

    async def pause_recording(self, contact: Contact, reason: str, *, paused: bool) -> None:
        """Each reason stands by itself: leaving a card field does not lift a pause by hand."""
        before = bool(contact.pauses)
        (contact.pauses.add if paused else contact.pauses.discard)(reason)
        if bool(contact.pauses) != before and contact.recording_id is not None:
            try:
                await self._shared.calls.pause_recording(contact.recording_id, paused=not before)
            except CallError as error:
                (contact.pauses.discard if paused else contact.pauses.add)(reason)
                raise ContactNotNow from error
        self._shared.changed(contact)

    async def send_digits(self, contact: Contact, digits: str) -> None:
        """To whoever is outside: who is consulted by number, else the client."""
        consult = contact.consult
        outside = consult.leg_id if consult is not None and consult.seat is None else None
        leg = outside or contact.client
        if leg is None:
            raise ContactNotNow
        try:
            await self._shared.calls.send_digits(leg, digits)
        except CallError as error:
            raise ContactNotNow from error

    async def hang_up(self, contact: Contact) -> None:
        """End the conversation; the flow may still ask for a rating."""
        seat = contact.seat
        if seat is None:
            raise ContactNotNow
        if seat.leg_id is None:
            self._endings.over(contact, "no_answer")
            return
        leg, seat.gone = seat.leg_id, True
        self._shared.tell(contact, "left", person_id=seat.person_id)
        if contact.client is None or contact.stage is Stage.CALLING:
            answered = contact.answered_at is not None
            self._endings.over(contact, contact.result or ("answered" if answered else "no_answer"))
        else:
            self._endings.conversation_over(contact)
        await self._shared.calls.hang_up(leg)


def _talking(contact: Contact) -> UUID:
    """The client's leg, while the operator talks with the client."""
    if contact.stage is not Stage.TALKING or contact.client is None:
        raise ContactNotNow
    return contact.client


def _person(contact: Contact) -> UUID | None:
    return None if contact.seat is None else contact.seat.person_id


def _target(form: TargetIn) -> dict[str, Any]:
    """Where to, without the number: it is personal."""
    if form.kind is TargetKind.PERSON:
        return {"to": "person", "to_person_id": str(form.person_id)}
    if form.kind is TargetKind.QUEUE:
        return {"to": "queue", "queue_id": form.queue_id}
    return {"to": "number"}
