"""Messages that callers left: listed, marked as heard."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from centrala.ivr.service import keep_voicemail
from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.work import work
from conftest import TurnedClock


@pytest.fixture
async def messages(database: Database, clock: TurnedClock, project: UUID) -> list[UUID]:
    """Two messages, the older first."""
    left = []
    async with work(database, Wall(projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        for hours in (2, 1):
            kept = await keep_voicemail(
                unit,
                project_id=project,
                interaction_id=uuid4(),
                recording_id=uuid4(),
                box="night",
                language="ro",
                seconds=12.5,
                left_at=unit.now - timedelta(hours=hours),
            )
            left.append(kept.id)
    return left


async def test_the_newest_message_comes_first(supervisor: httpx.AsyncClient, messages: list[UUID]) -> None:
    found = (await supervisor.get("/api/voicemails")).json()["items"]
    assert [one["id"] for one in found] == [str(one) for one in reversed(messages)]
    assert found[0]["heard_at"] is None


async def test_a_message_that_was_heard_is_no_longer_new(supervisor: httpx.AsyncClient, messages: list[UUID]) -> None:
    address = f"/api/voicemails/{messages[0]}"
    heard = await supervisor.patch(address, json={"heard": True})
    assert heard.json()["heard_at"] == "2026-11-20T09:00:00Z"
    assert heard.json()["heard_by"] is not None
    new = (await supervisor.get("/api/voicemails", params={"heard": False})).json()["items"]
    assert [one["id"] for one in new] == [str(messages[1])]
    again = await supervisor.patch(address, json={"heard": False})
    assert (again.json()["heard_at"], again.json()["heard_by"]) == (None, None)
