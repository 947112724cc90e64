"""Queues and who serves them, breaks, states; and what the router must find again after a crash."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Versioned, Walled


class QueueRow(Identified, Versioned, Base):
    """A queue of a project. `rules` is a `schemas.QueueRules`, `thresholds` a `schemas.Thresholds`."""

    __tablename__ = "queues"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSONB)
    calendar_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendars.id", ondelete="SET NULL"), index=True)
    music_prompt_id: Mapped[UUID | None]
    announcement_prompt_id: Mapped[UUID | None]
    operator_may_hang_up: Mapped[bool] = mapped_column(default=True)
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        # An archived queue leaves its name to a new one.
        Index(
            "uq_queues_project_id_name", "project_id", "name", unique=True, postgresql_where=text("archived_at IS NULL")
        ),
    )


class QueueOperatorRow(Base):
    """Who serves a queue. Rank 0 is the person's own queue; each rank more is offered later."""

    __tablename__ = "queue_operators"
    __walled__ = Walled.PROJECT

    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int] = mapped_column(SmallInteger, default=0)

    __table_args__ = (CheckConstraint("rank BETWEEN 0 AND 9", name="rank"),)


class BreakReasonRow(Identified, Versioned, Base):
    """Why people leave their desk. `cap`: how many of the centre may be away for it at once."""

    __tablename__ = "break_reasons"
    __walled__ = Walled.CENTRE

    name: Mapped[str]
    planned_minutes: Mapped[int] = mapped_column(SmallInteger)
    cap: Mapped[int | None] = mapped_column(SmallInteger)
    paid: Mapped[bool] = mapped_column(default=True)
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("planned_minutes BETWEEN 1 AND 480", name="planned_minutes"),
        Index("uq_break_reasons_name", "name", unique=True, postgresql_where=text("archived_at IS NULL")),
    )


class CentreBreaksRow(Base):
    """The one row of the whole centre: how many may be on a break at once, whatever the reason; None: no limit."""

    __tablename__ = "centre_breaks"
    __walled__ = Walled.CENTRE

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=1)
    most: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("most BETWEEN 0 AND 2000", name="most"),
    )


class OperatorRoutingRow(Versioned, Base):
    """How many contacts of each channel a person holds at once; without a row, one call."""

    __tablename__ = "operator_routing"
    __walled__ = Walled.CENTRE

    person_id: Mapped[UUID] = mapped_column(ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True)
    capacity: Mapped[dict[str, int]] = mapped_column(JSONB)


class OperatorChoiceRow(Base):
    """What a person has chosen: channels not now, and which of their phones rings; without a row, all of both."""

    __tablename__ = "operator_choices"
    __walled__ = Walled.CENTRE

    person_id: Mapped[UUID] = mapped_column(ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True)
    channels_off: Mapped[list[str]] = mapped_column(JSONB)
    rings_on: Mapped[str]

    __table_args__ = (CheckConstraint("rings_on IN ('all', 'browser', 'phone')", name="rings_on"),)


class OperatorStateRow(Identified, Base):
    """An interval of a person's working time; `until` is empty while it lasts. Signed out is no interval.

    `state` is ready, break, paused, or absent (ready, but neither desk nor phone gives a sign of life).
    """

    __tablename__ = "operator_states"
    __walled__ = Walled.CENTRE

    person_id: Mapped[UUID] = mapped_column(ForeignKey("employees.id", ondelete="CASCADE"))
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    forced_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("state IN ('ready', 'break', 'paused', 'absent')", name="state"),
        Index("ix_operator_states_person_id_since", "person_id", "since"),
        Index("ix_operator_states_since", "since"),
    )


class DeskCheckRow(Base):
    """What a person's last check of microphone, speaker and network before the shift has found."""

    __tablename__ = "desk_checks"
    __walled__ = Walled.CENTRE

    person_id: Mapped[UUID] = mapped_column(ForeignKey("employees.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    passed: Mapped[bool]
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RouterLeaseRow(Base):
    """Which process routes. `token` is the process's own; `beat_at` its last sign of life."""

    __tablename__ = "router_leases"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    token: Mapped[UUID]
    beat_at: Mapped[datetime]


class RouterSnapshotRow(Base):
    """A router's whole state after the fact of number `seq`."""

    __tablename__ = "router_snapshots"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RouterFactRow(Base):
    """A fact that a router was fed after its snapshot, with the router's moment (seconds since 1970)."""

    __tablename__ = "router_journal"
    __walled__ = Walled.CENTRE

    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    moment: Mapped[float] = mapped_column(Double)
    fact: Mapped[dict[str, Any]] = mapped_column(JSONB)


class QueueDayRow(Base):
    """What a queue has seen on a day of its project's time zone; counted as `routing.measures` defines."""

    __tablename__ = "queue_days"
    __walled__ = Walled.PROJECT

    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    answered: Mapped[int]
    answered_in_time: Mapped[int]
    abandoned: Mapped[int]
    short: Mapped[int]
    overflowed: Mapped[int]
    turned_away: Mapped[int]
    waited: Mapped[float] = mapped_column(Double)


class NoticeRow(Identified, Base):
    """A word to people: of a supervisor, or of the program about a threshold (`alert`).

    Without a project it goes to the whole centre. `measure`, `value`, `threshold` and `ended_at` are of alerts.
    """

    __tablename__ = "notices"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    queue_id: Mapped[UUID | None] = mapped_column(ForeignKey("queues.id", ondelete="SET NULL"))
    kind: Mapped[str]
    urgent: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(index=True)
    measure: Mapped[str | None]
    value: Mapped[float | None] = mapped_column(Double)
    threshold: Mapped[float | None] = mapped_column(Double)
    ended_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("kind IN ('broadcast', 'alert', 'state')", name="kind"),)


class NoticeReaderRow(Base):
    """Whom a notice is for, and when they closed it."""

    __tablename__ = "notice_readers"
    __walled__ = Walled.PROJECT

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    read_at: Mapped[datetime | None]
