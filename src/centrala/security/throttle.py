"""How long somebody who guesses passwords has to wait: a pure decision.

A login is slowed after a few failures, which holds up a guesser without locking its owner out for long; an address is
slowed after more, because a whole centre may share one. Success forgets a login's failures, not an address's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; each further one doubles the wait, up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta


BY_LOGIN: Final = Limit(free=5, first=timedelta(seconds=2), longest=timedelta(minutes=15))
BY_ADDRESS: Final = Limit(free=50, first=timedelta(seconds=2), longest=timedelta(minutes=15))

FORGET_AFTER: Final = timedelta(hours=24)
"""Failures older than this do not count any more."""

_MOST_DOUBLINGS: Final = 20


def may_try_at(limit: Limit, failures: int, last_at: datetime) -> datetime:
    """The moment from which the next attempt is looked at."""
    if failures < limit.free:
        return last_at
    doublings: int = min(failures - limit.free, _MOST_DOUBLINGS)
    return last_at + min(limit.first * (1 << doublings), limit.longest)
