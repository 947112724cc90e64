"""The wall between client companies: every table is behind it, and PostgreSQL holds it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from centrala.kit.access import NOTHING, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Base, Database, Walled
from centrala.kit.ids import ProjectId, new_id
from support.people import Person
from support.samples import a_row_of_every_project_table

MODELS = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
BEHIND = sorted(name for name, model in MODELS.items() if model.__walled__ is not Walled.OPEN)
OF_PROJECTS = sorted(name for name, model in MODELS.items() if model.__walled__ is Walled.PROJECT)

OPEN = {
    "outbox": "facts wait here for the relay; no route reads it",
    "consumers": "positions of readers",
    "events_parked": "positions and names of errors",
    "sessions": "read before it is known who asks, by the hash of a secret",
    "api_tokens": "read before it is known who asks, by the hash of a secret",
    "recovery_codes": "hashes, reached through one's own account",
    "sign_in_failures": "hashes of logins and addresses",
    "setup_link": "the hash of one link",
    "saved_views": "a person's own filters, reached through one's own account",
}
"""Tables without a wall, each with its reason. A new one needs a line here and a reviewer."""


async def test_every_table_of_the_database_is_a_model_or_a_librarys(database: Database) -> None:
    async with database.begin(NOTHING) as session:
        names = (await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).all()
    unknown = {name for name in names if not name.startswith("procrastinate_")} - set(MODELS) - {"alembic_version"}
    assert unknown == set()


def test_every_table_without_a_wall_has_its_reason() -> None:
    assert {name for name, model in MODELS.items() if model.__walled__ is Walled.OPEN} == set(OPEN)


def test_every_table_with_a_project_is_behind_the_projects_wall() -> None:
    with_project = {name for name, model in MODELS.items() if "project_id" in model.__table__.columns}
    centre_wide = {"audit", "events", "outbox"}
    assert with_project - centre_wide == set(OF_PROJECTS)


@pytest.mark.parametrize("name", BEHIND)
async def test_row_level_security_stands_for_reading_and_for_each_way_of_writing(database: Database, name: str) -> None:
    async with database.begin(NOTHING) as session:
        enabled = await session.scalar(
            text("SELECT relrowsecurity FROM pg_class WHERE relname = :name"), {"name": name}
        )
        query = text("SELECT cmd FROM pg_policies WHERE tablename = :name")
        commands = set((await session.scalars(query, {"name": name})).all())
    assert enabled
    assert commands == {"SELECT", "INSERT", "UPDATE", "DELETE"}


async def test_the_program_can_not_lift_the_wall(database: Database) -> None:
    async with database.begin(NOTHING) as session:
        row = (
            await session.execute(
                text("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
            )
        ).one()
    assert tuple(row) == (False, False, False)


@pytest.mark.parametrize("statement", ["ALTER TABLE numbers DISABLE ROW LEVEL SECURITY", "DROP TABLE numbers"])
async def test_the_program_cannot_alter_the_schema(database: Database, statement: str) -> None:
    async def attempt() -> None:
        async with database.begin(NOTHING) as session:
            await session.execute(text(statement))

    with pytest.raises(ProgrammingError, match="must be owner"):
        await attempt()


@pytest.mark.parametrize("name", BEHIND)
async def test_a_transaction_that_says_nothing_of_itself_sees_nothing(
    database: Database,
    clock: Clock,
    person_as: Callable[..., Awaitable[Person]],
    project: UUID,
    name: str,
) -> None:
    await a_row_of_every_project_table(database, clock, project)
    await person_as("operator", projects=(project,))
    assert await count(database, NOTHING, MODELS[name].__table__) == 0


@pytest.mark.parametrize("name", OF_PROJECTS)
async def test_the_wrong_project_sees_changes_and_deletes_nothing(
    database: Database, clock: Clock, project: UUID, other_project: UUID, name: str
) -> None:
    await a_row_of_every_project_table(database, clock, project)
    table: Table = MODELS[name].__table__
    right, wrong = behind(project), behind(other_project)
    assert await count(database, right, table) > 0, "the sample has a row to hide"
    assert await count(database, wrong, table) == 0
    async with database.begin(wrong) as session:
        changed = await session.execute(table.update().values(project_id=other_project).returning(table.c.project_id))
        deleted = await session.execute(table.delete().returning(table.c.project_id))
        assert (changed.all(), deleted.all()) == ([], [])
    assert await count(database, right, table) > 0


@pytest.mark.parametrize("name", OF_PROJECTS)
async def test_a_row_cannot_be_moved_behind_another_wall(
    database: Database, clock: Clock, project: UUID, other_project: UUID, name: str
) -> None:
    await a_row_of_every_project_table(database, clock, project)
    table: Table = MODELS[name].__table__

    async def move() -> None:
        async with database.begin(behind(project)) as session:
            await session.execute(table.update().values(project_id=other_project))

    with pytest.raises(DBAPIError, match="row-level security"):
        await move()


async def test_a_row_cannot_be_made_behind_another_wall(database: Database, project: UUID, other_project: UUID) -> None:
    table: Table = MODELS["numbers"].__table__

    async def make() -> None:
        async with database.begin(behind(project)) as session:
            await session.execute(
                insert(table).values(id=new_id(), project_id=other_project, e164="+37322000001", label="")
            )

    with pytest.raises(DBAPIError, match="row-level security"):
        await make()


async def test_the_wall_ends_with_its_transaction(database: Database, clock: Clock, project: UUID) -> None:
    await a_row_of_every_project_table(database, clock, project)
    table: Table = MODELS["numbers"].__table__
    assert await count(database, behind(project), table) == 1
    assert await count(database, NOTHING, table) == 0


async def test_colleagues_of_another_project_are_not_seen(
    database: Database, person_as: Callable[..., Awaitable[Person]], project: UUID, other_project: UUID
) -> None:
    mine = await person_as("operator", projects=(project,))
    await person_as("operator", projects=(other_project,))
    async with database.begin(behind(project)) as session:
        seen = (await session.scalars(select(MODELS["employees"].__table__.c.id))).all()
    assert seen == [mine.id]


def behind(project: UUID) -> Wall:
    return Wall(projects=frozenset({ProjectId(project)}))


async def count(database: Database, wall: Wall, table: Table) -> int:
    async with database.begin(wall) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0
