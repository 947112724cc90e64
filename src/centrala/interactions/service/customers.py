"""What happens to a customer and to all their contacts at once."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.types import Text

from centrala.customers import service as customers
from centrala.customers.schemas import CustomerOut, EraseCustomerIn, MergeIn
from centrala.interactions.events import interaction_changed
from centrala.interactions.models import Interaction, Promise, RecordingFile, RecordingMark, TimelineRow
from centrala.interactions.service.reading import PERSONAL_DETAILS
from centrala.kit.work import Work
from centrala.telephony.calls import recorded

DELETE_RECORDING = "interactions.delete_recording"


async def merge_customers(work: Work, customer_id: UUID, form: MergeIn) -> CustomerOut:
    """Join two cards; contacts and promises move to the one that goes on."""
    stays = await customers.merge_customers(work, customer_id, into=form.into)
    for model in (Interaction, Promise):
        await work.session.execute(update(model).where(model.customer_id == customer_id).values(customer_id=stays.id))
    return await customers.read_customer(work, stays.id)


async def erase_customer(work: Work, customer_id: UUID, form: EraseCustomerIn) -> CustomerOut:
    """Wipe the card, what the contacts say of the person, their calls' numbers and, by a job, their recordings."""
    customer = await customers.erase_customer(work, customer_id, confirm=form.confirm)
    contacts = (await work.session.scalars(select(Interaction.id).where(Interaction.customer_id == customer_id))).all()
    await wipe(work, contacts)
    await work.session.execute(update(Promise).where(Promise.customer_id == customer_id).values(number="", note=""))
    files = select(RecordingFile.id).where(RecordingFile.interaction_id.in_(contacts), RecordingFile.state != "deleted")
    for recording in (await work.session.scalars(files)).all():
        work.later(DELETE_RECORDING, recording_id=str(recording), why="erasure")
    for contact in contacts:
        work.tell(interaction_changed(contact, project_id=customer.project_id))
    return await customers.read_customer(work, customer_id)


async def wipe(work: Work, contacts: Sequence[UUID]) -> None:
    """Take what is personal out of contacts: rows, timelines, marks, promises, and the records of their calls."""
    session = work.session
    calls = (
        await session.scalars(
            select(Interaction.call_id).where(Interaction.id.in_(contacts), Interaction.call_id.is_not(None))
        )
    ).all()
    await session.execute(
        update(Interaction)
        .where(Interaction.id.in_(contacts))
        .values(party_number="", party_name="", note="", disposition_fields={}, changes=Interaction.changes + 1)
    )
    await session.execute(
        update(TimelineRow)
        .where(TimelineRow.interaction_id.in_(contacts))
        .values(details=TimelineRow.details.op("-")(func.cast(array(list(PERSONAL_DETAILS)), ARRAY(Text))))
    )
    of_them = select(RecordingFile.id).where(RecordingFile.interaction_id.in_(contacts))
    await session.execute(update(RecordingMark).where(RecordingMark.recording_id.in_(of_them)).values(text=""))
    await session.execute(update(Promise).where(Promise.interaction_id.in_(contacts)).values(number="", note=""))
    await recorded.forget_parties(work, [call for call in calls if call is not None])
