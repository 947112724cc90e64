"""Calls between phones, and between phones and carriers, where no menu and no queue has a say.

- Who calls a number of a project without flow and queue rings the phones of the project's people, all at once; the
  first who answers has the call.
- Who dials from a phone of ours reaches a colleague (the user of a phone, or a personnel number) or, within their
  rights, the world.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.people.service import person_by_number
from centrala.projects.service.sight import project_of_number
from centrala.security.service import Role, people_on
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.events import CallEvent, CallOffered, LegEvent, Party, TransferAsked, TransferFailed
from centrala.telephony.calls.hearing import Role as CallRole
from centrala.telephony.calls.ports import Target
from centrala.telephony.exchange.exchange import Exchange
from centrala.telephony.phones.service import ECHO
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.identity import number_in
from centrala.telephony.sip.uri import parse_uri

if TYPE_CHECKING:
    from centrala.flows.inbound_call import InboundCalls

log = get_logger(__name__)

ECHO_SECONDS: Final = 60.0
MAX_RUNG: Final = 12  # phones that ring at once
Story = Callable[[CallOffered], Coroutine[Any, Any, None]]


class PhoneCalls:
    """Decides where calls of an exchange go. `start` once the exchange runs."""

    def __init__(
        self,
        exchange: Exchange,
        database: Database,
        clock: Clock,
        inbound: "InboundCalls | None" = None,
        lines: Mapping[str, str] | None = None,
    ) -> None:
        """`lines`: numbers of projects by what phones dial for them, as in the sample centre."""
        self._exchange = exchange
        self._inbound = inbound
        self._lines = dict(lines or {})
        self._database = database
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._exchange.calls.subscribe(self._hear)
        for call in self._exchange.calls.live():  # transfers that were under way when the process before died are off
            self._run(self._talk_on(call.id), call.id)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _hear(self, event: CallEvent) -> None:
        match event:
            case CallOffered():
                self._spawn(self._serve(event, self._from_phone if event.phone_id else self._from_outside), event)
            case TransferAsked():
                self._spawn(self._transfer(event), event)
            case TransferFailed():
                self._spawn(self._talk_on(event.call_id), event)

    def _spawn(self, story: Coroutine[Any, Any, None], event: LegEvent) -> None:
        self._run(story, event.call_id)

    def _run(self, story: Coroutine[Any, Any, None], call_id: UUID) -> None:
        task = asyncio.get_running_loop().create_task(story, name=f"call-{call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, offered: CallOffered, story: Story) -> None:
        try:
            await story(offered)
        except CallError:
            return  # the caller has hung up meanwhile
        except Exception:
            # The edge of one call's story: its caller must not be left ringing.
            log.exception("A call could not be served.", call_id=str(offered.call_id))
            await self._exchange.calls.hang_up(offered.leg_id, Cause.NETWORK_FAILURE)

    # From a carrier

    async def _from_outside(self, offered: CallOffered) -> None:
        calls = self._exchange.calls
        async with work(self._database, CENTRE, clock=self._clock) as unit:
            project_id = await project_of_number(unit, offered.callee)
        if project_id is None:
            await calls.hang_up(offered.leg_id, Cause.NUMBER_DOES_NOT_EXIST)
            return
        if self._inbound is not None and await self._inbound.take(offered, project_id):
            return
        await calls.belongs(offered.call_id, project_id)
        wall = Wall(centre=True, projects=frozenset({ProjectId(project_id)}))
        async with work(self._database, wall, clock=self._clock) as unit:
            people = await people_on(unit, project_id, Role.OPERATOR, Role.SENIOR)
        present = self._exchange.registrations.present()
        targets = [one for person in people if person in present for one in self._phones(person, offered.caller)]
        await self._ring(offered, targets)

    async def _ring(self, offered: CallOffered, targets: list[Target]) -> None:
        if not targets:
            await self._exchange.calls.hang_up(offered.leg_id, Cause.UNREACHABLE)
            return
        dialing = await self._exchange.calls.bridge(offered.leg_id, targets[:MAX_RUNG])
        await dialing.result

    def _phones(self, person_id: UUID, shown: Party) -> list[Target]:
        return self._exchange.ways.to_person(person_id, shown)

    # From a phone of ours

    async def _from_phone(self, offered: CallOffered) -> None:
        exchange = self._exchange
        caller = exchange.registrations.owner(offered.caller.number)
        if caller is None:
            await exchange.calls.hang_up(offered.leg_id, Cause.FORBIDDEN)
            return
        if offered.callee == ECHO:
            await self._echo(offered)
            return
        if self._inbound is not None and await self._inbound.test(offered, offered.callee):
            return
        if offered.callee in self._lines:
            await self._from_outside(replace(offered, callee=self._lines[offered.callee]))
            return
        colleague = await self._colleague(offered.callee)
        if colleague is not None:
            await self._ring(offered, self._phones(colleague, offered.caller))
            return
        await exchange.outgoing.bridge(
            offered.leg_id, offered.call_id, offered.callee, person_id=caller.person_id, project_id=None
        )

    async def _echo(self, offered: CallOffered) -> None:
        """Let somebody hear themselves; the limit is for those who forget the call."""
        calls = self._exchange.calls
        await calls.answer(offered.leg_id, role=CallRole.ECHO)
        await asyncio.sleep(ECHO_SECONDS)
        await calls.hang_up(offered.leg_id, Cause.TIME_LIMIT)

    async def _colleague(self, dialled: str) -> UUID | None:
        owner = self._exchange.registrations.owner(dialled)
        if owner is not None:
            return owner.person_id
        async with work(self._database, CENTRE, clock=self._clock) as unit:
            return await person_by_number(unit, dialled)

    # A phone's REFER; whoever transfers calls within their own rights

    async def _ways(self, asked: TransferAsked, dialled: str) -> list[Target]:
        exchange = self._exchange
        call = exchange.calls.find(asked.call_id)
        leg = None if call is None else call.legs.get(asked.leg_id)
        owner = None if leg is None else exchange.registrations.owner(leg.peer.number)
        if call is None or leg is None or owner is None:
            return []
        others = [one.peer for one in call.live_legs() if one.id != leg.id]
        colleague = await self._colleague(dialled)
        if colleague is not None:
            return self._phones(colleague, others[0] if others else Party(number=dialled))
        way = await exchange.outgoing.way(call.id, dialled, person_id=owner.person_id, project_id=call.project_id)
        return [] if way is None else [way]

    async def _talk_on(self, call_id: UUID) -> None:
        """A transfer that came to nothing: those who are left talk on, and nobody stays alone with the music.

        What is a contact is the business of its own story.
        """
        calls = self._exchange.calls
        call = calls.find(call_id)
        if call is None or (self._inbound is not None and self._inbound.has(call_id)):
            return
        legs = [leg for leg in call.live_legs() if leg.talking and not leg.supervising]
        held = [leg for leg in legs if leg.role is CallRole.HELD]
        try:
            for leg in held:
                if len(legs) > len(held):
                    await calls.seat(leg.id, CallRole.PARTY)
                else:
                    await calls.hang_up(leg.id, Cause.UNREACHABLE)
        except CallError:
            return  # they have hung up meanwhile

    async def _transfer(self, asked: TransferAsked) -> None:
        calls = self._exchange.calls
        try:
            uri = parse_uri(asked.target)
        except ParseError:
            calls.refuse_transfer(asked.transfer, 400)
            return
        targets = await self._ways(asked, number_in(uri))
        if not targets:
            calls.refuse_transfer(asked.transfer, 404)
            return
        try:
            await calls.carry_out(asked.transfer, targets[:MAX_RUNG])
        except CallError:
            return
