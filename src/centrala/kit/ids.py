"""Identifiers: UUIDv7 (RFC 9562 section 5.7), so that rows sort by the time of their making."""

from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid7

AccountId = NewType("AccountId", UUID)
ProjectId = NewType("ProjectId", UUID)


def new_id() -> UUID:
    """A fresh UUIDv7, greater than all that this process made before."""
    return uuid7()
