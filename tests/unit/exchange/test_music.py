"""The melody for who is on hold."""

import itertools
import wave
from pathlib import Path

from centrala.telephony.exchange.music import RATE, melody, music_file


def test_it_is_quiet_and_never_clips() -> None:
    samples = melody()
    loudest = max(abs(sample) for sample in samples)
    assert 2_000 < loudest < 16_000


def test_its_end_rings_into_its_beginning_without_a_click() -> None:
    samples = melody()
    steps = [abs(one - other) for one, other in itertools.pairwise(samples)]
    assert abs(samples[0] - samples[-1]) <= max(steps)


def test_the_file_is_made_once(tmp_path: Path) -> None:
    path = music_file(tmp_path / "files")
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, RATE)
        assert 10 < file.getnframes() / RATE < 60
    made = path.stat().st_mtime_ns
    assert music_file(tmp_path / "files") == path
    assert path.stat().st_mtime_ns == made
