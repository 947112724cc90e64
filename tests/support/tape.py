"""A tape for SIPp: speech and keys as RTP in a capture file, which it sends with its own addresses."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from support.audio import FRAME, RATE, ulaw_encode

EVENT_PT: Final = 101
KEYS: Final = "0123456789*#"
EVENT_PACKETS: Final = 7  # 100 ms of a key, then its end three times (RFC 4733 2.5.1.4)
ETHERNET: Final = bytes(12) + b"\x08\x00"
SSRC: Final = 0x5199


def write_tape(path: Path, samples: Sequence[int], keys: Sequence[tuple[float, str]]) -> Path:
    """`keys` are pressed so many seconds after the beginning; no two closer than 200 ms."""
    codes = ulaw_encode(samples)
    pressed = {round(at * RATE / FRAME): key for at, key in keys}
    packets, current, done, began = [], "", 0, 0
    for number in range(len(codes) // FRAME):
        if number in pressed:
            current, done, began = pressed[number], 0, number
        if current:
            done += 1
            packets.append(_rtp(number, began * FRAME, EVENT_PT, _event(current, done), mark=done == 1))
            current = "" if done == EVENT_PACKETS else current
        else:
            packets.append(_rtp(number, number * FRAME, 0, codes[number * FRAME : (number + 1) * FRAME]))
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(header + b"".join(_record(packet, number) for number, packet in enumerate(packets)))
    return path


def _record(packet: bytes, number: int) -> bytes:
    frame = ETHERNET + packet
    moment = divmod(number * FRAME * 1_000_000 // RATE, 1_000_000)
    return struct.pack("<IIII", *moment, len(frame), len(frame)) + frame


def _event(key: str, done: int) -> bytes:
    length = min(done, EVENT_PACKETS - 2)
    return struct.pack("!BBH", KEYS.index(key), (0x80 if done >= EVENT_PACKETS - 2 else 0) | 10, length * FRAME)


def _rtp(number: int, stamp: int, kind: int, payload: bytes, *, mark: bool = False) -> bytes:
    rtp = struct.pack("!BBHII", 0x80, kind | (0x80 if mark else 0), number & 0xFFFF, stamp, SSRC) + payload
    udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0, 64, 17, 0, bytes(4), bytes(4))
    return ip + udp
