"""What operators choose for themselves, within what their supervisor allows: channels, and which phone rings."""

from uuid import UUID

from centrala.kit.errors import InvalidField
from centrala.kit.work import Work
from centrala.routing.dispatch.load import capacity_of, off_of, rings_on_of
from centrala.routing.events import capacity_changed
from centrala.routing.models import OperatorChoiceRow, OperatorRoutingRow
from centrala.routing.schemas import ChoicesIn, ChoicesOut


async def read_choices(work: Work, person_id: UUID) -> ChoicesOut:
    """The person's own; all channels and all phones when nothing was chosen yet."""
    capacity = capacity_of(await work.session.get(OperatorRoutingRow, person_id))
    row = await work.session.get(OperatorChoiceRow, person_id)
    off = sorted(channel for channel in off_of(row) if channel in capacity)
    return ChoicesOut(capacity=dict(capacity), off=off, rings_on=rings_on_of(row))


async def choose(work: Work, person_id: UUID, form: ChoicesIn) -> ChoicesOut:
    """Keeps the choice over shifts; contacts in hand stay."""
    capacity = capacity_of(await work.session.get(OperatorRoutingRow, person_id))
    if capacity and form.off.issuperset(capacity):
        raise InvalidField("off", "nothing_left", "One channel stays on; who takes nothing is on a break or off.")
    row = await work.session.get(OperatorChoiceRow, person_id, with_for_update=True)
    off = sorted(channel.value for channel in form.off)
    if row is None:
        row = OperatorChoiceRow(person_id=person_id, channels_off=off, rings_on=form.rings_on.value)
        work.session.add(row)
    else:
        row.channels_off, row.rings_on = off, form.rings_on.value
    await work.session.flush()
    work.tell(capacity_changed(person_id))
    return await read_choices(work, person_id)
