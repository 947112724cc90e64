"""Reads a carrier's price table. Pure.

The file is CSV (comma, semicolon or tab) with a line for each prefix: digits of E.164, a name, the price of a minute.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Final

MAX_PRICES: Final = 50_000  # lines of one table; a full one of all mobile networks has some 20,000
MAX_PREFIX: Final = 15  # digits (ITU-T E.164)
MAX_PRICE: Final = Decimal(1_000)  # a minute, in units of the currency
_MINOR: Final = 100  # minor units in a unit of the currencies that carriers bill in
_DELIMITERS: Final = ";\t,"


@dataclass(frozen=True, slots=True)
class Price:
    """What a minute costs, in minor units, rounded up."""

    prefix: str
    name: str
    per_minute: int


class Unreadable(ValueError):
    """The first line that is wrong, counted from one, and why (a stable word)."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


def read_prices(text: str) -> list[Price]:
    """The prices of a file. Raises `Unreadable`. A first line without a price is taken for headings."""
    found: dict[str, Price] = {}
    for line, row in _rows(text):
        try:
            one = _price(row)
        except ValueError as error:
            if line == 1 and not found:
                continue
            raise Unreadable(line, str(error)) from error
        if one.prefix in found:
            raise Unreadable(line, "duplicate")
        found[one.prefix] = one
        if len(found) > MAX_PRICES:
            raise Unreadable(line, "too_many")
    return list(found.values())


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    plain = text.removeprefix("\ufeff")
    first = plain.partition("\n")[0]
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    reader = csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise Unreadable(reader.line_num, "not_csv") from error


def _price(row: list[str]) -> Price:
    if len(row) != 3:
        raise ValueError("columns")
    prefix, name, amount = (cell.strip() for cell in row)
    prefix = prefix.removeprefix("+").removeprefix("00")
    if not (prefix.isascii() and prefix.isdecimal()) or len(prefix) > MAX_PREFIX:
        raise ValueError("prefix")
    try:
        value = Decimal(amount.replace(",", "."))
    except InvalidOperation:
        raise ValueError("price") from None
    if not value.is_finite() or not 0 <= value <= MAX_PRICE:
        raise ValueError("price")
    return Price(prefix, name[:80], int((value * _MINOR).to_integral_value(ROUND_CEILING)))
