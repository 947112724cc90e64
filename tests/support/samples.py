"""Sample rows for tests that go through all tables."""

from datetime import date, time
from uuid import UUID

from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.projects.models import Calendar, CalendarException, CalendarHours, Number
from centrala.security.models import Account, AccountProject


async def a_row_of_every_project_table(database: Database, clock: Clock, project: UUID) -> None:
    """One row at least in each table that carries `project_id`. A new such table needs its row here."""
    calendar, account = new_id(), new_id()
    async with work(database, Wall(centre=True, projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        unit.session.add_all(
            [
                Number(id=new_id(), project_id=project, e164="+37322123456"),
                Calendar(id=calendar, project_id=project, name="Hours", time_zone="Europe/Chisinau"),
                Account(id=account, login=f"s{account.hex[-12:]}", given_name="Ion", family_name="Lungu"),
            ]
        )
        await unit.session.flush()
        common = {"project_id": project, "calendar_id": calendar}
        unit.session.add_all(
            [
                CalendarHours(id=new_id(), weekday=0, opens=time(9), closes=time(18), **common),
                CalendarException(id=new_id(), date=date(2026, 12, 25), **common),
                AccountProject(account_id=account, project_id=project),
            ]
        )
