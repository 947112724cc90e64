from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from centrala.kit.database import Base, Identified, Versioned, Walled
from centrala.kit.personal import Kind, personal

NAME_WORDS: Final = "to_tsvector('simple', translate(lower(name), 'ăâîșşțţё', 'aaissttе'))"


class Customer(Identified, Versioned, Base):
    """Somebody who calls a project. The same person at two client companies is two customers: the wall is between."""

    __tablename__ = "customers"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(info=personal(Kind.NAME))
    name_words: Mapped[Any] = mapped_column(TSVECTOR, Computed(NAME_WORDS, persisted=True), deferred=True)
    language: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="", info=personal(Kind.TEXT))
    mark: Mapped[str] = mapped_column(default="none", server_default="none")
    created_at: Mapped[datetime]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    erased_at: Mapped[datetime | None]

    phones: Mapped[list["CustomerPhone"]] = relationship(
        lazy="raise", order_by="CustomerPhone.id", cascade="all, delete-orphan"
    )

    __table_args__ = (
        Index("ix_customers_name_words", "name_words", postgresql_using="gin"),
        CheckConstraint("mark IN ('none', 'vip', 'careful', 'blocked')", name="mark"),
        CheckConstraint("merged_into <> id", name="not_into_itself"),
    )


class CustomerPhone(Identified, Base):
    __tablename__ = "customer_phones"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    e164: Mapped[str] = mapped_column(info=personal(Kind.PHONE), index=True)
    label: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("project_id", "e164"),)
