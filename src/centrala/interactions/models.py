from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Versioned, Walled
from centrala.kit.personal import Kind, personal

NOTE_WORDS: Final = (
    "to_tsvector('simple', translate(lower(note), 'ăâîșşțţё', 'aaissttе'))"
    " || to_tsvector('english', translate(lower(note), 'ăâîșşțţё', 'aaissttе'))"
    " || to_tsvector('russian', translate(lower(note), 'ăâîșşțţё', 'aaissttе'))"
    " || to_tsvector('romanian', translate(lower(note), 'ăâîșşțţё', 'aaissttе'))"
)
"""The words of a note as they stand and by their stems in each language: nobody says which language a note is in."""


class Interaction(Identified, Versioned, Base):
    """One contact with a customer. `version` counts what people changed; `changes` counts everything."""

    __tablename__ = "interactions"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    channel: Mapped[str]
    direction: Mapped[str]
    party_number: Mapped[str] = mapped_column(default="", server_default="", info=personal(Kind.PHONE))
    """E.164, or the SIP user where it is no telephone number."""
    party_name: Mapped[str] = mapped_column(default="", server_default="", info=personal(Kind.NAME))
    called_number: Mapped[str] = mapped_column(default="", server_default="")
    """Our number that was called, or that was shown."""
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    language: Mapped[str | None]
    queue_id: Mapped[UUID | None]
    operator_id: Mapped[UUID | None]
    call_id: Mapped[UUID | None] = mapped_column(index=True)
    came_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    wrap_up_ended_at: Mapped[datetime | None]
    result: Mapped[str | None]
    wait_seconds: Mapped[float] = mapped_column(Float, default=0, server_default="0")
    talk_seconds: Mapped[float] = mapped_column(Float, default=0, server_default="0")
    hold_seconds: Mapped[float] = mapped_column(Float, default=0, server_default="0")
    wrap_up_seconds: Mapped[float] = mapped_column(Float, default=0, server_default="0")
    holds: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    transfers: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rating_scale: Mapped[int | None] = mapped_column(SmallInteger)
    menu_path: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    escalated: Mapped[bool] = mapped_column(default=False, server_default="false")
    note: Mapped[str] = mapped_column(default="", server_default="", info=personal(Kind.TEXT))
    note_words: Mapped[Any] = mapped_column(TSVECTOR, Computed(NOTE_WORDS, persisted=True), deferred=True)
    note_by: Mapped[UUID | None]
    noted_at: Mapped[datetime | None]
    note_final: Mapped[bool] = mapped_column(default=False, server_default="false")
    cause_id: Mapped[UUID | None] = mapped_column(ForeignKey("dispositions.id"))
    outcome_id: Mapped[UUID | None] = mapped_column(ForeignKey("dispositions.id"))
    disposition_fields: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}", info=personal(Kind.TEXT)
    )
    disposed_by: Mapped[UUID | None]
    disposed_at: Mapped[datetime | None]
    changes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out', 'internal')", name="direction"),
        Index("ix_interactions_came_at", "came_at"),
        Index("ix_interactions_project_id_came_at", "project_id", "came_at"),
        Index("ix_interactions_party_number_came_at", "party_number", "came_at"),
        Index("ix_interactions_queue_id_came_at", "queue_id", "came_at"),
        Index("ix_interactions_operator_id_came_at", "operator_id", "came_at"),
        Index("ix_interactions_outcome_id_came_at", "outcome_id", "came_at"),
        Index("ix_interactions_cause_id_came_at", "cause_id", "came_at"),
        Index("ix_interactions_customer_id_came_at", "customer_id", "came_at"),
        Index("ix_interactions_note_words", "note_words", postgresql_using="gin"),
        Index("ix_interactions_open", "came_at", postgresql_where=text("ended_at IS NULL")),
    )


class TimelineRow(Identified, Base):
    """Something that happened to a contact; never changed, save that erasure takes numbers and texts out."""

    __tablename__ = "interaction_events"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    interaction_id: Mapped[UUID] = mapped_column(ForeignKey("interactions.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]
    person_id: Mapped[UUID | None]
    queue_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}", info=personal(Kind.TEXT))


class Disposition(Identified, Versioned, Base):
    """A node of a project's tree: why somebody called (cause), or what came of it (outcome)."""

    __tablename__ = "dispositions"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("dispositions.id"), index=True)
    kind: Mapped[str]
    code: Mapped[str]
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)
    required_fields: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("project_id", "kind", "code"),
        CheckConstraint("kind IN ('cause', 'outcome')", name="kind"),
        CheckConstraint("parent_id <> id", name="not_below_itself"),
    )


class Script(Identified, Versioned, Base):
    """What an operator of a project says, for one queue or for all."""

    __tablename__ = "project_scripts"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    queue_id: Mapped[UUID | None]
    language: Mapped[str | None]
    title: Mapped[str]
    text: Mapped[str]
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class RecordingFile(Base):
    """Where the audio of a recording is. Shares its id with telephony's row; the link to the contact never changes."""

    __tablename__ = "recording_files"
    __walled__ = Walled.PROJECT

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    interaction_id: Mapped[UUID] = mapped_column(ForeignKey("interactions.id"), index=True)
    began_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="running", server_default="running")
    backend: Mapped[str | None]
    place: Mapped[str | None]
    """The key of the sealed object, relative to the folder or with the bucket's prefix."""
    sealed_size: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    """Of the audio as it was before it was sealed."""
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    stored_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    deleted_at: Mapped[datetime | None]
    deleted_why: Mapped[str | None]
    peaks: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Interleaved by side, one byte a peak: `waveform.py`."""
    sides: Mapped[int | None] = mapped_column(SmallInteger)
    levels: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    """Loudness of each side in dBFS."""

    __table_args__ = (
        CheckConstraint("state IN ('running', 'stored', 'missing', 'deleted')", name="state"),
        Index("ix_recording_files_project_id_began_at", "project_id", "began_at"),
        Index("ix_recording_files_running", "began_at", postgresql_where=text("state = 'running'")),
    )


class RecordingMark(Identified, Base):
    """What somebody marked in a recording."""

    __tablename__ = "recording_marks"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording_files.id", ondelete="CASCADE"), index=True)
    at_ms: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(info=personal(Kind.TEXT))
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]


class Promise(Identified, Versioned, Base):
    """A call-back that was promised to a customer."""

    __tablename__ = "promises"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    interaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("interactions.id", ondelete="SET NULL"), index=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(default="", server_default="", info=personal(Kind.PHONE))
    note: Mapped[str] = mapped_column(default="", server_default="", info=personal(Kind.TEXT))
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_promises_waiting", "due_at", postgresql_where=text("done_at IS NULL AND reminded_at IS NULL")),
    )


class Retention(Versioned, Base):
    """What a project agreed on: whether calls are recorded, and how long what is kept."""

    __tablename__ = "retention"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    record_calls: Mapped[bool] = mapped_column(default=True, server_default="true")
    recording_months: Mapped[int | None] = mapped_column(SmallInteger)
    personal_months: Mapped[int | None] = mapped_column(SmallInteger)
    quota_mb: Mapped[int | None] = mapped_column(Integer)
    oldest_first: Mapped[bool] = mapped_column(default=False, server_default="false")


class Finding(Identified, Base):
    """What the nightly audit found: calls without audio, audio without a call. Without a project: of the centre."""

    __tablename__ = "recording_findings"
    __walled__ = Walled.PROJECT

    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    interaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("interactions.id", ondelete="CASCADE"))
    recording_id: Mapped[UUID | None]
    file: Mapped[str | None]
    happened_at: Mapped[datetime | None]
    found_at: Mapped[datetime]


class AuditRun(Identified, Base):
    """One audit of recordings: when it was asked for (by nobody: at night), and when it ran. Not ended: it died."""

    __tablename__ = "recording_audits"
    __walled__ = Walled.CENTRE

    asked_at: Mapped[datetime] = mapped_column(index=True)
    asked_by: Mapped[UUID | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    store_answered: Mapped[bool] = mapped_column(default=True, server_default="true")
    """False: the store was away, so nobody knows of every stored recording whether its audio is there."""
