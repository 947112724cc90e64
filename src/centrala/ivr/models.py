from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Versioned, Walled


class Flow(Identified, Versioned, Base):
    """A flow of a project with its draft; `published` is the version that new calls run."""

    __tablename__ = "flows"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    draft: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published: Mapped[int | None]
    changed_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_flows_project_id_name",
            "project_id",
            "name",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
    )


class FlowVersion(Identified, Base):
    """A published version: never changed. `subflows` are the flows that it runs, by id, frozen with it."""

    __tablename__ = "flow_versions"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    subflows: Mapped[dict[str, Any]] = mapped_column(JSONB)
    languages: Mapped[list[str]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("flow_id", "number"),)


class NumberFlow(Base):
    """The flow with which a call to a number begins."""

    __tablename__ = "number_flows"
    __walled__ = Walled.PROJECT

    number_id: Mapped[UUID] = mapped_column(ForeignKey("numbers.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("flows.id", ondelete="CASCADE"), index=True)


class Prompt(Identified, Versioned, Base):
    """Something that flows of a project say: a text by language, spoken by a voice, unless a sound was uploaded."""

    __tablename__ = "prompts"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    replaces: Mapped[str | None]
    changed_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        UniqueConstraint("project_id", "replaces"),
    )


class PromptSound(Identified, Base):
    """An uploaded sound of a prompt in a language, as the engine plays it; in the store, so that every node has it."""

    __tablename__ = "prompt_sounds"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    prompt_id: Mapped[UUID] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"))
    language: Mapped[str]
    file_name: Mapped[str] = mapped_column(default="")
    seconds: Mapped[float]
    digest: Mapped[str]
    wav: Mapped[bytes] = mapped_column(deferred=True)
    uploaded_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("prompt_id", "language"),)


class Voicemail(Identified, Base):
    """A message that a caller left."""

    __tablename__ = "voicemails"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    box: Mapped[str]
    interaction_id: Mapped[UUID]
    recording_id: Mapped[UUID | None]
    language: Mapped[str]
    seconds: Mapped[float]
    left_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    heard_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))

    __table_args__ = (
        Index("ix_voicemails_project_id_left_at", "project_id", "left_at"),
        CheckConstraint("seconds >= 0", name="seconds"),
    )
