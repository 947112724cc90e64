"""Flows over HTTP: drawn, checked, published, rolled back, copied, put away."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from centrala.ivr.service import open_number, open_version
from centrala.kit.access import Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId
from centrala.kit.work import work
from support.drawn import NUMBER, at, said_flow

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[dict[str, Any]]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str]]]]


async def published(client: httpx.AsyncClient, flow: dict[str, Any], note: str = "") -> dict[str, Any]:
    answer = await client.post(f"/api/flows/{flow['id']}/publish", json={"note": note}, headers=at(flow["version"]))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def saved(client: httpx.AsyncClient, flow: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    address = f"/api/flows/{flow['id']}/draft"
    answer = await client.put(address, json={"definition": definition}, headers=at(flow["version"]))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_flow_is_drawn_and_read_as_it_was_drawn(
    supervisor: httpx.AsyncClient, make_flow: Make, trail: Trail, facts: Facts
) -> None:
    flow = await make_flow()
    read = await supervisor.get(f"/api/flows/{flow['id']}")
    assert (read.json(), read.headers["ETag"]) == (flow, '"1"')
    assert flow["published"] is None
    assert flow["unpublished_changes"] is True
    assert flow["difference"]["added"] == ["hello", "bye"]
    assert (await trail())[-1] == ("flow.created", {})
    assert (await facts())[-1] == ("flow.changed", flow["id"])


async def test_a_draft_may_be_as_incomplete_as_an_editor_leaves_it(
    supervisor: httpx.AsyncClient, make_flow: Make
) -> None:
    flow = await make_flow(definition={})
    draft = {"nodes": [{"id": "q", "kind": "queue"}], "edges": [{"source": "q", "exit": "after", "target": "gone"}]}
    after = await saved(supervisor, flow, draft)
    assert after["draft"]["nodes"][0]["queue_id"] is None
    assert after["version"] == 2


@pytest.mark.parametrize(
    "definition",
    [
        {"nodes": [{"id": "x", "kind": "teleport"}]},
        {"nodes": [{"id": "x", "kind": "say", "color": "red"}]},
        {"nodes": [{"id": "two words", "kind": "say"}]},
        {"nodes": [{"id": str(n), "kind": "say"} for n in range(301)]},
        {"nodes": [{"id": "x", "kind": "menu", "choices": [{"key": "12"}]}]},
    ],
)
async def test_what_no_editor_draws_is_refused(
    supervisor: httpx.AsyncClient, make_flow: Make, definition: object
) -> None:
    flow = await make_flow()
    answer = await supervisor.put(f"/api/flows/{flow['id']}/draft", json={"definition": definition}, headers=at(1))
    assert answer.status_code == 422


async def test_two_who_draw_do_not_overwrite_each_other(supervisor: httpx.AsyncClient, make_flow: Make) -> None:
    flow = await make_flow()
    await saved(supervisor, flow, said_flow("First"))
    late = await supervisor.put(
        f"/api/flows/{flow['id']}/draft", json={"definition": said_flow("Second")}, headers=at(1)
    )
    assert late.status_code == 412
    assert late.json()["current"]["draft"]["nodes"][0]["prompt"][0]["text"]["en"] == "First en"


async def test_a_draft_that_is_saved_unchanged_is_no_change(supervisor: httpx.AsyncClient, make_flow: Make) -> None:
    flow = await make_flow()
    assert (await saved(supervisor, flow, flow["draft"]))["version"] == 1


async def test_publishing_makes_a_version_that_later_drafts_do_not_touch(
    supervisor: httpx.AsyncClient, make_flow: Make, trail: Trail, facts: Facts
) -> None:
    flow = await published(supervisor, await make_flow(), "First")
    assert (flow["published"], flow["unpublished_changes"]) == (1, False)
    assert (await trail())[-1] == ("flow.published", {"number": 1})
    assert ("flow.published", flow["id"]) in await facts()
    flow = await saved(supervisor, flow, said_flow("Changed"))
    assert flow["unpublished_changes"] is True
    assert flow["difference"] == {"added": [], "changed": ["hello"], "removed": []}
    [version] = (await supervisor.get(f"/api/flows/{flow['id']}/versions")).json()["items"]
    assert (version["number"], version["note"], version["current"]) == (1, "First", True)
    whole = await supervisor.get(f"/api/flows/{flow['id']}/versions/{version['id']}")
    assert whole.json()["definition"]["nodes"][0]["prompt"][0]["text"]["en"] == "Hello en"


async def test_a_node_that_only_moved_is_no_change(supervisor: httpx.AsyncClient, make_flow: Make) -> None:
    flow = await published(supervisor, await make_flow())
    draft = flow["draft"]
    draft["nodes"][0]["x"] = 400
    flow = await saved(supervisor, flow, draft)
    assert flow["unpublished_changes"] is False
    again = await supervisor.post(f"/api/flows/{flow['id']}/publish", json={}, headers=at(flow["version"]))
    assert again.json()["code"] == "ivr.nothing_to_publish"


async def test_a_flow_with_errors_is_not_published_and_says_where(
    supervisor: httpx.AsyncClient, make_flow: Make
) -> None:
    draft = {"start": "q", "nodes": [{"id": "q", "kind": "queue", "queue_id": str(uuid4())}]}
    flow = await make_flow(definition=draft)
    answer = await supervisor.post(f"/api/flows/{flow['id']}/publish", json={}, headers=at(1))
    assert (answer.status_code, answer.json()["code"]) == (409, "ivr.flow_has_errors")
    assert [(one["code"], one["node_id"]) for one in answer.json()["findings"]] == [("queue_unknown", "q")]


async def test_a_queue_of_the_project_is_known_and_a_host_must_be_allowed(
    supervisor: httpx.AsyncClient, make_flow: Make, queue: UUID
) -> None:
    flow = await make_flow()
    draft = {
        "start": "q",
        "nodes": [
            {"id": "q", "kind": "queue", "queue_id": str(queue)},
            {"id": "web", "kind": "http", "url": "http://127.0.0.1:8080/api/me"},
        ],
    }
    checked = await supervisor.post(f"/api/flows/{flow['id']}/check", json={"definition": draft})
    codes = {(one["code"], one["node_id"]) for one in checked.json()["findings"]}
    assert ("host_not_allowed", "web") in codes
    assert ("queue_unknown", "q") not in codes
    assert checked.json()["publishable"] is False


async def test_rolling_back_publishes_an_old_version_anew(
    supervisor: httpx.AsyncClient, make_flow: Make, trail: Trail
) -> None:
    flow = await published(supervisor, await make_flow())
    flow = await published(supervisor, await saved(supervisor, flow, said_flow("Second")))
    address = f"/api/flows/{flow['id']}"
    versions = (await supervisor.get(f"{address}/versions")).json()["items"]
    assert [version["number"] for version in versions] == [2, 1]
    assert [version["difference"]["changed"] for version in versions] == [["hello"], []]
    form = {"version_id": versions[1]["id"]}
    flow = (await supervisor.post(f"{address}/rollback", json=form, headers=at(flow["version"]))).json()
    assert (flow["published"], flow["draft"]["nodes"][0]["prompt"][0]["text"]["en"]) == (3, "Hello en")
    assert (await trail())[-1] == ("flow.rolled_back", {"number": 3, "to": 1})
    current = (await supervisor.get(f"{address}/versions")).json()["items"][0]
    again = await supervisor.post(
        f"{address}/rollback", json={"version_id": current["id"]}, headers=at(flow["version"])
    )
    assert again.json()["code"] == "ivr.nothing_to_publish"


async def test_a_number_leads_to_the_published_version_and_a_call_keeps_its_own(
    *, supervisor: httpx.AsyncClient, make_flow: Make, number: UUID, project: UUID, database: Database, clock: Clock
) -> None:
    flow = await make_flow()
    routed = await supervisor.put(f"/api/numbers/{number}/flow", json={"flow_id": flow["id"]})
    assert (routed.json()["flow_name"], routed.json()["published"]) == ("Support line", None)
    wall = Wall(projects=frozenset({ProjectId(project)}))
    async with work(database, wall, clock=clock) as unit:
        assert await open_number(unit, NUMBER) is None, "nothing is published yet"
    flow = await published(supervisor, flow)
    async with work(database, wall, clock=clock) as unit:
        first = await open_number(unit, NUMBER)
    await published(supervisor, await saved(supervisor, flow, said_flow("Second")))
    async with work(database, wall, clock=clock) as unit:
        second = await open_number(unit, NUMBER)
        assert first is not None
        assert second is not None
        assert first.version_id is not None
        again = await open_version(unit, first.version_id)
    assert (first.number, second.number, again.number) == (1, 2, 1)
    assert again.version == first.version != second.version


async def test_a_sub_flow_is_frozen_with_the_flow_that_runs_it(
    *, supervisor: httpx.AsyncClient, make_flow: Make, number: UUID, project: UUID, database: Database, clock: Clock
) -> None:
    inner = await make_flow(name="Greeting")
    outer_draft = {
        "start": "sub",
        "nodes": [{"id": "sub", "kind": "flow", "flow_id": inner["id"]}, {"id": "bye", "kind": "hangup"}],
        "edges": [{"source": "sub", "exit": "next", "target": "bye"}],
    }
    outer = await make_flow(name="Entry", definition=outer_draft)
    refused = await supervisor.post(f"/api/flows/{outer['id']}/publish", json={}, headers=at(1))
    assert refused.json()["findings"][0]["code"] == "flow_unknown", "what was never published cannot be run"
    inner = await published(supervisor, inner)
    outer = await published(supervisor, outer)
    await published(supervisor, await saved(supervisor, inner, said_flow("New")))
    await supervisor.put(f"/api/numbers/{number}/flow", json={"flow_id": outer["id"]})
    async with work(database, Wall(projects=frozenset({ProjectId(project)})), clock=clock) as unit:
        opened = await open_number(unit, NUMBER)
    assert opened is not None
    assert "Hello en" in opened.version.subflows[UUID(inner["id"])].model_dump_json()


async def test_names_are_taken_once_in_a_project(supervisor: httpx.AsyncClient, make_flow: Make, project: UUID) -> None:
    first = await make_flow()
    other = await make_flow(name="Night")
    twice = await supervisor.post("/api/flows", json={"project_id": str(project), "name": "Night"})
    assert (twice.status_code, twice.json()["code"]) == (409, "ivr.flow_name_taken")
    renamed = await supervisor.patch(f"/api/flows/{other['id']}", json={"name": "Support line"}, headers=at(1))
    assert renamed.json()["errors"][0]["field"] == "name"
    assert first["name"] == "Support line"


async def test_a_flow_is_put_away_when_no_number_leads_to_it_and_comes_back(
    supervisor: httpx.AsyncClient, make_flow: Make, number: UUID
) -> None:
    flow = await make_flow()
    address = f"/api/flows/{flow['id']}"
    await supervisor.put(f"/api/numbers/{number}/flow", json={"flow_id": flow["id"]})
    assert (await supervisor.post(f"{address}/archive", headers=at(1))).json()["code"] == "ivr.flow_in_use"
    await supervisor.put(f"/api/numbers/{number}/flow", json={"flow_id": None})
    archived = (await supervisor.post(f"{address}/archive", headers=at(1))).json()
    assert archived["archived_at"] is not None
    assert (await supervisor.get("/api/flows")).json()["total"] == 0
    assert (await supervisor.get("/api/flows", params={"state": "archived"})).json()["total"] == 1
    assert (await supervisor.put(f"/api/numbers/{number}/flow", json={"flow_id": flow["id"]})).json()[
        "code"
    ] == "ivr.flow_archived"
    restored = (await supervisor.post(f"{address}/restore", headers=at(2))).json()
    assert restored["archived_at"] is None


async def test_a_flow_goes_as_a_file_into_another_project_and_finds_its_queue_by_name(
    *,
    client_as: ClientAs,
    make_flow: Make,
    queue: UUID,
    project: UUID,
    other_project: UUID,
    database: Database,
    clock: Clock,
) -> None:
    both = await client_as("supervisor", projects=(project, other_project))
    there = (await both.post("/api/queues", json={"project_id": str(other_project), "name": "Faults"})).json()
    draft = {
        "start": "q",
        "nodes": [
            {"id": "q", "kind": "queue", "queue_id": str(queue), "skills": [{"skill_id": str(uuid4())}]},
            {"id": "hours", "kind": "hours", "calendar_id": str(uuid4())},
        ],
    }
    flow = await make_flow(definition=draft)
    file = (await both.get(f"/api/flows/{flow['id']}/file")).json()
    assert file["names"] == {str(queue): "queue:Faults"}
    made = await both.post("/api/flows/import", json={"project_id": str(other_project), "file": file})
    assert made.status_code == 201, made.text
    in_queue, hours = made.json()["draft"]["nodes"]
    assert (in_queue["queue_id"], in_queue["skills"], hours["calendar_id"]) == (there["id"], [], None)
    copied = await both.post(f"/api/flows/{flow['id']}/copy", json={"name": "Copy", "project_id": str(other_project)})
    assert copied.json()["draft"]["nodes"][0]["queue_id"] == there["id"]
    beside = await both.post(f"/api/flows/{flow['id']}/copy", json={"name": "Copy"})
    assert beside.json()["draft"] == flow["draft"]


async def test_an_operator_sees_no_flows(client_as: ClientAs, project: UUID, make_flow: Make) -> None:
    flow = await make_flow()
    operator = await client_as("operator", projects=(project,))
    assert (await operator.get(f"/api/flows/{flow['id']}")).status_code == 403


async def test_a_number_of_another_project_leads_to_no_flow_of_this_one(
    client_as: ClientAs, make_flow: Make, number: UUID, project: UUID, other_project: UUID
) -> None:
    both = await client_as("supervisor", projects=(project, other_project))
    form = {"project_id": str(other_project), "name": "Other"}
    other = (await both.post("/api/flows", json=form)).json()
    answer = await both.put(f"/api/numbers/{number}/flow", json={"flow_id": other["id"]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_reference")
    assert [(one["e164"], one["flow_id"]) for one in (await both.get("/api/numbers")).json()] == [(NUMBER, None)]
