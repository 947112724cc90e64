"""Sample rows of contacts and customers."""

import math
import struct
import wave
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
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
from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.settings import AppSettings
from centrala.kit.work import Work
from centrala.telephony.calls.models import RecordingRow
from support.calls import a_call

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


def seen(*projects: UUID) -> Wall:
    """The wall of somebody of the centre who looks at these projects."""
    return Wall(centre=True, projects=frozenset(ProjectId(one) for one in projects))


def at(version: int) -> dict[str, str]:
    """The header that names the version that was read."""
    return {"If-Match": f'"{version}"'}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording of a contact as the engine leaves it."""

    id: UUID
    path: Path
    sound: bytes
    contact: Contact


def write_sound(path: Path, *, seconds: float = 1.0) -> bytes:
    """A stereo WAV: a tone on the left, silence on the right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8_000)
        for frame in range(int(seconds * 8_000)):
            file.writeframesraw(struct.pack("<hh", int(math.sin(frame / 3) * 16_000), 0))
    return path.read_bytes()


async def record(
    unit: Work, settings: AppSettings, project: UUID, contact: Contact, *, ended: bool = True, seconds: float = 1.0
) -> Recorded:
    """Give the contact's recording an engine's row and file."""
    call = await a_call(unit, project)
    path = settings.folders.recordings / f"2026/11/20/{contact.recording}.wav"
    sound = write_sound(path, seconds=seconds)
    unit.session.add(
        RecordingRow(
            id=contact.recording,
            call_id=call,
            project_id=project,
            path=str(path),
            started_at=unit.now,
            ended_at=unit.now if ended else None,
            duration_ms=int(seconds * 1000),
            size=len(sound),
            marks=[{"at_ms": 200, "kind": "pause"}, {"at_ms": 400, "kind": "resume"}],
        )
    )
    await unit.session.flush()
    return Recorded(contact.recording, path, sound, contact)


async def file_row(database: Database, project: UUID, recording: UUID) -> RecordingFile:
    async with database.begin(seen(project)) as session:
        return await session.get_one(RecordingFile, recording)
