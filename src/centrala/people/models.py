from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column, relationship

from centrala.kit.database import Base, Identified, Versioned, Walled
from centrala.kit.personal import Kind, personal
from centrala.security.service import Account


class Team(Identified, Versioned, Base):
    __tablename__ = "teams"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(unique=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("employees.id", ondelete="SET NULL", use_alter=True))
    note: Mapped[str] = mapped_column(default="")


class Skill(Identified, Versioned, Base):
    """Something that an operator can do and that a contact can demand."""

    __tablename__ = "skills"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str] = mapped_column(default="")


class Employee(Versioned, Base):
    """A person of the centre, or a client company's representative. Shares its id with the account."""

    __tablename__ = "employees"
    __walled__ = Walled.CENTRE

    id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    patronymic: Mapped[str] = mapped_column(default="", info=personal(Kind.NAME))
    phone: Mapped[str] = mapped_column(default="", info=personal(Kind.PHONE))
    email: Mapped[str] = mapped_column(default="", info=personal(Kind.EMAIL))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"), index=True)
    superior_id: Mapped[UUID | None] = mapped_column(ForeignKey("employees.id", ondelete="SET NULL"), index=True)
    deputy_id: Mapped[UUID | None] = mapped_column(ForeignKey("employees.id", ondelete="SET NULL"), index=True)
    hired_on: Mapped[date | None]
    dismissed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="raise")
    team: Mapped[Team | None] = relationship(lazy="raise", foreign_keys=[team_id])

    __table_args__ = (
        CheckConstraint("superior_id <> id", name="not_own_superior"),
        CheckConstraint("deputy_id <> id", name="not_own_deputy"),
    )


class EmployeeSkill(Base):
    __tablename__ = "employee_skills"
    __walled__ = Walled.CENTRE

    employee_id: Mapped[UUID] = mapped_column(ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[UUID] = mapped_column(ForeignKey("skills.id"), primary_key=True, index=True)
    level: Mapped[int] = mapped_column(SmallInteger)

    employee: Mapped[Employee] = relationship(lazy="raise")

    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 10", name="level"),)


class EmployeeLanguage(Base):
    """A language that an employee speaks (ISO 639-1), by the levels of the Common European Framework."""

    __tablename__ = "employee_languages"
    __walled__ = Walled.CENTRE

    employee_id: Mapped[UUID] = mapped_column(ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]

    __table_args__ = (CheckConstraint("level IN ('A1', 'A2', 'B1', 'B2', 'C1', 'C2')", name="level"),)
