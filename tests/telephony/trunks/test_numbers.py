"""How numbers are written towards carriers and read from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.trunks.numbers import (
    Rule,
    Style,
    emergency_numbers,
    exit_code,
    inward,
    is_emergency,
    outward,
    read_dialled,
)


@pytest.mark.parametrize(
    ("style", "country", "e164", "written"),
    [
        (Style.E164, "MD", "+37322123456", "+37322123456"),
        (Style.DIGITS, "MD", "+37322123456", "37322123456"),
        (Style.INTERNATIONAL, "MD", "+37322123456", "0037322123456"),
        (Style.INTERNATIONAL, "US", "+37322123456", "01137322123456"),
        (Style.NATIONAL, "MD", "+37322123456", "022123456"),
        (Style.NATIONAL, "MD", "+40212345678", "0040212345678"),
        (Style.NATIONAL, "RU", "+74951234567", "84951234567"),
        (Style.NATIONAL, "MD", "+999123456", "00999123456"),
    ],
)
def test_a_number_is_written_as_the_carrier_wants_it(style: Style, country: str, e164: str, written: str) -> None:
    assert outward(e164, style=style, country=country) == written


@pytest.mark.parametrize("style", list(Style))
def test_short_numbers_go_out_as_they_are(style: Style) -> None:
    rules = [Rule(prefix="", strip=0, add="9")]
    assert outward("112", style=style, country="MD", rules=rules) == "112"


def test_the_first_rule_that_fits_changes_the_number() -> None:
    rules = [Rule(prefix="3736", strip=3, add="0"), Rule(prefix="", strip=0, add="77#")]
    assert outward("+37369123456", style=Style.DIGITS, country="MD", rules=rules) == "069123456"
    assert outward("+40212345678", style=Style.DIGITS, country="MD", rules=rules) == "77#40212345678"


@pytest.mark.parametrize(
    ("style", "text", "e164"),
    [
        (Style.E164, "+37322123456", "+37322123456"),
        (Style.E164, "37322123456", "+37322123456"),
        (Style.DIGITS, "37322123456", "+37322123456"),
        (Style.DIGITS, "022123456", "+37322123456"),
        (Style.NATIONAL, "022123456", "+37322123456"),
        (Style.NATIONAL, "0040212345678", "+40212345678"),
        (Style.INTERNATIONAL, "0037322123456", "+37322123456"),
        (Style.E164, "+373 (22) 12-34-56", "+37322123456"),
        (Style.E164, "anonymous", None),
        (Style.E164, "", None),
        (Style.NATIONAL, "1402", None),
        (Style.NATIONAL, "٠٢٢١٢٣٤٥٦", None),
    ],
)
def test_what_a_carrier_sends_becomes_e164(style: Style, text: str, e164: str | None) -> None:
    assert inward(text, style=style, country="MD") == e164


def test_a_rule_repairs_what_a_carrier_sends() -> None:
    rules = [Rule(prefix="9", strip=1, add="")]
    assert inward("9022123456", style=Style.NATIONAL, country="MD") is None
    assert inward("9022123456", style=Style.NATIONAL, country="MD", rules=rules) == "+37322123456"


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("MD", ("112", "901", "902", "903")),
        ("RO", ("112",)),
        ("GB", ("112", "999")),
        ("US", ("112", "911")),
        ("RU", ("01", "02", "03", "101", "102", "103", "112")),
        ("ZZ", ("112",)),
    ],
)
def test_emergency_numbers_of_a_country(country: str, numbers: tuple[str, ...]) -> None:
    assert set(emergency_numbers(country)) >= set(numbers)
    assert all(is_emergency(number, country=country) for number in numbers)


def test_what_only_begins_like_an_emergency_number_is_none() -> None:
    assert not is_emergency("1121", country="MD")
    assert not is_emergency("+373112", country="MD")


@pytest.mark.parametrize(("country", "code"), [("MD", "00"), ("US", "011"), ("RU", "810"), ("JP", "010"), ("ZZ", "00")])
def test_the_exit_code_of_a_country(country: str, code: str) -> None:
    assert exit_code(country) == code


NUMBERS = st.sampled_from(["+37322123456", "+37369123456", "+40212345678", "+74951234567", "+12015550123"])


@given(NUMBERS, st.sampled_from(Style), st.sampled_from(["MD", "RO", "RU"]))
def test_what_is_written_is_read_back(e164: str, style: Style, country: str) -> None:
    assert inward(outward(e164, style=style, country=country), style=style, country=country) == e164


@given(st.text(max_size=60))
def test_nothing_that_a_carrier_sends_raises(text: str) -> None:
    for style in Style:
        found = inward(text, style=style, country="MD")
        assert found is None or found.startswith("+")
    assert read_dialled(text, country="MD") is None or len(text) > 0
