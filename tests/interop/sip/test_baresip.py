"""baresip as a desk phone: over UDP, TCP and TLS, calling and called."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    Progress,
    Reoffer,
    ReofferAnswered,
    SessionEnded,
)
from centrala.telephony.sip.flow import Transport
from interop.sip.support.baresip import Baresip
from interop.sip.support.centre import Centre, description

PASSWORD = "sun-and-moon"
Phone = Callable[..., Awaitable[Baresip]]
every = pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP, Transport.TLS])


@pytest.fixture
async def phone(centre: Centre, tmp_path: Path, ca_file: Path) -> AsyncIterator[Phone]:
    """Start a phone of ana's that registers with the centre."""
    running: list[Baresip] = []

    async def start(transport: Transport, *, password: str = PASSWORD) -> Baresip:
        place = f"127.0.0.1:{centre.port(transport)};transport={transport.lower()}"
        account = f"<sip:ana@{place}>;auth_user=ana;auth_pass={password};regint=60;answermode=manual"
        one = Baresip(account, tmp_path / "baresip", cafile=ca_file)
        running.append(one)
        await one.start()
        return one

    yield start
    for one in running:
        await one.end()


@every
async def test_it_registers_by_digest(phone: Phone, centre: Centre, transport: Transport) -> None:
    baresip = await phone(transport)
    await centre.wait_until_registered("ana")
    await baresip.program.says("1 binding")
    (binding,) = centre.bindings("ana")
    assert binding.flow is not None
    assert binding.flow.transport is transport


async def test_a_wrong_password_registers_nothing(phone: Phone, centre: Centre) -> None:
    baresip = await phone(Transport.UDP, password="guessed")
    await baresip.program.says("401 Unauthorized (")
    assert centre.refused >= 1
    assert centre.bindings("ana") == []


@every
async def test_it_calls_and_hangs_up(phone: Phone, centre: Centre, transport: Transport) -> None:
    baresip = await phone(transport)
    await baresip.program.says("1 binding")
    await baresip.command("dial", "desk")
    await baresip.hears_of("CALL_ESTABLISHED")
    await centre.wait_for(Acknowledged)
    await baresip.command("hangup")
    ended = await centre.wait_for(SessionEnded)
    assert ended.cause.by == "peer"


@every
async def test_it_is_called_by_its_flow_and_we_hang_up(phone: Phone, centre: Centre, transport: Transport) -> None:
    baresip = await phone(transport)
    await baresip.program.says("1 binding")
    centre.call_phone("ana")
    await baresip.hears_of("CALL_INCOMING")
    await centre.wait_for(Progress)
    await baresip.command("accept")
    answered = await centre.wait_for(Answered)
    await baresip.hears_of("CALL_ESTABLISHED")
    centre.do("hang_up", answered.session)
    await baresip.hears_of("CALL_CLOSED")


@every
async def test_its_call_is_cancelled_while_we_ring(phone: Phone, centre: Centre, transport: Transport) -> None:
    baresip = await phone(transport)
    await baresip.program.says("1 binding")
    await baresip.command("dial", "ring")
    await baresip.hears_of("CALL_RINGING")
    await baresip.command("hangup")
    ended = await centre.wait_for(SessionEnded)
    assert ended.cause.status == 487


@every
async def test_we_cancel_while_it_rings(phone: Phone, centre: Centre, transport: Transport) -> None:
    baresip = await phone(transport)
    await baresip.program.says("1 binding")
    attempt = centre.call_phone("ana")
    await baresip.hears_of("CALL_INCOMING")
    await centre.wait_for(Progress)
    centre.do("cancel", attempt)
    assert (await centre.wait_for(AttemptFailed)).cause.status == 487
    await baresip.hears_of("CALL_CLOSED")


async def test_it_is_told_that_a_line_is_busy(phone: Phone, centre: Centre) -> None:
    baresip = await phone(Transport.UDP)
    await baresip.program.says("1 binding")
    await baresip.command("dial", "busy")
    closed = await baresip.hears_of("CALL_CLOSED")
    assert "486" in str(closed.get("param"))


@every
async def test_it_holds_and_resumes(phone: Phone, centre: Centre, transport: Transport) -> None:
    baresip = await phone(transport)
    await baresip.program.says("1 binding")
    await baresip.command("dial", "desk")
    await baresip.hears_of("CALL_ESTABLISHED")
    await baresip.command("hold")
    held = await centre.wait_for(Reoffer)
    assert b"a=sendonly" in (held.offer or b"") or b"a=inactive" in (held.offer or b"")
    await baresip.command("resume")
    assert b"a=sendrecv" in ((await centre.wait_for(Reoffer, 2)).offer or b"")
    await baresip.command("hangup")
    await centre.wait_for(SessionEnded)


async def test_we_hold_it(phone: Phone, centre: Centre) -> None:
    baresip = await phone(Transport.UDP)
    await baresip.program.says("1 binding")
    await baresip.command("dial", "desk")
    await baresip.hears_of("CALL_ESTABLISHED")
    session = (await centre.wait_for(Acknowledged)).session
    centre.agent.reoffer(session, description(2, "sendonly"), centre.endpoint.now())
    centre.endpoint.flush()
    answer = (await centre.wait_for(ReofferAnswered)).answer or b""
    assert b"a=recvonly" in answer or b"a=inactive" in answer
    await baresip.command("hangup")
    await centre.wait_for(SessionEnded)
