"""Recordings: sealed when their call is over, played by those who may, with a trace, and gone when they must."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from centrala.interactions.errors import AudioNotReady
from centrala.interactions.events import INTERACTION_CHANGED
from centrala.interactions.everywhere import everywhere
from centrala.interactions.models import Interaction, RecordingMark
from centrala.interactions.service import playing
from centrala.interactions.service.storing import Keeping, delete_recording, store_waiting
from centrala.interactions.storage import stores_of
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.outbox import OutboxRow
from centrala.kit.settings import AppSettings
from centrala.kit.work import work
from conftest import TurnedClock
from support.contacts import Contact, Recorded, file_row, record, seen

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]


def address(recorded: Recorded, part: str = "") -> str:
    return f"/api/recordings/{recorded.id}{part}"


async def test_an_ended_recording_is_sealed_measured_and_leaves_the_engines_folder(
    keeping: Keeping, recorded: Recorded, database: Database, project: UUID
) -> None:
    assert await store_waiting(keeping) == 1
    row = await file_row(database, project, recorded.id)
    assert (row.state, row.backend, row.sides, row.duration_ms) == ("stored", "disk", 2, 1000)
    assert row.size == len(recorded.sound)
    assert not recorded.path.exists()
    kept = [path for path in keeping.settings.folders.recordings.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert recorded.sound[44:200] not in kept[0].read_bytes()
    assert await store_waiting(keeping) == 0


async def test_the_same_sound_comes_back_before_and_after_it_is_sealed(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded
) -> None:
    before = await supervisor.get(address(recorded, "/audio"))
    await store_waiting(keeping)
    after = await supervisor.get(address(recorded, "/audio"))
    assert before.content == after.content == recorded.sound
    assert after.headers["content-type"] == "audio/wav"


async def test_a_player_gets_any_part(supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded) -> None:
    await store_waiting(keeping)
    size = len(recorded.sound)
    answer = await supervisor.get(address(recorded, "/audio"), headers={"Range": "bytes=1000-1999"})
    assert answer.status_code == 206
    assert answer.content == recorded.sound[1000:2000]
    assert answer.headers["content-range"] == f"bytes 1000-1999/{size}"
    beyond = await supervisor.get(address(recorded, "/audio"), headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.json()["size"]) == (416, size)


async def test_many_parts_are_one_trace_and_a_later_listening_is_another(
    supervisor: httpx.AsyncClient, recorded: Recorded, clock: TurnedClock, trail: Trail
) -> None:
    for start in (0, 100, 200):
        await supervisor.get(address(recorded, "/audio"), headers={"Range": f"bytes={start}-"})
    clock.advance(seconds=playing.ONE_LISTENING.total_seconds() + 1)
    await supervisor.get("/api/session")  # notes that the session lives; in this store that moves the wall
    await supervisor.get(address(recorded, "/audio"))
    await supervisor.get(address(recorded, "/download"))
    actions = [action for action, _ in await trail() if action.startswith("recording.")]
    assert actions == ["recording.played", "recording.played", "recording.downloaded"]


@pytest.mark.parametrize(
    ("role", "play", "download"), [("operator", 403, 403), ("quality", 200, 200), ("manager", 200, 403)]
)
async def test_who_may_listen_and_who_may_take_away(
    *, client_as: ClientAs, project: UUID, recorded: Recorded, role: str, play: int, download: int
) -> None:
    client = await client_as(role, projects=(project,))
    assert (await client.get(address(recorded, "/audio"))).status_code == play
    assert (await client.get(address(recorded, "/download"))).status_code == download


async def test_a_download_is_a_file(client_as: ClientAs, project: UUID, recorded: Recorded) -> None:
    client = await client_as("quality", projects=(project,))
    answer = await client.get(address(recorded, "/download"))
    assert answer.headers["content-disposition"] == f'attachment; filename="{recorded.id}.wav"'


async def test_pauses_and_marks_are_shown_in_their_order(
    supervisor: httpx.AsyncClient, desk: httpx.AsyncClient, recorded: Recorded
) -> None:
    mark = await supervisor.post(address(recorded, "/marks"), json={"at_ms": 300, "text": "Angry"})
    assert mark.status_code == 201, mark.text
    shown = (await supervisor.get(address(recorded, "/marks"))).json()
    assert [(one["at_ms"], one["kind"], one["text"]) for one in shown] == [
        (10, "mark", "Here"),
        (200, "pause", ""),
        (300, "mark", "Angry"),
        (400, "resume", ""),
    ]
    gone = await supervisor.delete(address(recorded, f"/marks/{mark.json()['id']}"))
    assert gone.status_code == 204
    assert len((await supervisor.get(address(recorded, "/marks"))).json()) == 3


async def test_the_mark_of_another_stays_for_those_who_may_not_change_contacts(
    client_as: ClientAs, project: UUID, recorded: Recorded, database: Database
) -> None:
    quality = await client_as("quality", projects=(project,))
    async with database.begin(seen(project)) as session:
        mark = RecordingMark(
            id=new_id(), project_id=project, recording_id=recorded.id, at_ms=1, text="x", made_at=recorded_at()
        )
        session.add(mark)
    answer = await quality.delete(address(recorded, f"/marks/{mark.id}"))
    assert (answer.status_code, answer.json()["code"]) == (403, "interactions.not_yours")


def recorded_at() -> Any:
    return TurnedClock()()


async def test_the_waveform_comes_with_the_sealing(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded
) -> None:
    early = await supervisor.get(address(recorded, "/waveform"))
    assert (early.status_code, early.json()["code"]) == (409, "interactions.audio_not_ready")
    await store_waiting(keeping)
    shown = (await supervisor.get(address(recorded, "/waveform"))).json()
    left, right = shown["peaks"]
    assert shown["sides"] == ["customer", "centre"]
    assert max(left) > 100
    assert set(right) == {0}


async def test_who_has_the_contact_on_the_screen_is_told_of_its_waveform(
    keeping: Keeping, recorded: Recorded, database: Database
) -> None:
    contact = recorded.contact.interaction
    told = select(OutboxRow.id).where(OutboxRow.kind == INTERACTION_CHANGED, OutboxRow.aggregate_id == contact)
    async with database.begin(await everywhere(database)) as session:
        before = len((await session.scalars(told)).all())
        version = await session.scalar(select(Interaction.changes).where(Interaction.id == contact))
    await store_waiting(keeping)
    async with database.begin(await everywhere(database)) as session:
        assert len((await session.scalars(told)).all()) == before + 1
        assert await session.scalar(select(Interaction.changes).where(Interaction.id == contact)) == (version or 0) + 1


async def test_a_recording_that_runs_is_not_touched(
    *,
    keeping: Keeping,
    supervisor: httpx.AsyncClient,
    database: Database,
    clock: TurnedClock,
    settings: AppSettings,
    project: UUID,
    contact: Contact,
) -> None:
    async with work(database, seen(project), clock=clock) as unit:
        running = await record(unit, settings, project, contact, ended=False)
    assert await store_waiting(keeping) == 0
    assert running.path.exists()
    answer = await supervisor.get(address(running, "/audio"))
    assert (answer.status_code, answer.json()["code"]) == (409, "interactions.audio_not_ready")
    with pytest.raises(AudioNotReady):
        await delete_recording(keeping, await everywhere(database), running.id, why="retention")


async def test_audio_whose_file_is_gone_is_told_so(
    keeping: Keeping, supervisor: httpx.AsyncClient, recorded: Recorded, database: Database, project: UUID
) -> None:
    recorded.path.unlink()
    await store_waiting(keeping)
    assert (await file_row(database, project, recorded.id)).state == "missing"
    answer = await supervisor.get(address(recorded, "/audio"))
    assert (answer.status_code, answer.json()["why"]) == (410, "missing")


async def test_a_full_disk_leaves_the_original_and_the_next_run_goes_on(
    keeping: Keeping, recorded: Recorded, database: Database, project: UUID
) -> None:
    folder = keeping.settings.folders.recordings / "store"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")  # no folder can be made here: an OSError, as of a full disk
    assert await store_waiting(keeping) == 0
    assert recorded.path.read_bytes() == recorded.sound
    assert (await file_row(database, project, recorded.id)).state == "running"
    folder.unlink()
    assert await store_waiting(keeping) == 1


async def test_a_deleted_recording_leaves_its_row_and_a_trace(
    keeping: Keeping, supervisor: httpx.AsyncClient, recorded: Recorded, database: Database, trail: Trail
) -> None:
    await store_waiting(keeping)
    assert await delete_recording(keeping, await everywhere(database), recorded.id, why="retention")
    assert not await delete_recording(keeping, await everywhere(database), recorded.id, why="retention")
    shown = (await supervisor.get(address(recorded))).json()
    assert (shown["state"], shown["deleted_why"], shown["playable"]) == ("deleted", "retention", False)
    answer = await supervisor.get(address(recorded, "/audio"))
    assert (answer.status_code, answer.json()["why"]) == (410, "retention")
    assert ("recording.deleted", {"why": "retention"}) in await trail()
    assert not list((keeping.settings.folders.recordings / "store").rglob("*.sealed"))


async def test_a_changed_object_is_not_played(
    keeping: Keeping, supervisor: httpx.AsyncClient, recorded: Recorded
) -> None:
    await store_waiting(keeping)
    (kept,) = (keeping.settings.folders.recordings / "store").rglob("*.sealed")
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(data)
    assert (await supervisor.get(address(recorded, "/audio"))).status_code == 410
    assert stores_of(keeping.settings).current.size(str(kept.relative_to(kept.parents[3]))) == len(data)


async def test_the_contact_shows_its_recordings(supervisor: httpx.AsyncClient, recorded: Recorded) -> None:
    shown = (await supervisor.get(f"/api/interactions/{recorded.contact.interaction}")).json()
    assert [one["id"] for one in shown["audio"]] == [str(recorded.id)]
    assert shown["audio"][0]["playable"] is True
    assert timedelta(milliseconds=shown["audio"][0]["duration_ms"]) == timedelta(seconds=1)
