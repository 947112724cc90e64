"""Sound files: read, checked, converted to what the media engine plays.

The engine reads WAV of 8 to 48 kHz and brings it to the rate of each call with a better filter than would be wise here;
so the rate stays, and what is uploaded becomes one channel of PCM with 16 bits.
"""

import hashlib
import math
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from centrala.ivr.errors import BadSound

MAX_SECONDS: Final = 300  # of an uploaded sound
MIN_SECONDS: Final = 0.05
LEAST_RATE, MOST_RATE = 8_000, 48_000  # Hz
_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


@dataclass(frozen=True, slots=True)
class Format:
    tag: int
    channels: int
    rate: int
    bits: int


def checked_wav(data: bytes) -> tuple[bytes, float, str]:
    """An uploaded file as it is kept, its length in seconds and its hash. Raises `BadSound`."""
    form, body = _parse(data)
    samples = _mono(_decoded(form, body), form.channels)
    seconds = len(samples) / form.rate
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise BadSound(extra={"reason": "length", "most_seconds": MAX_SECONDS})
    wav = wav_of(samples, form.rate)
    return wav, seconds, hashlib.sha256(wav).hexdigest()


def wav_of(samples: "array[int]", rate: int) -> bytes:
    """A WAV file of one channel, 16 bits."""
    body = samples.tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, _PCM, 1, rate, rate * 2, 2, 16)
    return head + struct.pack("<4sI", b"data", len(body)) + body


def _parse(data: bytes) -> tuple[Format, bytes]:
    """The format and the samples of a RIFF/WAVE file (IBM and Microsoft, 1991)."""
    if len(data) < 44 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise BadSound(extra={"reason": "no_wav"})
    form: Format | None = None
    place = 12
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        chunk = data[place + 8 : place + 8 + size]
        if name == b"fmt " and len(chunk) >= 16:
            form = _format(chunk)
        elif name == b"data" and form is not None:
            return form, chunk
        place += 8 + size + size % 2
    raise BadSound(extra={"reason": "no_wav"})


def _format(chunk: bytes) -> Format:
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        tag = int.from_bytes(chunk[24:26], "little")
    known = {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_FLOAT, 32), (_A_LAW, 8), (_MU_LAW, 8)}
    if (tag, bits) not in known or channels not in {1, 2}:
        raise BadSound(extra={"reason": "encoding"})
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise BadSound(extra={"reason": "rate"})
    return Format(tag, channels, rate, bits)


def _decoded(form: Format, body: bytes) -> "array[int]":
    body = body[: len(body) - len(body) % (form.bits // 8 * form.channels)]
    if form.tag == _FLOAT:
        return array("h", (_clipped(value) for (value,) in struct.iter_unpack("<f", body)))
    if form.bits == 24:
        return _woven(body[1::3], body[2::3])
    if form.bits == 8:
        low, high = {_MU_LAW: _MU_LAW_BYTES, _A_LAW: _A_LAW_BYTES}.get(form.tag, _EIGHT_BITS)
        return _woven(body.translate(low), body.translate(high))
    return array("h", body)


def _woven(low: bytes, high: bytes) -> "array[int]":
    """Samples of their lower and higher bytes: byte by byte in Python would hold up the whole process."""
    both = bytearray(2 * len(low))
    both[0::2], both[1::2] = low, high
    return array("h", bytes(both))


def _clipped(value: float) -> int:
    return round(max(-1.0, min(1.0, value)) * 32_767) if value == value else 0  # noqa: PLR0124 - not a number


def _mono(samples: "array[int]", channels: int) -> "array[int]":
    if channels == 1:
        return samples
    return array("h", ((left + right) // 2 for left, right in zip(samples[::2], samples[1::2], strict=True)))


def _mu_law(byte: int) -> int:
    """ITU-T G.711 table 2."""
    byte = ~byte & 0xFF
    value = (((byte & 0x0F) << 3) + 0x84) << ((byte & 0x70) >> 4)
    return 0x84 - value if byte & 0x80 else value - 0x84


def _a_law(byte: int) -> int:
    """ITU-T G.711 table 1."""
    byte ^= 0x55
    value, segment = (byte & 0x0F) << 4, (byte & 0x70) >> 4
    value = value + 8 if segment == 0 else (value + 0x108) << (segment - 1)
    return value if byte & 0x80 else -value


def _bytes_of(values: Iterable[int]) -> tuple[bytes, bytes]:
    """The lower and the higher bytes of 256 samples, as tables for `bytes.translate`."""
    packed = struct.pack("<256h", *values)
    return packed[0::2], packed[1::2]


_MU_LAW_BYTES: Final = _bytes_of(_mu_law(byte) for byte in range(256))
_A_LAW_BYTES: Final = _bytes_of(_a_law(byte) for byte in range(256))
_EIGHT_BITS: Final = _bytes_of((byte - 128) << 8 for byte in range(256))

OWN_RATE: Final = 8_000  # Hz, of what is made here: nothing in it is above 1 kHz
BEEP_HZ: Final = 1_000
BEEP_SECONDS: Final = 0.4
BEEP_LOUDNESS: Final = 0.25  # of full scale


def silence(ms: int) -> bytes:
    """A WAV file in which nothing is heard."""
    return wav_of(array("h", bytes(2 * (OWN_RATE * ms // 1000))), OWN_RATE)


def beep() -> bytes:
    """A WAV file with the tone after which callers speak."""
    count = int(OWN_RATE * BEEP_SECONDS)
    step = 2 * math.pi * BEEP_HZ / OWN_RATE
    edge = OWN_RATE // 100  # samples: without it the tone clicks
    loud = (BEEP_LOUDNESS * 32_767 * min(1.0, place / edge, (count - place) / edge) for place in range(count))
    return wav_of(array("h", (round(level * math.sin(step * place)) for place, level in enumerate(loud))), OWN_RATE)
