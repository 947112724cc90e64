from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.people import service
from centrala.people.schemas import (
    EmployeeChange,
    EmployeeIn,
    EmployeeOut,
    EraseIn,
    PasswordIn,
    RevealIn,
    RevealOut,
    State,
)
from centrala.people.service import Filters, Person
from centrala.security.service import Role

router = Routes(prefix="/employees", tags=["employees"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.EMPLOYEES_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.EMPLOYEES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.EMPLOYEES_WRITE), scope="function")]
Revealing = Annotated[Work, Depends(working(Permission.EMPLOYEES_REVEAL), scope="function")]
Erasing = Annotated[Work, Depends(working(Permission.EMPLOYEES_ERASE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


async def _filters(
    state: State = State.ACTIVE,
    team_id: UUID | None = None,
    role: Role | None = None,
    skill_id: UUID | None = None,
    project_id: UUID | None = None,
) -> Filters:
    return Filters(state=state, team_id=team_id, role=role, skill_id=skill_id, project_id=project_id)


Narrowing = Annotated[Filters, Depends(_filters)]


def _tagged(response: Response, person: Person) -> EmployeeOut:
    tag(response, person.version)
    return person.shown()


@router.get("", operation_id="list_employees")
async def list_employees(work: Reading, query: Listing, filters: Narrowing) -> Page[EmployeeOut]:
    """Employees. Sort by `name`, `number`, `login`, `team`, `hired_on` or `dismissed_at`.

    `q` finds names, logins and numbers; a whole telephone number only for those who may reveal it.
    """
    found = await service.list_employees(work, query, filters)
    return found.page(query, Person.shown)


@router.get("/export", operation_id="export_employees", response_class=Response, responses=CSV_ANSWER)
async def export_employees(work: Exporting, query: Listing, filters: Narrowing) -> Response:
    """The same list as CSV, masked alike; needs the permission `export` too and leaves a trace."""
    return csv_download("employees", await service.export_employees(work, query, filters))


@router.post("", operation_id="create_employee", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_employee(work: Writing, form: EmployeeIn, response: Response) -> EmployeeOut:
    """Make an employee and the account to sign in by."""
    return _tagged(response, await service.create_employee(work, form))


@router.get("/{employee_id}", operation_id="read_employee")
async def read_employee(work: Reading, employee_id: UUID, response: Response) -> EmployeeOut:
    return _tagged(response, await service.read_employee(work, employee_id))


@router.patch("/{employee_id}", operation_id="change_employee", responses=problems(409, 412, 428))
async def change_employee(
    work: Writing, employee_id: UUID, form: EmployeeChange, read: IfMatch, response: Response
) -> EmployeeOut:
    """Only the fields that are sent are changed; other roles need the permission `roles.assign`."""
    return _tagged(response, await service.change_employee(work, employee_id, form, read=read))


@router.post("/{employee_id}/dismiss", operation_id="dismiss_employee", responses=problems(409, 412, 428))
async def dismiss_employee(work: Writing, employee_id: UUID, read: IfMatch, response: Response) -> EmployeeOut:
    """Close the account and end its sessions."""
    return _tagged(response, await service.dismiss_employee(work, employee_id, read=read))


@router.post("/{employee_id}/reinstate", operation_id="reinstate_employee", responses=problems(409, 412, 428))
async def reinstate_employee(work: Writing, employee_id: UUID, read: IfMatch, response: Response) -> EmployeeOut:
    """Take a dismissal back."""
    return _tagged(response, await service.reinstate_employee(work, employee_id, read=read))


@router.post("/{employee_id}/password", operation_id="set_employee_password", responses=problems(409, 412, 428))
async def set_employee_password(
    work: Writing, employee_id: UUID, form: PasswordIn, read: IfMatch, response: Response
) -> EmployeeOut:
    """Set a temporary password; the person's sessions end."""
    return _tagged(response, await service.set_temporary_password(work, employee_id, form, read=read))


@router.post("/{employee_id}/reveal", operation_id="reveal_employee_field")
async def reveal_employee_field(work: Revealing, employee_id: UUID, form: RevealIn) -> RevealOut:
    """Show one masked field in full; leaves a trace. Changes nothing, so it takes no version."""
    return RevealOut(field=form.field, value=await service.reveal(work, employee_id, form.field))


@router.post("/{employee_id}/erase", operation_id="erase_employee", responses=problems(409, 412, 428))
async def erase_employee(
    work: Erasing, employee_id: UUID, form: EraseIn, read: IfMatch, response: Response
) -> EmployeeOut:
    """Wipe the personal data of a dismissed person for ever; the id and the figures stay."""
    return _tagged(response, await service.erase_employee(work, employee_id, form, read=read))
