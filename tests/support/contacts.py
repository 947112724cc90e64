"""Sample rows of contacts and customers."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from centrala.customers.models import Customer, CustomerPhone
from centrala.interactions.models import (
    Disposition,
    Finding,
    Interaction,
    Promise,
    RecordingFile,
    RecordingMark,
    Retention,
    Script,
    TimelineRow,
)
from centrala.kit.ids import new_id
from centrala.kit.work import Work

CUSTOMER = "+37369123456"


@dataclass(frozen=True, slots=True)
class Contact:
    """Ids of what `a_contact` has made."""

    interaction: UUID
    customer: UUID
    recording: UUID
    outcome: UUID


async def a_contact(unit: Work, project: UUID, operator: UUID, *, number: str = CUSTOMER) -> Contact:
    """A contact that `operator` answered, with all that belongs to it: a row in each table of the room."""
    customer, interaction, recording, outcome = (new_id() for _ in range(4))
    unit.session.add(Customer(id=customer, project_id=project, name="Maria Ceban", created_at=unit.now))
    unit.session.add(
        Disposition(
            id=outcome, project_id=project, kind="outcome", code=f"o-{outcome.hex[-8:]}", labels={"en": "Solved"}
        )
    )
    await unit.session.flush()
    unit.session.add(CustomerPhone(id=new_id(), project_id=project, customer_id=customer, e164=number))
    unit.session.add(
        Interaction(
            id=interaction,
            project_id=project,
            channel="voice",
            direction="in",
            party_number=number,
            party_name="Maria",
            customer_id=customer,
            operator_id=operator,
            came_at=unit.now,
            answered_at=unit.now + timedelta(seconds=5),
            note="The router blinks red.",
        )
    )
    await unit.session.flush()
    common = {"project_id": project, "interaction_id": interaction}
    unit.session.add(RecordingFile(id=recording, began_at=unit.now, **common))
    await unit.session.flush()
    unit.session.add_all(
        [
            TimelineRow(id=new_id(), at=unit.now, kind="input", person_id=None, details={"digits": "123456"}, **common),
            RecordingMark(
                id=new_id(), project_id=project, recording_id=recording, at_ms=10, text="Here", made_at=unit.now
            ),
            Promise(id=new_id(), owner_id=operator, due_at=unit.now, created_at=unit.now, number=number, **common),
            Script(id=new_id(), project_id=project, title="Greeting", text="Good day"),
            Finding(id=new_id(), kind="call_without_audio", found_at=unit.now, **common),
        ]
    )
    if await unit.session.get(Retention, project) is None:
        unit.session.add(Retention(project_id=project))
    await unit.session.flush()
    return Contact(interaction, customer, recording, outcome)
