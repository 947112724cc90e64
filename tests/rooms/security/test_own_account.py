"""One's own profile, sessions, tokens and saved filters."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from conftest import BASE_URL, TurnedClock

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def operator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("operator")


@pytest.fixture
async def administrator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("administrator")


async def test_language_and_theme_are_ones_own(operator: httpx.AsyncClient) -> None:
    before = await operator.get("/api/me")
    after = await operator.patch(
        "/api/me", json={"language": "ro", "theme": "dark"}, headers={"If-Match": before.headers["ETag"]}
    )
    assert after.status_code == 200, after.text
    assert (await operator.get("/api/me")).json() | {"language": "ro", "theme": "dark"} == after.json()


async def test_a_save_over_a_newer_version_is_refused_and_shows_it(operator: httpx.AsyncClient) -> None:
    seen = (await operator.get("/api/me")).headers["ETag"]
    await operator.patch("/api/me", json={"language": "ru"}, headers={"If-Match": seen})
    refused = await operator.patch("/api/me", json={"theme": "dark"}, headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["code"]) == (412, "version.stale")
    assert refused.json()["current"]["language"] == "ru"


async def test_a_save_without_a_version_is_refused(operator: httpx.AsyncClient) -> None:
    refused = await operator.patch("/api/me", json={"theme": "dark"})
    assert (refused.status_code, refused.json()["code"]) == (428, "version.required")


async def test_an_unknown_time_zone_is_refused_beside_its_field(operator: httpx.AsyncClient) -> None:
    refused = await operator.patch("/api/me", json={"time_zone": "Mars/Base"}, headers={"If-Match": '"1"'})
    assert [e["field"] for e in refused.json()["errors"]] == ["time_zone"]


async def test_a_session_of_ones_own_is_ended_and_of_others_is_not_there(client_as: ClientAs) -> None:
    mine, theirs = await client_as("operator"), await client_as("operator")
    other = (await theirs.get("/api/me/sessions")).json()[0]["id"]
    assert (await mine.delete(f"/api/me/sessions/{other}")).status_code == 404
    own = (await mine.get("/api/me/sessions")).json()
    assert [row["current"] for row in own] == [True]
    assert (await mine.delete(f"/api/me/sessions/{own[0]['id']}")).status_code == 204
    assert (await mine.get("/api/me")).status_code == 401


async def make_token(client: httpx.AsyncClient, *scopes: str, **more: str) -> httpx.Response:
    return await client.post("/api/me/tokens", json={"name": "export", "scopes": scopes, **more})


async def test_a_token_does_what_its_scopes_say_and_no_more(administrator: httpx.AsyncClient, app: FastAPI) -> None:
    made = (await make_token(administrator, "roles.read")).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL, headers=headers) as program:
        assert (await program.get("/api/roles")).status_code == 200
        assert (await program.get("/api/audit")).status_code == 403
        assert (await program.get("/api/me")).status_code == 200


async def test_a_token_cannot_make_tokens(administrator: httpx.AsyncClient, app: FastAPI) -> None:
    made = (await make_token(administrator, "tokens.own")).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL, headers=headers) as program:
        assert (await make_token(program, "tokens.own")).status_code == 403


async def test_a_token_ends_at_its_time_and_when_it_is_deleted(
    administrator: httpx.AsyncClient, app: FastAPI, clock: TurnedClock
) -> None:
    made = (await make_token(administrator, "roles.read", expires_at="2026-11-20T10:00:00Z")).json()
    lasting = (await make_token(administrator, "roles.read")).json()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as program:
        program.headers["Authorization"] = f"Bearer {made['token']}"
        assert (await program.get("/api/roles")).status_code == 200
        clock.advance(hours=1)
        assert (await program.get("/api/roles")).status_code == 401
        program.headers["Authorization"] = f"Bearer {lasting['token']}"
        assert (await program.get("/api/roles")).status_code == 200
        assert (await administrator.delete(f"/api/me/tokens/{lasting['id']}")).status_code == 204
        assert (await program.get("/api/roles")).status_code == 401


async def test_a_token_is_told_once(administrator: httpx.AsyncClient) -> None:
    made = (await make_token(administrator, "roles.read")).json()
    assert made["token"] not in (await administrator.get("/api/me/tokens")).text


async def test_a_token_in_the_cookie_is_refused(administrator: httpx.AsyncClient, app: FastAPI) -> None:
    made = (await make_token(administrator, "roles.read")).json()
    cookies = {"centrala_session": made["token"]}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL, cookies=cookies) as program:
        assert (await program.get("/api/roles")).status_code == 401


async def test_scopes_beyond_ones_own_are_refused(client_as: ClientAs) -> None:
    manager = await client_as("manager")
    refused = await make_token(manager, "system.read")
    assert refused.json()["errors"][0]["code"] == "scope_not_held"


async def test_saved_filters_are_kept_replaced_and_deleted(operator: httpx.AsyncClient) -> None:
    body = {"page": "employees", "name": "Night shift", "query": {"team_id": "1", "sort": "-name"}}
    first = (await operator.post("/api/me/views", json=body)).json()
    second = (await operator.post("/api/me/views", json={**body, "query": {"q": "a"}})).json()
    assert first["id"] == second["id"]
    assert (await operator.get("/api/me/views", params={"page": "employees"})).json() == [second]
    assert (await operator.get("/api/me/views", params={"page": "teams"})).json() == []
    assert (await operator.delete(f"/api/me/views/{first['id']}")).status_code == 204
    assert (await operator.get("/api/me/views")).json() == []


async def test_saved_filters_of_others_are_not_there(client_as: ClientAs) -> None:
    mine, theirs = await client_as("operator"), await client_as("operator")
    view = (await theirs.post("/api/me/views", json={"page": "teams", "name": "x", "query": {}})).json()
    assert (await mine.get("/api/me/views")).json() == []
    assert (await mine.delete(f"/api/me/views/{view['id']}")).status_code == 404
