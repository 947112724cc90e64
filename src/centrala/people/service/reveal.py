"""One masked field is shown in full, and the trail says to whom."""

from uuid import UUID

from sqlalchemy import select

from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.verbs import require
from centrala.kit.work import Work
from centrala.people.models import Employee
from centrala.people.schemas import RevealableField


async def reveal(work: Work, employee_id: UUID, field: RevealableField) -> str:
    """The value of one field; the trace leaves with it in one transaction."""
    require(work, Permission.EMPLOYEES_REVEAL)
    employee = await work.session.scalar(select(Employee).where(Employee.id == employee_id))
    if employee is None:
        raise NotFound
    work.trace("employee.revealed", "employee", employee.id, field=field.value)
    value: str = getattr(employee, field.value)
    return value
