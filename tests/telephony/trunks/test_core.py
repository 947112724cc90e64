"""Which trunk carries a call: choice, failover, limits."""

from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.trunks.core import (
    FAILOVER,
    MAX_TRIED,
    Bucket,
    Candidate,
    Load,
    Next,
    Usable,
    Why,
    after,
    choose,
)


def trunk(
    name: str, *, priority: int = 10, weight: int = 10, max_calls: int | None = None, **more: object
) -> Candidate:
    known = {"enabled": True, "usable": Usable.YES, "registers": False, **more}
    return Candidate(id=uuid4(), name=name, priority=priority, weight=weight, max_calls=max_calls, **known)  # type: ignore[arg-type]  # fields by name


def first(_: int) -> int:
    return 0


def names(order: tuple[Candidate, ...]) -> list[str]:
    return [one.name for one in order]


def test_the_smallest_priority_comes_first() -> None:
    choice = choose([trunk("b", priority=2), trunk("a", priority=1)], {}, 0.0, draw=first)
    assert (names(choice.order), choice.passed_over) == (["a", "b"], ())


def test_trunks_of_one_priority_share_calls_by_weight() -> None:
    tokens = SeededTokens(b"weights")
    both = [trunk("heavy", weight=30), trunk("light", weight=10)]
    firsts = Counter(choose(both, {}, 0.0, draw=tokens.below).order[0].name for _ in range(4_000))
    assert 2_850 < firsts["heavy"] < 3_150  # 3000 expected; the standard deviation is 27


def test_weightless_trunks_are_drawn_too() -> None:
    tokens = SeededTokens(b"weightless")
    both = [trunk("a", weight=0), trunk("b", weight=0)]
    assert {choose(both, {}, 0.0, draw=tokens.below).order[0].name for _ in range(50)} == {"a", "b"}


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (trunk("off", enabled=False), Why.DISABLED),
        (trunk("away", usable=Usable.NO), Why.UNREACHABLE),
        (trunk("out", usable=Usable.NO, registers=True), Why.NOT_REGISTERED),
        (trunk("full", max_calls=2), Why.NO_FREE_LINE),
    ],
)
def test_a_trunk_that_can_not_carry_the_call_says_why(one: Candidate, why: Why) -> None:
    choice = choose([one, trunk("good")], {one.id: Load(calls=2)}, 0.0, draw=first)
    assert names(choice.order) == ["good"]
    assert [(passed.name, passed.why) for passed in choice.passed_over] == [(one.name, why)]


def test_a_trunk_that_nothing_is_known_of_yet_is_tried() -> None:
    assert names(choose([trunk("new", usable=Usable.UNKNOWN)], {}, 0.0, draw=first).order) == ["new"]


def test_calls_per_second_are_a_token_bucket() -> None:
    one = trunk("slow")
    load = Load(bucket=Bucket.full(2.0, 100.0))
    for _ in range(2):
        assert choose([one], {one.id: load}, 100.0, draw=first).order
        load.begin(100.0)
    refused = choose([one], {one.id: load}, 100.4, draw=first)
    assert [passed.why for passed in refused.passed_over] == [Why.TOO_FAST]
    assert choose([one], {one.id: load}, 100.5, draw=first).order


def test_an_emergency_call_passes_by_every_limit_but_not_over_a_disabled_trunk() -> None:
    full = trunk("full", max_calls=1, priority=2)
    away = trunk("away", usable=Usable.NO, priority=1)
    off = trunk("off", enabled=False)
    empty = Load(calls=9, bucket=Bucket.full(1.0, 0.0).taken(0.0))
    choice = choose([away, full, off], {full.id: empty}, 0.0, draw=first, emergency=True)
    assert names(choice.order) == ["full", "away"], "what seems away comes last, whatever its priority"
    assert [passed.why for passed in choice.passed_over] == [Why.DISABLED]


def test_no_call_tries_more_trunks_than_a_caller_waits_for() -> None:
    choice = choose([trunk(str(place)) for place in range(MAX_TRIED + 2)], {}, 0.0, draw=first)
    assert (len(choice.order), [one.why for one in choice.passed_over]) == (MAX_TRIED, [Why.TOO_MANY] * 2)


@pytest.mark.parametrize("cause", [503, 408, 500, 403, 0])
def test_a_fault_of_the_carrier_is_tried_elsewhere(cause: int) -> None:
    assert cause in FAILOVER
    assert after(cause, trunk("a")) is Next.NEXT


@pytest.mark.parametrize("cause", [404, 480, 484, 486, 600, 603, 604])
def test_what_the_called_party_says_is_final(cause: int) -> None:
    assert after(cause, trunk("a")) is Next.STOP


def test_a_trunk_may_have_causes_of_its_own() -> None:
    own = trunk("a", failover=frozenset({404}))
    assert (after(404, own), after(503, own)) == (Next.NEXT, Next.STOP)


@pytest.mark.parametrize(
    ("cause", "expected"), [(486, Next.NEXT), (603, Next.NEXT), (487, Next.STOP), (200, Next.STOP)]
)
def test_an_emergency_call_goes_on_until_it_is_answered_or_given_up(cause: int, expected: Next) -> None:
    assert after(cause, trunk("a"), emergency=True) is expected


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans(), st.sampled_from(Usable)), max_size=8),
    emergency=st.booleans(),
    seed=st.binary(max_size=4),
)
def test_every_trunk_is_either_tried_once_or_passed_over_with_a_reason(
    rows: list[tuple[int, int, bool, Usable]], *, emergency: bool, seed: bytes
) -> None:
    all_of_them = [
        trunk(str(place), priority=priority, weight=weight, enabled=enabled, usable=usable)
        for place, (priority, weight, enabled, usable) in enumerate(rows)
    ]
    choice = choose(all_of_them, {}, 0.0, draw=SeededTokens(seed).below, emergency=emergency)
    seen: list[UUID] = [*(one.id for one in choice.order), *(one.id for one in choice.passed_over)]
    assert sorted(seen) == sorted(one.id for one in all_of_them)
    if not emergency:
        priorities = [one.priority for one in choice.order]
        assert priorities == sorted(priorities)


@given(st.floats(0.1, 50), st.lists(st.floats(0, 3), max_size=60))
def test_no_bucket_lets_more_through_than_its_rate(rate: float, gaps: list[float]) -> None:
    bucket, now, passed = Bucket.full(rate, 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        if bucket.holds(now):
            bucket, passed = bucket.taken(now), passed + 1
    assert passed <= max(1.0, rate) + rate * now + 1e-6
