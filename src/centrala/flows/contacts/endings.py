"""Who leaves, and what follows: the client, the operator, whoever was consulted."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from centrala.flows.contacts.line import Line
from centrala.flows.contacts.offers import Offers
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Seat, Stage
from centrala.kit.logging import get_logger
from centrala.routing.service import CallbackUnanswered, ContactLeft, ContactTaken, OperatorId, QueueId
from centrala.telephony.calls.causes import Cause, Ending, HungUpBy
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.hearing import Role

log = get_logger(__name__)

SHORT: Final = 5.0  # seconds in a queue: who gives up sooner has dialled wrong or changed their mind
VANISHED: Final = frozenset({Cause.MEDIA_TIMEOUT, Cause.NETWORK_FAILURE, Cause.INTERRUPTED, Cause.UNREACHABLE})


class Endings:
    def __init__(self, shared: Shared, line: Line, offers: Offers) -> None:
        self._shared = shared
        self._line = line
        self._offers = offers
        # What a flow does once the operator has left; set by the menus.
        self.go_on_without: Callable[[Contact], bool] = lambda _contact: False

    # The client

    def client_left(self, contact: Contact, ending: Ending) -> None:
        """The client's leg is over: everything else of this contact ends too, except a call-back in its queue."""
        shared = self._shared
        contact.client = None
        if contact.stage is Stage.OVER:
            return
        if contact.callback and contact.seat is None and shared.knows(contact):
            self.wait_absent(contact)
            return
        if contact.seat is not None and contact.stage is Stage.CALLING and contact.callback:
            self.callback_unanswered(contact, ending)
            return
        self.over(contact, contact.result or self._result(contact, ending), cause=ending.cause.value)

    def wait_absent(self, contact: Contact) -> None:
        """The client has hung up and keeps the place."""
        shared = self._shared
        if contact.run is not None:
            contact.run.end()
        call_id, contact.call_id, contact.run, contact.client = contact.call_id, None, None, None
        contact.music = contact.saying = None
        contact.enter(Stage.ABSENT, shared.clock())
        if call_id is not None:
            shared.by_call.pop(call_id, None)
            shared.aside(contact, shared.calls.end(call_id, Cause.ANSWERED))
        shared.changed(contact)

    def callback_unanswered(self, contact: Contact, _ending: Ending) -> None:
        """The operator was there, the client was not: the router tries again later, or gives up."""
        shared = self._shared
        seat = contact.seat
        shared.tell(contact, "not_answered", person_id=seat.person_id if seat else None, callback=True)
        if seat is not None:
            seat.gone = True
        contact.seat = None
        shared.feed(CallbackUnanswered(shared.routed(contact)))
        if contact.live:
            self.wait_absent(contact)

    def _result(self, contact: Contact, _ending: Ending) -> str:
        if contact.answered_at is not None:
            return "answered"
        if contact.direction == "out":
            return "no_answer"
        if contact.queued_at is None:
            return "self_service" if contact.menu_path else "abandoned_short"
        waited = (self._shared.clock() - contact.queued_at).total_seconds()
        return "abandoned_short" if waited < SHORT else "abandoned"

    def over(self, contact: Contact, result: str, **details: str) -> None:
        """The contact is over; after-contact work may follow."""
        shared = self._shared
        if contact.stage is Stage.OVER:
            return
        now = shared.clock()
        people = [seat.person_id for seat in (contact.seat,) if seat is not None]
        contact.enter(Stage.OVER, now)
        if contact.run is not None:
            contact.run.end()
        if contact.consult is not None:
            self.drop_consult(contact)
        if shared.knows(contact):
            shared.feed(ContactLeft(shared.routed(contact)))
        shared.finish(contact, now, result)
        log.info("A contact is over.", interaction_id=str(contact.id), result=result, details=details)
        for person in people:
            self.wrap_up(contact, person)
        contact.seat = contact.offer = None
        if contact.call_id is not None:
            shared.aside(contact, shared.calls.end(contact.call_id, Cause.ANSWERED))
        shared.changed(contact)
        shared.on_over(contact)
        shared.release(contact)

    # After-contact work

    def wrap_up(self, contact: Contact, person_id: UUID) -> None:
        """The router has begun the after-contact work of this person, or has none for them."""
        shared = self._shared
        until = shared.wrap_up_of(contact.id, person_id)
        if until is None:
            return
        contact.wrapping[person_id] = until
        shared.tell(contact, "wrap_up_started", person_id=person_id)

    def wrapped_up(self, contact: Contact, person_id: UUID) -> None:
        shared = self._shared
        if contact.wrapping.pop(person_id, person_id) == person_id:
            return
        shared.tell(contact, "wrap_up_ended", person_id=person_id)
        shared.changed(contact)
        shared.release(contact)

    # The operator

    def operator_left(self, contact: Contact, seat: Seat, ending: Ending) -> None:
        """The operator's leg is over, by their hand or not."""
        shared = self._shared
        if seat.gone or contact.seat is not seat or contact.stage is Stage.OVER:
            return
        seat.gone = True
        shared.tell(contact, "left", person_id=seat.person_id, cause=ending.cause.value)
        consult = contact.consult
        if consult is not None and consult.talking and contact.client is not None:
            self.hand_over(contact)
        elif contact.client is None:
            self.over(contact, contact.result or ("answered" if contact.direction == "in" else "no_answer"))
        elif contact.stage is Stage.CALLING:
            self.over(contact, "no_answer")
        elif self._vanished(ending) and contact.queue_id is not None:
            shared.counters["operators_lost"] += 1
            self.lose_operator(contact, contact.queue_id)
        else:
            self.conversation_over(contact)

    def _vanished(self, ending: Ending) -> bool:
        return ending.by is HungUpBy.NETWORK or ending.cause in VANISHED

    def lose_operator(self, contact: Contact, queue_id: UUID) -> None:
        """The client is alone on the line by no fault of theirs: first of their equals, back in the queue."""
        person = contact.seat.person_id if contact.seat else None
        if contact.consult is not None:
            self.drop_consult(contact)
        self._line.again(contact, queue_id, why="operator_lost", ahead=True)
        if person is not None:
            self.wrap_up(contact, person)

    def back_in_line(self, contact: Contact, queue_id: UUID, person_id: UUID) -> None:
        """Who took the contact did not answer: it waits on."""
        self._line.again(contact, queue_id, why="not_taken", ahead=True)
        self.wrap_up(contact, person_id)

    def conversation_over(self, contact: Contact) -> None:
        """The operator has ended it: the flow may go on (a rating), else the client is hung up."""
        shared = self._shared
        seat = contact.seat
        if contact.consult is not None:
            self.drop_consult(contact)
        contact.result = contact.result or "answered"
        contact.seat, contact.held = None, False
        contact.enter(Stage.AFTER, shared.clock())
        shared.feed(ContactLeft(shared.routed(contact)))
        if seat is not None:
            self.wrap_up(contact, seat.person_id)
        shared.changed(contact)
        shared.step(contact, self._end_recording(contact))
        if not self.go_on_without(contact):
            self.over(contact, contact.result)

    async def _end_recording(self, contact: Contact) -> None:
        recording, contact.recording_id = contact.recording_id, None
        if recording is None:
            return
        contact.recording_stops = recording
        try:
            await self._shared.calls.stop_recording(recording)
        except CallError:
            contact.recording_stops = None
            self._shared.counters["recordings_ended_before"] += 1

    # A colleague takes over

    def hand_over(self, contact: Contact) -> None:
        """The operator has left, whom they consulted has the contact now."""
        shared, consult = self._shared, contact.consult
        if consult is None or consult.leg_id is None:
            return
        before, contact.consult, contact.held = contact.seat, None, False
        if before is not None:
            before.gone = True
        now = shared.clock()
        contact.note = consult.note or contact.note
        if consult.seat is None:
            # To a number outside: nobody of ours has it any more.
            contact.seat, contact.outside = None, consult.leg_id
            contact.result = "answered"
            shared.feed(ContactLeft(shared.routed(contact)))
            shared.tell(contact, "transferred", person_id=before.person_id if before else None, to="number")
        else:
            self._hand_to(contact, consult.seat, before, consult.queue_id)
            self.close_question(contact, consult.contact, consult.seat.person_id)
        contact.enter(Stage.TALKING, now)
        if before is not None:
            self.wrap_up(contact, before.person_id)
        shared.step(contact, self._seat_all(contact, consult.leg_id))
        shared.changed(contact)

    def _hand_to(self, contact: Contact, seat: Seat, before: Seat | None, queue_id: UUID | None) -> None:
        shared = self._shared
        contact.seat = seat
        queue = queue_id or contact.queue_id
        shared.feed(
            ContactTaken(
                contact=shared.routed(contact),
                operator=OperatorId(str(seat.person_id)),
                queue=QueueId(str(queue)) if queue is not None else None,
            )
        )
        shared.tell(
            contact,
            "transferred",
            person_id=before.person_id if before else None,
            to_person_id=str(seat.person_id),
            attended=True,
        )
        shared.tell(contact, "answered", person_id=seat.person_id, queue_id=queue)

    def taken_over(self, contact: Contact, person_id: UUID, leg_id: UUID) -> None:
        """Another phone sits where the operator's sat: a desk phone has transferred by itself."""
        shared = self._shared
        before, seat = contact.seat, Seat(person_id, shared.clock(), leg_id=leg_id, answered_at=shared.clock())
        if before is not None:
            before.gone = True
        self._hand_to(contact, seat, before, None)
        if before is not None:
            self.wrap_up(contact, before.person_id)

    def outside_left(self, contact: Contact) -> None:
        """The number outside, to which the client was handed, has hung up."""
        if contact.live and contact.seat is None and not self.go_on_without(contact):
            self.over(contact, contact.result or "transferred_out")

    async def _seat_all(self, contact: Contact, leg_id: UUID) -> None:
        for one in (contact.client, leg_id):
            if one is not None:
                await self._shared.calls.seat(one, Role.PARTY)

    # Consultations

    def drop_consult(self, contact: Contact) -> None:
        """Let go of whoever is consulted."""
        shared, consult = self._shared, contact.consult
        if consult is None:
            return
        contact.consult = None
        seat = consult.seat
        if seat is not None:
            seat.gone = True
            shared.aside(contact, self._offers.stop(seat))
        for leg in consult.dialing.alive if consult.dialing is not None else ():
            shared.aside(contact, shared.calls.hang_up(leg.id, Cause.CANCELLED))
        if consult.leg_id is not None:
            shared.aside(contact, shared.calls.hang_up(consult.leg_id))
        self.close_question(contact, consult.contact, seat.person_id if seat else None)

    def close_question(self, contact: Contact, question: UUID, person_id: UUID | None) -> None:
        """The router forgets the question; nobody has after-contact work for it."""
        shared = self._shared
        if shared.questions.pop(question, None) is not None:
            shared.end_question(question, person_id)
        shared.changed(contact)

    def consulted_left(self, contact: Contact, _ending: Ending) -> None:
        """Whom the operator consulted has hung up: the client is still held, and the operator decides."""
        shared = self._shared
        person = contact.consult.seat.person_id if contact.consult and contact.consult.seat else None
        shared.tell(contact, "left", person_id=person, consulted=True)
        self.drop_consult(contact)
        if contact.seat is None and contact.client is None:
            self.over(contact, contact.result or "answered")
