"""The live feed: a snapshot plus what the server committed since, for those who may see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import NullPool, text, update
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.types import Message, Scope

from centrala.kit import outbox
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.outbox import Fact
from centrala.kit.work import work
from centrala.node.postgres import EmbeddedPostgres
from centrala.projects.models import Project
from centrala.security.models import SignInSession
from centrala.security.service import COOKIE, Role
from centrala.web.app import create_app
from centrala.web.live import ENDED, MAX_MESSAGE, QUEUE, TOO_BIG, TOO_SLOW
from conftest import BASE_URL, TurnedClock, settings_for
from support.people import Person, make_person, make_project

PATIENCE = 30.0  # seconds until a test gives up waiting for a message


@dataclass
class Browser:
    """A WebSocket client that speaks ASGI with the app, without a network. Answers pings unless told not to."""

    app: FastAPI
    person: Person | None
    origin: str = BASE_URL
    project: UUID | None = None
    reads: bool = True
    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    outbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    may_read: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        headers = [(b"host", b"127.0.0.1:8080"), (b"origin", self.origin.encode())]
        if self.person:
            headers.append((b"cookie", f"{COOKIE}={self.person.cookie}".encode()))
        scope: Scope = {
            "type": "websocket",
            "path": "/api/live",
            "query_string": f"project={self.project}".encode() if self.project else b"",
            "headers": headers,
            "subprotocols": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
            "scheme": "ws",
            "root_path": "",
            "app": self.app,
        }
        if self.reads:
            self.may_read.set()
        await self.inbox.put({"type": "websocket.connect"})
        self.task = asyncio.create_task(self.app(scope, self.inbox.get, self._sent))
        assert (await self.outbox.get())["type"] == "websocket.accept"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.may_read.set()
        await self.inbox.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, PATIENCE)

    async def _sent(self, message: Message) -> None:
        await self.may_read.wait()
        await self.outbox.put(message)

    async def say(self, **message: Any) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        await self.inbox.put({"type": "websocket.receive", "text": text})

    async def subscribe(self, topic: str, after: int | None = None) -> dict[str, Any]:
        await self.say(type="subscribe", topic=topic, after=after)
        return await self.next()

    async def next(self) -> dict[str, Any]:
        """The next message that is not a greeting or a ping."""
        while True:
            message = await asyncio.wait_for(self.outbox.get(), PATIENCE)
            if message["type"] == "websocket.close":
                return {"type": "closed", "code": message["code"]}
            content: dict[str, Any] = json.loads(message["text"])
            if content["type"] not in {"hello", "ping"}:
                return content


@dataclass
class Centre:
    """A running app on a store with real commits."""

    app: FastAPI
    database: Database
    clock: TurnedClock
    project: UUID
    other_project: UUID

    async def person(self, *roles: Role, projects: tuple[UUID, ...] = ()) -> Person:
        return await make_person(self.database, self.clock, *roles, projects=projects)

    async def rename(self, project: UUID, name: str) -> None:
        async with work(self.database, Wall(centre=True, projects=frozenset({ProjectId(project)}))) as unit:
            statement = update(Project).where(Project.id == project)
            await unit.session.execute(statement.values(name=name, version=Project.version + 1))
            unit.tell(Fact(kind="project.changed", aggregate_id=project, project_id=project, payload={}))


@pytest.fixture
async def centre(
    committing_database: Database, postgres: EmbeddedPostgres, clock: TurnedClock, tmp_path: Path
) -> AsyncIterator[Centre]:
    database = committing_database
    app = create_app(settings_for(postgres, tmp_path), clock=clock, database=database)
    project = await make_project(database, clock)
    other = await make_project(database, clock, name="Card line")
    async with app.router.lifespan_context(app):
        yield Centre(app, database, clock, project, other)


def state_of(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What a desk shows after these messages."""
    shown: dict[str, Any] = {}
    for message in messages:
        if message["type"] == "snapshot":
            shown = {item["id"]: item for item in message["items"]}
        elif message["type"] == "event" and message["item"] is None:
            shown.pop(message["id"], None)
        elif message["type"] == "event":
            shown[message["id"]] = message["item"]
    return shown


async def test_an_old_snapshot_and_the_events_since_are_a_fresh_snapshot(centre: Centre) -> None:
    person = await centre.person(Role.ADMINISTRATOR)
    async with Browser(centre.app, person) as old:
        messages = [await old.subscribe("projects")]
        await centre.rename(centre.project, "First")
        await centre.rename(centre.other_project, "Second")
        await centre.rename(centre.project, "Third")
        messages += [await old.next() for _ in range(3)]
        async with Browser(centre.app, person) as fresh:
            snapshot = await fresh.subscribe("projects")
    assert state_of(messages) == state_of([snapshot])
    assert messages[-1]["position"] == snapshot["position"]
    assert {item["name"] for item in snapshot["items"]} == {"Third", "Second"}


async def test_a_desk_that_was_away_resumes_without_a_gap(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    async with Browser(centre.app, person) as browser:
        messages = [await browser.subscribe("projects")]
    await centre.rename(centre.project, "While away")
    async with Browser(centre.app, person) as browser:
        # The fact is in the log already, or the relay has yet to move it: then it comes behind "resumed".
        back = [await browser.subscribe("projects", after=messages[0]["position"]), await browser.next()]
        await centre.rename(centre.project, "Back again")
        messages += [*back, await browser.next()]
    assert sorted(message["type"] for message in back) == ["event", "resumed"]
    assert state_of(messages)[str(centre.project)]["name"] == "Back again"


async def test_a_position_of_another_log_is_answered_by_a_snapshot(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    async with Browser(centre.app, person) as browser:
        assert (await browser.subscribe("projects", after=10**9))["type"] == "snapshot"


async def test_a_desk_hears_nothing_from_behind_the_wall(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    async with Browser(centre.app, person) as browser:
        snapshot = await browser.subscribe("projects")
        await centre.rename(centre.other_project, "Secret")
        await centre.rename(centre.project, "Mine")
        heard = await browser.next()
    assert [item["id"] for item in snapshot["items"]] == [str(centre.project)]
    assert heard["item"]["name"] == "Mine"


async def test_a_resumed_desk_hears_nothing_from_behind_the_wall_either(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    await centre.rename(centre.other_project, "Secret")
    await outbox.relay(centre.database)
    async with Browser(centre.app, person) as browser:
        assert (await browser.subscribe("projects", after=0))["type"] == "resumed"


async def test_a_topic_asks_for_its_permission(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    async with Browser(centre.app, person) as browser:
        refused = await browser.subscribe("companies")
    assert (refused["type"], refused["code"]) == ("error", "auth.forbidden")


async def test_an_unknown_topic_and_a_malformed_message_are_answered(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR)
    async with Browser(centre.app, person) as browser:
        assert (await browser.subscribe("weather"))["code"] == "live.unknown_topic"
        await browser.say_text("{not json")
        assert (await browser.next())["code"] == "live.malformed"
        await browser.say_text(json.dumps({"type": "subscribe", "topic": "projects", "more": 1}))
        assert (await browser.next())["code"] == "live.malformed"


async def test_a_message_that_is_too_long_ends_the_connection(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR)
    async with Browser(centre.app, person) as browser:
        await browser.say_text("x" * (MAX_MESSAGE + 1))
        assert await browser.next() == {"type": "closed", "code": TOO_BIG}


@pytest.mark.parametrize("origin", ["https://elsewhere.example", ""])
async def test_the_feed_opens_only_for_the_desks_own_page(centre: Centre, origin: str) -> None:
    person = await centre.person(Role.OPERATOR)
    async with Browser(centre.app, person, origin=origin) as browser:
        assert await browser.next() == {"type": "closed", "code": ENDED}


async def test_the_feed_does_not_open_without_a_session(centre: Centre) -> None:
    async with Browser(centre.app, None) as browser:
        assert await browser.next() == {"type": "closed", "code": ENDED}


async def test_the_feed_does_not_open_on_a_project_of_others(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    async with Browser(centre.app, person, project=centre.other_project) as browser:
        assert await browser.next() == {"type": "closed", "code": ENDED}


async def test_a_person_whose_session_ended_is_sent_away_when_they_are_changed(centre: Centre) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    async with Browser(centre.app, person) as browser:
        await browser.subscribe("employees")
        async with work(centre.database, CENTRE) as unit:
            statement = update(SignInSession).where(SignInSession.account_id == person.id)
            await unit.session.execute(statement.values(expires_at=centre.clock()))
            unit.tell(Fact(kind="employee.changed", aggregate_id=person.id, payload={}))
        heard = [await browser.next(), await browser.next()]
    assert heard[-1] == {"type": "closed", "code": ENDED}


async def test_a_desk_that_does_not_read_is_cut_off_and_others_hear_everything(centre: Centre) -> None:
    slow_person, quick_person = await centre.person(Role.ADMINISTRATOR), await centre.person(Role.ADMINISTRATOR)
    async with Browser(centre.app, quick_person) as quick, Browser(centre.app, slow_person) as slow:
        await quick.subscribe("projects")
        await slow.subscribe("projects")
        slow.may_read.clear()
        desk = next(one for one in centre.app.state.feed.desks if one.access.account_id == slow_person.id)
        for _ in range(QUEUE + 2):
            desk.put("{}")
        await centre.rename(centre.project, "Heard")
        assert (await quick.next())["item"]["name"] == "Heard"
        slow.may_read.set()
        ended = await asyncio.wait_for(closed(slow), PATIENCE)
    assert ended == TOO_SLOW


async def closed(browser: Browser) -> int:
    while True:
        message = await browser.outbox.get()
        if message["type"] == "websocket.close":
            code: int = message["code"]
            return code


async def test_the_feed_recovers_when_its_connection_to_the_database_is_cut(
    centre: Centre, postgres: EmbeddedPostgres
) -> None:
    person = await centre.person(Role.OPERATOR, projects=(centre.project,))
    owner = create_async_engine(postgres.owner_url, poolclass=NullPool)
    async with Browser(centre.app, person) as browser:
        await browser.subscribe("projects")
        async with owner.begin() as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'centrala listen'"
            await connection.execute(text(cut))
        await centre.rename(centre.project, "After the cut")
        assert (await browser.next())["item"]["name"] == "After the cut"
    await owner.dispose()


async def test_a_desk_that_comes_before_the_feed_hears_its_database_misses_nothing(
    committing_database: Database, postgres: EmbeddedPostgres, clock: TurnedClock, tmp_path: Path
) -> None:
    """The feed follows the log only after the desk has its snapshot and the fact is committed."""
    database = committing_database
    app = create_app(settings_for(postgres, tmp_path), clock=clock, database=database)
    project = await make_project(database, clock)
    centre = Centre(app, database, clock, project, project)
    person = await centre.person(Role.ADMINISTRATOR)
    async with Browser(app, person) as browser:
        await browser.subscribe("projects")
        await centre.rename(project, "Early")
        async with app.router.lifespan_context(app):
            assert (await browser.next())["item"]["name"] == "Early"
