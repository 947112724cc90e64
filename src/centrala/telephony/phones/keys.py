"""Secrets of phones. Pure but for chance.

A desk phone has a random secret, kept as HA1 of both algorithms (RFC 8760: what a server needs, and no password). The
phone in a browser gets a name that says whose it is and until when, and a password that only this installation can
compute from that name; so nothing is stored, and it ends by itself.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from centrala.telephony.sip.digest import Algorithm, make_ha1

REALM: Final = "centrala"
"""Stands in every HA1, so it never changes."""

SECRET_LENGTH: Final = 20  # characters; about 98 bits
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # typed by hand from paper: no l and 1, o and 0
USER_DIGITS: Final = 8
BROWSER_PASSWORD: Final = 32  # characters


def new_secret() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(SECRET_LENGTH))


def new_user() -> str:
    """A SIP user that a keypad can type; it says nothing of the person."""
    return str(10 ** (USER_DIGITS - 1) + secrets.randbelow(9 * 10 ** (USER_DIGITS - 1)))


def both_ha1(user: str, password: str) -> dict[Algorithm, str]:
    return {algorithm: make_ha1(algorithm, user, REALM, password) for algorithm in Algorithm}


@dataclass(frozen=True, slots=True)
class BrowserUser:
    """The name of a phone in a browser: whose, and until when (whole seconds)."""

    person_id: UUID
    expires_at: datetime

    def __str__(self) -> str:
        return f"{self.person_id.hex}.{int(self.expires_at.timestamp()):x}"

    @property
    def aor_user(self) -> str:
        """Stays the same from one name to the next."""
        return self.person_id.hex

    @classmethod
    def read(cls, text: str) -> "BrowserUser | None":
        """What `str` wrote, or None."""
        person, _, expires = text.partition(".")
        try:
            user = cls(UUID(hex=person), datetime.fromtimestamp(int(expires[:12], 16), UTC))
        except (ValueError, OverflowError, OSError):
            return None
        return user if str(user) == text else None


class BrowserKeys:
    """Computes passwords of phones in browsers under a key of this installation."""

    def __init__(self, secret: str) -> None:
        kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"browser phone")
        self._key = kdf.derive(secret.encode())

    def password(self, user: BrowserUser) -> str:
        mac = hmac.new(self._key, str(user).encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode()[:BROWSER_PASSWORD]
