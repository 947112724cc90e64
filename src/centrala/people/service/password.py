"""A forgotten password is replaced by a temporary one."""

from uuid import UUID

from centrala.kit.work import Work
from centrala.people.errors import AlreadyDismissed, NotYourself, Outranked
from centrala.people.schemas import PasswordIn
from centrala.people.service.read import Person, hold_employee
from centrala.security.service import end_sessions, outranks, set_password


async def set_temporary_password(work: Work, employee_id: UUID, form: PasswordIn, *, read: int) -> Person:
    """The person's sessions end, and the next sign-in asks for a password of their own.

    Who sets it could sign in by it, so nobody sets it for a person who may do more. One's own is changed in the
    profile, where the old one is asked for.
    """
    if work.access is not None and work.access.account_id == employee_id:
        raise NotYourself
    person = await hold_employee(work, employee_id, read=read)
    if person.employee.dismissed_at is not None:
        raise AlreadyDismissed
    if work.access is not None and outranks(frozenset(person.roles), work.access.permissions):
        raise Outranked
    await set_password(work, person.employee.account, form.new, must_change=True, field="new")
    await end_sessions(work, employee_id)
    return person
