"""From ring to report: a client with a voice goes through menu, queue, two operators, a supervisor, and rates."""

import asyncio
from uuid import UUID

from centrala.flows.desk.schemas import TargetIn, TargetKind
from centrala.ivr.machine.definition import FlowDefinition
from interop.centre.conftest import Floor
from interop.exchange.conftest import until
from support.audio import ENGLISH, ENOUGH, ROMANIAN, RUSSIAN, likeness, say
from support.softphone import Line

NUMBER = "+37322000301"


def flow_to(queue: UUID) -> FlowDefinition:
    """Language, menu, queue, rating."""
    hello = {"en": "Welcome.", "ru": "Здравствуйте."}
    menu = {"en": "For billing press 1, for faults press 2.", "ru": "Счета 1, неисправности 2."}
    return FlowDefinition.model_validate(
        {
            "start": "language",
            "nodes": [
                {
                    "id": "language",
                    "kind": "language",
                    "prompt": [{"kind": "text", "text": hello}],
                    "choices": [{"key": "1", "language": "en"}, {"key": "2", "language": "ru"}],
                },
                {
                    "id": "menu",
                    "kind": "menu",
                    "prompt": [{"kind": "text", "text": menu}],
                    "choices": [{"key": "1", "label": "Billing"}, {"key": "2", "label": "Faults"}],
                },
                {"id": "queue", "kind": "queue", "queue_id": str(queue), "demand_language": False},
                {"id": "rate", "kind": "rate", "scale": "1-5"},
                {"id": "bye", "kind": "hangup"},
            ],
            "edges": [
                {"source": "language", "exit": "next", "target": "menu"},
                {"source": "menu", "exit": "key:1", "target": "queue"},
                {"source": "menu", "exit": "key:2", "target": "queue"},
                {"source": "queue", "exit": "after", "target": "rate"},
                {"source": "rate", "exit": "next", "target": "bye"},
            ],
        }
    )


async def carries(speaker: Line, hearer: Line, phrase: tuple[str, str]) -> bool:
    """Whether what one says reaches the other."""
    since = asyncio.get_running_loop().time()
    sent = say(phrase)
    await speaker.sound.say(sent)
    await asyncio.sleep(0.3)
    heard = hearer.sound.audio(since)
    return bool(heard) and await asyncio.to_thread(lambda: likeness(sent, heard).heard) >= ENOUGH


async def test_a_client_goes_from_the_menu_to_a_rating(floor: Floor) -> None:
    project = await floor.project(NUMBER)
    ana, ion, eva = [await floor.person(projects=(project,)) for _ in range(3)]
    queue = await floor.queue(project, ana, announce_first=1, wrap_up=30)
    await floor.flow(NUMBER, flow_to(queue), project)
    await floor.carrier()
    first, second, third = [await floor.desk_phone(one) for one in (ana, ion, eva)]
    client = await floor.client()

    call = await client.dial(NUMBER)
    await asyncio.wait_for(call.answered.wait(), 10)
    contact = await floor.contact()
    await until(lambda: len(call.sound.heard) > 20)
    call.sound.press("1")
    await until(lambda: contact.language == "en" and contact.run.run.node.id == "menu")
    await asyncio.sleep(0.5)
    call.sound.press("2")
    await until(lambda: contact.stage.value == "waiting")
    assert contact.menu_path == ["Faults"]

    # Nobody is ready: music, and a place in the queue.
    await until(lambda: contact.saying is not None, 15)
    await until(lambda: contact.saying is None and contact.music is not None, 15)

    floor.ready(ana)
    desk = await first.next_call()
    assert desk.headers["x-centrala-contact"] == str(contact.id)
    document = await floor.desks.document(ana, revealable=False)
    assert [(one.phase.value, one.menu_path, one.number.masked) for one in document.contacts] == [
        ("offered", ["Faults"], "+373 ••• 11")
    ]
    first.answer(desk)
    await until(lambda: contact.recording_id is not None)
    assert await carries(call, desk, ENGLISH)
    assert await carries(desk, call, ROMANIAN)

    # Recording paused for card data.
    await floor.live.pause_recording(contact, "card", paused=True)
    await floor.live.pause_recording(contact, "card", paused=False)

    # Hold: the client hears music, not the operator.
    await floor.live.hold(contact)
    assert not await carries(desk, call, RUSSIAN)
    await floor.live.resume(contact)

    # A supervisor whispers: the operator hears it, the client does not.
    await floor.live.supervise(contact, eva, "whispering")
    supervisor = await third.next_call()
    assert supervisor.headers["x-centrala-supervise"] == "whispering"
    third.answer(supervisor)
    await until(lambda: contact.watchers[eva].leg_id is not None)
    await asyncio.sleep(0.3)
    since = asyncio.get_running_loop().time()
    assert await carries(supervisor, desk, RUSSIAN)
    assert likeness(say(RUSSIAN), call.sound.audio(since)).heard < 0.3
    await floor.live.stop_supervising(contact, eva)
    await asyncio.wait_for(supervisor.ended.wait(), 5)

    # Attended transfer with the note.
    await floor.live.consult(
        contact, TargetIn(kind=TargetKind.PERSON, person_id=ion, note="Modem broken since Monday.")
    )
    colleague = await second.next_call()
    shown = (await floor.desks.document(ion, revealable=False)).contacts[0]
    assert (shown.note, shown.phase.value) == ("Modem broken since Monday.", "offered")
    second.answer(colleague)
    await until(lambda: contact.consult is not None and contact.consult.talking)
    await asyncio.sleep(0.3)
    assert await carries(desk, colleague, ENGLISH)
    await floor.live.complete(contact)
    await asyncio.wait_for(desk.ended.wait(), 5)
    await asyncio.sleep(0.3)
    assert await carries(call, colleague, RUSSIAN)
    assert await carries(colleague, call, ENGLISH)
    assert contact.seat is not None
    assert contact.seat.person_id == ion
    assert ana in contact.wrapping

    # The operator leaves, the client rates 5.
    await floor.live.hang_up(contact)
    await asyncio.wait_for(colleague.ended.wait(), 5)
    await until(lambda: contact.stage.value == "after")
    await asyncio.sleep(1.0)
    call.sound.press("5")
    await asyncio.wait_for(call.ended.wait(), 15)
    await until(lambda: not contact.live)

    kinds = await floor.timeline(contact.id)
    for kind in (
        "came", "language", "menu", "queued", "announced", "offered", "answered", "recording_started",
        "recording_paused", "recording_resumed", "held", "resumed", "supervised", "consulted", "transferred", "left",
        "wrap_up_started", "recording_ended", "rated", "ended",
    ):  # fmt: skip
        assert kind in kinds, (kind, kinds)
    rows = await floor.rows(
        "SELECT result, rating, operator_id, transfers, language, menu_path FROM interactions WHERE id = :id",
        id=contact.id,
    )
    assert rows == [("answered", 5, ion, 1, "en", ["Faults"])]
