"""linphone as a desk phone, over UDP, TCP and TLS: it knows SHA-256 digests, outbound instances and PRACK."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    Progress,
    Reoffer,
    SessionEnded,
)
from centrala.telephony.sip.digest import Algorithm
from centrala.telephony.sip.flow import Transport
from interop.sip.support.centre import Centre
from interop.sip.support.linphone import Linphone

PASSWORD = "sun-and-moon"
Phone = Callable[..., Awaitable[Linphone]]
every = pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP, Transport.TLS])


@pytest.fixture
async def phone(centre: Centre, tmp_path: Path, ca_file: Path) -> AsyncIterator[Phone]:
    """Start a phone of ana's and let it register."""
    running: list[Linphone] = []

    async def start(transport: Transport, *, password: str = PASSWORD) -> Linphone:
        one = Linphone(tmp_path / "linphone", cafile=ca_file)
        running.append(one)
        await one.start()
        proxy = f"sip:127.0.0.1:{centre.port(transport)};transport={transport.lower()}"
        await one.command(f"register sip:ana@127.0.0.1 {proxy} {password} ana")
        if password == PASSWORD:
            await centre.wait_until_registered("ana")
        return one

    yield start
    for one in running:
        await one.end()


@every
@pytest.mark.parametrize("algorithms", [(Algorithm.MD5,), (Algorithm.SHA256,), (Algorithm.SHA256, Algorithm.MD5)])
async def test_it_registers_by_any_digest(
    phone: Phone, centre: Centre, transport: Transport, algorithms: tuple[Algorithm, ...]
) -> None:
    centre.digest.algorithms = algorithms
    await phone(transport)
    (binding,) = centre.bindings("ana")
    assert binding.flow is not None
    assert binding.flow.transport is transport
    assert binding.instance is not None


async def test_a_wrong_password_registers_nothing(phone: Phone, centre: Centre) -> None:
    linphone = await phone(Transport.UDP, password="guessed")
    await linphone.program.says("Status: Ok")
    await centre.wait_until(lambda: centre.refused > 0)
    assert centre.bindings("ana") == []


@every
async def test_it_calls_holds_resumes_and_hangs_up(phone: Phone, centre: Centre, transport: Transport) -> None:
    linphone = await phone(transport)
    await linphone.command("call sip:desk@127.0.0.1")
    await linphone.becomes("StreamsRunning")
    await centre.wait_for(Acknowledged)
    await linphone.command("call-pause")
    assert b"a=sendonly" in ((await centre.wait_for(Reoffer)).offer or b"")
    await linphone.becomes("Paused")
    await linphone.command("call-resume 1")
    assert b"a=sendonly" not in ((await centre.wait_for(Reoffer, 2)).offer or b"a=sendonly")
    await linphone.command("terminate")
    assert (await centre.wait_for(SessionEnded)).cause.by == "peer"


@every
async def test_it_is_called_and_we_hang_up(phone: Phone, centre: Centre, transport: Transport) -> None:
    linphone = await phone(transport)
    centre.call_phone("ana")
    await linphone.becomes("IncomingReceived")
    await centre.wait_for(Progress)
    await linphone.command("answer")
    answered = await centre.wait_for(Answered)
    await linphone.becomes("StreamsRunning")
    centre.do("hang_up", answered.session)
    await linphone.becomes("End")


async def test_we_cancel_while_it_rings(phone: Phone, centre: Centre) -> None:
    linphone = await phone(Transport.TCP)
    attempt = centre.call_phone("ana")
    await linphone.becomes("IncomingReceived")
    await centre.wait_for(Progress)
    centre.do("cancel", attempt)
    assert (await centre.wait_for(AttemptFailed)).cause.status == 487
    await linphone.becomes("End")


async def test_it_gives_up_while_we_ring(phone: Phone, centre: Centre) -> None:
    linphone = await phone(Transport.UDP)
    await linphone.command("call sip:ring@127.0.0.1")
    await linphone.becomes("OutgoingRinging")
    await linphone.command("terminate")
    assert (await centre.wait_for(SessionEnded)).cause.status == 487


async def test_it_is_told_that_a_line_is_busy(phone: Phone, centre: Centre) -> None:
    linphone = await phone(Transport.UDP)
    await linphone.command("call sip:busy@127.0.0.1")
    await linphone.becomes("Error")
