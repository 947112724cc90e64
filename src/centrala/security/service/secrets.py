"""Random secrets that are handed out once and kept as SHA-256: they have 256 bits, so no slow hash is needed."""

import hashlib
import secrets
from typing import Final

SECRET_BYTES: Final = 32
TOKEN_PREFIX: Final = "ctr_"  # noqa: S105 - public on purpose
"""What an API token begins with, so that scanners of leaked secrets recognise it."""


def new_secret(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
