from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from centrala.kit.database import Base, Walled
from centrala.kit.personal import Kind, personal


class LiveContactRow(Base):
    """Where a contact stands while it lives: `contacts.plain` has the shape. Gone when it is over."""

    __tablename__ = "live_contacts"
    __walled__ = Walled.PROJECT

    interaction_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB, info=personal(Kind.TEXT))
    stored_at: Mapped[datetime]
