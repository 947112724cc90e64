"""One request or job is one transaction: data, facts, audit rows and jobs leave in it together or not at all."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from centrala.kit import audit, outbox
from centrala.kit.access import Access, Wall
from centrala.kit.clock import Clock, utc_now
from centrala.kit.database import Database, write_changes
from centrala.kit.errors import VersionStale


@dataclass(slots=True)
class Work:
    """What a service verb gets: the session, who acts, the moment, and the ways out for facts, traces and jobs.

    `access` is None for the program itself (first start, jobs, console); `way` names it in the audit trail.
    """

    session: AsyncSession
    access: Access | None
    now: datetime
    way: str = "system"
    _facts: list[outbox.Fact] = field(default_factory=list)
    _entries: list[audit.AuditEntry] = field(default_factory=list)
    _jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def tell(self, fact: outbox.Fact) -> None:
        """Let a fact out with the commit."""
        self._facts.append(fact)

    def trace(
        self,
        action: str,
        object_type: str,
        object_id: UUID | str,
        *,
        project_id: UUID | None = None,
        actor_id: UUID | None = None,
        **details: Any,
    ) -> None:
        """Put a row into the audit trail with the commit. `details` name fields, never their personal content."""
        self._entries.append(
            audit.AuditEntry(
                at=self.now,
                actor_id=self.access.account_id if self.access else actor_id,
                actor=self.access.actor if self.access else self.way,
                action=action,
                object_type=object_type,
                object_id=str(object_id),
                project_id=project_id,
                details=details,
            )
        )

    def later(self, task: str, **arguments: Any) -> None:
        """Enqueue a job with the commit; `task` is the name it was registered under."""
        self._jobs.append((task, arguments))

    async def finish(self) -> None:
        """Write what was collected. The audit comes last, because its lock makes others wait until the commit."""
        await write_changes(self.session)
        if self._facts:
            outbox.write(self.session, self._facts, at=self.now)
        if self._jobs:
            await self._enqueue()
        if self._facts:
            await outbox.announce(self.session)
        if self._entries:
            await audit.append(self.session, self._entries)
        self._facts, self._entries, self._jobs = [], [], []

    def must_be_idle(self) -> None:
        """Refuse what was collected where nothing can be written: the route has to depend on `working`."""
        if self._facts or self._entries or self._jobs:
            raise RuntimeError("A request that only reads has collected facts, traces or jobs.")

    async def _enqueue(self) -> None:
        # Loaded with the first job: the library costs every start a third of a second, and most requests have none.
        from centrala.kit import jobs  # noqa: PLC0415

        for task, arguments in self._jobs:
            await jobs.enqueue(self.session, task, arguments)


@asynccontextmanager
async def work(
    database: Database,
    wall: Wall | None,
    *,
    access: Access | None = None,
    way: str = "system",
    clock: Clock = utc_now,
) -> AsyncIterator[Work]:
    """A unit of work behind a wall; a refusal or a fault inside leaves nothing behind."""
    async with database.begin(wall) as session:
        unit = Work(session=session, access=access, now=clock(), way=way)
        try:
            yield unit
            await unit.finish()
        except StaleDataError as error:
            # Somebody committed between our read and our write of the same row.
            raise VersionStale from error


def constraint_of(error: IntegrityError) -> str | None:
    """The name of the constraint that refused a statement, so that a service can say it in the business's words."""
    diagnostics = getattr(error.orig, "diag", None)
    name: str | None = getattr(diagnostics, "constraint_name", None)
    return name


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of the fields that differ, for the audit trail."""
    return sorted(name for name in after if before.get(name) != after[name])
