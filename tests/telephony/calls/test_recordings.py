"""Recordings of calls: a row first, clients left and the centre right, an end that says how."""

from pathlib import Path
from uuid import UUID

import pytest

from centrala.telephony.calls.errors import Gone, NotNow
from centrala.telephony.calls.events import RecordingEnded, RecordingStarted
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.service import CallSettings
from centrala.telephony.calls.store import Kind
from telephony.calls.stage import Stage, answers
from telephony.calls.test_within import do, leg_of, menu, over, talk, the_call


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(settings=CallSettings(recordings=tmp_path))


async def test_a_recording_has_its_row_before_the_engine_is_asked(stage: Stage) -> None:
    alice, _ = await talk(stage)
    order: list[str] = []
    stage.rows.on_flush = lambda: order.append(f"rows {len(stage.rows.rows[Kind.RECORDING])}")
    recording = await do(stage, stage.calls.record(the_call(stage).id))
    assert order == ["rows 1"]
    assert stage.one(RecordingStarted).recording_id == recording
    (record,) = stage.media.records.values()
    assert (record.left, len(record.right)) == ([leg.name for leg in the_call(stage).legs.values()], 0)
    await over(stage, alice)
    ended = stage.one(RecordingEnded)
    row = stage.rows.rows[Kind.RECORDING][recording]
    assert (ended.reason, row["reason"], row["size"], len(row["sha256"])) == ("room_closed", "room_closed", 44, 64)
    assert "recording.ended" in [fact.kind for fact in stage.rows.facts]


async def test_clients_are_left_and_the_centre_right_and_supervisors_on_neither_side(stage: Stage) -> None:
    alice = await menu(stage)
    bob, sue = stage.phone("bob", answers), stage.phone("sue", answers)
    call = the_call(stage)
    recording = await do(stage, stage.calls.record(call.id))
    await do(stage, stage.calls.dial(call.id, [stage.target(bob, phone_id=UUID(int=1))]))
    await do(stage, stage.calls.dial(call.id, [stage.target(sue, phone_id=UUID(int=2))], role=Role.LISTENING))
    await stage.run(2.0)
    (record,) = stage.media.records.values()
    assert (record.left, record.right) == ([leg_of(stage, "alice").name], [leg_of(stage, "bob").name])
    await do(stage, stage.calls.pause_recording(recording, paused=True))
    await do(stage, stage.calls.pause_recording(recording, paused=False))
    await do(stage, stage.calls.stop_recording(recording))
    await stage.settle()
    assert [mark["kind"] for mark in stage.rows.rows[Kind.RECORDING][recording]["marks"]] == ["pause", "resume"]
    with pytest.raises(Gone):
        await stage.calls.stop_recording(recording)
    await over(stage, alice)


async def test_an_engine_that_does_not_record_leaves_a_row_that_says_so(stage: Stage) -> None:
    alice, _ = await talk(stage)
    stage.media.refuse_next("record.start", "disk_full")
    with pytest.raises(NotNow):
        await stage.calls.record(the_call(stage).id)
    (row,) = stage.rows.rows[Kind.RECORDING].values()
    assert row["reason"] == "failed"
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await over(stage, alice)
