"""How numbers are written towards a carrier and read from one. Pure.

Inside the centre a number is E.164 with its plus sign. Each carrier has its own way: with the plus, without, national
with or without the trunk prefix, or something of its own that `Rule`s express. Numbering plans come from
libphonenumber's metadata.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

MAX_RULES: Final = 20  # of one direction of a trunk
MAX_DIALLED: Final = 32  # characters of a number as typed or as a carrier sends it
_SEPARATORS: Final = str.maketrans("", "", " -.()/\u00a0")


class Style(StrEnum):
    """How a number is written."""

    E164 = "e164"
    """+37369123456"""

    DIGITS = "digits"
    """37369123456"""

    NATIONAL = "national"
    """069123456 within the trunk's country, 00 and the country code for others"""

    INTERNATIONAL = "international"
    """0037369123456"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Numbers that begin with `prefix` lose their first `strip` characters and get `add` in front."""

    prefix: str
    strip: int
    add: str


def apply(rules: Sequence[Rule], number: str) -> str:
    """The number after the first rule that fits it; unchanged when none does."""
    for rule in rules:
        if number.startswith(rule.prefix):
            return rule.add + number[rule.strip :]
    return number


def outward(e164: str, *, style: Style, country: str, rules: Sequence[Rule] = ()) -> str:
    """The number as a carrier of `country` wants it. What is no E.164 (emergency, short) goes as it is."""
    if not e164.startswith("+"):
        return e164
    return apply(rules, _written(e164, style, country))


def _written(e164: str, style: Style, country: str) -> str:
    if style is Style.E164:
        return e164
    if style is Style.DIGITS:
        return e164[1:]
    if style is Style.INTERNATIONAL:
        return exit_code(country) + e164[1:]
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return exit_code(country) + e164[1:]
    if number.country_code != phonenumbers.country_code_for_region(country):
        return exit_code(country) + e164[1:]
    return phonenumbers.normalize_digits_only(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))


def inward(text: str, *, style: Style, country: str, rules: Sequence[Rule] = ()) -> str | None:
    """The number that a carrier sent, in E.164; None for what is none (anonymous, a name, a short code)."""
    plain = apply(rules, text[:MAX_DIALLED].translate(_SEPARATORS))
    if style in {Style.E164, Style.DIGITS} and plain.isdecimal() and not plain.startswith("00"):
        known = _parsed("+" + plain, None)
        # Carriers that promise E.164 send national numbers for calls within their own network all the same.
        return known or _parsed(plain, country)
    return _parsed(plain, country)


def read_dialled(text: str, *, country: str) -> str | None:
    """What a person dialled in `country`, in E.164; None when it is no number."""
    return _parsed(text[:MAX_DIALLED].translate(_SEPARATORS), country)


def _parsed(text: str, country: str | None) -> str | None:
    if not text.isascii() or not text.removeprefix("+").isdecimal():
        return None
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@cache
def exit_code(country: str) -> str:
    """What is dialled before a country code from `country`: 00 where the plan names several or none."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        return "00"
    code = metadata.preferred_international_prefix or metadata.international_prefix or "00"
    digits = code.replace("~", "")  # marks a wait for a second tone
    return digits if digits.isdecimal() else "00"


def knows(country: str) -> bool:
    """Whether the numbering plan of a country (ISO 3166-1) is known."""
    return country in phonenumbers.SUPPORTED_REGIONS


GSM_EMERGENCY: Final = "112"
"""3GPP TS 22.101 section 10.1: an emergency number in every network; in the European Union by Directive (EU) 2018/1972
article 109, in Moldova by Law 174/2014."""


@cache
def emergency_numbers(country: str) -> tuple[str, ...]:
    """The emergency numbers of a country, shortest first: 112 and those of libphonenumber's short number metadata.

    That metadata is compiled from the national numbering plans (ITU-T E.129 presentations).
    """
    found = {GSM_EMERGENCY}
    metadata = PhoneMetadata.short_metadata_for_region(country)
    if metadata is not None and metadata.emergency is not None:
        for length in metadata.emergency.possible_length or range(2, 5):
            if length <= _LONGEST_EMERGENCY:
                every = (f"{number:0{length}d}" for number in range(10**length))
                found.update(number for number in every if phonenumbers.is_emergency_number(number, country))
    return tuple(sorted(found, key=lambda number: (len(number), number)))


_LONGEST_EMERGENCY: Final = 4  # digits; longer ones are ordinary numbers of services


def is_emergency(text: str, *, country: str) -> bool:
    """Whether what was dialled is an emergency number in `country`."""
    return text[:MAX_DIALLED].translate(_SEPARATORS) in emergency_numbers(country)
