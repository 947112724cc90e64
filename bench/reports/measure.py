"""How long reports take over a million contacts, in a cluster of its own; prints a table.

The visits are those of a year: ten queues, arrivals by day and hour, two hundred operators who are ready or on a break
ten hours a day. Each report is asked as the program asks it, behind the wall and over the same statements, five times;
the slowest counts. `--rebuild` measures how fast visits are made from timelines too.
Usage: `python bench/reports/measure.py [--contacts 1000000] [--rebuild 20000]`.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.listing import ListQuery
from centrala.kit.migrate import upgrade
from centrala.kit.work import Work
from centrala.node.postgres import EmbeddedPostgres
from centrala.reports.core import Unit
from centrala.reports.definitions import Measure
from centrala.reports.schemas import By
from centrala.reports.service import Asked, collect, list_rows, list_spans, read_measures, read_occupancy

ROUNDS = 5
END = datetime(2026, 11, 1, tzinfo=UTC)
YEAR = timedelta(days=365)

PROJECT = """
    INSERT INTO companies (id, name, legal_name, country, note) VALUES (:company, 'Bench', '', 'MD', '');
    INSERT INTO projects (id, company_id, name, code, service, time_zone, languages, note, operators_may_hang_up)
    VALUES (:project, :company, 'Bench', 'bench', 'general', 'Europe/Chisinau', '{ro}', '', true)
"""

VISITS = """
    INSERT INTO report_visits (interaction_id, seq, project_id, queue_id, operator_id, entered_at, next_at, channel,
        direction, via, result, wait, ring, talk, hold, wrap_up, rating, rating_scale, transferred, closing, known)
    SELECT gen_random_uuid(), 0, :project, md5('q' || x % 10)::uuid,
        CASE WHEN answered THEN md5('o' || (x * 79) % 200)::uuid END, at,
        CASE WHEN x % 5 = 0 THEN at + interval '3 days' END, 'voice', 'in', 'queue',
        CASE WHEN answered THEN 'answered' ELSE 'left' END, (random() * 60000)::int, 3000,
        CASE WHEN answered THEN (random() * 300000)::int ELSE 0 END, (random() * 20000)::int, (random() * 40000)::int,
        CASE WHEN x % 4 = 0 THEN 1 + x % 5 END, CASE WHEN x % 4 = 0 THEN 5 END, x % 20 = 0, answered, true
    FROM (
        SELECT x, x % 8 > 0 AS answered,
            CAST(:since AS timestamptz) + make_interval(secs => x * :step) AS at
        FROM generate_series(0, :contacts - 1) x
    ) made
"""

STATES = """
    INSERT INTO operator_states (id, person_id, state, reason, since, until)
    SELECT gen_random_uuid(), md5('o' || x % 200)::uuid, CASE WHEN rests THEN 'break' ELSE 'ready' END, '', at,
        at + CASE WHEN rests THEN interval '20 minutes' ELSE interval '1 hour' END
    FROM (SELECT x, x / 200 % 4 = 0 AS rests, CAST(:since AS timestamptz) + make_interval(hours => x / 200) AS at
          FROM generate_series(0, 200 * 365 * 24 - 1) x WHERE x / 200 % 24 BETWEEN 7 AND 16) made
"""

CONTACTS = """
    INSERT INTO interactions (id, project_id, channel, direction, party_number, came_at, ended_at, result)
    SELECT md5('i' || x)::uuid, :project, 'voice', 'in', '+3736' || (x % 5000), at, at + interval '3 minutes',
        'answered'
    FROM (SELECT x, CAST(:since AS timestamptz) + make_interval(secs => x * 30) AS at
          FROM generate_series(0, :contacts - 1) x) made
"""
LINES = """
    INSERT INTO interaction_events (id, project_id, interaction_id, at, kind, person_id, queue_id, details)
    SELECT gen_random_uuid(), i.project_id, i.id, i.came_at + make_interval(secs => line.second), line.kind,
        md5('o1')::uuid, md5('q1')::uuid, line.details::jsonb
    FROM interactions i CROSS JOIN (VALUES
        (0, 'came', '{}'), (5, 'menu', '{}'), (9, 'queued', '{}'), (12, 'offered', '{}'), (16, 'answered', '{}'),
        (60, 'held', '{}'), (70, 'resumed', '{}'), (180, 'ended', '{"result": "answered"}'),
        (180, 'wrap_up_started', '{}'), (200, 'wrap_up_ended', '{}')) AS line (second, kind, details)
"""


def main(contacts: int, rebuilt: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="centrala-bench-", dir="/tmp"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    try:
        upgrade(server.owner_url)
        asyncio.run(run(server, contacts, rebuilt))
    finally:
        server.stop()
        shutil.rmtree(folder)


async def run(server: EmbeddedPostgres, contacts: int, rebuilt: int) -> None:
    project = new_id()
    await fill(server.owner_url, project, contacts, rebuilt)
    database = Database(server.app_url())
    try:
        await ask(database, project, contacts)
        if rebuilt:
            await rebuild(database)
    finally:
        await database.close()


async def fill(owner_url: str, project: UUID, contacts: int, rebuilt: int) -> None:
    owner = Database(owner_url, connections=1)
    async with owner.engine.connect() as connection:
        raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await raw.execute(text("SET statement_timeout = 0"))
        company = new_id()
        for statement in PROJECT.split(";"):
            await raw.execute(text(statement), {"company": company, "project": project})
        since, step = END - YEAR, YEAR.total_seconds() / contacts
        await raw.execute(text(VISITS), {"project": project, "since": since, "step": step, "contacts": contacts})
        await raw.execute(text("ALTER TABLE operator_states DROP CONSTRAINT fk_operator_states_person_id"))
        await raw.execute(text(STATES), {"since": since})
        if rebuilt:
            await raw.execute(text(CONTACTS), {"project": project, "since": END, "contacts": rebuilt})
            await raw.execute(text(LINES))
        await raw.execute(text("VACUUM ANALYZE"))
    await owner.close()


Case = Callable[[Work], Awaitable[Any]]
A_YEAR = Asked(since=END - YEAR, until=END, time_zone="Europe/Chisinau")
A_MONTH = Asked(since=END - timedelta(days=31), until=END, time_zone="Europe/Chisinau")

A_DAY = Asked(since=END - timedelta(days=1), until=END, time_zone="Europe/Chisinau")


def report(asked: Asked, by: By, unit: Unit = Unit.DAY) -> Case:
    return lambda work: read_measures(work, asked, by, unit)


def behind(measure: Measure, query: ListQuery) -> Case:
    return lambda work: list_rows(work, A_YEAR, measure, query)


CASES: tuple[tuple[str, Case], ...] = (
    *((f"a year by {by.value}", report(A_YEAR, by)) for by in (By.NOTHING, By.QUEUE, By.OPERATOR, By.PROJECT)),
    *((f"a year by {u.value}", report(A_YEAR, By.INTERVAL, u)) for u in (Unit.MONTH, Unit.WEEK, Unit.DAY)),
    ("a month by half-hours", report(A_MONTH, By.INTERVAL, Unit.HALF)),
    ("occupancy of a month by half-hours", lambda work: read_occupancy(work, A_MONTH, Unit.HALF)),
    ("occupancy of a year by day", lambda work: read_occupancy(work, A_YEAR, Unit.DAY)),
    ("pieces of time of a day", lambda work: list_spans(work, A_DAY, None, ListQuery())),
    ("pieces of time of a year", lambda work: list_spans(work, A_YEAR, None, ListQuery())),
    ("rows behind the answered", behind(Measure.ANSWERED, ListQuery())),
    ("rows, sorted by wait", behind(Measure.ASA, ListQuery(sort="-wait"))),
)


async def ask(database: Database, project: UUID, contacts: int) -> None:
    wall = Wall(centre=True, projects=frozenset({ProjectId(project)}))
    print(f"| {contacts:,} visits in a year | median, ms | slowest, ms |\n|---|---|---|")
    for name, case in CASES:
        took = [await timed(database, wall, case) for _ in range(ROUNDS)]
        print(f"| {name} | {statistics.median(took):.0f} | {max(took):.0f} |", flush=True)


async def timed(database: Database, wall: Wall, case: Case) -> float:
    begun = time.perf_counter()
    async with database.begin(wall) as session:
        await case(Work(session=session, access=None, now=END))
    return (time.perf_counter() - begun) * 1000


async def rebuild(database: Database) -> None:
    begun = time.perf_counter()
    contacts, _ = await collect.rebuild(database, since=END, until=END + YEAR)
    print(f"\n{contacts / (time.perf_counter() - begun):,.0f} contacts a second made from timelines of ten lines")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rebuild", type=int, default=20_000)
    given = parser.parse_args()
    main(given.contacts, given.rebuild)
