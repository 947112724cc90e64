"""Calls that come: offered, rung, given early audio, answered, refused."""

from typing import Final
from uuid import UUID

from centrala.telephony.calls.causes import Cause, Ending, ours
from centrala.telephony.calls.errors import Gone, NotNow
from centrala.telephony.calls.events import CallOffered, CallStarted, Direction, LegAnswered, LegEarly, LegRinging
from centrala.telephony.calls.machine import LegEvent, LegState
from centrala.telephony.calls.ports import Identify, Origin
from centrala.telephony.calls.service.context import MAX_CALLS, Context
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import UNANSWERED, Call, Leg
from centrala.telephony.calls.streams import LegKind, Stream, make_keys
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.sip.agent.events import IncomingCall
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.errors import NotAllowed, SdpError
from centrala.telephony.sip.loops import forwards_left

SDP_IDS: Final = 10**18  # RFC 8866 5.2 asks for digits only


class Incoming:
    def __init__(self, context: Context, rooms: Rooms, endings: Endings, identify: Identify) -> None:
        self._context = context
        self._rooms = rooms
        self._endings = endings
        self.identify = identify

    def receive(self, event: IncomingCall) -> None:
        """Take an INVITE: a new call, or one that takes the place of another leg (RFC 3891)."""
        origin = self._known(event)
        if origin is None:
            return
        replaced = self._context.by_session.get(event.replaces) if event.replaces else None
        if replaced is not None:
            leg = self._make(event, origin, replaced.call)
            self._context.spawn(replaced.call, self._take_place(leg, replaced))
            return
        call = self._make_call(origin)
        call.forwards = forwards_left(event.request)
        leg = self._make(event, origin, call)
        leg.origin = True
        context = self._context
        context.keep_call(call)
        context.keep_leg(leg)
        context.emit(
            CallStarted(call_id=call.id, at=call.started_at, direction=call.direction, project_id=call.project_id)
        )
        headers = {
            name: value
            for name in context.settings.headers
            if (value := event.request.headers.get(name.lower())) is not None
        }
        context.emit(
            CallOffered(
                call_id=call.id,
                leg_id=leg.id,
                at=leg.started_at,
                caller=origin.caller,
                callee=origin.callee,
                trunk_id=origin.trunk_id,
                phone_id=origin.phone_id,
                diverted_from=origin.diverted_from,
                headers=headers,
            )
        )

    def _known(self, event: IncomingCall) -> Origin | None:
        if len(self._context.calls) >= MAX_CALLS:
            self.turn_away(event.session, ours(Cause.CONGESTION))
            return None
        found = self.identify(event)
        if isinstance(found, Origin):
            return found
        self.turn_away(event.session, ours(found))
        return None

    def turn_away(self, session: DialogId, ending: Ending) -> None:
        """Refuse a call that no row will remember."""
        endpoint = self._context.endpoint
        self._context.counters[f"turned_away_{ending.cause}"] += 1
        endpoint.agent.reject(session, ending.sip, self._context.now())
        endpoint.flush()

    def _make_call(self, origin: Origin) -> Call:
        context = self._context
        call = Call(
            context.fresh_id(),
            Direction.IN,
            origin.caller.number,
            origin.callee,
            context.clock(),
            project_id=origin.project_id,
            near=self._near(origin),
        )
        context.calls[call.id] = call
        return call

    def _near(self, origin: Origin) -> UUID | None:
        """A phone that has another call up may join the two: their rooms must be near each other."""
        if origin.phone_id is None:
            return None
        others = (leg.call.id for leg in self._context.legs.values() if leg.phone_id == origin.phone_id)
        return next(others, None)

    def _make(self, event: IncomingCall, origin: Origin, call: Call) -> Leg:
        context = self._context
        leg_id = context.fresh_id()
        policy = context.settings.heard(origin.policy)
        keys = make_keys(context.random_bytes) if LegKind.SDES in policy.kinds else {}
        stream = Stream(str(leg_id.int % SDP_IDS), policy, keys, tag=call.id.hex)
        leg = Leg(
            leg_id,
            call,
            Direction.IN,
            origin.caller,
            origin.callee,
            stream,
            context.clock(),
            trunk_id=origin.trunk_id,
            phone_id=origin.phone_id,
            session=event.session,
            offer=event.offer,
            sip_call_id=event.session.call_id,
        )
        call.add(leg)
        context.legs[leg.id] = leg
        context.by_session[event.session] = leg
        return leg

    # What is done with it; each in the turn of the call

    def ring(self, leg: Leg) -> None:
        """180 without audio of ours."""
        if leg.direction is not Direction.IN or leg.state not in {LegState.NEW, LegState.RINGING}:
            return
        endpoint = self._context.endpoint
        self._provisional(leg, 180, None)
        endpoint.flush()
        first = leg.state is LegState.NEW
        leg.step(LegEvent.RANG)
        if first:
            leg.ringing_at = self._context.clock()
            self._context.keep_leg(leg)
            self._context.emit(LegRinging(call_id=leg.call.id, leg_id=leg.id, at=leg.ringing_at))

    def _provisional(self, leg: Leg, status: int, sdp: bytes | None) -> None:
        endpoint = self._context.endpoint
        if leg.session is None:
            raise Gone("the leg has no session")
        try:
            endpoint.agent.ring(leg.session, self._context.now(), status=status, sdp=sdp)
        except NotAllowed as error:
            raise NotNow(str(error)) from error

    async def early(self, leg: Leg) -> None:
        """183 with our description: the caller hears us before the answer."""
        if leg.state not in {LegState.NEW, LegState.RINGING}:
            return
        if leg.offer is None:
            raise NotNow("a call without an offer has no early audio")
        sdp = await self._answer_offer(leg)
        self._provisional(leg, 183, sdp)
        self._context.endpoint.flush()
        leg.step(LegEvent.AUDIO)
        self._context.emit(LegEarly(call_id=leg.call.id, leg_id=leg.id, at=self._context.clock()))
        await self._rooms.rehear(leg.call)

    async def _answer_offer(self, leg: Leg) -> bytes:
        """Make the leg in the engine and our description. An offer that cannot be met ends the leg."""
        try:
            if leg.offer is None:
                if not leg.in_media:
                    await self._rooms.open(leg, leg.stream.before_offer())
                return leg.stream.offer()
            if not leg.in_media:
                await self._rooms.open(leg, leg.stream.look_at(leg.offer))
            return leg.stream.answer(leg.offer)
        except SdpError as error:
            self._fail(leg, Cause.INCOMPATIBLE)
            raise NotNow("nothing in common") from error
        except MediaRefused as error:
            self._fail(leg, Cause.CONGESTION)
            raise NotNow(f"the media engine refuses: {error.code}") from error
        except MediaGone as error:
            self._fail(leg, Cause.NETWORK_FAILURE)
            raise NotNow("the media engine is away") from error

    def _fail(self, leg: Leg, cause: Cause) -> None:
        self._context.counters[f"incoming_failed_{cause}"] += 1
        self._endings.hang_up(leg, ours(cause))

    async def answer(self, leg: Leg) -> None:
        """200, once the store knows that the call is answered. Raises `Gone` when the caller was faster."""
        if leg.talking:
            return
        if leg.direction is not Direction.IN or leg.state not in UNANSWERED:
            raise Gone("the leg is over")
        sdp = await self._answer_offer(leg)
        context = self._context
        self._note_answer(leg, sdp)
        await context.store.flushed()
        if leg.session is None or not leg.live:
            raise Gone("the leg is over")
        try:
            context.endpoint.agent.answer(leg.session, context.now(), sdp)
        except NotAllowed:
            # Its CANCEL came while the store wrote; SessionEnded follows.
            leg.answered_at = None
            context.store.forget_dialog(leg.id, leg.call.id)
            raise Gone("the caller has given up") from None
        context.endpoint.flush()
        leg.step(LegEvent.ANSWER)
        leg.offer = None
        call = leg.call
        if call.answered_at is None:
            call.answered_at = leg.answered_at
            context.keep_call(call)
        context.emit(LegAnswered(call_id=call.id, leg_id=leg.id, at=leg.answered_at or context.clock()))
        await self._rooms.rehear(call)

    def _note_answer(self, leg: Leg, sdp: bytes) -> None:
        context = self._context
        if leg.session is None:
            raise Gone("the leg has no session")
        try:
            foreseen = context.endpoint.agent.foresee(leg.session, sdp, context.now())
        except NotAllowed:
            raise Gone("the caller has given up") from None
        leg.answered_at = context.clock()
        context.keep_dialog(leg, foreseen)
        context.keep_leg(leg)

    async def acknowledged(self, leg: Leg, answer: bytes) -> None:
        """The ACK has brought the answer to the offer of our 200, or of our answer to an empty re-INVITE."""
        async with self._context.turn(leg):
            try:
                await self._rooms.change(leg, leg.stream.accept(answer))
            except (SdpError, NotAllowed):
                self._endings.hang_up(leg, ours(Cause.INCOMPATIBLE))
                return
            self._context.keep_leg(leg)
            self._context.keep_dialog(leg)

    async def _take_place(self, leg: Leg, replaced: Leg) -> None:
        """INVITE with Replaces: the new leg sits down where the other sat, and that one is hung up."""
        async with self._context.turn(replaced) as call:
            if leg.call is not call:
                leg.call.legs.pop(leg.id, None)
                leg.call, call.legs[leg.id] = call, leg
            self._context.keep_leg(leg)
            leg.role, leg.whispers_to = replaced.role, replaced.whispers_to
            leg.origin = replaced.origin
            call.lasting += 1
            try:
                await self.answer(leg)
            except (NotNow, Gone):
                return
            finally:
                call.lasting -= 1
            replaced.origin = False
            self._context.counters["places_taken"] += 1
            call.lasting += 1
            self._endings.hang_up(replaced, ours(Cause.TRANSFERRED))
            call.lasting -= 1
