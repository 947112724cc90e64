"""The centre of the matrix: one for all tests of it, served as a whole, with two people to talk to."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import text

from centrala.kit.access import CENTRE
from centrala.kit.work import work
from centrala.telephony.calls.events import CallEvent, DigitPressed
from centrala.telephony.calls.state import Leg
from centrala.telephony.sip.flow import Transport
from interop.centre.support.webfloor import SECONDS, Webfloor
from interop.exchange.conftest import PATIENCE, until
from support.softphone import Softphone

NUMBER: Final = "+37322000801"  # where Ana answers


@dataclass(eq=False)
class Colleague:
    """Somebody at a phone of our own stack, which hears and speaks."""

    person_id: UUID
    phone: Softphone


@dataclass
class PeersFloor(Webfloor):
    """`ana` talks with the peer, `ion` is who the call is handed to."""

    ana: Colleague = field(init=False)
    ion: Colleague = field(init=False)
    authority: Path = field(init=False)
    digits: list[DigitPressed] = field(default_factory=list)

    async def open(self) -> None:
        """Ana and Ion come, and Ana answers what is called at a number of hers."""
        self.beating = asyncio.create_task(self._beat())
        project = await self.project(NUMBER)
        self.ana, self.ion = await self.colleague(project), await self.colleague(project)
        await self.queue(project, self.ana.person_id, wrap_up=0)
        self.sit(self.ana.person_id)
        self.exchange.calls.subscribe(self._hear)

    async def stop(self) -> None:
        if self.beating is not None:
            self.beating.cancel()
        for phone in self.softphones:
            await asyncio.wait_for(phone.stop(), PATIENCE)
        self.server.should_exit = True
        await asyncio.wait_for(self.serving, SECONDS)

    async def clear(self) -> None:
        """Nobody calls any more."""
        for call in self.exchange.calls.live():
            await self.exchange.calls.end(call.id)
        await until(lambda: not self.exchange.calls.live())
        for one in (self.ana, self.ion):
            while not one.phone.calls.empty():
                one.phone.calls.get_nowait()
        self.digits.clear()
        self.ready(self.ana.person_id)

    def _hear(self, event: CallEvent) -> None:
        if isinstance(event, DigitPressed):
            self.digits.append(event)

    async def colleague(self, *projects: UUID) -> Colleague:
        person = await self.person(projects=projects)
        return Colleague(person, await self.desk_phone(person))

    async def without_trunk(self, trunk_id: UUID) -> None:
        async with work(self.database, CENTRE) as unit:
            await unit.session.execute(text("UPDATE trunks SET enabled = false WHERE id = :id"), {"id": trunk_id})
        await self.exchange.load_trunks()

    def legs(self) -> list[Leg]:
        return [leg for call in self.exchange.calls.live() for leg in call.live_legs()]

    def transport(self, person_id: UUID) -> Transport | None:
        """By what a person's phone has registered."""
        ((_, binding),) = self.exchange.registrations.of_person(person_id)
        return None if binding.flow is None else binding.flow.transport
