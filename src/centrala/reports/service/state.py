"""How fresh the reports are, and whether they agree with what they were made from."""

from sqlalchemy import select

from centrala.kit.work import Work
from centrala.reports.models import CheckRow
from centrala.reports.schemas import CheckOut, StateOfReports


async def read_state(work: Work) -> StateOfReports:
    """The last comparison; none before the first night."""
    check = await work.session.scalar(select(CheckRow).order_by(CheckRow.at.desc()).limit(1))
    shown = None if check is None else CheckOut.model_validate(check, from_attributes=True)
    return StateOfReports(check=shown)
