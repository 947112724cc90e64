"""Writes live contacts behind what happens, and finds them again: a killed process's successor goes on with them.

A change marks its contact; one task writes all that are marked, each once and as it is then, `LAZINESS` after the first
of them. A contact that is over is deleted. While the database is away the marks stay, so what is written then is whole.
"""

import asyncio
import contextlib
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from centrala.flows.contacts.plain import dump
from centrala.flows.contacts.state import Contact, Stage
from centrala.flows.models import LiveContactRow
from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.projects.service import all_project_ids

log = get_logger(__name__)

LAZINESS: Final = 0.05  # seconds that changes wait for others
RETRY: Final = 1.0  # seconds until what the database did not take is written again
PATIENCE: Final = 3.0  # seconds that an orderly stop waits for the database


class Keeper:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._marked: dict[UUID, Contact] = {}
        self._stored: set[UUID] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="contacts-keeper")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(Exception):  # the next process is told of what was written before
            await asyncio.wait_for(self._write(), PATIENCE)

    def forget(self) -> None:
        """Write nothing any more, as a process that is killed."""
        self._marked = {}
        if self._task is not None:
            self._task.cancel()

    def mark(self, contact: Contact) -> None:
        """The contact is other than it is stored."""
        if contact.test:
            return
        self._marked[contact.id] = contact
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(LAZINESS)
            self._wake.clear()
            try:
                await self._write()
            except Exception:
                # Calls go on by what is in memory; the rows are for the next process.
                log.exception("Live contacts could not be written.", waiting=len(self._marked))
                await asyncio.sleep(RETRY)
                self._wake.set()

    async def _write(self) -> None:
        marked, self._marked = self._marked, {}
        if not marked:
            return
        over = {contact.id for contact in marked.values() if contact.stage is Stage.OVER and not contact.wrapping}
        rows = [self._row(contact) for contact in marked.values() if contact.id not in over]
        wall = Wall(projects=frozenset(ProjectId(contact.project_id) for contact in marked.values()))
        try:
            async with self._database.begin(wall) as session:
                if rows:
                    put = insert(LiveContactRow).values(rows)
                    new = {"state": put.excluded.state, "stored_at": put.excluded.stored_at}
                    await session.execute(put.on_conflict_do_update(index_elements=["interaction_id"], set_=new))
                if gone := over & self._stored:
                    await session.execute(delete(LiveContactRow).where(LiveContactRow.interaction_id.in_(gone)))
        except BaseException:
            self._marked = marked | self._marked
            raise
        self._stored |= {row["interaction_id"] for row in rows}
        self._stored -= over

    def _row(self, contact: Contact) -> dict[str, Any]:
        state = dump(contact)
        if contact.run is not None and not contact.run.ended and contact.run.version_id is not None:
            state["run"] = contact.run.dump()
        return {
            "interaction_id": contact.id,
            "project_id": contact.project_id,
            "state": state,
            "stored_at": self._clock(),
        }

    async def kept(self) -> list[dict[str, Any]]:
        """What an earlier process left, the oldest first."""
        async with self._database.begin(CENTRE) as session:
            projects = frozenset(await all_project_ids(session))
        async with self._database.begin(Wall(projects=projects)) as session:
            rows = (await session.scalars(select(LiveContactRow).order_by(LiveContactRow.interaction_id))).all()
        self._stored = {row.interaction_id for row in rows}
        return [row.state for row in rows]
