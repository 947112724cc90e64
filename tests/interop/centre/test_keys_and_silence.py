"""Keys pressed before they are asked for, and messages that end by silence: real phones, real audio."""

import asyncio
import time

from centrala.ivr.machine.definition import FlowDefinition
from interop.centre.conftest import Floor
from interop.centre.test_turns_of_a_call import calls
from interop.exchange.conftest import until
from support.audio import ENGLISH, say
from support.drawn import drawn

TEXT = " ".join(["Thank you for calling. Please listen to all that we have to say."] * 6)
LONG = [{"kind": "text", "text": dict.fromkeys(("en", "ro", "ru"), TEXT)}]


async def made(floor: Floor, number: str, flow: FlowDefinition) -> None:
    project = await floor.project(number)
    await floor.flow(number, flow, project)
    await floor.carrier()


async def test_keys_pressed_during_the_welcome_are_the_answers_to_what_is_asked_later(floor: Floor) -> None:
    number = "+37322000651"
    flow = drawn(
        {"id": "hello", "kind": "say", "prompt": LONG},
        {"id": "menu", "kind": "menu", "prompt": LONG, "choices": [{"key": "2", "label": "Faults"}]},
        {"id": "ask", "kind": "collect", "prompt": LONG, "variable": "contract", "least": 3, "most": 3},
        {"id": "bye", "kind": "hangup"},
        edges="hello next > menu, menu key:2 > ask, ask next > bye",
    )
    await made(floor, number, flow)
    _, line, contact = await calls(floor, number, "+37369000651")
    for key in "2471":
        line.sound.press(key)
        await asyncio.sleep(0.15)
    began = time.monotonic()
    await until(lambda: not contact.live, 20)
    assert time.monotonic() - began < 10, "not one of the three long texts was said to its end"
    assert contact.menu_path == ["Faults"]
    await floor.journal.flush()
    rows = await floor.rows(
        "SELECT details->>'digits' FROM interaction_events WHERE interaction_id = :id AND kind = 'input'", id=contact.id
    )
    assert rows == [("471",)]


async def test_a_message_is_over_when_nothing_more_is_said(floor: Floor) -> None:
    number = "+37322000652"
    flow = drawn(
        {"id": "box", "kind": "voicemail", "box": "Night", "max_seconds": 60, "silence_seconds": 2},
        {"id": "bye", "kind": "hangup"},
        edges="box next > bye, box empty > bye",
    )
    await made(floor, number, flow)
    _, line, contact = await calls(floor, number, "+37369000652")
    await until(lambda: contact.result == "voicemail", 20)
    began = time.monotonic()
    await line.sound.say(say(ENGLISH))
    await until(lambda: not contact.live, 20)
    assert 3 < time.monotonic() - began < 15
    query = "SELECT box, seconds BETWEEN 3 AND 15 FROM voicemails WHERE interaction_id = :id"
    async with asyncio.timeout(5):
        while not (rows := await floor.rows(query, id=contact.id)):  # noqa: ASYNC110 - the row comes by itself
            await asyncio.sleep(0.05)
    assert rows == [("Night", True)]


async def test_a_message_in_which_nothing_is_said_lies_in_no_mailbox(floor: Floor) -> None:
    number = "+37322000653"
    flow = drawn(
        {"id": "box", "kind": "voicemail", "box": "Night", "max_seconds": 60, "silence_seconds": 2},
        {"id": "bye", "kind": "hangup"},
        edges="box next > bye, box empty > bye",
    )
    await made(floor, number, flow)
    _, _, contact = await calls(floor, number, "+37369000653")
    await until(lambda: not contact.live, 30)
    assert contact.result != "voicemail"
    await asyncio.sleep(0.2)  # a row would have come
    assert await floor.rows("SELECT 1 FROM voicemails WHERE interaction_id = :id", id=contact.id) == []
