"""`Aids` by the rooms below: customers, calendars, the mailbox; and servers over HTTP."""

import asyncio
import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from centrala.customers.service import customer_by_number
from centrala.flows.contacts.state import Contact
from centrala.flows.contacts.voice import language_of
from centrala.ivr.machine import events
from centrala.ivr.service import keep_voicemail
from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.work import Work, work
from centrala.projects.core import is_open
from centrala.projects.service import plan_of, read_calendar

log = get_logger(__name__)

MAX_ANSWER: Final = 65_536  # bytes of an answer over HTTP
CONNECTIONS: Final = {"http": HTTPConnection, "https": HTTPSConnection}
LOOKUP_PATIENCE: Final = 3.0  # seconds that a caller waits for the client base


class Rooms:
    def __init__(self, database: Database, clock: Clock, hosts: frozenset[str]) -> None:
        self._database = database
        self._clock = clock
        self._hosts = hosts  # that flows may ask; nothing else is reachable from a flow (SSRF)

    def _wall(self, contact: Contact) -> Wall:
        return Wall(projects=frozenset({ProjectId(contact.project_id)}))

    async def lookup(self, contact: Contact, command: Any) -> Any:
        """Who of the project's customers has the number."""
        try:
            async with (
                asyncio.timeout(LOOKUP_PATIENCE),
                work(self._database, self._wall(contact), clock=self._clock) as unit,
            ):
                found = await customer_by_number(unit, contact.project_id, command.number)
        except TimeoutError:
            return events.FoundEvent(id=command.id, failed=True)
        if found is None:
            return events.FoundEvent(id=command.id)
        contact.customer_id, contact.name = found.id, found.name
        return events.FoundEvent(
            id=command.id, customer_id=str(found.id), name=found.name[:200], language=found.language or ""
        )

    async def hours(self, contact: Contact, command: Any) -> Any:
        async with work(self._database, self._wall(contact), clock=self._clock) as unit:
            state = await _state(unit, command.calendar_id)
        return events.HoursAreEvent(id=command.id, state=state)

    async def http(self, _contact: Contact, command: Any) -> Any:
        """Ask a server that the centre's administrator allows; nothing is followed."""
        url = urlsplit(command.url)
        if url.scheme not in CONNECTIONS or not {url.netloc, url.hostname} & self._hosts:
            return events.HttpFailedEvent(id=command.id, reason="not_allowed")
        try:
            async with asyncio.timeout(command.timeout_seconds):
                status, body = await asyncio.to_thread(_ask, url, command)
        except TimeoutError:
            return events.HttpFailedEvent(id=command.id, reason="timeout")
        except (OSError, HTTPException) as error:
            log.info("A flow's server did not answer.", host=url.hostname, error=type(error).__name__)
            return events.HttpFailedEvent(id=command.id, reason="unreachable")
        return events.HttpAnsweredEvent(id=command.id, status=status, body=_parsed(body))

    async def keep_voicemail(self, contact: Contact, box: str, recording_id: UUID, seconds: float) -> None:
        if contact.test:
            return
        async with work(self._database, self._wall(contact), clock=self._clock) as unit:
            await keep_voicemail(
                unit,
                project_id=contact.project_id,
                interaction_id=contact.id,
                recording_id=recording_id,
                box=box,
                language=language_of(contact),
                seconds=seconds,
                left_at=unit.now,
            )


def _ask(url: SplitResult, command: Any) -> tuple[int, bytes]:
    """One request, in a thread; its socket's time-out ends it when nobody waits any more."""
    connection = CONNECTIONS[url.scheme](url.hostname or "", url.port, timeout=command.timeout_seconds)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request(command.method, path, body=command.body, headers=command.headers)
        answer = connection.getresponse()
        return answer.status, answer.read(MAX_ANSWER)
    finally:
        connection.close()


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


async def _state(unit: Work, calendar_id: UUID) -> str:
    """Open, closed, or closed by a holiday or another date of its own."""
    plan = plan_of(await read_calendar(unit, calendar_id))
    if is_open(plan, unit.now):
        return "open"
    today = unit.now.astimezone(plan.zone).date()
    return "holiday" if today in plan.exceptions or today in plan.holidays else "closed"
