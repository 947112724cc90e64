"""What the crowd says: sentences spoken once by the centre's own voice, kept as G.711 A-law."""

import math
from array import array
from collections.abc import Iterator
from typing import Final

from centrala.ivr.speech import Espeak

RATE: Final = 8_000  # Hz, of G.711
FRAME: Final = 160  # samples of a packet: 20 ms
SILENCE: Final = bytes([0xD5]) * FRAME  # ITU-T G.711: the smallest positive value, even bits inverted
PAUSE: Final = 60  # frames between two sentences

CUSTOMERS: Final = {
    "ro": (
        "Bună ziua. Internetul meu nu merge de azi dimineață.",
        "Am repornit deja routerul, dar lumina roșie tot clipește.",
        "Da, adresa este aceeași. Mulțumesc, aștept.",
    ),
    "ru": (
        "Здравствуйте. Я хочу узнать, почему счёт в этом месяце больше.",
        "Нет, тариф я не меняла. Посмотрите, пожалуйста.",
        "Хорошо, поняла. Большое спасибо.",
    ),
    "en": (
        "Good morning. My card was declined at the shop.",
        "The last four digits are one two three four.",
        "That is all, thank you very much.",
    ),
}
OPERATORS: Final = {
    "ro": ("Bună ziua, cu ce vă pot ajuta?", "O clipă, vă rog, verific.", "S-a rezolvat. Vă mulțumesc pentru apel."),
    "ru": ("Здравствуйте, чем могу помочь?", "Одну минуту, проверяю.", "Всё готово. Спасибо за звонок."),
    "en": (
        "Good morning, how can I help you?",
        "One moment, please, I am checking.",
        "It is done. Thank you for calling.",
    ),
}


class Clips:
    """Sentences as frames of A-law. Making one takes some tens of ms of CPU, once."""

    def __init__(self) -> None:
        self._speaker = Espeak()
        self._made: dict[tuple[str, str], list[bytes]] = {}

    def frames(self, language: str, sentences: tuple[str, ...]) -> list[bytes]:
        """The sentences with pauses between them, a packet an item."""
        frames: list[bytes] = []
        for sentence in sentences:
            frames += self._sentence(language, sentence)
            frames += [SILENCE] * PAUSE
        return frames

    def _sentence(self, language: str, text: str) -> list[bytes]:
        key = language, text
        if key not in self._made:
            wav = self._speaker.speak(text, language)
            rate = int.from_bytes(wav[24:28], "little")
            coded = to_a_law(resampled(array("h", wav[44:]), rate))
            self._made[key] = [coded[at : at + FRAME].ljust(FRAME, SILENCE[:1]) for at in range(0, len(coded), FRAME)]
        return self._made[key]


def resampled(samples: "array[int]", rate: int) -> Iterator[int]:
    """Linear between neighbours, after a mean over what one sample stands for: good enough for a telephone."""
    step = rate / RATE
    width = max(1, round(step))
    for number in range(math.floor((len(samples) - width) / step)):
        at = int(number * step)
        yield sum(samples[at : at + width]) // width


def to_a_law(samples: Iterator[int]) -> bytes:
    """ITU-T G.711 table 1, even bits inverted."""
    return bytes(_TABLE[(sample + 32_768) >> 4] for sample in samples)


def _a_law(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0
    steps = (sample if sample >= 0 else -sample - 1) >> 4
    segment = max(0, steps.bit_length() - 4)
    return (sign | segment << 4 | steps >> max(0, segment - 1) & 0x0F) ^ 0x55


_TABLE: Final = bytes(_a_law((index << 4) - 32_768) for index in range(4_096))
