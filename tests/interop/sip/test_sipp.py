"""SIPp against the endpoint, over UDP and TCP: its built-in scenarios and our own, in both directions."""

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
from interop.sip.support.sipp import TCP, UDP, Sipp, well
from support.ports import free_port

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
