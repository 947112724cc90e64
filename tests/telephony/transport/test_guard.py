"""Who is let in, slowed or shut out, under virtual time."""

import pytest

from centrala.telephony.transport.guard import (
    MAX_ADDRESSES,
    MAX_GUESSED,
    Admission,
    Guard,
    GuardPolicy,
    Kind,
    Patience,
    Rate,
    group_of,
)

STRANGER = ("198.51.100.7", 5060)
OTHER = ("198.51.100.8", 5060)
ADMIT, FLOOD, CROWD, BANNED = Admission.ADMIT, Admission.FLOOD, Admission.CROWD, Admission.BANNED


def flood(guard: Guard, place: tuple[str, int], count: int, now: float, kind: Kind = Kind.OUTSIDE) -> list[Admission]:
    return [guard.admit(place, kind, now) for _ in range(count)]


def guess(guard: Guard, count: int, *, address: str = "198.51.100.7", account: str = "ana", now: float = 0.0) -> bool:
    return [guard.failed(address, account, now) for _ in range(count)][-1]


def test_a_stranger_may_burst_and_then_gets_its_rate() -> None:
    guard = Guard(GuardPolicy(outside=Rate(2.0, 5.0)))
    assert flood(guard, STRANGER, 7, 0.0) == [ADMIT] * 5 + [FLOOD] * 2
    assert flood(guard, STRANGER, 3, 1.0) == [ADMIT] * 2 + [FLOOD]
    assert flood(guard, STRANGER, 6, 100.0) == [ADMIT] * 5 + [FLOOD]


def test_a_flood_from_one_address_slows_no_other() -> None:
    guard = Guard(GuardPolicy(outside=Rate(1.0, 5.0), crowd=Rate(1.0, 10.0)))
    flood(guard, STRANGER, 1_000, 0.0)
    assert flood(guard, OTHER, 5, 0.0) == [ADMIT] * 5


def test_a_flood_from_many_addresses_is_capped_as_a_whole_and_known_peers_pass() -> None:
    guard = Guard(GuardPolicy(crowd=Rate(1.0, 50.0)))
    guard.trust(["203.0.113.0/24"])
    guard.learn(OTHER)
    verdicts = [guard.admit((f"198.51.{n // 250}.{n % 250}", 5060), Kind.OUTSIDE, 0.0) for n in range(500)]
    assert verdicts == [ADMIT] * 50 + [CROWD] * 450
    assert guard.admit(OTHER, Kind.OUTSIDE, 0.0) is ADMIT
    assert guard.admit(("203.0.113.77", 9), Kind.OUTSIDE, 0.0) is ADMIT


def test_traffic_within_dialogs_has_a_bucket_of_its_own() -> None:
    guard = Guard(GuardPolicy(outside=Rate(1.0, 1.0), inside=Rate(1.0, 3.0), crowd=Rate(1.0, 1.0)))
    flood(guard, STRANGER, 10, 0.0)
    assert flood(guard, STRANGER, 4, 0.0, Kind.INSIDE) == [ADMIT] * 3 + [FLOOD]


def test_a_known_phone_is_known_by_its_port_too_and_can_be_forgotten() -> None:
    guard = Guard(GuardPolicy(outside=Rate(1.0, 1.0)))
    guard.learn(STRANGER)
    assert flood(guard, STRANGER, 100, 0.0) == [ADMIT] * 100
    assert flood(guard, (STRANGER[0], 5062), 2, 0.0) == [ADMIT, FLOOD]
    guard.forget(STRANGER)
    assert guard.admit(STRANGER, Kind.OUTSIDE, 0.0) is FLOOD


def test_an_ipv6_stranger_is_its_whole_network() -> None:
    guard = Guard(GuardPolicy(outside=Rate(1.0, 2.0)))
    verdicts = [guard.admit((f"2001:db8:1:2::{n:x}", 5060), Kind.OUTSIDE, 0.0) for n in range(4)]
    assert verdicts == [ADMIT, ADMIT, FLOOD, FLOOD]
    assert guard.admit(("2001:db8:1:3::1", 5060), Kind.OUTSIDE, 0.0) is ADMIT
    assert group_of("not an address") == "not an address"


def test_an_account_is_slowed_after_the_free_tries_and_the_wait_doubles() -> None:
    guard = Guard(GuardPolicy(by_account=Patience(free=3, first=2.0, longest=7.0)))
    guess(guard, 2)
    assert guard.may_try("192.0.2.9", "ana", 0.0)
    guess(guard, 1)
    assert not guard.may_try("192.0.2.9", "ana", 1.9)
    assert guard.may_try("192.0.2.9", "ana", 2.0)
    guess(guard, 1, now=2.0)
    assert not guard.may_try("192.0.2.9", "ana", 5.9)
    assert guard.may_try("192.0.2.9", "ana", 6.0)
    guess(guard, 5, now=6.0)
    assert guard.may_try("192.0.2.9", "ana", 13.0)  # no wait is longer than the longest
    assert guard.may_try("192.0.2.9", "ion", 6.0)


def test_an_attacked_account_stays_open_to_the_address_it_is_used_from() -> None:
    guard = Guard(GuardPolicy(by_account=Patience(free=3, first=60.0, longest=60.0)))
    guard.passed("192.0.2.9", "ana")
    guess(guard, 5)
    assert guard.may_try("192.0.2.9", "ana", 1.0)
    assert not guard.may_try("192.0.2.10", "ana", 1.0)


def test_success_forgets_the_accounts_failures_and_not_the_addresss() -> None:
    guard = Guard(GuardPolicy(by_account=Patience(3, 60.0, 60.0), by_address=Patience(4, 60.0, 60.0)))
    guess(guard, 3)
    guard.passed("192.0.2.9", "ana")
    assert guard.may_try("192.0.2.10", "ana", 1.0)
    guess(guard, 1, account="ion")
    assert not guard.may_try("198.51.100.7", "maria", 1.0)


def test_who_goes_on_guessing_is_banned_for_longer_each_time() -> None:
    guard = Guard(GuardPolicy(ban_after=5, ban_first=60.0, ban_longest=100.0))
    assert not guess(guard, 4)
    assert guess(guard, 1)
    assert guard.admit(STRANGER, Kind.INSIDE, 59.0) is BANNED
    assert guard.banned("198.51.100.7", 59.0)
    assert not guard.banned("198.51.100.7", 60.0)
    assert guard.admit(OTHER, Kind.OUTSIDE, 0.0) is ADMIT
    assert guess(guard, 5, now=60.0)
    assert guard.bans == {"198.51.100.7": 160.0}
    assert guess(guard, 5, now=160.0 + 86_401.0)
    assert guard.bans == {"198.51.100.7": 160.0 + 86_401.0 + 60.0}  # a day of peace: it begins anew


def test_a_trunk_is_never_banned() -> None:
    guard = Guard(GuardPolicy(ban_after=2))
    guard.trust(["198.51.100.7"])
    assert not guess(guard, 10)
    assert not guard.banned("198.51.100.7", 0.0)
    guard.trust([])
    assert guess(guard, 1)
    guard.trust(["198.51.100.0/24"])
    assert not guard.banned("198.51.100.7", 0.0)


def test_a_pardon_ends_a_ban_and_its_causes() -> None:
    guard = Guard(GuardPolicy(ban_after=2))
    guess(guard, 2)
    guard.pardon("198.51.100.7")
    assert not guard.banned("198.51.100.7", 0.0)
    assert guard.may_try("198.51.100.7", "ion", 0.0)


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="example"):
        Guard().trust(["example.com"])


def test_what_strangers_make_us_keep_is_capped() -> None:
    guard = Guard()
    for number in range(MAX_GUESSED + 50):
        guard.failed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"user{number}", 0.0)
    assert len(guard._failures) == MAX_GUESSED
    for number in range(2 * MAX_ADDRESSES + 50):
        guard.admit((f"11.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1), Kind.INSIDE, 0.0)
    assert len(guard._buckets) == 2 * MAX_ADDRESSES
