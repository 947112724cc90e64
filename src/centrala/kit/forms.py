"""What the forms of the rooms have in common: strictness, partial changes, checked codes.

A form for a change (PATCH) distinguishes "not sent" from "sent as null": only fields that were sent are changed, and
null is refused where a field may not be empty. Such fields are declared `name: Name = unsent()`.
"""

import functools
import re
import zoneinfo
from datetime import date, time
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_NAME: Final = 120  # characters
MAX_LABEL: Final = 60  # characters
MAX_NOTE: Final = 2_000  # characters
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Dates outside are typing errors; calendars and time zones are not defined that far either."""


class Form(BaseModel):
    """A request body: unknown fields are refused, white space around text goes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Change(Form):
    """A partial change."""

    def sent(self) -> dict[str, Any]:
        """The fields that the sender named, with their values."""
        return {name: getattr(self, name) for name in self.__class__.model_fields if name in self.model_fields_set}


def unsent() -> Any:
    """The default of a field that a change may leave out; by a factory, so that OpenAPI shows no default value."""
    return Field(default_factory=lambda: None)


@functools.cache
def time_zones() -> frozenset[str]:
    """The IANA time zones that this program can compute with."""
    return frozenset(zoneinfo.available_timezones())


def _known_zone(value: str) -> str:
    if value not in time_zones():
        raise PydanticCustomError("unknown_time_zone", "There is no such time zone; use an IANA name.")
    return value


_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _printable(value: str) -> str:
    # PostgreSQL has no NUL in text; the other control characters break tables and CSV files.
    if _UNPRINTABLE.search(value):
        raise PydanticCustomError("control_character", "The text contains a control character.")
    return value


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value or "\t" in value:
        raise PydanticCustomError("one_line", "The text must stand on one line.")
    return _printable(value)


_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(value: Any) -> Any:
    # Pydantic would take seconds since 1970 and moments at midnight for dates too.
    if not isinstance(value, date) and not (isinstance(value, str) and _DATE.fullmatch(value)):
        raise PydanticCustomError("iso_date", "Give the date as YYYY-MM-DD.")
    return value


def _sane_date(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("date_out_of_range", "The year is out of range.")
    return value


_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _clock_time(value: Any) -> Any:
    if not isinstance(value, time) and not (isinstance(value, str) and _CLOCK.fullmatch(value)):
        raise PydanticCustomError("clock_time", "Give the time as HH:MM, 00:00 to 23:59.")
    return value


Line = Annotated[str, AfterValidator(_one_line)]
"""Text without line breaks or control characters."""

Name = Annotated[Line, Field(min_length=1, max_length=MAX_NAME)]
Label = Annotated[Line, Field(max_length=MAX_LABEL)]
Note = Annotated[str, AfterValidator(_printable), Field(max_length=MAX_NOTE)]
TimeZone = Annotated[
    str, Field(max_length=64, description="IANA name.", examples=["Europe/Chisinau"]), AfterValidator(_known_zone)
]
CountryCode = Annotated[
    str, Field(pattern=r"^[A-Z]{2}$", max_length=2, description="ISO 3166-1 alpha-2.", examples=["MD"])
]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$", max_length=2, description="ISO 639-1.", examples=["ro"])]
Day = Annotated[date, BeforeValidator(_iso_date), AfterValidator(_sane_date)]
ClockTime = Annotated[
    time,
    BeforeValidator(_clock_time),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK.pattern}$", "examples": ["09:00"]}),
]
"""A time on the wall clock of the place, to the minute."""


CSV_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A file.", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
"""What OpenAPI says of an export."""

_LANGUAGE_RANGE: Final = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{1,3})?))?\s*")


def accepted_languages(header: str | None) -> list[str]:
    """The languages (ISO 639-1) of an Accept-Language header, the most wanted first; what is not understood is left.

    >>> accepted_languages("en;q=0.5, ro-MD, ru;q=0.8, *;q=0.1")
    ['ro', 'ru', 'en']
    """
    weighed = []
    for part in (header or "").split(","):
        match = _LANGUAGE_RANGE.fullmatch(part)
        weight = float(match[2] or 1) if match else 0
        if match and weight:
            weighed.append((-weight, match[1].lower()))
    return list(dict.fromkeys(language for _, language in sorted(weighed, key=lambda pair: pair[0])))
