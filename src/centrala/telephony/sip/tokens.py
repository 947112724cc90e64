"""Where unguessable strings come from. The core never reads a random source by itself."""

from __future__ import annotations

import hashlib
from typing import Protocol


class TokenSource(Protocol):
    """Makes unguessable tokens and uniform numbers; live it is seeded from the operating system."""

    def token(self, bits: int = 96) -> str:
        """Return lowercase hex of at least `bits` bits (RFC 3261 19.3 asks 32 for a tag)."""
        ...

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound` - 1."""
        ...


class SeededTokens:
    """A stream of tokens from a secret seed: SHA-256 over the seed and a counter.

    As unguessable as its seed: live code passes 32 bytes of the system's randomness, tests pass a
    name.
    """

    __slots__ = ("_count", "_seed")

    def __init__(self, seed: bytes) -> None:
        self._seed = hashlib.sha256(seed).digest()
        self._count = 0

    def _block(self) -> bytes:
        self._count += 1
        return hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()

    def token(self, bits: int = 96) -> str:
        """Return `bits` (at most 256) as lowercase hex."""
        return self._block().hex()[: (bits + 3) // 4]

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound` - 1."""
        return int.from_bytes(self._block()[:16], "big") % bound
