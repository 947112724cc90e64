"""SIPp against the endpoint, over UDP and TCP: its built-in scenarios and our own, in both directions."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from centrala.telephony.sip.agent.events import (
    Acknowledged,
    Answered,
    AttemptFailed,
    IncomingCall,
    Progress,
    Reoffer,
    ReofferAnswered,
    SessionEnded,
)
from interop.sip.support.centre import Centre, description
from interop.sip.support.programs import Program, free_port

SCENARIOS = Path(__file__).parent / "scenarios"
UDP, TCP = "u1", "t1"  # SIPp's names; Debian builds it without TLS

Sipp = Callable[..., Awaitable[Program]]


@pytest.fixture
async def sipp(centre: Centre, tmp_path: Path) -> AsyncIterator[Sipp]:
    """Start SIPp towards the centre, or waiting for its calls when it is a called party."""
    running: list[Program] = []

    async def start(scenario: str, *more: str, mode: str = UDP, calls: int = 1, port: int | None = None) -> Program:
        own = (
            ["-sf", str(SCENARIOS / f"{scenario}.xml")]
            if (SCENARIOS / f"{scenario}.xml").exists()
            else ["-sn", scenario]
        )
        common = ["-i", "127.0.0.1", "-p", str(port or free_port()), "-t", mode, "-m", str(calls), "-nostdin"]
        limits = ["-timeout", "15s", "-timeout_error", "-trace_err"]
        program = Program("sipp", [f"127.0.0.1:{centre.port()}", *own, *common, *limits, *more], tmp_path / scenario)
        running.append(program)
        await program.start()
        return program

    yield start
    for program in running:
        await program.end()


async def well(program: Program) -> None:
    """SIPp ends with 0 when every call went by its scenario."""
    code = await program.wait()
    errors = "".join(path.read_text(errors="replace")[:3000] for path in program.folder.glob("*_errors.log"))
    assert code == 0, errors or program.output[-3000:]


both = pytest.mark.parametrize("mode", [UDP, TCP])


@both
async def test_its_built_in_caller_is_answered_and_hangs_up(sipp: Sipp, centre: Centre, mode: str) -> None:
    await well(await sipp("uac", "-s", "desk", "-r", "20", mode=mode, calls=20))
    await centre.wait_until_idle()
    assert centre.count(Acknowledged) == 20
    assert centre.count(SessionEnded) == 20


@both
async def test_a_caller_that_gives_up_is_told_487(sipp: Sipp, centre: Centre, mode: str) -> None:
    await well(await sipp("cancel", "-s", "ring", mode=mode))
    ended = await centre.wait_for(SessionEnded)
    assert ended.cause.status == 487


@both
async def test_a_busy_line_is_told_486(sipp: Sipp, centre: Centre, mode: str) -> None:
    await well(await sipp("busy", "-s", "busy", mode=mode))


@both
async def test_a_caller_holds_and_resumes(sipp: Sipp, centre: Centre, mode: str) -> None:
    await well(await sipp("reinvite", "-s", "desk", mode=mode))
    await centre.wait_for(SessionEnded)
    assert centre.count(Reoffer) == 2


@both
async def test_we_hang_up_a_call_that_came(sipp: Sipp, centre: Centre, mode: str) -> None:
    caller = await sipp("waits_for_bye", "-s", "desk", mode=mode)
    centre.do("hang_up", (await centre.wait_for(Acknowledged)).session)
    await well(caller)


@both
async def test_options_are_answered(sipp: Sipp, centre: Centre, mode: str) -> None:
    await well(await sipp("options", "-s", "desk", mode=mode))


@both
async def test_a_phone_registers_by_digest(sipp: Sipp, centre: Centre, mode: str) -> None:
    await well(await sipp("register", "-s", "ana", "-au", "ana", "-ap", "sun-and-moon", mode=mode))
    (binding,) = centre.bindings("ana")
    assert "ana@127.0.0.1" in binding.contact


@both
async def test_a_wrong_password_is_refused(sipp: Sipp, centre: Centre, mode: str) -> None:
    assert await (await sipp("register", "-s", "ana", "-au", "ana", "-ap", "wrong", mode=mode)).wait() != 0
    assert centre.refused >= 1
    assert centre.bindings("ana") == []


def called(mode: str) -> tuple[int, str]:
    port = free_port()
    return port, f"sip:sipp@127.0.0.1:{port}" + (";transport=tcp" if mode == TCP else "")


@both
async def test_we_call_its_built_in_called_party_and_hang_up(sipp: Sipp, centre: Centre, mode: str) -> None:
    port, uri = called(mode)
    phone = await sipp("uas", mode=mode, port=port, calls=5)
    await phone.listens(port)
    for _ in range(5):
        centre.call(uri)
    await centre.wait_for(Answered, 5)
    for session in centre.agent.sessions():
        centre.do("hang_up", session)
    await well(phone)
    await centre.wait_until_idle()


@both
async def test_we_change_a_call_and_they_hang_up(sipp: Sipp, centre: Centre, mode: str) -> None:
    port, uri = called(mode)
    phone = await sipp("called_and_changed", mode=mode, port=port)
    await phone.listens(port)
    centre.call(uri)
    answered = await centre.wait_for(Answered)
    centre.endpoint.agent.reoffer(answered.session, description(2, "sendonly"), centre.endpoint.now())
    centre.endpoint.flush()
    await centre.wait_for(ReofferAnswered)
    await well(phone)
    assert (await centre.wait_for(SessionEnded)).session == answered.session


@both
async def test_we_cancel_a_call(sipp: Sipp, centre: Centre, mode: str) -> None:
    port, uri = called(mode)
    phone = await sipp("called_and_cancelled", mode=mode, port=port)
    await phone.listens(port)
    attempt = centre.call(uri)
    await centre.wait_for(Progress)
    centre.do("cancel", attempt)
    assert (await centre.wait_for(AttemptFailed)).cause.status == 487
    await well(phone)


async def test_a_hundred_calls_at_once_all_end_well(sipp: Sipp, centre: Centre) -> None:
    await well(await sipp("uac", "-s", "desk", "-r", "100", "-l", "100", "-d", "300", calls=200))
    await centre.wait_until_idle()
    assert centre.count(IncomingCall) == centre.count(SessionEnded) == 200
