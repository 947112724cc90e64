"""What operators choose for themselves: the channels that they switched off, and which of their phones rings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0010"
down_revision = "0009"

CENTRE = "(SELECT centrala_centre())"
PERSON = "(SELECT centrala_person())"
PERSON_IN_SIGHT = f"{CENTRE} OR EXISTS (SELECT FROM accounts a WHERE a.id = person_id)"


def upgrade() -> None:
    op.create_table(
        "operator_choices",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channels_off", postgresql.JSONB(), nullable=False),
        sa.Column("rings_on", sa.Text(), nullable=False),
        sa.CheckConstraint("rings_on IN ('all', 'browser', 'phone')", name=op.f("ck_operator_choices_rings_on")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["employees.id"], name=op.f("fk_operator_choices_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_operator_choices")),
    )
    for statement in wall("operator_choices", sees=PERSON_IN_SIGHT, writes=f"{CENTRE} OR person_id = {PERSON}"):
        op.execute(statement)
