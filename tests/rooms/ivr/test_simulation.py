"""The simulator: a whole call anew for each answer, with the project's own calendars."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from support.drawn import at

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Make = Callable[..., Awaitable[dict[str, Any]]]

MENU = {
    "start": "ask",
    "nodes": [
        {
            "id": "ask",
            "kind": "collect",
            "prompt": [{"kind": "text", "text": {"en": "Card"}}],
            "variable": "card",
            "least": 4,
            "most": 4,
            "secret": True,
        },
        {"id": "bye", "kind": "hangup"},
    ],
    "edges": [{"source": "ask", "exit": "next", "target": "bye"}],
}


async def test_each_answer_tells_what_the_flow_wants_next(supervisor: httpx.AsyncClient, make_flow: Make) -> None:
    flow = await make_flow(definition=MENU)
    address = f"/api/flows/{flow['id']}/simulate"
    first = (await supervisor.post(address, json={"caller": "+37369123456"})).json()
    assert [command["kind"] for command in first["waiting"]] == ["answer"]
    events: list[dict[str, Any]] = [{"event": {"kind": "started", "id": first["waiting"][0]["id"]}}]
    second = (await supervisor.post(address, json={"events": events})).json()
    [asked] = second["waiting"]
    assert (asked["kind"], asked["sounds"][0]["text"], second["path"]) == ("collect", "Card", ["ask"])
    events += [{"at": 3, "event": {"kind": "digits", "id": asked["id"], "digits": "4095"}}]
    third = (await supervisor.post(address, json={"events": events})).json()
    assert (third["ended"], third["path"], third["variables"]["card"]) == ("flow", ["ask", "bye"], "•••")
    assert [step["commands"][-1]["kind"] for step in third["steps"]] == ["answer", "collect", "hang_up"]


async def test_an_answer_to_nothing_is_marked(supervisor: httpx.AsyncClient, make_flow: Make) -> None:
    flow = await make_flow(definition=MENU)
    form = {"events": [{"event": {"kind": "played", "id": 77}}]}
    answer = (await supervisor.post(f"/api/flows/{flow['id']}/simulate", json=form)).json()
    assert [step["ignored"] for step in answer["steps"]] == [False, True]


@pytest.mark.parametrize(
    ("moment", "node"),
    [("2026-11-23T08:00:00Z", "open"), ("2026-11-23T20:00:00Z", "shut"), ("2026-12-25T10:00:00Z", "shut")],
)
async def test_hours_are_those_of_the_calendar_at_the_moment_given(
    *, client_as: ClientAs, supervisor: httpx.AsyncClient, make_flow: Make, project: UUID, moment: str, node: str
) -> None:
    planner = await client_as("supervisor", projects=(project,))
    calendar = await planner.post(
        "/api/calendars",
        json={
            "project_id": str(project),
            "name": "Week",
            "time_zone": "Europe/Chisinau",
            "hours": [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(5)],
            "exceptions": [{"date": "2026-12-25", "name": "Christmas"}],
        },
    )
    flow = await make_flow(
        definition={
            "start": "hours",
            "nodes": [
                {"id": "hours", "kind": "hours", "calendar_id": calendar.json()["id"]},
                {"id": "open", "kind": "hangup"},
                {"id": "shut", "kind": "hangup", "cause": "unavailable"},
            ],
            "edges": [
                {"source": "hours", "exit": "open", "target": "open"},
                {"source": "hours", "exit": "closed", "target": "shut"},
            ],
        }
    )
    address = f"/api/flows/{flow['id']}/simulate"
    answer = (await supervisor.post(address, json={"at": moment})).json()
    assert answer["path"] == ["hours", node]
    by_hand = (await supervisor.post(address, json={"at": moment, "real_hours": False})).json()
    assert [command["kind"] for command in by_hand["waiting"]] == ["hours"]


async def test_a_version_and_a_definition_that_is_not_stored_can_be_tried(
    supervisor: httpx.AsyncClient, make_flow: Make
) -> None:
    flow = await make_flow()
    address = f"/api/flows/{flow['id']}"
    flow = (await supervisor.post(f"{address}/publish", json={}, headers=at(1))).json()
    await supervisor.put(f"{address}/draft", json={"definition": MENU}, headers=at(flow["version"]))
    [version] = (await supervisor.get(f"{address}/versions")).json()["items"]
    assert (await supervisor.post(f"{address}/simulate", json={})).json()["path"] == ["ask"]
    old = await supervisor.post(f"{address}/simulate", json={"version_id": version["id"]})
    assert old.json()["path"] == ["hello"]
    new = {"start": "x", "nodes": [{"id": "x", "kind": "hangup"}]}
    assert (await supervisor.post(f"{address}/simulate", json={"definition": new})).json()["path"] == ["x"]
