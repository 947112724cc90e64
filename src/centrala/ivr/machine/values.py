"""Variables: filled into text, compared, checked, taken out of answers. No expression is ever evaluated."""

import json
import re
from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any, Final
from urllib.parse import quote

from centrala.ivr.machine import definition as d
from centrala.kit.errors import InvalidField
from centrala.kit.phones import phone_number

Scalar = str | bool | float | None
Variables = Mapping[str, Scalar]

MAX_FILLED: Final = 4_000  # characters of a text after its variables were filled in
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def as_text(value: Scalar) -> str:
    """As people write it: whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return str(int(value)) if value == int(value) else str(value)
    return value


def kept(value: Scalar) -> Scalar:
    """As a variable holds it: texts cut, numbers that are none left out."""
    if isinstance(value, str):
        return value[: d.MAX_VALUE]
    if value is None or isinstance(value, bool):
        return value
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def as_number(value: Scalar) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float | int):
        return float(value)
    return float(value) if _NUMBER.fullmatch(value.strip()) else None


def as_boolean(value: Scalar) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(as_text(value).strip().lower())


def as_date(value: Scalar) -> date | None:
    text = as_text(value).strip()
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def filled(text: str, variables: Variables) -> str:
    """`{name}` replaced; a variable that is not set leaves nothing."""
    return _PLACE.sub(lambda place: as_text(variables.get(place[1])), text)[:MAX_FILLED]


def filled_url(text: str, variables: Variables) -> str:
    """The same inside of an address: a value can not change its host, path or parameters."""
    return _PLACE.sub(lambda place: quote(as_text(variables.get(place[1])), safe=""), text)[:MAX_FILLED]


def filled_json(text: str, variables: Variables) -> str:
    """The same inside of strings of JSON."""
    return _PLACE.sub(lambda place: json.dumps(as_text(variables.get(place[1])))[1:-1], text)[:MAX_FILLED]


def filled_header(text: str, variables: Variables) -> str:
    """The same inside of a header: a value can not begin a line of its own (RFC 9110 section 5.5)."""
    return re.sub(r"[^\x20-\x7e]", "", filled(text, variables))


# Tests


def case_holds(case: d.TestCase, variables: Variables) -> bool:
    """A case without conditions never holds."""
    results = [holds(condition, variables) for condition in case.conditions]
    return bool(results) and (all(results) if case.match == "all" else any(results))


def holds(condition: d.TestCondition, variables: Variables) -> bool:
    """Both sides are brought to one type; what is not of it makes the comparison false."""
    value = variables.get(condition.variable)
    if condition.compare is d.Compare.EMPTY:
        return as_text(value) == ""
    if condition.compare is d.Compare.NOT_EMPTY:
        return as_text(value) != ""
    other: Scalar = condition.value
    if isinstance(other, str):
        other = filled(other, variables)
    if condition.compare_as is d.CompareAs.TEXT:
        return _compared_text(condition.compare, as_text(value).casefold(), as_text(other).casefold())
    left, right = _typed(condition.compare_as, value), _typed(condition.compare_as, other)
    return left is not None and right is not None and _compared(condition.compare, left, right)


def _typed(kind: d.CompareAs, value: Scalar) -> float | None:
    """A number that compares as the value does."""
    if kind is d.CompareAs.NUMBER:
        return as_number(value)
    if kind is d.CompareAs.DATE:
        day = as_date(value)
        return None if day is None else float(day.toordinal())
    truth = as_boolean(value)
    return None if truth is None else float(truth)


def _compared(compare: d.Compare, left: float, right: float) -> bool:
    results = {
        d.Compare.IS: left == right,
        d.Compare.IS_NOT: left != right,
        d.Compare.LESS: left < right,
        d.Compare.AT_MOST: left <= right,
        d.Compare.MORE: left > right,
        d.Compare.AT_LEAST: left >= right,
    }
    return results.get(compare, False)


def _compared_text(compare: d.Compare, left: str, right: str) -> bool:
    results = {
        d.Compare.IS: left == right,
        d.Compare.IS_NOT: left != right,
        d.Compare.LESS: left < right,
        d.Compare.AT_MOST: left <= right,
        d.Compare.MORE: left > right,
        d.Compare.AT_LEAST: left >= right,
        d.Compare.CONTAINS: right in left,
        d.Compare.BEGINS: left.startswith(right),
        d.Compare.ENDS: left.endswith(right),
    }
    return results[compare]


# Digits


def checked(check: d.DigitCheck, digits: str, today: date) -> str | None:
    """What the variable gets; None when the digits are not what is asked for."""
    match check:
        case d.PhoneCheck():
            return _phone(digits, check.country)
        case d.DateCheck():
            return _date(digits, check.order, today)
        case d.RangeCheck():
            return digits if digits.isdecimal() and check.least <= int(digits) <= check.most else None
        case d.LuhnCheck():
            return digits if digits.isdecimal() and luhn(digits) else None
        case d.MaskCheck():
            return digits if _fits(digits, check.mask) else None
        case _:
            return digits


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: every second digit from the right is doubled; the sum of all digits ends in 0."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return len(digits) > 1 and total % 10 == 0


def _fits(digits: str, mask: str) -> bool:
    return len(digits) == len(mask) and all(wanted in ("#", digit) for wanted, digit in zip(mask, digits, strict=True))


def _phone(digits: str, country: str | None) -> str | None:
    try:
        return phone_number(digits, region=country, field="")
    except InvalidField:
        pass
    try:
        # Callers leave the plus out, which no telephone has, or dial 00 for it.
        return phone_number("+" + digits.removeprefix("00"), region=None, field="")
    except InvalidField:
        return None


def _date(digits: str, order: d.DateOrder, today: date) -> str | None:
    if not digits.isdecimal() or len(digits) != len(order.value):
        return None
    day = 1 if order is d.DateOrder.MMYY else int(digits[:2])
    month = int(digits[:2] if order is d.DateOrder.MMYY else digits[2:4])
    try:
        if order is d.DateOrder.DDMM:
            this_year = date(today.year, month, day)
            return (this_year if this_year >= today else date(today.year + 1, month, day)).isoformat()
        year = int(digits[4:] if order is not d.DateOrder.MMYY else digits[2:])
        return date(year if year > 99 else 2000 + year, month, day).isoformat()
    except ValueError:
        return None


# Answers over HTTP


def taken(body: Any, path: str) -> Scalar:
    """A value out of parsed JSON: `order.items.0.price`. None when there is none, or when it is no plain value."""
    for step in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return kept(body) if isinstance(body, str | bool | float | int) else None
