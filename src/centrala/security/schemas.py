from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from centrala.kit.access import Permission
from centrala.security.permissions import Role

MAX_VIEW: Final = 50  # members of a saved filter

_ZONES: Final = frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("no such time zone")
    return name


Login = Annotated[
    str,
    Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$", examples=["ana.rusu"]),
]
PersonName = Annotated[str, Field(min_length=1, max_length=80)]
NewPassword = Annotated[str, Field(max_length=200, description="At least 10 characters, without the login.")]
Code = Annotated[str, Field(min_length=6, max_length=20)]
Language = Literal["en", "ru", "ro"]
Theme = Literal["system", "light", "dark"]
TimeZone = Annotated[str, AfterValidator(_known_zone), Field(max_length=60, examples=["Europe/Chisinau"])]


class In(BaseModel):
    """What a request may send: nothing that is not named."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SignInIn(In):
    login: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str | None, Field(max_length=20, description="Of the authenticator app, or a recovery code.")] = (
        None
    )


class Me(BaseModel):
    id: UUID
    login: str
    given_name: str
    family_name: str
    language: Language
    theme: Theme
    time_zone: str
    totp_enabled: bool
    must_change_password: bool
    password_changed_at: datetime | None
    version: int


class MeChange(In):
    """Fields that are left out stay as they are."""

    language: Language | None = None
    theme: Theme | None = None
    time_zone: TimeZone | None = None


class SessionProject(BaseModel):
    id: UUID
    name: str
    code: str
    company_id: UUID
    company_name: str


class SessionOut(BaseModel):
    """Who is signed in, what they may do, and the token that changing requests carry in `X-CSRF-Token`."""

    person: Me
    roles: list[Role]
    permissions: list[Permission]
    projects: list[SessionProject]
    csrf_token: str


class PasswordChange(In):
    current: Annotated[str, Field(min_length=1, max_length=200)]
    new: NewPassword


class PasswordConfirm(In):
    password: Annotated[str, Field(min_length=1, max_length=200)]


class TotpBegun(BaseModel):
    secret: str = Field(description="Base32, to type into the app where it cannot scan.")
    uri: str = Field(description="otpauth:// address.")
    qr_svg: str = Field(description="The address as a QR code.")


class TotpConfirm(In):
    code: Code


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each stands in once for a code of the app; not told again.")


class SessionSeen(BaseModel):
    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    current: bool


class Ended(BaseModel):
    ended: int = Field(description="How many sessions ended.")


class TokenIn(In):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))]
    expires_at: AwareDatetime | None = None


class TokenOut(BaseModel):
    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class TokenMade(TokenOut):
    token: str = Field(description="For the header `Authorization: Bearer`; not told again.")


ViewPage = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9._-]+$")]


class ViewIn(In):
    page: ViewPage
    name: Annotated[str, Field(min_length=1, max_length=80)]
    query: Annotated[
        dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=500)]],
        Field(max_length=MAX_VIEW, description="The list's address parameters."),
    ]


class ViewOut(BaseModel):
    id: UUID
    page: str
    name: str
    query: dict[str, Any]


class RoleOut(BaseModel):
    role: Role
    people: int = Field(description="How many hold it and can sign in.")
    centre: bool = Field(description="Whether it sees all projects and people of the centre.")


class PermissionOut(BaseModel):
    permission: Permission
    room: str
    roles: list[Role]


class RolesOut(BaseModel):
    roles: list[RoleOut]
    permissions: list[PermissionOut]


class AuditOut(BaseModel):
    seq: int
    at: datetime
    actor_id: UUID | None
    actor_name: str = Field(description="As the person is called now; empty for the program itself.")
    actor: str
    action: str
    object_type: str
    object_id: str
    project_id: UUID | None
    details: dict[str, Any]


class AuditVerdict(BaseModel):
    ok: bool
    rows: int
    broken_at: int | None = Field(description="The first row that does not fit the chain.")
