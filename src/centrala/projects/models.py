from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from centrala.kit.database import Base, Identified, Versioned, Walled


class Service(StrEnum):
    """What the centre does for the client in a project."""

    TELESALES = "telesales"
    ORDERS = "orders"
    HELP_DESK = "help_desk"
    SURVEYS = "surveys"
    GENERAL = "general"


class Company(Identified, Versioned, Base):
    """A client company: it orders projects from the centre."""

    __tablename__ = "companies"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(unique=True)
    legal_name: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    archived_at: Mapped[datetime | None]


class Project(Identified, Versioned, Base):
    """A piece of work for a client company, apart from all others."""

    __tablename__ = "projects"
    __walled__ = Walled.CENTRE

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    service: Mapped[str]
    time_zone: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    operators_may_hang_up: Mapped[bool] = mapped_column(default=True)
    archived_at: Mapped[datetime | None]

    company: Mapped[Company] = relationship(lazy="raise")
    """Loaded with every project that is shown."""

    numbers: Mapped[list["Number"]] = relationship(lazy="raise", order_by="Number.e164", cascade="all, delete-orphan")

    __table_args__ = (
        UniqueConstraint("company_id", "name"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    @property
    def company_name(self) -> str:
        return self.company.name


class Number(Identified, Base):
    """A telephone number (E.164) by which a project is called or calls."""

    __tablename__ = "numbers"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    e164: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")


class Calendar(Identified, Versioned, Base):
    """When a project is open: weekly hours, public holidays of a country, exceptions by date."""

    __tablename__ = "calendars"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    country: Mapped[str | None]
    subdivision: Mapped[str | None]
    observe_holidays: Mapped[bool] = mapped_column(default=False)

    project: Mapped[Project] = relationship(lazy="raise")
    hours: Mapped[list["CalendarHours"]] = relationship(
        lazy="raise",
        order_by="(CalendarHours.weekday, CalendarHours.opens)",
        cascade="all, delete-orphan",
    )
    exceptions: Mapped[list["CalendarException"]] = relationship(
        lazy="raise", order_by="CalendarException.date", cascade="all, delete-orphan"
    )

    __table_args__ = (UniqueConstraint("project_id", "name"),)


class CalendarHours(Identified, Base):
    """A span of a weekday (Monday is 0); one that `closes` at or before it `opens` ends the next day."""

    __tablename__ = "calendar_hours"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("calendars.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens: Mapped[time]
    closes: Mapped[time]

    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)


class CalendarException(Identified, Base):
    """A date that differs from its weekday; without times the project is closed on it."""

    __tablename__ = "calendar_exceptions"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("calendars.id", ondelete="CASCADE"), index=True)
    date: Mapped[date]
    name: Mapped[str] = mapped_column(default="")
    opens: Mapped[time | None]
    closes: Mapped[time | None]

    __table_args__ = (
        UniqueConstraint("calendar_id", "date"),
        CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both_times_or_none"),
    )
