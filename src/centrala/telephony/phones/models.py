from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Identified, Versioned, Walled
from centrala.kit.personal import Kind, personal


class Phone(Identified, Versioned, Base):
    """A telephone on somebody's desk. Its secret is kept as two hashes, sealed in the vault under this row's id."""

    __tablename__ = "phones"
    __walled__ = Walled.CENTRE

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    label: Mapped[str]
    model: Mapped[str] = mapped_column(default="")
    user: Mapped[str] = mapped_column(unique=True)
    ha1_md5: Mapped[bytes] = mapped_column(LargeBinary)
    ha1_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    secret_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(default="", info=personal(Kind.TEXT))
    user_agent: Mapped[str] = mapped_column(default="", info=personal(Kind.TEXT))


class Contact(Identified, Base):
    """Where an address of record is registered (RFC 3261 section 10); the registrar takes it up after a restart."""

    __tablename__ = "phone_contacts"
    __walled__ = Walled.CENTRE

    aor: Mapped[str] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    phone_id: Mapped[UUID | None] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), index=True)
    contact: Mapped[str] = mapped_column(info=personal(Kind.TEXT))
    q: Mapped[int] = mapped_column(SmallInteger)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    call_id: Mapped[str]
    cseq: Mapped[int] = mapped_column(Integer)
    flow: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=personal(Kind.TEXT))
    path: Mapped[list[str]] = mapped_column(JSONB, info=personal(Kind.TEXT))
    instance: Mapped[str | None]
    reg_id: Mapped[int | None] = mapped_column(Integer)
    user_agent: Mapped[str] = mapped_column(default="", info=personal(Kind.TEXT))
    registered_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("aor", "contact"),)
