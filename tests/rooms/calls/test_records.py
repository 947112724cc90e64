"""Call detail records and live calls, as each role sees them."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from centrala.kit.ids import new_id
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import Direction, Party
from centrala.telephony.calls.machine import LegState
from centrala.telephony.calls.state import Call, Leg

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
MakeCall = Callable[..., Awaitable[UUID]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ENDED = {
    "answered_at": AT + timedelta(seconds=9),
    "ended_at": AT + timedelta(seconds=70),
    "cause": "answered",
    "sip_status": 200,
    "q850": 16,
    "hung_up_by": "peer",
}
HEARD = {"codec": "PCMA", "mos_received": 3.9, "mos_sent": 4.2, "loss_pct": 0.4, "jitter_ms": 3.5, "packets_lost": 7}


async def listed(client: httpx.AsyncClient, **params: str) -> list[str]:
    answer = await client.get("/api/calls", params=params)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


async def test_a_call_tells_its_legs_times_figures_and_cause(
    client_as: ClientAs, make_call: MakeCall, project: UUID
) -> None:
    trunk = new_id()
    call = await make_call(project, started_at=AT, leg={"trunk_id": trunk, **ENDED, **HEARD}, **ENDED)
    body = (await (await client_as("quality", projects=(project,))).get(f"/api/calls/{call}")).json()
    assert (body["cause"], body["sip_status"], body["q850"], body["hung_up_by"]) == ("answered", 200, 16, "peer")
    assert (body["talk_seconds"], body["mos"], body["trunk_ids"]) == (61.0, 3.9, [str(trunk)])
    (leg,) = body["legs"]
    assert {name: leg[name] for name in HEARD} == HEARD


@pytest.mark.parametrize(("role", "may"), [("senior", False), ("quality", False), ("supervisor", True)])
async def test_numbers_and_names_are_masked_and_revealed_by_role_with_a_trace(
    client_as: ClientAs, make_call: MakeCall, project: UUID, trail: Trail, *, role: str, may: bool
) -> None:
    call = await make_call(project)
    client = await client_as(role, projects=(project,))
    for address in ("/api/calls", f"/api/calls/{call}"):
        text = (await client.get(address)).text
        assert "123456" not in text
        assert "Rusu" not in text
    shown = (await client.get(f"/api/calls/{call}")).json()
    assert shown["caller"] == {"masked": "+373 ••• 56", "revealable": may}
    revealed = await client.post(f"/api/calls/{call}/reveal")
    assert revealed.status_code == (200 if may else 403)
    if may:
        assert revealed.json()["caller"] == "+37369123456"
        assert revealed.json()["legs"][0]["display"] == "Ana Rusu"
    assert (("call.revealed", {}) in await trail()) is may


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("+37369123456", True),
        ("373 69 123-456", True),
        ("0037369123456", True),
        ("+37322000001", True),
        ("201", True),
        ("69123456", False),
        ("+3736912345", False),
        ("20", False),
        ("%", False),
    ],
)
async def test_a_call_is_found_by_a_whole_number_and_by_those_who_may_reveal_it(
    client_as: ClientAs, make_call: MakeCall, project: UUID, q: str, *, found: bool
) -> None:
    call = await make_call(project, leg={"peer": "201"})
    assert await listed(await client_as("supervisor", projects=(project,)), q=q) == ([str(call)] if found else [])
    assert await listed(await client_as("quality", projects=(project,)), q=q) == []


async def test_the_list_is_narrowed_by_time_direction_cause_project_and_trunk(
    client_as: ClientAs, make_call: MakeCall, project: UUID, other_project: UUID
) -> None:
    trunk = new_id()
    early = str(await make_call(project, started_at=AT, direction="out", cause="busy"))
    late = str(await make_call(other_project, started_at=AT + timedelta(hours=1), leg={"trunk_id": trunk}))
    manager = await client_as("manager")
    noon = (AT + timedelta(minutes=30)).isoformat()
    assert await listed(manager) == [late, early]
    assert await listed(manager, sort="started_at") == [early, late]
    assert await listed(manager, since=noon) == [late]
    assert await listed(manager, until=noon) == [early]
    assert await listed(manager, direction="out") == [early]
    assert await listed(manager, cause="busy") == [early]
    assert await listed(manager, cause="no_answer") == []
    assert await listed(manager, project_id=str(other_project)) == [late]
    assert await listed(manager, trunk_id=str(trunk)) == [late]
    refused = await manager.get("/api/calls", params={"sort": "caller"})
    assert refused.status_code == 422


async def test_calls_of_a_project_are_for_its_people_and_calls_without_one_for_the_centre(
    client_as: ClientAs, make_call: MakeCall, project: UUID, other_project: UUID
) -> None:
    ours, theirs, nobodys = [str(await make_call(of)) for of in (project, other_project, None)]
    supervisor = await client_as("supervisor", projects=(project,))
    assert await listed(supervisor) == [ours]
    for hidden in (theirs, nobodys):
        assert (await supervisor.get(f"/api/calls/{hidden}")).status_code == 404
        assert (await supervisor.post(f"/api/calls/{hidden}/reveal")).status_code == 404
    assert set(await listed(await client_as("manager"))) == {ours, theirs, nobodys}


async def test_the_export_is_masked_and_leaves_a_trace(
    client_as: ClientAs, make_call: MakeCall, project: UUID, trail: Trail
) -> None:
    await make_call(project, started_at=AT, leg={**ENDED, **HEARD}, **ENDED)
    answer = await (await client_as("supervisor", projects=(project,))).get("/api/calls/export")
    header, row = answer.text.removeprefix("\ufeff").splitlines()
    shown = dict(zip(header.split(","), row.split(","), strict=True))
    assert (shown["caller"], shown["cause"], shown["talk_seconds"]) == ("'+373 ••• 56", "answered", "61.0")
    assert shown["started_at"] == "2026-11-20T08:00:00+00:00"
    assert (await trail())[-1] == ("calls.exported", {"rows": 1})
    senior = await client_as("senior", projects=(project,))
    assert (await senior.get("/api/calls/export")).status_code == 403


# Live calls


class Ending:
    """As much of `Calls` as the live page uses."""

    def __init__(self, *calls: Call) -> None:
        self._calls = {call.id: call for call in calls}
        self.ended: list[tuple[UUID, Cause]] = []

    def live(self) -> list[Call]:
        return list(self._calls.values())

    def find(self, call_id: UUID) -> Call | None:
        return self._calls.get(call_id)

    async def end(self, call_id: UUID, cause: Cause) -> None:
        self.ended.append((call_id, cause))


def up(project: UUID | None, *, minutes: int = 0) -> Call:
    call = Call(new_id(), Direction.IN, "+37369123456", "+37322000001", AT + timedelta(minutes=minutes), project)
    leg = Leg(new_id(), call, Direction.IN, Party(number="+37369123456"), "", stream=SimpleNamespace(), started_at=AT)  # type: ignore[arg-type]  # no audio here
    leg.state = LegState.RINGING
    call.legs[leg.id] = leg
    return call


@pytest.fixture
def live(app: FastAPI, project: UUID, other_project: UUID) -> Iterator[Ending]:
    calls = Ending(up(project, minutes=5), up(other_project), up(None))
    switch = SimpleNamespace(exchange=SimpleNamespace(calls=calls))
    app.state.telephony = switch
    yield calls
    app.state.telephony = None


async def test_live_calls_are_those_behind_ones_wall_masked_and_the_oldest_first(
    client_as: ClientAs, live: Ending, project: UUID
) -> None:
    supervisor = await client_as("supervisor", projects=(project,))
    answer = await supervisor.get("/api/calls/live")
    body = answer.json()
    (call,) = body["items"]
    assert (call["project_id"], body["running"]) == (str(project), True)
    assert call["legs"][0]["state"] == "ringing"
    assert "123456" not in answer.text
    everything = (await (await client_as("manager")).get("/api/calls/live")).json()["items"]
    assert everything[-1]["id"] == call["id"]
    assert len(everything) == 3


async def test_a_supervisor_ends_a_call_of_theirs_and_the_trail_says_so(
    client_as: ClientAs, live: Ending, project: UUID, trail: Trail
) -> None:
    ours, theirs, nobodys = live.live()
    supervisor = await client_as("supervisor", projects=(project,))
    for hidden in (theirs, nobodys):
        assert (await supervisor.post(f"/api/calls/{hidden.id}/hang-up")).status_code == 404
    assert (await supervisor.post(f"/api/calls/{ours.id}/hang-up")).status_code == 204
    assert live.ended == [(ours.id, Cause.ANSWERED)]
    assert (await trail())[-1] == ("call.hung_up", {})


async def test_a_call_that_is_over_is_left_as_it_is_and_one_of_nobody_is_not_found(
    client_as: ClientAs, live: Ending, make_call: MakeCall, project: UUID
) -> None:
    over = await make_call(project, **ENDED)
    supervisor = await client_as("supervisor", projects=(project,))
    assert (await supervisor.post(f"/api/calls/{over}/hang-up")).status_code == 204
    assert (await supervisor.post(f"/api/calls/{new_id()}/hang-up")).status_code == 404
    assert live.ended == []


async def test_without_telephony_no_call_is_up_and_none_can_be_ended(
    client_as: ClientAs, make_call: MakeCall, project: UUID
) -> None:
    call = await make_call(project)
    supervisor = await client_as("supervisor", projects=(project,))
    body = (await supervisor.get("/api/calls/live")).json()
    assert (body["running"], body["items"]) == (False, [])
    refused = await supervisor.post(f"/api/calls/{call}/hang-up")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
