"""Speech by espeak-ng for tests, and how much of it is found in what was heard.

The place of the whole phrase in what was heard is where the product of both is greatest. Then the phrase is cut into
pieces of 200 ms; each one with speech in it is looked for near its own place, as jitter buffers move speech by some
tens of ms, and its normalized correlation (1 for the same shape at any loudness) is taken. All audio here is lists of
samples of 16 bit at 8,000 Hz.
"""

import io
import math
import struct
import subprocess
import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import mul
from pathlib import Path
from typing import Final

import pytest

from centrala.ivr.speech import Espeak

RATE: Final = 8000
FRAME: Final = 160  # samples of 20 ms
ALIKE: Final = 0.8  # correlation from which a piece counts as heard; other speech has about 0.2
ENOUGH: Final = 0.9  # share of the pieces that must be heard
PIECE: Final = RATE // 5
ASTRAY: Final = 480  # samples that a piece may be from the place of the whole
PAUSE: Final = 300.0  # root mean square below which a piece is a pause
LOUDNESS: Final = 2500.0  # root mean square of rendered speech

ENGLISH: Final = ("en+m3", "Good morning, I am calling about the order from yesterday, when will it arrive?")
RUSSIAN: Final = ("ru+f2", "Добрый день, мне нужна справка о вашем новом тарифе и о сроках доставки.")
ROMANIAN: Final = ("ro+m1", "Bună ziua, aș dori să schimb adresa de livrare pentru comanda mea de ieri.")

Samples = list[int]


@cache
def say(phrase: tuple[str, str], seconds: float = 2.4) -> tuple[int, ...]:
    """A phrase of (voice, text), at most so long. Without espeak-ng the test fails and says so."""
    voice, text = phrase
    command = ["espeak-ng", "-v", voice, "-s", "170", "--stdout", text]
    try:
        output = subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.fail("espeak-ng is missing: apt-get install espeak-ng (tools/bootstrap.sh test does it)")
    with wave.open(io.BytesIO(output), "rb") as file:
        rate = file.getframerate()
        samples = [one for (one,) in struct.iter_unpack("<h", file.readframes(int(rate * (seconds + 0.2))))]
    narrow = resample(samples, rate)[: int(seconds * RATE)]
    factor = LOUDNESS / max(level(narrow), 1.0)
    return tuple(max(-32768, min(32767, int(one * factor))) for one in narrow)


def spoken(text: str, language: str) -> Samples:
    """What the centre's own speaker says; not quite the same each time."""
    return narrowed(Espeak().speak(text, language))


def narrowed(wav: bytes) -> Samples:
    """A file of the centre's speaker as a telephone has it."""
    narrow = resample([one for (one,) in struct.iter_unpack("<h", wav[44:])], int.from_bytes(wav[24:28], "little"))
    factor = LOUDNESS / max(level(narrow), 1.0)
    return [max(-32768, min(32767, int(one * factor))) for one in narrow]


def resample(samples: Sequence[int], rate: int) -> list[float]:
    """Down to 8,000 Hz through a windowed low pass of 3.4 kHz."""
    half = 20
    cutoff = 2 * 3400 / rate
    taps = [
        cutoff * (1.0 if n == 0 else math.sin(math.pi * cutoff * n) / (math.pi * cutoff * n))
        * (0.5 + 0.5 * math.cos(math.pi * n / (half + 1)))
        for n in range(-half, half + 1)
    ]  # fmt: skip
    padded = [0] * half + list(samples) + [0] * (half + 2)
    out = []
    for n in range(len(samples) * RATE // rate):
        at = round(n * rate / RATE)
        out.append(sum(map(mul, taps, padded[at : at + 2 * half + 1])))
    return out


def in_sequence(packets: Iterable[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """RTP packets of (sequence number, payload) in the order of their sending; the numbers run on past 65,535.

    RFC 3550 A.1: a stream begins with any number of 16 bit, so it may come round in the middle of a phrase.
    """
    extended: list[tuple[int, bytes]] = []
    for number, payload in packets:
        last = extended[-1][0] if extended else number
        extended.append((last + ((number - last + 0x8000) & 0xFFFF) - 0x8000, payload))
    return sorted(extended)


def level(samples: Sequence[float]) -> float:
    """Root mean square."""
    return math.sqrt(float(sum(map(mul, samples, samples))) / max(len(samples), 1))


@dataclass(frozen=True, slots=True)
class Likeness:
    """`heard`: share of the pieces with speech that were found; `place`: where the phrase begins, in samples."""

    heard: float
    median: float
    gain_db: float
    place: int


def likeness(sent: Sequence[int], heard: Sequence[int]) -> Likeness:
    """How much of a phrase came through."""
    place = _place_of(sent, heard)
    padded = [0] * (len(sent) + ASTRAY) + list(heard) + [0] * (len(sent) + ASTRAY)
    base = place + len(sent) + ASTRAY
    scores, gains = [], []
    for start in range(0, len(sent) - PIECE + 1, PIECE):
        piece = sent[start : start + PIECE]
        if level(piece) < PAUSE:
            continue
        score, at = _best(piece, padded, base + start)
        scores.append(score)
        gains.append(20 * math.log10(max(level(padded[at : at + PIECE]), 1.0) / level(piece)))
    assert len(scores) >= 4, "too little speech to measure"
    middle = len(scores) // 2
    share = sum(score >= ALIKE for score in scores) / len(scores)
    return Likeness(share, sorted(scores)[middle], sorted(gains)[middle], place)


def _best(piece: Sequence[int], heard: Sequence[int], around: int) -> tuple[float, int]:
    """The best correlation near a place, first by every second sample."""

    def score(at: int) -> float:
        there = heard[max(at, 0) : max(at, 0) + PIECE]
        if len(there) < PIECE:
            return 0.0
        return float(sum(map(mul, piece, there))) / max(math.sqrt(energy * sum(map(mul, there, there))), 1.0)

    energy = sum(map(mul, piece, piece))
    rough = max(range(around - ASTRAY, around + ASTRAY + 1, 2), key=score)
    best = max(range(rough - 1, rough + 2), key=score)
    return score(best), best


def _place_of(sent: Sequence[int], heard: Sequence[int]) -> int:
    small, whole = _rough(sent), _rough(heard)
    padded = [0] * len(small) + whole + [0] * len(small)
    near = 8 * (max(range(len(padded) - len(small)), key=lambda n: _product(small, padded, n)) - len(small))
    padded = [0] * len(sent) + list(heard) + [0] * len(sent)
    places = range(max(near - 16, -len(sent)), near + 17)
    return max(places, key=lambda n: _product(sent, padded, n + len(sent)))


def _rough(samples: Sequence[int]) -> Samples:
    """An eighth of the rate, enough to find a place."""
    return [sum(samples[n : n + 8]) // 8 for n in range(0, len(samples) - 7, 8)]


def _product(short: Sequence[int], long: Sequence[int], at: int) -> int:
    return sum(map(mul, short, long[at : at + len(short)]))


# ---- G.711 and files -------------------------------------------------------------------------------------------------


def _ulaw_decode(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return -magnitude if code & 0x80 else magnitude


_DECODED: Final = [_ulaw_decode(code) for code in range(256)]


def ulaw_decode(codes: bytes) -> Samples:
    return [_DECODED[code] for code in codes]


def ulaw_encode(samples: Sequence[int]) -> bytes:
    def encode(sample: int) -> int:
        sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
        magnitude = min(magnitude, 32635) + 0x84
        exponent = magnitude.bit_length() - 8
        return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF

    return bytes(map(encode, samples))


def write_wav(path: Path, samples: Sequence[int], *, times: int = 1) -> Path:
    """A mono file at 8,000 Hz, or at `times` of it with straight lines between the samples."""
    dense: list[int] = []
    for one, other in pairwise([*samples, 0]):
        dense.extend(one + (other - one) * n // times for n in range(times))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE * times)
        file.writeframes(struct.pack(f"<{len(dense)}h", *dense))
    return path


def read_wav(path: Path) -> list[Samples]:
    """The channels of a file at 8,000 Hz."""
    with wave.open(str(path), "rb") as file:
        assert file.getframerate() == RATE
        channels, data = file.getnchannels(), file.readframes(file.getnframes())
    samples = [one for (one,) in struct.iter_unpack("<h", data)]
    return [samples[channel::channels] for channel in range(channels)]
