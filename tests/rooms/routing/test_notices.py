"""Notices: to a project, a queue or people; unread until they are closed; the sender sees who has."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from centrala.kit.database import Database
from conftest import TurnedClock
from support.centre import Centre, make_centre

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def centre(database: Database, clock: TurnedClock, project: UUID) -> Centre:
    return await make_centre(database, clock, people=2, project=project)


async def unread(client: httpx.AsyncClient) -> list[str]:
    return [one["text"] for one in (await client.get("/api/notices")).json()]


async def test_a_notice_to_a_project_is_unread_by_each_until_they_close_it(
    centre: Centre, other_project: UUID, client_as: ClientAs
) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    one, other = [await client_as("operator", projects=(centre.project,)) for _ in range(2)]
    stranger = await client_as("operator", projects=(other_project,))
    form = {"text": "The line in Soroca is down", "project_id": str(centre.project)}
    sent = await supervisor.post("/api/notices", json=form)
    assert sent.status_code == 201, sent.text
    assert await unread(one) == await unread(other) == ["The line in Soroca is down"]
    assert await unread(stranger) == []
    path = f"/api/notices/{sent.json()['id']}"
    assert (await one.post(f"{path}/read")).status_code == 204
    assert (await one.post(f"{path}/read")).status_code == 204
    assert (await unread(one), await unread(other)) == ([], ["The line in Soroca is down"])
    (row,) = (await supervisor.get("/api/notices/sent")).json()["items"]
    assert (row["readers"], row["read"]) == (sent.json()["readers"], 1)
    readers = (await supervisor.get(f"{path}/readers")).json()
    assert len([reader for reader in readers if reader["read_at"]]) == 1
    assert (await stranger.post(f"{path}/read")).status_code == 404


async def test_a_notice_to_a_queue_reaches_who_serves_it(centre: Centre, client_as: ClientAs) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    idle = await client_as("operator", projects=(centre.project,))
    sent = await supervisor.post("/api/notices", json={"text": "Come back", "queue_id": centre.queues[0]})
    assert sent.json()["readers"] == 2
    assert await unread(idle) == []


async def test_a_notice_to_people_reaches_them_alone(centre: Centre, client_as: ClientAs) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    sent = await supervisor.post(
        "/api/notices", json={"text": "See me", "people": [str(centre.people[0].id)], "urgent": True}
    )
    assert (sent.status_code, sent.json()["readers"]) == (201, 1)
    readers = (await supervisor.get(f"/api/notices/{sent.json()['id']}/readers")).json()
    assert [reader["person_id"] for reader in readers] == [str(centre.people[0].id)]


async def test_only_the_centres_people_speak_to_the_whole_centre(
    centre: Centre, other_project: UUID, client_as: ClientAs
) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    administrator = await client_as("administrator")
    stranger = await client_as("operator", projects=(other_project,))
    assert (await supervisor.post("/api/notices", json={"text": "All"})).status_code == 403
    assert (await administrator.post("/api/notices", json={"text": "All"})).status_code == 201
    assert await unread(stranger) == ["All"]


async def test_nobody_speaks_to_people_or_queues_that_they_do_not_see(
    centre: Centre, other_project: UUID, client_as: ClientAs
) -> None:
    foreign = await client_as("supervisor", projects=(other_project,))
    for form in (
        {"queue_id": centre.queues[0]},
        {"people": [str(centre.people[0].id)]},
        {"project_id": str(centre.project)},
    ):
        assert (await foreign.post("/api/notices", json={"text": "x", **form})).status_code == 422, form


async def test_a_notice_of_last_week_is_no_news(centre: Centre, client_as: ClientAs, clock: TurnedClock) -> None:
    supervisor = await client_as("supervisor", projects=(centre.project,))
    await supervisor.post("/api/notices", json={"text": "Old", "project_id": str(centre.project)})
    assert await unread(supervisor) == ["Old"]
    clock.advance(days=7, seconds=1)
    late = await client_as("supervisor", projects=(centre.project,))
    assert await unread(late) == []
