"""What machines ask: is the process alive, can it serve, how does it do."""

import ipaddress
from typing import Final

import psycopg
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from pydantic import BaseModel
from sqlalchemy import exc, text

from centrala.flows.telephony import Telephony
from centrala.kit.access import NOTHING, Permission
from centrala.kit.database import Database
from centrala.kit.errors import Unavailable
from centrala.kit.http import problems

router: Final = APIRouter(tags=["probes"])


class Alive(BaseModel):
    status: str = "ok"


@router.get("/healthz")
async def healthz() -> Alive:
    """The process runs and answers."""
    return Alive()


@router.get("/readyz", responses=problems(503))
async def readyz(request: Request) -> Alive:
    """The process can serve requests: the database answers."""
    await check_database(request.app.state.database)
    return Alive()


async def check_database(database: Database) -> None:
    """Raise `Unavailable` when the database does not answer."""
    try:
        async with database.begin(NOTHING) as session:
            await session.execute(text("SELECT 1"))
    except (exc.DBAPIError, exc.TimeoutError, psycopg.OperationalError, OSError) as error:
        raise Unavailable("The database does not answer.", retry_after=2) from error


@router.get("/metrics", response_class=Response, responses=problems())
async def metrics(request: Request) -> Response:
    """Figures for Prometheus: from this machine to anybody, from elsewhere with a token of `system.read`."""
    if not _is_local(request):
        access = await request.app.state.entry(request)
        access.require(Permission.SYSTEM_READ)
    figures = generate_latest() + _of_calls(request) + _of_contacts(request)
    return Response(figures, media_type=CONTENT_TYPE_LATEST)


def _of_contacts(request: Request) -> bytes:
    """What the journal of contacts counts: what it has written, and what it could not."""
    registry = CollectorRegistry()
    events = Counter("centrala_contacts_journal", "What the journal of contacts counts.", ["event"], registry=registry)
    for name, value in request.app.state.journal.counters.items():
        events.labels(name).inc(value)
    return generate_latest(registry)


def _of_calls(request: Request) -> bytes:
    """The figures of telephony; they live in its own counters, which nothing global keeps."""
    telephony: Telephony | None = request.app.state.telephony
    if telephony is None or telephony.exchange is None:
        return b""
    registry = CollectorRegistry()
    figures = telephony.exchange.figures()
    gauges = {"calls": figures.calls, "registered_phones": figures.registrations, "banned_addresses": figures.banned}
    for name, value in gauges.items():
        Gauge(f"centrala_sip_{name}", f"Of telephony: {name.replace('_', ' ')} now.", registry=registry).set(value)
    events = Counter("centrala_sip_events", "What telephony counts, by name.", ["event"], registry=registry)
    for name, value in figures.counters.items():
        events.labels(name).inc(value)
    return generate_latest(registry)


def _is_local(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
