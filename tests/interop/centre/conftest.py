"""A whole centre with queues and operators at their desks: store, engine, router, journal, real phones and carriers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from centrala.flows.contacts.centre import Centre
from centrala.flows.contacts.state import Contact
from centrala.flows.desk.desks import Desks
from centrala.flows.serving import Service
from centrala.flows.telephony import Telephony
from centrala.interactions.service import Journal
from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.schemas import FlowIn, PublishIn
from centrala.ivr.service import Voice, create_flow, publish_flow, route_number
from centrala.kit.access import Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.settings import AppSettings, Folders, SipSettings
from centrala.kit.work import work
from centrala.projects.models import Number
from centrala.routing.models import QueueOperatorRow, QueueRow
from centrala.routing.schemas import QueueRules
from centrala.routing.service import Dispatcher, OperatorId, OperatorState, StateAsked
from centrala.security.service import Doorkeeper
from interop.exchange.conftest import CARRIER, PATIENCE, SECRET, until
from interop.exchange.conftest import Centre as Exchange
from interop.sip.support.baresip import Baresip
from support.ports import free_port
from support.softphone import Softphone
from telephony.media.conftest import EngineProcess

START = 60.0  # seconds; modules are loaded by the first start, maybe on a busy machine


@dataclass
class Floor(Exchange):
    """A centre with a floor of operators. `kill` is what SIGKILL does to the app; `start` brings its successor."""

    dispatcher: Dispatcher = field(init=False)
    journal: Journal = field(init=False)
    desks: Desks = field(init=False)
    at_desks: set[UUID] = field(default_factory=set)
    beating: "asyncio.Task[None] | None" = None
    softphones: list[Softphone] = field(default_factory=list)

    @property
    def live(self) -> Centre:
        assert self.desks.centre is not None
        return self.desks.centre

    async def start(self) -> None:
        self.dispatcher = Dispatcher(self.database, utc_now)
        self.journal = Journal(self.database)
        self.desks = Desks(self.dispatcher, Doorkeeper(self.database, utc_now), utc_now)
        await self.dispatcher.start()
        self.journal.start()
        voice = Voice(self.folder / "speech")
        self.telephony = Telephony(
            self.settings, self.database, utc_now, Service(self.dispatcher, self.journal, self.desks, voice)
        )
        self.telephony.start()
        self.beating = asyncio.create_task(self._beat())
        await until(lambda: self.telephony.exchange is not None, START)

    async def _beat(self) -> None:
        """The desks' pings."""
        while True:
            for person in self.at_desks:
                self.desks.beat(person)
            await asyncio.sleep(1.0)

    async def stop(self) -> None:
        for phone in self.softphones:
            await asyncio.wait_for(phone.stop(), PATIENCE)
        await asyncio.wait_for(super().stop(), PATIENCE)
        if self.beating is not None:
            self.beating.cancel()
        await asyncio.wait_for(self.journal.stop(), PATIENCE)
        await asyncio.wait_for(self.dispatcher.stop(), PATIENCE)

    async def kill(self) -> None:
        """What SIGKILL leaves: nothing is written any more, nobody is told anything."""
        await self.journal.flush()
        await asyncio.sleep(0.2)  # what the writers have behind at most
        stories = self.telephony.stories
        assert stories is not None
        assert stories.keeper is not None
        stories.keeper.forget()
        await asyncio.wait_for(self.telephony.stop(), PATIENCE)
        if self.beating is not None:
            self.beating.cancel()
        await self.journal.stop()
        await self.dispatcher.stop()

    # Who works here

    async def queue(self, project: UUID, *people: UUID, name: str = "Support", **rules: object) -> UUID:
        queue = new_id()
        async with work(self.database, Wall(centre=True, projects=frozenset({ProjectId(project)}))) as unit:
            whole = QueueRules.model_validate(rules).model_dump(mode="json")
            unit.session.add(QueueRow(id=queue, project_id=project, name=name, rules=whole, thresholds={}))
            await unit.session.flush()
            unit.session.add_all(
                QueueOperatorRow(queue_id=queue, person_id=person, project_id=project, rank=0) for person in people
            )
        await self.dispatcher.reload()
        return queue

    async def operator(self, person: UUID, *, answers: str = "manual") -> Baresip:
        """A person at the desk with a phone, ready."""
        phone = await self.phone(await self.account(person), answers=answers)
        self.sit(person)
        await until(lambda: (view := self.dispatcher.operator(person)) is not None and view.present)
        return phone

    def sit(self, person: UUID) -> None:
        self.at_desks.add(person)
        self.desks.beat(person)
        self.ready(person)

    def ready(self, person: UUID) -> None:
        self.dispatcher.feed(StateAsked(operator=OperatorId(str(person)), state=OperatorState.READY))

    async def desk_phone(self, person: UUID) -> Softphone:
        """A person at the desk with a phone that we can hear with; not ready yet."""
        account = await self.account(person)
        phone = Softphone(self.port, user=account.user, password=account.password)
        self.softphones.append(phone)
        await phone.start()
        await phone.register()
        self.at_desks.add(person)
        self.desks.beat(person)
        return phone

    async def client(self, number: str = "+37369000111") -> Softphone:
        """A phone of the world, behind a carrier."""
        phone = Softphone(self.port, ip=CARRIER, user=number)
        self.softphones.append(phone)
        await phone.start()
        return phone

    async def flow(self, number: str, definition: FlowDefinition, project: UUID) -> UUID:
        """A published flow, to which a number leads."""
        async with work(self.database, Wall(centre=True, projects=frozenset({ProjectId(project)}))) as unit:
            made = await create_flow(unit, FlowIn(project_id=project, name=f"Flow of {number}", definition=definition))
            hosts = self.settings.flows.http_hosts
            await publish_flow(unit, made.id, PublishIn(), read=made.version, hosts=hosts)
            e164 = await unit.session.scalar(select(Number.id).where(Number.e164 == number))
            assert e164 is not None
            await route_number(unit, e164, made.id)
            return made.id

    async def carrier(self) -> UUID:
        return await self.trunk(f"Carrier {new_id().hex[-6:]}", free_port(), sources=[CARRIER])

    async def contact(self) -> Contact:
        """The only contact that lives."""
        await until(self._living)
        (contact,) = self._living()
        return contact

    def _living(self) -> list[Contact]:
        """Without those of earlier tests whose after-contact work lasts."""
        return [one for one in self.live.contacts.values() if one.live]

    async def timeline(self, contact_id: UUID) -> list[str]:
        """The kinds of the facts, in order."""
        await self.journal.flush()
        rows = await self.rows(
            "SELECT kind FROM interaction_events WHERE interaction_id = :id ORDER BY at, id", id=contact_id
        )
        return [str(kind) for (kind,) in rows]


@pytest.fixture
async def floor(own_store: str, tmp_path: Path) -> AsyncIterator[Floor]:
    engine = EngineProcess(tmp_path)
    await engine.start()
    settings = AppSettings(
        folders=Folders(data=tmp_path),
        database_url=SecretStr(own_store),
        secret_key=SecretStr(SECRET),
        media_control=engine.address,
        sip=SipSettings(udp_port=(port := free_port()), tcp_port=port),
    )
    database = Database(own_store)
    one = Floor(settings, database, tmp_path)
    await one.start()
    yield one
    await one.stop()
    await asyncio.wait_for(database.close(), PATIENCE)
    await engine.kill()
