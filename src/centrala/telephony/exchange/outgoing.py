"""Calls by trunks: one carrier after the other, and what is spent on them."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.telephony.calls.causes import Cause, Ending, HungUpBy
from centrala.telephony.calls.events import CallEnded, CallEvent, CallOffered, LegEnded, LegStarted
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.ports import Target
from centrala.telephony.calls.service import Calls
from centrala.telephony.calls.state import Dialing
from centrala.telephony.exchange.ways import Ways
from centrala.telephony.trunks.core import Bucket, Load, Next, Usable, after
from centrala.telephony.trunks.rights import Why
from centrala.telephony.trunks.service.dialling import Assessed, Route, begin_call, end_call, end_lost_calls, routes_for
from centrala.telephony.trunks.service.watched import candidate

log = get_logger(__name__)

Dial = Callable[[Route], Coroutine[Any, Any, Dialing]]
UNREACHED: Final = 0  # the cause of a failure that no carrier has named


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an outgoing call went: who answered, or why nobody did. `why` is a rule of dialling that refused it."""

    leg: UUID | None = None
    ending: Ending | None = None
    why: Why | None = None


class Outgoing:
    """Places calls by trunks, within rights and caps; knows what goes over each trunk now."""

    def __init__(
        self,
        calls: Calls,
        ways: Ways,
        database: Database,
        clock: Clock,
        *,
        now: Callable[[], float],
        usable: Callable[[], dict[UUID, Usable]],
        suspect: Callable[[UUID], None],
    ) -> None:
        self._calls = calls
        self._ways = ways
        self._database = database
        self._clock = clock
        self._now = now
        self._usable = usable
        self._suspect = suspect
        self._carried: dict[UUID, UUID] = {}  # trunk by leg
        self._counted: set[UUID] = set()  # calls that are on somebody's account
        self._tasks: set[asyncio.Task[None]] = set()
        self._draw = random.SystemRandom().randrange
        self.loads: dict[UUID, Load] = {}
        calls.subscribe(self._hear)

    async def start(self) -> None:
        """Close the accounts of calls that an earlier process left; those that were taken up go on."""
        alive = [call.id for call in self._calls.live()]
        self._counted.update(alive)
        for call in self._calls.live():
            for leg in call.live_legs():
                if leg.trunk_id is not None:
                    self._begin(leg.id, leg.trunk_id)
        async with work(self._database, CENTRE, clock=self._clock) as unit:
            await end_lost_calls(unit, alive)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Placing

    async def bridge(
        self, leg_id: UUID, call_id: UUID, number: str, *, person_id: UUID | None, project_id: UUID | None
    ) -> Outcome:
        """Call a number for a caller of ours who waits in `leg_id`; they are refused as the last carrier refuses."""
        await self._calls.outlast(call_id, on=True)
        try:
            outcome = await self._try(
                call_id, number, person_id, project_id, lambda route: self._bridge(leg_id, route, number)
            )
        finally:
            await self._calls.outlast(call_id, on=False)
        if outcome.leg is None:
            await self._calls.hang_up(leg_id, cause_of(outcome))
        return outcome

    async def dial(
        self,
        call_id: UUID,
        number: str,
        *,
        person_id: UUID | None,
        project_id: UUID | None,
        limit: float | None = None,
        role: Role = Role.PARTY,
        begun: Callable[[Dialing], None] = lambda _dialing: None,
    ) -> Outcome:
        """Call a number into a call of ours, by one carrier after the other; `begun` hears of each try."""

        async def dial(route: Route) -> Dialing:
            target = self._ways.by_trunk(route, number)
            dialing = await self._calls.dial(call_id, [target], limit=limit, role=role)
            begun(dialing)
            return dialing

        return await self._try(call_id, number, person_id, project_id, dial)

    async def way(
        self, call_id: UUID, number: str, *, person_id: UUID | None, project_id: UUID | None
    ) -> Target | None:
        """The best way to a number for a call that goes on, as by transfer; None when it may not be called."""
        found, routes = await self._plan(call_id, number, person_id, project_id)
        if found.verdict.why is not None or not routes:
            return None
        self._limit(call_id, found.verdict.longest)
        return self._ways.by_trunk(routes[0], number)

    def _bridge(self, leg_id: UUID, route: Route, number: str) -> Coroutine[Any, Any, Dialing]:
        return self._calls.bridge(leg_id, [self._ways.by_trunk(route, number)], refuses=False)

    async def _try(
        self,
        call_id: UUID,
        number: str,
        person_id: UUID | None,
        project_id: UUID | None,
        dial: Dial,
    ) -> Outcome:
        found, routes = await self._plan(call_id, number, person_id, project_id)
        if found.verdict.why is not None:
            return Outcome(why=found.verdict.why)
        emergency = found.dialled.kind.value == "emergency"
        ending: Ending | None = None
        for route in routes:
            dialing = await dial(route)
            result = await dialing.result
            if result.leg is not None:
                self._limit(call_id, found.verdict.longest)
                return Outcome(leg=result.leg)
            ending = result.ending
            status = UNREACHED if ending is None or ending.by is HungUpBy.NETWORK else ending.sip
            if status == UNREACHED:
                self._suspect(route.trunk.id)
            if after(status, candidate(route.trunk, Usable.YES), emergency=emergency) is Next.STOP:
                break
        return Outcome(ending=ending, why=None if routes else Why.NO_TRUNK)

    async def _plan(
        self, call_id: UUID, number: str, person_id: UUID | None, project_id: UUID | None
    ) -> tuple[Assessed, list[Route]]:
        projects = frozenset({ProjectId(project_id)} if project_id else ())
        async with work(self._database, Wall(centre=True, projects=projects), clock=self._clock) as unit:
            found = await begin_call(unit, call_id, number, person_id=person_id, project_id=project_id)
            if found.verdict.why is not None:
                return found, []
            routes, _ = await routes_for(
                unit,
                found.dialled,
                project_id,
                loads=self.loads,
                now=self._now(),
                draw=self._draw,
                usable=self._usable(),
            )
            unit.session.expunge_all()
        self._counted.add(call_id)
        for route in routes:
            self._known(route.trunk.id, route.trunk.max_rate)
        return found, routes

    def _limit(self, call_id: UUID, seconds: int | None) -> None:
        """End the call when its caller's cap is used up."""
        if seconds is not None:
            self._spawn(self._end_after(call_id, seconds), "call-cap")

    async def _end_after(self, call_id: UUID, seconds: int) -> None:
        await asyncio.sleep(seconds)
        await self._calls.end(call_id, Cause.TIME_LIMIT)

    def _spawn(self, step: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(step, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Counting

    def _known(self, trunk_id: UUID, rate: int | None) -> Load:
        load = self.loads.setdefault(trunk_id, Load())
        if rate is None:
            load.bucket = None
        elif load.bucket is None or load.bucket.rate != rate:
            load.bucket = Bucket.full(rate, self._now())
        return load

    def _begin(self, leg_id: UUID, trunk_id: UUID) -> None:
        self._carried[leg_id] = trunk_id
        self.loads.setdefault(trunk_id, Load()).begin(self._now())

    def _hear(self, event: CallEvent) -> None:
        match event:
            case LegStarted(trunk_id=trunk_id, leg_id=leg_id) | CallOffered(trunk_id=trunk_id, leg_id=leg_id):
                if trunk_id is not None:
                    self._begin(leg_id, trunk_id)
            case LegEnded(leg_id=leg_id):
                trunk = self._carried.pop(leg_id, None)
                if trunk is not None:
                    self.loads[trunk].end()
            case CallEnded(call_id=call_id) if call_id in self._counted:
                self._counted.discard(call_id)
                begun = event.answered_at
                seconds = 0 if begun is None else max(0, round((event.at - begun).total_seconds()))
                self._spawn(self._settle(call_id, seconds), "call-account")

    async def _settle(self, call_id: UUID, seconds: int) -> None:
        try:
            async with work(self._database, CENTRE, clock=self._clock) as unit:
                await end_call(unit, call_id, seconds=seconds)
        except Exception:
            # The next start settles what stayed open (`end_lost_calls`).
            log.exception("A call's account could not be closed.", call_id=str(call_id))


def cause_of(outcome: Outcome) -> Cause:
    """How a caller is told that nobody answered."""
    if outcome.why is Why.NO_TRUNK:
        return Cause.NO_ROUTE
    if outcome.why is not None:
        return Cause.FORBIDDEN
    return Cause.NO_ROUTE if outcome.ending is None else outcome.ending.cause
