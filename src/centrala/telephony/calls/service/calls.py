"""The front of the room: what the app and the flows call, and where the agent's and the engine's events arrive."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from centrala.telephony.calls.causes import Cause, of_end, ours
from centrala.telephony.calls.errors import Gone
from centrala.telephony.calls.events import CallStarted, Direction
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.ports import Endpoint, Identify, Target
from centrala.telephony.calls.service.context import Context, Listener
from centrala.telephony.calls.service.dialing import Dialer
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.incoming import Incoming
from centrala.telephony.calls.service.offers import Offers
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import Call, Dialing, Leg
from centrala.telephony.sip.agent import events as sip


class Calls:
    """All calls of this process. Verbs raise `CallError`s; what happens is told to the listeners."""

    def __init__(self, context: Context, identify: Identify) -> None:
        self._context = context
        self._rooms = rooms = Rooms(context)
        self._endings = endings = Endings(context, rooms)
        self._incoming = Incoming(context, rooms, endings, identify)
        self._dialer = Dialer(context, rooms, endings, self._incoming)
        self._offers = Offers(context, rooms, endings)
        context.on_fault = self._on_fault
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            sip.IncomingCall: self._incoming.receive,
            sip.Progress: lambda e: self._of_attempt(e, self._dialer.progress),
            sip.Answered: self._on_answered,
            sip.AttemptFailed: lambda e: self._of_attempt(e, self._dialer.failed),
            sip.Acknowledged: self._on_acknowledged,
            sip.SessionEnded: self._on_ended,
            sip.Reoffer: lambda e: self._of_session(e, self._offers.receive),
            sip.ReofferAnswered: lambda e: self._of_session(e, self._offers.answered),
            sip.ReofferRefused: lambda e: self._of_session(e, self._offers.refused),
        }

    # Events of the agent

    def on_event(self, event: sip.Event) -> None:
        """Take an event of the agent; what it leads to happens in the background, in the order of the events."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _of_attempt(self, event: Any, step: Callable[[Leg, Any], Any]) -> None:
        leg = self._context.by_attempt.get(event.attempt)
        if leg is not None:
            self._context.spawn(leg.call, step(leg, event))

    def _of_session(self, event: Any, step: Callable[[Leg, Any], Any]) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None:
            self._context.spawn(leg.call, step(leg, event))

    def _on_answered(self, event: sip.Answered) -> None:
        leg = self._context.by_attempt.get(event.attempt)
        if leg is None:  # nobody knows it any more
            endpoint = self._context.endpoint
            endpoint.agent.hang_up(event.session, endpoint.now())
            endpoint.flush()
            return
        # At once: its BYE may be in the same packet train, and must find the leg.
        leg.session = event.session
        self._context.by_session[event.session] = leg
        self._context.spawn(leg.call, self._dialer.answered(leg, event))

    def _on_acknowledged(self, event: sip.Acknowledged) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None and event.answer is not None:
            self._context.spawn(leg.call, self._incoming.acknowledged(leg, event.answer))

    def _on_ended(self, event: sip.SessionEnded) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None:
            self._context.spawn(leg.call, self._end(leg, event))

    async def _end(self, leg: Leg, event: sip.SessionEnded) -> None:
        async with self._context.turn(leg):
            await self._endings.over(leg, of_end(event.cause, answered=leg.answered_at is not None))

    def _on_fault(self, call: Call) -> None:
        async def step() -> None:
            async with call.turn:
                call.open, call.lasting = False, 0
                self._endings.hang_up_all(call, ours(Cause.NETWORK_FAILURE))

        if call.ended_at is None and not call.broken:
            call.broken = True
            self._context.spawn(call, step())

    # Looking

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every event from now on; the result ends it. A listener must not wait."""
        self._context.listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._context.listeners.remove(listener)

        return end

    def live(self) -> list[Call]:
        """The calls that are not over; to be read, not to be changed."""
        return list(self._context.calls.values())

    def find(self, call_id: UUID) -> Call | None:
        return self._context.calls.get(call_id)

    @property
    def counters(self) -> dict[str, int]:
        return dict(self._context.counters)

    async def idle(self) -> None:
        """Wait until nothing is under way in this process; for orderly ends and tests."""
        while self._context.tasks:
            await asyncio.wait(set(self._context.tasks))

    # Verbs

    def create(
        self, *, caller: str, callee: str, project_id: UUID | None = None, near: UUID | None = None, open_: bool = False
    ) -> UUID:
        """A call of ours with nobody in it yet. `near`: a call whose legs may come here. `open_`: see `keep_open`."""
        context = self._context
        call = Call(
            context.fresh_id(), Direction.OUT, caller, callee, context.clock(), project_id=project_id, near=near
        )
        call.open = open_
        context.calls[call.id] = call
        context.keep_call(call)
        context.emit(
            CallStarted(call_id=call.id, at=call.started_at, direction=call.direction, project_id=call.project_id)
        )
        return call.id

    async def belongs(self, call_id: UUID, project_id: UUID) -> None:
        """The project of the call is known now."""
        call = self._context.call(call_id)
        async with call.turn:
            call.project_id = project_id
            self._context.keep_call(call)
            for leg in call.legs.values():
                self._context.keep_leg(leg)

    async def keep_open(self, call_id: UUID, *, on: bool) -> None:
        """Whether the call goes on with no leg at all, as between one carrier and the next."""
        call = self._context.call(call_id)
        async with call.turn:
            call.open = on
            if not on:
                await self._endings.settle(call, call.ending or ours(Cause.CANCELLED))

    async def outlast(self, call_id: UUID, *, on: bool) -> None:
        """Whether the call goes on when a single party is left, as for a survey; each `on` needs its `off`."""
        call = self._context.call(call_id)
        async with call.turn:
            call.lasting = max(0, call.lasting + (1 if on else -1))

    async def ring(self, leg_id: UUID) -> None:
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg):
            self._incoming.ring(leg)

    async def early(self, leg_id: UUID) -> None:
        """Let a caller hear us before the answer. Raises `NotNow` when its INVITE has no offer."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg):
            await self._incoming.early(leg)

    async def answer(self, leg_id: UUID, *, role: Role | None = None) -> None:
        """Accept a call that came. Raises `Gone` when the caller gave up, `NotNow` when no audio can be agreed."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg):
            leg.role = role or leg.role
            await self._incoming.answer(leg)

    async def refuse(self, leg_id: UUID, cause: Cause) -> None:
        await self.hang_up(leg_id, cause)

    async def hang_up(self, leg_id: UUID, cause: Cause = Cause.ANSWERED) -> None:
        """End a leg at any point. No error when it is over."""
        leg = self._context.legs.get(leg_id)
        if leg is None:
            return
        async with self._context.turn(leg):
            self._endings.hang_up(leg, ours(cause))

    async def end(self, call_id: UUID, cause: Cause = Cause.ANSWERED) -> None:
        """Hang up everybody. No error when the call is over."""
        call = self._context.calls.get(call_id)
        if call is None:
            return
        async with call.turn:
            call.open, call.lasting = False, 0
            self._endings.hang_up_all(call, ours(cause))
            if not call.live_legs():
                await self._endings.settle(call, ours(cause))

    async def dial(
        self, call_id: UUID, targets: Sequence[Target], *, limit: float | None = None, role: Role = Role.PARTY
    ) -> Dialing:
        """Call targets into a call, all at once: the first answer wins. `limit` in seconds. Await `result`."""
        call = self._context.call(call_id)
        async with call.turn:
            if call.ended_at is not None:
                raise Gone("the call is over")
            return await self._dialer.dial(call, targets, limit=limit or self._context.settings.ring_limit, role=role)

    async def bridge(
        self, leg_id: UUID, targets: Sequence[Target], *, limit: float | None = None, refuses: bool = True
    ) -> Dialing:
        """Call targets for a caller who hears what they do, is answered with them, and else refused as they refuse."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg) as call:
            seconds = limit or self._context.settings.ring_limit
            return await self._dialer.dial(call, targets, limit=seconds, for_leg=leg, refuses=refuses)

    async def seat(self, leg_id: UUID, role: Role, *, to: UUID | None = None, signal: bool = False) -> None:
        """Give a leg another role: hold, mute, park, listen, whisper (`to` one leg), barge, party."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg) as call:
            target = call.legs.get(to) if to is not None else None
            await self._offers.seat(leg, role, to=target, signal=signal)

    async def hold(self, leg_id: UUID, *, signal: bool = False) -> None:
        """Music instead of the conversation; with `signal` the phone is told by re-INVITE."""
        await self.seat(leg_id, Role.HELD, signal=signal)

    async def resume(self, leg_id: UUID) -> None:
        await self.seat(leg_id, Role.PARTY)


def make_calls(endpoint: Endpoint, identify: Identify, **parts: Any) -> Calls:
    """The calls of a process; `parts` are the further fields of `Context`."""
    return Calls(Context(endpoint=endpoint, **parts), identify)
