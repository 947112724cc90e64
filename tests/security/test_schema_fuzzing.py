"""Schemathesis sends what the OpenAPI document allows, and what it does not, to every operation.

No answer is a server error, and every answer has a status, a content type and a body that the document names.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from centrala.kit.access import Permission
from centrala.web.openapi import document
from support.servers import LiveServer

EXAMPLES = 8  # requests of each kind to each operation

schemathesis.serializer.alias("audio/wav", "application/octet-stream")

DRAWN = ["create_flow", "import_flow", "save_flow_draft", "check_flow", "simulate_flow"]
"""Operations that take a whole flow: one request for each place of its form would be thousands, so theirs are drawn."""

schema = schemathesis.openapi.from_dict(document()).exclude(operation_id=DRAWN)
flows = schemathesis.openapi.from_dict(document()).include(operation_id=DRAWN)
flows.config.phases.coverage.enabled = False


@pytest.fixture(scope="session")
def token(live_server: LiveServer) -> Iterator[str]:
    """A token of the administrator with every scope; unlike a session nothing that is sent can end it."""
    who = live_server.credentials("administrator")
    with httpx.Client(base_url=live_server.base_url) as client:
        session = client.post("/api/session", json={"login": who.login, "password": who.password}).json()
        body = {"name": "fuzzing", "scopes": [permission.value for permission in Permission]}
        made = client.post("/api/me/tokens", json=body, headers={"X-CSRF-Token": session["csrf_token"]})
        yield made.json()["token"]


def send(case: schemathesis.Case[Any], server: LiveServer, token: str) -> None:
    case.call_and_validate(
        base_url=server.base_url,
        headers={"Authorization": f"Bearer {token}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_to_its_document(
    case: schemathesis.Case[Any], live_server: LiveServer, token: str
) -> None:
    send(case, live_server, token)


@flows.parametrize()
@settings(max_examples=5 * EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_with_a_flow_keeps_to_its_document(
    case: schemathesis.Case[Any], live_server: LiveServer, token: str
) -> None:
    send(case, live_server, token)
