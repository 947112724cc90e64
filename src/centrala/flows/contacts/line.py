"""Waiting: into a queue, music, place and expected wait, and out of it again without an operator."""

from typing import Final
from uuid import UUID

from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import Contact, Stage
from centrala.flows.contacts.voice import Voice
from centrala.routing.service import Announce, CallbackChosen, ContactMoved, ContactQueued, OperatorId, QueueId
from centrala.telephony.calls.hearing import Role
from centrala.telephony.media.types import SharedLoop, What

MUSIC_GAIN: Final = 0.0  # dB


class Line:
    def __init__(self, shared: Shared, voice: Voice) -> None:
        self._shared = shared
        self._voice = voice

    # In

    def queue(
        self,
        contact: Contact,
        queue_id: UUID,
        *,
        priority: int = 0,
        skills: dict[str, int] | None = None,
        language: str | None = None,
        callback: bool = False,
    ) -> None:
        """Hand the contact to the router; a free operator is rung for at once."""
        shared = self._shared
        now = shared.clock()
        contact.queue_id, contact.queue = queue_id, self._voice.queue_name(queue_id)
        contact.priority, contact.skills, contact.demanded = priority, dict(skills or {}), language
        contact.queued_at, contact.callback_offered = now, False
        contact.enter(Stage.ABSENT if callback else Stage.WAITING, now)
        shared.tell(contact, "queued", queue_id=queue_id, priority=priority)
        fact = self.fact(contact, callback=callback)
        shared.feed(fact)
        if contact.stage is Stage.WAITING and not callback:
            shared.step(contact, self.music(contact))
        shared.changed(contact)

    def fact(self, contact: Contact, *, callback: bool = False) -> ContactQueued:
        """How the router is told of the contact, now and after a restart."""
        return ContactQueued(
            contact=self._shared.routed(contact),
            queue=QueueId(str(contact.queue_id)),
            priority=contact.priority,
            skills=contact.skills,
            language=contact.demanded,
            last_operator=OperatorId(str(contact.last_operator)) if contact.last_operator else None,
            number=contact.number or None,
            since=None if contact.queued_at is None else contact.queued_at.timestamp(),
            callback=callback,
        )

    def again(self, contact: Contact, queue_id: UUID, *, why: str, ahead: bool) -> None:
        """Back into a queue after a conversation: transferred, or the operator was lost (`ahead` of their equals)."""
        shared = self._shared
        now = shared.clock()
        contact.queue_id, contact.queue, contact.queued_at = queue_id, self._voice.queue_name(queue_id), now
        contact.held, contact.seat, contact.offer = False, None, None
        contact.enter(Stage.WAITING, now)
        shared.tell(contact, "queued", queue_id=queue_id, why=why)
        priority = contact.priority + 1 if ahead else contact.priority
        if shared.knows(contact):
            moved = ContactMoved(contact=shared.routed(contact), queue=QueueId(str(queue_id)), priority=priority)
            shared.feed(moved)
        else:
            contact.priority = priority
            shared.feed(self.fact(contact))
        if contact.stage is Stage.WAITING:
            shared.step(contact, self.music(contact))
        shared.changed(contact)

    # What is heard

    async def music(self, contact: Contact) -> None:
        """Music, unless somebody talks with the client or something is being said."""
        shared = self._shared
        if contact.stage is not Stage.WAITING or contact.client is None or contact.music is not None:
            return
        call = None if contact.call_id is None else shared.calls.find(contact.call_id)
        leg = None if call is None else call.legs.get(contact.client)
        if leg is None or not leg.talking or contact.saying is not None:
            return
        if leg.role is not Role.APART:
            await shared.calls.seat(contact.client, Role.APART)
        path = await self._voice.music(contact)
        contact.music = await shared.calls.play(contact.client, SharedLoop(path=path), gain_db=MUSIC_GAIN)

    async def silence(self, contact: Contact) -> None:
        """End music and announcements: somebody is there."""
        plays, contact.music, contact.saying = (contact.music, contact.saying), None, None
        for play in plays:
            if play is not None:
                await self._shared.calls.stop_play(play)

    def announce(self, contact: Contact, said: Announce) -> None:
        self._shared.tell(contact, "announced", position=said.position, expected=said.expected_wait)
        self._shared.step(contact, self._announce(contact, said))

    async def _announce(self, contact: Contact, said: Announce) -> None:
        if contact.stage is not Stage.WAITING or contact.client is None or contact.offer is not None:
            return
        if contact.saying is not None or contact.busy:
            return  # the flow is speaking: a call-back is being offered
        what = await self._voice.place(contact, said.position, said.expected_wait)
        if what is not None:
            await self.say(contact, what)

    async def say(self, contact: Contact, what: What) -> None:
        """Say something over the wait; the music stops, and begins anew after it."""
        if contact.client is None or contact.stage is not Stage.WAITING or contact.offer is not None:
            return  # meanwhile somebody is there, or about to be
        contact.music = None  # the engine replaces what a leg hears
        contact.saying = await self._shared.calls.play(contact.client, what)

    def said(self, contact: Contact) -> None:
        """An announcement is over."""
        contact.saying = None
        self._shared.step(contact, self.music(contact))

    # A call-back in the place of the wait

    def choose_callback(self, contact: Contact, number: str) -> bool:
        """Keep the place without waiting on the line; False when one is promised to this number already."""
        shared = self._shared
        contact.callback = True
        shared.feed(CallbackChosen(contact=shared.routed(contact), number=number))
        if not shared.knows(contact):
            contact.callback = False
            return False
        shared.tell(contact, "callback_ordered", queue_id=contact.queue_id)
        return True
