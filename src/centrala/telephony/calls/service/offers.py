"""Offers within a call: the peer's (hold, another address, another codec) and ours."""

from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.errors import NotNow
from centrala.telephony.calls.events import HeldBy, LegHeld, LegResumed, LegSeated
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import Leg
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.sip.agent.events import Reoffer, ReofferAnswered, ReofferRefused
from centrala.telephony.sip.errors import NotAllowed, SdpError
from centrala.telephony.sip.sdp.attributes import Direction


class Offers:
    def __init__(self, context: Context, rooms: Rooms, endings: Endings) -> None:
        self._context = context
        self._rooms = rooms
        self._endings = endings

    async def receive(self, leg: Leg, event: Reoffer) -> None:
        """A re-INVITE or UPDATE with a change, or without an offer."""
        endpoint = self._context.endpoint
        async with self._context.turn(leg):
            try:
                sdp = await self._meet(leg, event.offer)
                endpoint.agent.accept_offer(event.exchange, sdp, self._context.now())
            except (SdpError, MediaRefused, MediaGone) as error:
                self._refuse(event, error.status if isinstance(error, SdpError) else 500)
                return
            except NotAllowed:
                self._context.counters["exchanges_crossed"] += 1  # a BYE was faster
                return
            endpoint.flush()
            await self._follow(leg)

    async def _meet(self, leg: Leg, offer: bytes | None) -> bytes:
        if offer is None:
            return leg.stream.offer()
        settings = leg.stream.look_at(offer)
        sdp = leg.stream.answer(offer)
        await self._rooms.change(leg, settings)
        return sdp

    def _refuse(self, event: Reoffer, status: int) -> None:
        endpoint = self._context.endpoint
        try:
            endpoint.agent.refuse_offer(event.exchange, self._context.now(), status or 488)
        except NotAllowed:
            self._context.counters["exchanges_crossed"] += 1
        endpoint.flush()

    async def _follow(self, leg: Leg) -> None:
        """Whatever was agreed: who listens now, and what the store must know."""
        context = self._context
        if leg.talking and leg.away != leg.stream.peer_holds:
            leg.away = leg.stream.peer_holds
            leg.sit(leg.role)
            kind = LegHeld if leg.away else LegResumed
            context.emit(kind(call_id=leg.call.id, leg_id=leg.id, at=context.clock(), by=HeldBy.PEER))
        await self._rooms.rehear(leg.call)
        if leg.talking:
            context.keep_dialog(leg)
            context.keep_leg(leg)

    # Ours

    async def seat(self, leg: Leg, role: Role, *, to: Leg | None = None, signal: bool = False) -> None:
        """Give the leg another role in its room. With `signal` the peer is told of hold and resume by re-INVITE."""
        context, before = self._context, leg.role
        leg.sit(role)
        leg.whispers_to = to.id if to is not None and role is Role.WHISPERING else None
        await self._rooms.rehear(leg.call)
        at, call_id = context.clock(), leg.call.id
        if role is Role.HELD and before is not Role.HELD:
            context.emit(LegHeld(call_id=call_id, leg_id=leg.id, at=at, by=HeldBy.US))
        elif before is Role.HELD and role is not Role.HELD:
            context.emit(LegResumed(call_id=call_id, leg_id=leg.id, at=at, by=HeldBy.US))
        if role is not before:
            context.emit(LegSeated(call_id=call_id, leg_id=leg.id, at=at, role=role))
        told = signal and role is Role.HELD
        if leg.talking and (signal or leg.held) and told != leg.held:
            leg.held = told
            self._tell(leg)
        if leg.talking:
            context.keep_dialog(leg)

    def _tell(self, leg: Leg) -> None:
        # RFC 3264 8.4: hold is said by sendonly; the music goes on.
        leg.stream.wanted = Direction.SENDONLY if leg.held else Direction.SENDRECV
        try:
            self.offer(leg)
        except NotNow:
            # The phone's own offer is under way; it hears the music all the same.
            self._context.counters["holds_not_signalled"] += 1

    def offer(self, leg: Leg) -> None:
        """Send a re-INVITE with the stream as we want it. Raises `NotNow` while another exchange is open."""
        endpoint = self._context.endpoint
        if leg.session is None:
            raise NotNow("the leg has no session")
        try:
            endpoint.agent.reoffer(leg.session, leg.stream.offer(), self._context.now())
        except NotAllowed as error:
            leg.stream.refused()
            raise NotNow(str(error)) from error
        endpoint.flush()

    async def answered(self, leg: Leg, event: ReofferAnswered) -> None:
        async with self._context.turn(leg):
            if not leg.talking or event.answer is None:
                leg.stream.refused()
                return
            try:
                await self._rooms.change(leg, leg.stream.accept(event.answer))
            except (SdpError, NotAllowed):
                self._endings.hang_up(leg, ours(Cause.INCOMPATIBLE))
                return
            await self._follow(leg)

    async def refused(self, leg: Leg, event: ReofferRefused) -> None:
        """What was in force stays."""
        async with self._context.turn(leg):
            self._context.counters[f"offers_refused_{event.status}"] += 1
            leg.stream.refused()
