"""What the parts of the live contacts share: who lives, the ways to telephony, router and journal, and the turns."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from centrala.flows.contacts.state import Contact, Stage
from centrala.interactions.service import Journal, Result, TimelineKind
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.routing.service import ContactId, ContactLeft, Dispatcher, Fact, OperatorId, WorkState, WrapUpEnded
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.service import Calls
from centrala.telephony.exchange.exchange import Exchange
from centrala.telephony.media.types import PlayName, What

log = get_logger(__name__)

CONTACT_HEADER: Final = "X-Centrala-Contact"
"""In the INVITE to an operator's phone: the interaction, so that desk and phone know that they speak of the same."""


@dataclass(slots=True, eq=False)
class Shared:
    exchange: Exchange
    dispatcher: Dispatcher
    journal: Journal
    database: Database
    clock: Clock
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    by_call: dict[UUID, Contact] = field(default_factory=dict)
    by_leg: dict[UUID, Contact] = field(default_factory=dict)  # legs of the centre's people, and of those consulted
    questions: dict[UUID, Contact] = field(default_factory=dict)  # consultations by the id that the router knows
    plays: dict[PlayName, asyncio.Future[None]] = field(default_factory=dict)
    voids: set[int] = field(default_factory=set)  # offers that were answered too late
    counters: Counter[str] = field(default_factory=Counter)
    on_change: Callable[[Contact], None] = lambda _contact: None
    on_kept: Callable[[Contact], None] = lambda _contact: None
    on_over: Callable[[Contact], None] = lambda _contact: None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def calls(self) -> Calls:
        return self.exchange.calls

    # Steps

    def step(self, contact: Contact, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do a step in the contact's turn, in the background."""
        task = self._spawn(contact, self._in_turn(contact, step))
        task.add_done_callback(lambda _: step.close())  # one that never had its turn
        return task

    def aside(self, contact: Contact, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do what waits for people, and needs no turn, in the background."""
        return self._spawn(contact, step)

    def _spawn(self, contact: Contact, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._edge(contact, step), name=f"contact-{contact.id}")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: step.close())
        return task

    async def _in_turn(self, contact: Contact, step: Coroutine[Any, Any, None]) -> None:
        async with contact.turn:
            await step

    async def _edge(self, contact: Contact, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
        except CallError:
            self.counters["steps_too_late"] += 1  # somebody has hung up meanwhile; its event tells the rest
        except Exception:
            # The edge of one contact: a fault of ours ends its call and no other.
            log.exception("A step of a contact failed.", interaction_id=str(contact.id))
            self.counters["step_faults"] += 1
            if contact.call_id is not None:
                await self.calls.end(contact.call_id, Cause.NETWORK_FAILURE)

    async def stop(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    # Facts

    def feed(self, fact: Fact) -> None:
        self.dispatcher.feed(fact)

    def tell(
        self,
        contact: Contact,
        kind: str,
        *,
        person_id: UUID | None = None,
        queue_id: UUID | None = None,
        **details: Any,
    ) -> None:
        """A fact for the contact's timeline, now."""
        if not contact.test:
            self.journal.tell(
                contact.id, TimelineKind(kind), self.clock(), person_id=person_id, queue_id=queue_id, **details
            )

    def finish(self, contact: Contact, at: datetime, result: str) -> None:
        if not contact.test:
            self.journal.finish(contact.id, at, Result(result))

    def note(self, contact: Contact, **fields: Any) -> None:
        if not contact.test:
            self.journal.change(contact.id, **fields)

    def changed(self, contact: Contact) -> None:
        """Desks that show the contact show it anew, and the store is told in its time."""
        self.on_change(contact)
        self.on_kept(contact)

    # Sounds

    async def heard(self, contact: Contact, leg_id: UUID, what: What) -> None:
        """Play to the end; who cancels it ends it."""
        play = await self.calls.play(leg_id, what)
        ended = self.plays[play] = asyncio.get_running_loop().create_future()
        try:
            await ended
        except asyncio.CancelledError:
            self.aside(contact, self.calls.stop_play(play))
            raise
        finally:
            self.plays.pop(play, None)

    async def told(self, contact: Contact, leg_id: UUID, what: What) -> None:
        """What has to be heard to its end: keys pressed before it or meanwhile answer nothing (VoiceXML 2.0, 4.1.8)."""
        await self.heard(contact, leg_id, what)
        self.calls.forget_digits(leg_id)

    def play_ended(self, play: PlayName) -> None:
        ended = self.plays.get(play)
        if ended is not None and not ended.done():
            ended.set_result(None)

    # Looking

    def routed(self, contact: Contact) -> ContactId:
        return ContactId(str(contact.id))

    def knows(self, contact: Contact) -> bool:
        """Whether the router has the contact, waiting or in somebody's hands."""
        return self.routed(contact) in self.dispatcher.router.state.contacts

    def wrap_up_of(self, contact_id: UUID, person_id: UUID) -> datetime | None:
        """When the router ends this person's after-contact work; None: there is none."""
        operator = self.dispatcher.router.state.operators.get(OperatorId(str(person_id)))
        name = ContactId(str(contact_id))
        for work in operator.work.values() if operator else ():
            if work.contact == name and work.state is WorkState.WRAP_UP and work.until is not None:
                return datetime.fromtimestamp(work.until, UTC)
        return None

    def keep(self, contact: Contact) -> None:
        """A contact has begun."""
        self.contacts[contact.id] = contact
        if contact.call_id is not None:
            self.by_call[contact.call_id] = contact

    def release(self, contact: Contact) -> None:
        """Forget a contact that is over, and whose after-contact work is done."""
        if contact.stage is Stage.OVER and not contact.wrapping:
            self.contacts.pop(contact.id, None)
            self.on_kept(contact)

    def end_question(self, question: UUID, person_id: UUID | None) -> None:
        """The router forgets a consultation; nobody has after-contact work for it."""
        self.feed(ContactLeft(ContactId(str(question))))
        if person_id is not None and self.wrap_up_of(question, person_id) is not None:
            self.feed(WrapUpEnded(OperatorId(str(person_id)), ContactId(str(question))))

    def own_legs(self, contact: Contact, legs: Iterable[UUID | None]) -> None:
        for leg_id in legs:
            if leg_id is not None:
                self.by_leg[leg_id] = contact
