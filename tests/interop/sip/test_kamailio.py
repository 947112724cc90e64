"""Kamailio between UDP peers and the centre on TCP: two Record-Routes, every request of a call goes through it."""

from collections.abc import AsyncIterator
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
from centrala.telephony.sip.flow import Transport
from centrala.telephony.transport import Listen
from interop.sip.support.centre import Centre, description
from interop.sip.support.kamailio import Kamailio
from interop.sip.support.sipp import Sipp, well
from support.ports import free_port


@pytest.fixture
async def proxy(centre: Centre, tmp_path: Path) -> AsyncIterator[Kamailio]:
    one = Kamailio(centre.port(Transport.TCP), tmp_path / "kamailio")
    await one.start()
    yield one
    await one.end()


async def test_a_call_through_it_is_answered_changed_and_ended(sipp: Sipp, centre: Centre, proxy: Kamailio) -> None:
    await well(await sipp("routed", "-s", "desk", target=proxy.udp, calls=5))
    await centre.wait_until_idle()
    call = await centre.wait_for(IncomingCall)
    assert call.flow.transport is Transport.TCP
    assert len(call.request.headers.all("record-route")) == 2
    assert centre.count(Acknowledged) == 15  # those of the changes too
    assert centre.count(Reoffer) == 10


async def test_our_hang_up_finds_its_way_back(sipp: Sipp, centre: Centre, proxy: Kamailio) -> None:
    caller = await sipp("routed_waits", "-s", "desk", target=proxy.udp)
    centre.do("hang_up", (await centre.wait_for(Acknowledged)).session)
    await well(caller)


async def test_we_call_through_it(sipp: Sipp, centre: Centre, proxy: Kamailio) -> None:
    port = free_port()
    phone = await sipp("called_routed", port=port)
    await phone.listens(port)
    centre.call(f"sip:sipp@127.0.0.1:{port}", hop=f"sip:127.0.0.1:{proxy.tcp};transport=tcp;lr")
    answered = await centre.wait_for(Answered)
    centre.agent.reoffer(answered.session, description(2, "sendonly"), centre.endpoint.now())
    centre.endpoint.flush()
    await centre.wait_for(ReofferAnswered)
    centre.do("hang_up", answered.session)
    await well(phone)
    await centre.wait_for(SessionEnded)


async def test_we_cancel_through_it(centre: Centre, proxy: Kamailio) -> None:
    phone = Centre()
    await phone.start([Listen(Transport.UDP, "127.0.0.1", 0)])
    hop = f"sip:127.0.0.1:{proxy.tcp};transport=tcp;lr"
    attempt = centre.call(f"sip:ring@127.0.0.1:{phone.port()}", hop=hop)
    await phone.wait_for(IncomingCall)
    await centre.wait_for(Progress)
    centre.do("cancel", attempt)
    assert (await centre.wait_for(AttemptFailed)).cause.status == 487
    assert (await phone.wait_for(SessionEnded)).cause.by == "peer"
    await phone.stop()


async def test_a_connection_that_breaks_in_a_call_is_replaced_for_the_hang_up(
    sipp: Sipp, centre: Centre, proxy: Kamailio
) -> None:
    caller = await sipp("routed_waits", "-s", "desk", target=proxy.udp)
    session = (await centre.wait_for(Acknowledged)).session
    centre.endpoint.close_flow((await centre.wait_for(IncomingCall)).flow)
    centre.do("hang_up", session)
    await well(caller)
