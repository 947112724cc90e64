"""The small centre, and the loop that the program runs on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from centrala.telephony.sip.flow import Transport
from centrala.telephony.transport import GatePolicy, Listen, TlsFiles
from interop.sip.support.centre import Centre
from interop.sip.support.certificates import Authority
from interop.sip.support.programs import Program
from interop.sip.support.sipp import Sipp, start_sipp
from support.ports import free_port


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def ca_file(authority: Authority) -> Path:
    return authority.path


@pytest.fixture(scope="session")
def tls_files(authority: Authority) -> TlsFiles:
    # The address as a name too: linphone (mbedTLS) looks for it among the names only.
    certificate = authority.issue(authority.path.parent / "server.pem", names=("localhost", "127.0.0.1"))
    return TlsFiles(certificate=certificate, authorities=authority.path)


@pytest.fixture
async def centre(tls_files: TlsFiles) -> AsyncIterator[Centre]:
    """A centre on one port of UDP and TCP and one of TLS, with the phones ana and ion."""
    one = Centre(accounts={"ana": "sun-and-moon", "ion": "forest-path"})
    port = free_port()
    listen = [Listen(transport, "127.0.0.1", port) for transport in (Transport.UDP, Transport.TCP)]
    # Programs under test are strangers until they register, and may ask what we can do.
    open_gate = GatePolicy(silent_methods=frozenset())
    await one.start([*listen, Listen(Transport.TLS, "127.0.0.1", 0)], tls=tls_files, gate=open_gate)
    yield one
    await one.stop()


@pytest.fixture
async def sipp(centre: Centre, tmp_path: Path) -> AsyncIterator[Sipp]:
    """Start SIPp towards the centre, or towards another `target` port."""
    running: list[Program] = []

    async def start(scenario: str, *more: str, target: int | None = None, **rest: Any) -> Program:
        program = await start_sipp(scenario, *more, target=target or centre.port(), folder=tmp_path, **rest)
        running.append(program)
        return program

    yield start
    for program in running:
        await program.end()
