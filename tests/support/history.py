"""A past for a sample centre: contacts with timelines, a recording with sound, and days of visits for the reports."""

import math
import random
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from centrala.interactions import waveform
from centrala.interactions.models import Interaction, RecordingFile, RecordingMark, TimelineRow
from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database, raise_wall
from centrala.kit.ids import new_id
from centrala.kit.work import Work, work
from centrala.people.models import Employee
from centrala.projects.service import all_project_ids
from centrala.reports.models import VisitRow
from centrala.reports.service.collect import refresh
from centrala.routing.models import QueueRow
from centrala.telephony.calls.models import CallRow, RecordingRow
from support.reports import a_visit

NUMBER = "+37369123456"
NAME = "Maria Ceban"
SECONDS = 24  # of the recording
DAYS = 7


@dataclass(frozen=True, slots=True)
class History:
    """`contact` has everything; `queue` and `operator` are who had it."""

    contact: UUID
    project: UUID
    queue: UUID
    operator: UUID
    recording: UUID


def timeline(queue: UUID, operator: UUID, other: UUID, recording: UUID) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """A call with nearly everything that can happen to one."""
    yield "came", 0, {}
    yield "language", 4, {"details": {"language": "ro"}}
    yield "menu", 9, {"details": {"key": "2", "label": "Support"}}
    yield "input", 14, {"details": {"digits": "48151623"}}
    yield "queued", 16, {"queue_id": queue}
    yield "announced", 26, {"details": {"position": 2, "expected": 45}}
    yield "offered", 34, {"person_id": other}
    yield "declined", 37, {"person_id": other}
    yield "offered", 37, {"person_id": operator, "queue_id": queue}
    yield "answered", 41, {"person_id": operator, "queue_id": queue}
    yield "recording_started", 41, {"person_id": operator, "details": {"recording_id": str(recording)}}
    yield "held", 70, {"person_id": operator}
    yield "consulted", 71, {"person_id": operator, "details": {"to": "person", "to_person_id": str(other)}}
    yield "resumed", 85, {"person_id": operator}
    yield "help_asked", 90, {"person_id": operator}
    yield "supervised", 95, {"person_id": other, "details": {"role": "whispering"}}
    yield "ended", 161, {"details": {"result": "answered"}}
    yield "rated", 165, {"details": {"score": 5, "scale": 5}}
    yield "wrap_up_started", 161, {"person_id": operator}
    yield "wrap_up_ended", 181, {"person_id": operator}


async def write_history(database_url: str, folder: Path) -> History:
    store = Database(database_url, connections=1)
    try:
        async with work(store, CENTRE) as unit:
            project = (await all_project_ids(unit.session))[0]
            await raise_wall(unit.session, Wall(centre=True, projects=frozenset({project})))
            operators = list(await unit.session.scalars(select(Employee.id).order_by(Employee.id)))
            queue = await unit.session.scalar(select(QueueRow.id).order_by(QueueRow.name))
            assert queue is not None
            history = History(new_id(), project, queue, operators[0], new_id())
            await _contact(unit, history, operators[1], folder)
            unit.session.add_all(_days(history, operators, unit.now))
            await unit.session.flush()
            await refresh(unit.session, [history.contact])
    finally:
        await store.close()
    return history


async def _contact(unit: Work, history: History, other: UUID, folder: Path) -> None:
    came, common = utc_now() - timedelta(hours=2), {"project_id": history.project}
    call = new_id()
    ended = {"ended_at": came + timedelta(seconds=161)}
    unit.session.add(
        CallRow(id=call, node="main", direction="in", caller=NUMBER, callee="+37322000001", started_at=came,
                cause="answered", **common, **ended)
    )  # fmt: skip
    unit.session.add(
        Interaction(
            id=history.contact, channel="voice", direction="in", party_number=NUMBER, party_name=NAME,
            called_number="+37322000001", language="ro", queue_id=history.queue, operator_id=history.operator,
            call_id=call, came_at=came, queued_at=came + timedelta(seconds=16),
            answered_at=came + timedelta(seconds=41), result="answered", wait_seconds=25, talk_seconds=105,
            hold_seconds=15, holds=1, wrap_up_seconds=20, rating=5, rating_scale=5, menu_path=["Support"],
            note="The router blinks red; a visit was agreed.", note_by=history.operator, noted_at=came,
            **common, **ended,
        )
    )  # fmt: skip
    await unit.session.flush()
    for kind, second, more in timeline(history.queue, history.operator, other, history.recording):
        at = came + timedelta(seconds=second)
        unit.session.add(TimelineRow(interaction_id=history.contact, at=at, kind=kind, **common, **more))
    path = folder / f"{history.recording}.wav"
    _sound(path)
    with path.open("rb") as file:
        shape = waveform.measure(file)
    unit.session.add(
        RecordingRow(id=history.recording, call_id=call, path=str(path), started_at=came, duration_ms=SECONDS * 1000,
                     size=path.stat().st_size, marks=[], **common, **ended)
    )  # fmt: skip
    unit.session.add(
        RecordingFile(id=history.recording, interaction_id=history.contact, began_at=came, peaks=shape.peaks,
                      sides=shape.sides, levels=list(shape.levels), duration_ms=shape.duration_ms, **common)
    )  # fmt: skip
    await unit.session.flush()
    mark = {"recording_id": history.recording, "made_by": other, "made_at": came}
    unit.session.add(RecordingMark(id=new_id(), at_ms=9_000, text="Good summary", **mark, **common))


def _sound(path: Path) -> None:
    """Two who take turns, and five seconds in which nobody speaks."""
    rate = 8000
    frames = bytearray()
    for number in range(rate * SECONDS):
        second = number / rate
        loud = 9000 * math.sin(2 * math.pi * 300 * second) * abs(math.sin(second * 5))
        silent = 10 <= second < 15
        turn = int(second) % 4 < 2
        frames += struct.pack("<hh", int(loud) if turn and not silent else 0, 0 if turn or silent else int(loud))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(frames))


def _days(history: History, operators: list[UUID], now: datetime) -> Iterator[VisitRow]:
    """Visits of a week, more of them at noon; the same every time."""
    chance = random.Random(7)
    for _ in range(400):
        at = now - timedelta(days=chance.randrange(DAYS), hours=chance.triangular(0, 12, 6))
        answered = chance.random() < 0.86
        wait = int(chance.expovariate(1 / 14_000))
        yield a_visit(
            history.project,
            at,
            queue_id=history.queue,
            operator_id=chance.choice(operators[:6]) if answered else None,
            result="answered" if answered else chance.choice(["left", "left", "left", "overflowed"]),
            wait=wait,
            ring=min(wait, 4000),
            talk=int(chance.uniform(30_000, 300_000)) if answered else 0,
            hold=int(chance.uniform(0, 30_000)) if answered else 0,
            wrap_up=int(chance.uniform(5_000, 40_000)) if answered else 0,
            closing=answered,
            transferred=answered and chance.random() < 0.08,
            rating=chance.choice([5, 5, 4, 3]) if answered and chance.random() < 0.3 else None,
            rating_scale=5,
        )
