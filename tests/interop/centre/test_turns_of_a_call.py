"""Who leaves, declines, vanishes or is handed on: each ends right, for the client, the operator and the reports."""

import asyncio
from dataclasses import replace
from uuid import UUID

from centrala.flows.contacts.state import Contact
from centrala.flows.desk.schemas import DialIn, TargetIn, TargetKind
from centrala.ivr.machine.definition import FlowDefinition
from centrala.telephony.calls.causes import Cause
from interop.centre.conftest import Floor
from interop.centre.test_a_whole_call import carries
from interop.exchange.conftest import CARRIER, until
from support.audio import ENGLISH, ROMANIAN
from support.softphone import Line, Softphone


async def calls(floor: Floor, number: str, caller: str) -> tuple[Softphone, Line, Contact]:
    """A client who is in the centre."""
    client = await floor.client(caller)
    line = await client.dial(number)
    await asyncio.wait_for(line.answered.wait(), 10)
    await until(lambda: any(one.number == caller for one in floor.live.contacts.values()))
    contact = next(one for one in floor.live.contacts.values() if one.number == caller)
    return client, line, contact


async def result_of(floor: Floor, contact: Contact) -> object:
    await floor.journal.flush()
    ((result,),) = await floor.rows("SELECT result FROM interactions WHERE id = :id", id=contact.id)
    return result


def asks(floor: Floor, contact: Contact) -> bool:
    """Whether the flow listens to keys."""
    call = None if contact.call_id is None else floor.exchange.calls.find(contact.call_id)
    return call is not None and contact.client is not None and call.legs[contact.client].collector is not None


def hands(floor: Floor, person: UUID) -> int:
    view = floor.dispatcher.operator(person)
    assert view is not None
    return len(view.contacts)


async def test_who_gives_up_while_a_phone_rings_takes_the_ringing_along(floor: Floor) -> None:
    project = await floor.project("+37322000601")
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana)
    await floor.carrier()
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    client, line, contact = await calls(floor, "+37322000601", "+37369000601")
    desk = await phone.next_call()
    client.hang_up(line)
    await asyncio.wait_for(desk.ended.wait(), 5)
    await until(lambda: not contact.live)
    assert await result_of(floor, contact) == "abandoned_short"
    assert (contact.wrapping, hands(floor, ana)) == ({}, 0)


async def test_what_one_operator_declines_rings_for_the_next(floor: Floor) -> None:
    project = await floor.project("+37322000602")
    ana, ion = [await floor.person(projects=(project,)) for _ in range(2)]
    await floor.queue(project, ana, ion)
    await floor.carrier()
    first, second = await floor.desk_phone(ana), await floor.desk_phone(ion)
    floor.ready(ana)
    await asyncio.sleep(0.05)
    floor.ready(ion)
    _, line, contact = await calls(floor, "+37322000602", "+37369000602")
    desk = await first.next_call()
    first.refuse(desk)
    other = await second.next_call()
    second.answer(other)
    await until(lambda: contact.seat is not None)
    await asyncio.sleep(0.3)
    assert await carries(line, other, ENGLISH)
    assert contact.seat is not None
    assert contact.seat.person_id == ion
    kinds = await floor.timeline(contact.id)
    assert kinds[:5] == ["came", "queued", "offered", "declined", "offered"]


async def test_who_does_not_answer_is_paused_and_the_client_waits_on(floor: Floor) -> None:
    project = await floor.project("+37322000603")
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana, ring=5)
    await floor.carrier()
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    _, line, contact = await calls(floor, "+37322000603", "+37369000603")
    desk = await phone.next_call()
    await asyncio.wait_for(desk.ended.wait(), 10)
    view = floor.dispatcher.operator(ana)
    assert view is not None
    assert (view.state.value, view.reason) == ("paused", "not_answering")
    assert contact.stage.value == "waiting"
    heard = len(line.sound.heard)
    await until(lambda: len(line.sound.heard) > heard + 20)  # music


async def test_a_client_whose_operator_vanishes_is_first_in_line_again(floor: Floor) -> None:
    project = await floor.project("+37322000604")
    ana, ion = [await floor.person(projects=(project,)) for _ in range(2)]
    await floor.queue(project, ana, ion)
    await floor.carrier()
    first, second = await floor.desk_phone(ana), await floor.desk_phone(ion)
    floor.ready(ana)
    _, line, contact = await calls(floor, "+37322000604", "+37369000604")
    first.answer(await first.next_call())
    await until(lambda: contact.seat is not None and contact.seat.leg_id is not None)
    assert contact.seat is not None
    assert contact.seat.leg_id is not None
    await floor.exchange.calls.hang_up(contact.seat.leg_id, Cause.MEDIA_TIMEOUT)
    await until(lambda: contact.stage.value == "waiting")
    floor.ready(ion)
    other = await second.next_call()
    second.answer(other)
    await until(lambda: contact.seat is not None and contact.seat.person_id == ion)
    await asyncio.sleep(0.3)
    assert await carries(line, other, ENGLISH)
    assert await carries(other, line, ROMANIAN)


async def test_a_blind_transfer_to_a_queue_takes_the_note_along(floor: Floor) -> None:
    project = await floor.project("+37322000605")
    ana, ion = [await floor.person(projects=(project,)) for _ in range(2)]
    await floor.queue(project, ana, name="A first line", wrap_up=30)
    other_queue = await floor.queue(project, ion, name="Second line")
    await floor.carrier()
    first, second = await floor.desk_phone(ana), await floor.desk_phone(ion)
    floor.ready(ana)
    floor.ready(ion)
    _, line, contact = await calls(floor, "+37322000605", "+37369000605")
    desk = await first.next_call()
    first.answer(desk)
    await until(lambda: contact.stage.value == "talking")
    target = TargetIn(kind=TargetKind.QUEUE, queue_id=other_queue, note="Wants the contract in writing.")
    await floor.live.transfer(contact, target)
    await asyncio.wait_for(desk.ended.wait(), 5)
    other = await second.next_call()
    (shown,) = (await floor.desks.document(ion, revealable=False)).contacts
    assert (shown.note, shown.queue) == ("Wants the contract in writing.", "Second line")
    assert shown.transferred_by
    second.answer(other)
    await until(lambda: contact.stage.value == "talking")
    await asyncio.sleep(0.3)
    assert await carries(line, other, ENGLISH)
    assert ana in contact.wrapping
    await floor.live.hang_up(contact)
    await until(lambda: not contact.live)
    assert await result_of(floor, contact) == "answered"


async def test_a_queue_that_is_too_long_away_takes_a_message(floor: Floor) -> None:
    project = await floor.project("+37322000606")
    await floor.queue(project, overflow=[{"after": 1, "to": {"kind": "voicemail", "value": "Support"}}])
    await floor.carrier()
    client, line, contact = await calls(floor, "+37322000606", "+37369000606")
    await until(lambda: contact.result == "voicemail", 20)
    await line.sound.say([0] * 8000)
    client.hang_up(line)
    await until(lambda: not contact.live)
    assert await result_of(floor, contact) == "voicemail"
    query = "SELECT box, seconds > 0 FROM voicemails WHERE interaction_id = :id"

    async def kept() -> bool:
        return await floor.rows(query, id=contact.id) == [("Support", True)]

    async with asyncio.timeout(5):
        while not await kept():  # noqa: ASYNC110 - the row comes by itself
            await asyncio.sleep(0.05)


async def test_an_operators_own_call_rings_their_phone_and_then_the_client(floor: Floor) -> None:
    project = await floor.project("+37322000607")
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana)
    client = await floor.client("+37369000607")
    client.answers = True
    await floor.trunk("Out 607", client.port, sources=[CARRIER])
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    contact_id = await floor.live.place_call(ana, DialIn(project_id=project, number="069000607"))
    desk = await phone.next_call()
    assert desk.headers["x-centrala-direction"] == "out"
    phone.answer(desk)
    line = await client.next_call()
    contact = floor.live.contacts[contact_id]
    await until(lambda: contact.stage.value == "talking")
    await asyncio.sleep(0.3)
    assert await carries(line, desk, ENGLISH)
    assert await carries(desk, line, ROMANIAN)
    client.hang_up(line)
    await asyncio.wait_for(desk.ended.wait(), 5)
    await until(lambda: not contact.live)
    assert await result_of(floor, contact) == "answered"
    # The engine closes the file after the last leg has gone; that is told all the same.
    await until(lambda: not floor.live.shared.by_call)
    assert "recording_ended" in await floor.timeline(contact.id)


async def test_a_call_back_keeps_its_place_and_calls_when_its_turn_comes(floor: Floor) -> None:
    number = "+37322000608"
    project = await floor.project(number)
    ana = await floor.person(projects=(project,))
    queue = await floor.queue(project, ana)
    offer = {"id": "offer", "kind": "callback", "queue_id": str(queue), "number": "caller"}
    flow = FlowDefinition.model_validate(
        {
            "start": "offer",
            "nodes": [offer, {"id": "bye", "kind": "hangup"}],
            "edges": [{"source": "offer", "exit": name, "target": "bye"} for name in ("ordered", "declined")],
        }
    )
    await floor.flow(number, flow, project)
    await floor.carrier()
    client, line, contact = await calls(floor, number, "+37369000608")
    await until(lambda: asks(floor, contact), 30)
    line.sound.press("1")
    await asyncio.wait_for(line.ended.wait(), 15)
    await until(lambda: contact.stage.value == "absent")
    client.answers = True
    await floor.trunk("Out 608", client.port, sources=[CARRIER])
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    desk = await phone.next_call()
    phone.answer(desk)
    back = await client.next_call()
    await until(lambda: contact.stage.value == "talking")
    await asyncio.sleep(0.3)
    assert await carries(back, desk, ENGLISH)
    await floor.live.hang_up(contact)
    await asyncio.wait_for(back.ended.wait(), 5)
    await until(lambda: not contact.live)
    assert await result_of(floor, contact) == "answered"


async def test_a_conversation_from_which_nothing_comes_any_more_is_over(floor: Floor) -> None:
    """The client's phone has lost its power: no BYE, no audio."""
    context = floor.exchange.calls._context
    context.settings = replace(context.settings, silence=1.0)
    project = await floor.project("+37322000609")
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana)
    await floor.carrier()
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    _, line, contact = await calls(floor, "+37322000609", "+37369000609")
    desk = await phone.next_call()
    phone.answer(desk)
    await until(lambda: contact.stage.value == "talking")
    await asyncio.sleep(1.5)
    assert contact.live, "whoever sends is not silent"
    call_id = contact.call_id
    await line.sound.stop()
    await asyncio.wait_for(desk.ended.wait(), 10)
    await until(lambda: not contact.live)
    assert await result_of(floor, contact) == "answered"
    assert ("media_timeout",) in await floor.rows("SELECT cause FROM call_legs WHERE call_id = :id", id=call_id)
