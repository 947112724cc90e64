"""Two people do at one time what only one of them may: with real commits, in any order that PostgreSQL chooses."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import text

from centrala.kit.access import Access, Permission, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.errors import InvalidField, Refusal, VersionStale
from centrala.kit.ids import AccountId
from centrala.kit.work import Work, work
from centrala.people import service as people
from centrala.people.schemas import EmployeeChange, EmployeeIn
from centrala.projects import service as projects
from centrala.projects.errors import CompanyArchived, CompanyHasProjects
from centrala.projects.models import Service
from centrala.projects.schemas import CompanyIn, ProjectIn
from centrala.security.service import Role
from support.people import make_person

CENTRE = Wall(centre=True)


def access(account_id: UUID) -> Access:
    return Access(account_id=AccountId(account_id), permissions=frozenset(Permission), wall=CENTRE, actor="session")


async def race(database: Database, *verbs: tuple[UUID | None, Callable[[Work], Awaitable[object]]]) -> list[Exception]:
    """Do each in a unit of work of its own, all at one time; returns what was refused. A bug is raised."""

    async def alone(actor: UUID | None, verb: Callable[[Work], Awaitable[object]]) -> None:
        async with work(database, CENTRE, access=access(actor) if actor else None) as unit:
            await verb(unit)

    outcomes = await asyncio.gather(*(alone(*one) for one in verbs), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


async def refused_meanwhile(
    database: Database,
    *,
    first: Callable[[Work], Awaitable[object]],
    second: Callable[[Work], Awaitable[object]],
) -> type[Exception] | None:
    """Start `second` when `first` is done and not committed, and commit when it waits; returns its refusal."""

    async def alone() -> None:
        async with work(database, CENTRE) as unit:
            await second(unit)

    async with work(database, CENTRE) as unit:
        await first(unit)
        task = asyncio.create_task(alone())
        while not task.done():
            if await _somebody_waits(database):
                break
    try:
        await task
    except Refusal as refusal:
        return type(refusal)
    return None


async def _somebody_waits(database: Database) -> bool:
    async with database.begin(CENTRE) as session:
        query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(await session.scalar(query))


@pytest.fixture
async def pair(committing_database: Database, clock: Clock) -> tuple[UUID, UUID]:
    """Two administrators, and no other."""
    ids = [(await make_person(committing_database, clock, Role.ADMINISTRATOR)).id for _ in range(2)]
    return ids[0], ids[1]


async def test_two_administrators_who_dismiss_each_other_leave_one(
    committing_database: Database, pair: tuple[UUID, UUID]
) -> None:
    ana, ion = pair
    refused = await race(
        committing_database,
        (ana, lambda work: people.dismiss_employee(work, ion, read=1)),
        (ion, lambda work: people.dismiss_employee(work, ana, read=1)),
    )
    assert [getattr(one, "code", None) for one in refused] == ["people.last_administrator"]


async def test_two_who_put_each_other_above_themselves_make_no_circle(
    committing_database: Database, pair: tuple[UUID, UUID]
) -> None:
    ana, ion = pair
    refused = await race(
        committing_database,
        (ana, lambda work: people.change_employee(work, ana, EmployeeChange(superior_id=ion), read=1)),
        (ion, lambda work: people.change_employee(work, ion, EmployeeChange(superior_id=ana), read=1)),
    )
    assert [type(one) for one in refused] == [InvalidField]


async def test_of_two_who_save_the_same_version_one_is_told(
    committing_database: Database, pair: tuple[UUID, UUID]
) -> None:
    ana, ion = pair
    refused = await race(
        committing_database,
        (ana, lambda work: people.change_employee(work, ana, EmployeeChange(patronymic="A"), read=1)),
        (ion, lambda work: people.change_employee(work, ana, EmployeeChange(patronymic="B"), read=1)),
    )
    assert [type(one) for one in refused] == [VersionStale]


async def test_of_two_who_are_hired_under_one_login_one_is_refused(
    committing_database: Database, pair: tuple[UUID, UUID]
) -> None:
    def hired(number: str) -> Callable[[Work], Awaitable[object]]:
        form = EmployeeIn(login="ana.rusu", given_name="Ana", family_name="Rusu", number=number)
        return lambda work: people.create_employee(work, form)

    refused = await race(committing_database, (pair[0], hired("1")), (pair[1], hired("2")))
    assert [getattr(one, "code", None) for one in refused] == ["auth.login_taken"]


async def test_a_company_is_not_archived_under_a_project_that_is_being_made(committing_database: Database) -> None:
    async with work(committing_database, CENTRE) as unit:
        company = await projects.create_company(unit, CompanyIn(name="Orbita", country="MD"))
    form = ProjectIn(
        company_id=company.id, name="Line", code="NET", service=Service.GENERAL, time_zone="UTC", languages=["en"]
    )

    def archive(work: Work) -> Awaitable[object]:
        return projects.archive_company(work, company.id, read=1)

    def create(work: Work) -> Awaitable[object]:
        return projects.create_project(work, form)

    assert (await refused_meanwhile(committing_database, first=archive, second=create)) == CompanyArchived
    async with work(committing_database, CENTRE) as unit:
        await projects.restore_company(unit, company.id, read=2)
        company = await projects.read_company(unit, company.id)
    assert (
        await refused_meanwhile(
            committing_database, first=create, second=lambda work: projects.archive_company(work, company.id, read=3)
        )
        == CompanyHasProjects
    )
