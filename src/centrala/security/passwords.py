"""Passwords: argon2id (RFC 9106), and the rules of what is accepted (NIST SP 800-63B: length, no known-bad ones)."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from centrala.kit.errors import InvalidField

MIN_LENGTH: Final = 10  # characters
MAX_LENGTH: Final = 200  # characters; argon2 takes more, a request should not

# RFC 9106 section 4, second recommendation (memory-constrained): t=3, 64 MiB, p=4.
_hasher: Final = PasswordHasher()
_COSTLY: Final = asyncio.Semaphore(2)
"""Hashings at one time: each takes 64 MiB and a core, so a flood of sign-ins must not take all."""

# Of a random text that nobody kept; written down because making one costs a start 0.1 s.
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$r8Y0BW0rvAOrBgU5JpGLrw$YSF1sv86zDkc2QTtDZv9rjxJH4ek7fhZvPVNf1/7wqM"
"""Checked when the login is unknown, so that the answer takes as long as for a known one."""

_TOO_COMMON: Final = frozenset({"password", "passw0rd", "qwertyuiop", "centrala", "administrator", "1234567890"})


def check_rules(password: str, *, login: str, field: str) -> None:
    """Refuse a password that is too short, contains the login, or is one that everybody tries."""
    if len(password) < MIN_LENGTH:
        raise InvalidField(field, "password.too_short", f"Use at least {MIN_LENGTH} characters.", min_length=MIN_LENGTH)
    lowered = password.lower()
    if len(login) > 3 and login.lower() in lowered:
        raise InvalidField(field, "password.contains_login", "Leave your login out of the password.")
    if len(set(lowered)) < 5 or any(lowered.strip("0123456789!@#$.") == bad for bad in _TOO_COMMON):
        raise InvalidField(field, "password.too_common", "This password is among the first that anybody tries.")
    if lowered in _TOO_COMMON:
        raise InvalidField(field, "password.too_common", "This password is among the first that anybody tries.")


async def hashed(password: str) -> str:
    async with _COSTLY:
        return await asyncio.to_thread(_hasher.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the right one; takes the same time when there is none to compare with."""
    async with _COSTLY:
        return await asyncio.to_thread(_verify, password_hash or _NOBODYS, password) and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
