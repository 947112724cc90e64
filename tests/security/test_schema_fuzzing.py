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

schema = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="session")
def token(live_server: LiveServer) -> Iterator[str]:
    """A token of the administrator with every scope; unlike a session nothing that is sent can end it."""
    who = live_server.credentials("administrator")
    with httpx.Client(base_url=live_server.base_url) as client:
        session = client.post("/api/session", json={"login": who.login, "password": who.password}).json()
        body = {"name": "fuzzing", "scopes": [permission.value for permission in Permission]}
        made = client.post("/api/me/tokens", json=body, headers={"X-CSRF-Token": session["csrf_token"]})
        yield made.json()["token"]


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_to_its_document(
    case: schemathesis.Case[Any], live_server: LiveServer, token: str
) -> None:
    case.call_and_validate(
        base_url=live_server.base_url,
        headers={"Authorization": f"Bearer {token}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
