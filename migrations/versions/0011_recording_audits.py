"""When the audit of recordings ran, and who asked for it."""

import sqlalchemy as sa
from alembic import op

from centrala.kit.walls import wall

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "recording_audits",
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("began_at", "ended_at")),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_answered", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_audits")),
    )
    op.create_index(op.f("ix_recording_audits_asked_at"), "recording_audits", ["asked_at"], unique=False)
    # Moments of the program's own work and nothing of a project: whoever reads findings may know how old they are.
    for statement in wall("recording_audits", sees="true"):
        op.execute(statement)
