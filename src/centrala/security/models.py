from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Versioned, Walled
from centrala.kit.personal import Kind, personal


class Account(Identified, Versioned, Base):
    """A person who can sign in. An employee's row in `people` has the same id."""

    __tablename__ = "accounts"
    __walled__ = Walled.CENTRE

    login: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str] = mapped_column(info=personal(Kind.NAME))
    family_name: Mapped[str] = mapped_column(info=personal(Kind.NAME))
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_enabled: Mapped[bool] = mapped_column(default=False)
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(default="en")
    theme: Mapped[str] = mapped_column(default="system")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    closed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class AccountRole(Base):
    """A role that a person holds."""

    __tablename__ = "account_roles"
    __walled__ = Walled.CENTRE

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class AccountProject(Base):
    """A project that a person works on, or watches for their company."""

    __tablename__ = "account_projects"
    __walled__ = Walled.PROJECT

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SignInSession(Identified, Base):
    """A browser in which somebody is signed in. The cookie's value is not stored, its SHA-256 is."""

    __tablename__ = "sessions"
    __walled__ = Walled.OPEN

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(info=personal(Kind.TEXT))
    user_agent: Mapped[str] = mapped_column(info=personal(Kind.TEXT))


class ApiToken(Identified, Base):
    """A key for a program that acts for a person, within `scopes`."""

    __tablename__ = "api_tokens"
    __walled__ = Walled.OPEN

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in once for the second factor."""

    __tablename__ = "recovery_codes"
    __walled__ = Walled.OPEN

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class SignInFailure(Base):
    """Failed sign-ins by login and by address, for the throttle."""

    __tablename__ = "sign_in_failures"
    __walled__ = Walled.OPEN

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(index=True)


class SetupLink(Base):
    """The link of the first start: whoever holds it creates the first administrator, once."""

    __tablename__ = "setup_link"
    __walled__ = Walled.OPEN

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    created_at: Mapped[datetime]


class SavedView(Identified, Base):
    """A list's filters, sort order and columns under a name; a person's own."""

    __tablename__ = "saved_views"
    __walled__ = Walled.OPEN

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (UniqueConstraint("account_id", "page", "name"),)
