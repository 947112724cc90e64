"""Recordings at rest: AES-256-GCM in chunks, so that a player reads from any place without opening the whole.

Theory of operation. Each file has a key of its own, by HKDF from the installation's secret, a random salt and the id of
the recording. The audio is cut into chunks of `CHUNK` bytes; the nonce of each is its number and whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that chunks can not be changed, moved,
left out or cut off unseen. The header, which holds the size of the audio, is bound to every chunk.

    magic 8 | salt 16 | chunk size 4 | size of the audio 8 | chunks, each with its tag of 16
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from centrala.kit.vault import Unreadable, derived_key

CHUNK: Final = 65_536  # bytes of audio in a chunk
MAX_CHUNK: Final = 1_048_576  # bytes; a header that says more is not ours
TAG: Final = 16  # bytes
MAGIC: Final = b"CNTRREC1"
_HEADER: Final = struct.Struct(">8s16sIQ")
HEADER: Final = _HEADER.size
PURPOSE: Final = "recordings"

ReadAt = Callable[[int, int], bytes]
"""Bytes of the sealed file: from a place, so many."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing came to: sizes in bytes, SHA-256 of the audio in hex."""

    size: int
    sealed_size: int
    sha256: str


def seal(audio: IO[bytes], size: int, out: IO[bytes], *, secret: str, recording_id: UUID) -> Sealed:
    """Write `size` bytes of audio to `out`, sealed. Raises `OSError`, and `EOFError` when the audio is shorter."""
    salt = os.urandom(16)
    header = _HEADER.pack(MAGIC, salt, CHUNK, size)
    cipher = _cipher(secret, salt, recording_id)
    out.write(header)
    digest, last, written = hashlib.sha256(), _last_chunk(size, CHUNK), HEADER
    for number in range(last + 1):
        want = min(CHUNK, size - number * CHUNK)
        chunk = audio.read(want)
        if len(chunk) != want:
            raise EOFError
        digest.update(chunk)
        written += out.write(cipher.encrypt(_nonce(number, last=number == last), chunk, header))
    return Sealed(size, written, digest.hexdigest())


class Opened:
    """A sealed recording that is read from any place. Raises `Unreadable` for what is not what was sealed."""

    def __init__(self, read_at: ReadAt, *, secret: str, recording_id: UUID) -> None:
        self._read_at = read_at
        self._header = read_at(0, HEADER)
        if len(self._header) != HEADER:
            raise Unreadable
        magic, salt, self._chunk, self.size = _HEADER.unpack(self._header)
        if magic != MAGIC or not 0 < self._chunk <= MAX_CHUNK:
            raise Unreadable
        self._cipher = _cipher(secret, salt, recording_id)
        self._last = _last_chunk(self.size, self._chunk)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, chunk by chunk."""
        stop = min(stop, self.size)
        while start < stop:
            number = start // self._chunk
            chunk = self._open(number)
            begin = number * self._chunk
            part = chunk[start - begin : stop - begin]
            if not part:
                raise Unreadable
            yield part
            start += len(part)

    def digest(self) -> str:
        """SHA-256 of the whole audio, in hex."""
        digest = hashlib.sha256()
        for number in range(self._last + 1):
            digest.update(self._open(number))
        return digest.hexdigest()

    def _open(self, number: int) -> bytes:
        sealed = self._read_at(HEADER + number * (self._chunk + TAG), self._chunk + TAG)
        try:
            return self._cipher.decrypt(_nonce(number, last=number == self._last), sealed, self._header)
        except InvalidTag as error:
            raise Unreadable from error


def _cipher(secret: str, salt: bytes, recording_id: UUID) -> AESGCM:
    return AESGCM(derived_key(secret, purpose=f"{PURPOSE} {recording_id}", salt=salt))


def _last_chunk(size: int, chunk: int) -> int:
    """The number of the last chunk; an empty file has one, which is empty."""
    return max(0, (size - 1) // chunk)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
