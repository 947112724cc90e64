"""Who may dial what."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.trunks.prices import MAX_PRICES, Price, Unreadable, read_prices
from centrala.telephony.trunks.rights import (
    USUAL,
    USUAL_OF_ALL,
    Caps,
    Dialled,
    Kind,
    Rights,
    Rule,
    Used,
    Why,
    judge,
    price,
    read,
    rights_of,
    widest,
)

NOTHING = (Used(), USUAL_OF_ALL)


@pytest.mark.parametrize(
    ("text", "number", "kind", "country"),
    [
        ("112", "112", Kind.EMERGENCY, "MD"),
        ("9 0 3", "903", Kind.EMERGENCY, "MD"),
        ("022 123 456", "+37322123456", Kind.OWN_COUNTRY, "MD"),
        ("+37369123456", "+37369123456", Kind.OWN_COUNTRY, "MD"),
        ("0900 12345", "+37390012345", Kind.PREMIUM, "MD"),
        ("+40212345678", "+40212345678", Kind.ABROAD, "RO"),
        ("+40906123456", "+40906123456", Kind.PREMIUM, "RO"),
        ("+881612345678", "+881612345678", Kind.SATELLITE, ""),
        ("+870773111632", "+870773111632", Kind.SATELLITE, ""),
        ("+979123456789", "+979123456789", Kind.PREMIUM, ""),
        ("+80012345678", "+80012345678", Kind.OWN_COUNTRY, ""),
        ("+18765230123", "+18765230123", Kind.ABROAD, "JM"),
        ("hello", "hello", Kind.UNKNOWN, ""),
        ("", "", Kind.UNKNOWN, ""),
        ("1900", "1900", Kind.PREMIUM, "MD"),
    ],
)
def test_a_dialled_number_is_understood(text: str, number: str, kind: Kind, country: str) -> None:
    found = read(text, country="MD")
    assert (found.number, found.kind) == (number, kind)
    if kind not in {Kind.PREMIUM, Kind.SATELLITE, Kind.OWN_COUNTRY} or country == "MD":
        assert found.country == country


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Kind.OWN_COUNTRY, None),
        (Kind.EMERGENCY, None),
        (Kind.ABROAD, Why.COUNTRY),
        (Kind.PREMIUM, Why.PREMIUM),
        (Kind.SATELLITE, Why.SATELLITE),
        (Kind.UNKNOWN, Why.NOT_A_NUMBER),
    ],
)
def test_where_nobody_has_said_anything_only_the_own_country_is_open(kind: Kind, why: Why | None) -> None:
    assert judge(Dialled("+1", kind, "RO"), USUAL, Used(), NOTHING).why is why


def test_a_narrower_rule_overrides_a_wider_one_field_by_field() -> None:
    centre = Rule(countries=frozenset({"RO", "UA"}), calls_per_hour=5)
    person = Rule(countries=frozenset(), premium=True)
    found = rights_of([centre, person])
    assert (found.countries, found.premium, found.caps) == (
        frozenset(),
        True,
        Caps(calls_per_hour=5, minutes_per_day=60),
    )


def test_roles_add_to_each_other() -> None:
    found = widest([Rule(countries=frozenset({"RO"}), premium=False, calls_per_hour=3), Rule(premium=True), Rule()])
    assert found == Rule(countries=frozenset({"RO"}), premium=True, calls_per_hour=3)


ABROAD = Dialled("+40212345678", Kind.ABROAD, "RO")
MAY = Rights(countries=frozenset({"RO"}), caps=Caps(calls_per_hour=3, minutes_per_day=10, spend_per_day=100))


@pytest.mark.parametrize(
    ("person", "centre", "why", "allowed"),
    [
        (Used(calls=3), Used(), Why.PERSON_CALLS, 3),
        (Used(seconds=600), Used(), Why.PERSON_MINUTES, 10),
        (Used(spent=91), Used(), Why.PERSON_SPEND, 100),
        (Used(), Used(calls=7), Why.CENTRE_CALLS, 7),
        (Used(), Used(seconds=60 * 60), Why.CENTRE_MINUTES, 60),
        (Used(), Used(spent=1_000), Why.CENTRE_SPEND, 1_000),
        (Used(calls=2, seconds=599, spent=90), Used(calls=6, seconds=3_599, spent=990), None, None),
    ],
)
def test_a_cap_that_is_used_up_refuses(person: Used, centre: Used, why: Why | None, allowed: int | None) -> None:
    of_all = Caps(calls_per_hour=7, minutes_per_day=60, spend_per_day=1_000)
    verdict = judge(ABROAD, MAY, person, (centre, of_all), per_minute=10)
    assert (verdict.why, verdict.allowed) == (why, allowed)


def test_a_call_may_last_as_long_as_the_tightest_cap_leaves() -> None:
    of_all = Caps(minutes_per_day=60)
    assert judge(ABROAD, MAY, Used(seconds=540), (Used(), of_all)).longest == 60
    assert judge(ABROAD, MAY, Used(), (Used(seconds=3_590), of_all)).longest == 10
    assert judge(ABROAD, MAY, Used(spent=65), (Used(), of_all), per_minute=10).longest == 180


def test_calls_at_home_without_a_price_are_never_capped() -> None:
    home = Dialled("+37322123456", Kind.OWN_COUNTRY, "MD")
    spent = Used(calls=999, seconds=99_999, spent=99_999)
    assert judge(home, MAY, spent, (spent, USUAL_OF_ALL)) == judge(home, MAY, Used(), NOTHING)
    priced = judge(home, MAY, spent, NOTHING, per_minute=1)
    assert priced.why is Why.PERSON_SPEND, "money counts at home too, where prices are known"


@given(
    st.builds(Rights, own_country=st.booleans(), premium=st.booleans()),
    st.builds(Used, calls=st.integers(0, 9), seconds=st.integers(0, 9), spent=st.integers(0, 9)),
    st.integers(0, 50),
)
def test_an_emergency_call_passes_always(rights: Rights, used: Used, per_minute: int) -> None:
    shut = dataclasses.replace(rights, caps=Caps(calls_per_hour=0, minutes_per_day=0, spend_per_day=0))
    emergency = Dialled("112", Kind.EMERGENCY, "MD")
    assert judge(emergency, shut, used, (used, shut.caps), per_minute=per_minute).ok


@given(st.text(max_size=50), st.sampled_from(["MD", "RO", "US", "GB", ""]))
def test_whatever_is_typed_is_understood_as_something(text: str, country: str) -> None:
    assert read(text, country=country).kind in Kind


def test_each_minute_that_has_begun_is_paid_for() -> None:
    assert [price(10, seconds) for seconds in (0, 1, 60, 61)] == [0, 10, 10, 20]


def test_a_price_table_is_read_with_headings_and_any_separator() -> None:
    expected = [Price("40", "Romania", 3), Price("4072", "Romania, mobile", 12)]
    assert read_prices('Prefix,Name,Price\n+40,Romania,0.021\n004072,"Romania, mobile",0.12\n') == expected
    assert read_prices("\ufeff40;Romania;0,021\r\n\r\n4072;Romania, mobile;0,12\r\n") == expected


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("40;Romania;0.1\nabc;x;0.1\n", 2, "prefix"),
        ("40;Romania;0.1\n41;x;free\n", 2, "price"),
        ("40;Romania;0.1\n41;x;-1\n", 2, "price"),
        ("40;Romania;0.1\n41;x;NaN\n", 2, "price"),
        ("40;Romania;0.1\n41;x\n", 2, "columns"),
        ("40;Romania;0.1\n40;Again;0.2\n", 2, "duplicate"),
        ("h;h;h\nh;h;h\n", 2, "prefix"),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_prices(text)
    assert (refused.value.line, refused.value.why) == (line, why)


def test_a_price_table_has_a_limit() -> None:
    with pytest.raises(Unreadable, match="too_many"):
        read_prices("".join(f"{number};x;1\n" for number in range(MAX_PRICES + 1)))
