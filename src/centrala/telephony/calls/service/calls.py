"""The front of the room: what the app and the flows call, and where the agent's and the engine's events arrive."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.errors import Gone
from centrala.telephony.calls.events import CallStarted, Direction
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.ports import Identify, Target, Timer
from centrala.telephony.calls.service.agent_events import AgentEvents
from centrala.telephony.calls.service.context import Context, Listener
from centrala.telephony.calls.service.dialing import Dialer
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.engine import EngineEvents
from centrala.telephony.calls.service.incoming import Incoming
from centrala.telephony.calls.service.offers import Offers
from centrala.telephony.calls.service.recordings import Recordings
from centrala.telephony.calls.service.resume import Resume
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.service.sounds import Collected, Sounds
from centrala.telephony.calls.service.transfers import Transfers
from centrala.telephony.calls.state import Call, Dialing
from centrala.telephony.media.types import DtmfMethod, PlayName, What
from centrala.telephony.sip.agent.events import Event
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.uri import Uri

REPLAY: Final = 10.0  # seconds that the engine's replayed events take at most; then it is compared with what we know


class Calls:
    """All calls of this process. Verbs raise `CallError`s; what happens is told to the listeners."""

    def __init__(self, context: Context, identify: Identify) -> None:
        self._context = context
        rooms = Rooms(context)
        self._endings = endings = Endings(context, rooms)
        self._incoming = Incoming(context, rooms, endings, identify)
        self._dialer = Dialer(context, rooms, endings, self._incoming)
        self._offers = Offers(context, rooms, endings)
        self._sounds = sounds = Sounds(context)
        self._recordings = recordings = Recordings(context)
        self._transfers = Transfers(context, rooms, endings, self._dialer, recordings)
        self._engine = EngineEvents(context, endings, sounds, recordings)
        self._agent = AgentEvents(
            context,
            endings=endings,
            incoming=self._incoming,
            dialer=self._dialer,
            offers=self._offers,
            sounds=sounds,
            transfers=self._transfers,
        )
        self._resume = Resume(context, rooms, endings, recordings)
        rooms.followers.append(recordings.follow)
        endings.on_leg_over += [sounds.leg_over, self._transfers.forget]
        endings.on_call_over.append(sounds.forget)
        context.on_fault = self._on_fault
        self._reader: asyncio.Task[None] | None = None
        self._settling: Timer | None = None

    # Life

    async def start(self) -> int:
        """Take up what an earlier process left, then follow the engine; returns how many legs live on.

        Call it before the endpoint takes packets. Raises `MediaGone` without an engine.
        """
        self._engine.engine = (await self._context.media.hello()).engine
        taken = await self._resume.run(await self._context.store.kept())
        self._settling = self._context.timers.after(REPLAY, lambda: self._context.spawn(None, self._engine.compare()))
        self._reader = asyncio.create_task(self._engine.run(), name="calls-engine-events")
        return taken

    async def close(self) -> None:
        """Stop following the engine; the calls live on in it and in the store for the next process."""
        if self._settling is not None:
            self._settling.cancel()
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None
        await self.idle()

    def on_event(self, event: Event) -> None:
        """Take an event of the agent; what it leads to happens in the background."""
        self._agent.handle(event)

    async def idle(self) -> None:
        """Wait until nothing is under way in this process; for orderly ends and tests."""
        while self._context.tasks:
            await asyncio.wait(set(self._context.tasks))

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

    def phone_of(self, session: DialogId) -> UUID | None:
        """The phone whose leg a dialog is; None for a carrier's, and when nobody knows it."""
        leg = self._context.by_session.get(session)
        return None if leg is None else leg.phone_id

    def replaces(self, leg_id: UUID) -> str:
        """The Replaces value (RFC 3891) with which another device of the same person takes this leg's seat."""
        session = self._context.leg(leg_id).session
        if session is None:
            raise Gone("the leg has no dialog")
        return str(Replaces(session.call_id, to_tag=session.local_tag, from_tag=session.remote_tag))

    def rebind(self, phone_id: UUID, flow: Flow) -> None:
        """The phone has come back by another connection: what we send to its legs goes there from now on."""
        for leg in self._context.legs.values():
            if leg.phone_id == phone_id and leg.talking and leg.session is not None:
                with contextlib.suppress(NotAllowed):
                    self._context.endpoint.agent.rebind(leg.session, flow)
                self._context.keep_dialog(leg)

    @property
    def counters(self) -> dict[str, int]:
        """What was dropped, crossed or went wrong, by name, since the start."""
        return dict(self._context.counters)

    # Calls

    def create(
        self, *, caller: str, callee: str, project_id: UUID | None = None, near: UUID | None = None, open_: bool = False
    ) -> UUID:
        """A call of ours with nobody in it yet. `near`: a call whose legs may come here. `open_`: see `keep_open`."""
        context = self._context
        at = context.clock()
        call = Call(context.fresh_id(), Direction.OUT, caller, callee, at, project_id=project_id, near=near)
        call.open = open_
        context.calls[call.id] = call
        context.keep_call(call)
        context.emit(CallStarted(call_id=call.id, at=at, direction=call.direction, project_id=project_id))
        return call.id

    async def belongs(self, call_id: UUID, project_id: UUID) -> None:
        """The project of the call is known now."""
        call = self._context.call(call_id)
        async with call.turn:
            call.project_id = project_id
            self._context.keep_call(call)
            for leg in call.legs.values():
                self._context.keep_leg(leg)
            for recording in call.recordings.values():
                self._context.keep_recording(recording, call)

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

    # Legs

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

    async def hang_up(self, leg_id: UUID, cause: Cause = Cause.ANSWERED) -> None:
        """End a leg at any point of its life, or refuse a call that came. No error when it is over."""
        leg = self._context.legs.get(leg_id)
        if leg is None:
            return
        async with self._context.turn(leg):
            self._endings.hang_up(leg, ours(cause))

    async def dial(
        self, call_id: UUID, targets: Sequence[Target], *, limit: float | None = None, role: Role = Role.PARTY
    ) -> Dialing:
        """Call targets into a call, all at once: the first answer wins. `limit` in seconds. Await `result`."""
        call = self._context.call(call_id)
        async with call.turn:
            if call.ended_at is not None:
                raise Gone("the call is over")
            return await self._dialer.dial(call, targets, limit=self._limit(limit), role=role)

    async def bridge(
        self, leg_id: UUID, targets: Sequence[Target], *, limit: float | None = None, refuses: bool = True
    ) -> Dialing:
        """Call targets for a caller who hears what they do, is answered with them, and else refused as they refuse."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg) as call:
            return await self._dialer.dial(call, targets, limit=self._limit(limit), for_leg=leg, refuses=refuses)

    def _limit(self, limit: float | None) -> float:
        return self._context.settings.ring_limit if limit is None else limit

    # Who hears whom

    async def seat(self, leg_id: UUID, role: Role, *, to: UUID | None = None, signal: bool = False) -> None:
        """Give a leg another role: party, muted, held, parked, listening, whispering (`to` one leg), barging."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg) as call:
            target = call.legs.get(to) if to is not None else None
            await self._offers.seat(leg, role, to=target, signal=signal)

    async def hold(self, leg_id: UUID, *, signal: bool = False) -> None:
        """Music instead of the conversation; with `signal` the phone is told by re-INVITE."""
        await self.seat(leg_id, Role.HELD, signal=signal)

    async def resume(self, leg_id: UUID) -> None:
        await self.seat(leg_id, Role.PARTY)

    async def park(self, leg_id: UUID, *, by: UUID | None = None) -> None:
        """Music until somebody takes the leg up (`resume`, `dial` into its call, `join`); `by` is hung up."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg) as call:
            await self._offers.seat(leg, Role.PARKED)
            other = call.legs.get(by) if by is not None else None
            if other is not None:
                self._endings.hang_up(other, ours(Cause.TRANSFERRED))

    # Transfers

    async def transfer(self, leg_id: UUID, targets: Sequence[Target], *, limit: float | None = None) -> Dialing:
        """Blind: the leg leaves at once, its successor is called while those who stay hear music."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg):
            return await self._transfers.blind(leg, targets, limit=self._limit(limit))

    async def complete(self, leg_id: UUID) -> None:
        """Attended, within one call: the leg leaves, those who were held and consulted talk with each other."""
        leg = self._context.leg(leg_id)
        async with self._context.turn(leg):
            await self._transfers.complete(leg)

    async def join(self, into: UUID, other: UUID, *, without: Sequence[UUID] = ()) -> UUID:
        """Two calls become one, without these legs; returns which lives on. Raises `CannotMeet`."""
        one, two = self._context.call(into), self._context.call(other)
        async with self._context.both_turns(one, two):
            legs = {**one.legs, **two.legs}
            leaving = frozenset(legs[leg_id] for leg_id in without if leg_id in legs)
            return (await self._transfers.join(one, two, without=leaving)).id

    async def carry_out(self, transfer: str, targets: Sequence[Target], *, limit: float | None = None) -> Dialing:
        """Do what a phone's REFER asks (`TransferAsked`): call these targets in its place."""
        leg = self._transfers.take(transfer)
        async with self._context.turn(leg):
            return await self._transfers.blind(leg, targets, limit=self._limit(limit), report=transfer)

    def refuse_transfer(self, transfer: str, status: int = 603) -> None:
        self._transfers.refuse(transfer, status=status)

    def refer(self, leg_id: UUID, target: Uri) -> None:
        """Ask the peer to call `target` by itself and to leave us; `Transferred` or `TransferFailed` follows."""
        self._transfers.refer(self._context.leg(leg_id), target)

    # Sounds and digits

    async def play(self, leg_id: UUID, what: What, *, over: bool = False, gain_db: float = 0.0) -> PlayName:
        """Play to one leg; `PlayEnded` follows. `over` mixes it with the voices."""
        return await self._sounds.play(self._context.leg(leg_id), what, over=over, gain_db=gain_db)

    async def play_to_all(self, call_id: UUID, what: What, *, over: bool = False) -> PlayName:
        return await self._sounds.play_to_all(self._context.call(call_id), what, over=over)

    async def stop_play(self, play: PlayName) -> None:
        await self._sounds.stop(play)

    async def keep_digits(self, leg_id: UUID) -> None:
        """Keep keys that nobody waits for yet for the next `collect`."""
        await self._sounds.keep_digits(self._context.leg(leg_id))

    def forget_digits(self, leg_id: UUID) -> None:
        """Keep none until the next `collect`. No error when the leg is over."""
        leg = self._context.legs.get(leg_id)
        if leg is not None:
            self._sounds.forget_digits(leg)

    async def collect(
        self,
        leg_id: UUID,
        *,
        wanted: int,
        terminators: str = "#",
        prompt: What | None = None,
        first: float = 5.0,
        between: float = 3.0,
        fresh: bool = False,
        peeks: bool = False,
        silence: float | None = None,
    ) -> Collected:
        """Play a prompt and gather digits, however the peer sends them; seconds until the first, and between two.

        Digits that were typed ahead (`keep_digits`) come first, unless it is to be `fresh`. `peeks`: the digit only
        ends the prompt, and counts for the next question. `silence`: seconds in which the peer says nothing, after
        which it ends too. Who cancels it ends the prompt.
        """
        leg = self._context.leg(leg_id)
        future = await self._sounds.collect(
            leg,
            wanted=wanted,
            terminators=terminators,
            prompt=prompt,
            first=first,
            between=between,
            fresh=fresh,
            peeks=peeks,
            silence=silence,
        )
        try:
            return await future
        except asyncio.CancelledError:
            self._sounds.give_up(leg)
            raise

    async def send_digits(self, leg_id: UUID, digits: str, *, method: DtmfMethod | None = None) -> None:
        await self._sounds.send(self._context.leg(leg_id), digits, method)

    def send_digits_by_info(self, leg_id: UUID, digits: str) -> None:
        self._sounds.send_by_info(self._context.leg(leg_id), digits)

    # Recording

    async def record(self, call_id: UUID) -> UUID:
        """Record from now on; the row is stored before the first packet."""
        call = self._context.call(call_id)
        async with call.turn:
            return await self._recordings.start(call)

    async def pause_recording(self, recording_id: UUID, *, paused: bool) -> None:
        async with self._recordings.call_of(recording_id).turn:
            await self._recordings.pause(recording_id, paused=paused)

    async def stop_recording(self, recording_id: UUID) -> None:
        async with self._recordings.call_of(recording_id).turn:
            await self._recordings.stop(recording_id)
