"""The app as browsers meet it: over a socket, under uvicorn."""

import httpx
import pytest

from centrala.security.service import Role
from support.servers import LiveServer


@pytest.mark.parametrize("role", list(Role))
def test_a_sample_person_of_every_role_signs_in(live_server: LiveServer, role: Role) -> None:
    who = live_server.credentials(role)
    with httpx.Client(base_url=live_server.base_url) as client:
        answer = client.post("/api/session", json={"login": who.login, "password": who.password})
    assert answer.status_code == 200, answer.text
    assert role in answer.json()["roles"]
