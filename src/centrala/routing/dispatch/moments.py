"""The router's clock: seconds since 1970 that neither jump nor go back when somebody sets the machine's clock."""

import time
from collections.abc import Callable

from centrala.kit.clock import Clock, utc_now

Now = Callable[[], float]


def steady(clock: Clock) -> Now:
    """Seconds since 1970 by the machine's monotonic clock; by `clock` itself when a test turns it."""
    if clock is not utc_now:
        return lambda: clock().timestamp()
    offset = clock().timestamp() - time.monotonic()
    return lambda: time.monotonic() + offset
