"""The end of a recording is told, whichever of it and the end of its call comes first."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock, Mock
from uuid import UUID

import pytest

from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.hear import Ears
from centrala.flows.contacts.state import Contact
from centrala.telephony.calls.causes import Cause, Ending, HungUpBy
from centrala.telephony.calls.events import CallEnded, CallEvent, RecordingEnded

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CALL, RECORDING = UUID(int=3), UUID(int=14)


def call_over() -> CallEvent:
    return CallEnded(call_id=CALL, at=AT, answered_at=AT, ending=Ending(Cause.ANSWERED, 200, 16, HungUpBy.PEER))


def recording_over() -> CallEvent:
    return RecordingEnded(
        call_id=CALL, at=AT, recording_id=RECORDING, reason="stopped", duration_ms=20_000, size=640_044
    )


class Stage:
    """Ears on one contact that is recorded; the rest of the centre is not there."""

    def __init__(self) -> None:
        self.contact = Contact(
            id=UUID(int=1), project_id=UUID(int=2), direction="in", number="", name="", called="", came_at=AT,
            call_id=CALL, recording_id=RECORDING,
        )  # fmt: skip
        self.calls = AsyncMock()
        self.shared = cast(
            "Any",
            SimpleNamespace(by_call={CALL: self.contact}, calls=self.calls, tell=Mock(), changed=Mock(), counters={}),
        )
        parts: dict[str, Any] = dict.fromkeys(("line", "offers", "endings", "menus", "outward", "watch"), Mock())
        self.ears = Ears(self.shared, **parts)
        self.endings = Endings.__new__(Endings)
        self.endings._shared = self.shared

    def told(self) -> list[str]:
        return [call.args[1] for call in self.shared.tell.call_args_list]


@pytest.mark.parametrize("by_us", [False, True])
@pytest.mark.parametrize("events", [(call_over, recording_over), (recording_over, call_over)])
async def test_it_is_told_once_and_nothing_is_kept(events: tuple[Any, ...], *, by_us: bool) -> None:
    stage = Stage()
    if by_us:
        await stage.endings._end_recording(stage.contact)
        stage.calls.stop_recording.assert_awaited_once_with(RECORDING)
    for event in events:
        stage.ears.hear(event())
    assert stage.told() == ["recording_ended"]
    assert stage.shared.by_call == {}
    assert (stage.contact.recording_id, stage.contact.recording_stops) == (None, None)
