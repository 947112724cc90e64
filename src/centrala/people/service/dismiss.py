"""People go and come back: the account is closed and opened with them."""

from uuid import UUID

from centrala.kit.work import Work
from centrala.people.errors import AlreadyDismissed, Erased, NotDismissed, NotYourself
from centrala.people.events import employee_changed
from centrala.people.service.read import Person, hold_employee
from centrala.people.service.references import lock_people
from centrala.security.service import close_account, reopen_account


async def dismiss_employee(work: Work, employee_id: UUID, *, read: int) -> Person:
    """Close the account and end its sessions; the last administrator stays."""
    if work.access is not None and work.access.account_id == employee_id:
        raise NotYourself
    await lock_people(work)
    person = await hold_employee(work, employee_id, read=read)
    employee = person.employee
    if employee.dismissed_at is not None:
        raise AlreadyDismissed
    await close_account(work, employee.account)
    employee.dismissed_at = work.now
    _told(work, person, "employee.dismissed")
    return person


async def reinstate_employee(work: Work, employee_id: UUID, *, read: int) -> Person:
    """Take a dismissal back; the person signs in as before."""
    person = await hold_employee(work, employee_id, read=read)
    employee = person.employee
    if employee.erased_at is not None:
        raise Erased
    if employee.dismissed_at is None:
        raise NotDismissed
    await reopen_account(work, employee.account)
    employee.dismissed_at = None
    _told(work, person, "employee.reinstated")
    return person


def _told(work: Work, person: Person, action: str) -> None:
    person.employee.version += 1
    work.trace(action, "employee", person.employee.id)
    work.tell(employee_changed(person.employee.id))
