from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Versioned, Walled


class TrunkKind(StrEnum):
    """How the carrier knows us."""

    REGISTER = "register"
    """We register with user and password."""

    ADDRESS = "address"
    """The carrier knows our address and we know theirs."""


class Trunk(Identified, Versioned, Base):
    """A way to a carrier. The password is sealed in the vault under this row's id."""

    __tablename__ = "trunks"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(unique=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[str]
    transport: Mapped[str]
    host: Mapped[str]
    port: Mapped[int | None] = mapped_column(Integer)
    proxy: Mapped[str] = mapped_column(default="")
    user: Mapped[str] = mapped_column(default="")
    realm: Mapped[str] = mapped_column(default="")
    password: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires: Mapped[int] = mapped_column(Integer, default=300)
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text))
    srtp: Mapped[str] = mapped_column(default="off")
    codecs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    priority: Mapped[int] = mapped_column(SmallInteger, default=10)
    weight: Mapped[int] = mapped_column(SmallInteger, default=10)
    failover: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    watch_seconds: Mapped[int] = mapped_column(Integer, default=60)
    max_calls: Mapped[int | None] = mapped_column(Integer)
    max_rate: Mapped[int | None] = mapped_column(Integer)
    country: Mapped[str]
    number_out: Mapped[str] = mapped_column(default="e164")
    rules_out: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    number_in: Mapped[str] = mapped_column(default="e164")
    rules_in: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    identity: Mapped[str] = mapped_column(default="pai")
    default_number: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("kind IN ('register', 'address')", name="kind"),
        CheckConstraint("transport IN ('udp', 'tcp', 'tls')", name="transport"),
        CheckConstraint("srtp IN ('off', 'optional', 'required')", name="srtp"),
    )


class TrunkHealth(Base):
    """What the node that watches a trunk knows of it; written whenever its state changes."""

    __tablename__ = "trunk_health"
    __walled__ = Walled.CENTRE

    trunk_id: Mapped[UUID] = mapped_column(ForeignKey("trunks.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    registered: Mapped[bool | None]
    reachable: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    status: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    calls: Mapped[int] = mapped_column(Integer, default=0)
    since: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]


class CallerId(Identified, Base):
    """Which of its numbers a project shows to those it calls, by a trunk or (without one) by all others."""

    __tablename__ = "caller_ids"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    number_id: Mapped[UUID] = mapped_column(ForeignKey("numbers.id", ondelete="CASCADE"), index=True)
    trunk_id: Mapped[UUID | None] = mapped_column(ForeignKey("trunks.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("project_id", "trunk_id", postgresql_nulls_not_distinct=True),)


class Scope(StrEnum):
    """Whom a rule is for; each overrides what stands before it."""

    CENTRE = "centre"
    PROJECT = "project"
    ROLE = "role"
    PERSON = "person"


class DiallingRule(Identified, Versioned, Base):
    """What may be dialled. A field that is null leaves the word to the wider scope.

    Caps are of each person; those of `all_` are of the whole centre, and stand in its own rule only.
    """

    __tablename__ = "dialling_rules"
    __walled__ = Walled.PROJECT

    scope: Mapped[str]
    role: Mapped[str | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    country: Mapped[str | None]
    own_country: Mapped[bool | None]
    countries: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    premium: Mapped[bool | None]
    satellite: Mapped[bool | None]
    calls_per_hour: Mapped[int | None] = mapped_column(Integer)
    minutes_per_day: Mapped[int | None] = mapped_column(Integer)
    spend_per_day: Mapped[int | None] = mapped_column(BigInteger)
    all_calls_per_hour: Mapped[int | None] = mapped_column(Integer)
    all_minutes_per_day: Mapped[int | None] = mapped_column(Integer)
    all_spend_per_day: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("scope", "role", "person_id", "project_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "CASE scope WHEN 'centre' THEN num_nonnulls(role, person_id, project_id) = 0"
            " WHEN 'project' THEN project_id IS NOT NULL AND num_nonnulls(role, person_id) = 0"
            " WHEN 'role' THEN role IS NOT NULL AND num_nonnulls(person_id, project_id) = 0"
            " WHEN 'person' THEN person_id IS NOT NULL AND num_nonnulls(role, project_id) = 0"
            " ELSE false END",
            name="one_subject",
        ),
    )


class DialPrice(Base):
    """What a minute to numbers that begin with `prefix` (digits of E.164) costs, in minor units of `currency`."""

    __tablename__ = "dial_prices"
    __walled__ = Walled.CENTRE

    prefix: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    per_minute: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]


class DialledCall(Identified, Base):
    """A call that counts against a cap: one abroad, to a premium rate, or with a price."""

    __tablename__ = "dialled_calls"
    __walled__ = Walled.CENTRE

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"), index=True)
    call_id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    abroad: Mapped[bool]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    per_minute: Mapped[int] = mapped_column(BigInteger, default=0)
    spent: Mapped[int] = mapped_column(BigInteger, default=0)


class DiallingAlarm(Identified, Base):
    """A cap that was hit; one row for a cap, a subject and a day."""

    __tablename__ = "dialling_alarms"
    __walled__ = Walled.CENTRE

    cap: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    at: Mapped[datetime]
    allowed: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        UniqueConstraint("cap", "person_id", "day", postgresql_nulls_not_distinct=True),
        Index("ix_dialling_alarms_at", "at"),
    )
