"""What the processes write: passed on line by line, as JSON, or readable on a terminal."""

import json
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from centrala.kit.logging import scrub

MAX_LINE: Final = 65_536  # bytes; a longer line is cut
LAST_WORDS: Final = 50  # lines remembered of each process
_SHOWN_APART: Final = {"at", "level", "process", "logger", "message"}


class Lines:
    """The output of one process, cut into lines. `write` gets each as a line of JSON."""

    def __init__(self, process: str, write: Callable[[bytes], None]) -> None:
        self._process = process
        self._write = write
        self._rest = b""
        self._cut = False
        self.last: deque[str] = deque(maxlen=LAST_WORDS)

    def feed(self, data: bytes) -> None:
        """Take what was read; an empty `data` is the end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if not self._cut:
                self._take(line)
            self._cut = False
        if len(self._rest) > MAX_LINE or (not data and self._rest):
            if not self._cut:
                self._take(self._rest[:MAX_LINE])
            self._rest, self._cut = b"", bool(data)

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        self.last.append(line.decode(errors="replace"))
        self._write(line if _is_ours(line) else self._wrapped(line))

    def _wrapped(self, line: bytes) -> bytes:
        text = line.decode(errors="replace").strip()
        told = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": _level(text),
            "process": self._process,
            "logger": self._process,
        }
        told |= _of_the_engine(text) or {"message": "Said.", "text": scrub(text)}
        return json.dumps(told, ensure_ascii=False).encode()


def _is_ours(line: bytes) -> bool:
    return line.startswith(b'{"at": ') and line.endswith(b"}")


def _of_the_engine(text: str) -> dict[str, Any] | None:
    """The media engine writes JSON too, with `msg` for the sentence and `ts` for the Unix time in ms."""
    try:
        said = json.loads(text)
        at = datetime.fromtimestamp(said.pop("ts") / 1000, UTC)
        return {"at": at.isoformat(timespec="milliseconds"), "message": said.pop("msg"), **said}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        return None


def _level(text: str) -> str:
    if "FATAL" in text or "PANIC" in text or "ERROR" in text:
        return "error"
    return "warning" if "WARNING" in text else "info"


def for_terminal(line: bytes) -> bytes:
    """A line of JSON as people read it; anything else as it is."""
    try:
        told: Any = json.loads(line)
        time = told["at"][11:19]
        fields = " ".join(f"{name}={value}" for name, value in told.items() if name not in _SHOWN_APART)
        text = f"{time} {told['level']:<7} {told['process']:<8} {told['message']} {fields}"
    except (ValueError, KeyError, TypeError):
        return line
    return text.rstrip().encode()
