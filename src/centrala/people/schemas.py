"""The HTTP shapes of employees, teams and skills."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from centrala.kit.forms import Change, Day, Form, LanguageCode, Line, Name, Note, TimeZone, unsent
from centrala.kit.live import Card
from centrala.kit.personal import Masked
from centrala.security.service import Role

MAX_PERSON_NAME: Final = 80  # characters of one part of a name
MAX_EMAIL: Final = 254  # characters; RFC 5321 section 4.5.3.1.3, less the angle brackets
MAX_PHONE_INPUT: Final = 40  # characters as typed, with spaces and brackets
MAX_PASSWORD: Final = 200  # characters
MAX_SKILLS: Final = 200  # of one person
MAX_LANGUAGES: Final = 30  # of one person
MAX_PROJECTS: Final = 500  # of one person
MAX_LEVEL: Final = 10

PersonName = Annotated[Line, Field(min_length=1, max_length=MAX_PERSON_NAME)]
Patronymic = Annotated[Line, Field(max_length=MAX_PERSON_NAME)]
Login = Annotated[
    str, Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$", examples=["ana.rusu"])
]
PersonnelNumber = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$",
        max_length=20,
        description="The personnel number; unique.",
        examples=["1042"],
    ),
]
Phone = Annotated[
    Line,
    Field(
        max_length=MAX_PHONE_INPUT,
        description="With + and the country code; empty: none. Stored as E.164.",
        examples=["+373 69 123 456"],
    ),
]
Email = Annotated[
    str,
    Field(
        max_length=MAX_EMAIL,
        pattern=r"^([^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+)?$",
        description="Empty: none.",
        examples=["ana.rusu@example.md"],
    ),
]
Password = Annotated[
    str, Field(min_length=1, max_length=MAX_PASSWORD, description="Temporary: the person chooses another at sign-in.")
]
DeskLanguage = Literal["en", "ru", "ro"]
CefrLevel = Literal["A1", "A2", "B1", "B2", "C1", "C2"]


class State(StrEnum):
    """Which employees a list shows."""

    ACTIVE = "active"
    DISMISSED = "dismissed"
    ALL = "all"


class RevealableField(StrEnum):
    """Fields that are masked until somebody asks for one of them."""

    PHONE = "phone"
    EMAIL = "email"


class Shown(BaseModel):
    """An answer, made from a row of the store."""

    model_config = ConfigDict(from_attributes=True)


class SkillLevel(Form):
    model_config = ConfigDict(from_attributes=True)

    skill_id: UUID
    level: Annotated[int, Field(strict=True, ge=1, le=MAX_LEVEL, description="1 is a beginner, 10 the best.")]


class SpokenLanguage(Form):
    model_config = ConfigDict(from_attributes=True)

    language: LanguageCode
    level: CefrLevel = Field(description="Of the Common European Framework.")


Skills = Annotated[list[SkillLevel], Field(max_length=MAX_SKILLS)]
Languages = Annotated[list[SpokenLanguage], Field(max_length=MAX_LANGUAGES)]
Roles = Annotated[list[Role], Field(max_length=len(Role))]
ProjectIds = Annotated[
    list[UUID],
    Field(max_length=MAX_PROJECTS, description="Of the projects that you see; the person's others stay as they are."),
]


class EmployeeIn(Form):
    """A new employee, with the account to sign in by."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "login": "ana.rusu",
                    "given_name": "Ana",
                    "family_name": "Rusu",
                    "number": "1042",
                    "phone": "+373 69 123 456",
                    "languages": [{"language": "ro", "level": "C2"}],
                }
            ]
        }
    )

    login: Login
    password: Password | None = Field(default=None, description="Without one nobody can sign in by the account yet.")
    given_name: PersonName
    family_name: PersonName
    patronymic: Patronymic = ""
    number: PersonnelNumber
    phone: Phone = ""
    email: Email = ""
    language: DeskLanguage = Field(default="en", description="Of the desk.")
    time_zone: TimeZone = "UTC"
    languages: Languages = Field(default_factory=list)
    skills: Skills = Field(default_factory=list)
    team_id: UUID | None = None
    superior_id: UUID | None = None
    deputy_id: UUID | None = Field(default=None, description="Stands in for the person.")
    roles: Roles = Field(
        default_factory=lambda: [Role.OPERATOR], description="Others than operator need the permission roles.assign."
    )
    project_ids: ProjectIds = Field(default_factory=list)
    hired_on: Day | None = None


class EmployeeChange(Change):
    """`languages`, `skills`, `roles` and `project_ids` are replaced as a whole."""

    login: Login = unsent()
    given_name: PersonName = unsent()
    family_name: PersonName = unsent()
    patronymic: Patronymic = unsent()
    number: PersonnelNumber = unsent()
    phone: Phone = unsent()
    email: Email = unsent()
    language: DeskLanguage = unsent()
    time_zone: TimeZone = unsent()
    languages: Languages = unsent()
    skills: Skills = unsent()
    team_id: UUID | None = unsent()
    superior_id: UUID | None = unsent()
    deputy_id: UUID | None = unsent()
    roles: Roles = unsent()
    project_ids: ProjectIds = unsent()
    hired_on: Day | None = unsent()


class EmployeeOut(BaseModel):
    id: UUID
    login: str
    given_name: str
    family_name: str
    patronymic: str
    number: str
    phone: Masked
    email: Masked
    language: str
    time_zone: str
    languages: list[SpokenLanguage]
    skills: list[SkillLevel]
    team_id: UUID | None
    superior_id: UUID | None
    deputy_id: UUID | None
    roles: list[Role]
    project_ids: list[UUID] = Field(description="As far as you see them.")
    hired_on: date | None
    dismissed_at: datetime | None
    erased_at: datetime | None = Field(description="When the personal data was wiped; names are empty since.")
    version: int


class EmployeeCard(Card):
    given_name: str
    family_name: str
    patronymic: str
    number: str
    team_id: UUID | None
    dismissed_at: datetime | None


class RevealIn(Form):
    field: RevealableField


class RevealOut(BaseModel):
    field: RevealableField
    value: str = Field(description="Empty when there is none.")


class EraseIn(Form):
    confirm: Annotated[str, Field(max_length=60, description="The login of the person, typed by hand.")]


class PasswordIn(Form):
    # White space at the ends of a password belongs to it.
    model_config = ConfigDict(str_strip_whitespace=False)

    new: Password


class TeamIn(Form):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Evening shift"}]})

    name: Name
    lead_id: UUID | None = None
    note: Note = ""


class TeamChange(Change):
    name: Name = unsent()
    lead_id: UUID | None = unsent()
    note: Note = unsent()


class TeamOut(Shown):
    id: UUID
    name: str
    lead_id: UUID | None
    note: str
    people: int = Field(description="Active members, as far as you see them.")
    version: int


class TeamCard(Card):
    model_config = ConfigDict(from_attributes=True)

    name: str
    lead_id: UUID | None


class SkillIn(Form):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Billing"}]})

    name: Name
    note: Note = ""


class SkillChange(Change):
    name: Name = unsent()
    note: Note = unsent()


class SkillOut(Shown):
    id: UUID
    name: str
    note: str
    people: int = Field(description="Active employees who have it, as far as you see them.")
    version: int


class SkillCard(Card):
    model_config = ConfigDict(from_attributes=True)

    name: str
