"""Every route with every role: who holds the permission comes in, nobody else does."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from centrala.kit.access import Permission
from centrala.kit.ids import new_id
from centrala.security.permissions import PERMITTED, Role
from support.matrix import ANYBODY, EXPORTS, LOCAL, ROUTES, SIGNED_IN
from support.routing import Operation, operations, send

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

KEEPS_OUT = {401, 403}


def test_every_route_has_its_line_in_the_matrix_and_every_line_its_route() -> None:
    assert {operation.name for operation in operations()} == set(ROUTES)


async def test_no_address_below_api_answers_that_the_document_does_not_name(client: httpx.AsyncClient) -> None:
    for path in ("/api", "/api/", "/api/docs", "/api/debug", "/api/me/secret", "/docs", "/redoc", "/openapi.json"):
        answer = await client.get(path)
        assert "swagger" not in answer.text.lower(), path
        if path.startswith("/api"):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_every_permission_is_asked_for_by_some_route() -> None:
    asked = {need for need in ROUTES.values() if isinstance(need, Permission)} | {Permission.EXPORT}
    # Who may assign roles is asked inside the change of an employee.
    assert set(Permission) - asked == {Permission.ROLES_ASSIGN}


async def knock(client: httpx.AsyncClient, operation: Operation) -> httpx.Response:
    """The request with ids of nothing and an empty body: enough to be let in or kept out."""
    return await send(client, operation, dict.fromkeys(operation.parameters, new_id()))


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
async def test_nobody_comes_in_without_a_sign_in(client: httpx.AsyncClient, operation: Operation) -> None:
    answer = await knock(client, operation)
    if ROUTES[operation.name] in {ANYBODY, LOCAL}:
        assert answer.status_code not in KEEPS_OUT
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_comes_in_where_it_holds_the_permission_and_nowhere_else(
    client_as: ClientAs, role: Role, project: UUID
) -> None:
    wrong = []
    client = await client_as(role, projects=(project,))
    for operation in operations():
        need = ROUTES[operation.name]
        if not isinstance(need, Permission):
            continue
        answer = await knock(client, operation)
        permitted = need in PERMITTED[role]
        if operation.name in EXPORTS:
            permitted = permitted and Permission.EXPORT in PERMITTED[role]
        kept_out = answer.status_code in KEEPS_OUT
        if kept_out == permitted:
            wrong.append((operation.name, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_reaches_what_is_its_own(client_as: ClientAs, role: Role) -> None:
    client = await client_as(role)
    for operation in operations():
        if ROUTES[operation.name] == SIGNED_IN and operation.method == "GET":
            assert (await knock(client, operation)).status_code == 200, operation.name


async def test_somebody_without_any_role_may_do_nothing_but_their_own(client_as: ClientAs) -> None:
    client = await client_as()
    for operation in operations():
        if isinstance(ROUTES[operation.name], Permission):
            assert (await knock(client, operation)).status_code == 403, operation.name


async def test_figures_are_not_for_other_machines(app: FastAPI, client_as: ClientAs) -> None:
    from_elsewhere = httpx.ASGITransport(app, client=("192.0.2.7", 4000))
    async with httpx.AsyncClient(transport=from_elsewhere, base_url="http://127.0.0.1:8080") as client:
        assert (await client.get("/metrics")).status_code == 401
    administrator = await client_as("administrator")
    assert "centrala_http_requests_total" in (await administrator.get("/metrics")).text
