"""The live contacts of this process, as desks, supervisors and the stories of calls see them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final
from uuid import UUID

from centrala.flows.contacts.aids import Aids
from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.hear import Ears
from centrala.flows.contacts.line import Line
from centrala.flows.contacts.menu import Menus
from centrala.flows.contacts.numbers import outside_number
from centrala.flows.contacts.offers import Offers
from centrala.flows.contacts.outward import Outward
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Stage
from centrala.flows.contacts.talk import Talk
from centrala.flows.contacts.voice import Voice
from centrala.flows.contacts.watch import Watch
from centrala.flows.desk.errors import ContactNotNow, NoPhone
from centrala.flows.desk.schemas import DialIn, EscalateIn, HelpIn, MoveIn, TargetIn, TargetKind, TestCallOut
from centrala.interactions.service import NewInteraction
from centrala.ivr.service import reach_flow
from centrala.kit.work import Work
from centrala.routing.service import (
    Announce,
    Close,
    ContactMoved,
    Decision,
    EndWrapUp,
    OfferCallback,
    OfferVoid,
    OperatorId,
    Overflow,
    QueueId,
    Ring,
    Withdraw,
    WrapUpEnded,
    reach_queue,
)
from centrala.routing.service import ContactId as RoutedId
from centrala.telephony.exchange.devices import Device

TEST_TARGET: Final = timedelta(minutes=1)
MAX_TESTS: Final = 200  # targets of test calls that nobody has dialled yet


class Centre:
    """Made with an exchange; `start` before its calls tell anything."""

    def __init__(self, shared: Shared, voice: Voice, aids: Aids) -> None:
        self.shared = shared
        self.voice = voice
        self.line = Line(shared, voice)
        self.offers = Offers(shared, self.line)
        self.endings = Endings(shared, self.line, self.offers)
        self.menus = Menus(shared, self.line, self.endings, voice, aids)
        self.talk = Talk(shared, self.line, self.offers, self.endings, voice)
        self.watch = Watch(shared, self.offers, self.endings)
        self.outward = Outward(shared, self.offers, self.endings, self.menus)
        self._ears = Ears(
            shared,
            line=self.line,
            offers=self.offers,
            endings=self.endings,
            menus=self.menus,
            outward=self.outward,
            watch=self.watch,
        )
        self._ends: list[Callable[[], None]] = []
        self.tests: dict[str, tuple[UUID, UUID, datetime]] = {}  # flow, project and last moment by target

    @property
    def contacts(self) -> dict[UUID, Contact]:
        return self.shared.contacts

    def start(self) -> None:
        self._ends = [
            self.shared.calls.subscribe(self._ears.hear),
            self.shared.dispatcher.subscribe(self.decided),
        ]

    async def stop(self) -> None:
        for end in self._ends:
            end()
        await self.shared.stop()

    def registered(self) -> frozenset[UUID]:
        """The people whose phone can be called now."""
        return self.shared.exchange.registrations.present()

    def reachable(self, person_id: UUID) -> bool:
        return self.shared.exchange.registrations.reachable(person_id)

    def devices(self, person_id: UUID) -> frozenset[Device]:
        """What the person has registered, whether it is to ring or not."""
        return self.shared.exchange.registrations.devices(person_id)

    def find(self, contact_id: UUID) -> Contact | None:
        return self.shared.contacts.get(contact_id)

    # What the router decides

    def decided(self, decision: Decision) -> None:
        """Carry a decision out, or begin to."""
        match decision:
            case Ring():
                self._ring(decision)
            case Withdraw():
                self.offers.withdraw(decision)
            case OfferVoid():
                self.shared.voids.add(decision.offer)
            case EndWrapUp():
                self._wrap_up_over(UUID(decision.contact), UUID(decision.operator))
            case Announce() | Overflow() | OfferCallback() | Close():
                self._of_waiting(decision)

    def _ring(self, decision: Ring) -> None:
        contact = self.shared.questions.get(UUID(decision.contact))
        if contact is None:
            self.offers.ring(decision)
            return
        self.talk.ring_for_question(contact, self.offers.seat_of(decision))

    def _of_waiting(self, decision: Announce | Overflow | OfferCallback | Close) -> None:
        contact_id = UUID(decision.contact)
        contact = self.shared.contacts.get(contact_id)
        if contact is None:
            question = self.shared.questions.get(contact_id)
            if question is not None and isinstance(decision, Close | Overflow):
                self.endings.drop_consult(question)
            return
        match decision:
            case Announce():
                self.line.announce(contact, decision)
            case Overflow():
                self.menus.overflowed(contact, decision)
            case OfferCallback():
                self.menus.offer_callback(contact, decision)
            case Close():
                self.menus.closed(contact, decision)

    def _wrap_up_over(self, contact_id: UUID, person_id: UUID) -> None:
        contact = self.shared.contacts.get(contact_id)
        if contact is not None:
            self.endings.wrapped_up(contact, person_id)

    # What operators do; see `Talk`

    async def decline(self, contact: Contact, person_id: UUID) -> None:
        seats = (contact.offer, contact.consult.seat if contact.consult else None)
        for seat in seats:
            if seat is not None and seat.person_id == person_id and not seat.gone:
                await self.offers.decline(contact, seat)
                return
        raise ContactNotNow

    async def hold(self, contact: Contact) -> None:
        await self.talk.hold(contact)

    async def resume(self, contact: Contact) -> None:
        await self.talk.resume(contact)

    async def consult(self, contact: Contact, form: TargetIn) -> None:
        await self.talk.consult(contact, await self._understood(contact, form))

    async def complete(self, contact: Contact) -> None:
        await self.talk.complete(contact)

    async def cancel_consult(self, contact: Contact) -> None:
        await self.talk.cancel_consult(contact)

    async def conference(self, contact: Contact) -> None:
        await self.talk.conference(contact)

    async def transfer(self, contact: Contact, form: TargetIn) -> None:
        await self.talk.transfer(contact, await self._understood(contact, form))

    async def _understood(self, contact: Contact, form: TargetIn) -> TargetIn:
        """A number as it is called: what may not be is refused while the client still talks."""
        if form.kind is not TargetKind.NUMBER:
            return form
        person = contact.seat.person_id if contact.seat is not None else None
        return form.model_copy(update={"number": await self._number(form.number, person, contact.project_id)})

    async def _number(self, typed: str, person_id: UUID | None, project_id: UUID) -> str:
        shared = self.shared
        return await outside_number(shared.database, shared.clock, typed, person_id=person_id, project_id=project_id)

    async def ask_help(self, contact: Contact, form: HelpIn) -> None:
        await self.talk.ask_help(contact, form)

    async def escalate(self, contact: Contact, form: EscalateIn) -> None:
        await self.talk.escalate(contact, form)

    async def pause_recording(self, contact: Contact, reason: str, *, paused: bool) -> None:
        await self.talk.pause_recording(contact, reason, paused=paused)

    async def send_digits(self, contact: Contact, digits: str) -> None:
        await self.talk.send_digits(contact, digits)

    async def hang_up(self, contact: Contact) -> None:
        await self.talk.hang_up(contact)

    def may_hang_up(self, contact: Contact) -> bool:
        """A rule of project and queue; not of calls that the centre makes, nor after abuse."""
        return contact.direction == "out" or contact.escalated or self.voice.may_hang_up(contact)

    def finish_wrap_up(self, contact_id: UUID, person_id: UUID) -> bool:
        """Whether there was after-contact work of this person to end."""
        contact = self.shared.contacts.get(contact_id)
        if contact is None or person_id not in contact.wrapping:
            return False
        self.shared.feed(WrapUpEnded(OperatorId(str(person_id)), RoutedId(str(contact_id))))
        self.endings.wrapped_up(contact, person_id)
        return True

    async def place_call(self, person_id: UUID, form: DialIn) -> UUID:
        """An outgoing call in a project's name."""
        shared = self.shared
        if not self.reachable(person_id):
            raise NoPhone
        number = await self._number(form.number, person_id, form.project_id)
        call_id = shared.calls.create(caller=str(person_id), callee=number, project_id=form.project_id, open_=True)
        new = NewInteraction(
            project_id=form.project_id, direction="out", party_number=number, call_id=call_id, at=shared.clock()
        )
        contact = Contact(
            id=shared.journal.begin(new),
            project_id=form.project_id,
            direction="out",
            number=number,
            name="",
            called="",
            came_at=shared.clock(),
            call_id=call_id,
            promise_id=form.promise_id,
        )
        shared.keep(contact)
        self.outward.call(contact, person_id)
        return contact.id

    # Supervision; see `Watch`

    async def supervise(self, contact: Contact, person_id: UUID, role: str) -> None:
        await self.watch.supervise(contact, person_id, role)

    async def stop_supervising(self, contact: Contact, person_id: UUID) -> None:
        await self.watch.leave(contact, person_id)

    async def take(self, contact: Contact, person_id: UUID) -> None:
        await self.watch.take(contact, person_id)

    async def move(self, work: Work, contact: Contact, form: MoveIn) -> None:
        """To another queue; the moment it came is kept."""
        queue = await reach_queue(work, form.queue_id)
        if contact.stage not in {Stage.WAITING, Stage.ABSENT}:
            raise ContactNotNow
        contact.queue_id, contact.queue = queue.id, queue.name
        self.shared.tell(contact, "queued", queue_id=queue.id, why="moved")
        moved = ContactMoved(contact=self.shared.routed(contact), queue=QueueId(str(queue.id)), priority=form.priority)
        self.shared.feed(moved)
        self.shared.changed(contact)

    async def test_call(self, work: Work, flow_id: UUID) -> TestCallOut:
        """A target that reaches the flow once."""
        while len(self.tests) >= MAX_TESTS:
            self.tests.pop(next(iter(self.tests)))
        flow = await reach_flow(work, flow_id)
        target, until = f"test-{token_hex(6)}", work.now + TEST_TARGET
        self.tests[target] = (flow_id, flow.project_id, until)
        return TestCallOut(target=target, expires_at=until)
