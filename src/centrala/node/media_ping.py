"""Asks the media engine for a sign of life (docs/media-protocol.md, section 2)."""

import json
import socket
from typing import Final

PATIENCE: Final = 0.2  # seconds; the engine answers in a millisecond or is not up
LONGEST_ANSWER: Final = 4096  # bytes


def answers(control: str) -> bool:
    """Whether the engine behind `control` (`unix:PATH` or `tcp:ADDRESS:PORT`) answers a ping."""
    kind, _, where = control.partition(":")
    family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(where if kind == "unix" else (where.rpartition(":")[0], int(where.rpartition(":")[2])))
            sock.sendall(b'{"id": 1, "cmd": "ping"}\n')
            line = b""
            while not line.endswith(b"\n") and len(line) < LONGEST_ANSWER:
                data = sock.recv(LONGEST_ANSWER)
                if not data:
                    return False
                line += data
        return "ok" in json.loads(line)
    except (OSError, ValueError):
        return False
