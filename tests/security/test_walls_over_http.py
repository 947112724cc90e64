"""Every route from the wrong project: an object behind the wall looks like one that does not exist."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from centrala.customers.models import Customer, CustomerPhone
from centrala.interactions.models import (
    Disposition,
    Interaction,
    Promise,
    RecordingFile,
    RecordingMark,
    Script,
)
from centrala.ivr.models import Flow, FlowVersion, Prompt, Voicemail
from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.people.models import Employee, EmployeeSkill, Skill, Team
from centrala.projects.models import Calendar, Number, Project
from centrala.routing.models import NoticeRow, QueueRow
from centrala.security.models import SavedView, SignInSession
from centrala.telephony.calls.models import CallRow
from centrala.telephony.trunks.models import CallerId, DiallingRule
from conftest import TurnedClock
from support.people import Person
from support.routing import Operation, operations, send
from support.samples import a_phone, a_row_of_every_project_table, a_trunk

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PersonAs = Callable[..., Awaitable[Person]]

OF_PROJECTS = ("supervisor", "senior", "quality", "client")
"""All roles that see only their own projects, held at once: the widest rights behind the narrowest wall."""

FORMS: dict[str, object] = {
    "reveal_employee_field": {"field": "phone"},
    "erase_employee": {"confirm": "x"},
    "set_employee_password": {"new": "a long new secret"},
    "add_number": {"number": "+37322000001"},
    "add_customer_phone": {"number": "+37322000001"},
    "merge_customer": {"into": str(new_id())},
    "erase_customer": {"confirm": "x"},
    "change_retention": {
        "record_calls": True,
        "recording_months": None,
        "personal_months": None,
        "quota_mb": None,
        "oldest_first": False,
    },
    "write_note": {"note": "x"},
    "link_customer": {"customer_id": None},
    "add_mark": {"at_ms": 1, "text": "x"},
    "save_flow_draft": {"definition": {}},
    "roll_back_flow": {"version_id": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "copy_flow": {"name": "Copy"},
    "route_number": {"flow_id": None},
    "set_queue_operators": {"members": []},
    "set_operator_queues": {"queues": []},
    "set_operator_capacity": {"capacity": {"voice": 1}},
    "force_operator_state": {"state": "off", "reason": "The shift is over"},
    "consult_about_contact": {"kind": "number", "number": "+37322000001"},
    "transfer_contact": {"kind": "number", "number": "+37322000001"},
    "escalate_contact": {"reason": "abuse"},
    "send_digits": {"digits": "1"},
    "move_waiting_contact": {"queue_id": "01900000-0000-7000-8000-000000000000"},
}

QUERIES: dict[str, dict[str, str]] = {
    "list_calendar_days": {"start": "2026-12-01", "end": "2026-12-02"},
    "upload_prompt_sound": {"language": "ro"},
    "remove_prompt_sound": {"language": "ro"},
    "hear_prompt": {"language": "ro"},
}


@dataclass(frozen=True, slots=True)
class Behind:
    """Ids of objects behind the other project's wall, by the name that paths give them."""

    ids: dict[str, UUID]


@pytest.fixture
async def behind(database: Database, clock: TurnedClock, person_as: PersonAs, other_project: UUID) -> Behind:
    await a_row_of_every_project_table(database, clock, other_project)
    person = await person_as("operator", projects=(other_project,))
    team, skill, view, token, trunk, phone = (new_id() for _ in range(6))
    async with work(database, CENTRE, clock=clock) as unit:
        unit.session.add_all([Team(id=team, name="Others"), Skill(id=skill, name="Other skill")])
        await unit.session.flush()
        employee = await unit.session.get_one(Employee, person.id)
        employee.team_id = team
        unit.session.add(EmployeeSkill(employee_id=person.id, skill_id=skill, level=5))
        unit.session.add(a_trunk(trunk))
        unit.session.add(a_phone(phone, person.id, at=unit.now))
        unit.session.add(SavedView(id=view, account_id=person.id, page="teams", name="x", query={}))
        session_id = await unit.session.scalar(select(SignInSession.id).where(SignInSession.account_id == person.id))
        company = await unit.session.scalar(select(Project.company_id).where(Project.id == other_project))
    async with database.begin(Wall(projects=frozenset({ProjectId(other_project)}))) as session:
        calendar = await session.scalar(select(Calendar.id))
        number = await session.scalar(select(Number.id))
        rule = await session.scalar(select(DiallingRule.id))
        shown = await session.scalar(select(CallerId.id))
        call = await session.scalar(select(CallRow.id))
        queue = await session.scalar(select(QueueRow.id))
        notice = await session.scalar(select(NoticeRow.id))
        flow = await session.scalar(select(Flow.id))
        flow_version = await session.scalar(select(FlowVersion.id))
        prompt = await session.scalar(select(Prompt.id))
        voicemail = await session.scalar(select(Voicemail.id))
        contact = await session.scalar(select(Interaction.id))
        customer = await session.scalar(select(Customer.id))
        customer_phone = await session.scalar(select(CustomerPhone.id))
        disposition = await session.scalar(select(Disposition.id))
        script = await session.scalar(select(Script.id))
        promise = await session.scalar(select(Promise.id))
        recording = await session.scalar(select(RecordingFile.id))
        mark = await session.scalar(select(RecordingMark.id))
    found = {
        "company_id": company,
        "project_id": other_project,
        "number_id": number,
        "calendar_id": calendar,
        "employee_id": person.id,
        "team_id": team,
        "skill_id": skill,
        "session_id": session_id,
        "token_id": token,
        "view_id": view,
        "trunk_id": trunk,
        "phone_id": phone,
        "rule_id": rule,
        "caller_id": shown,
        "call_id": call,
        "queue_id": queue,
        "notice_id": notice,
        "person_id": person.id,
        "break_id": new_id(),  # breaks are the centre's: all people choose among the same
        "interaction_id": contact,
        "customer_id": customer,
        "customer_phone_id": customer_phone,
        "disposition_id": disposition,
        "script_id": script,
        "promise_id": promise,
        "recording_id": recording,
        "mark_id": mark,
        "flow_id": flow,
        "version_id": flow_version,
        "prompt_id": prompt,
        "voicemail_id": voicemail,
    }
    return Behind({name: value for name, value in found.items() if value is not None})


def test_every_parameter_of_a_path_has_an_object_behind_the_wall() -> None:
    named = {name for operation in operations() for name in operation.parameters}
    assert named == {
        "company_id",
        "project_id",
        "number_id",
        "calendar_id",
        "employee_id",
        "team_id",
        "skill_id",
        "session_id",
        "token_id",
        "view_id",
        "trunk_id",
        "phone_id",
        "rule_id",
        "caller_id",
        "call_id",
        "queue_id",
        "notice_id",
        "person_id",
        "break_id",
        "interaction_id",
        "customer_id",
        "customer_phone_id",
        "disposition_id",
        "script_id",
        "promise_id",
        "recording_id",
        "mark_id",
        "flow_id",
        "version_id",
        "prompt_id",
        "voicemail_id",
    }


async def reach(client: httpx.AsyncClient, operation: Operation, behind: Behind) -> httpx.Response:
    return await send(client, operation, behind.ids, form=FORMS.get(operation.name), query=QUERIES.get(operation.name))


@pytest.mark.parametrize("operation", [one for one in operations() if one.parameters], ids=lambda one: one.name)
async def test_an_object_of_another_project_does_not_exist(
    client_as: ClientAs, behind: Behind, project: UUID, operation: Operation
) -> None:
    client = await client_as(*OF_PROJECTS, projects=(project,))
    answer = await reach(client, operation, behind)
    assert answer.status_code in {403, 404}, answer.text
    if answer.status_code == 404:
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("operation", [one for one in operations() if not one.parameters], ids=lambda one: one.name)
async def test_no_list_shows_anything_of_another_project(
    client_as: ClientAs, behind: Behind, project: UUID, operation: Operation
) -> None:
    if operation.method != "GET":
        return
    client = await client_as(*OF_PROJECTS, projects=(project,))
    text = (await client.get(operation.path)).text
    assert [name for name, value in behind.ids.items() if str(value) in text] == []


OF_A_PROJECT = {
    *("calendar_id", "number_id", "rule_id", "caller_id", "call_id", "queue_id", "notice_id"),
    *("prompt_id", "version_id", "voicemail_id"),
    *("customer_id", "interaction_id", "disposition_id", "script_id", "promise_id", "recording_id"),
}
"""Things inside a project; the projects themselves are things of the centre, whose people see them all."""


@pytest.mark.parametrize(
    "operation",
    [one for one in operations() if OF_A_PROJECT & set(one.parameters)],
    ids=lambda one: one.name,
)
async def test_an_administrator_who_looks_at_one_project_does_not_reach_into_another(
    client_as: ClientAs, behind: Behind, project: UUID, operation: Operation
) -> None:
    client = await client_as("administrator")
    client.headers["X-Centrala-Project"] = str(project)
    answer = await reach(client, operation, behind)
    assert answer.status_code == 404, (operation.name, answer.text)


async def test_nobody_narrows_to_a_project_that_is_not_theirs(
    client_as: ClientAs, project: UUID, other_project: UUID
) -> None:
    client = await client_as("supervisor", projects=(project,))
    client.headers["X-Centrala-Project"] = str(other_project)
    assert (await client.get("/api/projects")).status_code == 404
