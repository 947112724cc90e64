"""The small centre, and the loop that the program runs on."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from centrala.telephony.sip.flow import Transport
from centrala.telephony.transport import Listen
from interop.sip.support.centre import Centre
from interop.sip.support.programs import free_port


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    """A centre on one port of UDP and TCP, with the phones ana and ion."""
    one = Centre(accounts={"ana": "sun-and-moon", "ion": "forest-path"})
    port = free_port()
    await one.start([Listen(Transport.UDP, "127.0.0.1", port), Listen(Transport.TCP, "127.0.0.1", port)])
    yield one
    await one.stop()
