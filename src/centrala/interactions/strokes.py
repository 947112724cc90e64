"""The statements of the journal: whole batches in a few exchanges with the server."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.interactions.core import Event, TimelineKind
from centrala.interactions.models import Interaction, TimelineRow
from centrala.kit import outbox
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database, raise_wall
from centrala.kit.ids import ProjectId
from centrala.kit.outbox import Fact
from centrala.projects.service import all_project_ids

_NUL: Final = re.compile(r"(?<!\\)\\u0000")
MAX_OPEN: Final = 20_000  # contacts taken up after a restart

_BEGUN: Final = (
    "id", "project_id", "channel", "direction", "party_number", "party_name", "called_number", "customer_id",
    "language", "call_id", "came_at",
)  # fmt: skip
_LINE: Final = ("id", "project_id", "interaction_id", "at", "kind", "person_id", "queue_id", "details")
_AUDIO: Final = ("id", "project_id", "interaction_id", "began_at")


def _insert(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} "  # noqa: S608 - names from above, values as one parameter
        f"FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)) ON CONFLICT DO NOTHING"
    )


_INSERTS: Final = {
    "interactions": text(_insert("interactions", _BEGUN)),
    "interaction_events": text(_insert("interaction_events", _LINE)),
    "recording_files": text(_insert("recording_files", _AUDIO)),
}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


async def write(
    database: Database,
    projects: Collection[UUID],
    *,
    begun: Sequence[Mapping[str, Any]],
    changed: Mapping[UUID, Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    audio: Sequence[Mapping[str, Any]],
    facts: Sequence[Fact],
    at: datetime,
) -> None:
    """Write a batch in one transaction."""
    wall = Wall(centre=True, projects=frozenset(ProjectId(project) for project in projects))
    async with database.begin(wall) as session:
        for table, rows in (("interactions", begun), ("interaction_events", lines), ("recording_files", audio)):
            if rows:
                await session.execute(_INSERTS[table], {"rows": _json(rows)})
        for columns, rows in _alike(changed).items():
            await session.execute(text(_update(columns)), {"rows": _json(rows)})
        if facts:
            outbox.write(session, facts, at=at)
            await outbox.announce(session)


def _alike(changed: Mapping[UUID, Mapping[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Changes by the columns that they set: one statement for all that set the same."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for contact, values in changed.items():
        groups[tuple(sorted(values))].append({"id": contact, **values})
    return groups


def _update(columns: Sequence[str]) -> str:
    sets = ", ".join(["changes = i.changes + 1", *(f"{name} = r.{name}" for name in columns)])
    # Names of columns come from the tally and from `CHANGEABLE`, never from outside.
    return (
        f"UPDATE interactions i SET {sets} "  # noqa: S608 - see above
        "FROM jsonb_populate_recordset(NULL::interactions, CAST(:rows AS jsonb)) r WHERE i.id = r.id"
    )


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    # PostgreSQL has no NUL in text; the name that a phone shows may have one.
    return _NUL.sub("", json.dumps(rows, default=_as_text))


def _as_text(value: Any) -> str:
    """What JSON does not have: moments as ISO 8601, the rest as it shows itself."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def _everywhere(session: AsyncSession) -> None:
    projects = frozenset(await all_project_ids(session))
    await raise_wall(session, Wall(centre=True, projects=projects))


async def timelines(database: Database, contacts: Iterable[UUID]) -> dict[UUID, tuple[UUID, list[Event]]]:
    """Projects and timelines of contacts that are in the store."""
    async with database.begin(CENTRE) as session:
        await _everywhere(session)
        query = select(Interaction.id, Interaction.project_id).where(Interaction.id.in_(list(contacts)))
        projects = {row.id: row.project_id for row in await session.execute(query)}
        events = await _events(session, projects)
    return {contact: (project_id, events[contact]) for contact, project_id in projects.items()}


async def open_ones(database: Database) -> dict[UUID, tuple[UUID, UUID | None, list[Event]]]:
    """Contacts that have not ended: project, call, timeline; the newest `MAX_OPEN`."""
    async with database.begin(CENTRE) as session:
        await _everywhere(session)
        query = (
            select(Interaction.id, Interaction.project_id, Interaction.call_id)
            .where(Interaction.ended_at.is_(None))
            .order_by(Interaction.came_at.desc())
            .limit(MAX_OPEN)
        )
        rows = (await session.execute(query)).all()
        events = await _events(session, [row.id for row in rows])
    return {row.id: (row.project_id, row.call_id, events[row.id]) for row in rows}


async def _events(session: AsyncSession, contacts: Iterable[UUID]) -> dict[UUID, list[Event]]:
    found: dict[UUID, list[Event]] = {contact: [] for contact in contacts}
    query = (
        select(TimelineRow).where(TimelineRow.interaction_id.in_(list(found))).order_by(TimelineRow.at, TimelineRow.id)
    )
    for row in await session.scalars(query):
        found[row.interaction_id].append(event_of(row))
    return found


def event_of(row: TimelineRow) -> Event:
    """A line of the store as the tally takes it."""
    return Event(
        kind=TimelineKind(row.kind),
        at=row.at,
        person_id=row.person_id,
        queue_id=row.queue_id,
        details=row.details,
    )


def is_away(error: Exception) -> bool:
    """Whether the server is the trouble, not the rows (SQLSTATE classes 08, 40, 53, 55 and 57)."""
    if isinstance(error, DBAPIError):
        return is_away(error.orig) if isinstance(error.orig, Exception) else True
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None:  # told by the client, not by the server
            return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return error.sqlstate[:2] in {"08", "40", "53", "55", "57"}
    return isinstance(error, OSError | TimeoutError | PoolTimeout)
