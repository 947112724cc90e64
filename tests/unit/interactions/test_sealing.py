"""Recordings at rest: read from any place, and nothing changed goes unseen."""

import io
import os
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centrala.interactions.sealing import CHUNK, HEADER, TAG, Opened, seal
from centrala.kit.vault import Unreadable

SECRET, RECORDING = "the secret of the tests", uuid4()
SOUND = os.urandom(3 * CHUNK + 1234)


def sealed(audio: bytes = SOUND, *, recording_id: UUID = RECORDING) -> bytes:
    out = io.BytesIO()
    done = seal(io.BytesIO(audio), len(audio), out, secret=SECRET, recording_id=recording_id)
    assert (done.size, done.sealed_size) == (len(audio), len(out.getvalue()))
    return out.getvalue()


KEPT = sealed()


def opened(kept: bytes, *, secret: str = SECRET, recording_id: UUID = RECORDING) -> Opened:
    return Opened(lambda start, length: kept[start : start + length], secret=secret, recording_id=recording_id)


def whole(one: Opened) -> bytes:
    return b"".join(one.read(0, one.size))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_what_was_sealed_is_read_again(size: int) -> None:
    assert whole(opened(sealed(SOUND[:size]))) == SOUND[:size]


def test_the_sound_is_not_in_the_file() -> None:
    assert SOUND[100:164] not in KEPT


@settings(max_examples=50)
@given(st.integers(0, len(SOUND)), st.integers(0, len(SOUND)))
def test_any_part_is_read_without_the_rest(one: int, other: int) -> None:
    start, stop = sorted((one, other))
    assert b"".join(opened(KEPT).read(start, stop)) == SOUND[start:stop]


@pytest.mark.parametrize("at", [0, 9, 25, HEADER, HEADER + CHUNK, len(KEPT) - 1])
def test_a_changed_byte_anywhere_is_seen(at: int) -> None:
    changed = bytearray(KEPT)
    changed[at] ^= 1
    with pytest.raises(Unreadable):
        whole(opened(bytes(changed)))


def test_a_file_that_was_cut_off_is_seen() -> None:
    with pytest.raises(Unreadable):
        whole(opened(KEPT[: HEADER + 2 * (CHUNK + TAG)]))


def test_chunks_cannot_change_places() -> None:
    first, second = KEPT[HEADER : HEADER + CHUNK + TAG], KEPT[HEADER + CHUNK + TAG : HEADER + 2 * (CHUNK + TAG)]
    with pytest.raises(Unreadable):
        whole(opened(KEPT[:HEADER] + second + first + KEPT[HEADER + 2 * (CHUNK + TAG) :]))


def test_another_secret_or_another_recording_opens_nothing() -> None:
    for strange in (opened(KEPT, secret="another"), opened(KEPT, recording_id=uuid4())):
        with pytest.raises(Unreadable):
            whole(strange)


@pytest.mark.parametrize("kept", [b"", b"RIFF", b"x" * HEADER])
def test_what_is_not_ours_is_refused(kept: bytes) -> None:
    with pytest.raises(Unreadable):
        opened(kept)
