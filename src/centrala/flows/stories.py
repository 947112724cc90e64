"""The stories of one exchange, wired together: live contacts, calls that come, calls between phones."""

import asyncio
from functools import partial
from uuid import UUID

from centrala.flows.contacts.centre import Centre
from centrala.flows.contacts.keep import Keeper
from centrala.flows.contacts.reality import Reality
from centrala.flows.contacts.resume import Resume
from centrala.flows.contacts.rooms import Rooms
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.voice import Voice
from centrala.flows.demo_lines import LOOPBACK, demo_lines, guest_of
from centrala.flows.inbound_call import InboundCalls
from centrala.flows.phone_calls import PhoneCalls
from centrala.flows.serving import Service
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings
from centrala.routing.service import Dispatcher, OperatorId, RingsOn
from centrala.telephony.exchange.devices import Device
from centrala.telephony.exchange.exchange import Exchange


def _rings_on(dispatcher: Dispatcher, person_id: UUID) -> Device | None:
    """As the person has chosen; who takes no contacts is called everywhere."""
    info = dispatcher.laid.people.get(OperatorId(str(person_id)))
    return Device(info.rings_on) if info is not None and info.rings_on is not RingsOn.ALL else None


class Stories:
    """`begin` when calls and phones are taken up, before a packet is read; `stop` before the exchange."""

    def __init__(
        self, exchange: Exchange, settings: AppSettings, database: Database, clock: Clock, service: Service | None
    ) -> None:
        self._exchange = exchange
        self._settings = settings
        self._database = database
        self._clock = clock
        self._service = service
        self._phone_calls: PhoneCalls | None = None
        self._centre: Centre | None = None
        self.keeper: Keeper | None = None
        self._looking: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        inbound = None if self._service is None else await self._serve(self._service)
        lines = await self._demo_lines() if self._settings.demo else {}
        self._phone_calls = PhoneCalls(self._exchange, self._database, self._clock, inbound, lines)
        self._phone_calls.start()

    async def _demo_lines(self) -> dict[str, str]:
        lines = await demo_lines(self._database)
        self._exchange.guests, self._exchange.neighbours = guest_of(lines), LOOPBACK
        await self._exchange.load_trunks()
        return lines

    async def _serve(self, service: Service) -> InboundCalls:
        shared = Shared(self._exchange, service.dispatcher, service.journal, self._database, self._clock)
        shared.on_change = service.desks.contact_changed
        voice = Voice(lambda: service.dispatcher.laid, self._database, service.speaker, self._exchange.music)
        rooms = Rooms(self._database, self._clock, frozenset(self._settings.flows.http_hosts))
        self._centre = centre = Centre(shared, voice, rooms)
        self._exchange.registrations.rings_on = partial(_rings_on, service.dispatcher)
        self.keeper = keeper = Keeper(self._database, self._clock)
        shared.on_kept = keeper.mark
        centre.start()
        await Resume(centre, keeper).run()
        keeper.start()
        service.desks.centre = centre
        self._looking = asyncio.create_task(Reality(centre, service.desks).run(), name="contacts-reality")
        service.desks.everybody()
        return InboundCalls(centre)

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        if self._service is not None:
            self._service.desks.centre = None
            self._service.desks.everybody()
        if self._phone_calls is not None:
            await self._phone_calls.stop()
        if self._centre is not None:
            await self._centre.stop()
        if self.keeper is not None:
            await self.keeper.stop()
