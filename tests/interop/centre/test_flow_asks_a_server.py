"""An HTTP step of a flow against a real server on loopback, while the client is on the line."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from centrala.ivr.machine.definition import FlowDefinition
from centrala.kit.settings import FlowsSettings
from interop.centre.conftest import Floor
from interop.exchange.conftest import until


@dataclass
class Crm:
    """A server of the client company: knows a debt, refuses what it does not know, and may not answer at all."""

    asked: list[str] = field(default_factory=list)
    mute: bool = False
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split("\r\n")[0])
        if not self.mute:
            known = "37369000431" in self.asked[-1]
            body = json.dumps({"client": {"debt": 120}}).encode() if known else b"{}"
            status = "200 OK" if known else "404 Not Found"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        else:
            await reader.read()  # until who asks gives up
        writer.close()


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    one = Crm()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    server.close()


def flow_by_debt(port: int, **queues: str) -> FlowDefinition:
    ask = {
        "id": "ask",
        "kind": "http",
        "url": f"http://127.0.0.1:{port}/clients?number={{caller}}",
        "timeout_seconds": 0.5,
        "results": [{"path": "client.debt", "variable": "debt"}],
    }
    owes: dict[str, Any] = {"variable": "debt", "compare": "more", "compare_as": "number", "value": 100}
    return FlowDefinition.model_validate(
        {
            "start": "ask",
            "nodes": [
                ask,
                {"id": "owes", "kind": "test", "cases": [{"id": "much", "conditions": [owes]}]},
                *({"id": name, "kind": "queue", "queue_id": queue} for name, queue in queues.items()),
            ],
            "edges": [
                {"source": "ask", "exit": "next", "target": "owes"},
                {"source": "ask", "exit": "refused", "target": "unknown"},
                {"source": "ask", "exit": "failed", "target": "away"},
                {"source": "owes", "exit": "case:much", "target": "debts"},
                {"source": "owes", "exit": "else", "target": "unknown"},
            ],
        }
    )


async def test_the_answer_the_refusal_and_the_silence_of_a_server_each_lead_on(floor: Floor, crm: Crm) -> None:
    await floor.kill()
    allowed = FlowsSettings(http_hosts=(f"127.0.0.1:{crm.port}",))
    floor.settings = floor.settings.model_copy(update={"flows": allowed})
    await floor.start()
    number = "+37322000431"
    project = await floor.project(number)
    names = ("debts", "unknown", "away")
    queues = {name: await floor.queue(project, name=name) for name in names}
    await floor.flow(number, flow_by_debt(crm.port, **{name: str(one) for name, one in queues.items()}), project)
    await floor.carrier()

    async def led_to(caller: str) -> str:
        client = await floor.client(caller)
        line = await client.dial(number)
        await asyncio.wait_for(line.answered.wait(), 10)
        contact = await floor.contact()
        await until(lambda: contact.stage.value == "waiting")
        client.hang_up(line)
        await until(lambda: not contact.live)
        return next(name for name, queue in queues.items() if queue == contact.queue_id)

    assert await led_to("+37369000431") == "debts"
    assert await led_to("+37369000432") == "unknown"
    crm.mute = True
    assert await led_to("+37369000433") == "away"
    assert crm.asked[0] == "GET /clients?number=%2B37369000431 HTTP/1.1"
    assert len(crm.asked) == 3
