"""sipvicious, the scanner that everybody runs: it finds nothing, and what it could tell apart looks the same."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from centrala.telephony.sip.digest import Credentials, DigestClient
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.transport import GatePolicy, Listen
from interop.sip.support.centre import Centre
from interop.sip.support.programs import Program
from support.ports import free_port

NAMELESS = GatePolicy(scanners=("nobody calls itself this",))  # the second line: without knowing scanners by name
TALKATIVE = GatePolicy(silent_methods=frozenset(), scanners=("nobody calls itself this",))

Open = Callable[[GatePolicy], Awaitable[Centre]]
Scan = Callable[..., Awaitable[str]]


@pytest.fixture
async def open_centre() -> AsyncIterator[Open]:
    """A centre with the account 100, whose password is 1234."""
    centres: list[Centre] = []

    async def make(gate: GatePolicy) -> Centre:
        one = Centre(accounts={"100": "1234"})
        await one.start([Listen(Transport.UDP, "127.0.0.1", 0)], gate=gate)
        centres.append(one)
        return one

    yield make
    for one in centres:
        await one.stop()


@pytest.fixture
async def scan(tmp_path: Path) -> AsyncIterator[Scan]:
    running: list[Program] = []

    async def run(name: str, centre: Centre, *arguments: str) -> str:
        common = ["-p", str(centre.port()), "-P", str(free_port()), "-b", "127.0.0.1"]
        program = Program(name, [*common, *arguments, "127.0.0.1"], tmp_path / name)
        running.append(program)
        await program.start()
        await program.wait(30.0)
        return program.output

    yield run
    for program in running:
        await program.end()


async def test_the_map_is_empty(open_centre: Open, scan: Scan) -> None:
    centre = await open_centre(NAMELESS)
    assert "found nothing" in await scan("svmap", centre)
    assert centre.endpoint.counters["dropped_silent"] >= 1


async def test_the_map_would_show_a_server_that_answers_strangers(open_centre: Open, scan: Scan) -> None:
    """That the scanner works at all."""
    assert "Centrala" in await scan("svmap", await open_centre(TALKATIVE))


async def test_no_account_is_found_by_name_of_the_scanner(open_centre: Open, scan: Scan) -> None:
    centre = await open_centre(GatePolicy())
    assert "found nothing" in await scan("svwar", centre, "-e95-105")
    assert centre.endpoint.counters["dropped_scanner"] >= 1


@pytest.mark.parametrize("more", [[], ["--force"]])
async def test_no_account_is_told_from_those_that_there_are_not(open_centre: Open, scan: Scan, more: list[str]) -> None:
    output = await scan("svwar", await open_centre(NAMELESS), "-e95-105", *more)
    assert "found nothing" in output
    assert "reqauth" not in output  # what it would write beside an account that it has found


@pytest.mark.parametrize("gate", [GatePolicy(), NAMELESS])
async def test_no_password_is_cracked(open_centre: Open, scan: Scan, gate: GatePolicy) -> None:
    output = await scan("svcrack", await open_centre(gate), "-u", "100", "-r", "1200-1240")
    assert "found nothing" in output


async def test_a_guesser_without_a_name_is_slowed_before_the_right_password(
    open_centre: Open,
) -> None:
    """svcrack 0.3.3 fails at our qop; this one would have the password at its 35th try."""
    centre = await open_centre(GatePolicy())
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guesser:
        guesser.connect(("127.0.0.1", centre.port()))
        guesser.settimeout(0.0)

        async def ask(request: Request) -> Response:
            await loop.sock_sendall(guesser, request.to_bytes())
            answer = parse_datagram(await asyncio.wait_for(loop.sock_recv(guesser, 4096), 5))
            assert isinstance(answer, Response)
            return answer

        statuses = set()
        for number in range(1200, 1240):
            client = DigestClient(Credentials("100", str(number)), SeededTokens(b"guess %d" % number))
            assert client.challenged(await ask(register(2 * number)))
            signed = register(2 * number + 1)
            client.sign(signed)
            statuses.add((await ask(signed)).status)
    assert statuses == {401}
    assert centre.refused == 10  # the free tries; the right one was not even looked at
    assert centre.bindings("100") == []


def register(number: int) -> Request:
    made = parse_datagram(
        (
            f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{number}\r\n"
            f"From: <sip:100@127.0.0.1>;tag={number}\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: {number}\r\n"
            f"CSeq: {number} REGISTER\r\nContact: <sip:100@127.0.0.1:9>\r\nMax-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
    )
    assert isinstance(made, Request)
    return made
