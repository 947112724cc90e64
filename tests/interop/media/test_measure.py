"""The measure of speech itself: it tells the same speech from other speech, silence and half of it."""

from support.audio import (
    ENGLISH,
    ENOUGH,
    FRAME,
    ROMANIAN,
    RUSSIAN,
    in_sequence,
    likeness,
    say,
    ulaw_decode,
    ulaw_encode,
)


def test_the_same_speech_is_found_at_its_place_and_level() -> None:
    speech = say(RUSSIAN)
    heard = [0] * 3210 + [one // 2 for one in ulaw_decode(ulaw_encode(speech))] + [0] * 4000
    found = likeness(speech, heard)
    assert found.heard == 1.0
    assert found.place == 3210
    assert abs(found.gain_db + 6) < 0.3


def test_silence_and_other_speech_are_not_found() -> None:
    speech = say(RUSSIAN)
    for other in ([0] * 24000, [0] * 1000 + list(say(ENGLISH)), list(say(ROMANIAN)) + [0] * 1000):
        assert likeness(speech, other).heard <= 0.1


def test_half_of_the_speech_is_not_enough() -> None:
    speech = say(ENGLISH)
    half = len(speech) // 2
    found = likeness(speech, [0] * 500 + list(speech[:half]) + [0] * (half + 500))
    assert found.heard < 0.7 < ENOUGH


def test_speech_whose_packet_numbers_come_round_is_found_whole() -> None:
    codes = ulaw_encode(say(ROMANIAN))
    first = 0x10000 - 60  # the numbers come round in the middle of the phrase
    frames = [codes[at : at + FRAME] for at in range(0, len(codes), FRAME)]
    packets = [((first + number) & 0xFFFF, frame) for number, frame in enumerate(frames)]
    packets[20], packets[21] = packets[21], packets[20]  # and two overtake each other
    heard = [sample for _, payload in in_sequence(packets) for sample in ulaw_decode(payload)]
    assert likeness(say(ROMANIAN), heard).heard == 1.0
