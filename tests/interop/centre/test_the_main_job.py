"""The main job from end to end, as `make run` starts the centre: callers of other makers, browsers, real speech.

Two clients call the internet provider's number with recorded speech, one by SIPp and one by baresip. They choose a
language and "faults" by key, wait with music and hear their place. An operator in Chromium serves one after the other;
the second conversation is recorded with a pause, handed over with a note to a second browser, whispered into by a
supervisor in a third, rated by the caller, and found, seen and heard afterwards in a fourth window.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from centrala.ivr.service import Voice
from centrala.ivr.spoken import sentence
from centrala.web.static import FOLDER
from interop.centre.support.conversation import (
    LUDMILA,
    MARIA,
    SECONDS,
    Conversation,
    bar,
    live_contact,
    phase,
    picture,
    picture_of,
    until,
)
from interop.sip.support.baresip import Baresip
from support.audio import ENGLISH, ENOUGH, RATE, ROMANIAN, RUSSIAN, Samples, level, narrowed, read_wav, say, spoken
from support.chromium import AMONG, CHROMIUM, FOREIGN, THROUGH, Seat, alike, audible, go_ready
from support.sample_centre import Sample, sample_centre

GREETING_SECONDS = len(spoken("Bine ați venit la Orbita. Convorbirile sunt înregistrate.", "ro")) / RATE
WHOLE = 5.6  # seconds in which a phrase of 2.4 s that is said every 3 s is once whole
STORED = 75_000  # milliseconds until the worker's next round is over
NOTE = "Modem broken since Monday."

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not (FOLDER / "index.html").exists(), reason="needs the built desk"),
]


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    with sample_centre() as started:
        yield started


@pytest.fixture
async def day(sample: Sample, tmp_path: Path) -> AsyncIterator[Conversation]:
    one = Conversation(sample, tmp_path)
    yield one
    await one.end()


async def test_the_main_job(day: Conversation) -> None:
    async with async_playwright() as playwright:
        cristina, andrei, irina = await asyncio.gather(
            day.seat(playwright, "operator", say(ENGLISH)),
            day.seat(playwright, "senior", say(ROMANIAN)),
            day.seat(playwright, "supervisor", say(RUSSIAN)),
        )
        pavel = await day.seat(playwright, "quality", (), beside=irina)
        await tell_the_place_soon(irina)
        await the_centre_is_shown(pavel)
        await asyncio.gather(cristina.open("/work"), andrei.open("/work"), irina.open("/board"))

        tape = await day.sipp(LUDMILA, [(1.5, "1"), (1.5 + GREETING_SECONDS + 2.5, "2")])
        phone = await day.baresip(MARIA)
        await two_wait_and_hear_their_place(day, irina, phone)
        await the_first_is_served_first(cristina)
        await the_second_talks(cristina, phone)
        contact = await live_contact(irina, MARIA)
        assert contact is not None
        await what_is_secret_is_not_recorded(cristina)
        await handed_over_with_the_note(cristina, andrei, phone)
        await whispered(irina, andrei, phone)
        await rated_and_finished(andrei, phone)
        await found_and_heard_afterwards(pavel, contact["id"], cristina)
        assert await tape.wait() == 0
        await day.end()


async def the_centre_is_shown(pavel: Seat) -> None:
    await picture_of(pavel, "/demo", "sample-centre")
    flows = await pavel.desk.api("GET", "/api/flows")
    own = next(one for one in flows["items"] if one["name"] == "Support line")
    await picture_of(pavel, f"/flows/{own['id']}", "flow")


async def tell_the_place_soon(irina: Seat) -> None:
    """The sample centre tells it after 20 s of waiting; here after 2."""
    queues = await irina.desk.api("GET", "/api/queues?page_size=100")
    faults = next(one for one in queues["items"] if one["name"] == "Faults")
    rules = {**faults["rules"], "announce_first": 2}
    await irina.desk.api("PATCH", f"/api/queues/{faults['id']}", {"rules": rules}, version=faults["version"])


async def two_wait_and_hear_their_place(day: Conversation, irina: Seat, phone: Baresip) -> None:
    async def waits(caller: object) -> bool:
        found = await live_contact(irina, caller)  # type: ignore[arg-type]
        return found is not None and found["phase"] == "waiting"

    await until(lambda: waits(LUDMILA))
    await phone.command("dial", "1001")
    await phone.hears_of("CALL_ESTABLISHED")
    await asyncio.sleep(1.0)  # people listen before they press
    await phone.command("sndcode", "1")
    await asyncio.sleep(GREETING_SECONDS + 2.5)
    await phone.command("sndcode", "2")
    await until(lambda: waits(MARIA))

    place = await as_it_says(day, sentence("position", "ro", {"position": 2}))

    async def told() -> bool:
        return await alike(place, phone.heard()[-8 * RATE :]) >= ENOUGH

    await until(told)
    before = len(phone.heard())
    await asyncio.sleep(1.0)
    assert level(phone.heard()[before:]) > 100, "music goes on after the announcement"
    await expect(irina.page.get_by_role("button", name=re.compile("^Faults: 2 waiting"))).to_be_visible()
    await picture(irina.page, "board")


async def as_it_says(day: Conversation, text: str) -> Samples:
    """The very file that the centre plays: its speaker does not say a sentence twice in quite the same way."""
    file = await Voice(day.sample.node.data / "files" / "speech").text(text, "ro")
    return narrowed(file.read_bytes())


async def the_first_is_served_first(cristina: Seat) -> None:
    page = cristina.page
    await go_ready(page)
    offer = page.get_by_role("alert").filter(has_text=LUDMILA.name)
    await expect(offer).to_contain_text("Faults")
    await expect(offer.get_by_role("button", name="Answer")).to_be_enabled()
    await page.keyboard.press("F2")
    await phase(page, "Talking")
    await cristina.listen()
    await asyncio.sleep(2 * len(LUDMILA.voice) / RATE + 1.0)
    assert await alike(LUDMILA.voice, await cristina.heard()) >= THROUGH
    await page.keyboard.press("F9")
    await finished(page)


async def the_second_talks(cristina: Seat, phone: Baresip) -> None:
    page = cristina.page
    await expect(page.get_by_role("alert").filter(has_text=MARIA.name)).to_be_visible()
    await page.get_by_role("button", name="Answer").click()
    await phase(page, "Talking")
    await expect(bar(page).get_by_role("button", name="Pause the recording")).to_be_visible()
    await both_hear(cristina, phone)
    await page.keyboard.press("Alt+n")
    await page.keyboard.type("No internet since the morning; the modem blinks.")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    await picture(page, "operator-call")


async def both_hear(seat: Seat, phone: Baresip) -> None:
    """Everything runs in real time; what a busy machine tore to pieces is said again, twice at most."""
    inward = outward = 0.0
    for _ in range(3):
        await seat.listen()
        before = len(phone.heard())
        await asyncio.sleep(WHOLE)
        inward = await alike(MARIA.voice, await seat.heard())
        outward = await alike(seat.voice, phone.heard()[before:])
        if min(inward, outward) >= THROUGH:
            return
    pytest.fail(f"{seat.name} and the caller do not hear each other: {inward:.2f} inward, {outward:.2f} outward")


async def what_is_secret_is_not_recorded(cristina: Seat) -> None:
    strip = bar(cristina.page)
    await cristina.page.keyboard.press("Alt+x")
    await expect(strip.get_by_role("button", name="Go on recording")).to_be_visible()
    await asyncio.sleep(4.0)
    await cristina.page.keyboard.press("Alt+x")
    await expect(strip.get_by_role("button", name="Pause the recording")).to_be_visible()


async def handed_over_with_the_note(cristina: Seat, andrei: Seat, phone: Baresip) -> None:
    first, second = cristina.page, andrei.page
    await go_ready(second)
    await first.keyboard.press("Alt+t")
    await first.get_by_label("To whom").fill("andrei")
    await first.get_by_role("list", name="Colleagues and queues").get_by_role("button", name=andrei.name).click()
    await first.get_by_label("Handed over").fill(NOTE)
    await first.get_by_role("button", name="Ask first").click()
    await expect(second.get_by_role("alert").filter(has_text=NOTE)).to_be_visible()
    await picture(second, "handed-over")
    await second.get_by_role("button", name="Answer").click()
    await expect(first.get_by_text(f"{andrei.name}: talking")).to_be_visible()
    await first.keyboard.press("Alt+m")
    await finished(first)
    await expect(second.get_by_text(f"{cristina.name} hands over:")).to_be_visible()
    await both_hear(andrei, phone)


async def whispered(irina: Seat, andrei: Seat, phone: Baresip) -> None:
    page = irina.page
    await (
        page.get_by_role("row").filter(has_text=andrei.name).get_by_role("button", name=andrei.name, exact=True).click()
    )
    await page.get_by_role("button", name="Whisper").click()
    await expect(page.get_by_role("button", name="Leave")).to_be_visible()  # the phone answers by itself
    to_operator = to_caller = 0.0
    for _ in range(3):
        await andrei.listen()
        before = len(phone.heard())
        await asyncio.sleep(WHOLE)
        to_operator = await audible(irina.voice, await andrei.heard())  # the caller speaks meanwhile
        to_caller = await audible(irina.voice, phone.heard()[before:])
        if to_operator >= AMONG:
            break
    assert to_operator >= AMONG
    assert to_caller < FOREIGN
    await expect(bar(andrei.page).get_by_text(f"{irina.name} whispers to you")).to_be_visible()
    await picture(page, "whisper")
    await page.get_by_role("button", name="Leave").click()


async def rated_and_finished(andrei: Seat, phone: Baresip) -> None:
    before = len(phone.heard())
    await andrei.page.keyboard.press("F9")

    async def asked() -> bool:
        return level(phone.heard()[before:][-RATE // 2 :]) > 200

    await until(asked)
    await asyncio.sleep(1.0)
    await phone.command("sndcode", "5")
    await phone.hears_of("CALL_CLOSED")
    await finished(andrei.page)


async def finished(page: Page) -> None:
    """Cause, outcome, and the next one may come."""
    await phase(page, "Wrap-up")
    for label, choice in (("Why they called", "Fault › No internet"), ("What came of it", "Solved at once")):
        await page.get_by_role("combobox", name=label).click()
        await page.get_by_role("option", name=choice).click()
    await page.keyboard.press("Alt+Enter")
    await expect(bar(page).get_by_role("button", name="Finish wrap-up")).to_have_count(0)


async def found_and_heard_afterwards(pavel: Seat, contact: str, cristina: Seat) -> None:
    page = pavel.page
    await pavel.open("/contacts")
    row = page.get_by_role("row").filter(has_text=MARIA.name).filter(has_text="5 of 5")
    await row.first.click()
    await page.wait_for_url(f"**/contacts/{contact}")
    story = page.get_by_role("region", name="What happened")
    for fact in (
        "Chose the language: Romanian",
        "Chose “Faults” in the menu",
        "Heard the place in the queue: 2",
        "Recording paused",
        f"{cristina.name} transferred to Andrei Munteanu",
        "Whispers to the operator: Irina Moraru",
        "Rated: 5 of 5",
    ):
        await expect(story.get_by_text(fact)).to_be_visible()
    player = page.get_by_role("group", name="Recording")
    # Audio can be heard at once; its waveform comes when the worker has stored it, which it does each minute.
    await expect(player.locator("canvas")).to_be_visible(timeout=STORED)
    await player.get_by_role("button", name="Play").click()
    await expect(player.get_by_text(re.compile(r"^0:0[2-9] of "))).to_be_visible()
    await picture(page, "contact")
    async with page.expect_download(timeout=SECONDS * 1000) as waits:
        await player.get_by_role("button", name="Download").click()
    await pause_is_silence(Path(await (await waits.value).path()), cristina)
    await picture_of(pavel, "/reports", "reports")


async def pause_is_silence(file: Path, cristina: Seat) -> None:
    """Both sides are silent for the time of the pause; before it both were heard."""
    client, centre = read_wav(file)
    window = RATE // 10
    loud = [
        max(level(client[at : at + window]), level(centre[at : at + window])) > 20
        for at in range(0, min(len(client), len(centre)) - window, window)
    ]
    silent = max(("".join("x" if one else "." for one in loud)).split("x"), key=len)
    assert 30 <= len(silent) <= 80, f"the pause lasted {len(silent) / 10} s in the file"
    begins = "".join("x" if one else "." for one in loud).index(silent) * window
    talk = slice(max(0, begins - 12 * RATE), begins)
    assert await alike(MARIA.voice, client[talk]) >= THROUGH
    assert await alike(cristina.voice, centre[talk]) >= THROUGH
