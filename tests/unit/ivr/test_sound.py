"""Sound files: what is uploaded is checked and becomes what the engine plays; what is spoken has sound in it."""

import io
import math
import struct
import wave
from array import array
from concurrent.futures import ThreadPoolExecutor

import pytest

from centrala.ivr.errors import BadSound, NoVoice
from centrala.ivr.sound import beep, checked_wav, silence, wav_of
from centrala.ivr.speech import VOICES, Espeak


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> "array[int]":
    return array("h", (round(12_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(rate * seconds))))


def wav(tag: int, bits: int, rate: int, body: bytes, channels: int = 1) -> bytes:
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits)
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"fmt " + struct.pack("<I", 16) + head
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def mu_law(sample: int) -> int:
    """ITU-T G.711, the way that encoders go."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32_635) + 0x84
    exponent = max(magnitude.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | (magnitude >> exponent + 3) & 0x0F) & 0xFF


def samples_of(data: bytes) -> tuple[int, "array[int]"]:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), array("h", file.readframes(file.getnframes()))


def likeness(one: "array[int]", other: "array[int]") -> float:
    """Correlation, 1: the same sound."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def encodings() -> dict[str, bytes]:
    sound = tone(8_000)
    twice = array("h", (value for sample in sound for value in (sample, sample)))
    return {
        "16 bits": wav(1, 16, 8_000, sound.tobytes()),
        "8 bits": wav(1, 8, 8_000, bytes((sample >> 8) + 128 for sample in sound)),
        "24 bits": wav(1, 24, 8_000, b"".join(struct.pack("<i", sample << 8)[:3] for sample in sound)),
        "float": wav(3, 32, 8_000, struct.pack(f"<{len(sound)}f", *(sample / 32_767 for sample in sound))),
        "mu-law": wav(7, 8, 8_000, bytes(mu_law(sample) for sample in sound)),
        "two channels": wav(1, 16, 8_000, twice.tobytes(), channels=2),
    }


@pytest.mark.parametrize("encoding", list(encodings()))
def test_every_usual_encoding_sounds_the_same_afterwards(encoding: str) -> None:
    kept, seconds, _ = checked_wav(encodings()[encoding])
    rate, samples = samples_of(kept)
    assert (rate, seconds) == (8_000, 0.5)
    assert likeness(samples, tone(8_000)) > 0.999


def test_a_law_is_read_by_the_table_of_the_recommendation() -> None:
    """ITU-T G.711 table 1a: the code 1101 0101 stands for +8, its sign bit turned for -8; 1010 1010 for the loudest."""
    kept, _, _ = checked_wav(wav(6, 8, 8_000, bytes([0xD5, 0x55, 0xAA, 0x2A] * 200)))
    assert list(samples_of(kept)[1][:4]) == [8, -8, 32_256, -32_256]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_wav"),
        (b"ID3" + bytes(100), "no_wav"),
        (b"RIFF" + bytes(4) + b"WAVE" + bytes(40), "no_wav"),
        (wav(85, 16, 8_000, bytes(9_000)), "encoding"),
        (wav(1, 16, 8_000, bytes(9_000), channels=6), "encoding"),
        (wav(1, 16, 4_000, bytes(9_000)), "rate"),
        (wav(1, 16, 8_000, b""), "length"),
        (wav(7, 8, 8_000, bytes(8_000 * 301)), "length"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadSound) as refused:
        checked_wav(data)
    assert refused.value.extra["reason"] == reason


def test_a_file_that_was_cut_short_is_played_as_far_as_it_goes() -> None:
    whole = wav(1, 16, 8_000, tone(8_000).tobytes())
    assert checked_wav(whole[:-1_001])[1] == pytest.approx(0.437, abs=0.001)


def test_silence_is_silent_and_as_long_as_asked() -> None:
    rate, samples = samples_of(silence(250))
    assert len(samples) / rate == 0.25
    assert not any(samples)


def test_the_beep_is_one_tone_without_clicks() -> None:
    rate, samples = samples_of(beep())
    assert likeness(samples, tone(rate, len(samples) / rate, 1_000.0)) > 0.97
    assert abs(samples[0]) < 100 > abs(samples[-1])


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    return Espeak()


TEXTS = {"en": "Good day, how can we help?", "ru": "Добрый день, чем помочь?", "ro": "Bună ziua, cu ce vă ajutăm?"}


@pytest.mark.parametrize("language", sorted(VOICES))
def test_each_voice_speaks(espeak: Espeak, language: str) -> None:
    rate, samples = samples_of(espeak.speak(TEXTS[language], language))
    loudness = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    assert 1.0 < len(samples) / rate < 5.0
    assert loudness > 500


def test_voices_do_not_mix(espeak: Espeak) -> None:
    """The library keeps its voice from one text to the next; its noise differs each time, but hardly the length."""
    text = "Один, два, три, четыре, пять."
    first, other, again = (len(espeak.speak(text, language)) for language in ("ru", "en", "ru"))
    assert again == pytest.approx(first, rel=0.02)
    assert other != pytest.approx(first, rel=0.05)


def test_there_is_no_voice_for_other_languages(espeak: Espeak) -> None:
    with pytest.raises(NoVoice):
        espeak.speak("Guten Tag", "de")


def test_a_file_made_here_is_a_wave_file() -> None:
    assert samples_of(wav_of(tone(16_000), 16_000)) == (16_000, tone(16_000))


def test_many_speakers_at_once_share_the_one_library() -> None:
    """Two initialisations, or a callback that is gone, end the process; so this test ends the whole run if it fails."""
    texts = [*((f"Number {number}, please.", "en") for number in range(12)), ("Bună ziua.", "ro"), ("Минуту.", "ru")]
    alone = [len(Espeak().speak(*text)) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        together = [len(wav) for wav in threads.map(lambda text: Espeak().speak(*text), texts)]
    # The voice differs a little from one time to the next.
    assert together == pytest.approx(alone, rel=0.05)
