"""The check of a desk before the shift: a person's last one, which supervisors see on the board."""

from uuid import UUID

from centrala.kit.work import Work
from centrala.routing.models import DeskCheckRow
from centrala.routing.schemas import plain
from centrala.routing.schemas_work import CheckIn, CheckOut


async def save_check(work: Work, person_id: UUID, form: CheckIn) -> CheckOut:
    row = await work.session.get(DeskCheckRow, person_id)
    findings = plain(form)
    if row is None:
        work.session.add(DeskCheckRow(person_id=person_id, at=work.now, passed=form.passed, findings=findings))
    else:
        row.at, row.passed, row.findings = work.now, form.passed, findings
    return CheckOut(**form.model_dump(), at=work.now)


async def read_check(work: Work, person_id: UUID) -> CheckOut | None:
    """The last one; None when the workplace was never checked."""
    row = await work.session.get(DeskCheckRow, person_id)
    return None if row is None else CheckOut.model_validate({**row.findings, "at": row.at})
