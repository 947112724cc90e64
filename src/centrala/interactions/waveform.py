"""Peaks and loudness of a recording, computed once in the worker and shown by the player."""

import math
import sys
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

MAX_PEAKS: Final = 1_200  # of each side; more than a screen shows
MIN_PEAK_MS: Final = 20  # a peak covers at least so much
SILENCE: Final = -96.0  # dBFS; the floor of 16 bits
_FULL: Final = 32_768  # the loudest sample of 16 bits
_EVERY: Final = 4  # one sample of so many counts for loudness: the figure moves by less than 0.1 dB


class NotAudio(ValueError):
    """The file is not the WAV that the engine writes."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """`peaks` interleaved by side, one byte each; `levels` in dBFS."""

    sides: int
    duration_ms: int
    peaks: bytes
    levels: tuple[float, ...]


def measure(file: IO[bytes]) -> Waveform:
    """Read a WAV of 16-bit PCM; raises `NotAudio`."""
    try:
        with wave.open(file, "rb") as sound:
            if sound.getsampwidth() != 2 or not sound.getframerate():
                raise NotAudio("not 16-bit PCM")
            return _measure(sound)
    except (wave.Error, EOFError) as error:
        raise NotAudio(str(error)) from error


def _measure(sound: wave.Wave_read) -> Waveform:
    sides, rate, frames = sound.getnchannels(), sound.getframerate(), sound.getnframes()
    step = max(rate * MIN_PEAK_MS // 1000, math.ceil(frames / MAX_PEAKS), 1)
    peaks, energy, counted = bytearray(), [0.0] * sides, 0
    for samples in _blocks(sound, step):
        for side in range(sides):
            own = samples[side::sides]
            loudest = max((max(own), -min(own)))
            peaks.append(min(255, loudest * 255 // (_FULL - 1)))
            some = own[::_EVERY]
            energy[side] += sum(value * value for value in some)
        counted += len(samples[::sides][::_EVERY])
    levels = tuple(round(_decibels(total, counted), 1) for total in energy)
    return Waveform(sides, frames * 1000 // rate, bytes(peaks), levels)


def _blocks(sound: wave.Wave_read, step: int) -> Iterator["array[int]"]:
    while frames := sound.readframes(step):
        samples = array("h", frames[: len(frames) - len(frames) % (2 * sound.getnchannels())])
        if sys.byteorder == "big":
            samples.byteswap()
        if samples:
            yield samples


def _decibels(energy: float, count: int) -> float:
    if not count or not energy:
        return SILENCE
    return max(SILENCE, 10 * math.log10(energy / count / _FULL**2))


def apart(peaks: bytes, sides: int) -> list[list[int]]:
    """The peaks of each side."""
    return [list(peaks[side::sides]) for side in range(sides)]
