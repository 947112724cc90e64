"""The tables of the calls: what happened, and what a fresh process needs to take the calls up again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Walled
from centrala.kit.personal import Kind, personal


class CallRow(Base):
    """A call: what the parties take for one conversation. Without a project it belongs to the centre."""

    __tablename__ = "calls"
    __walled__ = Walled.PROJECT

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    node: Mapped[str]
    direction: Mapped[str]
    caller: Mapped[str] = mapped_column(info=personal(Kind.PHONE))
    callee: Mapped[str] = mapped_column(info=personal(Kind.PHONE))
    started_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str | None]
    sip_status: Mapped[int | None] = mapped_column(SmallInteger)
    q850: Mapped[int | None] = mapped_column(SmallInteger)
    hung_up_by: Mapped[str | None]

    __table_args__ = (Index("ix_calls_live", "node", postgresql_where=text("ended_at IS NULL")),)


class LegRow(Base):
    """A leg, which is also the call detail record: who, when, how it ended, how it sounded."""

    __tablename__ = "call_legs"
    __walled__ = Walled.PROJECT

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    direction: Mapped[str]
    kind: Mapped[str]
    peer: Mapped[str] = mapped_column(info=personal(Kind.PHONE))
    """E.164 or SIP user of the other end."""
    display: Mapped[str] = mapped_column(info=personal(Kind.NAME))
    local: Mapped[str] = mapped_column(info=personal(Kind.PHONE))
    """What was dialled, or the identity that was shown."""
    trunk_id: Mapped[UUID | None]
    phone_id: Mapped[UUID | None]
    sip_call_id: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str | None]
    sip_status: Mapped[int | None] = mapped_column(SmallInteger)
    q850: Mapped[int | None] = mapped_column(SmallInteger)
    hung_up_by: Mapped[str | None]
    codec: Mapped[str | None]
    packets_received: Mapped[int | None] = mapped_column(BigInteger)
    packets_sent: Mapped[int | None] = mapped_column(BigInteger)
    packets_lost: Mapped[int | None] = mapped_column(BigInteger)
    loss_pct: Mapped[float | None] = mapped_column(Float)
    jitter_ms: Mapped[float | None] = mapped_column(Float)
    rtt_ms: Mapped[float | None] = mapped_column(Float)
    mos_received: Mapped[float | None] = mapped_column(Float)
    mos_sent: Mapped[float | None] = mapped_column(Float)


class DialogRow(Base):
    """What takes an answered leg over a restart; gone when the leg is over. Read by the program alone."""

    __tablename__ = "call_dialogs"
    __walled__ = Walled.CENTRE

    leg_id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(index=True)
    node: Mapped[str] = mapped_column(index=True)
    stored_at: Mapped[datetime]
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RecordingRow(Base):
    """A recording; the row is there before the first packet. `ended_at` is set when the file is closed."""

    __tablename__ = "call_recordings"
    __walled__ = Walled.PROJECT

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    marks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class MediaPositionRow(Base):
    """The last event of the media engine that a node has handled and stored."""

    __tablename__ = "media_positions"
    __walled__ = Walled.CENTRE

    node: Mapped[str] = mapped_column(primary_key=True)
    engine: Mapped[str]
    last_event: Mapped[int] = mapped_column(BigInteger)
