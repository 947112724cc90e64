"""Who hears whom: from the seats of a room to its hearing matrix.

Hold, transfer, three-way, listening, whispering and barging are changes of seats, never mechanisms of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Matrix = Mapping[str, tuple[str, ...]]
"""Whom each ear hears, in the order of the seats; every seat has an ear."""


class Role(StrEnum):
    """What a leg does in its room."""

    PARTY = "party"
    MUTED = "muted"  # hears, is not heard
    HELD = "held"  # put on hold by us: hears music
    PARKED = "parked"  # waits with music until somebody takes it up
    APART = "apart"  # in the room, but in no conversation: rings, listens to a menu, waits in a queue
    ECHO = "echo"  # hears itself, for a test of microphone and network
    LISTENING = "listening"  # a supervisor nobody hears
    WHISPERING = "whispering"  # a supervisor whom one party hears
    BARGING = "barging"  # a supervisor who talks with everybody


@dataclass(frozen=True, slots=True)
class Seat:
    """A leg in a room. `away`: the peer holds us and listens no more. `early`: it speaks before its answer."""

    leg: str
    role: Role
    to: str | None = None  # whom a whisper is for
    away: bool = False
    early: bool = False


def matrix(seats: Sequence[Seat]) -> Matrix:
    """The hearing matrix of a room."""
    return {ear.leg: tuple(mouth.leg for mouth in seats if hears(ear, mouth)) for ear in seats}


def hears(ear: Seat, mouth: Seat) -> bool:
    """Whether what `mouth` says reaches `ear`."""
    if ear.away or mouth.away or not _listens(ear):
        return False
    if ear.leg == mouth.leg or ear.role is Role.ECHO:
        return ear.leg == mouth.leg and ear.role is Role.ECHO
    if mouth.role is Role.WHISPERING:
        return mouth.to == ear.leg
    return mouth.role in TALKING


TALKING: Final = frozenset({Role.PARTY, Role.BARGING})
SUPERVISING: Final = frozenset({Role.LISTENING, Role.WHISPERING, Role.BARGING})


def _listens(seat: Seat) -> bool:
    if seat.early:
        # Before its answer a phone plays nothing; a caller whom we sent early audio hears.
        return False
    return seat.role not in {Role.HELD, Role.PARKED, Role.APART}


def wants_music(seats: Sequence[Seat]) -> frozenset[str]:
    """The legs that are to hear music: who is held or parked, and who is left alone by a peer that holds."""
    heard = matrix(seats)
    parties = [seat for seat in seats if seat.role is Role.PARTY and not seat.away and not seat.early]
    alone = {seat.leg for seat in parties if not heard[seat.leg] and _held_by(seat, seats)}
    kept = {seat.leg for seat in seats if seat.role in {Role.HELD, Role.PARKED} and not seat.away}
    return frozenset(alone | kept)


def _held_by(seat: Seat, seats: Sequence[Seat]) -> bool:
    return any(other.away and other.role is Role.PARTY for other in seats if other.leg != seat.leg)


def sides(seats: Sequence[Seat], outside: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Left and right of a recording: those from outside, and the centre's own; supervisors are never recorded."""
    spoken = [seat.leg for seat in seats if seat.role not in {Role.LISTENING, Role.WHISPERING}]
    return tuple(leg for leg in spoken if leg in outside), tuple(leg for leg in spoken if leg not in outside)
