"""Variables, digits and answers: typed, capped, never evaluated."""

from datetime import date

import pytest

from centrala.ivr.machine import definition as d
from centrala.ivr.machine.values import Scalar, checked, filled, holds, luhn, taken

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("value", "compare", "kind", "other", "result"),
    [
        ("10", "more", "number", "9", True),
        ("10", "more", "text", "9", False),
        ("abc", "less", "number", 9.0, False),
        (None, "is", "number", 0.0, False),
        ("Ana", "is", "text", "ANA", True),
        ("Ana Rusu", "begins", "text", "ana", True),
        ("Ana Rusu", "ends", "text", "rusu", True),
        ("Ana Rusu", "contains", "text", "a r", True),
        ("true", "is", "boolean", True, True),
        ("maybe", "is", "boolean", True, False),
        ("2026-11-22", "at_least", "date", "2026-01-31", True),
        ("2026-02-30", "is_not", "date", "2026-01-31", False),
        ("", "empty", "text", None, True),
        (0.0, "empty", "number", None, False),
        ("x", "not_empty", "text", None, True),
        (True, "is", "number", 1.0, False),
        ("5", "contains", "number", 5.0, False),
    ],
)
def test_both_sides_are_compared_in_one_type(
    *, value: Scalar, compare: str, kind: str, other: Scalar, result: bool
) -> None:
    condition = d.TestCondition.model_validate(
        {"variable": "v", "compare": compare, "compare_as": kind, "value": other}
    )
    assert holds(condition, {"v": value}) is result


@pytest.mark.parametrize(
    ("check", "digits", "value"),
    [
        (d.AnyDigits(), "12*#", "12*#"),
        (d.RangeCheck(least=5, most=10), "07", "07"),
        (d.RangeCheck(least=5, most=10), "11", None),
        (d.RangeCheck(least=0, most=10), "1*", None),
        (d.MaskCheck(mask="4##"), "412", "412"),
        (d.MaskCheck(mask="4##"), "512", None),
        (d.MaskCheck(mask="4##"), "4123", None),
        (d.LuhnCheck(), "4111111111111111", "4111111111111111"),
        (d.LuhnCheck(), "4111111111111112", None),
        (d.LuhnCheck(), "0", None),
        (d.PhoneCheck(country="MD"), "069123456", "+37369123456"),
        (d.PhoneCheck(), "0037369123456", "+37369123456"),
        (d.PhoneCheck(), "37369123456", "+37369123456"),
        (d.PhoneCheck(country="MD"), "12*", None),
        (d.DateCheck(), "29022028", "2028-02-29"),
        (d.DateCheck(), "29022026", None),
        (d.DateCheck(order=d.DateOrder.DDMMYY), "311226", "2026-12-31"),
        (d.DateCheck(order=d.DateOrder.DDMM), "2211", "2026-11-22"),
        (d.DateCheck(order=d.DateOrder.DDMM), "2111", "2027-11-21"),
        (d.DateCheck(order=d.DateOrder.MMYY), "0927", "2027-09-01"),
        (d.DateCheck(order=d.DateOrder.MMYY), "1327", None),
    ],
)
def test_digits_are_what_was_asked_for_or_nothing(check: d.DigitCheck, digits: str, value: str | None) -> None:
    assert checked(check, digits, TODAY) == value


def test_every_single_wrong_digit_breaks_the_check_digit() -> None:
    number = "79927398713"
    assert luhn(number)
    for place in range(len(number)):
        for digit in "0123456789":
            if digit != number[place]:
                assert not luhn(number[:place] + digit + number[place + 1 :])


def test_a_variable_is_filled_in_once_and_never_read_as_a_place_again() -> None:
    assert filled("{a} {b} {gone}!", {"a": "{b}", "b": 2.0}) == "{b} 2 !"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("order.items.1.price", 12.5),
        ("order.id", "A-1"),
        ("order.paid", True),
        ("order.items", None),
        ("order.items.9", None),
        ("x.y", None),
        ("order.id.more", None),
    ],
)
def test_a_value_is_taken_out_of_an_answer_by_its_path(path: str, value: object) -> None:
    body = {"order": {"id": "A-1", "paid": True, "items": [{"price": 1}, {"price": 12.5}]}}
    assert taken(body, path) == value


def test_a_long_value_is_cut_and_a_number_that_is_none_left_out() -> None:
    assert taken({"text": "x" * 9_999}, "text") == "x" * d.MAX_VALUE
    assert [taken({"n": n}, "n") for n in (float("inf"), float("nan"), 10**400, 12)] == [None, None, None, 12.0]
