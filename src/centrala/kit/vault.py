"""Fields that must not be readable in the database: AES-256-GCM under a key of this installation.

The installation's secret never encrypts anything itself; each purpose has a key of its own by HKDF (RFC 5869).
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE: Final = 12  # bytes; NIST SP 800-38D section 8.2.2


class Unreadable(ValueError):
    """Sealed under another key or for another row, or changed since."""


def derived_key(secret: str, *, purpose: str, salt: bytes | None = None) -> bytes:
    """256 bits for one purpose out of the installation's secret."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose.encode()).derive(secret.encode())


class Vault:
    """Seals and opens values for one purpose."""

    def __init__(self, secret: str, *, purpose: str) -> None:
        self._cipher = AESGCM(derived_key(secret, purpose=purpose))

    def seal(self, value: bytes, *, owner: bytes) -> bytes:
        """Encrypt `value`; it opens only for the same `owner` (such as the id of its row)."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, value, owner)

    def open(self, sealed: bytes, *, owner: bytes) -> bytes:
        """Decrypt what `seal` made; raises `Unreadable`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], owner)
        except InvalidTag as error:
            raise Unreadable from error
