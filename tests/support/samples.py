"""Sample rows for tests that go through all tables."""

from datetime import date, datetime, time
from uuid import UUID

from centrala.flows.models import LiveContactRow
from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.people.models import Employee
from centrala.projects.models import Calendar, CalendarException, CalendarHours, Number
from centrala.security.models import Account, AccountProject
from centrala.telephony.phones.models import Phone
from centrala.telephony.trunks.models import CallerId, DiallingRule, Trunk
from support.calls import a_call
from support.contacts import a_contact
from support.ivr import what_flows_leave
from support.queues import a_queue
from support.reports import a_visit


async def a_row_of_every_project_table(database: Database, clock: Clock, project: UUID) -> None:
    """One row at least in each table that carries `project_id`. A new such table needs its row here."""
    calendar, account, number = new_id(), new_id(), new_id()
    async with work(database, Wall(centre=True, projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        unit.session.add_all(
            [
                Number(id=number, project_id=project, e164="+37322123456"),
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
                CallerId(id=new_id(), project_id=project, number_id=number),
                DiallingRule(id=new_id(), project_id=project, scope="project", premium=False),
            ]
        )
        unit.session.add(Employee(id=account, number=f"s{account.hex[-12:]}"))
        await unit.session.flush()
        await a_queue(unit, project, account)
        await a_call(unit, project)
        await a_contact(unit, project, account)
        unit.session.add(a_visit(project, unit.now))
        await what_flows_leave(unit, project, number)
        unit.session.add(LiveContactRow(interaction_id=new_id(), project_id=project, state={}, stored_at=unit.now))


def a_trunk(trunk_id: UUID) -> Trunk:
    """A trunk by address; its name is its id."""
    return Trunk(
        id=trunk_id,
        name=str(trunk_id),
        kind="address",
        transport="udp",
        host="192.0.2.10",
        sources=["192.0.2.10"],
        codecs=["PCMA"],
        country="MD",
        rules_out=[],
        rules_in=[],
    )


def a_phone(phone_id: UUID, person_id: UUID, *, at: datetime) -> Phone:
    """A desk phone; its user is its id, and no secret opens it."""
    return Phone(
        id=phone_id,
        person_id=person_id,
        label="Desk",
        user=str(phone_id),
        ha1_md5=b"-",
        ha1_sha256=b"-",
        secret_at=at,
    )
