"""Time as an input: rooms ask a clock, tests turn it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

Clock = Callable[[], datetime]

CLOCK_SKEW_LIMIT: Final = timedelta(seconds=5)
"""How far program and database may disagree before the node reports a wrong clock."""


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
