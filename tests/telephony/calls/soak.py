"""Calls with random ends: whatever callers, called phones and we do, at whatever moment, nothing may be left."""

import random
from collections.abc import Callable, Coroutine
from typing import Any

from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.events import CallEvent, CallOffered, TransferAsked
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.state import Leg
from centrala.telephony.media.types import Files
from centrala.telephony.sip.agent.events import IncomingCall
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.uri import parse_uri
from telephony.calls.stage import Phone, Stage, answers, rings

Behaviour = Callable[[Phone, IncomingCall], None]


class Soak:
    """Some callers, some called phones, and a die."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.die = random.Random(seed)
        self.callers = [stage.phone(f"caller{n}", answers) for n in range(3)]
        self.called = [stage.phone(f"called{n}", self.behave) for n in range(4)]
        self.done = 0
        stage.on_event.append(self.hear)

    def behave(self, phone: Phone, event: IncomingCall) -> None:
        """Answer at once, later, or never; refuse; or say nothing at all."""
        roll = self.die.random()
        if roll < 0.35:
            answers(phone, event)
        elif roll < 0.65:
            rings(phone, event)
            self.stage.at(self.die.uniform(0.0, 3.0), lambda: self._try(lambda: self._answer(phone, event)))
        elif roll < 0.8:
            rings(phone, event)
        elif roll < 0.95:
            status = self.die.choice([302, 404, 480, 486, 488, 503, 603])
            phone.agent.reject(event.session, status, self.stage.net.now)

    def _answer(self, phone: Phone, event: IncomingCall) -> None:
        phone.agent.answer(event.session, self.stage.net.now, phone.sdp())

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except NotAllowed:
            self.done += 1  # somebody was faster

    def hear(self, event: CallEvent) -> None:
        if isinstance(event, CallOffered):
            targets = [self.stage.target(phone) for phone in self.die.sample(self.called, self.die.randint(1, 3))]
            limit = self.die.uniform(0.5, 8.0)
            self._do(event, self.stage.calls.bridge(event.leg_id, targets, limit=limit))
        elif isinstance(event, TransferAsked):
            targets = [self.stage.target(self.die.choice(self.called))]
            self._do(event, self.stage.calls.carry_out(event.transfer, targets, limit=4.0))

    def _do(self, event: CallEvent, verb: Coroutine[Any, Any, object]) -> None:
        self.stage.context.spawn(self.stage.calls.find(event.call_id), self._tolerantly(verb))

    async def _tolerantly(self, verb: Coroutine[Any, Any, object]) -> None:
        try:
            await verb
        except CallError:
            self.done += 1  # refused, as it should be

    # What happens

    def call(self) -> None:
        """One more call, and what is done to it at some moment."""
        caller = self.die.choice(self.callers)
        attempt = caller.call(offer=self.die.random() > 0.1)
        if self.die.random() < 0.4:
            self.stage.at(self.die.uniform(0.0, 4.0), lambda: caller.agent.cancel(attempt, self.stage.net.now))
        for _ in range(self.die.randint(0, 3)):
            self.stage.at(self.die.uniform(0.0, 6.0), self.die.choice([self.peers, self.ours, self.ours]))

    def peers(self) -> None:
        phone = self.die.choice([*self.callers, *self.called])
        if not phone.sessions:
            return
        session, now, agent = self.die.choice(phone.sessions[-4:]), self.stage.net.now, phone.agent
        roll = self.die.random()
        if roll < 0.5:
            agent.hang_up(session, now)
        elif roll < 0.8:
            way = self.die.choice(["sendonly", "inactive", "sendrecv"])
            offer = phone.sdp(way, self.die.randint(1, 99))
            self._try(lambda: agent.reoffer(session, offer, now))
        else:
            other = self.die.choice(phone.sessions)
            replaces = Replaces(other.call_id, other.remote_tag, other.local_tag) if other != session else None
            self._try(lambda: agent.refer(session, parse_uri("sip:x@192.0.2.1"), now, replaces))

    def ours(self) -> None:
        legs = [leg for call in self.stage.calls.live() for leg in call.live_legs()]
        if not legs:
            return
        leg = self.die.choice(legs)
        self.stage.context.spawn(leg.call, self._tolerantly(self._verb(leg)))

    def _verb(self, leg: Leg) -> Coroutine[Any, Any, object]:
        calls, target = self.stage.calls, [self.stage.target(self.die.choice(self.called))]
        other = self.die.choice(calls.live())
        verbs: list[Callable[[], Coroutine[Any, Any, object]]] = [
            lambda: calls.hang_up(leg.id, self.die.choice(list(Cause))),
            lambda: calls.end(leg.call.id),
            lambda: calls.hold(leg.id, signal=self.die.random() < 0.5),
            lambda: calls.resume(leg.id),
            lambda: calls.seat(leg.id, self.die.choice(list(Role)), to=self.die.choice(list(leg.call.legs))),
            lambda: calls.transfer(leg.id, target, limit=3.0),
            lambda: calls.complete(leg.id),
            lambda: calls.park(leg.id),
            lambda: calls.dial(leg.call.id, target, limit=3.0, role=self.die.choice([Role.PARTY, Role.LISTENING])),
            lambda: calls.join(leg.call.id, other.id, without=[leg.id] if self.die.random() < 0.5 else []),
            lambda: calls.record(leg.call.id),
            lambda: calls.play(leg.id, Files(paths=["/notice.wav"])),
            lambda: calls.answer(leg.id),
        ]
        return self.die.choice(verbs)()

    async def run(self, calls: int, *, every: float = 0.4) -> None:
        """Begin calls one after the other, then end what has not ended and wait until all timers are through."""
        for _ in range(calls):
            self.call()
            await self.stage.run(self.die.uniform(0.0, 2 * every))
        await self.stage.run(15.0)
        for call in self.stage.calls.live():
            await self.stage.calls.end(call.id)
        await self.stage.run(400.0)

    def forget(self) -> None:
        """What the stage itself remembers."""
        self.stage.net.wire.clear()
        self.stage.net.log.clear()
        self.stage.events.clear()
        self.stage.media.asked.clear()
        for phone in self.stage.phones.values():
            phone.events.clear()
            phone.sessions.clear()
