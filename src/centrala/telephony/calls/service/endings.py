"""Hanging up, and what follows when a leg or a call is over."""

from collections.abc import Callable

from centrala.telephony.calls.causes import Cause, Ending, ours, reasons_for, status_for
from centrala.telephony.calls.decide import leftovers
from centrala.telephony.calls.events import CallEnded, Direction, LegEnded, call_ended
from centrala.telephony.calls.machine import LegEvent, LegState, may
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import UNANSWERED, Call, DialResult, Leg
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.errors import NotAllowed


class Endings:
    """Everything here is done in the turn of the leg's call."""

    def __init__(self, context: Context, rooms: Rooms) -> None:
        self._context = context
        self._rooms = rooms
        self.on_leg_over: list[Callable[[Leg], None]] = []
        self.on_call_over: list[Callable[[Call], None]] = []

    def hang_up(self, leg: Leg, ending: Ending) -> None:
        """End a leg at any point of its life; its `LegEnded` follows when the peer's part is done."""
        if not may(leg.state, LegEvent.HANG_UP) or leg.state is LegState.ENDING:
            return
        leg.ending = leg.ending or ending
        unanswered = leg.state in UNANSWERED
        leg.step(LegEvent.HANG_UP)
        endpoint, reasons = self._context.endpoint, reasons_for(ending)
        now = self._context.now()
        if leg.attempt is not None and unanswered:
            endpoint.agent.cancel(leg.attempt, now, reasons)
        elif leg.session is not None and unanswered:
            self._reject(leg.session, ending)
        elif leg.session is not None:
            endpoint.agent.hang_up(leg.session, now, reasons)
        endpoint.flush()
        if leg.session is None and leg.attempt is None:
            self._context.spawn(leg.call, self.over_in_turn(leg, ending))

    def _reject(self, session: DialogId, ending: Ending) -> None:
        endpoint = self._context.endpoint
        headers = [("Reason", str(reason)) for reason in reasons_for(ending)]
        try:
            endpoint.agent.reject(session, status_for(ending), self._context.now(), headers)
        except NotAllowed:
            self._context.counters["refusals_too_late"] += 1  # its CANCEL came first; SessionEnded is on its way

    def hang_up_all(self, call: Call, ending: Ending) -> None:
        call.ending = call.ending or ending
        for leg in call.live_legs():
            self.hang_up(leg, ending)

    async def over_in_turn(self, leg: Leg, ending: Ending) -> None:
        async with self._context.turn(leg):
            await self.over(leg, ending)

    async def over(self, leg: Leg, ending: Ending) -> None:
        """The leg has ended: close its audio, keep its figures, and see who is left."""
        if leg.state is LegState.ENDED:
            return
        call, context = leg.call, self._context
        leg.ending = ending = leg.ending or ending
        leg.step(LegEvent.OVER)
        leg.ended_at = context.clock()
        if leg.limit is not None:
            leg.limit.cancel()
        self._forget(leg)
        for follow in self.on_leg_over:
            follow(leg)
        await self._rooms.close(leg)
        if call.project_id is not None:
            # A caller may wait for an hour while phone after phone rings; `belongs` needs them until then.
            call.legs.pop(leg.id, None)
        context.keep_leg(leg)
        if leg.answered_at is not None:
            context.store.forget_dialog(leg.id, call.id)
        context.emit(LegEnded(call_id=call.id, leg_id=leg.id, at=leg.ended_at, ending=ending))
        self._dialing_over(leg)
        rest = [one for one in call.live_legs() if one is not leg]
        gone = set(leftovers(leg.standing(), [one.standing() for one in rest], lasting=call.lasting > 0))
        if gone:
            call.ending = call.ending or ending
        for one in rest:
            if one.name in gone:
                unanswered = one.state in UNANSWERED and one.direction is Direction.OUT
                self.hang_up(one, ours(Cause.CANCELLED if unanswered else ending.cause))
        await self.settle(call, ending)

    def _forget(self, leg: Leg) -> None:
        context = self._context
        context.legs.pop(leg.id, None)
        if leg.session is not None:
            context.by_session.pop(leg.session, None)
        if leg.attempt is not None:
            context.by_attempt.pop(leg.attempt, None)

    def _dialing_over(self, leg: Leg) -> None:
        dialing = leg.dialing
        if dialing is None or dialing.result.done():
            return
        if dialing.alive or leg.answered_at is not None:
            return
        worst = max((one.ending for one in dialing.legs if one.ending), key=_weight, default=leg.ending)
        dialing.finish(DialResult(None, worst))
        waiting = dialing.for_leg
        if waiting is not None and dialing.refuses and waiting.state in UNANSWERED and worst is not None:
            waiting.call.ending = waiting.call.ending or worst
            self.hang_up(waiting, worst)

    async def settle(self, call: Call, ending: Ending) -> None:
        """After a leg has gone: end the call, or let the others hear each other anew."""
        if any(leg.state is not LegState.ENDED for leg in call.legs.values()) or call.open:
            await self._rooms.rehear(call)
            return
        if call.ended_at is not None:
            return
        context = self._context
        call.ended_at = context.clock()
        call.ending = call.ending or ending
        await self._rooms.close_room(call)
        context.calls.pop(call.id, None)
        for follow in self.on_call_over:
            follow(call)
        context.keep_call(call)
        context.store.tell(
            call_ended(call.id, project_id=call.project_id, ending=call.ending, **times_of(call)), call.id
        )
        context.emit(CallEnded(call_id=call.id, at=call.ended_at, ending=call.ending, answered_at=call.answered_at))


def times_of(call: Call) -> dict[str, object]:
    return {
        "direction": call.direction.value,
        "started_at": call.started_at.isoformat(),
        "answered_at": call.answered_at.isoformat() if call.answered_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "legs": call.number_of_legs,
    }


def _weight(ending: Ending) -> int:
    """Which of several failures tells the caller most (as RFC 3261 16.7 step 6 picks the best response)."""
    order = (Cause.CANCELLED, Cause.NETWORK_FAILURE, Cause.NO_ROUTE, Cause.UNREACHABLE, Cause.NO_ANSWER, Cause.BUSY)
    return order.index(ending.cause) if ending.cause in order else len(order)
