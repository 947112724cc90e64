from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Walled
from centrala.kit.personal import Kind, personal


class SipMessage(Base):
    """One message as it was sent or received. Read by the centre's people alone: it holds numbers in the clear."""

    __tablename__ = "sip_messages"
    __walled__ = Walled.CENTRE

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    direction: Mapped[str]
    transport: Mapped[str]
    local: Mapped[str] = mapped_column(info=personal(Kind.TEXT))
    remote: Mapped[str] = mapped_column(info=personal(Kind.TEXT))
    call_id: Mapped[str]
    method: Mapped[str]
    status: Mapped[int | None] = mapped_column(SmallInteger)
    cseq: Mapped[int | None] = mapped_column(BigInteger)
    first_line: Mapped[str] = mapped_column(info=personal(Kind.TEXT))
    from_user: Mapped[str] = mapped_column(index=True, info=personal(Kind.PHONE))
    to_user: Mapped[str] = mapped_column(index=True, info=personal(Kind.PHONE))
    size: Mapped[int] = mapped_column(Integer)
    """Bytes on the wire."""
    text: Mapped[str] = mapped_column(info=personal(Kind.TEXT))

    __table_args__ = (Index("ix_sip_messages_call_id_at", "call_id", "at"),)
