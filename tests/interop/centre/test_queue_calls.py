"""Calls through a queue to operators' phones, with SIPp as the carrier and baresip on the desks."""

from interop.centre.conftest import Floor
from interop.exchange.conftest import until


async def test_a_call_waits_and_is_answered_by_an_operator(floor: Floor) -> None:
    project = await floor.project("+37322000201")
    ana = await floor.person(projects=(project,))
    queue = await floor.queue(project, ana)
    phone = await floor.operator(ana)
    await floor.carrier()
    caller = await floor.sipp("uac", "-s", "+37322000201", "-d", "2000")
    await phone.hears_of("CALL_INCOMING")
    contact = await floor.contact()
    assert (contact.queue_id, contact.offer is not None) == (queue, True)
    await phone.command("accept")
    await phone.hears_of("CALL_ESTABLISHED")
    await until(lambda: contact.seat is not None and contact.recording_id is not None)
    assert contact.seat is not None
    assert contact.seat.person_id == ana
    assert await caller.wait() == 0
    await until(lambda: not contact.live)
    await phone.hears_of("CALL_CLOSED")
    assert contact.wrapping
    assert floor.live.finish_wrap_up(contact.id, ana)
    kinds = await floor.timeline(contact.id)
    assert kinds[:4] == ["came", "queued", "offered", "answered"]
    assert {"recording_started", "ended", "wrap_up_started", "wrap_up_ended"} <= set(kinds)
    rows = await floor.rows("SELECT result, operator_id FROM interactions WHERE id = :id", id=contact.id)
    assert rows == [("answered", ana)]
