"""Numbers, waits, dates and digits as they are said in each language: right plural, right gender.

A voice reads "3" well enough by itself, but not "2" before a Russian minute (две, not два) or a Romanian one (două),
and none knows that a Romanian number from twenty on wants "de". Plural rules: CLDR, "Language Plural Rules".
"""

from collections.abc import Mapping
from datetime import date, time
from math import ceil
from typing import Final

from centrala.ivr.sentences import SENTENCES

FALLBACK: Final = "en"
MAX_MINUTES: Final = 30  # of an expected wait that is said; beyond, any number would be a guess
ROUGH_FROM: Final = 10  # minutes from which on a wait is said in steps of five
MAX_WORDS: Final = 99  # numbers that are written out here

_ONES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    ),
    "ru": (
        *("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять"),
        *("одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать"),
        *("восемнадцать", "девятнадцать"),
    ),
    "ro": (
        *("zero", "unu", "doi", "trei", "patru", "cinci", "șase", "șapte", "opt", "nouă", "zece", "unsprezece"),
        *("doisprezece", "treisprezece", "paisprezece", "cincisprezece", "șaisprezece", "șaptesprezece"),
        *("optsprezece", "nouăsprezece"),
    ),
}
_TENS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
    "ru": (
        *("", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"),
    ),
    "ro": (*("", "", "douăzeci", "treizeci", "patruzeci", "cincizeci", "șaizeci", "șaptezeci", "optzeci", "nouăzeci"),),
}
_BEFORE_NOUN: Final[Mapping[str, Mapping[int, str]]] = {
    "ru feminine": {1: "одна", 2: "две"},
    "ro feminine": {1: "o", 2: "două", 12: "douăsprezece"},
    "ro neuter": {1: "un", 2: "două", 12: "douăsprezece"},
}
"""Forms before nouns of a gender, where they differ from those that count."""

_AT_THE_END: Final[Mapping[str, Mapping[int, str]]] = {
    "ru feminine": {1: "одна", 2: "две"},
    "ro feminine": {1: "una", 2: "două"},
    "ro neuter": {2: "două"},
}
"""The same at the end of a longer number."""

_GENDERS: Final = {("ru", "minute"): "feminine", ("ro", "minute"): "neuter", ("ro", "hour"): "feminine"}
_AND: Final = {"en": "-", "ru": " ", "ro": " și "}
_MINUTES: Final = {
    "en": ("minute", "minutes", "minutes"),
    "ru": ("минута", "минуты", "минут"),
    "ro": ("minut", "minute", "de minute"),
}
_HOURS: Final = {
    "en": ("hour", "hours", "hours"),
    "ru": ("час", "часа", "часов"),
    "ro": ("oră", "ore", "de ore"),
}
_MONTHS: Final = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "ru": (
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    "ro": (
        *("ianuarie", "februarie", "martie", "aprilie", "mai", "iunie"),
        *("iulie", "august", "septembrie", "octombrie", "noiembrie", "decembrie"),
    ),
}
_RU_DAYS: Final = (
    *("первое", "второе", "третье", "четвёртое", "пятое", "шестое", "седьмое", "восьмое", "девятое", "десятое"),
    *("одиннадцатое", "двенадцатое", "тринадцатое", "четырнадцатое", "пятнадцатое", "шестнадцатое", "семнадцатое"),
    *("восемнадцатое", "девятнадцатое", "двадцатое", "двадцать первое", "двадцать второе", "двадцать третье"),
    *("двадцать четвёртое", "двадцать пятое", "двадцать шестое", "двадцать седьмое", "двадцать восьмое"),
    *("двадцать девятое", "тридцатое", "тридцать первое"),
)


def known(language: str) -> str:
    """The language itself when it is written here, else English."""
    return language if language in SENTENCES["goodbye"] else FALLBACK


def sentence(name: str, language: str, values: Mapping[str, str | float] | None = None) -> str:
    """A sentence of the system with its places filled in: `digits`, `position` (from 1), `minutes`."""
    language = known(language)
    said = {key: _place(key, value, language) for key, value in (values or {}).items()}
    return SENTENCES[name][language].format(**said)


def _place(key: str, value: str | float, language: str) -> str:
    if key == "digits":
        return digits(str(value), language)
    if key == "minutes":
        return minutes(int(value), language)
    return number(int(value), language) if isinstance(value, int | float) else value


def queue_sentences(position: int | None, wait_seconds: float | None) -> list[tuple[str, dict[str, float]]]:
    """What is announced of a place and an expected wait: names and values of sentences. None: not told."""
    said: list[tuple[str, dict[str, float]]] = []
    if position is not None:
        said.append(("position_first", {}) if position <= 1 else ("position", {"position": position}))
    if wait_seconds is None:
        return said
    about = rounded_minutes(wait_seconds)
    if about == 0:
        return [*said, ("expected_wait_short", {})]
    return [*said, ("expected_wait_long", {}) if about > MAX_MINUTES else ("expected_wait", {"minutes": about})]


def rounded_minutes(seconds: float) -> int:
    """Whole minutes, rounded up; from ten on in steps of five, so that nobody takes them for exact. 0: under one."""
    if seconds < 60:
        return 0
    whole = ceil(seconds / 60)
    return whole if whole <= ROUGH_FROM else ceil(whole / 5) * 5


def number(value: int, language: str, *, gender: str = "") -> str:
    """A number in words up to 99, beyond in digits; before a noun with the noun's gender."""
    language = known(language)
    if not 0 <= value <= MAX_WORDS:
        return str(value)
    form = f"{language} {gender}"
    if value < 20:
        return _BEFORE_NOUN.get(form, {}).get(value, _ONES[language][value])
    tens, ones = divmod(value, 10)
    if not ones:
        return _TENS[language][tens]
    return _TENS[language][tens] + _AND[language] + _AT_THE_END.get(form, {}).get(ones, _ONES[language][ones])


def minutes(value: int, language: str) -> str:
    language = known(language)
    said = number(value, language, gender=_GENDERS.get((language, "minute"), ""))
    return f"{said} {_MINUTES[language][plural(value, language)]}"


def hours(value: int, language: str) -> str:
    language = known(language)
    said = number(value, language, gender=_GENDERS.get((language, "hour"), ""))
    return f"{said} {_HOURS[language][plural(value, language)]}"


def plural(value: int, language: str) -> int:
    """Which of three forms a noun takes after a number: 0, 1 or 2."""
    last, two = value % 10, value % 100
    if language == "ru":
        if last == 1 and two != 11:
            return 0
        return 1 if 2 <= last <= 4 and not 12 <= two <= 14 else 2
    if value == 1:
        return 0
    if language == "ro":
        return 1 if value == 0 or 1 <= two <= 19 else 2
    return 1


def digits(text: str, language: str) -> str:
    """One after the other, with a pause after each."""
    language = known(language)
    return ", ".join(_ONES[language][int(one)] for one in text if one in "0123456789")


def day(value: date, language: str) -> str:
    language = known(language)
    month = _MONTHS[language][value.month - 1]
    if language == "ru":
        return f"{_RU_DAYS[value.day - 1]} {month}, год {value.year}"  # the year after its noun needs no ending
    if language == "ro":
        first = "întâi" if value.day == 1 else number(value.day, "ro")
        return f"{first} {month} {value.year}"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(value.day % 10 if value.day // 10 != 1 else 0, "th")
    return f"{value.day}{ending} of {month} {value.year}"


def clock(value: time, language: str) -> str:
    language = known(language)
    if language == "en":
        rest = f"{value.minute:02}" if value.minute else "o'clock"
        return f"{value.hour} {rest}"
    said = hours(value.hour, language)
    return f"{said} {minutes(value.minute, language)}" if value.minute else said
