"""SIP messages as they were on the wire."""

import sqlalchemy as sa
from alembic import op

from centrala.kit.walls import wall

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "sip_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("direction", "transport", "local", "remote")),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("cseq", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("first_line", "from_user", "to_user")),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sip_messages")),
    )
    for column in ("at", "from_user", "to_user"):
        op.create_index(op.f(f"ix_sip_messages_{column}"), "sip_messages", [column], unique=False)
    op.create_index("ix_sip_messages_call_id_at", "sip_messages", ["call_id", "at"], unique=False)
    for statement in wall("sip_messages", sees="(SELECT centrala_centre())"):
        op.execute(statement)
