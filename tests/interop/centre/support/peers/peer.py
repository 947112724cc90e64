"""What every peer of the matrix can be asked to do, whatever program it is."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from interop.centre.support.peers.floor import PeersFloor
from interop.exchange.conftest import until
from support.audio import RATE, Samples, say, write_wav
from support.chromium import GAP

Phrase = tuple[str, str]
SECONDS: Final = 1.2  # of a phrase: six pieces that are looked for
PERIOD: Final = SECONDS + 2 * len(GAP) / RATE  # seconds after which a peer begins its phrase anew
VOICE: Final[Phrase] = ("en+m3", "Good morning, when will the parcel arrive?")  # of every peer, over and over
HEARD: Final = 0.65  # share of the pieces: two of six may fall into a jitter buffer; of other speech none is found
UNHEARD: Final = 0.4
SLOW: Final = 20.0  # seconds for what a program does by itself on a busy machine


def words(phrase: Phrase) -> tuple[int, ...]:
    return say(phrase, SECONDS)


def tape(path: Path, seconds: float = 60.0) -> Path:
    """The voice as a file, with a gap after each phrase."""
    once = [*GAP, *words(VOICE), *GAP]
    return write_wav(path, once * int(seconds * RATE / len(once)))


class Peer(ABC):
    """A phone, or somebody behind a carrier. What it says it says over and over, from the answer on."""

    echoes = False
    """It says what it hears instead."""
    outside = False
    """A client of a carrier, not a phone of the centre."""
    through = HEARD
    """Share of a phrase that is found in what it has heard."""
    keeps_after_hold = True
    """What it hears after a hold is found in `heard`."""

    def __init__(self, floor: PeersFloor, folder: Path, person_id: UUID | None = None) -> None:
        self.floor = floor
        self.folder = folder
        self.person_id = person_id
        self.told: list[Phrase] = []  # what was said to it
        self.untold: list[Phrase] = []  # what was said while it should not hear
        folder.mkdir(parents=True)

    @property
    @abstractmethod
    def number(self) -> str:
        """What somebody in the centre dials to reach it."""

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def end(self) -> None: ...

    @abstractmethod
    async def call(self, number: str, *, then: Sequence[str] = ()) -> None:
        """Call; returns when the INVITE is on its way. `then` is what will follow, for who must know it before."""

    async def listen(self) -> None:
        """Be ready for a call; most are always."""
        return

    @abstractmethod
    async def answer(self) -> None:
        """Take the call that comes."""

    @abstractmethod
    async def hang_up(self) -> None: ...

    async def hold(self) -> None:
        raise NotImplementedError

    async def resume(self) -> None:
        raise NotImplementedError

    async def transfer(self, number: str) -> None:
        """REFER."""
        raise NotImplementedError

    async def consult(self, number: str) -> None:
        """Call somebody beside the call that is up."""
        raise NotImplementedError

    async def connect(self) -> None:
        """REFER with Replaces: the two others shall talk."""
        raise NotImplementedError

    async def press(self, key: str) -> None:
        raise NotImplementedError

    async def press_by_info(self, key: str) -> None:
        """For those whose settings say by which way keys go."""
        await self.press(key)

    async def receives(self) -> None:
        """For those who do not keep it: that the audio reaches them."""
        raise NotImplementedError

    @abstractmethod
    async def heard(self) -> Samples:
        """All that it has heard, once its calls are over."""

    async def registered(self) -> None:
        await until(lambda: self.person_id in self.floor.exchange.registrations.present(), SLOW)
