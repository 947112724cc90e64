"""Which trunk carries a call, and what happens when it does not: choice, failover, limits. Pure.

`choose` puts the trunks that may carry a call in order and says of each other one why it may not. The order is by
priority (the smallest first), and within a priority drawn by weight, as RFC 2782 does with SRV records. An emergency
call passes by every limit, and trunks that seem to be away are tried for it at last rather than left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

MAX_TRIED: Final = 5  # trunks for one call; a caller does not wait for more

FAILOVER: Final[Mapping[int, str]] = {
    0: "the trunk could not be reached at all",
    401: "the carrier does not take our password",
    403: "the carrier refuses the account",
    407: "the carrier does not take our password",
    408: "the carrier did not answer",
    420: "an extension is missing there",
    430: "the connection to the carrier broke (RFC 5626)",
    488: "no common codec: another carrier may have one",
    500: "a fault of the carrier",
    501: "the carrier does not know the method",
    502: "a fault behind the carrier",
    503: "the carrier is overloaded or has no free line",
    504: "something behind the carrier did not answer",
    513: "the message was too long for the carrier",
    580: "the carrier could not reserve what the call needs",
}
"""Causes (SIP status; 0: none came) after which the next trunk is tried. All others speak of the called party - busy,
no such number, declined - and would be the same by another trunk."""

CANCELLED: Final = 487
ANSWERED: Final = range(200, 300)


class Usable(StrEnum):
    """What is known of a trunk's health."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


class Why(StrEnum):
    """Why a trunk is not in the order."""

    DISABLED = "disabled"
    NOT_REGISTERED = "not_registered"
    UNREACHABLE = "unreachable"
    NO_FREE_LINE = "no_free_line"
    TOO_FAST = "too_fast"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: `rate` tokens a second, at most `size` at once."""

    rate: float
    size: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, now: float) -> "Bucket":
        """A full bucket that lets `rate` calls a second through."""
        size = max(1.0, rate)
        return cls(rate, size, size, now)

    def filled(self, now: float) -> "Bucket":
        """The bucket at a later moment; a clock that steps back takes nothing out."""
        gained = max(0.0, now - self.at) * self.rate
        return replace(self, tokens=min(self.size, self.tokens + gained), at=max(now, self.at))

    def holds(self, now: float) -> bool:
        return self.filled(now).tokens >= 1.0

    def taken(self, now: float) -> "Bucket":
        """The bucket with one token less; an emergency call may take one that is not there."""
        full = self.filled(now)
        return replace(full, tokens=max(0.0, full.tokens - 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the choice needs to know of a trunk."""

    id: UUID
    name: str
    enabled: bool = True
    priority: int = 10
    weight: int = 10
    max_calls: int | None = None
    failover: frozenset[int] | None = None
    usable: Usable = Usable.YES
    registers: bool = False


@dataclass(slots=True)
class Load:
    """What goes over a trunk now; kept by whoever places calls."""

    calls: int = 0
    bucket: Bucket | None = None

    def begin(self, now: float) -> None:
        self.calls += 1
        if self.bucket is not None:
            self.bucket = self.bucket.taken(now)

    def end(self) -> None:
        self.calls = max(0, self.calls - 1)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A trunk that does not carry the call, and why."""

    id: UUID
    name: str
    why: Why


@dataclass(frozen=True, slots=True)
class Choice:
    """The trunks to try in their order, and the others with their reasons."""

    order: tuple[Candidate, ...]
    passed_over: tuple[PassedOver, ...] = field(default=())


def choose(
    candidates: Sequence[Candidate],
    loads: Mapping[UUID, Load],
    now: float,
    *,
    draw: Callable[[int], int],
    emergency: bool = False,
) -> Choice:
    """The trunks for a call. `draw(n)` returns a chance number below `n`."""
    fit: list[Candidate] = []
    last: list[Candidate] = []
    passed: list[PassedOver] = []
    for one in candidates:
        why = _why_not(one, loads.get(one.id), now, emergency=emergency)
        if why is not None:
            passed.append(PassedOver(one.id, one.name, why))
        elif one.usable is Usable.NO:
            last.append(one)
        else:
            fit.append(one)
    order = [*_ordered(fit, draw), *_ordered(last, draw)]
    passed += [PassedOver(one.id, one.name, Why.TOO_MANY) for one in order[MAX_TRIED:]]
    return Choice(tuple(order[:MAX_TRIED]), tuple(passed))


def _why_not(one: Candidate, load: Load | None, now: float, *, emergency: bool) -> Why | None:
    if not one.enabled:
        return Why.DISABLED
    if emergency:
        return None
    if one.usable is Usable.NO:
        return Why.NOT_REGISTERED if one.registers else Why.UNREACHABLE
    return None if load is None else _full(one, load, now)


def _full(one: Candidate, load: Load, now: float) -> Why | None:
    if one.max_calls is not None and load.calls >= one.max_calls:
        return Why.NO_FREE_LINE
    if load.bucket is not None and not load.bucket.holds(now):
        return Why.TOO_FAST
    return None


def _ordered(candidates: Sequence[Candidate], draw: Callable[[int], int]) -> list[Candidate]:
    """By priority, and within one drawn by weight without putting back (RFC 2782, "Weight")."""
    ordered: list[Candidate] = []
    for priority in sorted({one.priority for one in candidates}):
        group = [one for one in candidates if one.priority == priority]
        while group:
            # Those of weight 0 come after all others, each with the same small chance among themselves.
            weights = [one.weight for one in group]
            if not sum(weights):
                weights = [1] * len(group)
            ordered.append(group.pop(_place(weights, draw(sum(weights)))))
    return ordered


def _place(weights: Sequence[int], drawn: int) -> int:
    for place, weight in enumerate(weights):
        drawn -= weight
        if drawn < 0:
            return place
    return len(weights) - 1


class Next(StrEnum):
    """What follows a call's failure on a trunk."""

    NEXT = "next"
    STOP = "stop"


def after(cause: int, trunk: Candidate, *, emergency: bool = False) -> Next:
    """Whether the next trunk is tried after `cause`, a final SIP status (0: none came)."""
    if cause in ANSWERED or cause == CANCELLED:
        return Next.STOP
    if emergency:
        return Next.NEXT
    causes = FAILOVER.keys() if trunk.failover is None else trunk.failover
    return Next.NEXT if cause in causes else Next.STOP
