"""Music for who is on hold, when the administrator gives no file: a melody made here, free of anybody's rights.

Broken chords (C, A minor, F, G) of plucked tones, quiet, 16 kHz mono; it loops without a seam.
"""

import math
import wave
from array import array
from pathlib import Path
from typing import Final

RATE: Final = 16_000  # Hz
NOTE: Final = 0.375  # seconds from one note to the next
DECAY: Final = 1.8  # seconds until a tone has died away; it rings over those that follow
LOUDNESS: Final = 0.09  # of full scale a note: about -20 dBFS with those that still ring
CHORDS: Final = ((60, 64, 67, 72), (57, 60, 64, 69), (53, 57, 60, 65), (55, 59, 62, 67))  # MIDI numbers
TURN: Final = (0, 1, 2, 3, 2, 1)  # order of a chord's notes


def melody() -> "array[int]":
    """The samples of one loop."""
    notes = [chord[place] for chord in CHORDS for place in TURN * 2]
    step = round(NOTE * RATE)
    mixed = [0.0] * (step * len(notes))
    plucked = {note: _pluck(note) for note in set(notes)}
    for number, note in enumerate(notes):
        begin = number * step
        for offset, sample in enumerate(plucked[note]):
            mixed[(begin + offset) % len(mixed)] += sample  # the end rings into the beginning
    return array("h", (max(-32_768, min(32_767, round(sample * 32_767))) for sample in mixed))


def _pluck(note: int) -> list[float]:
    """A tone with two overtones, from a soft attack to silence."""
    pitch = 440.0 * 2.0 ** ((note - 69) / 12)
    length = round(DECAY * RATE)
    tone = []
    for place in range(length):
        time = place / RATE
        envelope = min(1.0, time / 0.01) * math.exp(-3.5 * time) * min(1.0, (length - place) / 800)
        angle = 2 * math.pi * pitch * time
        tone.append(LOUDNESS * envelope * (math.sin(angle) + 0.4 * math.sin(2 * angle) + 0.15 * math.sin(3 * angle)))
    return tone


def music_file(folder: Path) -> Path:
    """The melody as a WAV file in `folder`, made when it is not there."""
    path = folder / "music-on-hold.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        samples = melody().tobytes()  # takes a while; the unfinished file shall not
        fresh = path.with_suffix(".new")
        with wave.open(str(fresh), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples)
        fresh.replace(path)
    return path
