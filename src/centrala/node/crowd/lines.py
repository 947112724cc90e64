"""The audio of the crowd: RTP (RFC 3550) with G.711 A-law and keys (RFC 4733), a socket a call, one beat for all."""

import asyncio
import contextlib
import secrets
import struct
from collections import deque
from itertools import cycle
from typing import Any, Final

from centrala.node.crowd.clips import FRAME, SILENCE
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.sdp.agreement import address_of
from centrala.telephony.sip.sdp.parse import parse_sdp

BEAT: Final = 0.02  # seconds between packets
MAX_LATE: Final = 10  # beats that are made up for after the process was held up; more are left out
PCMA, KEYS = 8, 101  # payload types
HOST: Final = "127.0.0.1"
_KEY_PACKETS: Final = 5  # of 20 ms: a key of 100 ms
_END, _VOLUME = 0x80, 10
DIGITS: Final = "0123456789*#ABCD"


class Line(asyncio.DatagramProtocol):
    """One call's audio. `heard` counts packets that came."""

    def __init__(self) -> None:
        self.heard = 0
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._remote: tuple[str, int] | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._saying = cycle([SILENCE])
        self._keys: deque[bytes] = deque()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        self.port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def description(self) -> bytes:
        """What we offer or answer (RFC 8866)."""
        return (
            f"v=0\r\no=- {self._ssrc} 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {self.port} RTP/AVP {PCMA} {KEYS}\r\na=rtpmap:{PCMA} PCMA/8000\r\n"
            f"a=rtpmap:{KEYS} telephone-event/8000\r\na=fmtp:{KEYS} 0-15\r\na=ptime:20\r\n"
        ).encode()

    def connect(self, description: bytes | None) -> None:
        """Send to where the peer's description says; what cannot be read changes nothing."""
        with contextlib.suppress(ParseError, IndexError):
            session = parse_sdp(description or b"")
            media = session.media[0]
            if media.port:
                self._remote = address_of(session, media), media.port

    def say(self, frames: list[bytes]) -> None:
        """Say this over and over; an empty list is silence."""
        self._saying = cycle(frames or [SILENCE])

    def press(self, keys: str) -> None:
        """Press keys, a tenth of a second each with as long a pause between two."""
        for key in keys:
            code = DIGITS.index(key)
            for packet in range(1, _KEY_PACKETS + 1):
                self._keys.append(struct.pack("!BBH", code, _VOLUME, packet * FRAME))
            last = struct.pack("!BBH", code, _VOLUME | _END, _KEY_PACKETS * FRAME)
            self._keys.extend([last] * 3)  # RFC 4733 2.5.1.4: the end is sent three times
            self._keys.extend([b""] * _KEY_PACKETS)

    def beat(self) -> None:
        """Send the packet of this moment."""
        if self._transport is None or self._remote is None:
            return
        key = self._keys.popleft() if self._keys else b""
        self._sequence = self._sequence + 1 & 0xFFFF
        if key:
            # The time stamp of an event stays that of its beginning (RFC 4733 2.5.1.2).
            first = int.from_bytes(key[2:4], "big") == FRAME
            self._send(KEYS | (0x80 if first else 0), key)
            return
        self._timestamp = self._timestamp + FRAME & 0xFFFFFFFF
        self._send(PCMA, next(self._saying))

    def _send(self, payload_type: int, payload: bytes) -> None:
        assert self._transport is not None and self._remote is not None  # noqa: S101 - `beat` has looked
        head = struct.pack("!BBHII", 0x80, payload_type, self._sequence, self._timestamp, self._ssrc)
        self._transport.sendto(head + payload, self._remote)

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002 - the protocol's shape
        self.heard += 1

    def error_received(self, exc: Exception) -> None:
        """The engine has closed its port already; the BYE is on its way."""


class Lines:
    """All lines, and the beat."""

    def __init__(self) -> None:
        self._open: set[Line] = set()

    async def open(self) -> Line:
        line = Line()
        await line.open()
        self._open.add(line)
        return line

    def close(self, line: Line) -> None:
        self._open.discard(line)
        line.close()

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + BEAT, loop.time() - MAX_LATE * BEAT)
            await asyncio.sleep(max(0.0, due - loop.time()))
            for line in tuple(self._open):
                line.beat()
