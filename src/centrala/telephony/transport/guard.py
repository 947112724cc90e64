"""Who is let in, slowed or shut out: a pure decision over addresses, accounts and time.

Theory of operation. Three things are told apart. *Known* peers (trunks by network, registered phones by address and
port, browsers by their session) are never slowed. Strangers have a bucket for requests that would open something and a
larger one for everything else, both per address, and all strangers together share a third; what does not fit is
dropped in silence. *Guessing* is counted only when a digest is wrong under a nonce that we sealed, for then the sender
has received our challenge and its address is not forged: after some free tries an account and an address have to wait,
and an address that goes on is banned, each time for longer. While somebody has to wait, its digests are not looked at
and the answer is the same challenge as ever, so that neither a right password nor an existing account can be told.
An IPv6 address stands for its /64, which is what one customer has.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

MAX_ADDRESSES: Final = 20_000  # strangers whose buckets are kept; those unseen for longest are forgotten first
MAX_GUESSED: Final = 20_000  # accounts and addresses with failures
MAX_BANNED: Final = 20_000
MAX_KNOWN: Final = 50_000  # phones by address and port
FORGET_SECONDS: Final = 86_400.0  # after which failures and bans of old do not count any more
_MOST_DOUBLINGS: Final = 20

Place = tuple[str, int]
K = TypeVar("K")
V = TypeVar("V")


class Kind(StrEnum):
    """What a message would do."""

    OUTSIDE = "outside"  # a request that opens something
    INSIDE = "inside"  # anything else: within dialogs and transactions, responses, keep-alives


class Admission(StrEnum):
    """What becomes of a message; all but the first are dropped in silence, and are names of counters."""

    ADMIT = "admit"
    BANNED = "dropped_banned"
    FLOOD = "dropped_flood"
    CROWD = "dropped_crowd"  # all strangers together


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` in the long run, `burst` at once."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` failures cost nothing; each further one doubles the wait, from `first` up to `longest` seconds."""

    free: int
    first: float
    longest: float


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """How much is borne."""

    outside: Rate = Rate(20.0, 200.0)  # an office of 200 phones that comes back after a power cut
    inside: Rate = Rate(200.0, 1_000.0)
    crowd: Rate = Rate(500.0, 1_000.0)
    by_account: Patience = Patience(free=10, first=2.0, longest=900.0)
    by_address: Patience = Patience(free=50, first=2.0, longest=900.0)
    ban_after: int = 60  # wrong digests of one address
    ban_first: float = 300.0  # seconds; each further ban is twice as long
    ban_longest: float = 86_400.0


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float

    def take(self, rate: Rate, now: float) -> bool:
        self.left = min(rate.burst, self.left + (now - self.at) * rate.per_second)
        self.at = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0


@dataclass(slots=True)
class _Ban:
    times: int
    until: float


@dataclass(slots=True)
class Guard:
    """The memory behind the decisions. Times are monotonic seconds; addresses are IP texts."""

    policy: GuardPolicy = field(default_factory=GuardPolicy)
    _trusted: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    _known: OrderedDict[Place, None] = field(default_factory=OrderedDict)
    _buckets: OrderedDict[tuple[str, Kind], _Bucket] = field(default_factory=OrderedDict)
    _crowd: _Bucket | None = None
    _failures: OrderedDict[tuple[str, str], _Failures] = field(default_factory=OrderedDict)
    _familiar: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)  # account and address
    _bans: OrderedDict[str, _Ban] = field(default_factory=OrderedDict)

    # Known peers

    def trust(self, networks: Iterable[str]) -> None:
        """Name the trunks' networks or addresses; replaces those of before. Raises `ValueError`."""
        self._trusted = tuple(ipaddress.ip_network(one, strict=False) for one in networks)

    def learn(self, place: Place) -> None:
        """Take a phone's address and port for known, once it has registered."""
        _put(self._known, place, None, MAX_KNOWN)

    def forget(self, place: Place) -> None:
        """Take it for a stranger again."""
        self._known.pop(place, None)

    def knows(self, place: Place) -> bool:
        """Whether a peer is known."""
        return place in self._known or self._trusts(place[0])

    def _trusts(self, address: str) -> bool:
        if not self._trusted:
            return False
        ip = _parsed(address)
        return ip is not None and any(ip in network for network in self._trusted)

    # Messages

    def admit(self, place: Place, kind: Kind, now: float) -> Admission:
        """Judge one message of a peer."""
        if self.knows(place):
            return Admission.ADMIT
        group = group_of(place[0])
        if self._banned(group, now):
            return Admission.BANNED
        rate = self.policy.outside if kind is Kind.OUTSIDE else self.policy.inside
        bucket = self._buckets.get((group, kind))
        if bucket is None:
            bucket = _Bucket(rate.burst, now)
        _put(self._buckets, (group, kind), bucket, 2 * MAX_ADDRESSES)
        if not bucket.take(rate, now):
            return Admission.FLOOD
        if kind is Kind.OUTSIDE:
            # Last, so that one flooding address cannot use up what all strangers share.
            self._crowd = self._crowd or _Bucket(self.policy.crowd.burst, now)
            if not self._crowd.take(self.policy.crowd, now):
                return Admission.CROWD
        return Admission.ADMIT

    def banned(self, address: str, now: float) -> bool:
        """Whether an address is shut out. Trunks never are: anybody can forge their address."""
        return bool(self._bans) and not self._trusts(address) and self._banned(group_of(address), now)

    def _banned(self, group: str, now: float) -> bool:
        ban = self._bans.get(group)
        return ban is not None and now < ban.until

    @property
    def bans(self) -> dict[str, float]:
        """Addresses (or /64 networks) and the moments until which they are or were banned."""
        return {group: ban.until for group, ban in self._bans.items()}

    def pardon(self, address: str) -> None:
        """End a ban and forget what led to it."""
        group = group_of(address)
        self._bans.pop(group, None)
        self._failures.pop(("address", group), None)

    # Guessing

    def may_try(self, address: str, account: str, now: float) -> bool:
        """Whether a digest is looked at. An account under attack stays open to the address that it is used from."""
        group = group_of(address)
        if not self._waited("address", group, self.policy.by_address, now):
            return False
        if (account, group) in self._familiar:
            return True
        return self._waited("account", account, self.policy.by_account, now)

    def _waited(self, kind: str, name: str, patience: Patience, now: float) -> bool:
        found = self._failures.get((kind, name))
        if found is None or found.count < patience.free:
            return True
        wait: float = min(patience.first * 2.0 ** min(found.count - patience.free, _MOST_DOUBLINGS), patience.longest)
        return now >= found.last + wait

    def failed(self, address: str, account: str, now: float) -> bool:
        """Count a wrong digest under a nonce of ours; True when its address is banned for it."""
        group = group_of(address)
        self._fail("account", account, now)
        count = self._fail("address", group, now)
        if count < self.policy.ban_after or self._trusts(address):
            return False
        before = self._bans.get(group)
        times = 1 if before is None or now - before.until > FORGET_SECONDS else before.times + 1
        lasts = min(self.policy.ban_first * 2.0 ** min(times - 1, _MOST_DOUBLINGS), self.policy.ban_longest)
        _put(self._bans, group, _Ban(times, now + lasts), MAX_BANNED)
        # After the ban the address is allowed the free tries once more, then a longer ban follows.
        self._failures.pop(("address", group), None)
        return True

    def _fail(self, kind: str, name: str, now: float) -> int:
        found = self._failures.get((kind, name))
        if found is None or now - found.last > FORGET_SECONDS:
            found = _Failures()
        found.count += 1
        found.last = now
        _put(self._failures, (kind, name), found, MAX_GUESSED)
        return found.count

    def passed(self, address: str, account: str) -> None:
        """Note a right digest: the account's failures are forgotten, its address's are not."""
        self._failures.pop(("account", account), None)
        _put(self._familiar, (account, group_of(address)), None, MAX_KNOWN)


def _put(kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


@lru_cache(maxsize=4_096)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


@lru_cache(maxsize=4_096)
def group_of(address: str) -> str:
    """What is counted as one stranger: an IPv4 address, the /64 of an IPv6 one."""
    ip = _parsed(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return address
