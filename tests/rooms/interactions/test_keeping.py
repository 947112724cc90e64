"""How long things are kept: by rule, by quota, by erasure; and the audit that finds what does not fit."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, select, text, update

from centrala.interactions.everywhere import everywhere
from centrala.interactions.models import (
    AuditRun,
    Finding,
    Interaction,
    Promise,
    RecordingFile,
    RecordingMark,
    TimelineRow,
)
from centrala.interactions.service.auditing import audit_recordings
from centrala.interactions.service.keeping import months_before
from centrala.interactions.service.retaining import keep_rules
from centrala.interactions.service.storing import Keeping, delete_recording, store_waiting
from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.settings import AppSettings
from centrala.kit.work import work
from centrala.telephony.calls.models import CallRow, LegRow, RecordingRow
from centrala.telephony.trace.service import FORGET_CALLS
from conftest import TurnedClock
from support.contacts import CUSTOMER, Contact, Recorded, a_contact, at, file_row, record, seen, write_sound
from support.people import Person

Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]

RULES = {
    "record_calls": True,
    "recording_months": None,
    "personal_months": None,
    "quota_mb": None,
    "oldest_first": False,
}


async def rule(client: httpx.AsyncClient, project: UUID, **rules: Any) -> httpx.Response:
    address = f"/api/interactions/retention/{project}"
    version = (await client.get(address)).json()["version"]
    answer = await client.put(address, json={**RULES, **rules}, headers=at(version))
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ((2026, 11, 20), 3, (2026, 8, 20)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2024, 3, 31), 1, (2024, 2, 29)),
        ((2026, 1, 15), 13, (2024, 12, 15)),
    ],
)
def test_months_are_those_of_the_calendar(day: tuple[int, int, int], months: int, before: tuple[int, int, int]) -> None:
    assert months_before(datetime(*day, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)


async def test_a_project_without_rules_records_and_keeps(supervisor: httpx.AsyncClient, other_project: UUID) -> None:
    assert (await supervisor.get(f"/api/interactions/retention/{other_project}")).status_code == 404


async def test_recordings_older_than_agreed_go_and_younger_stay(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    clock: TurnedClock, facts: Facts,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    await rule(supervisor, project, recording_months=3)
    clock.advance(days=80)
    await keep_rules(keeping)
    assert (await file_row(database, project, recorded.id)).state == "stored"
    clock.advance(days=20)
    await keep_rules(keeping)
    row = await file_row(database, project, recorded.id)
    assert (row.state, row.deleted_why) == ("deleted", "retention")
    assert ("recording.deleted", str(recorded.id)) in await facts()


async def test_personal_data_older_than_agreed_is_wiped_and_the_figures_stay(
    supervisor: httpx.AsyncClient, keeping: Keeping, contact: Contact, database: Database, *, project: UUID,
    clock: TurnedClock, trail: Trail,
) -> None:  # fmt: skip
    async with database.begin(seen(project)) as session:
        await session.execute(update(Interaction).values(ended_at=clock(), talk_seconds=60))
    await rule(supervisor, project, personal_months=1)
    clock.advance(days=32)
    await keep_rules(keeping)
    async with database.begin(seen(project)) as session:
        row = await session.get_one(Interaction, contact.interaction)
        line = await session.scalar(select(TimelineRow))
    assert (row.party_number, row.party_name, row.note, row.talk_seconds) == ("", "", "", 60)
    assert line is not None
    assert line.details == {}
    assert ("interactions.wiped", {"contacts": 1}) in await trail()


@pytest.mark.parametrize(("oldest_first", "state"), [(False, "stored"), (True, "deleted")])
async def test_beyond_the_quota_it_is_told_and_the_oldest_goes_only_if_agreed(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    facts: Facts, oldest_first: bool, state: str,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    async with database.begin(seen(project)) as session:
        await session.execute(update(RecordingFile).values(sealed_size=2_000_000))
    await rule(supervisor, project, quota_mb=1, oldest_first=oldest_first)
    await keep_rules(keeping)
    assert ("recordings.quota_reached", str(project)) in await facts()
    assert (await file_row(database, project, recorded.id)).state == state


async def test_the_used_space_is_shown(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, project: UUID
) -> None:
    await store_waiting(keeping)
    row = await file_row(database, project, recorded.id)
    shown = (await supervisor.get(f"/api/interactions/retention/{project}")).json()
    assert shown["used_bytes"] == row.sealed_size


async def test_an_erased_customer_is_gone_everywhere_and_the_figures_stay(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    trail: Trail,
) -> None:  # fmt: skip
    contact = recorded.contact
    async with database.begin(seen(project)) as session:
        call = await session.scalar(select(CallRow.id))
        await session.execute(update(Interaction).values(call_id=call))
    address = f"/api/customers/{contact.customer}/erase"
    wrong = await supervisor.post(address, json={"confirm": "Somebody"})
    assert wrong.json()["errors"][0]["code"] == "does_not_match"
    erased = await supervisor.post(address, json={"confirm": "Maria Ceban"})
    assert erased.status_code == 200, erased.text
    assert (erased.json()["name"], erased.json()["phones"]) == ("", [])
    async with database.begin(seen(project)) as session:
        for model in (Interaction, TimelineRow, Promise, RecordingMark, CallRow, LegRow):
            for row in await session.execute(select(model.__table__)):
                values = str(tuple(row))
                assert CUSTOMER not in values, model
                assert "router" not in values
                assert "123456" not in values
    async with database.begin(seen(project)) as session:
        jobs = text("SELECT args->'call_ids' FROM procrastinate_jobs WHERE task_name = :name")
        assert (await session.scalars(jobs, {"name": FORGET_CALLS})).all() == [["a@b"]]
    assert "customer.erased" in [action for action, _ in await trail()]
    assert await delete_recording(keeping, await everywhere(database), recorded.id, why="erasure")
    again = await supervisor.post(address, json={"confirm": ""})
    assert again.json()["code"] == "customers.erased"


async def findings(database: Database, project: UUID) -> list[str]:
    async with database.begin(seen(project)) as session:
        return sorted((await session.scalars(select(Finding.kind))).all())


async def test_the_audit_finds_nothing_where_all_is_well(
    keeping: Keeping, recorded: Recorded, database: Database, project: UUID, clock: TurnedClock
) -> None:
    await forget_calls(database, project, keep={recorded.id})
    await store_waiting(keeping)
    clock.advance(hours=2)
    assert await audit_recordings(keeping) == 0


async def test_the_audit_finds_calls_without_audio_and_audio_without_a_call(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    clock: TurnedClock, operator: Person, settings: AppSettings,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    async with work(database, seen(project), clock=clock) as unit:
        silent = await a_contact(unit, project, operator.id, number="+37369000001")
        lost = await a_contact(unit, project, operator.id, number="+37369000002")
        await record(unit, settings, project, lost)
        stray = await a_contact(unit, project, operator.id, number="+37369000003")
        await record(unit, settings, project, stray)
        for gone in (silent, stray):
            marks = select(RecordingMark).where(RecordingMark.recording_id == gone.recording)
            for mark in await unit.session.scalars(marks):
                await unit.session.delete(mark)
            await unit.session.delete(await unit.session.get_one(RecordingFile, gone.recording))
        await unit.session.execute(update(Interaction).values(ended_at=clock()))
    await forget_calls(database, project, keep={lost.recording, stray.recording, recorded.id})
    await store_waiting(keeping)
    (kept,) = (settings.folders.recordings / "store").rglob(f"{lost.recording}.sealed")
    kept.unlink()
    clock.advance(hours=2)
    await supervisor.get("/api/session")  # notes that the session lives; in this store that moves the wall
    await audit_recordings(keeping)
    kinds = await findings(database, project)
    assert kinds.count("call_without_audio") == 2
    assert kinds.count("audio_missing") == 1
    assert kinds.count("audio_without_call") == 1
    shown = (await supervisor.get("/api/interactions/audit", params={"kind": "audio_missing"})).json()["items"]
    assert [one["recording_id"] for one in shown] == [str(lost.recording)]


async def forget_calls(database: Database, project: UUID, *, keep: set[UUID]) -> None:
    """The sample of a call brings a recording of no contact; it is not what these tests are about."""
    async with database.begin(seen(project)) as session:
        await session.execute(delete(RecordingRow).where(RecordingRow.id.not_in(keep)))


async def test_a_file_that_nobody_knows_is_told_to_the_centre_and_stays(
    keeping: Keeping, database: Database, project: UUID, clock: TurnedClock, settings: AppSettings
) -> None:
    folder = settings.folders.recordings
    old, young = folder / "2026/11/20/nobody.wav", folder / f"2026/11/20/{new_id()}.wav"
    for path, age in ((old, timedelta(days=1)), (young, timedelta(0))):
        write_sound(path)
        os.utime(path, ((clock() - age).timestamp(),) * 2)
    assert await audit_recordings(keeping) == 1
    async with database.begin(seen(project)) as session:
        assert (await session.scalars(select(Finding.file))).all() == ["2026/11/20/nobody.wav"]
    async with database.begin(Wall(projects=frozenset({ProjectId(project)}))) as session:
        assert (await session.scalars(select(Finding.file))).all() == []
    assert old.exists()


async def test_what_a_rule_would_delete_is_said_before_it_is_agreed_and_is_what_it_deletes(
    client_as: ClientAs, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    clock: TurnedClock,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    row = await file_row(database, project, recorded.id)
    async with database.begin(seen(project)) as session:
        await session.execute(update(Interaction).values(ended_at=clock()))
    clock.advance(days=100)
    supervisor = await client_as("supervisor", projects=(project,))
    address = f"/api/interactions/retention/{project}/effect"
    asked = {"recording_months": 3, "personal_months": 3, "quota_mb": 1, "oldest_first": True}
    foreseen = (await supervisor.get(address, params=asked)).json()
    assert foreseen == {"recordings": 1, "bytes": row.sealed_size, "contacts": 1, "over_quota_bytes": 0}
    kept = (await supervisor.get(address, params={"recording_months": 4})).json()
    assert kept == {"recordings": 0, "bytes": 0, "contacts": 0, "over_quota_bytes": 0}
    await rule(supervisor, project, recording_months=3)
    await keep_rules(keeping)
    assert (await file_row(database, project, recorded.id)).state == "deleted"


@pytest.mark.parametrize(("oldest_first", "goes"), [(False, 0), (True, 1)])
async def test_beyond_the_quota_only_those_are_foreseen_to_go_that_are_agreed_to(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    oldest_first: bool, goes: int,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    async with database.begin(seen(project)) as session:
        await session.execute(update(RecordingFile).values(sealed_size=2_500_000))
    address = f"/api/interactions/retention/{project}/effect"
    foreseen = (await supervisor.get(address, params={"quota_mb": 1, "oldest_first": oldest_first})).json()
    assert (foreseen["over_quota_bytes"], foreseen["recordings"]) == (1_500_000, goes)


async def test_every_project_in_sight_is_listed_with_what_it_has(
    supervisor: httpx.AsyncClient, keeping: Keeping, recorded: Recorded, database: Database, *, project: UUID,
    other_project: UUID,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    row = await file_row(database, project, recorded.id)
    (shown,) = (await supervisor.get("/api/interactions/retention")).json()
    assert shown["project_id"] == str(project) != str(other_project)
    assert (shown["recordings"], shown["used_bytes"], shown["recording_months"]) == (1, row.sealed_size, None)
    assert shown["oldest_at"] is not None


async def test_an_audit_is_run_when_somebody_asks_and_one_at_a_time(
    supervisor: httpx.AsyncClient, keeping: Keeping, database: Database, *, project: UUID, trail: Trail,
    clock: TurnedClock,
) -> None:  # fmt: skip
    address = "/api/interactions/audit/run"
    assert (await supervisor.get(address)).json() is None
    asked = await supervisor.post(address)
    assert asked.status_code == 202, asked.text
    assert asked.json()["ended_at"] is None
    assert (await supervisor.post(address)).json()["code"] == "interactions.audit_under_way"
    async with database.begin(seen(project)) as session:
        run = await session.scalar(select(AuditRun))
        assert run is not None
        jobs = text("SELECT args->>'run_id' FROM procrastinate_jobs WHERE task_name = 'interactions.audit_now'")
        assert (await session.scalars(jobs)).all() == [str(run.id)]
    await audit_recordings(keeping, run.id)
    shown = (await supervisor.get(address)).json()
    assert (shown["ended_at"] is not None, shown["store_answered"]) == (True, True)
    assert ("recordings.audited", {}) in await trail()
    clock.advance(hours=1)
    assert (await supervisor.post(address)).status_code == 202


async def test_a_run_that_died_hinders_nobody_for_long(supervisor: httpx.AsyncClient, clock: TurnedClock) -> None:
    await supervisor.post("/api/interactions/audit/run")
    clock.advance(minutes=61)
    assert (await supervisor.post("/api/interactions/audit/run")).status_code == 202


async def test_findings_are_exported_with_a_trace(
    client_as: ClientAs, keeping: Keeping, recorded: Recorded, *, project: UUID,
    clock: TurnedClock, settings: AppSettings, trail: Trail,
) -> None:  # fmt: skip
    await store_waiting(keeping)
    (kept,) = (settings.folders.recordings / "store").rglob(f"{recorded.id}.sealed")
    kept.unlink()
    clock.advance(hours=2)
    supervisor = await client_as("supervisor", projects=(project,))
    await audit_recordings(keeping)
    answer = await supervisor.get("/api/interactions/audit/export", params={"kind": "audio_missing"})
    header, row = answer.text.lstrip("\ufeff").splitlines()
    assert header.startswith("kind,project_id,happened_at,interaction_id,recording_id")
    assert row.startswith(f"audio_missing,{project},")
    assert str(recorded.id) in row
    assert ("findings.exported", {"rows": 1}) in await trail()
