from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Walled


class VisitRow(Base):
    """A contact's time in one queue, or with an operator whom it reached without one.

    Durations are milliseconds: whole numbers add up to the same sum in any order.
    """

    __tablename__ = "report_visits"
    __walled__ = Walled.PROJECT

    interaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """The visits of a contact in their order, from 0."""
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    queue_id: Mapped[UUID | None]
    operator_id: Mapped[UUID | None]
    """Who answered."""
    entered_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    """When the same party came to the same project again; on the last visit that was answered."""
    channel: Mapped[str]
    direction: Mapped[str]
    via: Mapped[str]
    result: Mapped[str]
    wait: Mapped[int] = mapped_column(Integer)
    ring: Mapped[int] = mapped_column(Integer)
    """The end of the wait, in which who answered was rung."""
    talk: Mapped[int] = mapped_column(Integer)
    hold: Mapped[int] = mapped_column(Integer)
    wrap_up: Mapped[int] = mapped_column(Integer)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    """The customer's mark, on the contact's last answered visit; 1 to 5 or 0 to 10 by its scale."""
    rating_scale: Mapped[int | None] = mapped_column(SmallInteger)
    transferred: Mapped[bool]
    closing: Mapped[bool]
    """The contact's last answered visit: what it achieved counts here and nowhere else."""
    known: Mapped[bool]
    """Whether it is known who called, so that a repeated contact would be noticed."""

    __table_args__ = (
        Index("ix_report_visits_project_id", "project_id", "entered_at"),
        Index("ix_report_visits_queue_id", "queue_id", "entered_at"),
        Index("ix_report_visits_operator_id", "operator_id", "entered_at"),
    )


class CheckRow(Identified, Base):
    """One comparison of the visits with the timelines that they were made from."""

    __tablename__ = "report_checks"
    __walled__ = Walled.CENTRE

    at: Mapped[datetime] = mapped_column(index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    contacts: Mapped[int] = mapped_column(Integer)
    differences: Mapped[int] = mapped_column(Integer)
