"""Calls we make: several targets at once, the first answer wins, the others are cancelled."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from centrala.telephony.calls.causes import Cause, Ending, HungUpBy, of_failure, ours
from centrala.telephony.calls.errors import Gone, NotNow
from centrala.telephony.calls.events import Direction, LegAnswered, LegEarly, LegRedirected, LegRinging, LegStarted
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.machine import LegEvent, LegState, may
from centrala.telephony.calls.ports import Target
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.incoming import SDP_IDS, Incoming
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import UNANSWERED, Call, Dialing, DialResult, Leg
from centrala.telephony.calls.streams import LegKind, Stream, make_keys
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.sip.agent.attempt import Call as SipCall
from centrala.telephony.sip.agent.events import Answered, AttemptFailed, Progress
from centrala.telephony.sip.errors import NotAllowed, ParseError, SdpError

_TOO_MANY_HOPS: Final = Ending(Cause.NO_ROUTE, 483, 25, HungUpBy.US)  # Q.850 25: exchange routing error
MAX_TARGETS: Final = 12  # called at once; a room holds 16 legs


class Dialer:
    def __init__(self, context: Context, rooms: Rooms, endings: Endings, incoming: Incoming) -> None:
        self._context = context
        self._rooms = rooms
        self._endings = endings
        self._incoming = incoming

    async def dial(
        self,
        call: Call,
        targets: Sequence[Target],
        *,
        limit: float,
        role: Role = Role.PARTY,
        for_leg: Leg | None = None,
        refuses: bool = True,
    ) -> Dialing:
        """Call the targets; done in the call's turn. The outcome is in `result`, later."""
        if not 1 <= len(targets) <= MAX_TARGETS:
            raise NotNow(f"1 to {MAX_TARGETS} targets can be called at once")
        dialing = Dialing(call, for_leg=for_leg, refuses=refuses)
        codec = next((leg.stream.codec for leg in call.live_legs() if leg.stream.codec), None)
        if codec is None and for_leg is not None:
            codec = _first_codec(for_leg)
        legs = [self._make(call, target, role, codec) for target in targets]
        for leg in legs:
            leg.dialing = dialing
            dialing.legs.append(leg)
        for leg, target in zip(legs, targets, strict=True):
            await self._start(leg, target, limit)
        return dialing

    def _make(self, call: Call, target: Target, role: Role, codec: str | None) -> Leg:
        context = self._context
        policy = context.settings.heard(target.policy.preferring(codec))
        leg_id = context.fresh_id()
        keys = make_keys(context.random_bytes) if LegKind.SDES in policy.kinds else {}
        stream = Stream(str(leg_id.int % SDP_IDS), policy, keys, kind=policy.kinds[0], tag=call.id.hex)
        shown = target.local.uri
        leg = Leg(
            leg_id,
            call,
            Direction.OUT,
            target.peer,
            getattr(shown, "user_text", "") or str(shown),
            stream,
            context.clock(),
            trunk_id=target.trunk_id,
            phone_id=target.phone_id,
            role=role,
        )
        call.add(leg)
        context.legs[leg.id] = leg
        context.keep_leg(leg)
        context.emit(
            LegStarted(
                call_id=call.id,
                leg_id=leg.id,
                at=leg.started_at,
                peer=leg.peer,
                trunk_id=leg.trunk_id,
                phone_id=leg.phone_id,
            )
        )
        return leg

    async def _start(self, leg: Leg, target: Target, limit: float) -> None:
        context = self._context
        if leg.call.forwards < 1:
            await self._endings.over(leg, _TOO_MANY_HOPS)
            return
        try:
            await self._rooms.open(leg, leg.stream.before_offer())
            offer = leg.stream.offer()
            sip = SipCall(
                target.uri,
                target.local,
                flow=target.flow,
                hop=target.hop,
                sdp=offer,
                headers=target.headers,
                digest=target.digest,
                contact_user=target.contact_user,
                max_forwards=leg.call.forwards,
                hold_ack=True,
            )
            leg.attempt = context.endpoint.agent.invite(sip, context.now())
        except (MediaRefused, MediaGone) as error:
            gone = isinstance(error, MediaGone)
            await self._endings.over(leg, ours(Cause.NETWORK_FAILURE if gone else Cause.CONGESTION))
            return
        except NotAllowed:
            await self._endings.over(leg, ours(Cause.CONGESTION))
            return
        context.by_attempt[leg.attempt] = leg
        leg.step(LegEvent.INVITED)
        leg.limit = context.timers.after(limit, lambda: self._out_of_time(leg))
        context.endpoint.flush()

    def _out_of_time(self, leg: Leg) -> None:
        async def step() -> None:
            async with self._context.turn(leg):
                if leg.state in UNANSWERED:
                    self._endings.hang_up(leg, ours(Cause.NO_ANSWER))

        self._context.spawn(leg.call, step())

    # What comes back

    async def progress(self, leg: Leg, event: Progress) -> None:
        async with self._context.turn(leg):
            if leg.state not in UNANSWERED or event.status == 100:
                return
            leg.sip_call_id = event.response.call_id
            if event.answer is not None:
                await self._early(leg, event.answer)
            elif event.status in {180, 181, 182, 183} and may(leg.state, LegEvent.RANG):
                await self._rang(leg)

    async def _early(self, leg: Leg, answer: bytes) -> None:
        """Only a single called phone is heard before its answer: of several, none can be chosen."""
        dialing, call = leg.dialing, leg.call
        if dialing is not None and len(dialing.legs) > 1:
            await self._rang(leg)
            return
        try:
            settings = leg.stream.preview(answer)
        except SdpError:
            self._context.counters["early_answers_unusable"] += 1
            return
        await self._rooms.change(leg, settings)
        leg.step(LegEvent.AUDIO)
        leg.ringing_at = leg.ringing_at or self._context.clock()
        self._context.keep_leg(leg)
        self._context.emit(LegEarly(call_id=call.id, leg_id=leg.id, at=self._context.clock()))
        waiting = dialing.for_leg if dialing else None
        if waiting is not None and waiting.state in {LegState.NEW, LegState.RINGING} and waiting.offer is not None:
            await self._tolerating(self._incoming.early(waiting))
        await self._rooms.rehear(call)

    async def _rang(self, leg: Leg) -> None:
        first = leg.ringing_at is None
        leg.step(LegEvent.RANG)
        if not first:
            return
        leg.ringing_at = self._context.clock()
        self._context.keep_leg(leg)
        self._context.emit(LegRinging(call_id=leg.call.id, leg_id=leg.id, at=leg.ringing_at))
        waiting = leg.dialing.for_leg if leg.dialing else None
        if waiting is not None and waiting.state is LegState.NEW:
            try:
                self._incoming.ring(waiting)
            except (NotNow, Gone):
                self._context.counters["ring_back_failed"] += 1

    async def _tolerating(self, step: object) -> None:
        try:
            await step  # type: ignore[misc]  # a coroutine of ours
        except (NotNow, Gone):
            self._context.counters["ring_back_failed"] += 1

    async def answered(self, leg: Leg, event: Answered) -> None:
        """The 2xx has come. Its ACK leaves when the store has the dialog."""
        context = self._context
        async with context.turn(leg) as call:
            leg.session = event.session
            context.by_session[event.session] = leg
            leg.sip_call_id = event.response.call_id
            if leg.state not in UNANSWERED:
                # We have hung up meanwhile; the agent's CANCEL came too late, or was never sent.
                context.endpoint.agent.hang_up(event.session, context.now())
                context.endpoint.flush()
                return
            dialing = leg.dialing
            if dialing is not None and dialing.result.done():
                self._endings.hang_up(leg, ours(Cause.ANSWERED_ELSEWHERE))
                return
            if not await self._take_answer(leg, event):
                return
            self._win(leg)
            await self._settled(leg, call, event)

    async def _take_answer(self, leg: Leg, event: Answered) -> bool:
        endpoint = self._context.endpoint
        try:
            settings = leg.stream.in_force() if event.answer is None else leg.stream.accept(event.answer)
            await self._rooms.change(leg, settings)
        except (SdpError, NotAllowed):
            leg.ending = ours(Cause.INCOMPATIBLE)
        except (MediaRefused, MediaGone):
            leg.ending = ours(Cause.NETWORK_FAILURE)
        else:
            return True
        leg.step(LegEvent.HANG_UP)
        endpoint.agent.hang_up(event.session, self._context.now())
        endpoint.flush()
        return False

    def _win(self, leg: Leg) -> None:
        context, dialing = self._context, leg.dialing
        if leg.limit is not None:
            leg.limit.cancel()
        leg.step(LegEvent.ANSWER)
        leg.answered_at = context.clock()
        if dialing is None:
            return
        dialing.finish(DialResult(leg.id, None))
        for other in dialing.legs:
            if other is not leg and other.state in UNANSWERED:
                self._endings.hang_up(other, ours(Cause.ANSWERED_ELSEWHERE))

    async def _settled(self, leg: Leg, call: Call, event: Answered) -> None:
        context = self._context
        context.keep_leg(leg)
        context.keep_dialog(leg)
        waiting = leg.dialing.for_leg if leg.dialing else None
        steps = [self._confirm(event)]
        if waiting is not None and waiting.state in UNANSWERED:
            steps.append(self._answer_waiting(waiting))
        await asyncio.gather(*steps)
        if call.answered_at is None and waiting is None:
            call.answered_at = leg.answered_at
            context.keep_call(call)
        context.emit(LegAnswered(call_id=call.id, leg_id=leg.id, at=leg.answered_at or context.clock()))
        await self._rooms.rehear(call)

    async def _confirm(self, event: Answered) -> None:
        context = self._context
        await context.store.flushed()
        context.endpoint.agent.confirm(event.session, context.now())
        context.endpoint.flush()

    async def _answer_waiting(self, waiting: Leg) -> None:
        try:
            await self._incoming.answer(waiting)
        except (NotNow, Gone):
            # The caller gave up in this moment: its end comes as an event and takes the called phone along.
            self._context.counters["answers_crossed"] += 1

    async def failed(self, leg: Leg, event: AttemptFailed) -> None:
        async with self._context.turn(leg) as call:
            if event.response is not None:
                leg.sip_call_id = event.response.call_id
            if event.response is not None and 300 <= event.response.status < 400:
                self._redirected(leg, call, event)
            ending = of_failure(event.cause, sent=leg.state is not LegState.NEW)
            if event.cause.by.value == "us" and leg.ending is None:
                ending = Ending(ending.cause, ending.sip, ending.q850, HungUpBy.US)
            await self._endings.over(leg, ending)

    def _redirected(self, leg: Leg, call: Call, event: AttemptFailed) -> None:
        """A 3xx is shown, not followed: whoever dials decides whether the new target may be called and who pays."""
        targets: tuple[str, ...] = ()
        with contextlib.suppress(ParseError):
            targets = tuple(str(contact.uri) for contact in (event.response.contacts if event.response else ()))
        self._context.emit(LegRedirected(call_id=call.id, leg_id=leg.id, at=self._context.clock(), targets=targets))


def _first_codec(leg: Leg) -> str | None:
    """The codec that the caller's offer prefers and we take."""
    if leg.offer is None:
        return None
    try:
        settings = leg.stream.look_at(leg.offer)
    except SdpError:
        return None
    return settings.codecs[0].name.value
