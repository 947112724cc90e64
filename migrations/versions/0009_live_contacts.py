"""Where each live contact stands, so that a killed process's successor goes on with it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from centrala.kit.walls import wall

revision = "0009"
down_revision = "0008"

PROJECTS = "((SELECT centrala_projects())::uuid[])"


def upgrade() -> None:
    op.create_table(
        "live_contacts",
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_live_contacts_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("interaction_id", name=op.f("pk_live_contacts")),
    )
    op.create_index(op.f("ix_live_contacts_project_id"), "live_contacts", ["project_id"], unique=False)
    for statement in wall("live_contacts", sees=f"project_id = ANY {PROJECTS}"):
        op.execute(statement)
