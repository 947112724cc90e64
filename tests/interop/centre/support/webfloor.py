"""A floor as it is served, with browsers in front of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import uvicorn
from playwright.async_api import Browser, Page, Playwright, async_playwright
from pydantic import SecretStr

from centrala.interactions.models import Disposition
from centrala.kit.access import Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.settings import AppSettings, FlowsSettings, Folders, SipSettings
from centrala.kit.work import work
from centrala.security.service import COOKIE, Role
from centrala.web.app import create_app
from interop.centre.conftest import Floor
from interop.exchange.conftest import PATIENCE, SECRET, until
from support.audio import ENGLISH, say
from support.chromium import Seat, open_browser, take_seat
from support.people import make_person
from support.ports import free_port
from telephony.media.conftest import EngineProcess

SECONDS = 40.0


@dataclass
class Webfloor(Floor):
    """A whole app as it is served. All microphones of one browser say the same."""

    playwright: Playwright = field(init=False)
    browser: Browser = field(init=False)
    others: list[Browser] = field(default_factory=list)
    server: uvicorn.Server = field(init=False)
    serving: "asyncio.Task[None]" = field(init=False)

    async def start(self) -> None:
        app = create_app(self.settings, database=self.database, telephony=True)
        config = uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio", lifespan="on")
        self.server = uvicorn.Server(config)
        self.serving = asyncio.create_task(self.server.serve())
        await until(lambda: self.server.started, SECONDS)
        state = app.state
        self.dispatcher, self.journal, self.desks, self.telephony = (
            state.dispatcher, state.journal, state.desks, state.telephony,
        )  # fmt: skip
        await until(lambda: self.telephony.exchange is not None, SECONDS)

    async def stop(self) -> None:
        for browser in (self.browser, *self.others):
            await browser.close()
        for phone in self.softphones:
            await asyncio.wait_for(phone.stop(), PATIENCE)
        self.server.should_exit = True
        await asyncio.wait_for(self.serving, SECONDS)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    async def seat(
        self,
        project: UUID,
        name: str,
        *,
        role: Role = Role.OPERATOR,
        page: str = "/work",
        voice: Sequence[int] | None = None,
    ) -> Seat:
        """Somebody who is signed in and whose phone is registered; with a `voice` of their own, in another browser."""
        person = await make_person(self.database, utc_now, role, projects=(project,), given_name=name)
        browser = self.browser
        if voice is not None:
            browser = await open_browser(self.playwright, self.folder / f"{person.id}.wav", voice)
            self.others.append(browser)
        seat = await take_seat(browser, self.url, name=f"{name} Rusu", voice=voice or say(ENGLISH))
        seat.id = str(person.id)
        cookie = {"name": COOKIE, "value": person.cookie, "domain": "127.0.0.1", "path": "/api"}
        await seat.desk.context.add_cookies([cookie])  # type: ignore[list-item]  # such a dict
        await seat.page.goto(f"{self.url}{page}")
        await until(lambda: person.id in self.exchange.registrations.present(), SECONDS)
        return seat

    async def desk(self, project: UUID, name: str) -> tuple[Page, UUID]:
        """An operator on the page of work."""
        seat = await self.seat(project, name)
        return seat.page, UUID(seat.id)

    async def dispositions(self, project: UUID) -> None:
        """One cause that asks for an account, one outcome."""
        account = {"name": "account", "labels": {"en": "Account", "ru": "", "ro": ""}, "type": "text", "required": True}
        nodes = [("cause", "bill", "Wrong bill", [{**account, "choices": []}]), ("outcome", "solved", "Solved", [])]
        async with work(self.database, Wall(centre=True, projects=frozenset({ProjectId(project)}))) as unit:
            unit.session.add_all(
                Disposition(
                    id=new_id(), project_id=project, kind=kind, code=code,
                    labels={"en": label, "ru": "", "ro": ""}, required_fields=fields,
                )
                for kind, code, label, fields in nodes
            )  # fmt: skip


@asynccontextmanager
async def webfloor(store: str, folder: Path, *, hosts: tuple[str, ...] = ()) -> AsyncIterator[Webfloor]:
    """`hosts` may be asked by flows."""
    engine = EngineProcess(folder)
    await engine.start()
    settings = AppSettings(
        folders=Folders(data=folder),
        database_url=SecretStr(store),
        secret_key=SecretStr(SECRET),
        media_control=engine.address,
        sip=SipSettings(udp_port=(port := free_port()), tcp_port=port),
        flows=FlowsSettings(http_hosts=hosts),
    )
    database = Database(store)
    one = Webfloor(settings, database, folder)
    await one.start()
    async with async_playwright() as one.playwright:
        one.browser = await open_browser(one.playwright, folder / "microphone.wav", say(ENGLISH))
        yield one
        await one.stop()
    await asyncio.wait_for(database.close(), PATIENCE)
    await engine.kill()
