"""The people of the main job's test: callers with recorded speech, operators at desks, one who looks afterwards."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Locator, Page, Playwright, expect

from interop.sip.support.baresip import Baresip
from interop.sip.support.programs import Program
from interop.sip.support.sipp import SCENARIOS
from support.audio import RATE, Samples, spoken, write_wav
from support.chromium import GAP, Seat, open_browser, sign_in, take_seat
from support.ports import free_port
from support.sample_centre import Sample
from support.tape import write_tape

LINE: Final = "1001"  # of the internet provider
PICTURES: Final = os.environ.get("DOCS_PICTURES")
"""A folder, as docs/images: the pictures of docs/a-call.md are made anew."""
SECONDS: Final = 40.0


@dataclass
class Caller:
    """Who says something over and over."""

    number: str
    name: str
    voice: Samples

    def tape(self, seconds: float) -> Samples:
        once = [*GAP, *self.voice, *GAP]
        return (once * (int(seconds * RATE) // len(once) + 1))[: int(seconds * RATE)]


PHRASE: Final = RATE * 24 // 10  # samples, as long as those of the operators
MARIA: Final = Caller(
    "+447700900501", "Maria Ceban", spoken("Internetul meu nu merge de azi dimineață.", "ro")[:PHRASE]
)
LUDMILA: Final = Caller("+447700900503", "Ludmila Grosu", spoken("Modemul clipește cu o lumină roșie.", "ro")[:PHRASE])


@dataclass
class Conversation:
    """Who takes part, and what everybody needs."""

    sample: Sample
    folder: Path
    seats: list[Seat] = field(default_factory=list)
    running: list[Program | Baresip] = field(default_factory=list)

    async def seat(
        self, playwright: Playwright, role: str, voice: Sequence[int], *, beside: Seat | None = None
    ) -> Seat:
        """A person of the sample centre in a browser of their own, or in another window `beside` somebody."""
        name, login, password = self.sample.people[role]
        browser = beside.browser if beside else await open_browser(playwright, self.folder / f"{role}.wav", voice)
        seat = await take_seat(browser, self.sample.url, name=name, voice=voice)
        self.seats.append(seat)
        await sign_in(seat, login, password)
        return seat

    async def baresip(self, caller: Caller) -> Baresip:
        """A caller with a phone."""
        tape = write_wav(self.folder / "tape.wav", caller.tape(180))
        account = f"<sip:{caller.number}@127.0.0.1:{self.sample.sip_port}>;regint=0;dtmfmode=rtpevent"
        phone = Baresip(account, self.folder / "baresip", tape=tape)
        self.running.append(phone)
        await phone.start()
        return phone

    async def sipp(self, caller: Caller, keys: Sequence[tuple[float, str]]) -> Program:
        """A caller whose speech and keys are on a tape."""
        folder = self.folder / "sipp"
        folder.mkdir()
        shutil.copy(SCENARIOS / "speaks.xml", folder)
        write_tape(folder / "tape.pcap", caller.tape(90), keys)
        port = free_port()
        program = Program(
            "sipp",
            [
                *(f"127.0.0.1:{self.sample.sip_port}", "-sf", folder / "speaks.xml", "-s", LINE, "-m", "1"),
                *("-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-mp", str(free_port())),
                *("-key", "caller", caller.number, "-nostdin", "-timeout", "120s", "-timeout_error", "-trace_err"),
            ],
            folder,
        )
        self.running.append(program)
        await program.start()
        return program

    async def end(self) -> None:
        for one in self.running:
            await one.end()
        for seat in self.seats:
            await seat.close()


async def live_contact(watcher: Seat, caller: Caller) -> dict[str, Any] | None:
    """What the supervisors' page knows of a caller who is in the centre."""
    live = await watcher.desk.api("GET", "/api/supervision")
    ends = caller.number[-2:]
    found = [one for one in live["items"] if one["number"]["masked"].endswith(ends)]
    return found[0] if found else None


async def until(ask: Callable[[], Awaitable[object]], patience: float = SECONDS) -> None:
    """Ask until it is so; what other programs do is told to nobody."""
    async with asyncio.timeout(patience):
        while not await ask():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.2)


def bar(page: Page) -> Locator:
    """The operator's part of the call bar."""
    return page.get_by_role("region", name="Your work", exact=True)


async def phase(page: Page, text: str) -> None:
    await expect(bar(page).get_by_role("status").first).to_contain_text(text)


async def picture(page: Page, name: str) -> None:
    """For the documentation, when that is asked for."""
    if PICTURES:
        await page.mouse.move(0, 0)
        await asyncio.sleep(0.5)  # what fades in is there then
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def picture_of(seat: Seat, path: str, name: str) -> None:
    """Of a page that the test itself does not need."""
    if PICTURES:
        await seat.open(path)
        await seat.page.wait_for_load_state("networkidle")
        await picture(seat.page, name)
