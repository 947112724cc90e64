"""Parts of a file that a browser asks for, and the picture of a sound."""

import io
import math
import struct
import wave

import pytest

from centrala.interactions.errors import RangeNotSatisfiable
from centrala.interactions.ranges import asked_part
from centrala.interactions.waveform import MAX_PEAKS, SILENCE, NotAudio, apart, measure

RATE = 8_000


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-200", (90, 100)),
        ("bytes=-30", (70, 100)),
        ("bytes=-300", (0, 100)),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("lines=1-2", None),
        ("bytes=-", None),
    ],
)
def test_a_range_is_read_as_the_rfc_says(header: str | None, part: tuple[int, int] | None) -> None:
    assert asked_part(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        asked_part(header, 100)


def sound(seconds: float, left: float, right: float) -> io.BytesIO:
    """Stereo; each side a tone of its amplitude (0 to 1)."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for frame in range(int(seconds * RATE)):
            tone = math.sin(2 * math.pi * 400 * frame / RATE)
            file.writeframesraw(struct.pack("<hh", int(tone * left * 32767), int(tone * right * 32767)))
    out.seek(0)
    return out


def test_each_side_has_its_own_peaks_and_loudness() -> None:
    form = measure(sound(2, 0.5, 0))
    left, right = apart(form.peaks, form.sides)
    assert (form.sides, form.duration_ms, len(left)) == (2, 2000, len(right))
    assert max(left) == pytest.approx(127, abs=2)
    assert set(right) == {0}
    assert form.levels[0] == pytest.approx(20 * math.log10(0.5 / math.sqrt(2)), abs=0.2)
    assert form.levels[1] == SILENCE


def test_the_picture_of_a_long_call_is_not_larger() -> None:
    form = measure(sound(60, 0.1, 0.1))
    assert len(form.peaks) <= 2 * MAX_PEAKS


def test_an_empty_recording_has_no_peaks() -> None:
    form = measure(sound(0, 0, 0))
    assert (form.peaks, form.duration_ms) == (b"", 0)


@pytest.mark.parametrize("data", [b"", b"nothing of a sound", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(NotAudio):
        measure(io.BytesIO(data))
