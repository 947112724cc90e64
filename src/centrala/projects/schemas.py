"""The HTTP shapes of companies, projects, numbers, calendars and countries."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from centrala.kit.forms import (
    Change,
    ClockTime,
    CountryCode,
    Day,
    Form,
    Label,
    LanguageCode,
    Line,
    Name,
    Note,
    TimeZone,
    unsent,
)
from centrala.kit.live import Card
from centrala.projects.models import Service as Service  # noqa: PLC0414 - a field of these forms, so part of their face

MAX_HOURS: Final = 70  # spans of a week: ten a day
MAX_EXCEPTIONS: Final = 400  # dates of one calendar
MAX_LANGUAGES: Final = 20  # languages of one project
MAX_PHONE_INPUT: Final = 40  # characters as typed, with spaces and brackets
MAX_SUBDIVISION: Final = 40  # characters

Code = Annotated[
    str,
    Field(
        pattern=r"^[A-Z0-9][A-Z0-9-]{0,15}$",
        max_length=16,
        description="Short and unique; stands in front of numbers of cases and orders.",
        examples=["NET"],
    ),
]
Subdivision = Annotated[
    Line, Field(min_length=1, max_length=MAX_SUBDIVISION, description="Of the country, as `/countries` lists them.")
]
Languages = Annotated[list[LanguageCode], Field(min_length=1, max_length=MAX_LANGUAGES)]
PhoneInput = Annotated[
    Line,
    Field(
        min_length=1,
        max_length=MAX_PHONE_INPUT,
        description="As people write it; without a country code it is of the company's country.",
        examples=["022 123 456"],
    ),
]


class State(StrEnum):
    """Which of the things a list shows."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ALL = "all"


class CompanyIn(Form):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Orbita", "legal_name": "Orbita Net SRL", "country": "MD"}]}
    )

    name: Name
    legal_name: Annotated[Line, Field(max_length=200)] = ""
    country: CountryCode
    note: Note = ""


class CompanyChange(Change):
    name: Name = unsent()
    legal_name: Annotated[Line, Field(max_length=200)] = unsent()
    country: CountryCode = unsent()
    note: Note = unsent()


class Shown(BaseModel):
    """An answer, made from a row of the store."""

    model_config = ConfigDict(from_attributes=True)


class CompanyOut(Shown):
    id: UUID
    name: str
    legal_name: str
    country: str
    note: str
    archived_at: datetime | None
    version: int


class CompanyCard(Card):
    model_config = ConfigDict(from_attributes=True)

    name: str
    country: str
    archived_at: datetime | None


class ProjectIn(Form):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "company_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "name": "Support line",
                    "code": "NET",
                    "service": "help_desk",
                    "time_zone": "Europe/Chisinau",
                    "languages": ["ro", "ru"],
                }
            ]
        }
    )

    company_id: UUID
    name: Name
    code: Code
    service: Service
    time_zone: TimeZone
    languages: Languages
    starts_on: Day | None = None
    ends_on: Day | None = None
    note: Note = ""
    operators_may_hang_up: StrictBool = Field(default=True, description="If not, the client ends each call.")


class ProjectChange(Change):
    """A project stays with its company."""

    name: Name = unsent()
    code: Code = unsent()
    service: Service = unsent()
    time_zone: TimeZone = unsent()
    languages: Languages = unsent()
    starts_on: Day | None = unsent()
    ends_on: Day | None = unsent()
    note: Note = unsent()
    operators_may_hang_up: StrictBool = unsent()


class NumberIn(Form):
    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "022 123 456", "label": "Main line"}]})

    number: PhoneInput
    label: Label = ""


class NumberChange(Change):
    label: Label = unsent()


class NumberOut(Shown):
    id: UUID
    e164: str = Field(description="ITU-T E.164 with the plus sign.", examples=["+37322123456"])
    label: str


class ProjectOut(Shown):
    id: UUID
    company_id: UUID
    company_name: str
    name: str
    code: str
    service: Service
    time_zone: str
    languages: list[str]
    starts_on: Day | None
    ends_on: Day | None
    note: str
    operators_may_hang_up: bool
    numbers: list[NumberOut]
    archived_at: datetime | None
    version: int


class ProjectCard(Card):
    model_config = ConfigDict(from_attributes=True)

    company_id: UUID
    name: str
    code: str
    service: Service
    archived_at: datetime | None


class HoursSpan(Form):
    """A span of a weekday; one that closes at or before it opens ends on the next day, `00:00` is midnight."""

    model_config = ConfigDict(from_attributes=True)

    weekday: Annotated[int, Field(strict=True, ge=0, le=6, description="Monday is 0.")]
    opens: ClockTime
    closes: ClockTime


class ExceptionDay(Form):
    """A date that differs from its weekday; without times it is closed."""

    model_config = ConfigDict(from_attributes=True)

    date: Day
    name: Annotated[Line, Field(max_length=120)] = ""
    opens: ClockTime | None = None
    closes: ClockTime | None = None

    @model_validator(mode="after")
    def _both_times_or_none(self) -> Self:
        if (self.opens is None) != (self.closes is None):
            raise PydanticCustomError("both_times_or_none", "Give both times, or none for a closed day.")
        return self


Hours = Annotated[list[HoursSpan], Field(max_length=MAX_HOURS)]
Exceptions = Annotated[list[ExceptionDay], Field(max_length=MAX_EXCEPTIONS)]


class CalendarIn(Form):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "name": "Support line",
                    "time_zone": "Europe/Chisinau",
                    "country": "MD",
                    "observe_holidays": True,
                    "hours": [{"weekday": 0, "opens": "09:00", "closes": "18:00"}],
                    "exceptions": [{"date": "2027-01-02", "name": "Stocktaking"}],
                }
            ]
        }
    )

    project_id: UUID
    name: Name
    time_zone: TimeZone
    country: CountryCode | None = None
    subdivision: Subdivision | None = None
    observe_holidays: StrictBool = Field(default=False, description="Closed on the public holidays of the country.")
    hours: Hours = Field(default_factory=list)
    exceptions: Exceptions = Field(default_factory=list)


class CalendarChange(Change):
    """`hours` and `exceptions` replace all that were there."""

    name: Name = unsent()
    time_zone: TimeZone = unsent()
    country: CountryCode | None = unsent()
    subdivision: Subdivision | None = unsent()
    observe_holidays: StrictBool = unsent()
    hours: Hours = unsent()
    exceptions: Exceptions = unsent()


class CalendarOut(Shown):
    id: UUID
    project_id: UUID
    name: str
    time_zone: str
    country: str | None
    subdivision: str | None
    observe_holidays: bool
    hours: list[HoursSpan]
    exceptions: list[ExceptionDay]
    version: int


class CalendarCard(Card):
    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    name: str
    time_zone: str


class OpenSpan(BaseModel):
    """RFC 3339 with the offset of the calendar's zone at that moment: both the instant and the clock on the wall."""

    opens: datetime
    closes: datetime


class DayOut(BaseModel):
    date: Day
    open: list[OpenSpan] = Field(description="The spans that begin on this date; the last may end on the next one.")
    holiday: str | None = Field(
        default=None, description="The public holiday of the date, whether the calendar observes it or not."
    )
    exception: str | None = Field(default=None, description="The name of the exception that decides the date.")


class CountryOut(Shown):
    code: str
    subdivisions: list[str] = Field(description="Those whose public holidays differ from the country's.")
    holidays: bool = Field(description="Whether public holidays of the country are known.")
