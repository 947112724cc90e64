"""Ports for what tests start: below those that the system gives to sockets, beside those of the media engines."""

import itertools
import socket
from typing import Final

BLOCK: Final = 20
"""Ports from the one that is given on are its taker's own, for RTP."""
_FIRST: Final = itertools.cycle(range(10_000, 20_000, BLOCK))


def free_port() -> int:
    """A port that nothing has at this moment, for UDP and TCP alike; an even one.

    A port that the system had just given to a socket could be given to another one before the program has bound it.
    """
    for port in itertools.islice(_FIRST, 500):
        if _is_free(port, socket.SOCK_DGRAM) and _is_free(port, socket.SOCK_STREAM):
            return port
    raise OSError("no free port")


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as one:
        try:
            one.bind(("0.0.0.0", port))  # noqa: S104 - carriers live at 127.0.0.2 and further; nothing listens here
        except OSError:
            return False
    return True
