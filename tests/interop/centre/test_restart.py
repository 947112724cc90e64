"""The app is killed while clients wait and talk: nobody on the line notices more than a new bar of music."""

import asyncio
from uuid import UUID

from centrala.flows.contacts.state import Contact
from centrala.flows.desk.schemas import TargetIn, TargetKind
from interop.centre.conftest import Floor
from interop.centre.test_a_whole_call import carries
from interop.exchange.conftest import CARRIER, until
from support.audio import ENGLISH, ROMANIAN
from support.drawn import drawn
from support.softphone import Line, Softphone

NUMBER = "+37322000701"


async def waits(floor: Floor, number: str) -> tuple[Softphone, Line]:
    client = await floor.client(number)
    before = len(floor.live.contacts)
    line = await client.dial(NUMBER)
    await asyncio.wait_for(line.answered.wait(), 10)
    await until(lambda: len(floor.live.contacts) == before + 1)
    await until(lambda: all(one.stage.value != "menu" for one in floor.live.contacts.values()))
    return client, line


async def test_who_waited_waits_in_the_same_order_and_who_talked_talks(floor: Floor) -> None:
    project = await floor.project(NUMBER)
    ana, ion = [await floor.person(projects=(project,)) for _ in range(2)]
    await floor.queue(project, ana, ion, wrap_up=30)
    await floor.carrier()
    first, second = await floor.desk_phone(ana), await floor.desk_phone(ion)
    floor.ready(ana)
    _, talking = await waits(floor, "+37369000401")
    desk = await first.next_call()
    first.answer(desk)
    contact = await floor.contact()
    await until(lambda: contact.recording_id is not None)
    await waits(floor, "+37369000402")
    _, last = await waits(floor, "+37369000403")
    order = [(one.number, one.stage.value) for one in floor.live.contacts.values()]

    await floor.kill()
    await floor.start()

    assert [(one.number, one.stage.value) for one in floor.live.contacts.values()] == order
    heard = len(last.sound.heard)
    await until(lambda: len(last.sound.heard) > heard + 20)  # music
    assert await carries(talking, desk, ENGLISH)
    assert await carries(desk, talking, ROMANIAN)

    floor.sit(ion)
    served = await second.next_call()
    waited = [one for one in floor.live.contacts.values() if one.number == "+37369000402"]
    assert served.headers["x-centrala-contact"] == str(waited[0].id)
    second.answer(served)
    await until(lambda: waited[0].stage.value == "talking")

    again = floor.live.find(contact.id)
    assert again is not None
    await floor.live.hang_up(again)
    await asyncio.wait_for(talking.ended.wait(), 5)
    assert ana in again.wrapping
    await floor.journal.flush()
    rows = await floor.rows("SELECT result FROM interactions WHERE id = :id", id=contact.id)
    assert rows == [("answered",)]
    audio = await floor.rows("SELECT ended_at IS NULL FROM call_recordings WHERE call_id = :id", id=contact.call_id)
    assert len(audio) == 1  # one recording, not one for each process


async def test_who_was_being_rung_for_is_rung_for_again(floor: Floor) -> None:
    project = await floor.project("+37322000702")
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana, ring=25)
    await floor.carrier()
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    client = await floor.client("+37369000404")
    line = await client.dial("+37322000702")
    await phone.next_call()
    await floor.kill()
    await floor.start()
    desk = await phone.next_call()
    phone.answer(desk)
    contact = floor.live.contacts[UUID(desk.headers["x-centrala-contact"])]
    await until(lambda: contact.stage.value == "talking")
    await asyncio.sleep(0.3)
    assert await carries(line, desk, ENGLISH)


async def talks(floor: Floor, number: str, caller: str, phone: Softphone) -> tuple[Line, Line, Contact]:
    """A client with an operator: their line, the desk's, the contact."""
    client = await floor.client(caller)
    line = await client.dial(number)
    desk = await phone.next_call()
    phone.answer(desk)
    contact = floor.live.contacts[UUID(desk.headers["x-centrala-contact"])]
    await until(lambda: contact.stage.value == "talking")
    return line, desk, contact


async def test_whom_a_client_was_being_handed_to_is_rung_again(floor: Floor) -> None:
    number = "+37322000703"
    project = await floor.project(number)
    ana, ion = [await floor.person(projects=(project,)) for _ in range(2)]
    await floor.queue(project, ana, ion)
    await floor.carrier()
    first, second = await floor.desk_phone(ana), await floor.desk_phone(ion)
    floor.ready(ana)
    line, desk, contact = await talks(floor, number, "+37369000405", first)
    await floor.live.transfer(contact, TargetIn(kind=TargetKind.PERSON, person_id=ion))
    await asyncio.wait_for(desk.ended.wait(), 5)
    await second.next_call()
    await floor.kill()
    await floor.start()
    other = await second.next_call()
    second.answer(other)
    again = floor.live.contacts[contact.id]
    await until(lambda: again.stage.value == "talking")
    await asyncio.sleep(0.3)
    assert await carries(line, other, ENGLISH)
    assert await carries(other, line, ROMANIAN)


async def test_who_was_being_handed_to_a_number_talks_on_with_the_operator(floor: Floor) -> None:
    number = "+37322000704"
    project = await floor.project(number)
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana)
    await floor.carrier()
    outside = await floor.client("+37369000777")
    await floor.trunk("Out 704", outside.port, sources=[CARRIER])
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    line, desk, contact = await talks(floor, number, "+37369000406", phone)
    await floor.live.transfer(contact, TargetIn(kind=TargetKind.NUMBER, number="069000777"))
    await outside.next_call()
    assert contact.held
    await floor.kill()
    await floor.start()
    again = floor.live.contacts[contact.id]
    await until(lambda: not again.held)
    await asyncio.sleep(0.3)
    assert await carries(line, desk, ENGLISH)
    assert await carries(desk, line, ROMANIAN)


async def test_whom_a_flow_was_ringing_is_rung_again(floor: Floor) -> None:
    number = "+37322000705"
    project = await floor.project(number)
    ana = await floor.person(projects=(project,))
    await floor.queue(project, ana)
    flow = drawn(
        {"id": "to", "kind": "transfer", "to": {"kind": "person", "person_id": str(ana)}},
        {"id": "bye", "kind": "hangup"},
        edges="to failed > bye",
    )
    await floor.flow(number, flow, project)
    await floor.carrier()
    phone = await floor.desk_phone(ana)
    floor.ready(ana)
    client = await floor.client("+37369000407")
    line = await client.dial(number)
    await phone.next_call()
    await floor.kill()
    await floor.start()
    desk = await phone.next_call()
    phone.answer(desk)
    contact = floor.live.contacts[UUID(desk.headers["x-centrala-contact"])]
    await until(lambda: contact.stage.value == "talking")
    await asyncio.sleep(0.3)
    assert await carries(line, desk, ENGLISH)
