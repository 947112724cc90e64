"""Public holidays and the countries that we know, from the library `holidays`.

The library is loaded when it is first asked, because its calendars cost every start half a second.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Final

import phonenumbers

if TYPE_CHECKING:
    import holidays as _typed

ENGLISH: Final = "en"
_CACHED: Final = 256  # countries x subdivisions x languages kept; each is some kilobytes a year


@dataclass(frozen=True, slots=True)
class Country:
    """`code` is ISO 3166-1 alpha-2; `subdivisions` are those whose holidays differ from the country's."""

    code: str
    subdivisions: tuple[str, ...]
    holidays: bool


def _library() -> ModuleType:
    import holidays  # noqa: PLC0415 - see the module's first lines

    return holidays


@functools.cache
def _holiday_countries() -> frozenset[str]:
    from holidays.registry import EntityLoader  # noqa: PLC0415 - see the module's first lines

    return frozenset(code for code in EntityLoader.get_country_codes(include_aliases=False) if len(code) == 2)


@functools.cache
def country_codes() -> frozenset[str]:
    """All countries and territories that have a telephone region or known holidays."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS) | _holiday_countries()


@functools.cache
def countries() -> tuple[Country, ...]:
    """All countries by code. The first call loads some hundred modules (0.4 s): call it in a thread."""
    known = _library().list_supported_countries(include_aliases=False)
    return tuple(Country(code, tuple(known.get(code, ())), holidays=code in known) for code in sorted(country_codes()))


def has_holidays(country: str) -> bool:
    return country in _holiday_countries()


def subdivisions_of(country: str) -> Sequence[str]:
    """The subdivisions of a country with holidays."""
    return tuple(_library().country_holidays(country).subdivisions)


@functools.lru_cache(maxsize=_CACHED)
def names_of_days(country: str, subdivision: str | None, languages: tuple[str, ...] = ()) -> "_typed.HolidayBase":
    """The public holidays: a mapping from date to name that knows every year it is asked for.

    Names come in the first of `languages` (ISO 639-1) that the country's holidays are translated into, or in English,
    or in the country's own language.
    """
    spoken = _library().country_holidays(country).supported_languages
    language = _best(languages, spoken)
    days: _typed.HolidayBase = _library().country_holidays(country, subdiv=subdivision, language=language)
    return days


def name_of(days: "_typed.HolidayBase", day: date) -> str | None:
    """The name of the holiday on a date, None on an ordinary one."""
    name: str | None = days.get(day)
    return name


def _best(wanted: Sequence[str], spoken: Sequence[str]) -> str | None:
    for language in (*wanted, ENGLISH):
        for candidate in spoken:
            if candidate.partition("_")[0] == language:
                return candidate
    return None
