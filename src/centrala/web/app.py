"""The app factory: rooms' routes, live topics, error answers and the desk's files in one FastAPI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import FastAPI, Query, WebSocket
from fastapi.routing import APIRoute

from centrala import __version__
from centrala.customers import live as customers_live
from centrala.customers import routes as customers
from centrala.flows.desk.desks import Desks
from centrala.flows.serving import Service
from centrala.flows.telephony import Telephony
from centrala.interactions import live as interactions_live
from centrala.interactions import routes as interactions
from centrala.interactions.service import Journal
from centrala.ivr import routes as ivr
from centrala.ivr.service import voice_of
from centrala.kit.access import Permission
from centrala.kit.clock import Clock, utc_now
from centrala.kit.database import Database
from centrala.kit.errors import Refusal
from centrala.kit.http import API, describe_problem
from centrala.kit.ids import ProjectId
from centrala.kit.settings import AppSettings
from centrala.people import live as people_live
from centrala.people import routes as people
from centrala.projects import live as projects_live
from centrala.projects import routes as projects
from centrala.reports import routes as reports
from centrala.routing import live as routing_live
from centrala.routing import routes as routing
from centrala.routing.service import Board, Dispatcher
from centrala.security import routes as security
from centrala.security import routes_trail
from centrala.security.service import COOKIE, Doorkeeper
from centrala.telephony.calls import routes as calls
from centrala.telephony.phones import live as phones_live
from centrala.telephony.phones import routes as phones
from centrala.telephony.trace import routes as trace
from centrala.telephony.transport.websocket import SUBPROTOCOL
from centrala.telephony.trunks import live as trunks_live
from centrala.telephony.trunks import routes as trunks
from centrala.web import demo, errors, probes, setup, static, supervision, system
from centrala.web import work as own_work
from centrala.web.board import board_live
from centrala.web.live import BUSY, ENDED, LiveFeed, grouped
from centrala.web.middleware import Front
from centrala.web.sockets import same_site
from centrala.web.work_live import work_live

TITLE: Final = "Centrala"
ROUTES: Final = (
    security.router,
    *people.ROUTES,
    *projects.ROUTES,
    *routing.ROUTES,
    *trunks.ROUTES,
    *phones.ROUTES,
    customers.router,
    *interactions.ROUTES,
    calls.router,
    trace.router,
    *ivr.ROUTES,
    reports.router,
    routes_trail.router,
    own_work.router,
    supervision.router,
    supervision.test_calls,
    setup.router,
    system.router,
    demo.router,
)
"""All rooms' routes."""

TOPICS: Final = grouped(
    [
        *projects_live.TOPICS,
        *people_live.TOPICS,
        *trunks_live.TOPICS,
        *phones_live.TOPICS,
        *routing_live.TOPICS,
        *customers_live.TOPICS,
        *interactions_live.TOPICS,
    ]
)


def create_app(
    settings: AppSettings, *, clock: Clock = utc_now, database: Database | None = None, telephony: bool = False
) -> FastAPI:
    """The app of one process. `database` is given by tests; otherwise the app opens and closes its own.

    With `telephony` it also takes and places calls; otherwise it is the desk's pages and API alone.
    """
    store = database or Database(settings.database_url.get_secret_value(), connections=settings.database_connections)
    doorkeeper = Doorkeeper(store, clock)
    feed = LiveFeed(
        database=store,
        database_url=settings.database_url.get_secret_value(),
        topics=TOPICS,
        doorkeeper=doorkeeper,
        clock=clock,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        feed.start()
        await app.state.dispatcher.start()
        app.state.board.start()
        app.state.journal.start()
        switch = Telephony(settings, store, clock, _service(app)) if telephony else None
        app.state.telephony = switch
        if switch is not None:
            switch.start()
        yield
        if switch is not None:
            await switch.stop()
        await app.state.journal.stop()
        await app.state.board.stop()
        await app.state.dispatcher.stop()
        await feed.stop()
        if database is None:
            await store.close()

    app = App(
        title=TITLE,
        version=__version__,
        summary="A contact centre in one program.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
    )
    app.state.settings, app.state.database, app.state.clock = settings, store, clock
    app.state.entry, app.state.feed, app.state.started_at = doorkeeper, feed, clock()
    app.state.telephony = None
    app.state.dispatcher = Dispatcher(store, clock)
    app.state.board = Board(app.state.dispatcher)
    app.state.journal = Journal(store, clock)
    app.state.desks = Desks(app.state.dispatcher, doorkeeper, clock)
    errors.install(app)
    for router in ROUTES:
        app.include_router(router, prefix=API)
    app.include_router(probes.router)
    app.add_api_websocket_route("/api/live", live)
    app.add_api_websocket_route("/api/board/live", board_live)
    app.add_api_websocket_route("/api/work/live", work_live)
    app.add_api_websocket_route("/api/sip", phone)
    static.mount(app)
    app.add_middleware(Front, limit=settings.limits.request_bytes, tls=settings.web.url.startswith("https"))
    return app


def _service(app: FastAPI) -> Service:
    """What live contacts need of the app."""
    state = app.state
    return Service(state.dispatcher, state.journal, state.desks, voice_of(app))


class App(FastAPI):
    """FastAPI with the schema of problems in its document."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            describe_problem(super().openapi())
        assert self.openapi_schema is not None  # noqa: S101 - FastAPI keeps what it made
        return self.openapi_schema


def operation_id(route: APIRoute) -> str:
    """Operations are called as their functions are: names of a generated client's methods."""
    return route.name


async def live(socket: WebSocket, project: Annotated[UUID | None, Query()] = None) -> None:
    """The live feed of a signed-in desk."""
    feed: LiveFeed = socket.app.state.feed
    secret = socket.cookies.get(COOKIE)
    await socket.accept()
    if not secret or not same_site(socket):
        await socket.close(ENDED)
        return
    try:
        key = await feed.doorkeeper.find(secret)
        access = key.access()
        narrowed = ProjectId(project) if project else None
        if narrowed:
            access.narrowed_to(narrowed)
    except Refusal:
        await socket.close(ENDED)
        return
    except Exception as error:
        await socket.close(BUSY)
        if errors.is_away(error):
            return
        raise
    await feed.serve(socket, key, secret, narrowed)


async def phone(socket: WebSocket) -> None:
    """SIP (RFC 7118) of the phone in a signed-in desk; it may register its own person and nobody else."""
    telephony: Telephony | None = socket.app.state.telephony
    secret = socket.cookies.get(COOKIE)
    if not secret or not same_site(socket):
        await _turn_away(socket, ENDED)
        return
    try:
        key = await socket.app.state.entry.find(secret)
    except Refusal:
        await _turn_away(socket, ENDED)
        return
    if telephony is None or telephony.exchange is None or not key.access().may(Permission.PHONE_OWN):
        await _turn_away(socket, BUSY)
        return
    await telephony.exchange.flows.serve(socket, key.account_id)


async def _turn_away(socket: WebSocket, code: int) -> None:
    """Close with a code that a browser gets to see: of a refused handshake it tells the page nothing."""
    await socket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", ()) else None)
    await socket.close(code)
