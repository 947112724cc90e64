"""Whether an operator may end a call, as the project and the queue have it."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from centrala.flows.contacts.state import Contact
from centrala.flows.contacts.voice import Voice
from centrala.routing.dispatch.load import NOTHING_LAID, Laid, QueueInfo
from centrala.routing.schemas import QueueRules, Thresholds
from centrala.routing.service import QueueId

PROJECT, QUEUE = UUID(int=1), UUID(int=2)


def laid(*, project: bool, queue: bool) -> Laid:
    info = QueueInfo(
        id=QUEUE, project_id=PROJECT, name="Support", zone=ZoneInfo("UTC"), rules=QueueRules(),
        thresholds=Thresholds(), plan=None, music_prompt_id=None, announcement_prompt_id=None,
        operator_may_hang_up=queue,
    )  # fmt: skip
    return Laid(
        settings=NOTHING_LAID.settings,
        queues={QueueId(str(QUEUE)): info},
        client_ends=frozenset() if project else frozenset({PROJECT}),
    )


@pytest.mark.parametrize(
    ("project", "queue", "in_queue", "may"),
    [
        (True, True, True, True),
        (True, False, True, False),
        (False, True, True, False),
        (True, False, False, True),  # came by no queue
        (False, True, False, False),
    ],
)
def test_project_and_queue_must_both_allow_it(*, project: bool, queue: bool, in_queue: bool, may: bool) -> None:
    contact = Contact(
        id=UUID(int=3), project_id=PROJECT, direction="in", number="", name="", called="",
        came_at=datetime(2026, 11, 22, tzinfo=UTC), call_id=UUID(int=4), queue_id=QUEUE if in_queue else None,
    )  # fmt: skip
    nothing = cast("Any", None)
    voice = Voice(lambda: laid(project=project, queue=queue), nothing, nothing, "")
    assert voice.may_hang_up(contact) is may
