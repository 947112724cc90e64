"""A whole centre that takes calls: store, media engine, exchange and stories, with phones and carriers to reach it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import uvloop
from pydantic import SecretStr
from sqlalchemy import text

from centrala.flows.telephony import Telephony
from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.settings import AppSettings, Folders, SipSettings
from centrala.kit.vault import Vault
from centrala.kit.work import work
from centrala.projects.models import Number
from centrala.security.service import Role
from centrala.telephony.exchange.exchange import Exchange
from centrala.telephony.phones import service as phones
from centrala.telephony.phones.schemas import PhoneIn
from centrala.telephony.trunks import service as trunks
from centrala.telephony.trunks.schemas import TrunkIn
from interop.sip.support.baresip import Baresip
from interop.sip.support.programs import Program
from support.people import make_person, make_project
from support.ports import free_port
from telephony.media.conftest import EngineProcess

SECRET = "a key of the tests"
SCENARIOS = Path(__file__).parents[1] / "sip" / "scenarios"
CARRIER = "127.0.0.2"  # where carriers are
PATIENCE = 10.0


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@dataclass(frozen=True, slots=True)
class Account:
    """A desk phone as its owner types it in."""

    person_id: UUID
    user: str
    password: str


@dataclass
class Centre:
    """One running centre; `restart` is what a killed process and its successor do to calls."""

    settings: AppSettings
    database: Database
    folder: Path
    telephony: Telephony = field(init=False)
    running: list[Baresip | Program] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.settings.sip.udp_port

    @property
    def exchange(self) -> Exchange:
        assert self.telephony.exchange is not None
        return self.telephony.exchange

    async def start(self) -> None:
        self.telephony = Telephony(self.settings, self.database, utc_now)
        self.telephony.start()
        await until(lambda: self.telephony.exchange is not None)

    async def stop(self) -> None:
        for one in self.running:
            await one.end()
        await self.telephony.stop()

    # Who is there

    async def person(self, *, projects: tuple[UUID, ...] = ()) -> UUID:
        return (await make_person(self.database, utc_now, Role.OPERATOR, projects=projects)).id

    async def project(self, e164: str) -> UUID:
        project_id = await make_project(self.database, utc_now, name=f"Project {e164}")
        async with work(self.database, Wall(centre=True, projects=frozenset({ProjectId(project_id)}))) as unit:
            unit.session.add(Number(id=new_id(), project_id=project_id, e164=e164))
        return project_id

    async def account(self, person_id: UUID) -> Account:
        async with work(self.database, CENTRE) as unit:
            phone, secret = await phones.create_phone(
                unit, Vault(SECRET, purpose=phones.PURPOSE), PhoneIn(person_id=person_id, label="Desk")
            )
        return Account(person_id, phone.user, secret)

    async def phone(self, account: Account, *, transport: str = "udp", answers: str = "auto") -> Baresip:
        """A registered baresip."""
        place = f"127.0.0.1:{self.port};transport={transport}"
        login = f"auth_user={account.user};auth_pass={account.password}"
        line = f"<sip:{account.user}@{place}>;{login};regint=60;answermode={answers}"
        one = Baresip(line, self.folder / f"baresip-{account.user}")
        self.running.append(one)
        await one.start()
        try:
            await until(lambda: account.person_id in self.exchange.registrations.present())
        except TimeoutError:
            pytest.fail(f"the phone did not register\n{one.program.output[-3000:]}")
        return one

    async def trunk(self, name: str, port: int, **more: object) -> UUID:
        usual = {"kind": "address", "host": CARRIER, "country": "MD", "watch_seconds": 0}
        form = TrunkIn.model_validate({"name": name, "port": port, **usual, **more})
        async with work(self.database, CENTRE) as unit:
            made = await trunks.create_trunk(unit, Vault(SECRET, purpose=trunks.PURPOSE), form)
        await self.exchange.load_trunks()
        return made.id

    async def sipp(self, scenario: str, *more: str, port: int | None = None, ip: str = CARRIER) -> Program:
        """SIPp as a carrier, calling or called."""
        path = SCENARIOS / f"{scenario}.xml"
        own = ["-sf", str(path)] if path.exists() else ["-sn", scenario]
        common = ["-i", ip, "-p", str(port or free_port()), "-m", "1", "-nostdin"]
        limits = ["-timeout", "15s", "-timeout_error", "-trace_err"]
        one = Program("sipp", [f"127.0.0.1:{self.port}", *own, *common, *limits, *more], self.folder / uuid4().hex)
        self.running.append(one)
        await one.start()
        return one

    # What was written

    async def rows(self, query: str, **values: object) -> list[tuple[object, ...]]:
        await self.exchange.written()
        async with self.database.begin(CENTRE) as session:
            every = (await session.scalars(text("SELECT id FROM projects"))).all()
        async with self.database.begin(Wall(centre=True, projects=frozenset(map(ProjectId, every)))) as session:
            return [tuple(row) for row in await session.execute(text(query), values)]


async def until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something that real programs bring about."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110 - other programs tell nobody
            await asyncio.sleep(0.02)


@pytest.fixture
async def centre(own_store: str, tmp_path: Path) -> AsyncIterator[Centre]:
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
    one = Centre(settings, database, tmp_path)
    await one.start()
    yield one
    await one.stop()
    await database.close()
    await engine.kill()
