"""Simulated customers: they come by chance, press keys, wait as long as their patience lasts, talk and rate."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Final

from centrala.node.crowd.clips import CUSTOMERS
from centrala.node.crowd.lines import Line
from centrala.node.crowd.scene import Scene
from centrala.telephony.sip.dialog import DialogId
from centrala.web.demo_mix import Mix

IDLE: Final = 1.0  # seconds between two looks at the mix
MAX_CALLS: Final = 40  # at once; what comes on top does not call
RATES: Final = ("", "5", "5", "4", "3")  # keys after the conversation; the first hangs up without a word
KEY_PAUSES: Final = (3.0, 5.0)  # seconds of listening before a key, at least and at most


@dataclass(frozen=True, slots=True)
class Errand:
    """How customers of a project get through its menu. `keys`: what to press after the language, one is chosen."""

    dialled: str
    languages: tuple[tuple[str, str], ...]  # language and its key
    keys: tuple[str, ...]


# As the sample flows ask; see `demo_flows`.
ERRANDS: Final = {
    "ORB": Errand("1001", (("ro", "1"), ("ru", "2"), ("en", "3")), ("1", "2", "2", "3")),
    "TAXI": Errand("1002", (("ru", "2"), ("ro", "1")), ("",)),
    "CARD": Errand("1003", (("ro", "1"), ("ru", "2"), ("en", "3")), ("1234#",)),
}


class Customer:
    """One call of one customer."""

    def __init__(self, scene: Scene, number: str, code: str, chance: random.Random, patience: float) -> None:
        self.number = number
        self.code = code  # of the project that is called
        self._scene = scene
        self._errand = errand = ERRANDS[code]
        self._chance = chance
        self._patience = patience
        self._session: DialogId | None = None
        self._line: Line | None = None
        self._language, self._language_key = chance.choice(errand.languages)
        self._up = asyncio.Event()
        self._served = asyncio.Event()
        self._over = asyncio.Event()
        self._status = 0

    async def run(self) -> None:
        """From dialling to the end of the call."""
        lines, phones, said = self._scene.lines, self._scene.callers, self._scene.said
        self._line = line = await lines.open()
        attempt = phones.call(self, self.number, self._errand.dialled, line.description())
        said.placed += 1
        try:
            await self._conversation(line)
        finally:
            phones.give_up(attempt)
            if self._session is not None:
                phones.hang_up(self._session)
            lines.close(line)

    async def _conversation(self, line: Line) -> None:
        said = self._scene.said
        await self._first(self._up, within=20)
        if not self._up.is_set():
            said.failed += 1
            return
        for key in (self._language_key, self._chance.choice(self._errand.keys)):
            await self._first(self._served, within=self._chance.uniform(*KEY_PAUSES))
            if not self._served.is_set():
                line.press(key)
        await self._first(self._served, within=self._patience)
        if not self._served.is_set():
            said.gave_up += not self._over.is_set()
            return
        said.served += 1
        line.say(self._scene.clips.frames(self._language, CUSTOMERS[self._language]))
        # The operator ends the conversation; what is left of the call asks for a rating.
        await self._first(self._over, within=1_800)

    async def _first(self, event: asyncio.Event, *, within: float) -> None:
        """Wait for the event, the end of the call or the limit."""
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._over.wait())]
        try:
            await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    # What happens

    def answered(self, session: DialogId, answer: bytes | None) -> None:
        self._session = session
        if self._line is not None:
            self._line.connect(answer)
        self._up.set()

    def ended(self, status: int) -> None:
        self._status = status
        self._session = None
        self._over.set()

    def reoffered(self) -> bytes:
        return b"" if self._line is None else self._line.description()

    # What the operator tells

    def served(self) -> None:
        self._served.set()

    def asked(self) -> None:
        """The operator has gone; the centre asks for a rating."""
        if self._line is not None:
            self._line.say([])
            self._line.press(self._chance.choice(RATES))


class Customers:
    """Lets customers come."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._calls: dict[str, Customer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def by_number(self, number: str) -> Customer | None:
        return self._calls.get(number)

    async def run(self) -> None:
        """Until cancelled; then all calls are ended."""
        chance = random.Random()  # noqa: S311 - a simulation
        streams = [asyncio.create_task(self._stream(code, random.Random(chance.random()))) for code in ERRANDS]  # noqa: S311
        try:
            await asyncio.gather(*streams)
        finally:
            for task in (*streams, *self._tasks):
                task.cancel()
            await asyncio.gather(*streams, *self._tasks, return_exceptions=True)

    async def _stream(self, code: str, chance: random.Random) -> None:
        """A Poisson process; the rate may change at any moment, so it is thinned second by second."""
        while True:
            await asyncio.sleep(IDLE)
            mix = self._scene.board.mix()
            stream = mix.streams.get(code)
            if not mix.on or stream is None:
                continue
            if chance.random() < stream.calls_per_hour * IDLE / 3_600:
                patience = chance.expovariate(1 / stream.patience_seconds)
                self._place(code, chance, patience)

    def _place(self, code: str, chance: random.Random, patience: float) -> None:
        # Ofcom keeps +44 7700 900000 to 900999 for fiction; one number does not call twice at once.
        number = f"+447700900{chance.randrange(100, 1_000)}"
        if number in self._calls or len(self._calls) >= MAX_CALLS:
            return
        customer = Customer(self._scene, number, code, chance, max(8.0, patience))
        self._calls[number] = customer
        task = asyncio.create_task(self._serve(number, customer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, number: str, customer: Customer) -> None:
        self._scene.said.calls += 1
        try:
            with contextlib.suppress(OSError):  # no socket left: this one does not call
                await customer.run()
        finally:
            self._scene.said.calls -= 1
            del self._calls[number]


def talk_time(mix: Mix, dialled_by: str, chance: random.Random) -> float:
    """Seconds of a conversation of a project, log-normal as measured in call centres (Brown et al., 2005)."""
    stream = mix.streams.get(dialled_by)
    mean = 40 if stream is None else stream.talk_seconds
    sigma = 0.5
    return min(600.0, max(4.0, mean * chance.lognormvariate(-sigma * sigma / 2, sigma)))
