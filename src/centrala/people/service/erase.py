"""The personal data of somebody who left is wiped in place: the rows and their figures stay, the person is gone.

What is wiped is what the models mark as personal, so a column that is added and marked is wiped without a change here.
The personnel number stays: sums of past months refer to it, and outside the personnel files it names nobody.
"""

from uuid import UUID

from centrala.kit.database import Base
from centrala.kit.errors import InvalidField
from centrala.kit.personal import personal_columns
from centrala.kit.work import Work
from centrala.people.errors import Erased, NotDismissed
from centrala.people.events import employee_changed
from centrala.people.models import Employee
from centrala.people.schemas import EraseIn
from centrala.people.service.read import Person, hold_employee
from centrala.security.service import erase_account
from centrala.telephony.phones import service as phones


async def erase_employee(work: Work, employee_id: UUID, form: EraseIn, *, read: int) -> Person:
    """Cannot be taken back; `form.confirm` is the login, typed by hand."""
    person = await hold_employee(work, employee_id, read=read)
    employee = person.employee
    if employee.erased_at is not None:
        raise Erased
    if employee.dismissed_at is None:
        raise NotDismissed("Dismiss the person first; then the personal data can be erased.")
    if form.confirm.strip() != employee.account.login:
        raise InvalidField("confirm", "does_not_match", "Type the login of the person.")
    for table, column, _ in personal_columns(Base.metadata):
        if table is Employee.__table__:
            setattr(employee, column.key, None if column.nullable else "")
    await phones.forget_person(work, employee.id)
    employee.erased_at = work.now
    employee.version += 1
    await erase_account(work, employee.account)
    work.trace("employee.erased", "employee", employee.id)
    work.tell(employee_changed(employee.id))
    return person
