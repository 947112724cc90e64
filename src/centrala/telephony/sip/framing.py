"""Messages out of a byte stream (TCP, TLS): Content-Length, and the keep-alive of RFC 5626
3.5.1."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from centrala.telephony.sip.errors import FramingError, ParseError
from centrala.telephony.sip.limits import MAX_BODY, MAX_HEAD, MAX_KEEPALIVE_RUN
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.parser import parse_head
from centrala.telephony.sip.text import parse_uint

PONG: Final = b"\r\n"  # what answers a ping
PING: Final = b"\r\n\r\n"
_END: Final = b"\r\n\r\n"


class KeepAlive(StrEnum):
    """Keep-alives between messages: a ping is to be answered by `PONG`, a pong ends the wait for
    one."""

    PING = "ping"
    PONG = "pong"


Item = Request | Response | ParseError | KeepAlive


class StreamFramer:
    """Cuts one connection's bytes into messages. After a `FramingError` item the stream is lost."""

    __slots__ = ("_buffer", "_needed", "_pending", "_scanned", "broken")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0  # bytes of the buffer known to hold no end of a head
        self._pending: Request | Response | ParseError | None = None
        self._needed = 0  # bytes of body that `_pending` waits for
        self.broken = False

    @property
    def waiting(self) -> int:
        """Bytes held back for a message that is not complete; the caller times it."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Item]:
        """Take what the socket gave; return what became complete, in order."""
        items: list[Item] = []
        if self.broken:
            return items
        self._buffer += data
        try:
            while (item := self._next()) is not None:
                items.append(item)
        except FramingError as problem:
            self.broken = True
            self._buffer.clear()
            items.append(problem)
        return items

    def _next(self) -> Item | None:
        if self._pending is None:
            if (kept := self._keepalive()) is not None:
                return kept
            if not self._head():
                return None
        if self._pending is None or len(self._buffer) < self._needed:
            return None
        item, self._pending = self._pending, None
        if not isinstance(item, ParseError):
            item.body = bytes(self._buffer[: self._needed])
        del self._buffer[: self._needed]
        return item

    def _keepalive(self) -> KeepAlive | None:
        buffer = self._buffer
        if not buffer or buffer[0] not in b"\r\n" or self._scanned:
            return None
        if buffer.startswith(PING):
            del buffer[:4]
            return KeepAlive.PING
        if len(buffer) >= 3 and buffer.startswith(PONG) and buffer[2] not in b"\r\n":
            del buffer[:2]
            return KeepAlive.PONG
        if bytes(buffer) in {b"\r", b"\r\n", b"\r\n\r"}:
            # A lone CRLF may be half of a ping; it is told apart when more comes or by `settle`.
            return None
        run = len(buffer) - len(buffer.lstrip(b"\r\n"))
        if run > MAX_KEEPALIVE_RUN or run == 0:
            raise FramingError("Noise between messages", status=0)
        del buffer[:run]
        return self._keepalive()

    def settle(self) -> list[Item]:
        """Take a lone CRLF for the pong that it is; call when the read buffer has run dry."""
        if bytes(self._buffer) == PONG and self._pending is None:
            self._buffer.clear()
            return [KeepAlive.PONG]
        return []

    def _head(self) -> bool:
        buffer = self._buffer
        if not buffer or buffer[0] in b"\r\n":
            return False
        at = buffer.find(_END, max(0, self._scanned - 3))
        if at < 0:
            self._scanned = len(buffer)
            if len(buffer) > MAX_HEAD:
                raise FramingError("Message header too large", status=0)
            return False
        head = bytes(buffer[: at + 4])
        del buffer[: at + 4]
        self._scanned = 0
        self._pending = self._read_head(head)
        return True

    def _read_head(self, head: bytes) -> Request | Response | ParseError:
        pending: Request | Response | ParseError
        try:
            pending = message = parse_head(head)
        except ParseError as problem:
            if problem.message is None:
                raise FramingError(problem.reason, status=0) from problem
            pending, message = problem, problem.message
        self._needed = _length(message)
        if self._needed > MAX_BODY:
            raise FramingError("Body too large", status=413).about(message)
        return pending


def _length(message: Request | Response) -> int:
    values = set(message.headers.all("content-length"))
    if len(values) != 1:
        # RFC 3261 18.3: on a stream the length must be there, and be one.
        raise FramingError("Content-Length missing or ambiguous").about(message)
    try:
        return parse_uint(values.pop(), cap=2**31, what="Content-Length")
    except ParseError as problem:
        raise FramingError(problem.reason).about(message) from problem
